//! Runs: what stands in the way of one, its begin and its end, the list, the log, two beside each other.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use patchbay_core::id::{InstanceId, ProfileId, RunId, WorkflowId};
use patchbay_core::profile::Profile;
use patchbay_core::workflow::binding::Binding;
use patchbay_core::workflow::outline::{Outline, Pointer, TaskKind};
use patchbay_core::workflow::run::RunState;
use patchbay_ipc::{
    CastingView, CompareRuns, ComparisonLine, ConnectionView, ExchangeView, Failure, GetRunEntry, ListRuns,
    RunComparison, RunEntryDetails, RunEntryView, RunPage, RunPlan, RunSummary, RunView, StartRun, Topic,
};
use patchbay_runner::{Data, Host, Limits, Outcome, Program};
use patchbay_store::{EntryRow, ExchangeRow, RunEnd, RunFilter, RunRow, StoreError};
use patchbay_texts::t;
use patchbay_workflow::Document;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::error::EngineError;
use crate::failure::{runs as words, workflows};
use crate::nango_caller::NangoCaller;
use crate::profiles::Nango;
use crate::redact::{self, LONGEST_DATA};
use crate::run_log::{self, Cast, Failures, Role};
use crate::workflows::{Read, every_task};
use crate::{Engine, failure};

/// Most runs in one answer.
const LONGEST_PAGE: u32 = 200;

/// Most executions of tasks in one answer.
const MOST_ENTRIES: u32 = 2000;

/// Longest input, in bytes of JSON.
const LONGEST_INPUT: usize = 1024 * 1024;

/// How long a cancel waits for the run to have ended.
const CANCELLING: Duration = Duration::from_secs(1);

/// The runs of this process.
#[derive(Default)]
pub(crate) struct Running(Mutex<HashMap<RunId, Handle>>);

#[derive(Clone)]
struct Handle {
    cancel: CancellationToken,
    ended: CancellationToken,
}

impl Running {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<RunId, Handle>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A run that may begin.
pub(crate) struct Prepared {
    pub(crate) workflow: WorkflowId,
    pub(crate) name: String,
    pub(crate) program: Program,
    pub(crate) outline: Outline,
    /// As whom each connector's task runs.
    pub(crate) cast: Cast,
    /// Connection ids by roles, and by the names of tasks that run as another.
    pub(crate) connections: Map<String, Value>,
    pub(crate) overrides: HashMap<String, String>,
    /// Whether tasks were cast, so that there has to be a way to Nango.
    pub(crate) needs_nango: bool,
}

impl Engine {
    /// As whom each task would run, and what stands in the way.
    pub(crate) async fn plan_run(&self, workflow: WorkflowId) -> Result<RunPlan, EngineError> {
        let profile = self.require_profile().await?;
        let stored = self.0.store.workflow(profile.id, workflow).await?;
        let castings = self.castings(profile.id, workflow).await?;
        let text = stored.text;
        let obstacles =
            self.reading_text(move |catalog| of_document(&Document::parse(text), catalog)).await?;
        let obstacles = obstacles.err().into_iter().chain(self.in_the_way(&profile, &castings));
        Ok(RunPlan {
            name: stored.name,
            obstacles: obstacles.collect(),
            castings,
            last_input: self.last_input(profile.id, workflow).await?,
        })
    }

    async fn last_input(&self, profile: ProfileId, workflow: WorkflowId) -> Result<String, EngineError> {
        let last = self.0.store.last_input(profile, workflow).await?;
        Ok(last.unwrap_or_else(|| "{}".to_owned()))
    }

    /// What stands in the way besides the document.
    fn in_the_way(&self, profile: &Profile, castings: &[CastingView]) -> Vec<String> {
        let mut obstacles = workflows::obstacles(castings);
        if !profile.enabled {
            let by_environment = self.0.overrides.enabled == Some(false);
            obstacles.push(failure::of(&EngineError::Disabled { by_environment }).message);
        }
        obstacles
    }

    /// Begins a run of a workflow as it stands.
    pub(crate) async fn start_run(&self, request: StartRun) -> Result<RunView, EngineError> {
        let profile = self.require_profile().await?;
        let stored = self.0.store.workflow(profile.id, request.workflow).await?;
        let bindings = self.0.store.bindings(profile.id, request.workflow).await?;
        let (name, text) = (stored.name, stored.text);
        let prepared = self.prepare(&profile, request.workflow, name, text, bindings, Vec::new()).await?;
        let run = self.begin(&profile, prepared, &request.input, None).await?;
        self.get_run(run).await
    }

    /// Gets a document ready, or says what stands in the way. `roles` are as in [`Engine::run_as`].
    pub(crate) async fn prepare(
        &self,
        profile: &Profile,
        workflow: WorkflowId,
        name: String,
        text: String,
        bindings: Vec<Binding>,
        roles: Vec<(String, String)>,
    ) -> Result<Prepared, EngineError> {
        let compiled = self.reading_text(move |catalog| of_document(&Document::parse(text), catalog)).await?;
        let (program, outline) = compiled.map_err(|obstacle| EngineError::CannotRun(vec![obstacle]))?;
        let bindings = self.bound_as(profile.id, &outline, bindings, roles).await?;
        let rows = self.cast(profile.id, &outline, &bindings).await?;
        let obstacles = self.in_the_way(profile, &self.casting_views(rows.clone()));
        if !obstacles.is_empty() {
            return Err(EngineError::CannotRun(obstacles));
        }
        let (mut cast, mut connections, mut overrides) = (Cast::new(), Map::new(), HashMap::new());
        for row in rows {
            // Whatever is not there was in the way.
            let Some(connection) = row.connection else { continue };
            let id = connection.connection_id.to_string();
            if row.is_override {
                overrides.insert(row.task, id);
            } else {
                connections.insert(row.role, id.into());
            }
            let connector_name = self.badge(&row.connector).name;
            cast.insert(row.path, Role { connector: row.connector, connector_name, connection });
        }
        let needs_nango = !cast.is_empty();
        Ok(Prepared { workflow, name, program, outline, cast, connections, overrides, needs_nango })
    }

    /// Keeps a run and lets it go. `whole` is told what comes out, which is kept shortened.
    pub(crate) async fn begin(
        &self,
        profile: &Profile,
        prepared: Prepared,
        input: &str,
        whole: Option<oneshot::Sender<Value>>,
    ) -> Result<RunId, EngineError> {
        let given = parse_input(input)?;
        let nango = match self.nango_of(profile.id).await {
            Ok(nango) => Some(nango),
            Err(error) if prepared.needs_nango => return Err(error),
            Err(_) => None,
        };
        let run = RunId::from(Uuid::new_v4());
        let owner = self.0.owner.name().map_err(EngineError::Owner)?;
        let row = RunRow {
            id: run,
            workflow: prepared.workflow,
            name: prepared.name.clone(),
            state: RunState::Running,
            owner,
            started_at: self.now(),
            ended_at: None,
            tasks_begun: 0,
            tasks_ended: 0,
            failure: None,
            error: None,
        };
        let kept = redact::without_secrets(Value::Object(given.clone())).to_string();
        let caller = NangoCaller::new(self, nango.clone(), Arc::new(prepared.cast))?;
        self.0.store.insert_run(profile.id, row, kept).await?;
        let handle = Handle { cancel: CancellationToken::new(), ended: CancellationToken::new() };
        self.0.running.lock().insert(run, handle.clone());
        self.run_changed(run, prepared.workflow);
        let input = full_input(given, prepared.connections, nango.as_ref());
        let execution = Execution {
            run,
            workflow: prepared.workflow,
            program: prepared.program,
            outline: prepared.outline,
            overrides: prepared.overrides,
            caller,
            whole,
        };
        self.spawn({
            let engine = self.clone();
            async move {
                engine.execute(execution, input, handle.cancel).await;
                engine.0.running.lock().remove(&run);
                handle.ended.cancel();
            }
        });
        Ok(run)
    }

    async fn execute(&self, execution: Execution, input: Value, cancel: CancellationToken) {
        let Execution { run, workflow, program, outline, overrides, caller, whole } = execution;
        let (log, writer) = run_log::open(self, run, caller.cast(), acting(&outline));
        let failures = log.failures();
        let host = Host {
            caller: Arc::new(caller),
            log: Arc::new(log),
            now: self.0.now,
            limits: Limits::default(),
            overrides,
        };
        let running = async {
            let outcome = patchbay_runner::run(&program, input, &host, cancel).await;
            // With the log goes the writer, once everything is safe.
            drop(host);
            outcome
        };
        let (outcome, ()) = tokio::join!(running, writer.write());
        if let (Outcome::Completed(output), Some(whole)) = (&outcome, whole) {
            // Whoever asked may have gone.
            drop(whole.send(output.clone()));
        }
        let end = self.end_of(outcome, &failures);
        if let Err(error) = self.0.store.end_run(run, end).await {
            tracing::warn!(%run, ?error, "the end of a run could not be kept");
            self.notice_failure(failure::of(&error.into()));
        }
        self.run_changed(run, workflow);
    }

    fn end_of(&self, outcome: Outcome, failures: &Failures) -> RunEnd {
        let json = |failure: &Failure| serde_json::to_string(failure).ok();
        let at = self.now();
        let end = |state| RunEnd { state, at, output: None, failure: None, error: None };
        match outcome {
            Outcome::Completed(output) => RunEnd {
                output: Some(redact::text(&Data::from(&output).text(LONGEST_DATA))),
                ..end(RunState::Completed)
            },
            Outcome::Cancelled => RunEnd {
                failure: words::of_state(RunState::Cancelled).as_ref().and_then(json),
                ..end(RunState::Cancelled)
            },
            Outcome::Faulted(fault) => {
                let failures = failures.lock().unwrap_or_else(PoisonError::into_inner);
                let failure = match fault.entry.and_then(|entry| failures.get(&entry)) {
                    Some(failed) => words::of_run(&failed.task, &failed.failure),
                    None => words::of_error(&fault.error),
                };
                RunEnd {
                    failure: json(&failure),
                    error: serde_json::to_string(&words::kept_error(fault.error)).ok(),
                    ..end(RunState::Faulted)
                }
            }
        }
    }

    /// Stops a run, and waits a moment for it to have ended.
    pub(crate) async fn cancel_run(&self, run: RunId) -> Result<RunView, EngineError> {
        let before = self.get_run(run).await?;
        let handle = self.0.running.lock().get(&run).cloned();
        match handle {
            Some(handle) => {
                handle.cancel.cancel();
                drop(tokio::time::timeout(CANCELLING, handle.ended.cancelled()).await);
            }
            None if before.summary.state == RunState::Running => return Err(EngineError::RunsElsewhere),
            None => return Ok(before),
        }
        self.get_run(run).await
    }

    /// Marks runs whose process has ended as interrupted.
    pub(crate) async fn close_abandoned_runs(&self) -> Result<(), EngineError> {
        let mut dead = HashSet::new();
        for (run, owner) in self.0.store.running_runs().await? {
            if !dead.contains(&owner) && self.0.owner.is_alive(&owner) {
                continue;
            }
            dead.insert(owner);
            let failure = words::of_state(RunState::Interrupted);
            let end = RunEnd {
                state: RunState::Interrupted,
                at: self.now(),
                output: None,
                failure: failure.as_ref().and_then(|failure| serde_json::to_string(failure).ok()),
                error: None,
            };
            self.0.store.end_run(run, end).await?;
            self.stale([Topic::Run(run), Topic::Runs, Topic::Workflows]);
        }
        Ok(())
    }

    fn run_changed(&self, run: RunId, workflow: WorkflowId) {
        self.stale([Topic::Run(run), Topic::Runs, Topic::Workflows, Topic::Workflow(workflow)]);
    }

    /// A page of the active profile's runs.
    pub(crate) async fn list_runs(&self, request: ListRuns) -> Result<RunPage, EngineError> {
        let profile = self.require_profile().await?.id;
        self.close_abandoned_runs().await?;
        let filter = RunFilter {
            workflow: request.workflow,
            state: request.state,
            offset: request.offset,
            limit: request.limit.min(LONGEST_PAGE),
        };
        let page = self.0.store.runs(profile, filter).await?;
        let of_state = |state| page.by_state.iter().find(|(known, _)| *known == state).map_or(0, |(_, n)| *n);
        Ok(RunPage {
            matching: page.matching,
            total: page.by_state.iter().map(|(_, count)| count).sum(),
            by_state: RunState::ALL.map(|state| (state, of_state(state))).to_vec(),
            runs: page.rows.into_iter().map(run_summary).collect(),
        })
    }

    /// One run with what its tasks came to.
    pub(crate) async fn get_run(&self, run: RunId) -> Result<RunView, EngineError> {
        let profile = self.require_profile().await?.id;
        let (row, input, output) = self.0.store.run(profile, run).await?;
        let (entries, entries_total) = self.0.store.run_entries(profile, run, MOST_ENTRIES).await?;
        Ok(RunView {
            failure: read_json(row.failure.as_deref()),
            error: read_json(row.error.as_deref()),
            summary: run_summary(row),
            input: shortened(input),
            output,
            entries: self.entry_views(profile, entries).await?,
            entries_total,
        })
    }

    /// One execution with what it saw.
    pub(crate) async fn get_run_entry(&self, request: GetRunEntry) -> Result<RunEntryDetails, EngineError> {
        let profile = self.require_profile().await?.id;
        let (entry, data, exchanges) = self.0.store.run_entry(profile, request.run, request.number).await?;
        let mut views = self.entry_views(profile, vec![entry]).await?;
        Ok(RunEntryDetails {
            entry: views.pop().ok_or(StoreError::NotFound)?,
            input: data.input,
            output: data.output,
            error: read_json(data.error.as_deref()),
            exchanges: exchanges.into_iter().map(exchange_view).collect(),
        })
    }

    async fn entry_views(
        &self,
        profile: ProfileId,
        entries: Vec<EntryRow>,
    ) -> Result<Vec<RunEntryView>, EngineError> {
        let mut known: HashMap<InstanceId, Option<ConnectionView>> = HashMap::new();
        for instance in entries.iter().filter_map(|entry| entry.instance) {
            if known.contains_key(&instance) {
                continue;
            }
            let connection = match self.0.store.connection(profile, instance).await {
                Ok(connection) => Some(self.connection_view(connection)),
                Err(StoreError::NotFound) => None,
                Err(error) => return Err(error.into()),
            };
            known.insert(instance, connection);
        }
        let view = |entry: EntryRow| RunEntryView {
            number: entry.number,
            parent: entry.parent,
            path: entry.path,
            task: entry.task,
            state: entry.state,
            started_at: entry.started_at,
            ended_at: entry.ended_at,
            attempts: entry.attempts,
            connector: entry.connector.as_ref().map(|slug| self.badge(slug)),
            connection: entry.instance.and_then(|instance| known.get(&instance).cloned().flatten()),
            connection_id: entry.connection_id,
            summary: entry.summary,
            failure: read_json(entry.failure.as_deref()),
            reconnect: entry.instance.filter(|_| entry.reconnect),
        };
        Ok(entries.into_iter().map(view).collect())
    }

    /// Two runs, execution by execution.
    pub(crate) async fn compare_runs(&self, request: CompareRuns) -> Result<RunComparison, EngineError> {
        let left = self.get_run(request.left).await?;
        let right = self.get_run(request.right).await?;
        Ok(RunComparison {
            lines: compare(left.entries, right.entries),
            left: left.summary,
            right: right.summary,
        })
    }
}

/// Everything an execution is.
struct Execution {
    run: RunId,
    workflow: WorkflowId,
    program: Program,
    outline: Outline,
    overrides: HashMap<String, String>,
    caller: NangoCaller,
    whole: Option<oneshot::Sender<Value>>,
}

/// A document that can be run, or why it cannot.
pub(crate) fn of_document(
    document: &Document,
    catalog: &patchbay_core::catalog::Catalog,
) -> Result<(Program, Outline), String> {
    let read = Read::of(document, catalog);
    if read.errors() > 0 {
        return Err(workflows::document_errors(&read.problems));
    }
    let value = document.value().cloned().unwrap_or_default();
    match Program::new(value) {
        Ok(program) => Ok((program, read.outline)),
        Err(error) => Err(workflows::no_program(&error.to_string())),
    }
}

/// The tasks that call somebody.
fn acting(outline: &Outline) -> HashSet<Pointer> {
    let mut acting = HashSet::new();
    every_task(&outline.tasks, &mut |task| {
        if task.kind == TaskKind::CallHttp {
            acting.insert(task.path.clone());
        }
    });
    acting
}

fn parse_input(text: &str) -> Result<Map<String, Value>, EngineError> {
    if text.len() > LONGEST_INPUT {
        return Err(EngineError::BadInput(t!("it is longer than 1 MiB").to_owned()));
    }
    match serde_json::from_str(if text.trim().is_empty() { "{}" } else { text }) {
        Ok(Value::Object(mut members)) => {
            // Filled in anew for each run.
            drop((members.remove("connections"), members.remove("nango")));
            Ok(members)
        }
        Ok(_) => Err(EngineError::BadInput(t!("it is not an object").to_owned())),
        Err(error) => Err(EngineError::BadInput(error.to_string())),
    }
}

fn full_input(given: Map<String, Value>, connections: Map<String, Value>, nango: Option<&Nango>) -> Value {
    let mut input = given;
    input.insert("connections".to_owned(), connections.into());
    if let Some(nango) = nango {
        input.insert("nango".to_owned(), nango.profile.server_url.as_str().trim_end_matches('/').into());
    }
    Value::Object(input)
}

/// A run as a list shows it.
pub(crate) fn run_summary(row: RunRow) -> RunSummary {
    let failure: Option<Failure> = read_json(row.failure.as_deref());
    RunSummary {
        id: row.id,
        workflow: row.workflow,
        name: row.name,
        state: row.state,
        words: row.state.words().to_owned(),
        started_at: row.started_at,
        ended_at: row.ended_at,
        tasks_ended: row.tasks_ended,
        tasks_begun: row.tasks_begun,
        problem: failure.map(|failure| failure.message),
    }
}

fn exchange_view(row: ExchangeRow) -> ExchangeView {
    ExchangeView {
        at: row.at,
        method: row.method,
        url: row.url,
        request_headers: row.request_headers,
        request_body: row.request_body,
        status: row.status,
        response_headers: row.response_headers,
        response_body: row.response_body,
        took_ms: row.took_ms,
        problem: row.problem,
    }
}

/// What is kept as JSON; what cannot be read any more is as good as nothing.
fn read_json<T: DeserializeOwned>(text: Option<&str>) -> Option<T> {
    text.and_then(|text| serde_json::from_str(text).ok())
}

fn shortened(mut text: String) -> String {
    if text.len() > LONGEST_DATA {
        text.truncate(text.floor_char_boundary(LONGEST_DATA));
        text.push('…');
    }
    text
}

/// Each execution of the one run beside the same of the other: the same task, for as manieth a time.
fn compare(left: Vec<RunEntryView>, right: Vec<RunEntryView>) -> Vec<ComparisonLine> {
    let mut others: HashMap<String, VecDeque<(usize, RunEntryView)>> = HashMap::new();
    for (place, entry) in right.into_iter().enumerate() {
        others.entry(entry.task.clone()).or_default().push_back((place, entry));
    }
    let mut lines: Vec<ComparisonLine> = left
        .into_iter()
        .map(|entry| {
            let other = others.get_mut(&entry.task).and_then(VecDeque::pop_front).map(|(_, other)| other);
            let differences = match &other {
                Some(other) => words::differences(&entry, other),
                None => vec![t!("Only in the first run").to_owned()],
            };
            ComparisonLine { task: entry.task.clone(), left: Some(entry), right: other, differences }
        })
        .collect();
    let mut rest: Vec<_> = others.into_values().flatten().collect();
    rest.sort_by_key(|(place, _)| *place);
    lines.extend(rest.into_iter().map(|(_, entry)| ComparisonLine {
        task: entry.task.clone(),
        left: None,
        right: Some(entry),
        differences: vec![t!("Only in the second run").to_owned()],
    }));
    lines
}
