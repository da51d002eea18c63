//! An attempt to authorize an account: a state machine that is told what happened and answers what to do.
//!
//! [`Attempt::on`] is the only way from one state to the next. The caller saves the attempt it returns
//! before it performs the effects, so that a crash between the two is always noticed on the next start.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::id::{AttemptId, ConnectionId, ConnectorSlug, InstanceId, IntegrationKey, ProfileId, ProviderKey};

/// How the provider's answer comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Not known before Nango has named its `redirect_uri`.
    Undecided,
    /// By a link to this application, which forwards it to Nango.
    DeepLink,
    /// The browser does the whole dance; Nango tells the end by websocket, or when asked.
    Browser,
    /// No browser: Nango checks what was typed into a form.
    Form,
}

impl Method {
    /// The name under which it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Undecided => "undecided",
            Method::DeepLink => "deep_link",
            Method::Browser => "browser",
            Method::Form => "form",
        }
    }

    /// The method of that name, if it is one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Method> {
        [Method::Undecided, Method::DeepLink, Method::Browser, Method::Form]
            .into_iter()
            .find(|method| method.as_str() == name)
    }
}

/// What an attempt is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// It makes a new connection.
    Connect,
    /// It renews this one, which keeps its id; until that has happened it stays as it is.
    Reconnect(ConnectionId),
}

/// Where an attempt stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// The session is being made; the person has seen nothing of the provider yet.
    Starting,
    /// The person is at the provider.
    AwaitingBrowser,
    /// The provider's answer is being forwarded to Nango, at most once.
    Forwarding,
    /// Nango has all it needs; which connection it made is not known yet.
    AwaitingConnection,
    /// Done.
    Connected(ConnectionId),
    /// The person or the provider said no, in the provider's words.
    Refused(String),
    /// Nobody came back in time.
    Expired,
    /// Cancelled here.
    Cancelled,
    /// It did not work.
    Failed(FailureReason),
}

impl State {
    /// Whether something can still happen.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(
            self,
            State::Starting | State::AwaitingBrowser | State::Forwarding | State::AwaitingConnection
        )
    }

    /// The name under which the state is stored.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            State::Starting => "starting",
            State::AwaitingBrowser => "awaiting_browser",
            State::Forwarding => "forwarding",
            State::AwaitingConnection => "awaiting_connection",
            State::Connected(_) => "connected",
            State::Refused(_) => "refused",
            State::Expired => "expired",
            State::Cancelled => "cancelled",
            State::Failed(_) => "failed",
        }
    }
}

/// Why an attempt failed. The engine words it for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "more")]
pub enum FailureReason {
    /// The application ended before the person was sent to the provider.
    Interrupted,
    /// The application ended, and with this key there is no way left to learn the connection's id.
    LostTrack,
    /// Nango was asked and has no connection of this attempt.
    NotMade,
    /// Everything was sent, but Nango could not be asked what came of it.
    Unconfirmed,
    /// The session could not be made, in words already fit for people.
    NotStarted {
        /// What happened.
        message: String,
        /// What to do.
        hint: String,
    },
    /// Nango refused the provider's answer; its words.
    CallbackRefused(Option<String>),
    /// Nango or the provider reported a failure; its words.
    Reported(String),
    /// What was typed did not pass the provider's check; its words.
    NotVerified(Option<String>),
    /// The secrets of the attempt cannot be read any more.
    SecretsLost,
    /// The connection to be renewed has been deleted at Nango.
    ConnectionGone,
}

/// One try to authorize one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Its id, which is also its tag at Nango.
    pub id: AttemptId,
    /// Whose it is.
    pub profile: ProfileId,
    /// Whether it makes a connection or renews one.
    pub purpose: Purpose,
    /// The connection it makes or renews.
    pub instance: InstanceId,
    /// The connector, if Patchbay has a manifest for the provider.
    pub connector: Option<ConnectorSlug>,
    /// Nango's template.
    pub provider: ProviderKey,
    /// The integration it goes through.
    pub integration: IntegrationKey,
    /// The label the connection will have.
    pub label: String,
    /// How the answer comes back.
    pub method: Method,
    /// Where it stands.
    pub state: State,
    /// When it began.
    pub started_at: Timestamp,
    /// When waiting in the present state ends.
    pub deadline_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// It has ended, but what is left of it (secrets, a pending dance at Nango) is not yet cleared away.
    pub cleanup_due: bool,
}

/// How long an attempt waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// For the person at the provider. Nango's session lives 30 minutes.
    pub browser: SignedDuration,
    /// For Nango to make the connection once it has all it needs, as long as it answers that it has not.
    pub settling: SignedDuration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self { browser: SignedDuration::from_mins(30), settling: SignedDuration::from_mins(1) }
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Nango began the dance and named where the answer will go.
    AuthorizationBegun {
        /// By [`method_for`].
        method: Method,
    },
    /// The filled-in form is about to be sent.
    FormSubmitted,
    /// Nango does not know the connection that is to be renewed.
    ConnectionGone,
    /// Making the session or beginning the dance failed, or the form was turned away before it was looked at.
    StartFailed {
        /// What happened, worded for people.
        message: String,
        /// What to do.
        hint: String,
    },
    /// A link with this attempt's state arrived and carries a code.
    CallbackGranted,
    /// A link with this attempt's state arrived and says no.
    CallbackRefused(String),
    /// Nango accepted the forwarded answer.
    ForwardAccepted,
    /// Nango refused it; its words.
    ForwardRefused(Option<String>),
    /// It was sent, but no answer came.
    ForwardUnanswered,
    /// Nango has the connection: told by websocket, by the form's answer, or found by its tag.
    Completed(ConnectionId),
    /// Nango reported a failure by websocket.
    ReportedFailure {
        /// Whether it means that the person or the provider said no.
        refused: bool,
        /// Its words.
        text: String,
    },
    /// Nango or the provider did not accept what was typed.
    VerificationFailed(Option<String>),
    /// The form was sent, but no answer came.
    FormUnanswered,
    /// The person cancelled.
    CancelRequested,
    /// Time has passed.
    Tick {
        /// Whether connections can be found by tag with this key: without that, an outage cannot end well.
        can_look: bool,
    },
    /// The application started and found this attempt open.
    Resumed {
        /// Whether connections can be found by tag with this key.
        can_look: bool,
        /// What of the attempt's secrets is still in the keyring.
        kept: Kept,
    },
    /// The keyring could not keep or return the attempt's secrets.
    SecretsUnavailable,
}

/// What a restart found of an attempt in the keyring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Nothing.
    Nothing,
    /// What it takes to forward a link.
    Secrets,
    /// The same, and the answer that was about to be forwarded.
    Answer,
}

/// What the caller has to do, after saving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Open the consent page in the system browser.
    OpenBrowser,
    /// Send the filled-in form to Nango.
    SubmitForm,
    /// Forward the link's query to Nango, once.
    ForwardCallback,
    /// Ask Nango by tag first; forward the kept answer only if the connection is not there. Nango burns a
    /// state with the first answer it sees, so of two that were sent only one can count.
    LookThenForward,
    /// Ask Nango, by tag, whether the connection is there; again until the deadline.
    Look,
    /// Store the connection together with the attempt's end, in one transaction.
    RecordConnection,
    /// Note that the connection to be renewed is gone.
    MarkGone,
    /// The attempt has ended: clear away what is left of it, see [`Cleanup`].
    CleanUp(Cleanup),
}

/// What an ended attempt leaves to be cleared away, its secrets in the keyring always included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cleanup {
    /// A dance may be pending at Nango under a state we hold: burn it, so that a late approval makes nothing.
    pub burn_state: bool,
    /// A connection may be made all the same, against the person's will: delete it at Nango.
    pub discard_connection: bool,
}

/// What an event led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transition {
    /// Nothing changes.
    Ignored,
    /// Save the attempt, then perform the effects in order.
    Next {
        /// The attempt as it is now.
        attempt: Box<Attempt>,
        /// What to do.
        effects: Vec<Effect>,
    },
}

impl Attempt {
    /// What follows from an event.
    #[must_use]
    pub fn on(&self, event: Event, now: Timestamp, deadlines: &Deadlines) -> Transition {
        use State::{AwaitingBrowser, AwaitingConnection, Forwarding, Starting};
        if !self.state.is_open() {
            return Transition::Ignored;
        }
        let settle_by = now.checked_add(deadlines.settling).unwrap_or(Timestamp::MAX);
        match (&self.state, event) {
            // A renewed connection keeps its id: one of another id is not what this attempt is for.
            (_, Event::Completed(connection)) if !self.may_become(&connection) => Transition::Ignored,
            (_, Event::Completed(connection)) => {
                let next = self.ended(State::Connected(connection), now);
                let cleanup = Cleanup { burn_state: false, discard_connection: false };
                next.with(vec![Effect::RecordConnection, Effect::CleanUp(cleanup)])
            }
            (_, Event::CancelRequested) => self.end(State::Cancelled, now),
            (_, Event::SecretsUnavailable) => self.end(State::Failed(FailureReason::SecretsLost), now),

            (Starting, Event::AuthorizationBegun { method }) => {
                let deadline_at = now.checked_add(deadlines.browser).unwrap_or(Timestamp::MAX);
                Attempt { method, state: AwaitingBrowser, deadline_at, ..self.clone() }
                    .with(vec![Effect::OpenBrowser])
            }
            (Starting, Event::FormSubmitted) => {
                Attempt { state: AwaitingConnection, deadline_at: settle_by, ..self.clone() }
                    .with(vec![Effect::SubmitForm])
            }
            (Starting | AwaitingConnection, Event::ConnectionGone) => {
                let (attempt, cleanup) = self.ended_badly(State::Failed(FailureReason::ConnectionGone), now);
                attempt.with(vec![Effect::MarkGone, Effect::CleanUp(cleanup)])
            }
            (Starting | AwaitingConnection, Event::StartFailed { message, hint }) => {
                self.end(State::Failed(FailureReason::NotStarted { message, hint }), now)
            }
            // Nothing was shown to the person, and no form was sent: there is nothing to wait for.
            (Starting, Event::Resumed { .. }) => self.end(State::Failed(FailureReason::Interrupted), now),

            (AwaitingBrowser, Event::CallbackGranted) if self.method == Method::DeepLink => {
                Attempt { state: Forwarding, ..self.clone() }.with(vec![Effect::ForwardCallback])
            }
            (AwaitingBrowser, Event::CallbackRefused(reason)) if self.method == Method::DeepLink => {
                self.end(State::Refused(reason), now)
            }
            // Without its secrets a link could not be forwarded; without a look the id could not be learnt.
            (AwaitingBrowser, Event::Resumed { can_look, kept }) => {
                let can_go_on = can_look && (kept != Kept::Nothing || self.method == Method::Browser);
                if can_go_on {
                    self.clone().with(vec![Effect::Look])
                } else {
                    self.end(State::Failed(FailureReason::LostTrack), now)
                }
            }

            (Forwarding, Event::ForwardAccepted | Event::ForwardUnanswered) => {
                Attempt { state: AwaitingConnection, deadline_at: settle_by, ..self.clone() }
                    .with(vec![Effect::Look])
            }
            (Forwarding, Event::ForwardRefused(words)) => {
                self.end(State::Failed(FailureReason::CallbackRefused(words)), now)
            }
            // Whether the answer was sent before the end is unknown.
            (Forwarding, Event::Resumed { can_look: true, kept: Kept::Answer }) => {
                self.clone().with(vec![Effect::LookThenForward])
            }
            (Forwarding | AwaitingConnection, Event::Resumed { can_look, .. }) => {
                if can_look {
                    Attempt { state: AwaitingConnection, deadline_at: settle_by, ..self.clone() }
                        .with(vec![Effect::Look])
                } else {
                    self.end(State::Failed(FailureReason::LostTrack), now)
                }
            }

            (AwaitingConnection, Event::VerificationFailed(words)) => {
                self.end(State::Failed(FailureReason::NotVerified(words)), now)
            }
            (AwaitingConnection, Event::FormUnanswered) => self.clone().with(vec![Effect::Look]),

            (AwaitingBrowser | Forwarding | AwaitingConnection, Event::ReportedFailure { refused, text }) => {
                let state =
                    if refused { State::Refused(text) } else { State::Failed(FailureReason::Reported(text)) };
                self.end(state, now)
            }

            (Starting | AwaitingBrowser, Event::Tick { .. }) if now >= self.deadline_at => {
                self.end(State::Expired, now)
            }
            // Nango could not be asked all this time; while it answers, `on_nothing_found` ends the wait.
            (Forwarding | AwaitingConnection, Event::Tick { can_look })
                if now >= self.give_up_at(can_look, deadlines) =>
            {
                self.end(State::Failed(FailureReason::Unconfirmed), now)
            }
            _ => Transition::Ignored,
        }
    }

    /// Nango was asked by tag, answered, and has nothing; the deadline has passed: it was not made.
    #[must_use]
    pub fn on_nothing_found(&self, now: Timestamp) -> Transition {
        match self.state {
            State::AwaitingConnection if now >= self.deadline_at => {
                self.end(State::Failed(FailureReason::NotMade), now)
            }
            _ => Transition::Ignored,
        }
    }

    /// What an attempt that ended in an earlier run, and was not cleared away then, may have left.
    #[must_use]
    pub fn cleanup_after_restart(&self) -> Cleanup {
        Cleanup {
            burn_state: self.method == Method::DeepLink && !matches!(self.state, State::Connected(_)),
            discard_connection: self.state == State::Cancelled && self.purpose == Purpose::Connect,
        }
    }

    /// When waiting in the present state ends at the latest, whether or not Nango answers.
    #[must_use]
    pub fn give_up_at(&self, can_look: bool, deadlines: &Deadlines) -> Timestamp {
        match self.state {
            State::Forwarding | State::AwaitingConnection if can_look => {
                self.deadline_at.checked_add(deadlines.browser).unwrap_or(Timestamp::MAX)
            }
            _ => self.deadline_at,
        }
    }

    fn may_become(&self, connection: &ConnectionId) -> bool {
        match &self.purpose {
            Purpose::Connect => true,
            Purpose::Reconnect(renewed) => renewed == connection,
        }
    }

    fn end(&self, state: State, now: Timestamp) -> Transition {
        let (attempt, cleanup) = self.ended_badly(state, now);
        attempt.with(vec![Effect::CleanUp(cleanup)])
    }

    /// What could still be made is discarded after a cancel; what could still be renewed is its owner's and
    /// never deleted.
    fn ended_badly(&self, state: State, now: Timestamp) -> (Attempt, Cleanup) {
        let may_be_made = match self.state {
            State::AwaitingBrowser => self.method == Method::Browser,
            State::Forwarding | State::AwaitingConnection => true,
            _ => false,
        };
        let cleanup = Cleanup {
            burn_state: self.state == State::AwaitingBrowser && self.method == Method::DeepLink,
            discard_connection: state == State::Cancelled && may_be_made && self.purpose == Purpose::Connect,
        };
        (self.ended(state, now), cleanup)
    }

    fn ended(&self, state: State, now: Timestamp) -> Attempt {
        Attempt { state, ended_at: Some(now), cleanup_due: true, ..self.clone() }
    }

    fn with(self, effects: Vec<Effect>) -> Transition {
        Transition::Next { attempt: Box::new(self), effects }
    }
}

/// Our custom scheme, under which links come back.
pub const SCHEME: &str = "app.patchbay.desktop";

/// Which way the answer will come, read from the `redirect_uri` that Nango names when a dance begins.
#[must_use]
pub fn method_for(redirect_uri: &url::Url, bridge: Option<&url::Url>) -> Method {
    let is_bridge = bridge.is_some_and(|bridge| {
        redirect_uri.scheme() == "https"
            && bridge.scheme() == "https"
            && redirect_uri.host() == bridge.host()
            && redirect_uri.port_or_known_default() == bridge.port_or_known_default()
            && redirect_uri.path().trim_end_matches('/') == bridge.path().trim_end_matches('/')
    });
    if redirect_uri.scheme() == SCHEME || is_bridge { Method::DeepLink } else { Method::Browser }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};
    use rstest::rstest;
    use uuid::Uuid;

    use super::{
        Attempt, Cleanup, Deadlines, Effect, Event, FailureReason, Kept, Method, Purpose, State, Transition,
        method_for,
    };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    fn attempt(state: State, method: Method) -> Attempt {
        Attempt {
            id: Uuid::from_u128(1).into(),
            profile: Uuid::from_u128(2).into(),
            purpose: Purpose::Connect,
            instance: Uuid::from_u128(3).into(),
            connector: None,
            provider: "github".into(),
            integration: "github".into(),
            label: "GitHub".into(),
            method,
            state,
            started_at: at(0),
            deadline_at: at(1000),
            ended_at: None,
            cleanup_due: false,
        }
    }

    const DEADLINES: Deadlines =
        Deadlines { browser: SignedDuration::from_secs(1800), settling: SignedDuration::from_secs(100) };
    const ALL: fn(bool) -> Cleanup = |burn_state| Cleanup { burn_state, discard_connection: false };

    /// The state after the event and what is to be done; `None` where nothing changes.
    fn after(state: State, method: Method, event: Event) -> Option<(State, Vec<Effect>)> {
        match attempt(state, method).on(event, at(10), &DEADLINES) {
            Transition::Ignored => None,
            Transition::Next { attempt, effects } => {
                assert_eq!(attempt.ended_at.is_some(), !attempt.state.is_open(), "the end has a time");
                assert_eq!(attempt.cleanup_due, !attempt.state.is_open(), "every end clears away");
                Some((attempt.state, effects))
            }
        }
    }

    fn failed(reason: FailureReason) -> State {
        State::Failed(reason)
    }

    #[rstest]
    #[case::begun(State::Starting, Method::Undecided,
        Event::AuthorizationBegun { method: Method::DeepLink },
        State::AwaitingBrowser, vec![Effect::OpenBrowser])]
    #[case::form(State::Starting, Method::Form, Event::FormSubmitted,
        State::AwaitingConnection, vec![Effect::SubmitForm])]
    #[case::granted(State::AwaitingBrowser, Method::DeepLink, Event::CallbackGranted,
        State::Forwarding, vec![Effect::ForwardCallback])]
    #[case::refused(State::AwaitingBrowser, Method::DeepLink, Event::CallbackRefused("no".into()),
        State::Refused("no".into()), vec![Effect::CleanUp(ALL(true))])]
    #[case::accepted(State::Forwarding, Method::DeepLink, Event::ForwardAccepted,
        State::AwaitingConnection, vec![Effect::Look])]
    #[case::unanswered(State::Forwarding, Method::DeepLink, Event::ForwardUnanswered,
        State::AwaitingConnection, vec![Effect::Look])]
    #[case::forward_refused(State::Forwarding, Method::DeepLink, Event::ForwardRefused(None),
        failed(FailureReason::CallbackRefused(None)), vec![Effect::CleanUp(ALL(false))])]
    #[case::completed_in_browser(State::AwaitingBrowser, Method::Browser, Event::Completed("c".into()),
        State::Connected("c".into()), vec![Effect::RecordConnection, Effect::CleanUp(ALL(false))])]
    #[case::completed_before_the_forward_was_answered(State::Forwarding, Method::DeepLink,
        Event::Completed("c".into()),
        State::Connected("c".into()), vec![Effect::RecordConnection, Effect::CleanUp(ALL(false))])]
    #[case::socket_says_denied(State::AwaitingBrowser, Method::Browser,
        Event::ReportedFailure { refused: true, text: "access_denied".into() },
        State::Refused("access_denied".into()), vec![Effect::CleanUp(ALL(false))])]
    #[case::not_verified(State::AwaitingConnection, Method::Form, Event::VerificationFailed(None),
        failed(FailureReason::NotVerified(None)), vec![Effect::CleanUp(ALL(false))])]
    #[case::form_turned_away(State::AwaitingConnection, Method::Form,
        Event::StartFailed { message: "m".into(), hint: "h".into() },
        failed(FailureReason::NotStarted { message: "m".into(), hint: "h".into() }),
        vec![Effect::CleanUp(ALL(false))])]
    #[case::form_unanswered(State::AwaitingConnection, Method::Form, Event::FormUnanswered,
        State::AwaitingConnection, vec![Effect::Look])]
    fn what_follows(
        #[case] state: State,
        #[case] method: Method,
        #[case] event: Event,
        #[case] expected: State,
        #[case] effects: Vec<Effect>,
    ) {
        assert_eq!(after(state, method, event), Some((expected, effects)));
    }

    #[rstest]
    #[case::a_link_in_browser_mode(State::AwaitingBrowser, Method::Browser, Event::CallbackGranted)]
    #[case::a_second_link(State::Forwarding, Method::DeepLink, Event::CallbackGranted)]
    #[case::a_link_before_the_browser(State::Starting, Method::Undecided, Event::CallbackGranted)]
    #[case::too_early(State::AwaitingBrowser, Method::DeepLink, Event::Tick { can_look: true })]
    #[case::late_answer(State::AwaitingConnection, Method::DeepLink, Event::ForwardRefused(None))]
    fn what_changes_nothing(#[case] state: State, #[case] method: Method, #[case] event: Event) {
        assert_eq!(after(state, method, event), None);
    }

    #[test]
    fn an_ended_attempt_never_changes() {
        for state in [
            State::Connected("c".into()),
            State::Refused("no".into()),
            State::Expired,
            State::Cancelled,
            failed(FailureReason::NotMade),
        ] {
            for event in [
                Event::CallbackGranted,
                Event::Completed("other".into()),
                Event::CancelRequested,
                Event::Tick { can_look: true },
                Event::Resumed { can_look: true, kept: Kept::Answer },
                Event::SecretsUnavailable,
            ] {
                assert_eq!(after(state.clone(), Method::DeepLink, event), None, "{state:?}");
            }
        }
    }

    /// Cancel works at every point, and whatever could still be made is burnt or discarded.
    #[rstest]
    #[case(State::Starting, Method::Undecided, false, false)]
    #[case(State::AwaitingBrowser, Method::DeepLink, true, false)]
    #[case(State::AwaitingBrowser, Method::Browser, false, true)]
    #[case(State::Forwarding, Method::DeepLink, false, true)]
    #[case(State::AwaitingConnection, Method::DeepLink, false, true)]
    #[case(State::AwaitingConnection, Method::Form, false, true)]
    fn cancelling(
        #[case] state: State,
        #[case] method: Method,
        #[case] burn_state: bool,
        #[case] discard_connection: bool,
    ) {
        let (next, effects) = after(state, method, Event::CancelRequested).expect("cancel is never ignored");
        assert_eq!(next, State::Cancelled);
        assert_eq!(effects, [Effect::CleanUp(Cleanup { burn_state, discard_connection })]);
    }

    fn renewal(state: State, method: Method) -> Attempt {
        Attempt { purpose: Purpose::Reconnect("c".into()), ..attempt(state, method) }
    }

    /// Whatever a reconnect ends with, now or after a restart, the connection is not deleted.
    #[rstest]
    fn a_reconnect_discards_nothing(
        #[values(State::Starting, State::AwaitingBrowser, State::Forwarding, State::AwaitingConnection)]
        state: State,
        #[values(Method::DeepLink, Method::Browser, Method::Form)] method: Method,
    ) {
        let before = renewal(state.clone(), method);
        let Transition::Next { attempt, effects } = before.on(Event::CancelRequested, at(10), &DEADLINES)
        else {
            panic!("cancel is never ignored")
        };
        let burn_state = state == State::AwaitingBrowser && method == Method::DeepLink;
        assert_eq!(effects, [Effect::CleanUp(Cleanup { burn_state, discard_connection: false })]);
        assert!(!attempt.cleanup_after_restart().discard_connection);
    }

    #[test]
    fn a_reconnect_ends_only_with_the_connection_it_is_for() {
        let waiting = renewal(State::AwaitingConnection, Method::DeepLink);
        assert_eq!(waiting.on(Event::Completed("other".into()), at(10), &DEADLINES), Transition::Ignored);
        let done = waiting.on(Event::Completed("c".into()), at(10), &DEADLINES);
        let Transition::Next { attempt, effects } = done else { panic!("it is done") };
        assert_eq!(attempt.state, State::Connected("c".into()));
        assert!(effects.contains(&Effect::RecordConnection));
    }

    #[rstest]
    #[case(State::Starting, Method::Undecided)]
    #[case(State::AwaitingConnection, Method::Form)]
    fn a_connection_that_is_gone_cannot_be_renewed(#[case] state: State, #[case] method: Method) {
        let gone = renewal(state, method).on(Event::ConnectionGone, at(10), &DEADLINES);
        let Transition::Next { attempt, effects } = gone else { panic!("it ends") };
        assert_eq!(attempt.state, failed(FailureReason::ConnectionGone));
        assert_eq!(effects, [Effect::MarkGone, Effect::CleanUp(ALL(false))]);
    }

    #[test]
    fn a_passed_deadline_ends_the_wait() {
        let tick = |state: State, second| {
            attempt(state, Method::DeepLink).on(Event::Tick { can_look: true }, at(second), &DEADLINES)
        };
        for (state, second, expected) in [
            (State::Starting, 1000, State::Expired),
            (State::AwaitingBrowser, 1000, State::Expired),
            (State::Forwarding, 2800, failed(FailureReason::Unconfirmed)),
            (State::AwaitingConnection, 2800, failed(FailureReason::Unconfirmed)),
        ] {
            assert_eq!(tick(state.clone(), second - 1), Transition::Ignored, "{state:?} waits until then");
            let Transition::Next { attempt, .. } = tick(state, second) else { panic!("it has passed") };
            assert_eq!(attempt.state, expected);
        }
    }

    #[test]
    fn nothing_found_ends_the_wait_only_after_the_deadline() {
        let waiting = attempt(State::AwaitingConnection, Method::DeepLink);
        assert_eq!(waiting.on_nothing_found(at(999)), Transition::Ignored);
        let Transition::Next { attempt, .. } = waiting.on_nothing_found(at(1000)) else { panic!("over") };
        assert_eq!(attempt.state, failed(FailureReason::NotMade));
    }

    /// What a restart makes of an open attempt.
    #[rstest]
    #[case(State::Starting, Method::Undecided, true, Kept::Secrets, failed(FailureReason::Interrupted), None)]
    #[case(
        State::AwaitingBrowser,
        Method::DeepLink,
        true,
        Kept::Secrets,
        State::AwaitingBrowser,
        Some(Effect::Look)
    )]
    #[case(
        State::AwaitingBrowser,
        Method::DeepLink,
        true,
        Kept::Nothing,
        failed(FailureReason::LostTrack),
        None
    )]
    #[case(
        State::AwaitingBrowser,
        Method::DeepLink,
        false,
        Kept::Secrets,
        failed(FailureReason::LostTrack),
        None
    )]
    #[case(
        State::AwaitingBrowser,
        Method::Browser,
        true,
        Kept::Nothing,
        State::AwaitingBrowser,
        Some(Effect::Look)
    )]
    #[case(
        State::AwaitingBrowser,
        Method::Browser,
        false,
        Kept::Secrets,
        failed(FailureReason::LostTrack),
        None
    )]
    #[case(
        State::Forwarding,
        Method::DeepLink,
        true,
        Kept::Answer,
        State::Forwarding,
        Some(Effect::LookThenForward)
    )]
    #[case(
        State::Forwarding,
        Method::DeepLink,
        true,
        Kept::Secrets,
        State::AwaitingConnection,
        Some(Effect::Look)
    )]
    #[case(State::Forwarding, Method::DeepLink, false, Kept::Answer, failed(FailureReason::LostTrack), None)]
    #[case(
        State::AwaitingConnection,
        Method::Form,
        true,
        Kept::Nothing,
        State::AwaitingConnection,
        Some(Effect::Look)
    )]
    #[case(
        State::AwaitingConnection,
        Method::Form,
        false,
        Kept::Nothing,
        failed(FailureReason::LostTrack),
        None
    )]
    fn resuming(
        #[case] state: State,
        #[case] method: Method,
        #[case] can_look: bool,
        #[case] kept: Kept,
        #[case] expected: State,
        #[case] effect: Option<Effect>,
    ) {
        let (next, effects) =
            after(state, method, Event::Resumed { can_look, kept }).expect("a restart decides");
        assert_eq!(next, expected);
        assert!(effect.is_none_or(|effect| effects == [effect]), "{effects:?}");
        assert!(!effects.contains(&Effect::SubmitForm), "a form is never sent twice");
        assert!(!effects.contains(&Effect::ForwardCallback), "an answer is not sent before Nango was asked");
    }

    #[test]
    fn the_way_home_is_read_from_the_redirect_uri() {
        let bridge = "https://bridge.test/patchbay/".parse().ok();
        for (redirect, method) in [
            ("app.patchbay.desktop://oauth/callback", Method::DeepLink),
            ("https://bridge.test/patchbay", Method::DeepLink),
            ("https://bridge.test/other", Method::Browser),
            ("http://bridge.test/patchbay", Method::Browser),
            ("http://localhost:3003/oauth/callback", Method::Browser),
            ("https://api.nango.dev/oauth/callback", Method::Browser),
        ] {
            let redirect = redirect.parse().expect("a URL");
            assert_eq!(method_for(&redirect, bridge.as_ref()), method, "{redirect}");
        }
    }
}
