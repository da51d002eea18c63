//! The tables `runs`, `run_entries` and `run_exchanges`: what was run, and what each task came to.

use std::collections::HashMap;

use jiff::Timestamp;
use patchbay_core::id::{ConnectionId, ConnectorSlug, InstanceId, ProfileId, RunId, WorkflowId};
use patchbay_core::workflow::outline::Pointer;
use patchbay_core::workflow::run::{RunState, TaskState};
use rusqlite::{Connection as Database, Row, Transaction, named_params};

use crate::columns::{all, millis, one, optional_parsed, optional_time, parsed, time};
use crate::{Store, StoreError};

/// Most runs of one workflow that are kept. The oldest go as new ones begin.
const MOST_RUNS: u32 = 200;

/// A run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRow {
    /// Its id.
    pub id: RunId,
    /// The workflow.
    pub workflow: WorkflowId,
    /// What that was called.
    pub name: String,
    /// Where it stands.
    pub state: RunState,
    /// The name of the lock that its process holds.
    pub owner: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How many executions of tasks have begun.
    pub tasks_begun: u32,
    /// How many have ended.
    pub tasks_ended: u32,
    /// Why it did not end well, as JSON for people.
    pub failure: Option<String>,
    /// The same as an error of the DSL, as JSON.
    pub error: Option<String>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunEnd {
    /// Not running.
    pub state: RunState,
    /// When.
    pub at: Timestamp,
    /// What came out, shortened.
    pub output: Option<String>,
    /// Why not well, as JSON for people.
    pub failure: Option<String>,
    /// The same as an error of the DSL, as JSON.
    pub error: Option<String>,
}

/// Which runs are listed.
#[derive(Debug, Clone, Default)]
pub struct RunFilter {
    /// Only those of this workflow.
    pub workflow: Option<WorkflowId>,
    /// Only those in this state.
    pub state: Option<RunState>,
    /// How many to leave out.
    pub offset: u32,
    /// How many at most.
    pub limit: u32,
}

/// A page of runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRows {
    /// The page, newest first.
    pub rows: Vec<RunRow>,
    /// How many match.
    pub matching: u32,
    /// How many of the profile's are in each state.
    pub by_state: Vec<(RunState, u32)>,
}

/// One execution of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRow {
    /// Its place in the run.
    pub number: u32,
    /// The execution it is inside of.
    pub parent: Option<u32>,
    /// The task.
    pub path: Pointer,
    /// Its name.
    pub task: String,
    /// What it came to.
    pub state: TaskState,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How often it was tried.
    pub attempts: u32,
    /// Its connector.
    pub connector: Option<ConnectorSlug>,
    /// As whom it ran.
    pub instance: Option<InstanceId>,
    /// Nango's id of that at the time.
    pub connection_id: Option<ConnectionId>,
    /// In a few words.
    pub summary: String,
    /// Whether that connection has to be reconnected.
    pub reconnect: bool,
    /// Why it failed, as JSON for people.
    pub failure: Option<String>,
}

/// What one execution was given, and gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryData {
    /// What it was given, as JSON, shortened.
    pub input: Option<String>,
    /// What it gave, likewise.
    pub output: Option<String>,
    /// Its error of the DSL, as JSON.
    pub error: Option<String>,
}

/// A request and its response, fit to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExchangeRow {
    /// When it was sent.
    pub at: Timestamp,
    /// `GET`.
    pub method: String,
    /// The address, without credentials.
    pub url: String,
    /// The response's status.
    pub status: Option<u16>,
    /// Milliseconds.
    pub took_ms: u64,
    /// Who answered with an error, or why nobody did.
    pub problem: Option<String>,
    /// The request's headers, redacted.
    pub request_headers: Vec<(String, String)>,
    /// The response's.
    pub response_headers: Vec<(String, String)>,
    /// The request's body, shortened.
    pub request_body: Option<String>,
    /// The response's.
    pub response_body: Option<String>,
}

/// What an execution begins with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntryGiven {
    /// Its input, as JSON, shortened.
    pub input: Option<String>,
    /// `context` and the variables around it, as a JSON object, shortened; nothing where there are none.
    pub variables: Option<String>,
}

/// What the last execution of a task began with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastGiven {
    /// To it.
    pub entry: EntryGiven,
    /// The input of its run, as JSON.
    pub run_input: String,
    /// When its run began.
    pub started_at: Timestamp,
}

/// A line to be added to a run's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogLine {
    /// An execution begins.
    Began(Box<EntryRow>, EntryGiven),
    /// A request was made.
    Exchanged {
        /// By which execution.
        entry: u32,
        /// What it came to, in a few words.
        summary: String,
        /// The request.
        exchange: Box<ExchangeRow>,
    },
    /// It will be tried again.
    Retrying {
        /// Which execution.
        entry: u32,
        /// How often it will have been tried then.
        attempts: u32,
    },
    /// An execution has ended.
    Ended(Box<EntryEnd>),
}

/// How an execution ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryEnd {
    /// Which.
    pub number: u32,
    /// Not running.
    pub state: TaskState,
    /// When.
    pub at: Timestamp,
    /// In a few words; nothing leaves what is there.
    pub summary: Option<String>,
    /// Whether its connection has to be reconnected.
    pub reconnect: bool,
    /// Why it failed, as JSON for people.
    pub failure: Option<String>,
    /// The same as an error of the DSL, as JSON.
    pub error: Option<String>,
    /// What it gave, as JSON, shortened.
    pub output: Option<String>,
}

const COLUMNS: &str = "id, workflow_id, name, state, owner, started_at, ended_at, tasks_begun, tasks_ended,
    failure, error";

const ENTRY_COLUMNS: &str =
    "e.number, e.parent, e.path, e.task, e.state, e.started_at, e.ended_at, e.attempts,
    e.connector, e.instance_id, e.connection_id, e.summary, e.reconnect, e.failure";

impl Store {
    /// Keeps a run that begins. The oldest of its workflow go, if there are too many.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn insert_run(&self, profile: ProfileId, run: RunRow, input: String) -> Result<(), StoreError> {
        self.write(move |transaction| {
            transaction
                .prepare_cached(
                    "INSERT INTO runs (id, profile_id, workflow_id, name, state, owner, started_at, input)
                     VALUES (:id, :profile_id, :workflow_id, :name, :state, :owner, :started_at, :input)",
                )?
                .execute(named_params! {
                    ":id": run.id.to_string(),
                    ":profile_id": profile.to_string(),
                    ":workflow_id": run.workflow.to_string(),
                    ":name": run.name,
                    ":state": run.state.as_str(),
                    ":owner": run.owner,
                    ":started_at": millis(run.started_at),
                    ":input": input,
                })?;
            transaction
                .prepare_cached(
                    "DELETE FROM runs WHERE state <> 'running' AND id IN
                         (SELECT id FROM runs WHERE profile_id = ?1 AND workflow_id = ?2
                          ORDER BY started_at DESC LIMIT -1 OFFSET ?3)",
                )?
                .execute((profile.to_string(), run.workflow.to_string(), MOST_RUNS))?;
            Ok(())
        })
        .await
    }

    /// Adds lines to a run's log, in their order, in one transaction.
    ///
    /// # Errors
    /// When the database cannot be written; then none is added.
    pub async fn append_log(&self, run: RunId, lines: Vec<LogLine>) -> Result<(), StoreError> {
        self.write_without_sync(move |transaction| {
            let run = run.to_string();
            let (mut begun, mut ended) = (0_u32, 0_u32);
            for line in &lines {
                match line {
                    LogLine::Began(entry, given) => {
                        begun += 1;
                        insert_entry(transaction, &run, entry, given)?;
                    }
                    LogLine::Exchanged { entry, summary, exchange } => {
                        insert_exchange(transaction, &run, *entry, summary, exchange)?;
                    }
                    LogLine::Retrying { entry, attempts } => {
                        transaction
                            .prepare_cached(
                                "UPDATE run_entries SET attempts = ?3 WHERE run_id = ?1 AND number = ?2",
                            )?
                            .execute((&run, entry, attempts))?;
                    }
                    LogLine::Ended(end) => {
                        ended += 1;
                        end_entry(transaction, &run, end)?;
                    }
                }
            }
            transaction
                .prepare_cached(
                    "UPDATE runs SET tasks_begun = tasks_begun + ?2, tasks_ended = tasks_ended + ?3
                     WHERE id = ?1",
                )?
                .execute((&run, begun, ended))?;
            Ok(())
        })
        .await
    }

    /// Ends a run, and with it what was still under way in it. One that has ended stays as it is.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn end_run(&self, run: RunId, end: RunEnd) -> Result<(), StoreError> {
        self.write(move |transaction| {
            let ended = transaction
                .prepare_cached(
                    "UPDATE runs SET state = ?2, ended_at = ?3, output = ?4, failure = ?5, error = ?6
                     WHERE id = ?1 AND state = 'running'",
                )?
                .execute((
                    run.to_string(),
                    end.state.as_str(),
                    millis(end.at),
                    end.output,
                    end.failure,
                    end.error,
                ))?;
            if ended == 1 {
                let state = match end.state {
                    RunState::Interrupted => TaskState::Interrupted,
                    _ => TaskState::Cancelled,
                };
                let open = transaction
                    .prepare_cached(
                        "UPDATE run_entries SET state = ?2, ended_at = ?3
                         WHERE run_id = ?1 AND state = 'running'",
                    )?
                    .execute((run.to_string(), state.as_str(), millis(end.at)))?;
                transaction
                    .prepare_cached("UPDATE runs SET tasks_ended = tasks_ended + ?2 WHERE id = ?1")?
                    .execute((run.to_string(), i64::try_from(open).unwrap_or(i64::MAX)))?;
            }
            Ok(())
        })
        .await
    }

    /// The runs of every profile that say they are under way, with the locks of their processes.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn running_runs(&self) -> Result<Vec<(RunId, String)>, StoreError> {
        self.read(|database| {
            let mut statement =
                database.prepare_cached("SELECT id, owner FROM runs WHERE state = 'running'")?;
            all(&mut statement, [], |row| Ok((parsed(row, "id")?, row.get("owner")?)))
        })
        .await
    }

    /// Runs of a profile, newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn runs(&self, profile: ProfileId, filter: RunFilter) -> Result<RunRows, StoreError> {
        self.read(move |database| {
            let mut condition = String::from("profile_id = ?1");
            let mut parameters = vec![profile.to_string()];
            if let Some(workflow) = filter.workflow {
                parameters.push(workflow.to_string());
                condition.push_str(&format!(" AND workflow_id = ?{}", parameters.len()));
            }
            if let Some(state) = filter.state {
                parameters.push(state.as_str().to_owned());
                condition.push_str(&format!(" AND state = ?{}", parameters.len()));
            }
            let matching = database
                .prepare_cached(&format!("SELECT count(*) FROM runs WHERE {condition}"))?
                .query_row(rusqlite::params_from_iter(&parameters), |row| row.get(0))?;
            let mut statement = database.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM runs WHERE {condition} ORDER BY started_at DESC, id LIMIT {} OFFSET {}",
                filter.limit, filter.offset
            ))?;
            let rows = all(&mut statement, rusqlite::params_from_iter(&parameters), read_run)?;
            let mut statement = database
                .prepare_cached("SELECT state, count(*) FROM runs WHERE profile_id = ?1 GROUP BY state")?;
            let by_state = all(&mut statement, [profile.to_string()], |row| {
                Ok((state(row)?, row.get(1)?))
            })?;
            Ok(RunRows { rows, matching, by_state })
        })
        .await
    }

    /// The last run of each of these workflows of a profile.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn last_runs(
        &self,
        profile: ProfileId,
        workflows: Vec<WorkflowId>,
    ) -> Result<HashMap<WorkflowId, RunRow>, StoreError> {
        self.read(move |database| {
            let mut statement = database.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM runs WHERE profile_id = ?1 AND workflow_id = ?2
                 ORDER BY started_at DESC, id LIMIT 1"
            ))?;
            let mut last = HashMap::new();
            for workflow in workflows {
                if let Some(run) = one(&mut statement, (profile.to_string(), workflow.to_string()), read_run)?
                {
                    last.insert(workflow, run);
                }
            }
            Ok(last)
        })
        .await
    }

    /// What the last run of a profile's workflow was given.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn last_input(
        &self,
        profile: ProfileId,
        workflow: WorkflowId,
    ) -> Result<Option<String>, StoreError> {
        self.read(move |database| {
            let mut statement = database.prepare_cached(
                "SELECT input FROM runs WHERE profile_id = ?1 AND workflow_id = ?2
                 ORDER BY started_at DESC, id LIMIT 1",
            )?;
            one(&mut statement, (profile.to_string(), workflow.to_string()), |row| Ok(row.get(0)?))
        })
        .await
    }

    /// One run of a profile with its input and output.
    ///
    /// # Errors
    /// `NotFound` when this profile has none of that id.
    pub async fn run(
        &self,
        profile: ProfileId,
        id: RunId,
    ) -> Result<(RunRow, String, Option<String>), StoreError> {
        self.read(move |database| {
            let mut statement = database.prepare_cached(&format!(
                "SELECT {COLUMNS}, input, output FROM runs WHERE profile_id = ?1 AND id = ?2"
            ))?;
            let read = |row: &Row<'_>| Ok((read_run(row)?, row.get("input")?, row.get("output")?));
            one(&mut statement, (profile.to_string(), id.to_string()), read)?.ok_or(StoreError::NotFound)
        })
        .await
    }

    /// The first executions of a profile's run, in the order they began, and how many there are.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn run_entries(
        &self,
        profile: ProfileId,
        run: RunId,
        limit: u32,
    ) -> Result<(Vec<EntryRow>, u32), StoreError> {
        self.read(move |database| {
            let key = (profile.to_string(), run.to_string());
            let mut statement = database.prepare_cached(&format!(
                "SELECT {ENTRY_COLUMNS} FROM run_entries AS e JOIN runs AS r ON r.id = e.run_id
                 WHERE r.profile_id = ?1 AND r.id = ?2 ORDER BY e.number LIMIT {limit}"
            ))?;
            let rows = all(&mut statement, (&key.0, &key.1), read_entry)?;
            let total = database
                .prepare_cached(
                    "SELECT count(*) FROM run_entries AS e JOIN runs AS r ON r.id = e.run_id
                     WHERE r.profile_id = ?1 AND r.id = ?2",
                )?
                .query_row((&key.0, &key.1), |row| row.get(0))?;
            Ok((rows, total))
        })
        .await
    }

    /// One execution of a profile's run, what it saw, and its requests, oldest first.
    ///
    /// # Errors
    /// `NotFound` when there is none.
    pub async fn run_entry(
        &self,
        profile: ProfileId,
        run: RunId,
        number: u32,
    ) -> Result<(EntryRow, EntryData, Vec<ExchangeRow>), StoreError> {
        self.read(move |database| {
            let mut statement = database.prepare_cached(&format!(
                "SELECT {ENTRY_COLUMNS}, e.input, e.output, e.error
                 FROM run_entries AS e JOIN runs AS r ON r.id = e.run_id
                 WHERE r.profile_id = ?1 AND r.id = ?2 AND e.number = ?3"
            ))?;
            let read = |row: &Row<'_>| {
                let data = EntryData {
                    input: row.get("input")?,
                    output: row.get("output")?,
                    error: row.get("error")?,
                };
                Ok((read_entry(row)?, data))
            };
            let found = one(&mut statement, (profile.to_string(), run.to_string(), number), read)?;
            let (entry, data) = found.ok_or(StoreError::NotFound)?;
            Ok((entry, data, exchanges(database, run, number)?))
        })
        .await
    }

    /// What the last execution of a task of a profile's workflow was given.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn last_entry_input(
        &self,
        profile: ProfileId,
        workflow: WorkflowId,
        path: Pointer,
    ) -> Result<Option<LastGiven>, StoreError> {
        self.read(move |database| {
            let mut statement = database.prepare_cached(
                "SELECT e.input, e.variables, r.input AS run_input, r.started_at
                 FROM runs AS r JOIN run_entries AS e ON e.run_id = r.id AND e.path = ?3
                 WHERE r.profile_id = ?1 AND r.workflow_id = ?2
                 ORDER BY r.started_at DESC, e.number DESC LIMIT 1",
            )?;
            let key = (profile.to_string(), workflow.to_string(), path.as_str());
            one(&mut statement, key, |row| {
                Ok(LastGiven {
                    entry: EntryGiven { input: row.get("input")?, variables: row.get("variables")? },
                    run_input: row.get("run_input")?,
                    started_at: time(row, "started_at")?,
                })
            })
        })
        .await
    }

    /// Notes that a connection of a profile was used.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn mark_used(
        &self,
        profile: ProfileId,
        instance: InstanceId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(move |transaction| {
            transaction
                .prepare_cached(
                    "UPDATE connections SET last_used_at = ?3 WHERE profile_id = ?1 AND instance_id = ?2",
                )?
                .execute((profile.to_string(), instance.to_string(), millis(at)))?;
            Ok(())
        })
        .await
    }
}

fn exchanges(database: &Database, run: RunId, entry: u32) -> Result<Vec<ExchangeRow>, StoreError> {
    let mut statement = database
        .prepare_cached("SELECT * FROM run_exchanges WHERE run_id = ?1 AND entry = ?2 ORDER BY id")?;
    all(&mut statement, (run.to_string(), entry), |row| {
        Ok(ExchangeRow {
            at: time(row, "at")?,
            method: row.get("method")?,
            url: row.get("url")?,
            status: row.get("status")?,
            took_ms: u64::try_from(row.get::<_, i64>("took_ms")?)
                .map_err(|_| StoreError::Unreadable("took_ms"))?,
            problem: row.get("problem")?,
            request_headers: headers(row, "request_headers")?,
            response_headers: headers(row, "response_headers")?,
            request_body: row.get("request_body")?,
            response_body: row.get("response_body")?,
        })
    })
}

fn insert_entry(
    transaction: &Transaction<'_>,
    run: &str,
    entry: &EntryRow,
    given: &EntryGiven,
) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "INSERT INTO run_entries (run_id, number, parent, path, task, state, started_at, attempts,
                 connector, instance_id, connection_id, summary, input, variables)
             VALUES (:run_id, :number, :parent, :path, :task, :state, :started_at, :attempts,
                 :connector, :instance_id, :connection_id, :summary, :input, :variables)",
        )?
        .execute(named_params! {
            ":run_id": run,
            ":number": entry.number,
            ":parent": entry.parent,
            ":path": entry.path.as_str(),
            ":task": entry.task,
            ":state": entry.state.as_str(),
            ":started_at": millis(entry.started_at),
            ":attempts": entry.attempts,
            ":connector": entry.connector.as_ref().map(ConnectorSlug::as_str),
            ":instance_id": entry.instance.map(|instance| instance.to_string()),
            ":connection_id": entry.connection_id.as_ref().map(ConnectionId::as_str),
            ":summary": entry.summary,
            ":input": given.input,
            ":variables": given.variables,
        })?;
    Ok(())
}

fn insert_exchange(
    transaction: &Transaction<'_>,
    run: &str,
    entry: u32,
    summary: &str,
    exchange: &ExchangeRow,
) -> Result<(), StoreError> {
    let json = |headers: &Vec<(String, String)>| {
        serde_json::to_string(headers).map_err(|_| StoreError::Unreadable("headers"))
    };
    transaction
        .prepare_cached(
            "INSERT INTO run_exchanges (run_id, entry, at, method, url, status, took_ms, problem,
                 request_headers, response_headers, request_body, response_body)
             VALUES (:run_id, :entry, :at, :method, :url, :status, :took_ms, :problem,
                 :request_headers, :response_headers, :request_body, :response_body)",
        )?
        .execute(named_params! {
            ":run_id": run,
            ":entry": entry,
            ":at": millis(exchange.at),
            ":method": exchange.method,
            ":url": exchange.url,
            ":status": exchange.status,
            ":took_ms": i64::try_from(exchange.took_ms).unwrap_or(i64::MAX),
            ":problem": exchange.problem,
            ":request_headers": json(&exchange.request_headers)?,
            ":response_headers": json(&exchange.response_headers)?,
            ":request_body": exchange.request_body,
            ":response_body": exchange.response_body,
        })?;
    transaction
        .prepare_cached("UPDATE run_entries SET summary = ?3 WHERE run_id = ?1 AND number = ?2")?
        .execute((run, entry, summary))?;
    Ok(())
}

fn end_entry(transaction: &Transaction<'_>, run: &str, end: &EntryEnd) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "UPDATE run_entries SET state = :state, ended_at = :ended_at,
                 summary = coalesce(:summary, summary), reconnect = :reconnect, failure = :failure,
                 error = :error, output = :output
             WHERE run_id = :run_id AND number = :number",
        )?
        .execute(named_params! {
            ":run_id": run,
            ":number": end.number,
            ":state": end.state.as_str(),
            ":ended_at": millis(end.at),
            ":summary": end.summary,
            ":reconnect": end.reconnect,
            ":failure": end.failure,
            ":error": end.error,
            ":output": end.output,
        })?;
    Ok(())
}

fn read_run(row: &Row<'_>) -> Result<RunRow, StoreError> {
    Ok(RunRow {
        id: parsed(row, "id")?,
        workflow: parsed(row, "workflow_id")?,
        name: row.get("name")?,
        state: state(row)?,
        owner: row.get("owner")?,
        started_at: time(row, "started_at")?,
        ended_at: optional_time(row, "ended_at")?,
        tasks_begun: row.get("tasks_begun")?,
        tasks_ended: row.get("tasks_ended")?,
        failure: row.get("failure")?,
        error: row.get("error")?,
    })
}

fn state(row: &Row<'_>) -> Result<RunState, StoreError> {
    RunState::from_name(&row.get::<_, String>("state")?).ok_or(StoreError::Unreadable("state"))
}

fn read_entry(row: &Row<'_>) -> Result<EntryRow, StoreError> {
    Ok(EntryRow {
        number: row.get("number")?,
        parent: row.get("parent")?,
        path: row.get::<_, String>("path")?.into(),
        task: row.get("task")?,
        state: TaskState::from_name(&row.get::<_, String>("state")?)
            .ok_or(StoreError::Unreadable("state"))?,
        started_at: time(row, "started_at")?,
        ended_at: optional_time(row, "ended_at")?,
        attempts: row.get("attempts")?,
        connector: row.get::<_, Option<String>>("connector")?.map(Into::into),
        instance: optional_parsed(row, "instance_id")?,
        connection_id: row.get::<_, Option<String>>("connection_id")?.map(Into::into),
        summary: row.get("summary")?,
        reconnect: row.get("reconnect")?,
        failure: row.get("failure")?,
    })
}

fn headers(row: &Row<'_>, column: &'static str) -> Result<Vec<(String, String)>, StoreError> {
    serde_json::from_str(&row.get::<_, String>(column)?).map_err(|_| StoreError::Unreadable(column))
}
