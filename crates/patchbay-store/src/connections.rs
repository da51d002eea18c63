//! The tables `connections` and `connection_events`.

use std::sync::{Arc, PoisonError};

use jiff::Timestamp;
use patchbay_core::connection::{Account, Change, Connection, Health, Mismatch, Provenance, Tags};
use patchbay_core::id::{ConnectTarget, ConnectorSlug, InstanceId, ProfileId};
use rusqlite::{Connection as Database, Row, Transaction, named_params};

use crate::columns::{all, millis, one, optional_time, parsed, time};
use crate::search::{Found, List, Question};
use crate::{HealthCount, Store, StoreError, bindings};

/// Which connections are listed.
#[derive(Debug, Clone, Default)]
pub struct ConnectionFilter {
    /// Words that must all occur in label, account, connector or tags.
    pub search: String,
    /// Only those in this state.
    pub health: Option<Health>,
    /// Only those of this connector.
    pub connector: Option<ConnectorSlug>,
    /// Only those with this tag, by key and value.
    pub tag: Option<(String, String)>,
    /// How many to leave out.
    pub offset: u32,
    /// How many at most.
    pub limit: u32,
}

/// A page of connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionRows {
    /// The page, newest first.
    pub rows: Vec<Connection>,
    /// How many match the filter.
    pub matching: u32,
}

/// How many connections have a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagCount {
    /// The tag's key.
    pub key: String,
    /// Its value.
    pub value: String,
    /// How many.
    pub count: u32,
}

/// One line of a connection's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionEvent {
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub kind: Provenance,
    /// More about it.
    pub detail: Option<String>,
}

/// What a picker offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CandidateRows {
    /// The page, by label.
    pub rows: Vec<Connection>,
    /// How many match the search.
    pub matching: u32,
    /// How many the connector has in the profile.
    pub total: u32,
}

/// What became of a connection that was to be removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// It is gone here too.
    Removed,
    /// A workflow binds it: it is kept as gone.
    KeptAsGone,
}

const COLUMNS: &str = "instance_id, profile_id, connector, provider, integration, connection_id, label,
    account_id, account_name, account_email, pending_account_id, pending_account_name, pending_account_email,
    pending_refused, health, health_learnt_at, created_at, last_used_at, last_error, refusal_stands,
    awaits_approval, base_url, tags";

impl Store {
    /// Connections of a profile, newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn connections(
        &self,
        profile: ProfileId,
        filter: ConnectionFilter,
    ) -> Result<ConnectionRows, StoreError> {
        if filter.search.trim().is_empty() && filter.tag.is_none() {
            return self.connections_in_state(profile, filter).await;
        }
        let search = Arc::clone(&self.search);
        self.read(move |connection| {
            let question = Question {
                words: &filter.search,
                tag: filter.tag.as_ref(),
                health: filter.health,
                connector: filter.connector.as_ref(),
                offset: filter.offset,
                limit: filter.limit,
            };
            let mut search = search.lock().unwrap_or_else(PoisonError::into_inner);
            let found = search.search(connection, &List::All(profile), question)?;
            Ok(ConnectionRows { rows: rows_of(connection, &found)?, matching: found.matching })
        })
        .await
    }

    /// Connections that no word and no tag is asked of: SQLite's own indexes find those.
    async fn connections_in_state(
        &self,
        profile: ProfileId,
        filter: ConnectionFilter,
    ) -> Result<ConnectionRows, StoreError> {
        let counts = Arc::clone(&self.counts);
        self.read(move |connection| {
            let mut condition = String::from("profile_id = ?1");
            let mut parameters: Vec<String> = vec![profile.to_string()];
            let mut add = |clause: &str, value: String| {
                parameters.push(value);
                condition.push_str(&clause.replace('?', &format!("?{}", parameters.len())));
            };
            if let Some(health) = filter.health {
                add(" AND health = ?", health.as_str().to_owned());
            }
            if let Some(connector) = &filter.connector {
                add(" AND connector = ?", connector.as_str().to_owned());
            }
            let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
            let matching = counts.matching(connection, profile, filter.connector.as_ref(), filter.health)?;
            let mut statement = connection.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM connections WHERE {condition}
                 ORDER BY created_at DESC, instance_id LIMIT {} OFFSET {}",
                filter.limit, filter.offset
            ))?;
            let rows = all(&mut statement, rusqlite::params_from_iter(&parameters), read_connection)?;
            Ok(ConnectionRows { rows, matching })
        })
        .await
    }

    /// How many connections of a profile are in which state, by what they are connected of.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn connection_counts(&self, profile: ProfileId) -> Result<Vec<HealthCount>, StoreError> {
        let counts = Arc::clone(&self.counts);
        self.read(move |connection| {
            let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
            Ok(counts.of(connection, profile)?.to_vec())
        })
        .await
    }

    /// The tags that most of a profile's connections have, with how many each.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn tag_counts(&self, profile: ProfileId, most: u32) -> Result<Vec<TagCount>, StoreError> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT t.key, t.value, count(*) FROM connections AS c, json_each(c.tags) AS t
                 WHERE c.profile_id = ?1 AND c.tags <> '{}'
                 GROUP BY t.key, t.value ORDER BY count(*) DESC, t.key, t.value LIMIT ?2",
            )?;
            all(&mut statement, (profile.to_string(), most), |row| {
                Ok(TagCount { key: row.get(0)?, value: row.get(1)?, count: row.get(2)? })
            })
        })
        .await
    }

    /// One connection of a profile.
    ///
    /// # Errors
    /// `NotFound` when this profile has none of that id.
    pub async fn connection(
        &self,
        profile: ProfileId,
        instance: InstanceId,
    ) -> Result<Connection, StoreError> {
        self.read(move |connection| look(connection, profile, instance)?.ok_or(StoreError::NotFound)).await
    }

    /// The labels that connections of a connector or provider have in a profile.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn labels(&self, profile: ProfileId, target: ConnectTarget) -> Result<Vec<String>, StoreError> {
        self.read(move |connection| {
            let condition = match &target {
                ConnectTarget::Connector(_) => "connector = ?2",
                ConnectTarget::Provider(_) => "connector IS NULL AND provider = ?2",
            };
            let mut statement = connection.prepare_cached(&format!(
                "SELECT label FROM connections WHERE profile_id = ?1 AND {condition}"
            ))?;
            all(&mut statement, (profile.to_string(), target.as_str()), |row| Ok(row.get(0)?))
        })
        .await
    }

    /// Connections of a profile whose disconnect waits for the network.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn queued_disconnects(&self, profile: ProfileId) -> Result<Vec<Connection>, StoreError> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM connections WHERE profile_id = ?1 AND health = 'disconnecting'"
            ))?;
            all(&mut statement, [profile.to_string()], read_connection)
        })
        .await
    }

    /// Gives a connection another label.
    ///
    /// # Errors
    /// `NotFound` when this profile has none of that id.
    pub async fn rename_connection(
        &self,
        profile: ProfileId,
        instance: InstanceId,
        label: String,
        connector_name: String,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(move |transaction| {
            let before = find(transaction, profile, instance)?;
            let after = Connection { label, ..before.clone() };
            transaction.execute(
                "UPDATE connections SET label = ?2, search_text = ?3 WHERE instance_id = ?1",
                (instance.to_string(), &after.label, search_text(&after, &connector_name)),
            )?;
            append(transaction, instance, now, Provenance::Renamed, Some(&before.label))
        })
        .await
    }

    /// Changes what is known of a connection to what `decide` makes of it as it is now, and adds to its
    /// history, in one transaction. Answers the connection as it is afterwards, or nothing if `decide` found
    /// nothing to change.
    ///
    /// # Errors
    /// `NotFound` when this profile has none of that id.
    pub async fn change_connection(
        &self,
        profile: ProfileId,
        instance: InstanceId,
        connector_name: String,
        now: Timestamp,
        decide: impl FnOnce(&Connection) -> Option<Change> + Send + 'static,
    ) -> Result<Option<Connection>, StoreError> {
        self.write(move |transaction| {
            let before = find(transaction, profile, instance)?;
            let Some(change) = decide(&before) else { return Ok(None) };
            write_change(transaction, &change, &connector_name, now)?;
            find(transaction, profile, instance).map(Some)
        })
        .await
    }

    /// Sets what is known of a connection's health.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn set_health(
        &self,
        profile: ProfileId,
        instance: InstanceId,
        health: Health,
        now: Timestamp,
        provenance: Option<Provenance>,
    ) -> Result<(), StoreError> {
        self.write(move |transaction| {
            transaction
                .prepare_cached(
                    "UPDATE connections SET health = ?3, health_learnt_at = ?4
                     WHERE profile_id = ?1 AND instance_id = ?2",
                )?
                .execute((profile.to_string(), instance.to_string(), health.as_str(), millis(now)))?;
            provenance.map_or(Ok(()), |kind| append(transaction, instance, now, kind, None))
        })
        .await
    }

    /// Removes a connection that is not at Nango any more from this machine. While a workflow binds it, it is
    /// kept as gone, so that what ran as it is still known.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn remove_connection(
        &self,
        profile: ProfileId,
        instance: InstanceId,
        now: Timestamp,
    ) -> Result<Removal, StoreError> {
        self.write(move |transaction| {
            let key = (profile.to_string(), instance.to_string());
            if !bindings::is_bound(transaction, profile, instance)? {
                transaction
                    .execute("DELETE FROM connections WHERE profile_id = ?1 AND instance_id = ?2", key)?;
                return Ok(Removal::Removed);
            }
            let (profile, instance_id) = key;
            transaction.execute(
                "UPDATE connections SET health = 'gone', health_learnt_at = ?3
                 WHERE profile_id = ?1 AND instance_id = ?2",
                (profile, instance_id, millis(now)),
            )?;
            Ok(Removal::KeptAsGone)
        })
        .await
    }

    /// What a picker offers for a connector, by label: connections of a profile in whose label or account every
    /// word of `search` occurs.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn candidates(
        &self,
        profile: ProfileId,
        connector: ConnectorSlug,
        connector_name: String,
        search: String,
        offset: u32,
        limit: u32,
    ) -> Result<CandidateRows, StoreError> {
        let (counts, picked) = (Arc::clone(&self.counts), Arc::clone(&self.picked));
        self.read(move |database| {
            let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
            let total = counts.matching(database, profile, Some(&connector), None)?;
            if search.trim().is_empty() {
                let mut statement = database.prepare_cached(&format!(
                    "SELECT {COLUMNS} FROM connections WHERE profile_id = ?1 AND connector = ?2
                     ORDER BY label COLLATE NOCASE, instance_id LIMIT ?3 OFFSET ?4"
                ))?;
                let of = (profile.to_string(), connector.as_str(), limit, offset);
                let rows = all(&mut statement, of, read_connection)?;
                return Ok(CandidateRows { rows, matching: total, total });
            }
            let question = Question { words: &search, offset, limit, ..Question::default() };
            let mut picked = picked.lock().unwrap_or_else(PoisonError::into_inner);
            let found = picked.search(database, &List::Of(profile, connector, connector_name), question)?;
            Ok(CandidateRows { rows: rows_of(database, &found)?, matching: found.matching, total })
        })
        .await
    }

    /// Whether another profile has a connection of a connector.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn is_connected_elsewhere(
        &self,
        profile: ProfileId,
        connector: ConnectorSlug,
    ) -> Result<bool, StoreError> {
        self.read(move |database| {
            let mut statement = database.prepare_cached(
                "SELECT 1 FROM profiles AS p WHERE p.id <> ?1 AND EXISTS
                     (SELECT 1 FROM connections AS c WHERE c.profile_id = p.id AND c.connector = ?2)",
            )?;
            Ok(statement.exists((profile.to_string(), connector.as_str()))?)
        })
        .await
    }

    /// What happened to a connection of a profile, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn connection_events(
        &self,
        profile: ProfileId,
        instance: InstanceId,
    ) -> Result<Vec<ConnectionEvent>, StoreError> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT e.at, e.kind, e.detail FROM connection_events AS e
                 JOIN connections AS c ON c.instance_id = e.instance_id
                 WHERE c.profile_id = ?1 AND c.instance_id = ?2 ORDER BY e.id",
            )?;
            all(&mut statement, (profile.to_string(), instance.to_string()), |row| {
                Ok(ConnectionEvent {
                    at: time(row, "at")?,
                    kind: Provenance::from_name(&row.get::<_, String>("kind")?)
                        .ok_or(StoreError::Unreadable("kind"))?,
                    detail: row.get("detail")?,
                })
            })
        })
        .await
    }
}

/// Inserts a new connection. One that this profile already knows is left as it is.
pub(crate) fn insert(
    transaction: &Transaction<'_>,
    connection: &Connection,
    connector_name: &str,
) -> Result<bool, StoreError> {
    let account = connection.account.as_ref();
    let inserted = transaction
        .prepare_cached(
            "INSERT INTO connections (instance_id, profile_id, connector, provider, integration,
                 connection_id, label, account_id, account_name, account_email, health, health_learnt_at,
                 created_at, last_used_at, last_error, search_text, awaits_approval, base_url, tags)
             VALUES (:instance_id, :profile_id, :connector, :provider, :integration, :connection_id, :label,
                 :account_id, :account_name, :account_email, :health, :health_learnt_at, :created_at,
                 :last_used_at, :last_error, :search_text, :awaits_approval, :base_url, :tags)
             ON CONFLICT (profile_id, integration, connection_id) DO NOTHING",
        )?
        .execute(named_params! {
            ":instance_id": connection.instance.to_string(),
            ":profile_id": connection.profile.to_string(),
            ":connector": connection.connector.as_ref().map(ConnectorSlug::as_str),
            ":provider": connection.provider.as_str(),
            ":integration": connection.integration.as_str(),
            ":connection_id": connection.connection_id.as_str(),
            ":label": connection.label,
            ":account_id": account.map(|account| &account.id),
            ":account_name": account.map(|account| &account.name),
            ":account_email": account.and_then(|account| account.email.as_ref()),
            ":health": connection.health.as_str(),
            ":health_learnt_at": connection.health_learnt_at.map(millis),
            ":created_at": millis(connection.created_at),
            ":last_used_at": connection.last_used_at.map(millis),
            ":last_error": connection.last_error,
            ":search_text": search_text(connection, connector_name),
            ":awaits_approval": connection.awaits_approval,
            ":base_url": connection.base_url,
            ":tags": tags_text(&connection.tags)?,
        })?;
    Ok(inserted == 1)
}

/// Brings the row of a renewed connection up to date, whoever found it first.
pub(crate) fn renew(
    transaction: &Transaction<'_>,
    renewed: &Connection,
    connector_name: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut find = transaction.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM connections
         WHERE profile_id = ?1 AND integration = ?2 AND connection_id = ?3"
    ))?;
    let key = (renewed.profile.to_string(), renewed.integration.as_str(), renewed.connection_id.as_str());
    let before = one(&mut find, key, read_connection)?.ok_or(StoreError::NotFound)?;
    let mut change = before.reconnected(renewed.health, now);
    change.connection.awaits_approval = renewed.awaits_approval;
    if renewed.base_url.is_some() {
        change.connection.base_url.clone_from(&renewed.base_url);
    }
    write_change(transaction, &change, connector_name, now)
}

/// A connection of the profile, if it has one of that id.
pub(crate) fn look(
    database: &Database,
    profile: ProfileId,
    instance: InstanceId,
) -> Result<Option<Connection>, StoreError> {
    let mut statement = database.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM connections WHERE profile_id = ?1 AND instance_id = ?2"
    ))?;
    one(&mut statement, (profile.to_string(), instance.to_string()), read_connection)
}

pub(crate) fn find(
    transaction: &Transaction<'_>,
    profile: ProfileId,
    instance: InstanceId,
) -> Result<Connection, StoreError> {
    look(transaction, profile, instance)?.ok_or(StoreError::NotFound)
}

fn write_change(
    transaction: &Transaction<'_>,
    change: &Change,
    connector_name: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let connection = &change.connection;
    let account = connection.account.as_ref();
    let pending = connection.mismatch.as_ref().map(|mismatch| &mismatch.account);
    transaction
        .prepare_cached(
            "UPDATE connections SET account_id = :account_id, account_name = :account_name,
                 account_email = :account_email, pending_account_id = :pending_id,
                 pending_account_name = :pending_name, pending_account_email = :pending_email,
                 pending_refused = :pending_refused, health = :health, health_learnt_at = :health_learnt_at,
                 last_used_at = :last_used_at, last_error = :last_error, refusal_stands = :refusal_stands,
                 search_text = :search_text, awaits_approval = :awaits_approval, base_url = :base_url
             WHERE instance_id = :instance_id",
        )?
        .execute(named_params! {
            ":instance_id": connection.instance.to_string(),
            ":account_id": account.map(|account| &account.id),
            ":account_name": account.map(|account| &account.name),
            ":account_email": account.and_then(|account| account.email.as_ref()),
            ":pending_id": pending.map(|account| &account.id),
            ":pending_name": pending.map(|account| &account.name),
            ":pending_email": pending.and_then(|account| account.email.as_ref()),
            ":pending_refused": connection.mismatch.as_ref().is_some_and(|mismatch| mismatch.refused),
            ":health": connection.health.as_str(),
            ":health_learnt_at": connection.health_learnt_at.map(millis),
            ":last_used_at": connection.last_used_at.map(millis),
            ":last_error": connection.last_error,
            ":refusal_stands": connection.refusal_stands,
            ":search_text": search_text(connection, connector_name),
            ":awaits_approval": connection.awaits_approval,
            ":base_url": connection.base_url,
        })?;
    for (kind, detail) in &change.events {
        append(transaction, connection.instance, now, *kind, detail.as_deref())?;
    }
    Ok(())
}

/// The rows that a search found, in its order.
fn rows_of(database: &rusqlite::Connection, found: &Found) -> Result<Vec<Connection>, StoreError> {
    let mut statement =
        database.prepare_cached(&format!("SELECT {COLUMNS} FROM connections WHERE rowid = ?1"))?;
    let rows = found.rowids.iter();
    rows.map(|rowid| one(&mut statement, [rowid], read_connection)?.ok_or(StoreError::NotFound)).collect()
}

/// What a search looks through. Lower case is made here: SQLite's own `lower` knows only ASCII.
pub(crate) fn search_text(connection: &Connection, connector_name: &str) -> String {
    let account = connection.account.as_ref();
    let tags: String = connection.tags.iter().map(|(key, value)| format!("{key}:{value} ")).collect();
    let parts = [
        Some(connection.label.as_str()),
        account.map(|account| account.name.as_str()),
        account.and_then(|account| account.email.as_deref()),
        Some(tags.trim_end()).filter(|tags| !tags.is_empty()),
        Some(connector_name),
        Some(connection.provider.as_str()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Tags as they are stored.
pub(crate) fn tags_text(tags: &Tags) -> Result<String, StoreError> {
    serde_json::to_string(tags).map_err(|_| StoreError::Unreadable("tags"))
}

/// Adds a line to a connection's history.
pub(crate) fn append(
    transaction: &Transaction<'_>,
    instance: InstanceId,
    at: Timestamp,
    kind: Provenance,
    detail: Option<&str>,
) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "INSERT INTO connection_events (instance_id, at, kind, detail) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute((instance.to_string(), millis(at), kind.as_str(), detail))?;
    Ok(())
}

fn read_connection(row: &Row<'_>) -> Result<Connection, StoreError> {
    let account = read_account(row, ["account_id", "account_name", "account_email"])?;
    let pending = read_account(row, ["pending_account_id", "pending_account_name", "pending_account_email"])?;
    let refused = row.get("pending_refused")?;
    Ok(Connection {
        instance: parsed(row, "instance_id")?,
        profile: parsed(row, "profile_id")?,
        connector: row.get::<_, Option<String>>("connector")?.map(Into::into),
        provider: row.get::<_, String>("provider")?.into(),
        integration: row.get::<_, String>("integration")?.into(),
        connection_id: row.get::<_, String>("connection_id")?.into(),
        label: row.get("label")?,
        account,
        mismatch: pending.map(|account| Mismatch { account, refused }),
        health: Health::from_name(&row.get::<_, String>("health")?)
            .ok_or(StoreError::Unreadable("health"))?,
        health_learnt_at: optional_time(row, "health_learnt_at")?,
        created_at: time(row, "created_at")?,
        last_used_at: optional_time(row, "last_used_at")?,
        last_error: row.get("last_error")?,
        refusal_stands: row.get("refusal_stands")?,
        awaits_approval: row.get("awaits_approval")?,
        base_url: row.get("base_url")?,
        tags: serde_json::from_str(&row.get::<_, String>("tags")?)
            .map_err(|_| StoreError::Unreadable("tags"))?,
    })
}

fn read_account(row: &Row<'_>, [id, name, email]: [&str; 3]) -> Result<Option<Account>, StoreError> {
    Ok(match (row.get(id)?, row.get(name)?) {
        (Some(id), Some(name)) => Some(Account { id, name, email: row.get(email)? }),
        _ => None,
    })
}
