//! The log of a run: what happened is saved before a task acts on it.
//!
//! Lines are written in the order they come, many at a time: while one transaction is under way those of other
//! branches gather, and go into the next. Only the begin of a task that calls somebody waits until it is safe;
//! everything that came before is safe then too.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use patchbay_core::connection::Connection;
use patchbay_core::id::{ConnectorSlug, RunId};
use patchbay_core::workflow::outline::Pointer;
use patchbay_core::workflow::run::TaskState;
use patchbay_ipc::{Failure, Topic};
use patchbay_runner::{Data, EntryBegan, EntryEnded, Exchange, NotSaved, Retrying, RunLog};
use patchbay_store::{EntryEnd, EntryGiven, EntryRow, ExchangeRow, LogLine};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::failure::runs as words;
use crate::redact::{self, LONGEST_DATA};
use crate::{Engine, failure};

/// Most lines that wait to be written; whoever brings more waits.
const MOST_WAITING: usize = 1024;

/// How often the window is told that a run has come further.
const PROGRESS: Duration = Duration::from_millis(250);

/// As whom the connectors' tasks of a run act.
pub(crate) type Cast = HashMap<Pointer, Role>;

/// As whom one task acts.
pub(crate) struct Role {
    pub(crate) connector: ConnectorSlug,
    pub(crate) connector_name: String,
    pub(crate) connection: Connection,
}

/// Why an execution failed, for people.
#[derive(Debug, Clone)]
pub(crate) struct Failed {
    pub(crate) task: String,
    pub(crate) failure: Failure,
}

/// What is to be written, and who waits for it.
struct Line {
    line: LogLine,
    written: Option<oneshot::Sender<Result<(), NotSaved>>>,
}

/// Takes what happens in a run.
pub(crate) struct Log {
    now: fn() -> Timestamp,
    cast: Arc<Cast>,
    /// Tasks that call somebody.
    acting: HashSet<Pointer>,
    lines: mpsc::Sender<Line>,
    open: Mutex<HashMap<u32, Open>>,
    failed: Failures,
}

/// The executions that failed, by their numbers.
pub(crate) type Failures = Arc<Mutex<HashMap<u32, Failed>>>;

/// An execution under way.
struct Open {
    parent: Option<u32>,
    path: Pointer,
    task: String,
    /// What its last call came to.
    answered: Option<words::Answered>,
    /// One inside of it failed.
    inner: Option<Failure>,
}

/// Writes what a [`Log`] takes.
pub(crate) struct Writer {
    engine: Engine,
    run: RunId,
    lines: mpsc::Receiver<Line>,
}

/// The two halves of a run's log.
pub(crate) fn open(engine: &Engine, run: RunId, cast: Arc<Cast>, acting: HashSet<Pointer>) -> (Log, Writer) {
    let (sender, lines) = mpsc::channel(MOST_WAITING);
    let log = Log {
        now: engine.0.now,
        cast,
        acting,
        lines: sender,
        open: Mutex::default(),
        failed: Arc::default(),
    };
    (log, Writer { engine: engine.clone(), run, lines })
}

impl Writer {
    /// Writes until the log is gone and everything it took is safe.
    pub(crate) async fn write(mut self) {
        let mut taken = Vec::new();
        let mut told_at = Instant::now();
        let mut is_telling_due = false;
        loop {
            let telling = tokio::time::sleep_until(told_at + PROGRESS);
            tokio::select! {
                count = self.lines.recv_many(&mut taken, MOST_WAITING) => {
                    if count == 0 {
                        return;
                    }
                    self.write_all(&mut taken).await;
                    is_telling_due = true;
                }
                () = telling, if is_telling_due => {
                    self.engine.stale([Topic::Run(self.run), Topic::Runs]);
                    told_at = Instant::now();
                    is_telling_due = false;
                }
            }
        }
    }

    async fn write_all(&self, taken: &mut Vec<Line>) {
        let (lines, waiting): (Vec<_>, Vec<_>) =
            taken.drain(..).map(|line| (line.line, line.written)).unzip();
        let result = self.engine.0.store.append_log(self.run, lines).await;
        let result = result.map_err(|error| {
            tracing::warn!(run = %self.run, ?error, "the log of a run could not be written");
            NotSaved(failure::of(&error.into()).message)
        });
        for waiting in waiting.into_iter().flatten() {
            drop(waiting.send(result.clone()));
        }
    }
}

impl Log {
    /// Where the reasons of failed executions are found when the run has ended.
    pub(crate) fn failures(&self) -> Failures {
        Arc::clone(&self.failed)
    }

    async fn write(&self, line: LogLine) -> Result<(), NotSaved> {
        self.send(Line { line, written: None }).await
    }

    async fn write_safely(&self, line: LogLine) -> Result<(), NotSaved> {
        let (written, is_written) = oneshot::channel();
        self.send(Line { line, written: Some(written) }).await?;
        is_written.await.unwrap_or_else(|_| Err(stopped()))
    }

    async fn send(&self, line: Line) -> Result<(), NotSaved> {
        self.lines.send(line).await.map_err(|_| stopped())
    }

    fn open(&self) -> std::sync::MutexGuard<'_, HashMap<u32, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn stopped() -> NotSaved {
    NotSaved("Patchbay is ending.".to_owned())
}

#[async_trait]
impl RunLog for Log {
    async fn began(&self, entry: EntryBegan) -> Result<(), NotSaved> {
        let EntryBegan { number, parent, path, name, input, variables } = entry;
        let role = self.cast.get(&path);
        let row = EntryRow {
            number,
            parent,
            path: path.clone(),
            task: name.to_string(),
            state: TaskState::Running,
            started_at: (self.now)(),
            ended_at: None,
            attempts: 1,
            connector: role.map(|role| role.connector.clone()),
            instance: role.map(|role| role.connection.instance),
            connection_id: role.map(|role| role.connection.connection_id.clone()),
            summary: String::new(),
            reconnect: false,
            failure: None,
        };
        let acts = self.acting.contains(&path);
        let task = name.to_string();
        self.open().insert(number, Open { parent, path, task, answered: None, inner: None });
        let shown = |data: &Data| redact::text(&data.text(LONGEST_DATA));
        let given = EntryGiven { input: Some(shown(&input)), variables: variables.as_ref().map(shown) };
        let line = LogLine::Began(Box::new(row), given);
        if acts { self.write_safely(line).await } else { self.write(line).await }
    }

    async fn exchanged(&self, number: u32, exchange: Exchange) -> Result<(), NotSaved> {
        let answered = words::Answered::of(&exchange.answer);
        let (row, summary) = {
            let mut open = self.open();
            let entry = open.get_mut(&number);
            let role = entry.as_ref().and_then(|entry| self.cast.get(&entry.path));
            let name = role.map_or_else(
                || exchange.call.url.host_str().unwrap_or_default().to_owned(),
                |role| role.connector_name.clone(),
            );
            let row = row(&exchange, role, words::exchange_problem(&answered, &name));
            let summary = words::exchanged(&exchange.call.method, &row.url, &answered);
            if let Some(entry) = entry {
                entry.answered = Some(answered);
            }
            (row, summary)
        };
        self.write(LogLine::Exchanged { entry: number, summary, exchange: Box::new(row) }).await
    }

    async fn retrying(&self, number: u32, retrying: Retrying) -> Result<(), NotSaved> {
        self.write(LogLine::Retrying { entry: number, attempts: retrying.failed.saturating_add(1) }).await
    }

    async fn ended(&self, entry: EntryEnded) -> Result<(), NotSaved> {
        let EntryEnded { number, state, output, error } = entry;
        let open = self.open().remove(&number);
        let output = output.map(|output| output.text(LONGEST_DATA));
        let mut reconnect = false;
        let mut failure = None;
        let mut summary = None;
        if let Some(open) = &open {
            if let Some(error) = &error {
                let role = self.cast.get(&open.path);
                let is_own = error.instance == open.path.as_str() || open.inner.is_none();
                let said = match &open.inner {
                    Some(inner) if !is_own => inner.clone(),
                    _ => {
                        let (said, of_connection) = words::of_task(error, open.answered.as_ref(), role);
                        reconnect = of_connection && role.is_some();
                        said
                    }
                };
                self.tell(number, open, &said);
                failure = Some(said);
            }
            if open.answered.is_none() {
                summary = words::ended(state, open.inner.is_some(), output.as_deref(), error.as_ref());
            }
        }
        let end = EntryEnd {
            number,
            state,
            at: (self.now)(),
            summary,
            reconnect,
            failure: failure.and_then(|failure| serde_json::to_string(&failure).ok()),
            error: error.map(words::kept_error).and_then(|error| serde_json::to_string(&error).ok()),
            output: output.as_deref().map(redact::text),
        };
        self.write(LogLine::Ended(Box::new(end))).await
    }
}

impl Log {
    /// Tells the execution around a failed one, and whoever asks when the run has ended.
    fn tell(&self, number: u32, entry: &Open, failure: &Failure) {
        if let Some(parent) = entry.parent
            && let Some(parent) = self.open().get_mut(&parent)
        {
            parent.inner = Some(failure.clone());
        }
        let failed = Failed { task: entry.task.clone(), failure: failure.clone() };
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).insert(number, failed);
    }
}

/// An exchange as it is kept. Of a connector's task it says which connection was really used.
fn row(exchange: &Exchange, role: Option<&Role>, problem: Option<String>) -> ExchangeRow {
    let call = &exchange.call;
    let type_of = |headers: &[(String, String)]| {
        let found = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        found.map(|(_, value)| value.to_ascii_lowercase())
    };
    let mut request_headers = redact::headers(&call.headers);
    if let Some(Role { connection, .. }) = role {
        for (name, value) in &mut request_headers {
            if name.eq_ignore_ascii_case("connection-id") {
                *value = connection.connection_id.to_string();
            } else if name.eq_ignore_ascii_case("provider-config-key") {
                *value = connection.integration.to_string();
            }
        }
    }
    let body = call.body.as_deref().unwrap_or_default();
    let answer = exchange.answer.as_ref().ok();
    ExchangeRow {
        at: exchange.at,
        method: call.method.clone(),
        url: redact::url(&call.url),
        status: answer.map(|answer| answer.status),
        took_ms: u64::try_from(exchange.took.as_millis()).unwrap_or(u64::MAX),
        problem,
        request_body: redact::body(body, false, type_of(&call.headers).as_deref()),
        request_headers,
        response_headers: answer.map(|answer| redact::headers(&answer.headers)).unwrap_or_default(),
        response_body: answer.and_then(|answer| {
            redact::body(&answer.body, answer.truncated, type_of(&answer.headers).as_deref())
        }),
    }
}
