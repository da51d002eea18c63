//! What the engine tells the window unasked: what is stale, never data.

use patchbay_core::id::{AttemptId, RunId, WorkflowId};
use serde::{Deserialize, Serialize};

/// The name of the Tauri event that carries an [`AppEvent`].
pub const APP_EVENT: &str = "patchbay://event";

/// Something changed; whoever shows it asks again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppEvent {
    /// These are no longer what they were.
    Stale(Vec<Topic>),
}

/// What can become stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// [`GetOverview`](crate::GetOverview).
    Overview,
    /// [`ListConnectors`](crate::ListConnectors).
    Connectors,
    /// [`ListConnections`](crate::ListConnections) and [`GetConnection`](crate::GetConnection).
    Connections,
    /// [`ListAttempts`](crate::ListAttempts).
    Attempts,
    /// [`GetAttempt`](crate::GetAttempt) of this one.
    Attempt(AttemptId),
    /// [`TakeNotices`](crate::TakeNotices).
    Notices,
    /// [`GetDiagnostics`](crate::GetDiagnostics).
    Diagnostics,
    /// [`GetSyncProgress`](crate::GetSyncProgress).
    Sync,
    /// [`GetBulkTest`](crate::GetBulkTest).
    BulkTest,
    /// [`ListWorkflows`](crate::ListWorkflows).
    Workflows,
    /// [`GetWorkflow`](crate::GetWorkflow) and [`PlanRun`](crate::PlanRun) of this one.
    Workflow(WorkflowId),
    /// [`ListRuns`](crate::ListRuns).
    Runs,
    /// [`GetRun`](crate::GetRun) of this one.
    Run(RunId),
}
