//! What the command line asks for beyond the contract with the window: a workflow by its name, a run of what was
//! saved, or of a file.

use patchbay_core::connection::Connection;
use patchbay_core::id::{ProfileId, WorkflowId};
use patchbay_core::workflow::binding::{Binding, Slot};
use patchbay_core::workflow::outline::Outline;
use patchbay_ipc::{Failure, KeyringView, RunView};
use patchbay_store::ConnectionFilter;
use patchbay_texts::mark;
use serde_json::Value;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::error::EngineError;
use crate::{Engine, failure};

/// Most connections that are looked through for a label.
const MOST_CONNECTIONS: u32 = 200_000;

/// What is run.
#[derive(Debug, Clone)]
pub enum Runnable {
    /// A workflow of this machine, as it was saved last.
    Saved(WorkflowId),
    /// A file.
    File {
        /// What it is called.
        name: String,
        /// Its text.
        text: String,
    },
}

impl Engine {
    /// The active profile's workflow of that id or name; the case does not count.
    ///
    /// # Errors
    /// When there is none, or more than one.
    pub async fn find_workflow(&self, named: &str) -> Result<WorkflowId, Failure> {
        self.found_workflow(named).await.map_err(|error| failure::of(&error))
    }

    async fn found_workflow(&self, named: &str) -> Result<WorkflowId, EngineError> {
        let profile = self.require_profile().await?.id;
        let all = self.0.store.workflow_names(profile).await?;
        if let Some((id, _)) = all.iter().find(|(id, _)| id.to_string() == named) {
            return Ok(*id);
        }
        let mut called = all.into_iter().filter(|(_, name)| name.to_lowercase() == named.to_lowercase());
        match (called.next(), called.next()) {
            (Some((id, _)), None) => Ok(id),
            (None, _) => Err(EngineError::NoSuchName(mark!("workflow"), named.to_owned())),
            (Some(_), Some(_)) => Err(EngineError::Ambiguous(mark!("workflow"), named.to_owned())),
        }
    }

    /// Tries the keyring out, and takes nothing up that has waited for it.
    pub async fn try_keyring(&self) -> KeyringView {
        if let Err(error) = self.0.vault.try_out().await {
            tracing::warn!(%error, "the keyring did not pass its test");
        }
        self.keyring_view()
    }

    /// Begins a run. `roles` says by label or id which connection stands for a role, in place of what is bound.
    /// What comes out is told whole when it has ended well; what is kept of it is shortened.
    ///
    /// # Errors
    /// When something stands in the way; then nothing was run.
    pub async fn run_as(
        &self,
        what: Runnable,
        roles: Vec<(String, String)>,
        input: &str,
    ) -> Result<(RunView, oneshot::Receiver<Value>), Failure> {
        self.begin_as(what, roles, input).await.map_err(|error| failure::of(&error))
    }

    async fn begin_as(
        &self,
        what: Runnable,
        roles: Vec<(String, String)>,
        input: &str,
    ) -> Result<(RunView, oneshot::Receiver<Value>), EngineError> {
        let profile = self.require_profile().await?;
        let (workflow, name, text, bindings) = match what {
            Runnable::Saved(workflow) => {
                let stored = self.0.store.workflow(profile.id, workflow).await?;
                let text = stored.saved_text.ok_or(EngineError::NeverSaved(stored.name.clone()))?;
                (workflow, stored.name, text, self.0.store.bindings(profile.id, workflow).await?)
            }
            Runnable::File { name, text } => (WorkflowId::from(Uuid::new_v4()), name, text, Vec::new()),
        };
        let prepared = self.prepare(&profile, workflow, name, text, bindings, roles).await?;
        let (whole, output) = oneshot::channel();
        let run = self.begin(&profile, prepared, input, Some(whole)).await?;
        Ok((self.get_run(run).await?, output))
    }

    /// Bindings with roles in place of what is bound for them.
    pub(crate) async fn bound_as(
        &self,
        profile: ProfileId,
        outline: &Outline,
        mut bindings: Vec<Binding>,
        roles: Vec<(String, String)>,
    ) -> Result<Vec<Binding>, EngineError> {
        for (role, named) in roles {
            let known = outline.roles.iter().find(|known| known.role == role);
            let known = known.ok_or_else(|| EngineError::NoSuchName(mark!("role"), role.clone()))?;
            let filter = ConnectionFilter {
                connector: Some(known.connector.clone()),
                limit: MOST_CONNECTIONS,
                ..ConnectionFilter::default()
            };
            let mut all = self.0.store.connections(profile, filter).await?.rows;
            let is_id = |connection: &Connection| {
                connection.instance.to_string() == named || connection.connection_id.as_str() == named
            };
            if all.iter().any(is_id) {
                all.retain(is_id);
            } else {
                all.retain(|connection| connection.label.to_lowercase() == named.to_lowercase());
            }
            let instance = match all.as_slice() {
                [connection] => connection.instance,
                [] => return Err(EngineError::NoSuchName(mark!("connection"), named)),
                _ => return Err(EngineError::Ambiguous(mark!("connection"), named)),
            };
            let slot = Slot::Role(role);
            bindings.retain(|binding| binding.slot != slot);
            bindings.push(Binding { slot, instance });
        }
        Ok(bindings)
    }
}
