//! Runs: one execution of a workflow each, with a log per task.

use jiff::Timestamp;
use patchbay_core::id::{ConnectionId, InstanceId, RunId, WorkflowId};
use patchbay_core::workflow::outline::Pointer;
use patchbay_core::workflow::run::{DslError, RunState, TaskState};
use serde::{Deserialize, Serialize};

use crate::command::command;
use crate::{ConnectionView, ConnectorBadge, Failure};

/// Begins a run. Refused with what stands in the way, if something does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StartRun {
    /// Of which workflow.
    pub workflow: WorkflowId,
    /// Its input, as JSON text: an object. `connections` and `nango` are filled in by Patchbay.
    pub input: String,
}
command!(StartRun, "start_run", RunView);

/// Stops a run within a second; calls under way are dropped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CancelRun {
    /// Which.
    pub run: RunId,
}
command!(CancelRun, "cancel_run", RunView);

/// Lists the runs of the active profile, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListRuns {
    /// Only those of this workflow.
    pub workflow: Option<WorkflowId>,
    /// Only those in this state.
    pub state: Option<RunState>,
    /// How many to leave out.
    pub offset: u32,
    /// How many at most; up to 200.
    pub limit: u32,
}
command!(ListRuns, "list_runs", RunPage);

/// A page of runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunPage {
    /// The page.
    pub runs: Vec<RunSummary>,
    /// How many match.
    pub matching: u32,
    /// How many there are in all.
    pub total: u32,
    /// How many of all are in each state.
    pub by_state: Vec<(RunState, u32)>,
}

/// A run in the list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunSummary {
    /// Its id.
    pub id: RunId,
    /// The workflow; it may have been deleted since.
    pub workflow: WorkflowId,
    /// What that was called.
    pub name: String,
    /// Where it stands.
    pub state: RunState,
    /// The same in words.
    pub words: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How many task executions have ended, and how many have begun.
    pub tasks_ended: u32,
    /// How many have begun.
    pub tasks_begun: u32,
    /// Why it did not end well, in a sentence.
    pub problem: Option<String>,
}

/// One run with what its tasks came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetRun {
    /// Which.
    pub run: RunId,
}
command!(GetRun, "get_run", RunView);

/// A run as its page shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunView {
    /// As in the list.
    pub summary: RunSummary,
    /// What it was given, as JSON text, shortened.
    pub input: String,
    /// What came out, as JSON text, shortened; nothing while it runs or after a fault.
    pub output: Option<String>,
    /// Why it did not end well.
    pub failure: Option<Failure>,
    /// The same as an error of the DSL.
    pub error: Option<DslError>,
    /// The executions of its tasks, in the order they began; the first 2,000.
    pub entries: Vec<RunEntryView>,
    /// How many there are in all.
    pub entries_total: u32,
}

/// One execution of one task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunEntryView {
    /// Its place in the run's log, the first being 0.
    pub number: u32,
    /// The execution it is inside of: a loop, a branch, a `try`.
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
    /// Its connector, where it has one.
    pub connector: Option<ConnectorBadge>,
    /// As which connection it ran: what it is now, if it still is.
    pub connection: Option<ConnectionView>,
    /// Nango's id of that connection at the time.
    pub connection_id: Option<ConnectionId>,
    /// In a few words: `GET /user → 200`, `3 items`, `caught`.
    pub summary: String,
    /// Why it failed, with what to do next.
    pub failure: Option<Failure>,
    /// The connection to reconnect, where that is what to do next.
    pub reconnect: Option<InstanceId>,
}

/// The request and the response of one execution, or what a task was given and gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetRunEntry {
    /// Of which run.
    pub run: RunId,
    /// Which execution.
    pub number: u32,
}
command!(GetRunEntry, "get_run_entry", RunEntryDetails);

/// What one execution saw. Bodies are shortened, credentials never kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunEntryDetails {
    /// As in the run.
    pub entry: RunEntryView,
    /// What the task was given, as JSON text, shortened.
    pub input: Option<String>,
    /// What it gave, as JSON text, shortened.
    pub output: Option<String>,
    /// Its error.
    pub error: Option<DslError>,
    /// Every exchange it had, retries included, oldest first.
    pub exchanges: Vec<ExchangeView>,
}

/// A request and its response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExchangeView {
    /// When it was sent.
    pub at: Timestamp,
    /// `GET`.
    pub method: String,
    /// The address, without credentials.
    pub url: String,
    /// The request's headers; values that may hold a credential are `redacted`.
    pub request_headers: Vec<(String, String)>,
    /// The request's body, shortened.
    pub request_body: Option<String>,
    /// The response's status; nothing: none came.
    pub status: Option<u16>,
    /// The response's headers, redacted likewise.
    pub response_headers: Vec<(String, String)>,
    /// The response's body, shortened.
    pub response_body: Option<String>,
    /// Milliseconds from sending to the end of the body, or to the failure.
    pub took_ms: u64,
    /// Who answered, where that is an error: Nango or the provider. Why none came.
    pub problem: Option<String>,
}

/// Compares two runs of one workflow, task by task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CompareRuns {
    /// The one run.
    pub left: RunId,
    /// The other.
    pub right: RunId,
}
command!(CompareRuns, "compare_runs", RunComparison);

/// Two runs beside each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunComparison {
    /// The one.
    pub left: RunSummary,
    /// The other.
    pub right: RunSummary,
    /// Each execution, matched by task and by how often it came before.
    pub lines: Vec<ComparisonLine>,
}

/// One execution in both runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComparisonLine {
    /// The task.
    pub task: String,
    /// In the one run; nothing: it did not come there.
    pub left: Option<RunEntryView>,
    /// In the other.
    pub right: Option<RunEntryView>,
    /// What differs, in words: `Ran as “work” instead of “private”`, `200 → 404`. Empty: nothing.
    pub differences: Vec<String>,
}
