//! Something that is asked for: on its way, there, or refused.

use std::rc::Rc;

use patchbay_ipc::Failure;
use yew::Reducible;

/// What is known of something that was asked for. What was known before is kept, so a page that refreshes
/// does not go blank.
#[derive(Debug, PartialEq)]
pub enum Loadable<T> {
    /// Asked for.
    Loading {
        /// What was known before.
        previous: Option<Rc<T>>,
    },
    /// There.
    Ready(Rc<T>),
    /// Refused.
    Failed {
        /// Why.
        failure: Failure,
        /// What was known before.
        previous: Option<Rc<T>>,
    },
}

impl<T> Clone for Loadable<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Loading { previous } => Self::Loading { previous: previous.clone() },
            Self::Ready(value) => Self::Ready(value.clone()),
            Self::Failed { failure, previous } => {
                Self::Failed { failure: failure.clone(), previous: previous.clone() }
            }
        }
    }
}

impl<T> Default for Loadable<T> {
    fn default() -> Self {
        Self::Loading { previous: None }
    }
}

impl<T> Loadable<T> {
    /// The latest value known, fresh or not.
    #[must_use]
    pub fn latest(&self) -> Option<&Rc<T>> {
        match self {
            Self::Ready(value) => Some(value),
            Self::Loading { previous } | Self::Failed { previous, .. } => previous.as_ref(),
        }
    }

    /// Why it was refused.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed { failure, .. } => Some(failure),
            _ => None,
        }
    }
}

/// What happens to something that is asked for.
pub enum LoadableAction<T> {
    /// It is asked for with another request; what was known stays in sight until the answer.
    Asked,
    /// It was answered.
    Answered(Result<T, Failure>),
}

impl<T> Reducible for Loadable<T> {
    type Action = LoadableAction<T>;

    fn reduce(self: Rc<Self>, action: Self::Action) -> Rc<Self> {
        let previous = self.latest().cloned();
        Rc::new(match action {
            LoadableAction::Asked => Self::Loading { previous },
            LoadableAction::Answered(Ok(value)) => Self::Ready(Rc::new(value)),
            LoadableAction::Answered(Err(failure)) => Self::Failed { failure, previous },
        })
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use patchbay_ipc::{Code, Failure};
    use yew::Reducible;

    use super::{Loadable, LoadableAction};

    #[test]
    fn what_was_known_stays_in_sight() {
        let failure = Failure {
            code: Code::Storage,
            message: "no".into(),
            hint: "again".into(),
            detail: None,
            field: None,
        };
        let state = Rc::new(Loadable::<u8>::default());
        assert_eq!(state.latest(), None);
        let state = state.reduce(LoadableAction::Answered(Ok(1)));
        assert_eq!(*state, Loadable::Ready(Rc::new(1)));
        let state = state.reduce(LoadableAction::Asked);
        assert_eq!(state.latest().map(|value| **value), Some(1), "while it is asked for again");
        let state = state.reduce(LoadableAction::Answered(Err(failure.clone())));
        assert_eq!(state.latest().map(|value| **value), Some(1), "after it was refused");
        assert_eq!(state.failure(), Some(&failure));
    }
}
