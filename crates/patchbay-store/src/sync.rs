//! Bringing the table `connections` up to date with the list that Nango tells.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use patchbay_core::connection::{Connection, Health, Provenance, Tags};
use patchbay_core::id::{ConnectionId, ConnectorSlug, InstanceId, IntegrationKey, ProfileId, ProviderKey};
use rusqlite::Transaction;

use crate::columns::{all, millis, parsed};
use crate::connections::{append, find, insert, search_text, tags_text};
use crate::{Store, StoreError};

/// The connections that were stored when the walk through Nango's list began, by integration and connection id.
/// What was stored later cannot be missing from that list, and what was removed since does not come back.
pub type KnownConnections = HashMap<(IntegrationKey, ConnectionId), InstanceId>;

/// A connection as a sync saw it at Nango.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncedConnection {
    /// The id it has here, or is given if it is new.
    pub instance: InstanceId,
    /// The connector its provider belongs to.
    pub connector: Option<ConnectorSlug>,
    /// The connector's name, for the search.
    pub connector_name: String,
    /// Nango's template.
    pub provider: ProviderKey,
    /// The integration it was made through.
    pub integration: IntegrationKey,
    /// Nango's id of it.
    pub connection_id: ConnectionId,
    /// The label it is given if it is new.
    pub label: String,
    /// Whether Nango reports that its credentials no longer work.
    pub broken: bool,
    /// When Nango made it.
    pub created_at: Timestamp,
    /// What the operator has tagged it with.
    pub tags: Tags,
}

/// What a sync changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SyncOutcome {
    /// New here.
    pub discovered: u32,
    /// Not at Nango any more.
    pub gone: u32,
    /// Whose health is other than it was.
    pub health_changed: u32,
}

impl Store {
    /// The connections of a profile as they are before a walk.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn known_connections(&self, profile: ProfileId) -> Result<KnownConnections, StoreError> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT integration, connection_id, instance_id FROM connections WHERE profile_id = ?1",
            )?;
            let rows = all(&mut statement, [profile.to_string()], |row| {
                let key = (row.get::<_, String>(0)?.into(), row.get::<_, String>(1)?.into());
                Ok((key, parsed(row, "instance_id")?))
            })?;
            Ok(rows.into_iter().collect())
        })
        .await
    }

    /// Brings a profile's rows up to date with the whole list that Nango told, in one transaction. `known` is
    /// what was stored when the walk through that list began. Connections that are being disconnected keep
    /// waiting.
    ///
    /// # Errors
    /// When the database cannot be written; then nothing has changed.
    pub async fn apply_sync(
        &self,
        profile: ProfileId,
        known: KnownConnections,
        seen: Vec<SyncedConnection>,
        now: Timestamp,
    ) -> Result<SyncOutcome, StoreError> {
        self.write(move |transaction| apply(transaction, profile, &known, &seen, now)).await
    }
}

/// A row as a sync compares it.
struct Stored {
    instance: InstanceId,
    health: Option<Health>,
    refusal_stands: bool,
    created_at: i64,
    tags: String,
    is_seen: bool,
}

/// Every row of a profile, by integration and connection id. One walk through them all costs less than a search for each.
fn rows(
    transaction: &Transaction<'_>,
    profile: &str,
) -> Result<HashMap<(IntegrationKey, ConnectionId), Stored>, StoreError> {
    let mut statement = transaction.prepare_cached(
        "SELECT integration, connection_id, instance_id, health, refusal_stands, created_at, tags
         FROM connections WHERE profile_id = ?1",
    )?;
    let rows = all(&mut statement, [profile], |row| {
        let stored = Stored {
            instance: parsed(row, "instance_id")?,
            health: Health::from_name(&row.get::<_, String>(3)?),
            refusal_stands: row.get(4)?,
            created_at: row.get(5)?,
            tags: row.get(6)?,
            is_seen: false,
        };
        Ok(((row.get::<_, String>(0)?.into(), row.get::<_, String>(1)?.into()), stored))
    })?;
    Ok(rows.into_iter().collect())
}

fn apply(
    transaction: &Transaction<'_>,
    profile: ProfileId,
    known: &KnownConnections,
    seen: &[SyncedConnection],
    now: Timestamp,
) -> Result<SyncOutcome, StoreError> {
    let mut outcome = SyncOutcome::default();
    let profile_text = profile.to_string();
    let mut rows = rows(transaction, &profile_text)?;
    let mut set_health = transaction
        .prepare_cached("UPDATE connections SET health = ?2, health_learnt_at = ?3 WHERE instance_id = ?1")?;
    let mut added = HashSet::new();
    for connection in seen {
        let key = (connection.integration.clone(), connection.connection_id.clone());
        let Some(stored) = rows.get_mut(&key) else {
            // What is known and not stored any more was disconnected here while the list was read. A list that shifts
            // under the walk may tell of one twice.
            if !known.contains_key(&key) && added.insert(key) {
                add(transaction, profile, connection, now)?;
                outcome.discovered += 1;
            }
            continue;
        };
        stored.is_seen = true;
        if stored.tags != tags_text(&connection.tags)? || stored.created_at != millis(connection.created_at) {
            correct(transaction, profile, stored.instance, connection)?;
        }
        if let Some(health) = health_after(stored, connection.broken) {
            set_health.execute((stored.instance.to_string(), health.as_str(), millis(now)))?;
            stored.health = Some(health);
            outcome.health_changed += 1;
        }
    }
    let was_known: HashSet<&InstanceId> = known.values().collect();
    let is_there = |health| !matches!(health, Some(Health::Gone | Health::Disconnecting));
    for stored in rows.values().filter(|stored| !stored.is_seen && is_there(stored.health)) {
        if was_known.contains(&stored.instance) {
            set_health.execute((stored.instance.to_string(), Health::Gone.as_str(), millis(now)))?;
            append(transaction, stored.instance, now, Provenance::FoundGone, None)?;
            outcome.gone += 1;
        }
    }
    transaction
        .execute("UPDATE profiles SET last_synced_at = ?2 WHERE id = ?1", (&profile_text, millis(now)))?;
    Ok(outcome)
}

/// The list only ever tells that something is broken; its silence ends only that.
fn health_after(stored: &Stored, broken: bool) -> Option<Health> {
    match (stored.health, broken) {
        (Some(Health::Disconnecting), _)
        | (Some(Health::NeedsReconnect), true)
        | (Some(Health::Works | Health::Unknown), false) => None,
        (Some(Health::NeedsReconnect), false) if stored.refusal_stands => None,
        (_, true) => Some(Health::NeedsReconnect),
        (Some(Health::NeedsReconnect), false) => Some(Health::Works),
        (_, false) => Some(Health::Unknown),
    }
}

fn add(
    transaction: &Transaction<'_>,
    profile: ProfileId,
    connection: &SyncedConnection,
    now: Timestamp,
) -> Result<(), StoreError> {
    let health = if connection.broken { Health::NeedsReconnect } else { Health::Unknown };
    let row = Connection {
        instance: connection.instance,
        profile,
        connector: connection.connector.clone(),
        provider: connection.provider.clone(),
        integration: connection.integration.clone(),
        connection_id: connection.connection_id.clone(),
        label: connection.label.clone(),
        account: None,
        mismatch: None,
        health,
        health_learnt_at: connection.broken.then_some(now),
        created_at: connection.created_at,
        last_used_at: None,
        last_error: None,
        refusal_stands: false,
        awaits_approval: false,
        base_url: None,
        tags: connection.tags.clone(),
    };
    insert(transaction, &row, &connection.connector_name)?;
    append(transaction, connection.instance, now, Provenance::Discovered, None)
}

/// Takes over what only Nango knows: its tags, and the time by its own clock, which orders the list.
fn correct(
    transaction: &Transaction<'_>,
    profile: ProfileId,
    instance: InstanceId,
    seen: &SyncedConnection,
) -> Result<(), StoreError> {
    let row = Connection { tags: seen.tags.clone(), ..find(transaction, profile, instance)? };
    transaction
        .prepare_cached(
            "UPDATE connections SET tags = ?3, created_at = ?4, search_text = ?5
             WHERE profile_id = ?1 AND instance_id = ?2",
        )?
        .execute((
            profile.to_string(),
            instance.to_string(),
            tags_text(&seen.tags)?,
            millis(seen.created_at),
            search_text(&row, &seen.connector_name),
        ))?;
    Ok(())
}
