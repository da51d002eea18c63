//! Connections being tested, any number at once, and what the tests found.

use std::rc::Rc;

use patchbay_core::id::InstanceId;
use patchbay_ipc::{ConnectionView, Failure, Notice, TestOutcome, TestReport, Tone};
use patchbay_texts::t;
use yew::Reducible;

/// A test of one connection.
#[derive(Debug, Clone, PartialEq)]
pub enum Trial {
    /// Under way.
    Running,
    /// Answered.
    Found(Rc<TestReport>),
    /// Nobody could be asked.
    Failed(Failure),
}

impl Trial {
    /// Whether the answer still says something about the connection as it is now.
    #[must_use]
    pub fn holds_for(&self, connection: &ConnectionView) -> bool {
        let known = |view: &ConnectionView| (view.health, view.last_error.clone(), view.mismatch.clone());
        match self {
            Trial::Running | Trial::Failed(_) => true,
            Trial::Found(report) => known(&report.connection) == known(connection),
        }
    }
}

/// The latest test of each connection.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Trials(Vec<(InstanceId, Trial)>);

impl Trials {
    /// A connection's.
    #[must_use]
    pub fn of(&self, instance: InstanceId) -> Option<&Trial> {
        self.0.iter().find(|(known, _)| *known == instance).map(|(_, trial)| trial)
    }

    /// Whether a connection is being tested.
    #[must_use]
    pub fn is_running(&self, instance: InstanceId) -> bool {
        self.of(instance) == Some(&Trial::Running)
    }
}

/// What happens to a connection's test.
pub struct TrialAction {
    /// Which connection's.
    pub instance: InstanceId,
    /// Where it stands now; nothing, once its answer is of no use any more.
    pub trial: Option<Trial>,
}

impl Reducible for Trials {
    type Action = TrialAction;

    fn reduce(self: Rc<Self>, action: TrialAction) -> Rc<Self> {
        let mut next = Self::clone(&self);
        next.0.retain(|(known, _)| *known != action.instance);
        next.0.extend(action.trial.map(|trial| (action.instance, trial)));
        Rc::new(next)
    }
}

/// The tone of an outcome, and the outcome in words.
#[must_use]
pub fn outcome_words(outcome: TestOutcome) -> (Tone, &'static str) {
    match outcome {
        TestOutcome::Works => (Tone::Good, t!("Works")),
        TestOutcome::Fails => (Tone::Bad, t!("Fails")),
        TestOutcome::CannotBeTested => (Tone::Neutral, t!("Cannot be tested")),
    }
}

/// An answer as a remark, for when nobody looks at the connection itself.
#[must_use]
pub fn remark(label: &str, answer: &Result<TestReport, Failure>, at: jiff::Timestamp) -> Notice {
    match answer {
        Ok(report) => {
            let (tone, words) = outcome_words(report.outcome);
            let exchange = match (&report.asked, &report.answered) {
                (Some(asked), Some(answered)) => {
                    format!(" {}", t!("Asked {asked}; the answer was {answered}", asked, answered))
                }
                _ => String::new(),
            };
            let hint = format!("{}{exchange}", report.sentence);
            Notice { tone, message: format!("“{label}”: {words}"), hint: Some(hint), at }
        }
        Err(failure) => Notice {
            tone: Tone::Bad,
            message: t!("“{label}” was not tested: {message}", label, message = failure.message),
            hint: Some(failure.hint.clone()).filter(|hint| !hint.is_empty()),
            at,
        },
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use jiff::Timestamp;
    use patchbay_core::avatar::Avatar;
    use patchbay_core::connection::{Account, Health};
    use patchbay_core::id::InstanceId;
    use patchbay_ipc::{Code, ConnectionView, Failure, TestOutcome, TestReport, Tone};
    use yew::Reducible;

    use super::{Trial, TrialAction, Trials, remark};

    fn instance(number: u32) -> InstanceId {
        format!("00000000-0000-4000-8000-{number:012}").parse().expect("a UUID")
    }

    fn view(health: Health) -> ConnectionView {
        ConnectionView {
            instance: instance(1),
            connection_id: "c".into(),
            connector: None,
            provider: "github".into(),
            connector_name: "X".into(),
            icon: None,
            integration: "x".into(),
            label: "work".into(),
            account: None,
            mismatch: None,
            health,
            awaits_approval: false,
            health_words: String::new(),
            health_learnt_at: None,
            created_at: Timestamp::UNIX_EPOCH,
            last_used_at: None,
            last_error: None,
            avatar: Avatar::of(instance(1), "work"),
            tags: vec![],
            try_again_first: false,
        }
    }

    fn report(outcome: TestOutcome) -> TestReport {
        TestReport {
            outcome,
            sentence: "So it is.".into(),
            asked: Some("GET /user".into()),
            answered: (outcome == TestOutcome::Fails).then(|| "401: no".into()),
            connection: view(Health::NeedsReconnect),
        }
    }

    #[test]
    fn several_are_tested_at_once() {
        let running = |instance| TrialAction { instance, trial: Some(Trial::Running) };
        let trials = Rc::new(Trials::default()).reduce(running(instance(1))).reduce(running(instance(2)));
        assert!(trials.is_running(instance(1)) && trials.is_running(instance(2)));
        let found = Trial::Found(Rc::new(report(TestOutcome::Fails)));
        let trials = trials.reduce(TrialAction { instance: instance(1), trial: Some(found.clone()) });
        assert!(!trials.is_running(instance(1)) && trials.is_running(instance(2)));
        assert_eq!(trials.of(instance(1)), Some(&found));
        let trials = trials.reduce(TrialAction { instance: instance(1), trial: None });
        assert_eq!(trials.of(instance(1)), None);
    }

    #[test]
    fn an_answer_holds_until_the_connection_is_another() {
        let found = Trial::Found(Rc::new(report(TestOutcome::Fails)));
        assert!(found.holds_for(&view(Health::NeedsReconnect)));
        assert!(!found.holds_for(&view(Health::Works)), "it was mended");
        let account = Account { id: "2".into(), name: "sam".into(), email: None };
        let other = ConnectionView { mismatch: Some(account), ..view(Health::NeedsReconnect) };
        assert!(!found.holds_for(&other), "it is somebody else");
    }

    #[test]
    fn a_remark_names_the_connection_and_what_was_answered() {
        let fails = remark("work", &Ok(report(TestOutcome::Fails)), Timestamp::UNIX_EPOCH);
        assert_eq!((fails.tone, fails.message.as_str()), (Tone::Bad, "“work”: Fails"));
        assert_eq!(fails.hint.as_deref(), Some("So it is. Asked GET /user; the answer was 401: no"));
        let works = remark("work", &Ok(report(TestOutcome::Works)), Timestamp::UNIX_EPOCH);
        assert_eq!((works.tone, works.hint.as_deref()), (Tone::Good, Some("So it is.")));
        let failure = Failure {
            code: Code::Unreachable,
            message: "Nobody answers.".into(),
            hint: String::new(),
            detail: None,
            field: None,
        };
        let failed = remark("work", &Err(failure), Timestamp::UNIX_EPOCH);
        assert_eq!(failed.message, "“work” was not tested: Nobody answers.");
        assert_eq!(failed.hint, None);
    }
}
