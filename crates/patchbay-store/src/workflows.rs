//! The tables `workflows`, `workflow_versions` and `workflow_calls`: documents, and what was read from them.

use std::collections::HashMap;

use jiff::Timestamp;
use patchbay_core::id::{ConnectorSlug, ProfileId, WorkflowId};
use patchbay_core::workflow::binding::{Binding, Slot};
use patchbay_core::workflow::outline::Pointer;
use rusqlite::{Connection as Database, OptionalExtension, Row, Transaction, named_params};

use crate::bindings::{self, CastingCount};
use crate::columns::{all, millis, one, parsed, time};
use crate::{Store, StoreError};

/// Most versions of one workflow that are kept to be undone.
const MOST_VERSIONS: u32 = 500;

/// Most bytes of such versions.
const MOST_BYTES: u32 = 32 * 1024 * 1024;

/// What is kept of a document beside its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What the workflow is called.
    pub name: String,
    /// How many tasks it has.
    pub tasks: u32,
    /// Its connectors' tasks, in the order they stand.
    pub calls: Vec<WorkflowCall>,
    /// What a search looks through besides the name: its connectors' names.
    pub search_words: String,
}

/// A connector's task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkflowCall {
    /// Where it stands.
    pub path: Pointer,
    /// Its name.
    pub task: String,
    /// Its connector.
    pub connector: ConnectorSlug,
    /// Its role.
    pub role: String,
}

/// A text to be kept.
#[derive(Debug, Clone, PartialEq)]
pub struct NewVersion {
    /// The text.
    pub text: String,
    /// What made it.
    pub words: String,
    /// What it says; nothing where it cannot be read.
    pub reading: Option<Reading>,
    /// How many errors it has.
    pub errors: u32,
    /// What it calls otherwise than the version before: the bindings of the first become those of the second.
    pub renames: Vec<(Slot, Slot)>,
}

/// A workflow with its text.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredWorkflow {
    /// Its id.
    pub id: WorkflowId,
    /// What it is called.
    pub name: String,
    /// The version it stands at.
    pub version: u32,
    /// Its text.
    pub text: String,
    /// The text of the last readable version before it, where this one cannot be read and there is one.
    pub readable_text: Option<String>,
    /// The text as it was saved last.
    pub saved_text: Option<String>,
    /// What undo would take back, and the version it would lead to.
    pub undo: Option<(String, u32)>,
    /// What redo would do again, and the version it would lead to.
    pub redo: Option<(String, u32)>,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// The text of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionText {
    /// It.
    pub text: String,
    /// The last readable one before it, where it cannot be read itself and there is one.
    pub readable_text: Option<String>,
}

/// A workflow as a list shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkflowRow {
    /// Its id.
    pub id: WorkflowId,
    /// What it is called.
    pub name: String,
    /// How many tasks it has.
    pub tasks: u32,
    /// How many errors its document has.
    pub errors: u32,
    /// Its connectors, in the order they first occur.
    pub connectors: Vec<ConnectorSlug>,
    /// How many of its connectors' tasks run as a connection of which kind.
    pub castings: Vec<CastingCount>,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// A page of workflows.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkflowRows {
    /// The page, the one changed last first.
    pub rows: Vec<WorkflowRow>,
    /// How many match.
    pub matching: u32,
    /// How many there are.
    pub total: u32,
}

impl Store {
    /// Workflows of a profile in whose name or connectors every word of `search` occurs, the one changed last
    /// first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn workflows(
        &self,
        profile: ProfileId,
        search: String,
        offset: u32,
        limit: u32,
    ) -> Result<WorkflowRows, StoreError> {
        self.read(move |database| {
            let profile = profile.to_string();
            let mut condition = String::from("profile_id = ?1 AND deleted_at IS NULL");
            let mut parameters = vec![profile.clone()];
            for word in search.split_whitespace() {
                parameters.push(word.to_lowercase());
                condition.push_str(&format!(" AND instr(search_text, ?{}) > 0", parameters.len()));
            }
            let mut count = database.prepare_cached(
                "SELECT count(*) FROM workflows WHERE profile_id = ?1 AND deleted_at IS NULL",
            )?;
            let total = count.query_row([&profile], |row| row.get(0))?;
            let matching = database
                .prepare_cached(&format!("SELECT count(*) FROM workflows WHERE {condition}"))?
                .query_row(rusqlite::params_from_iter(&parameters), |row| row.get(0))?;
            let mut statement = database.prepare_cached(&format!(
                "SELECT id, name, tasks, errors, updated_at FROM workflows WHERE {condition}
                 ORDER BY updated_at DESC, id LIMIT {limit} OFFSET {offset}"
            ))?;
            let mut rows = all(&mut statement, rusqlite::params_from_iter(&parameters), |row| {
                Ok(WorkflowRow {
                    id: parsed(row, "id")?,
                    name: row.get("name")?,
                    tasks: row.get("tasks")?,
                    errors: row.get("errors")?,
                    connectors: Vec::new(),
                    castings: Vec::new(),
                    updated_at: time(row, "updated_at")?,
                })
            })?;
            let ids: Vec<String> = rows.iter().map(|row| row.id.to_string()).collect();
            let mut connectors = connectors_of(database, &ids)?;
            let mut castings = bindings::casting_counts(database, &profile, &ids)?;
            for row in &mut rows {
                row.connectors = connectors.remove(&row.id).unwrap_or_default();
                row.castings = castings.remove(&row.id).unwrap_or_default();
            }
            Ok(WorkflowRows { rows, matching, total })
        })
        .await
    }

    /// The names of a profile's workflows.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn workflow_names(&self, profile: ProfileId) -> Result<Vec<(WorkflowId, String)>, StoreError> {
        self.read(move |database| {
            let mut statement = database.prepare_cached(
                "SELECT id, name FROM workflows WHERE profile_id = ?1 AND deleted_at IS NULL
                 ORDER BY updated_at DESC, id",
            )?;
            all(&mut statement, [profile.to_string()], |row| Ok((parsed(row, "id")?, row.get("name")?)))
        })
        .await
    }

    /// One workflow of a profile.
    ///
    /// # Errors
    /// `NotFound` when this profile has none of that id, or it was put away.
    pub async fn workflow(&self, profile: ProfileId, id: WorkflowId) -> Result<StoredWorkflow, StoreError> {
        self.read(move |database| {
            let mut statement = database.prepare_cached(
                "SELECT name, version, updated_at, saved_text FROM workflows
                 WHERE profile_id = ?1 AND id = ?2 AND deleted_at IS NULL",
            )?;
            let row = one(&mut statement, (profile.to_string(), id.to_string()), |row| {
                Ok((
                    row.get::<_, String>("name")?,
                    row.get::<_, u32>("version")?,
                    time(row, "updated_at")?,
                    row.get::<_, Option<String>>("saved_text")?,
                ))
            })?;
            let (name, version, updated_at, saved_text) = row.ok_or(StoreError::NotFound)?;
            let VersionText { text, readable_text } = version_text(database, id, version)?;
            let neighbour = |sql: &str| -> Result<Option<u32>, StoreError> {
                let mut statement = database.prepare_cached(sql)?;
                Ok(statement.query_row((id.to_string(), version), |row| row.get(0)).optional()?)
            };
            let words = |number: u32| -> Result<String, StoreError> {
                let mut statement = database.prepare_cached(
                    "SELECT words FROM workflow_versions WHERE workflow_id = ?1 AND number = ?2",
                )?;
                Ok(statement.query_row((id.to_string(), number), |row| row.get(0))?)
            };
            let before = neighbour(
                "SELECT number FROM workflow_versions WHERE workflow_id = ?1 AND number < ?2
                 ORDER BY number DESC LIMIT 1",
            )?;
            let after = neighbour(
                "SELECT number FROM workflow_versions WHERE workflow_id = ?1 AND number > ?2
                 ORDER BY number LIMIT 1",
            )?;
            Ok(StoredWorkflow {
                id,
                name,
                version,
                text,
                readable_text,
                saved_text,
                undo: before.map(|number| Ok::<_, StoreError>((words(version)?, number))).transpose()?,
                redo: after.map(|number| Ok::<_, StoreError>((words(number)?, number))).transpose()?,
                updated_at,
            })
        })
        .await
    }

    /// The text of one version of a profile's workflow.
    ///
    /// # Errors
    /// `NotFound` when there is none.
    pub async fn workflow_version(
        &self,
        profile: ProfileId,
        id: WorkflowId,
        number: u32,
    ) -> Result<VersionText, StoreError> {
        self.read(move |database| {
            belongs(database, profile, id)?;
            version_text(database, id, number)
        })
        .await
    }

    /// Keeps a new workflow with its bindings. `is_saved`: its text counts as saved.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn insert_workflow(
        &self,
        profile: ProfileId,
        id: WorkflowId,
        first: NewVersion,
        bindings: Vec<Binding>,
        is_saved: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(move |transaction| {
            transaction
                .prepare_cached(
                    "INSERT INTO workflows (id, profile_id, version, last_number, name, tasks, errors,
                         search_text, created_at, updated_at, saved_text)
                     VALUES (?1, ?2, 1, 1, '', 0, 0, '', ?3, ?3, ?4)",
                )?
                .execute((
                    id.to_string(),
                    profile.to_string(),
                    millis(now),
                    is_saved.then_some(&first.text),
                ))?;
            insert_version(transaction, id, 1, &first)?;
            stand_at(transaction, id, 1, first.reading.as_ref(), first.errors, now)?;
            for binding in &bindings {
                bindings::set(transaction, id, &binding.slot, Some(binding.instance))?;
            }
            Ok(())
        })
        .await
    }

    /// Keeps an edit made on version `base`. What could be redone cannot be any more. Answers whether the
    /// workflow still stood at that version; otherwise nothing has changed.
    ///
    /// # Errors
    /// `NotFound` when this profile has no such workflow.
    pub async fn append_version(
        &self,
        profile: ProfileId,
        id: WorkflowId,
        base: u32,
        version: NewVersion,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.write(move |transaction| {
            let Some(last) = standing_at(transaction, profile, id, base)? else { return Ok(false) };
            let number = last + 1;
            transaction.execute(
                "DELETE FROM workflow_versions WHERE workflow_id = ?1 AND number > ?2",
                (id.to_string(), base),
            )?;
            insert_version(transaction, id, number, &version)?;
            transaction
                .execute("UPDATE workflows SET last_number = ?2 WHERE id = ?1", (id.to_string(), number))?;
            stand_at(transaction, id, number, version.reading.as_ref(), version.errors, now)?;
            for (from, to) in &version.renames {
                bindings::rename(transaction, id, from, to)?;
            }
            forget_far_versions(transaction, id)?;
            Ok(true)
        })
        .await
    }

    /// Goes from version `from` to its neighbour `to`, and takes the bindings of what is called otherwise
    /// there along. `reading` is what the document says there. Answers whether the workflow still stood at
    /// `from`.
    ///
    /// # Errors
    /// `NotFound` when this profile has no such workflow or version.
    #[expect(clippy::too_many_arguments, reason = "each is one fact of the step")]
    pub async fn step_version(
        &self,
        profile: ProfileId,
        id: WorkflowId,
        from: u32,
        to: u32,
        reading: Option<Reading>,
        errors: u32,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.write(move |transaction| {
            if standing_at(transaction, profile, id, from)?.is_none() {
                return Ok(false);
            }
            stand_at(transaction, id, to, reading.as_ref(), errors, now)?;
            let renames: String = transaction
                .prepare_cached(
                    "SELECT renames FROM workflow_versions WHERE workflow_id = ?1 AND number = ?2",
                )?
                .query_row((id.to_string(), from.max(to)), |row| row.get(0))?;
            let mut renames: Vec<(Slot, Slot)> =
                serde_json::from_str(&renames).map_err(|_| StoreError::Unreadable("renames"))?;
            if to < from {
                renames = renames.into_iter().rev().map(|(old, new)| (new, old)).collect();
            }
            for (old, new) in &renames {
                bindings::rename(transaction, id, old, new)?;
            }
            Ok(true)
        })
        .await
    }

    /// Marks a workflow's text as it stands as saved.
    ///
    /// # Errors
    /// `NotFound` when this profile has no such workflow.
    pub async fn save_workflow(&self, profile: ProfileId, id: WorkflowId) -> Result<(), StoreError> {
        self.write(move |transaction| {
            let changed = transaction.execute(
                "UPDATE workflows SET saved_text =
                     (SELECT text FROM workflow_versions AS v
                      WHERE v.workflow_id = workflows.id AND v.number = workflows.version)
                 WHERE profile_id = ?1 AND id = ?2 AND deleted_at IS NULL",
                (profile.to_string(), id.to_string()),
            )?;
            if changed == 1 { Ok(()) } else { Err(StoreError::NotFound) }
        })
        .await
    }

    /// Puts a workflow away at a time, or brings it back.
    ///
    /// # Errors
    /// `NotFound` when this profile has no such workflow.
    pub async fn put_workflow_away(
        &self,
        profile: ProfileId,
        id: WorkflowId,
        deleted_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.write(move |transaction| {
            let changed = transaction.execute(
                "UPDATE workflows SET deleted_at = ?3 WHERE profile_id = ?1 AND id = ?2",
                (profile.to_string(), id.to_string(), deleted_at.map(millis)),
            )?;
            if changed == 1 { Ok(()) } else { Err(StoreError::NotFound) }
        })
        .await
    }
}

/// Fails unless the workflow is one of the profile's and was not put away.
pub(crate) fn belongs(database: &Database, profile: ProfileId, id: WorkflowId) -> Result<(), StoreError> {
    let mut statement = database
        .prepare_cached("SELECT 1 FROM workflows WHERE profile_id = ?1 AND id = ?2 AND deleted_at IS NULL")?;
    if statement.exists((profile.to_string(), id.to_string()))? { Ok(()) } else { Err(StoreError::NotFound) }
}

/// The last number that was used, if the workflow stands at `version`.
fn standing_at(
    transaction: &Transaction<'_>,
    profile: ProfileId,
    id: WorkflowId,
    version: u32,
) -> Result<Option<u32>, StoreError> {
    let mut statement = transaction.prepare_cached(
        "SELECT version, last_number FROM workflows
         WHERE profile_id = ?1 AND id = ?2 AND deleted_at IS NULL",
    )?;
    let row = one(&mut statement, (profile.to_string(), id.to_string()), |row| {
        Ok((row.get::<_, u32>(0)?, row.get::<_, u32>(1)?))
    })?;
    let (stands_at, last) = row.ok_or(StoreError::NotFound)?;
    Ok((stands_at == version).then_some(last))
}

fn version_text(database: &Database, id: WorkflowId, number: u32) -> Result<VersionText, StoreError> {
    let mut statement = database.prepare_cached(
        "SELECT text, is_readable FROM workflow_versions WHERE workflow_id = ?1 AND number = ?2",
    )?;
    let row = one(&mut statement, (id.to_string(), number), |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?))
    })?;
    let (text, is_readable) = row.ok_or(StoreError::NotFound)?;
    if is_readable {
        return Ok(VersionText { text, readable_text: None });
    }
    let mut statement = database.prepare_cached(
        "SELECT text FROM workflow_versions WHERE workflow_id = ?1 AND number < ?2 AND is_readable = 1
         ORDER BY number DESC LIMIT 1",
    )?;
    let readable_text = one(&mut statement, (id.to_string(), number), |row| Ok(row.get(0)?))?;
    Ok(VersionText { text, readable_text })
}

fn insert_version(
    transaction: &Transaction<'_>,
    id: WorkflowId,
    number: u32,
    version: &NewVersion,
) -> Result<(), StoreError> {
    let renames = serde_json::to_string(&version.renames).map_err(|_| StoreError::Unreadable("renames"))?;
    transaction
        .prepare_cached(
            "INSERT INTO workflow_versions (workflow_id, number, words, is_readable, renames, bytes, text)
             VALUES (:workflow_id, :number, :words, :is_readable, :renames, :bytes, :text)",
        )?
        .execute(named_params! {
            ":workflow_id": id.to_string(),
            ":number": number,
            ":words": version.words,
            ":is_readable": version.reading.is_some(),
            ":renames": renames,
            ":bytes": i64::try_from(version.text.len()).unwrap_or(i64::MAX),
            ":text": version.text,
        })?;
    Ok(())
}

/// The workflow stands at a version from now on. What was read of an earlier one stays where this one cannot be
/// read.
fn stand_at(
    transaction: &Transaction<'_>,
    id: WorkflowId,
    version: u32,
    reading: Option<&Reading>,
    errors: u32,
    now: Timestamp,
) -> Result<(), StoreError> {
    let id = id.to_string();
    transaction
        .prepare_cached("UPDATE workflows SET version = ?2, errors = ?3, updated_at = ?4 WHERE id = ?1")?
        .execute((&id, version, errors, millis(now)))?;
    let Some(reading) = reading else { return Ok(()) };
    let search_text = format!("{} {}", reading.name, reading.search_words).to_lowercase();
    transaction
        .prepare_cached("UPDATE workflows SET name = ?2, tasks = ?3, search_text = ?4 WHERE id = ?1")?
        .execute((&id, &reading.name, reading.tasks, search_text))?;
    transaction.prepare_cached("DELETE FROM workflow_calls WHERE workflow_id = ?1")?.execute([&id])?;
    let mut insert = transaction.prepare_cached(
        "INSERT INTO workflow_calls (workflow_id, position, path, task, connector, role)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for (position, call) in (0_u32..).zip(&reading.calls) {
        let WorkflowCall { path, task, connector, role } = call;
        insert.execute((&id, position, path.as_str(), task, connector.as_str(), role))?;
    }
    Ok(())
}

/// The version it stands at and one to undo to are always kept.
fn forget_far_versions(transaction: &Transaction<'_>, id: WorkflowId) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "DELETE FROM workflow_versions WHERE workflow_id = ?1 AND number IN
                 (SELECT number FROM
                     (SELECT number, row_number() OVER newest AS place, sum(bytes) OVER newest AS total
                      FROM workflow_versions WHERE workflow_id = ?1
                      WINDOW newest AS (ORDER BY number DESC))
                  WHERE place > ?2 OR (total > ?3 AND place > 2))",
        )?
        .execute((id.to_string(), MOST_VERSIONS, MOST_BYTES))?;
    Ok(())
}

fn connectors_of(
    database: &Database,
    ids: &[String],
) -> Result<HashMap<WorkflowId, Vec<ConnectorSlug>>, StoreError> {
    let mut statement = database.prepare(&format!(
        "SELECT workflow_id, connector FROM workflow_calls WHERE workflow_id IN ({})
         GROUP BY workflow_id, connector ORDER BY min(position)",
        vec!["?"; ids.len()].join(", ")
    ))?;
    let read = |row: &Row<'_>| Ok((parsed(row, "workflow_id")?, row.get::<_, String>("connector")?.into()));
    let mut connectors = HashMap::<WorkflowId, Vec<ConnectorSlug>>::new();
    for (id, connector) in all(&mut statement, rusqlite::params_from_iter(ids), read)? {
        connectors.entry(id).or_default().push(connector);
    }
    Ok(connectors)
}
