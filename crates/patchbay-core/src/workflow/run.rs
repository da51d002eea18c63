//! A run and what its tasks came to.

use patchbay_texts::t;
use serde::{Deserialize, Serialize};

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// It runs, in this process.
    Running,
    /// It has ended well.
    Completed,
    /// A task failed and nothing caught it.
    Faulted,
    /// Somebody cancelled it.
    Cancelled,
    /// The application ended while it ran. It is never taken up by itself.
    Interrupted,
}

impl RunState {
    /// Every state.
    pub const ALL: [RunState; 5] = [
        RunState::Running,
        RunState::Completed,
        RunState::Faulted,
        RunState::Cancelled,
        RunState::Interrupted,
    ];

    /// The name under which it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            RunState::Running => "running",
            RunState::Completed => "completed",
            RunState::Faulted => "faulted",
            RunState::Cancelled => "cancelled",
            RunState::Interrupted => "interrupted",
        }
    }

    /// The state of that name, if it is one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<RunState> {
        RunState::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// The state in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            RunState::Running => t!("Running"),
            RunState::Completed => t!("Completed"),
            RunState::Faulted => t!("Failed"),
            RunState::Cancelled => t!("Cancelled"),
            RunState::Interrupted => t!("Interrupted"),
        }
    }
}

/// What one execution of a task came to. A task in a loop is executed more than once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    /// Under way.
    Running,
    /// Done.
    Completed,
    /// Its `if` was not met.
    Skipped,
    /// It failed. Somebody may have caught that.
    Faulted,
    /// It was stopped, with the run or because a competitor had won.
    Cancelled,
    /// The application ended while it was under way; whether the provider acted is not known.
    Interrupted,
}

impl TaskState {
    /// Every state.
    pub const ALL: [TaskState; 6] = [
        TaskState::Running,
        TaskState::Completed,
        TaskState::Skipped,
        TaskState::Faulted,
        TaskState::Cancelled,
        TaskState::Interrupted,
    ];

    /// The name under which it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            TaskState::Running => "running",
            TaskState::Completed => "completed",
            TaskState::Skipped => "skipped",
            TaskState::Faulted => "faulted",
            TaskState::Cancelled => "cancelled",
            TaskState::Interrupted => "interrupted",
        }
    }

    /// The state of that name, if it is one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<TaskState> {
        TaskState::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// An error of the DSL, after RFC 7807: what `catch` filters on and `raise` makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DslError {
    /// A URI such as `https://open-workflow-specification.org/dsl/errors/types/communication`. Compared by its
    /// last path segment, since the specification has changed its host.
    pub r#type: String,
    /// An HTTP status, or the status the specification gives the type.
    pub status: u16,
    /// The kind, for people.
    pub title: String,
    /// This occurrence, for people.
    pub detail: Option<String>,
    /// The task: `/do/0/getPet`.
    pub instance: String,
}
