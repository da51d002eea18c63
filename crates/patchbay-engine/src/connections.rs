//! Connections: the list, one with its history, a new label, and the two halves of a disconnect.

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::Ordering;

use nango_client::{Deletion, Error};
use patchbay_core::connection::{Connection, Health, Provenance};
use patchbay_core::id::{ConnectTarget, ConnectorSlug, InstanceId, ProfileId};
use patchbay_core::label::{LabelError, clean_label};
use patchbay_ipc::{
    AtNango, Choice, ConnectionDetails, ConnectionFacets, ConnectionPage, ConnectionView, ConnectorFacet,
    DisconnectPlan, DisconnectReport, ListConnections, Narrowing, RenameConnection, Tag, TagFacet,
};
use patchbay_store::{ConnectionFilter, Store, TagCount};

use crate::error::EngineError;
use crate::{Engine, failure, view};

/// Most connections in one answer.
const LONGEST_PAGE: u32 = 500;

/// Most tags that are offered to narrow the list to.
const MOST_TAGS: u32 = 200;

impl Engine {
    /// A page of the active profile's connections, from this machine alone.
    pub(crate) async fn list_connections(
        &self,
        request: ListConnections,
    ) -> Result<ConnectionPage, EngineError> {
        let profile = self.require_profile().await?.id;
        let filter = filter(request.narrowing, request.offset, request.limit.min(LONGEST_PAGE));
        let (page, counts) = tokio::try_join!(
            self.0.store.connections(profile, filter),
            self.0.store.connection_counts(profile),
        )?;
        let of_health =
            |health| counts.iter().filter(move |count| count.health == health).map(|count| count.count);
        Ok(ConnectionPage {
            connections: page.rows.into_iter().map(|connection| self.connection_view(connection)).collect(),
            matching: page.matching,
            total: counts.iter().map(|count| count.count).sum(),
            by_health: Health::ALL.map(|health| (health, of_health(health).sum())).to_vec(),
        })
    }

    /// What the list can be narrowed to.
    pub(crate) async fn connection_facets(&self) -> Result<ConnectionFacets, EngineError> {
        let profile = self.require_profile().await?.id;
        let (counts, tags) = tokio::try_join!(
            self.0.store.connection_counts(profile),
            self.0.store.tag_counts(profile, MOST_TAGS),
        )?;
        let mut by_connector = BTreeMap::new();
        for count in counts {
            if let ConnectTarget::Connector(connector) = count.target {
                *by_connector.entry(connector).or_insert(0) += count.count;
            }
        }
        let facet = |(connector, count): (ConnectorSlug, u32)| {
            let name =
                self.0.catalog.get(&connector).map_or_else(|| connector.to_string(), |m| m.name.clone());
            ConnectorFacet { connector, name, count }
        };
        let mut connectors: Vec<ConnectorFacet> = by_connector.into_iter().map(facet).collect();
        connectors.sort_by_key(|facet| facet.name.to_lowercase());
        let tag = |tag: TagCount| TagFacet { tag: Tag { key: tag.key, value: tag.value }, count: tag.count };
        Ok(ConnectionFacets { connectors, tags: tags.into_iter().map(tag).collect() })
    }

    /// One connection with its history.
    pub(crate) async fn get_connection(
        &self,
        instance: InstanceId,
    ) -> Result<ConnectionDetails, EngineError> {
        let profile = self.require_profile().await?.id;
        let connection = self.0.store.connection(profile, instance).await?;
        let events = self.0.store.connection_events(profile, instance).await?;
        Ok(ConnectionDetails {
            connection: self.connection_view(connection),
            history: events.into_iter().map(view::history_line).collect(),
        })
    }

    pub(crate) fn connection_view(&self, connection: Connection) -> ConnectionView {
        let manifest = connection.connector.as_ref().and_then(|slug| self.0.catalog.get(slug));
        let name = self.name_of(&connection);
        view::connection(connection, name, manifest)
    }

    /// Gives a connection another label.
    pub(crate) async fn rename_connection(
        &self,
        request: RenameConnection,
    ) -> Result<ConnectionView, EngineError> {
        let profile = self.require_profile().await?.id;
        let label = clean_label(&request.label)?;
        let connection = self.0.store.connection(profile, request.instance).await?;
        if label.to_lowercase() != connection.label.to_lowercase() {
            let labels = self.0.store.labels(profile, connection.target()).await?;
            if labels.iter().any(|taken| taken.to_lowercase() == label.to_lowercase()) {
                return Err(LabelError::Taken.into());
            }
        }
        let name = self.name_of(&connection);
        self.0.store.rename_connection(profile, request.instance, label, name, self.now()).await?;
        self.connections_changed();
        Ok(self.connection_view(self.0.store.connection(profile, request.instance).await?))
    }

    /// What disconnecting would do.
    pub(crate) async fn plan_disconnect(&self, instance: InstanceId) -> Result<DisconnectPlan, EngineError> {
        let profile = self.require_profile().await?;
        let connection = self.connection_view(self.0.store.connection(profile.id, instance).await?);
        let at_once = profile.enabled && self.0.network.outage().is_none_or(|o| o.profile != profile.id);
        let mut consequences = view::disconnect_consequences(&connection, at_once);
        let uses = self.list_uses(instance).await?;
        consequences.extend(uses.iter().map(failure::workflows::use_lost));
        Ok(DisconnectPlan { connection, consequences, at_once })
    }

    /// Deletes a connection at Nango and here. What Nango cannot be told now is queued.
    pub(crate) async fn disconnect(&self, instance: InstanceId) -> Result<DisconnectReport, EngineError> {
        let profile = self.require_profile().await?.id;
        let connection = self.0.store.connection(profile, instance).await?;
        let was = connection.health;
        if was == Health::Gone {
            let removal = self.0.store.remove_connection(profile, instance, self.now()).await?;
            self.connections_changed();
            let connection = self.connection_view(connection);
            return Ok(view::disconnect_report(AtNango::AlreadyGone, Some(removal), &connection));
        }
        // The wish is kept before Nango is told of it: after a crash in between it is carried out.
        let queued = Some(Provenance::DisconnectQueued);
        self.0.store.set_health(profile, instance, Health::Disconnecting, self.now(), queued).await?;
        let at_nango = match self.delete_at_nango(&connection).await {
            Ok(Deletion::Deleted) => AtNango::Deleted,
            Ok(Deletion::AlreadyGone) => AtNango::AlreadyGone,
            Err(error) if is_passing(&error) => {
                self.retry_disconnects_later(&error);
                AtNango::Queued
            }
            Err(error) => {
                // Nango refuses, and would again: the connection stays what it was.
                self.0.store.set_health(profile, instance, was, self.now(), None).await?;
                AtNango::Failed(failure::of(&error))
            }
        };
        let removal = match at_nango {
            AtNango::Deleted | AtNango::AlreadyGone => {
                Some(self.0.store.remove_connection(profile, instance, self.now()).await?)
            }
            AtNango::Queued | AtNango::Failed(_) => None,
        };
        self.connections_changed();
        Ok(view::disconnect_report(at_nango, removal, &self.connection_view(connection)))
    }

    async fn delete_at_nango(&self, connection: &Connection) -> Result<Deletion, EngineError> {
        let nango = self.nango_of(connection.profile).await?;
        let delete = nango
            .client
            .delete_connection(connection.connection_id.as_str(), connection.integration.as_str());
        self.call(&nango, delete).await
    }

    /// Carries out the disconnects that waited for the network.
    pub(crate) async fn retry_queued_disconnects(&self) {
        let Ok(Some(profile)) = self.active_profile().await else { return };
        if let Err(error) = self.retry_queued_of(profile.id).await {
            tracing::info!(?error, "queued disconnects still wait");
            self.retry_disconnects_later(&error);
        }
    }

    /// Tries what is queued again after a while. The end of an outage and a change of the profile do that by
    /// themselves; but a server that is there and answers badly recovers without anybody noticing.
    fn retry_disconnects_later(&self, error: &EngineError) {
        let is_there =
            matches!(error, EngineError::Nango(error) if !matches!(error, Error::Transport { .. }));
        if !is_there || self.0.disconnects_due.swap(true, Ordering::Relaxed) {
            return;
        }
        let engine = self.clone();
        self.spawn(async move {
            tokio::time::sleep(engine.0.timings.disconnect_again).await;
            engine.0.disconnects_due.store(false, Ordering::Relaxed);
            engine.retry_queued_disconnects().await;
        });
    }

    async fn retry_queued_of(&self, profile: ProfileId) -> Result<(), EngineError> {
        for connection in self.0.store.queued_disconnects(profile).await? {
            match self.delete_at_nango(&connection).await {
                Ok(_) => {
                    self.0.store.remove_connection(profile, connection.instance, self.now()).await?;
                    self.connections_changed();
                }
                Err(error) if is_passing(&error) => return Err(error),
                Err(error) => {
                    // It never will be deleted like this; say so once and let the person decide.
                    let unknown = Health::Unknown;
                    self.0.store.set_health(profile, connection.instance, unknown, self.now(), None).await?;
                    self.connections_changed();
                    self.notice_failure(failure::of(&error));
                }
            }
        }
        Ok(())
    }
}

fn filter(narrowing: Narrowing, offset: u32, limit: u32) -> ConnectionFilter {
    let Narrowing { search, health, connector, tag } = narrowing;
    ConnectionFilter { search, health, connector, tag: tag.map(|tag| (tag.key, tag.value)), offset, limit }
}

/// The connections that something is done with, in the list's order; those chosen one by one that are not there
/// any more are left out.
pub(crate) async fn chosen(
    store: &Store,
    profile: ProfileId,
    choice: Choice,
) -> Result<Vec<Connection>, EngineError> {
    let (narrowing, instances) = match choice {
        Choice::Matching(narrowing) => (narrowing, None),
        Choice::These(instances) => (Narrowing::default(), Some(instances)),
    };
    let mut rows = store.connections(profile, filter(narrowing, 0, u32::MAX)).await?.rows;
    if let Some(instances) = instances {
        let instances: HashSet<InstanceId> = instances.into_iter().collect();
        rows.retain(|connection| instances.contains(&connection.instance));
    }
    Ok(rows)
}

/// Whether the same call may succeed later without anybody doing anything at the server. An answer that is not
/// Nango's says nothing of Nango: something stands in between at the moment.
fn is_passing(error: &EngineError) -> bool {
    match error {
        EngineError::Nango(Error::Rejected { status, .. }) => *status >= 500,
        EngineError::Nango(
            Error::Transport { .. }
            | Error::RateLimited { .. }
            | Error::UnexpectedBody { .. }
            | Error::BodyTooLarge { .. }
            | Error::Redirected { .. },
        )
        | EngineError::Disabled { .. }
        | EngineError::Secret(_)
        | EngineError::Sandbox(_) => true,
        _ => false,
    }
}
