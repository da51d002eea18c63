//! *Replace connection A by B*: what it would change, the change, and the way back.

use patchbay_core::connection::{Connection, Health};
use patchbay_core::id::{InstanceId, ProfileId};
use patchbay_ipc::{PlanReplacement, ReplaceConnection, ReplacementChange, ReplacementDone, ReplacementPlan};

use crate::Engine;
use crate::error::EngineError;
use crate::failure::workflows as words;

impl Engine {
    /// Every binding that a replacement would change.
    pub(crate) async fn plan_replacement(
        &self,
        request: PlanReplacement,
    ) -> Result<ReplacementPlan, EngineError> {
        let profile = self.require_profile().await?.id;
        let (from, to) = self.both(profile, request.from, request.to).await?;
        let mut changes: Vec<ReplacementChange> = Vec::new();
        for row in self.0.store.uses(profile, request.from).await? {
            let known = changes.iter_mut().find(|c| c.workflow == row.workflow && c.slot == row.slot);
            match known {
                Some(change) => change.tasks.extend(row.task),
                None => changes.push(ReplacementChange {
                    workflow: row.workflow,
                    name: row.name,
                    slot: row.slot,
                    tasks: row.task.into_iter().collect(),
                }),
            }
        }
        Ok(ReplacementPlan { from: self.connection_view(from), to: self.connection_view(to), changes })
    }

    /// The two connections, if one can stand for the other.
    async fn both(
        &self,
        profile: ProfileId,
        from: InstanceId,
        to: InstanceId,
    ) -> Result<(Connection, Connection), EngineError> {
        let from = self.0.store.connection(profile, from).await?;
        let to = self.0.store.connection(profile, to).await?;
        if from.instance == to.instance {
            return Err(EngineError::SameConnection);
        }
        if from.connector != to.connector || from.provider != to.provider {
            let wanted = self.name_of(&from);
            return Err(EngineError::OtherConnector { label: to.label, wanted });
        }
        match to.health {
            Health::Gone => Err(EngineError::ConnectionGone),
            Health::Disconnecting => Err(EngineError::BeingDisconnected),
            Health::Works | Health::NeedsReconnect | Health::Unknown => Ok((from, to)),
        }
    }

    /// Does the changes that were reviewed, and no others.
    pub(crate) async fn replace_connection(
        &self,
        request: ReplaceConnection,
    ) -> Result<ReplacementDone, EngineError> {
        let profile = self.require_profile().await?.id;
        let (from, to) = self.both(profile, request.from, request.to).await?;
        let mut workflows: Vec<_> = request.changes.iter().map(|(workflow, _)| *workflow).collect();
        workflows.sort_unstable();
        workflows.dedup();
        let bindings = request.changes.len();
        let replacement = self
            .0
            .store
            .replace_connection(profile, request.from, request.to, request.changes, self.now())
            .await?
            .ok_or(EngineError::BoundOtherwise)?;
        let summary = words::replaced(&from.label, &to.label, bindings, workflows.len());
        workflows.into_iter().for_each(|workflow| self.workflow_changed(workflow));
        Ok(ReplacementDone { replacement, summary })
    }

    /// Takes a replacement back.
    pub(crate) async fn undo_replacement(&self, replacement: u32) -> Result<(), EngineError> {
        let profile = self.require_profile().await?.id;
        let workflows = self.0.store.undo_replacement(profile, replacement).await?;
        let workflows = workflows.ok_or(EngineError::BoundOtherwise)?;
        workflows.into_iter().for_each(|workflow| self.workflow_changed(workflow));
        Ok(())
    }
}
