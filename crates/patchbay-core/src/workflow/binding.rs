//! Which connection stands for a role, and whether a task can run as it. Nothing is ever bound by itself.

use serde::{Deserialize, Serialize};

use super::outline::Pointer;
use crate::connection::Health;
use crate::id::{ConnectorSlug, InstanceId};

/// What is bound: a role for all its tasks, or one task in place of its role.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Slot {
    /// A role.
    Role(String),
    /// One task, by its name. A task that is renamed by an edit takes its binding along.
    Task(String),
}

/// A binding as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// What is bound.
    pub slot: Slot,
    /// To which connection. It may be gone since.
    pub instance: InstanceId,
}

/// As whom one task would run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Casting {
    /// The task.
    pub path: Pointer,
    /// Its name.
    pub task: String,
    /// Its connector.
    pub connector: ConnectorSlug,
    /// Its role.
    pub role: String,
    /// The connection; nothing: unbound.
    pub instance: Option<InstanceId>,
    /// Whether the task's own binding counts rather than its role's.
    pub is_override: bool,
    /// Whether it can run.
    pub state: CastingState,
}

/// Whether a task can run as what it is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CastingState {
    /// It can.
    Ready,
    /// It can as far as known, but the connection was never checked.
    NeverChecked,
    /// The connection needs a reconnect: the run may begin, and this task will offer the reconnect.
    NeedsReconnect,
    /// Nothing is bound. Blocks the run.
    Unbound,
    /// The connection was deleted. Blocks the run.
    Gone,
    /// The connection answers as another account, and nobody has decided yet. Blocks the run.
    Mismatch,
    /// The connection is of another connector. Blocks the run.
    WrongConnector,
    /// The connection is being disconnected. Blocks the run.
    Disconnecting,
}

impl CastingState {
    /// Whether a run may not begin.
    #[must_use]
    pub fn blocks(self) -> bool {
        !matches!(self, CastingState::Ready | CastingState::NeverChecked | CastingState::NeedsReconnect)
    }

    /// The state of a connection of the right connector, without an undecided other account.
    #[must_use]
    pub fn of(health: Health) -> CastingState {
        match health {
            Health::Works => CastingState::Ready,
            Health::Unknown => CastingState::NeverChecked,
            Health::NeedsReconnect => CastingState::NeedsReconnect,
            Health::Gone => CastingState::Gone,
            Health::Disconnecting => CastingState::Disconnecting,
        }
    }
}
