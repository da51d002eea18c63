//! Values to show.

use jiff::{SignedDuration, Timestamp};
use patchbay_core::attempt::Method;
use patchbay_core::auth_mode::AuthMode;
use patchbay_core::avatar::Avatar;
use patchbay_core::connection::{Account, Health};
use patchbay_core::id::InstanceId;
use patchbay_core::profile::{ProfileKind, Scope, ScopeState};
use patchbay_ipc::{
    Appearance, AttemptView, Availability, CheckReport, Code, ConnectionView, ConnectorView, DeepLinkState,
    DeepLinkView, Failure, HistoryLine, KeyPresence, KeyringState, KeyringView, NetworkView, Notice,
    Overview, Phase, ProfileView, ScopeLine, StepView, Tag, TestOutcome, TestReport, Tone,
};

/// The time of every test.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).expect("in range")
}

fn hours_ago(hours: i64) -> Timestamp {
    now() - SignedDuration::from_hours(hours)
}

fn instance() -> InstanceId {
    "6f9619ff-8b86-4d01-b42d-00cf4fc964ff".parse().expect("a UUID")
}

pub(crate) fn failure() -> Failure {
    Failure {
        code: Code::UnexpectedAnswer,
        message: "It went wrong.".into(),
        hint: "Do it again.".into(),
        detail: Some("status 500".into()),
        field: None,
    }
}

pub(crate) fn notice(tone: Tone, message: &str) -> Notice {
    Notice { tone, message: message.into(), hint: None, at: now() }
}

pub(crate) fn overview() -> Overview {
    Overview {
        version: "0.1.0".into(),
        profile: Some(ProfileView {
            id: "00000000-0000-4000-8000-000000000001".parse().expect("a UUID"),
            kind: ProfileKind::Nango,
            name: "nango.example.test".into(),
            server_url: "https://nango.example.test".into(),
            user_id: "alex".into(),
            user_name: None,
            bridge_url: None,
            enabled: true,
            key: KeyPresence::Stored,
            overrides: vec![],
            check: None,
            last_synced_at: None,
        }),
        profiles: vec![],
        network: NetworkView::Online,
        keyring: KeyringView { state: KeyringState::Available, message: "It works.".into(), hint: None },
        deep_link: DeepLinkView {
            state: DeepLinkState::Registered,
            message: "They come here.".into(),
            hint: None,
        },
        appearance: Appearance::System,
        language: patchbay_texts::Language::English,
        chosen_language: None,
        open_attempts: vec![],
        connections: 0,
        connections_needing_attention: 0,
        recovery: None,
    }
}

pub(crate) fn connector() -> ConnectorView {
    ConnectorView {
        slug: "github".into(),
        name: "GitHub".into(),
        category: "Development & Code".into(),
        description: "Repositories and issues.".into(),
        icon: Some("SiGithub".into()),
        keywords: vec![],
        provider: "github".into(),
        note: None,
        auth_mode: AuthMode::OAuth2,
        availability: Availability::Ready,
        connected: 0,
        needing_attention: 0,
    }
}

pub(crate) fn connection(label: &str) -> ConnectionView {
    ConnectionView {
        instance: instance(),
        connection_id: "conn-1".into(),
        connector: Some("github".into()),
        provider: "github".into(),
        connector_name: "GitHub".into(),
        icon: Some("SiGithub".into()),
        integration: "github-prod".into(),
        label: label.into(),
        account: Some(Account {
            id: "42".into(),
            name: "alex".into(),
            email: Some("alex@example.test".into()),
        }),
        mismatch: None,
        health: Health::NeedsReconnect,
        awaits_approval: false,
        health_words: "Needs reconnect".into(),
        health_learnt_at: Some(hours_ago(2)),
        created_at: hours_ago(50),
        last_used_at: None,
        last_error: Some("The provider said invalid_grant.".into()),
        avatar: Avatar::of(instance(), label),
        tags: vec![Tag { key: "team".into(), value: "Ops".into() }],
        try_again_first: false,
    }
}

pub(crate) fn working(label: &str) -> ConnectionView {
    let (health, health_words) = (Health::Works, "Works".into());
    ConnectionView { health, health_words, last_error: None, ..connection(label) }
}

pub(crate) fn sam() -> Account {
    Account { id: "43".into(), name: "sam".into(), email: Some("sam@example.test".into()) }
}

pub(crate) fn tested(outcome: TestOutcome, connection: ConnectionView) -> TestReport {
    TestReport {
        outcome,
        sentence: "So it is.".into(),
        asked: Some("GET /user".into()),
        answered: (outcome == TestOutcome::Fails).then(|| "401: <b>no</b>".into()),
        connection,
    }
}

pub(crate) fn history(lines: i64) -> Vec<HistoryLine> {
    let line = |number| HistoryLine {
        at: hours_ago(lines - number),
        words: format!("event {number}"),
        detail: (number == 0).then(|| "the very first".into()),
    };
    (0..lines).map(line).collect()
}

pub(crate) fn attempt(phase: Phase) -> AttemptView {
    let failed = matches!(phase, Phase::Failed | Phase::Refused);
    AttemptView {
        id: "00000000-0000-4000-8000-000000000009".parse().expect("a UUID"),
        connector: Some("github".into()),
        provider: "github".into(),
        connector_name: "GitHub".into(),
        icon: Some("SiGithub".into()),
        label: "work".into(),
        instance: instance(),
        is_reconnect: false,
        awaits_approval: false,
        phase,
        words: format!("Words of {phase:?}"),
        explanation: "What happens next".into(),
        method: Method::DeepLink,
        started_at: hours_ago(1),
        deadline_at: phase.is_open().then(now),
        ended_at: (!phase.is_open()).then(now),
        steps: vec![StepView { at: hours_ago(1), words: "Asked Nango for a session".into(), detail: None }],
        problem: failed.then(failure),
    }
}

pub(crate) fn report() -> CheckReport {
    let line = |scope: Scope, state| ScopeLine {
        scope,
        name: scope.name().into(),
        need: scope.need(),
        state,
        meaning: "What it is for.".into(),
    };
    CheckReport {
        checked_at: hours_ago(1),
        summary: "Something is missing.".into(),
        all_well: false,
        for_operator: "Give it these.".into(),
        scopes: vec![
            line(Scope::Proxy, ScopeState::Missing),
            line(Scope::ConnectionsReadCredentials, ScopeState::Granted),
        ],
    }
}
