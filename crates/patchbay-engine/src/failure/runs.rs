//! The words for runs: what a call came to, why a task failed and what to do next.

use nango_client::{Error as NangoError, ProxyFailure, TransportKind};
use patchbay_core::workflow::run::{DslError, RunState, TaskState};
use patchbay_ipc::{Code, Failure, RunEntryView};
use patchbay_runner::{CallFailure, CallFailureKind, HttpAnswer};
use patchbay_texts::t;
use serde::de::IgnoredAny;

use super::{bounded, say};
use crate::excerpt::excerpt;
use crate::redact;
use crate::run_log::Role;

/// What a call came to, as far as words need it.
#[derive(Debug, Clone)]
pub(crate) enum Answered {
    /// The one it was meant for answered.
    Status { status: u16, words: Option<String> },
    /// It did not.
    Failure(CallFailure),
}

impl Answered {
    pub(crate) fn of(answer: &Result<HttpAnswer, CallFailure>) -> Answered {
        match answer {
            Ok(answer) => Answered::Status {
                status: answer.status,
                words: if answer.status >= 400 { excerpt(&answer.body) } else { None },
            },
            Err(failure) => Answered::Failure(failure.clone()),
        }
    }
}

/// A call in a few words: `GET /user → 200`.
pub(crate) fn exchanged(method: &str, url: &str, answered: &Answered) -> String {
    let path = url.split_once("://").map_or(url, |(_, rest)| rest.find('/').map_or("/", |at| &rest[at..]));
    let path = path.split('?').next().unwrap_or_default();
    let path = path.split_once("/proxy/").map_or_else(|| path.to_owned(), |(_, path)| format!("/{path}"));
    let came = match answered {
        Answered::Status { status, .. } => status.to_string(),
        Answered::Failure(failure) => kind(failure.kind).to_owned(),
    };
    format!("{} {} → {came}", bounded(method), bounded(&path))
}

fn kind(kind: CallFailureKind) -> &'static str {
    match kind {
        CallFailureKind::ConnectionBroken => t!("needs reconnect"),
        CallFailureKind::KeyRefused => t!("key refused"),
        CallFailureKind::Forbidden => t!("not allowed"),
        CallFailureKind::Configuration => t!("not possible"),
        CallFailureKind::RateLimited => t!("too many calls"),
        CallFailureKind::Timeout => t!("no answer in time"),
        CallFailureKind::ProviderUnreachable | CallFailureKind::Network => t!("no answer"),
        CallFailureKind::BadAnswer => t!("no usable answer"),
        _ => t!("failed"),
    }
}

/// Who answered with an error, or why nobody did.
pub(crate) fn exchange_problem(answered: &Answered, name: &str) -> Option<String> {
    match answered {
        Answered::Status { status: 400.., words: Some(words) } => {
            Some(t!("{name} answered with an error: {words}", name, words))
        }
        Answered::Status { status: 400.., words: None } => Some(t!("{name} answered with an error.", name)),
        Answered::Status { .. } => None,
        Answered::Failure(failure) => Some(redact::text(&bounded(&failure.detail))),
    }
}

/// What an execution came to that called nobody, in a few words.
pub(crate) fn ended(
    state: TaskState,
    has_failed_inside: bool,
    output: Option<&str>,
    error: Option<&DslError>,
) -> Option<String> {
    match state {
        TaskState::Completed if has_failed_inside => Some(t!("caught").to_owned()),
        TaskState::Completed => {
            let items = serde_json::from_str::<Vec<IgnoredAny>>(output?).ok()?.len();
            Some(t!("1 item" | "{count} items" % items, count = items))
        }
        TaskState::Faulted => error.map(|error| bounded(&error.title)),
        _ => None,
    }
}

/// An error of the DSL as it is kept: its texts may be somebody else's.
pub(crate) fn kept_error(error: DslError) -> DslError {
    let fit = |text: &str| redact::text(&bounded(text));
    DslError { title: fit(&error.title), detail: error.detail.as_deref().map(fit), ..error }
}

/// Why a task failed, with what to do next; and whether that is to reconnect its connection.
pub(crate) fn of_task(error: &DslError, answered: Option<&Answered>, role: Option<&Role>) -> (Failure, bool) {
    let name = role.map_or(t!("The server"), |role| role.connector_name.as_str());
    let label = role.map_or("", |role| role.connection.label.as_str());
    match answered {
        Some(Answered::Status { status, words }) if *status >= 300 => {
            of_status(*status, words.as_deref(), name, label)
        }
        Some(Answered::Failure(failure)) => of_call(failure, label),
        _ => (of_error(error), false),
    }
}

fn of_status(status: u16, words: Option<&str>, name: &str, label: &str) -> (Failure, bool) {
    let detail = Some(words.map_or_else(|| status.to_string(), |words| format!("{status}: {words}")));
    let said = words.map_or_else(|| ".".to_owned(), |words| format!(": {words}"));
    let (code, message, hint) = match status {
        401 if !label.is_empty() => {
            return (
                Failure { detail, ..reconnect(label, &t!("{name} does not accept it any more.", name)) },
                true,
            );
        }
        300..=399 => (
            Code::UnexpectedAnswer,
            t!("{name} sends the call on to another address, which is not followed.", name),
            t!("Use the address it leads to, or say redirect: true to take the answer as it is.").to_owned(),
        ),
        403 if !label.is_empty() => (
            Code::Refused,
            t!("{name} does not let “{label}” do this{said}", name, label, said),
            t!("Check what this account may do at {name}, or choose another connection.", name),
        ),
        401 | 403 => (
            Code::Refused,
            t!("{name} refuses the call ({status}){said}", name, status, said),
            t!("Check how the task authenticates.").to_owned(),
        ),
        404 => (
            Code::NotFound,
            t!("{name} does not have what the task asks for{said}", name, said),
            t!("Check the task's parameters.").to_owned(),
        ),
        429 => (
            Code::RateLimited,
            t!("{name} has had too many calls and asks to wait{said}", name, said),
            t!("Run it again later, or put the task into a try with a retry.").to_owned(),
        ),
        500.. => (
            Code::UnexpectedAnswer,
            t!("{name} had a fault of its own ({status}){said}", name, status, said),
            t!("Run it again later; a try with a retry does that by itself.").to_owned(),
        ),
        _ => (
            Code::InvalidInput,
            t!("{name} refuses the call ({status}){said}", name, status, said),
            t!("Check the task's parameters.").to_owned(),
        ),
    };
    (Failure { detail, ..say(code, message, hint) }, false)
}

fn reconnect(label: &str, why: &str) -> Failure {
    say(
        Code::Refused,
        t!("“{label}” does not work any more. {why}", label, why),
        t!("Reconnect “{label}”, then run it again.", label),
    )
}

fn of_call(failure: &CallFailure, label: &str) -> (Failure, bool) {
    let said = redact::text(&bounded(&failure.detail));
    let plain = |code, hint: &str| (say(code, said.clone(), hint), false);
    match failure.kind {
        CallFailureKind::ConnectionBroken if !label.is_empty() => (reconnect(label, &said), true),
        CallFailureKind::KeyRefused => plain(Code::KeyRefused, t!("Look at the API key in Settings.")),
        CallFailureKind::Forbidden => {
            plain(Code::MissingScope, t!("Change the task, or ask the operator of this Nango."))
        }
        CallFailureKind::Configuration => {
            plain(Code::InvalidInput, t!("Check the task and the connection it runs as."))
        }
        CallFailureKind::RateLimited => plain(Code::RateLimited, t!("Run it again later.")),
        CallFailureKind::Timeout | CallFailureKind::Network | CallFailureKind::ProviderUnreachable => plain(
            Code::Unreachable,
            t!("Check the network, then run it again; a try with a retry does that by itself."),
        ),
        CallFailureKind::BadAnswer => {
            plain(Code::UnexpectedAnswer, t!("Run it again; tell the operator if it goes on."))
        }
        _ => plain(Code::Internal, t!("Run it again; report it if it goes on.")),
    }
}

/// An error that no call had.
pub(crate) fn of_error(error: &DslError) -> Failure {
    let detail = error.detail.as_deref().unwrap_or(&error.title);
    let said = redact::text(&bounded(detail));
    let kind = error.r#type.trim_end_matches('/').rsplit(['/', '#']).next().unwrap_or_default();
    let (code, message, hint) = match kind {
        "configuration" => (Code::InvalidInput, said, t!("Change the task.").to_owned()),
        "validation" => (
            Code::InvalidInput,
            t!("The data is not as the workflow demands: {said}", said),
            t!("Check the input and the schema.").to_owned(),
        ),
        "expression" => (
            Code::InvalidInput,
            t!("An expression could not be computed: {said}", said),
            t!("Try it on the last run's data in the task's panel.").to_owned(),
        ),
        "timeout" => (
            Code::Unreachable,
            t!("It took longer than the workflow allows: {said}", said),
            t!("Allow more time, or run it again.").to_owned(),
        ),
        _ => (
            Code::Refused,
            format!("{}: {said}", redact::text(&bounded(&error.title))),
            t!("See what the tasks before it came to.").to_owned(),
        ),
    };
    Failure {
        detail: Some(format!("{} {}", error.status, bounded(&error.r#type))),
        ..say(code, message, hint)
    }
}

/// Why a run may not begin.
pub(crate) fn cannot_run(obstacles: &[String]) -> Failure {
    let more = obstacles.len().saturating_sub(1);
    let first = obstacles.first().map_or("", String::as_str);
    let message = match more {
        0 => t!("It was not started. {first}", first),
        more => t!("It was not started. {first} And {more} more.", first, more),
    };
    Failure {
        detail: (more > 0).then(|| obstacles.join("\n")),
        ..say(Code::Conflict, message, t!("Mend what is named, then run it."))
    }
}

/// In what two executions of one task differ.
pub(crate) fn differences(left: &RunEntryView, right: &RunEntryView) -> Vec<String> {
    let mut differences = Vec::new();
    if left.connection_id != right.connection_id {
        let label = |entry: &RunEntryView| match (&entry.connection, &entry.connection_id) {
            (Some(connection), _) => format!("“{}”", connection.label),
            (None, Some(_)) => t!("a connection that is no more").to_owned(),
            (None, None) => t!("nobody").to_owned(),
        };
        differences.push(t!("Ran as {label} instead of {other}", label = label(right), other = label(left)));
    }
    if left.state != right.state {
        differences.push(format!("{} → {}", state(left.state), state(right.state)));
    }
    if left.summary != right.summary {
        let came = |entry: &RunEntryView| {
            let summary = if entry.summary.is_empty() { t!("nothing") } else { entry.summary.as_str() };
            summary.rsplit(" → ").next().unwrap_or(summary).to_owned()
        };
        let (left, right) = (came(left), came(right));
        if left != right {
            differences.push(format!("{left} → {right}"));
        }
    }
    if left.attempts != right.attempts {
        differences.push(t!(
            "Tried {attempts} times instead of {before}",
            attempts = right.attempts,
            before = left.attempts
        ));
    }
    differences
}

fn state(state: TaskState) -> &'static str {
    match state {
        TaskState::Running => t!("running"),
        TaskState::Completed => t!("completed"),
        TaskState::Skipped => t!("skipped"),
        TaskState::Faulted => t!("failed"),
        TaskState::Cancelled => t!("cancelled"),
        TaskState::Interrupted => t!("interrupted"),
    }
}

/// Why an expression gives nothing.
pub(crate) fn preview_problem(why: &str) -> String {
    redact::text(&bounded(why))
}

/// Why an expression was not evaluated to the end.
pub(crate) fn preview_stopped() -> String {
    t!("It takes too long to be computed here.").to_owned()
}

/// Why an expression was not evaluated.
pub(crate) fn too_long_to_preview() -> String {
    t!("What the task was given in its last run was too long to be kept whole.").to_owned()
}

/// Why an expression that names a variable was not evaluated.
pub(crate) fn unknown_variable(name: &str) -> String {
    t!("What ${name} is here is known only once the task has run, and was not too long to be kept.", name)
}

/// Why a run failed whose task failed like this.
pub(crate) fn of_run(task: &str, failure: &Failure) -> Failure {
    Failure {
        message: t!("Task “{given}” failed. {message}", given = bounded(task), message = failure.message),
        ..failure.clone()
    }
}

/// Why a run did not end well where no task failed.
pub(crate) fn of_state(state: RunState) -> Option<Failure> {
    match state {
        RunState::Interrupted => Some(say(
            Code::Conflict,
            t!("Patchbay ended while it ran. A task that was under way then may have done its work or not."),
            t!("See what its tasks came to; run it again if that does no harm."),
        )),
        RunState::Cancelled => Some(say(
            Code::Conflict,
            t!("It was cancelled. A call that was under way then may have reached its service."),
            t!("See what its tasks came to."),
        )),
        RunState::Running | RunState::Completed | RunState::Faulted => None,
    }
}

/// Why a call through Nango has no answer of the provider's.
pub(crate) fn proxy_failure(failure: &ProxyFailure, name: &str) -> CallFailure {
    let (kind, detail) = match failure {
        ProxyFailure::Nango(error) => return nango_failure(error),
        ProxyFailure::UnknownConnection | ProxyFailure::UnknownIntegration => (
            CallFailureKind::Configuration,
            t!("Nango does not have this connection any more: it was deleted elsewhere.").to_owned(),
        ),
        ProxyFailure::BrokenCredentials { exhausted: true, .. } => {
            (CallFailureKind::ConnectionBroken, t!("Nango has given up renewing the access to {name}.", name))
        }
        ProxyFailure::BrokenCredentials { .. } => (
            CallFailureKind::ConnectionBroken,
            t!("Nango could not renew the access to {name}: it was taken back, or {name} is down.", name),
        ),
        ProxyFailure::BackingOff => (
            CallFailureKind::ConnectionBroken,
            t!(
                "Nango could not renew the access to {name} a moment ago, and waits before it tries again.",
                name
            ),
        ),
        ProxyFailure::ProviderUnreachable { code } => (
            CallFailureKind::ProviderUnreachable,
            t!("Nango cannot reach {name} at the moment ({given}).", name, given = bounded(code)),
        ),
        ProxyFailure::HostNotAllowed => (
            CallFailureKind::Forbidden,
            t!("The Nango server does not allow calls to {name}’s address, or does not know it.", name),
        ),
        ProxyFailure::InvalidHeaders { errors } => {
            let said = errors.first().map_or(t!("a header is wrong"), |error| error.message.as_str());
            (CallFailureKind::Configuration, t!("Nango refuses the call: {given}.", given = bounded(said)))
        }
        _ => (CallFailureKind::Runtime, t!("Nango refuses the call.").to_owned()),
    };
    CallFailure::new(kind, detail)
}

/// Why Nango, or another server, has no answer.
pub(crate) fn nango_failure(error: &NangoError) -> CallFailure {
    let kind = match error {
        NangoError::Unauthorized { .. } => CallFailureKind::KeyRefused,
        NangoError::MissingScope { .. } => CallFailureKind::Forbidden,
        NangoError::RateLimited { .. } => CallFailureKind::RateLimited,
        NangoError::Transport { kind: TransportKind::Timeout, .. } => CallFailureKind::Timeout,
        NangoError::Transport { .. } => CallFailureKind::Network,
        NangoError::InvalidArgument { .. } | NangoError::Configuration { .. } => {
            CallFailureKind::Configuration
        }
        _ => CallFailureKind::BadAnswer,
    };
    let retry_after = match error {
        NangoError::RateLimited { retry_after } => *retry_after,
        _ => None,
    };
    let detail = match error {
        NangoError::InvalidArgument { why } => t!("The call cannot be sent: {why}.", why),
        error => super::of_nango(error).message,
    };
    CallFailure { retry_after, ..CallFailure::new(kind, detail) }
}

/// Why another server has no answer.
pub(crate) fn web_failure(error: &NangoError, host: &str) -> CallFailure {
    let mut failure = nango_failure(error);
    if matches!(error, NangoError::Transport { .. }) {
        failure.detail = format!("{}: {}", bounded(host), failure.detail);
    }
    failure
}

/// Why a call is not made.
pub(crate) fn not_made(why: NotMade<'_>) -> CallFailure {
    let (kind, detail) = match why {
        NotMade::KeyElsewhere(host) => (
            CallFailureKind::Forbidden,
            t!(
                "The task would give the key of this Nango to {given}; only calls below its proxy get it.",
                given = bounded(host)
            ),
        ),
        NotMade::NobodyChosen => (
            CallFailureKind::Forbidden,
            t!("The task names a connection that nobody has chosen for this workflow.").to_owned(),
        ),
        NotMade::OtherBase { base, name } => (
            CallFailureKind::Forbidden,
            t!(
                "The task would send the credentials of {name} to {given}, which is not {name}’s.",
                name,
                given = bounded(base)
            ),
        ),
        NotMade::NoSecret(secret) => (
            CallFailureKind::Configuration,
            t!(
                "Patchbay keeps no secret “{given}”; only Nango’s connections authenticate here.",
                given = bounded(secret)
            ),
        ),
        NotMade::Digest => {
            (CallFailureKind::Configuration, t!("Digest authentication is not supported here.").to_owned())
        }
        NotMade::Offline => {
            (CallFailureKind::Configuration, t!("There is no way to Nango in this run.").to_owned())
        }
    };
    CallFailure::new(kind, detail)
}

/// Reasons not to make a call.
#[derive(Debug, Clone, Copy)]
pub(crate) enum NotMade<'a> {
    /// The key would go somewhere else.
    KeyElsewhere(&'a str),
    /// Nobody has bound the connection that the document names.
    NobodyChosen,
    /// The credentials of a connection would go to a server that its manifest does not know.
    OtherBase { base: &'a str, name: &'a str },
    /// The document authenticates with a secret that is not Nango's.
    NoSecret(&'a str),
    /// Digest authentication.
    Digest,
    /// The run began without Nango.
    Offline,
}
