//! Which connection stands for a role, and whether a task can run as it. Nothing is ever bound by itself.

use serde::{Deserialize, Serialize};

use super::outline::Pointer;
use crate::connection::{Connection, Health};
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

/// What is known of a connection that a task is bound to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BoundTo {
    /// Its health.
    pub health: Health,
    /// Whether it is one of the task's connector.
    pub is_of_connector: bool,
    /// Whether it answers as another account than it should, decided on or not.
    pub is_mismatch: bool,
}

impl BoundTo {
    /// What matters of a connection to a task of a connector.
    #[must_use]
    pub fn of(connection: &Connection, connector: &ConnectorSlug) -> BoundTo {
        BoundTo {
            health: connection.health,
            is_of_connector: connection.connector.as_ref() == Some(connector),
            is_mismatch: connection.mismatch.is_some(),
        }
    }
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
    /// The connection answers as another account, and nobody has decided yet, or its owner has said that it is
    /// the wrong one. Blocks the run.
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

    /// The state of a task that is bound, or not, to something of which this is known; nothing: nothing is
    /// known of it any more.
    #[must_use]
    pub fn decide(is_bound: bool, bound_to: Option<&BoundTo>) -> CastingState {
        match bound_to {
            None if is_bound => CastingState::Gone,
            None => CastingState::Unbound,
            Some(BoundTo { health: Health::Gone, .. }) => CastingState::Gone,
            Some(BoundTo { health: Health::Disconnecting, .. }) => CastingState::Disconnecting,
            Some(BoundTo { is_of_connector: false, .. }) => CastingState::WrongConnector,
            Some(BoundTo { is_mismatch: true, .. }) => CastingState::Mismatch,
            Some(BoundTo { health, .. }) => CastingState::of(*health),
        }
    }

    /// The state of a connection of the right connector, without another account.
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

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{BoundTo, CastingState};
    use crate::connection::Health;

    const WORKS: BoundTo = BoundTo { health: Health::Works, is_of_connector: true, is_mismatch: false };

    #[rstest]
    #[case(false, None, CastingState::Unbound)]
    #[case(true, None, CastingState::Gone)]
    #[case(true, Some(WORKS), CastingState::Ready)]
    #[case(true, Some(BoundTo { health: Health::Unknown, ..WORKS }), CastingState::NeverChecked)]
    #[case(true, Some(BoundTo { health: Health::NeedsReconnect, ..WORKS }), CastingState::NeedsReconnect)]
    #[case::a_wrong_account_is_never_run_as(
        true,
        Some(BoundTo { health: Health::NeedsReconnect, is_mismatch: true, ..WORKS }),
        CastingState::Mismatch
    )]
    #[case(true, Some(BoundTo { is_of_connector: false, is_mismatch: true, ..WORKS }), CastingState::WrongConnector)]
    #[case(true, Some(BoundTo { health: Health::Gone, is_of_connector: false, ..WORKS }), CastingState::Gone)]
    #[case(true, Some(BoundTo { health: Health::Disconnecting, ..WORKS }), CastingState::Disconnecting)]
    fn what_a_binding_is_worth(
        #[case] is_bound: bool,
        #[case] bound_to: Option<BoundTo>,
        #[case] expected: CastingState,
    ) {
        assert_eq!(CastingState::decide(is_bound, bound_to.as_ref()), expected);
        let may_run = matches!(
            expected,
            CastingState::Ready | CastingState::NeverChecked | CastingState::NeedsReconnect
        );
        assert_eq!(expected.blocks(), !may_run);
    }
}
