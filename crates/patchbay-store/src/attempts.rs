//! The tables `attempts` and `attempt_steps`.

use std::collections::HashMap;

use jiff::Timestamp;
use patchbay_core::attempt::{Attempt, FailureReason, Method, Purpose, State};
use patchbay_core::connection::{Connection, Provenance};
use patchbay_core::id::{AttemptId, ConnectionId, ConnectorSlug, InstanceId, ProfileId};
use patchbay_core::step::Step;
use rusqlite::{Row, Transaction, named_params};

use crate::columns::{all, millis, one, optional_time, parsed, time};
use crate::{Store, StoreError, connections};

/// A line to add to an attempt's timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewStep {
    /// What happened.
    pub step: Step,
    /// More about it; never a secret.
    pub detail: Option<String>,
}

impl From<Step> for NewStep {
    fn from(step: Step) -> Self {
        NewStep { step, detail: None }
    }
}

/// A line of an attempt's timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptStep {
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub step: Step,
    /// More about it.
    pub detail: Option<String>,
}

/// What a connection owes to the attempt that made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The id the connection has here.
    pub instance: InstanceId,
    /// Its label.
    pub label: String,
    /// Its connector.
    pub connector: Option<ConnectorSlug>,
    /// The attempt was to renew it and ended without: a connection that carries its tag was renewed all the
    /// same, perhaps as another account.
    pub gave_up: bool,
}

impl Store {
    /// What the connections of a profile owe to their attempts, all at once.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn origins(&self, profile: ProfileId) -> Result<HashMap<AttemptId, Origin>, StoreError> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, instance_id, label, connector,
                     reconnects IS NOT NULL AND ended_at IS NOT NULL AND state <> 'connected' AS gave_up
                 FROM attempts WHERE profile_id = ?1",
            )?;
            let rows = all(&mut statement, [profile.to_string()], |row| {
                let origin = Origin {
                    instance: parsed(row, "instance_id")?,
                    label: row.get("label")?,
                    connector: row.get::<_, Option<String>>("connector")?.map(Into::into),
                    gave_up: row.get("gave_up")?,
                };
                Ok((parsed(row, "id")?, origin))
            })?;
            Ok(rows.into_iter().collect())
        })
        .await
    }

    /// Keeps a new attempt.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn insert_attempt(&self, attempt: Attempt) -> Result<(), StoreError> {
        self.write(move |transaction| {
            let (state, outcome) = state_columns(&attempt.state)?;
            transaction
                .prepare_cached(
                    "INSERT INTO attempts (id, profile_id, instance_id, connector, provider, integration,
                         label, method, state, outcome, started_at, deadline_at, ended_at, cleanup_due,
                         reconnects)
                     VALUES (:id, :profile_id, :instance_id, :connector, :provider, :integration,
                         :label, :method, :state, :outcome, :started_at, :deadline_at, :ended_at, :cleanup_due,
                         :reconnects)",
                )?
                .execute(named_params! {
                    ":id": attempt.id.to_string(),
                    ":profile_id": attempt.profile.to_string(),
                    ":instance_id": attempt.instance.to_string(),
                    ":connector": attempt.connector.as_ref().map(ConnectorSlug::as_str),
                    ":provider": attempt.provider.as_str(),
                    ":integration": attempt.integration.as_str(),
                    ":label": attempt.label,
                    ":method": attempt.method.as_str(),
                    ":state": state,
                    ":outcome": outcome,
                    ":started_at": millis(attempt.started_at),
                    ":deadline_at": millis(attempt.deadline_at),
                    ":ended_at": attempt.ended_at.map(millis),
                    ":cleanup_due": attempt.cleanup_due,
                    ":reconnects": renewed(&attempt.purpose).map(ConnectionId::as_str),
                })?;
            append_step(transaction, attempt.id, attempt.started_at, &Step::Started.into())
        })
        .await
    }

    /// Moves an attempt on, if it is still in the state it was decided from. Answers whether it was: two
    /// that decide at the same time cannot both win.
    ///
    /// # Errors
    /// When the database cannot be written; then nothing has changed.
    pub async fn advance_attempt(
        &self,
        from: State,
        to: Attempt,
        step: Option<NewStep>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.write(move |transaction| {
            let won = advance(transaction, &from, &to)?;
            if won && let Some(step) = &step {
                append_step(transaction, to.id, now, step)?;
            }
            Ok(won)
        })
        .await
    }

    /// Ends an attempt with the connection it made or renewed, in one transaction. The connection is inserted
    /// unless it has a row: that of a renewed one is brought up to date, and one that a sync found first is as
    /// it should be. Answers whether the attempt was still in the state it was decided from.
    ///
    /// # Errors
    /// When the database cannot be written; then nothing has changed.
    pub async fn complete_attempt(
        &self,
        from: State,
        to: Attempt,
        connection: Connection,
        connector_name: String,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.write(move |transaction| {
            if !advance(transaction, &from, &to)? {
                return Ok(false);
            }
            let step = match to.purpose {
                Purpose::Connect => Step::Connected,
                Purpose::Reconnect(_) => Step::Reconnected,
            };
            append_step(transaction, to.id, now, &step.into())?;
            if connections::insert(transaction, &connection, &connector_name)? {
                connections::append(transaction, connection.instance, now, Provenance::Connected, None)?;
            } else if to.purpose != Purpose::Connect {
                connections::renew(transaction, &connection, &connector_name, now)?;
            }
            Ok(true)
        })
        .await
    }

    /// Keeps the hash of the state under which an attempt's link will come.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn set_state_hash(&self, id: AttemptId, hash: String) -> Result<(), StoreError> {
        self.write(move |transaction| {
            transaction
                .prepare_cached("UPDATE attempts SET state_hash = ?2 WHERE id = ?1")?
                .execute((id.to_string(), hash))?;
            Ok(())
        })
        .await
    }

    /// Adds a line to an attempt's timeline.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn add_step(&self, id: AttemptId, at: Timestamp, step: NewStep) -> Result<(), StoreError> {
        self.write(move |transaction| append_step(transaction, id, at, &step)).await
    }

    /// Notes that an ended attempt has left nothing behind.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn cleanup_done(&self, id: AttemptId) -> Result<(), StoreError> {
        self.write(move |transaction| {
            transaction.execute("UPDATE attempts SET cleanup_due = 0 WHERE id = ?1", [id.to_string()])?;
            Ok(())
        })
        .await
    }

    /// The attempt whose link carries the state of this hash, whichever profile's it is.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn attempt_by_state(&self, hash: String) -> Result<Option<Attempt>, StoreError> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached("SELECT * FROM attempts WHERE state_hash = ?1")?;
            one(&mut statement, [hash], read_attempt)
        })
        .await
    }

    /// One attempt of a profile.
    ///
    /// # Errors
    /// `NotFound` when this profile has none of that id.
    pub async fn attempt(&self, profile: ProfileId, id: AttemptId) -> Result<Attempt, StoreError> {
        self.read(move |connection| {
            let mut statement =
                connection.prepare_cached("SELECT * FROM attempts WHERE profile_id = ?1 AND id = ?2")?;
            one(&mut statement, (profile.to_string(), id.to_string()), read_attempt)?
                .ok_or(StoreError::NotFound)
        })
        .await
    }

    /// Attempts of every profile that are open, or have ended and not been cleared away: what a start takes
    /// up.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn unfinished_attempts(&self) -> Result<Vec<Attempt>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT * FROM attempts WHERE ended_at IS NULL OR cleanup_due = 1 ORDER BY started_at",
            )?;
            all(&mut statement, [], read_attempt)
        })
        .await
    }

    /// A page of a profile's attempts, newest first, and how many there are in all.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn attempts(
        &self,
        profile: ProfileId,
        offset: u32,
        limit: u32,
    ) -> Result<(Vec<Attempt>, u32), StoreError> {
        self.read(move |connection| {
            let profile = profile.to_string();
            let mut statement = connection.prepare_cached(
                "SELECT * FROM attempts WHERE profile_id = ?1 ORDER BY started_at DESC, id
                 LIMIT ?2 OFFSET ?3",
            )?;
            let rows = all(&mut statement, (&profile, limit, offset), read_attempt)?;
            let total = connection
                .prepare_cached("SELECT count(*) FROM attempts WHERE profile_id = ?1")?
                .query_row([&profile], |row| row.get(0))?;
            Ok((rows, total))
        })
        .await
    }

    /// Attempts of a profile that are open, newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn open_attempts(&self, profile: ProfileId) -> Result<Vec<Attempt>, StoreError> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT * FROM attempts WHERE profile_id = ?1 AND ended_at IS NULL
                 ORDER BY started_at DESC, id",
            )?;
            all(&mut statement, [profile.to_string()], read_attempt)
        })
        .await
    }

    /// The timelines of attempts, each oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn timelines(
        &self,
        ids: Vec<AttemptId>,
    ) -> Result<HashMap<AttemptId, Vec<AttemptStep>>, StoreError> {
        self.read(move |connection| {
            let places = vec!["?"; ids.len()].join(", ");
            let mut statement = connection.prepare(&format!(
                "SELECT attempt_id, at, kind, detail FROM attempt_steps WHERE attempt_id IN ({places}) ORDER BY id"
            ))?;
            let ids = rusqlite::params_from_iter(ids.iter().map(AttemptId::to_string));
            let mut timelines = HashMap::<AttemptId, Vec<AttemptStep>>::new();
            for (id, step) in all(&mut statement, ids, |row| Ok((parsed(row, "attempt_id")?, read_step(row)?)))? {
                timelines.entry(id).or_default().push(step);
            }
            Ok(timelines)
        })
        .await
    }

    /// An attempt's timeline, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn attempt_steps(&self, id: AttemptId) -> Result<Vec<AttemptStep>, StoreError> {
        Ok(self.timelines(vec![id]).await?.remove(&id).unwrap_or_default())
    }
}

fn read_step(row: &Row<'_>) -> Result<AttemptStep, StoreError> {
    let step = Step::from_name(&row.get::<_, String>("kind")?).ok_or(StoreError::Unreadable("kind"))?;
    Ok(AttemptStep { at: time(row, "at")?, step, detail: row.get("detail")? })
}

fn advance(transaction: &Transaction<'_>, from: &State, to: &Attempt) -> Result<bool, StoreError> {
    let (state, outcome) = state_columns(&to.state)?;
    let changed = transaction
        .prepare_cached(
            "UPDATE attempts SET method = :method, state = :state, outcome = :outcome,
                 deadline_at = :deadline_at, ended_at = :ended_at, cleanup_due = :cleanup_due
             WHERE id = :id AND state = :from AND ended_at IS NULL",
        )?
        .execute(named_params! {
            ":id": to.id.to_string(),
            ":from": from.as_str(),
            ":method": to.method.as_str(),
            ":state": state,
            ":outcome": outcome,
            ":deadline_at": millis(to.deadline_at),
            ":ended_at": to.ended_at.map(millis),
            ":cleanup_due": to.cleanup_due,
        })?;
    Ok(changed == 1)
}

fn append_step(
    transaction: &Transaction<'_>,
    id: AttemptId,
    at: Timestamp,
    step: &NewStep,
) -> Result<(), StoreError> {
    transaction
        .prepare_cached("INSERT INTO attempt_steps (attempt_id, at, kind, detail) VALUES (?1, ?2, ?3, ?4)")?
        .execute((id.to_string(), millis(at), step.step.as_str(), &step.detail))?;
    Ok(())
}

fn renewed(purpose: &Purpose) -> Option<&ConnectionId> {
    match purpose {
        Purpose::Connect => None,
        Purpose::Reconnect(connection) => Some(connection),
    }
}

fn state_columns(state: &State) -> Result<(&'static str, Option<String>), StoreError> {
    let outcome = match state {
        State::Connected(connection) => Some(connection.as_str().to_owned()),
        State::Refused(words) => Some(words.clone()),
        State::Failed(reason) => {
            Some(serde_json::to_string(reason).map_err(|_| StoreError::Unreadable("outcome"))?)
        }
        _ => None,
    };
    Ok((state.as_str(), outcome))
}

fn read_attempt(row: &Row<'_>) -> Result<Attempt, StoreError> {
    let outcome: Option<String> = row.get("outcome")?;
    let outcome = outcome.ok_or(StoreError::Unreadable("outcome"));
    let state = match row.get::<_, String>("state")?.as_str() {
        "starting" => State::Starting,
        "awaiting_browser" => State::AwaitingBrowser,
        "forwarding" => State::Forwarding,
        "awaiting_connection" => State::AwaitingConnection,
        "connected" => State::Connected(outcome?.into()),
        "refused" => State::Refused(outcome?),
        "expired" => State::Expired,
        "cancelled" => State::Cancelled,
        "failed" => {
            let reason: FailureReason =
                serde_json::from_str(&outcome?).map_err(|_| StoreError::Unreadable("outcome"))?;
            State::Failed(reason)
        }
        _ => return Err(StoreError::Unreadable("state")),
    };
    Ok(Attempt {
        id: parsed(row, "id")?,
        profile: parsed(row, "profile_id")?,
        purpose: match row.get::<_, Option<String>>("reconnects")? {
            Some(connection) => Purpose::Reconnect(connection.into()),
            None => Purpose::Connect,
        },
        instance: parsed(row, "instance_id")?,
        connector: row.get::<_, Option<String>>("connector")?.map(Into::into),
        provider: row.get::<_, String>("provider")?.into(),
        integration: row.get::<_, String>("integration")?.into(),
        label: row.get("label")?,
        method: Method::from_name(&row.get::<_, String>("method")?)
            .ok_or(StoreError::Unreadable("method"))?,
        state,
        started_at: time(row, "started_at")?,
        deadline_at: time(row, "deadline_at")?,
        ended_at: optional_time(row, "ended_at")?,
        cleanup_due: row.get("cleanup_due")?,
    })
}
