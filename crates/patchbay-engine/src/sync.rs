//! Reading the whole list of connections from Nango, page by page, and bringing the rows here up to date.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use nango_client::{ConnectionSummary, EndUserView, ListQuery};
use patchbay_core::connection::operators_tags;
use patchbay_core::id::{AttemptId, InstanceId, ProfileId};
use patchbay_core::label::{LONGEST_LABEL, clean_label};
use patchbay_ipc::{SyncProgress, SyncReport, Topic};
use patchbay_store::{Origin, SyncedConnection};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::error::EngineError;
use crate::profiles::Nango;
use crate::walk::{Taken, Walk};
use crate::{Engine, view};

/// The sync that is under way, if one is.
#[derive(Default)]
pub(crate) struct Running(Mutex<Option<Progress>>);

struct Progress {
    read: u32,
    cancel: CancellationToken,
}

impl Running {
    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Progress>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine {
    /// Reads the whole list and applies it in one transaction. Cancelled or failed, it changes nothing.
    pub(crate) async fn sync(&self) -> Result<SyncReport, EngineError> {
        let nango = self.active_nango().await?;
        if !nango.can_list() {
            return Err(EngineError::CannotList);
        }
        let cancel = CancellationToken::new();
        {
            let mut running = self.0.sync.lock();
            if running.is_some() {
                return Err(EngineError::SyncUnderWay);
            }
            *running = Some(Progress { read: 0, cancel: cancel.clone() });
        }
        self.stale([Topic::Sync]);
        let result = tokio::select! {
            result = self.sync_now(&nango) => result,
            () = cancel.cancelled() => Err(EngineError::SyncCancelled),
        };
        *self.0.sync.lock() = None;
        self.stale([Topic::Sync]);
        result
    }

    pub(crate) fn cancel_sync(&self) {
        if let Some(progress) = self.0.sync.lock().as_ref() {
            progress.cancel.cancel();
        }
    }

    pub(crate) fn sync_progress(&self) -> SyncProgress {
        let running = self.0.sync.lock();
        SyncProgress {
            running: running.is_some(),
            read: running.as_ref().map_or(0, |progress| progress.read),
        }
    }

    async fn sync_now(&self, nango: &Nango) -> Result<SyncReport, EngineError> {
        let profile = nango.profile.id;
        let known = self.0.store.known_connections(profile).await?;
        let listed = self.read_all(nango).await?;
        let seen = u32::try_from(listed.len()).unwrap_or(u32::MAX);
        let origins = self.0.store.origins(profile).await?;
        let given_up = listed.iter().filter_map(|summary| origin_of(summary, &origins));
        let renewed_late: Vec<InstanceId> =
            given_up.filter(|origin| origin.gave_up).map(|origin| origin.instance).collect();
        let connections = listed.into_iter().map(|summary| self.synced(profile, summary, &origins)).collect();
        let outcome = self.0.store.apply_sync(profile, known, connections, self.now()).await?;
        self.connections_changed();
        for instance in renewed_late {
            self.learn_account(nango, instance);
        }
        Ok(view::sync_report(seen, outcome))
    }

    async fn read_all(&self, nango: &Nango) -> Result<Vec<ConnectionSummary>, EngineError> {
        let mut walk = Walk::default();
        loop {
            let (page, limit) = walk.next();
            let query = ListQuery { page, limit, ..ListQuery::default() };
            let listed = self.call(nango, nango.client.list_connections(&query)).await?;
            let taken = walk.take(listed);
            if let Some(progress) = self.0.sync.lock().as_mut() {
                progress.read = walk.read();
            }
            self.stale([Topic::Sync]);
            match taken {
                Taken::More => {}
                Taken::Done => return Ok(walk.finish()),
                Taken::Unsteady => return Err(EngineError::ListUnsteady),
            }
        }
    }

    /// A connection of ours is known by its tag, whatever happened since its attempt.
    fn synced(
        &self,
        profile: ProfileId,
        summary: ConnectionSummary,
        origins: &HashMap<AttemptId, Origin>,
    ) -> SyncedConnection {
        let origin = origin_of(&summary, origins);
        let provider = summary.provider.into();
        let integration = summary.provider_config_key.into();
        let manifest = match origin {
            Some(origin) => origin.connector.as_ref().and_then(|slug| self.0.catalog.get(slug)),
            None => self.connector_of(&provider, &integration),
        };
        let slug = manifest.map(|manifest| &manifest.slug);
        let connector_name = self.connector_name(profile, slug, &provider);
        let label = match origin {
            Some(origin) => origin.label.clone(),
            None => given_name(summary.end_user.as_ref()).unwrap_or_else(|| connector_name.clone()),
        };
        SyncedConnection {
            instance: origin.map_or_else(|| InstanceId::from(Uuid::now_v7()), |origin| origin.instance),
            connector: slug.cloned(),
            connector_name,
            provider,
            integration,
            connection_id: summary.connection_id.into(),
            label,
            broken: !summary.errors.is_empty(),
            created_at: summary.created,
            tags: operators_tags(summary.tags),
        }
    }
}

fn origin_of<'a>(summary: &ConnectionSummary, origins: &'a HashMap<AttemptId, Origin>) -> Option<&'a Origin> {
    let attempt = summary.tags.get("patchbay_attempt")?.parse().ok()?;
    origins.get(&attempt)
}

/// A connection made elsewhere is called after its end user, which is all that Nango tells of it.
fn given_name(end_user: Option<&EndUserView>) -> Option<String> {
    let end_user = end_user?;
    let name = end_user.display_name.as_ref().or(end_user.email.as_ref()).unwrap_or(&end_user.id);
    let name: String = name.chars().filter(|c| !c.is_control()).take(LONGEST_LABEL).collect();
    clean_label(&name).ok()
}
