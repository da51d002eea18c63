//! From what is stored to what the window shows.

use patchbay_core::attempt::{Attempt, FailureReason, Method, Purpose, State};
use patchbay_core::avatar::Avatar;
use patchbay_core::connection::{Connection, Health};
use patchbay_core::connector::ConnectorManifest;
use patchbay_core::profile::{CheckedScopes, Need, Profile, ProfileKind, Scope, ScopeState};
use patchbay_core::step::Step;
use patchbay_ipc::{
    AtNango, AttemptView, CheckReport, ConnectionView, DisconnectReport, HistoryLine, KeyPresence,
    OverrideView, Phase, ProfileSummary, ProfileView, ScopeLine, StepView, SyncReport, Tag,
};
use patchbay_store::{AttemptStep, ConnectionEvent, HealthCount, Removal, SyncOutcome};

use crate::events::Ending;
use crate::failure;
use crate::profiles::Overrides;
use patchbay_texts::t;

/// Whether somebody should look at connections in this state.
pub(crate) fn needs_attention(count: &HealthCount) -> bool {
    count.awaiting_decision || matches!(count.health, Health::NeedsReconnect | Health::Gone)
}

fn profile_name(profile: &Profile) -> String {
    match profile.kind {
        ProfileKind::Sandbox => t!("Sandbox").to_owned(),
        ProfileKind::Nango => {
            let host = profile.server_url.host_str().unwrap_or_default();
            profile.server_url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
        }
    }
}

pub(crate) fn profile_summary(profile: &Profile) -> ProfileSummary {
    ProfileSummary {
        id: profile.id,
        kind: profile.kind,
        name: profile_name(profile),
        user_id: profile.user_id.clone(),
    }
}

pub(crate) fn profile(profile: Profile, key: KeyPresence, overrides: &Overrides) -> ProfileView {
    let is_nango = profile.kind == ProfileKind::Nango;
    let mut shown = Vec::new();
    let mut show = |variable: &str, effect: &str| {
        shown.push(OverrideView { variable: variable.to_owned(), effect: effect.to_owned() });
    };
    if is_nango && overrides.server_url.is_some() {
        show("NANGO_BASE_URL", t!("Names the server for this run."));
    }
    if is_nango && overrides.server_url_ignored {
        show("NANGO_BASE_URL", t!("Is not an http or https address and is ignored."));
    }
    if is_nango && overrides.key.is_some() {
        show("NANGO_SECRET_KEY", t!("Is the key for this run."));
    }
    match overrides.enabled {
        Some(false) => show("NANGO_ENABLED", t!("Switches the network off for this run.")),
        Some(true) => show("NANGO_ENABLED", t!("Switches the network on for this run.")),
        None => {}
    }
    ProfileView {
        id: profile.id,
        kind: profile.kind,
        name: profile_name(&profile),
        server_url: profile.server_url.to_string(),
        check: profile.check.as_ref().map(|check| check_report(check, profile.kind)),
        user_id: profile.user_id,
        user_name: profile.user_name,
        bridge_url: profile.bridge_url.map(String::from),
        enabled: profile.enabled,
        key,
        overrides: shown,
        last_synced_at: profile.last_synced_at,
    }
}

pub(crate) fn check_report(check: &CheckedScopes, kind: ProfileKind) -> CheckReport {
    let count = |need, state| {
        Scope::ALL.into_iter().filter(|scope| scope.need() == need && check.state(*scope) == state).count()
    };
    let missing = count(Need::Required, ScopeState::Missing);
    let untold = count(Need::Required, ScopeState::Unknown);
    let too_much = count(Need::Unwanted, ScopeState::Granted);
    let (summary, all_well) = match (kind, missing, too_much) {
        (ProfileKind::Sandbox, ..) => {
            (t!("The sandbox's key may do everything. It guards nothing but sample data.").to_owned(), true)
        }
        (_, 0, _) if untold > 0 => (
            t!(
                "Whether the key has {untold} of the scopes Patchbay needs could not be learnt. Check it again.",
                untold
            ),
            false,
        ),
        (_, 0, 0) => (t!("The key has what Patchbay needs and no more.").to_owned(), true),
        (_, 0, _) => (
            t!("The key works, but may do more than Patchbay needs. Ask the operator for a narrower one.")
                .to_owned(),
            false,
        ),
        (_, missing, _) => (
            t!(
                "The key lacks {missing} of the scopes Patchbay needs. Ask the operator to add them.",
                missing
            ),
            false,
        ),
    };
    let scopes = Scope::ALL.into_iter().map(|scope| ScopeLine {
        scope,
        name: scope.name().to_owned(),
        need: scope.need(),
        state: check.state(scope),
        meaning: meaning(scope).to_owned(),
    });
    CheckReport {
        checked_at: check.checked_at,
        summary,
        all_well,
        scopes: scopes.collect(),
        for_operator: for_operator(check),
    }
}

/// What to give the operator: the exact scopes that a key for Patchbay should have, and what to change of this
/// one.
fn for_operator(check: &CheckedScopes) -> String {
    let of = |need: Need, states: &[ScopeState]| -> Vec<&'static str> {
        let all = Scope::ALL.into_iter();
        all.filter(|scope| scope.need() == need && states.contains(&check.state(*scope)))
            .map(Scope::name)
            .collect()
    };
    let any = [ScopeState::Granted, ScopeState::Missing, ScopeState::Unknown];
    let mut text = String::from(t!("A key for Patchbay needs exactly these scopes of its environment:\n"));
    let mut list = |heading: &str, scopes: Vec<&str>| {
        if !scopes.is_empty() {
            text.push_str(heading);
            for scope in scopes {
                text.push_str("- ");
                text.push_str(scope);
                text.push('\n');
            }
        }
    };
    list("", of(Need::Required, &any));
    list(t!("These make it easier to use, and may be left out:\n"), of(Need::Optional, &any));
    list(t!("The present key lacks:\n"), of(Need::Required, &[ScopeState::Missing]));
    list(t!("The present key should not have:\n"), of(Need::Unwanted, &[ScopeState::Granted]));
    let unwanted = of(Need::Unwanted, &[ScopeState::Granted]).len();
    if unwanted == of(Need::Unwanted, &any).len() {
        text.push_str(t!(
            "It looks as if it had all of them: environment:* or a key that was never narrowed.\n"
        ));
    }
    text.push_str(t!("Nango's dashboard makes keys with fewer scopes: Environment settings, API keys.\n"));
    text
}

fn meaning(scope: Scope) -> &'static str {
    match scope {
        Scope::ConnectSessionsWrite => t!("Begin to connect an account."),
        Scope::ConnectionsRead => t!("Look at a connection before it is reconnected."),
        Scope::ConnectionsUpdate => t!("Keep a connection's tags."),
        Scope::ConnectionsDelete => t!("Disconnect an account."),
        Scope::IntegrationsList => t!("See which services the server offers."),
        Scope::Proxy => t!("Call a service as a connection."),
        Scope::ConnectionsList => {
            t!(
                "Find connections made elsewhere, or lost on the way. Without it, ids that nobody can guess keep users apart."
            )
        }
        Scope::ConnectionsReadCredentials => t!("Would let this key read every account's tokens."),
        Scope::IntegrationsReadCredentials => t!("Would let this key read the operator's app secrets."),
        Scope::IntegrationsCreate => {
            t!(
                "Set up a service here that the server does not offer yet. Without it, the operator does that."
            )
        }
        Scope::IntegrationsDelete => {
            t!("Would let this key delete an integration, and with it everybody's connections.")
        }
    }
}

pub(crate) fn connection(
    connection: Connection,
    connector_name: String,
    manifest: Option<&ConnectorManifest>,
) -> ConnectionView {
    let health_words = connection.health_words().to_owned();
    let mismatch = connection.mismatch.filter(|mismatch| !mismatch.refused);
    ConnectionView {
        mismatch: mismatch.map(|mismatch| mismatch.account),
        avatar: Avatar::of(connection.instance, &connection.label),
        connector_name,
        health_words,
        awaits_approval: connection.awaits_approval,
        icon: manifest.and_then(|manifest| manifest.icon.clone()),
        instance: connection.instance,
        connection_id: connection.connection_id,
        connector: connection.connector,
        provider: connection.provider,
        integration: connection.integration,
        label: connection.label,
        account: connection.account,
        health: connection.health,
        health_learnt_at: connection.health_learnt_at,
        created_at: connection.created_at,
        last_used_at: connection.last_used_at,
        last_error: connection.last_error,
        try_again_first: connection.health == Health::NeedsReconnect && !connection.refusal_stands,
        tags: connection.tags.into_iter().map(|(key, value)| Tag { key, value }).collect(),
    }
}

pub(crate) fn history_line(event: ConnectionEvent) -> HistoryLine {
    HistoryLine { at: event.at, words: event.kind.words().to_owned(), detail: event.detail }
}

pub(crate) fn disconnect_consequences(connection: &ConnectionView, at_once: bool) -> Vec<String> {
    let name = &connection.connector_name;
    let mut sentences = Vec::new();
    if connection.health == Health::Gone {
        sentences.push(t!("It is already gone at Nango; only the entry here is removed.").to_owned());
    } else if at_once {
        sentences.push(t!("Nango deletes the connection and the credentials it keeps for it.").to_owned());
    } else {
        sentences.push(
            t!("Nango cannot be reached at the moment. The disconnect is queued and carried out as soon as it can.")
                .to_owned(),
        );
    }
    sentences.push(t!(
        "The grant you gave at {name} may remain. Take it back in your account's settings there.",
        name
    ));
    sentences
}

pub(crate) fn disconnect_report(
    at_nango: AtNango,
    removal: Option<Removal>,
    connection: &ConnectionView,
) -> DisconnectReport {
    let removed_here = removal == Some(Removal::Removed);
    let (label, name) = (&connection.label, &connection.connector_name);
    let first = match &at_nango {
        AtNango::Deleted => t!("“{label}” was deleted at Nango.", label),
        AtNango::AlreadyGone => t!("“{label}” was already gone at Nango.", label),
        AtNango::Queued => t!("“{label}” will be deleted at Nango as soon as it can be reached.", label),
        AtNango::Failed(failure) => {
            t!("“{label}” is still at Nango. {message}", label, message = failure.message)
        }
    };
    let mut sentences = vec![first];
    if removed_here {
        sentences.push(t!("It was removed from this machine.").to_owned());
    }
    if removal == Some(Removal::KeptAsGone) {
        sentences.push(failure::workflows::kept_as_gone(label));
    }
    if removal.is_some() {
        sentences.push(t!("The grant at {name} may remain until you take it back there.", name));
    }
    DisconnectReport { at_nango, removed_here, sentences }
}

pub(crate) fn sync_report(seen: u32, outcome: SyncOutcome) -> SyncReport {
    let SyncOutcome { discovered, gone, health_changed } = outcome;
    let summary = match (discovered, gone, health_changed) {
        (0, 0, 0) => t!("Up to date: {seen} at Nango, nothing has changed.", seen),
        _ => t!(
            "{seen} at Nango: {discovered} new here, {gone} gone, {health_changed} with another state.",
            seen,
            discovered,
            gone,
            health_changed
        ),
    };
    SyncReport { seen, discovered, gone, health_changed, summary }
}

pub(crate) fn attempt(
    attempt: Attempt,
    steps: Vec<AttemptStep>,
    connector_name: String,
    manifest: Option<&ConnectorManifest>,
) -> AttemptView {
    let awaits_approval = matches!(attempt.state, State::Connected(_))
        && steps.iter().any(|step| step.step == Step::PendingApproval);
    let (words, explanation) = words(&attempt, &connector_name, awaits_approval);
    let steps = steps.into_iter().map(|step| StepView {
        at: step.at,
        words: step.step.words().to_owned(),
        detail: step.detail,
    });
    AttemptView {
        id: attempt.id,
        phase: phase(&attempt.state),
        words: words.to_owned(),
        explanation,
        problem: failure::of_attempt(&attempt, &connector_name),
        is_reconnect: attempt.purpose != Purpose::Connect,
        connector_name,
        icon: manifest.and_then(|manifest| manifest.icon.clone()),
        awaits_approval,
        connector: attempt.connector,
        provider: attempt.provider,
        label: attempt.label,
        instance: attempt.instance,
        method: attempt.method,
        started_at: attempt.started_at,
        deadline_at: attempt.state.is_open().then_some(attempt.deadline_at),
        ended_at: attempt.ended_at,
        steps: steps.collect(),
    }
}

/// How an attempt ended, for somebody who does not see the window.
pub(crate) fn ending(attempt: &Attempt, connector_name: &str, awaits_approval: bool) -> Ending {
    let (words, explanation) = words(attempt, connector_name, awaits_approval);
    let about = if attempt.label == connector_name {
        connector_name.to_owned()
    } else {
        format!("{} ({connector_name})", attempt.label)
    };
    let explanation =
        failure::of_attempt(attempt, connector_name).map_or(explanation, |failure| failure.message);
    Ending { attempt: attempt.id, title: format!("{about}: {}", words.to_lowercase()), words: explanation }
}

fn phase(state: &State) -> Phase {
    match state {
        State::Starting => Phase::Starting,
        State::AwaitingBrowser => Phase::AwaitingBrowser,
        State::Forwarding => Phase::Forwarding,
        State::AwaitingConnection => Phase::AwaitingConnection,
        State::Connected(_) => Phase::Connected,
        State::Refused(_) => Phase::Refused,
        State::Expired => Phase::Expired,
        State::Cancelled => Phase::Cancelled,
        State::Failed(_) => Phase::Failed,
    }
}

fn words(attempt: &Attempt, name: &str, awaits_approval: bool) -> (&'static str, String) {
    let renews = attempt.purpose != Purpose::Connect;
    let as_it_was = || t!("“{label}” is as it was before.", label = attempt.label);
    match &attempt.state {
        State::Starting => (t!("Starting"), t!("Asking Nango to begin.").to_owned()),
        State::AwaitingBrowser if renews => (
            t!("Waiting for you in the browser"),
            t!("Choose the same {name} account there as before, and approve.", name),
        ),
        State::AwaitingBrowser => {
            (t!("Waiting for you in the browser"), t!("Choose your {name} account there and approve.", name))
        }
        State::Forwarding => {
            (t!("Passing the answer to Nango"), t!("You can close the browser page.").to_owned())
        }
        State::AwaitingConnection if attempt.method == Method::Form => {
            (t!("Checking what you entered"), t!("Nango is trying it at {name}.", name))
        }
        State::AwaitingConnection if renews => {
            (t!("Waiting for Nango"), t!("Nango has the answer and is renewing the connection.").to_owned())
        }
        State::AwaitingConnection => {
            (t!("Waiting for Nango"), t!("Nango has the answer and is making the connection.").to_owned())
        }
        State::Connected(_) if awaits_approval => (
            t!("Waiting for approval"),
            t!(
                "“{label}” is connected, and can be used once an administrator has approved it at {name}.",
                label = attempt.label,
                name
            ),
        ),
        State::Connected(_) if renews => {
            (t!("Reconnected"), t!("“{label}” has been renewed.", label = attempt.label))
        }
        State::Connected(_) => (t!("Connected"), t!("“{label}” is ready to be used.", label = attempt.label)),
        State::Refused(_) if renews => (t!("Refused"), as_it_was()),
        State::Refused(_) => (t!("Refused"), t!("No connection to {name} was made.", name)),
        State::Expired => (t!("Expired"), t!("Nobody came back from the browser in time.").to_owned()),
        State::Cancelled if renews => (t!("Cancelled"), t!("You cancelled it. {then}", then = as_it_was())),
        State::Cancelled => (t!("Cancelled"), t!("You cancelled it. No connection is kept.").to_owned()),
        State::Failed(FailureReason::Interrupted) => {
            (t!("Interrupted"), t!("Patchbay ended before the browser was opened.").to_owned())
        }
        State::Failed(FailureReason::ConnectionGone) => {
            (t!("Failed"), t!("“{label}” does not exist at Nango any more.", label = attempt.label))
        }
        State::Failed(_) if renews => {
            (t!("Failed"), t!("“{label}” is not known to have been renewed.", label = attempt.label))
        }
        State::Failed(_) => (t!("Failed"), t!("No connection to {name} is known to have been made.", name)),
    }
}
