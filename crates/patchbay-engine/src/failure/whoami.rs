//! The words for what came of asking a provider who a connection is.

use nango_client::{FieldError, ProxyFailure};
use patchbay_core::connection::{Account, Connection, Finding};
use patchbay_ipc::TestOutcome;

use super::bounded;
use crate::identity::{Answer, NotAsked};
use patchbay_texts::t;

/// Why nothing could be asked.
pub(crate) fn not_asked(reason: NotAsked, name: &str) -> String {
    match reason {
        NotAsked::NoCall => t!("Patchbay knows no call of {name} that tells whose account it is.", name),
        NotAsked::OwnServer => t!(
            "Each {name} connection has a server of its own, and nobody has said where this one answers. Reconnect it to enter the address.",
            name
        ),
        NotAsked::AwaitsApproval => {
            t!("It waits until an administrator has approved it at {name}. Test it again afterwards.", name)
        }
        NotAsked::NoScope => {
            t!("This key may not call services. Ask the operator to add the scope environment:proxy.")
                .to_owned()
        }
    }
}

/// What an answer says about a connection, with the words that are kept as its last error.
pub(crate) fn finding(answer: &Answer, name: &str) -> Finding {
    match answer {
        Answer::Account(account) => Finding::Answers(account.clone()),
        Answer::Status { status: 401, .. } => {
            Finding::Refused { words: reason(answer, name), by_provider: true }
        }
        Answer::Failure(ProxyFailure::BrokenCredentials { .. } | ProxyFailure::BackingOff) => {
            Finding::Refused { words: reason(answer, name), by_provider: false }
        }
        Answer::Failure(ProxyFailure::UnknownConnection | ProxyFailure::UnknownIntegration) => Finding::Gone,
        answer if outcome(answer) == TestOutcome::Fails => Finding::Failed(reason(answer, name)),
        _ => Finding::Nothing,
    }
}

/// A test's answer and its reason; `after` is the connection with the finding taken into account.
pub(crate) fn report(answer: &Answer, name: &str, after: &Connection) -> (TestOutcome, String) {
    let Answer::Account(account) = answer else { return (outcome(answer), reason(answer, name)) };
    match (&after.mismatch, &after.account) {
        (Some(_), Some(stored)) => (
            TestOutcome::Fails,
            t!(
                "It answers as {shown}, but this connection is {other}’s.",
                shown = shown(account),
                other = shown(stored)
            ),
        ),
        _ => (TestOutcome::Works, t!("{name} answers as {shown}.", name, shown = shown(account))),
    }
}

/// Says of a refused account who it should be.
pub(crate) fn wrong_account(connection: &Connection, name: &str) -> String {
    let right = connection.account.as_ref().map_or_else(|| t!("another account").to_owned(), shown);
    let wrong = connection.mismatch.as_ref().map(|mismatch| shown(&mismatch.account)).unwrap_or_default();
    t!(
        "This should be {right}, but it is {wrong}. Reconnect and choose {right} at {name}.",
        right,
        wrong,
        name
    )
}

fn shown(account: &Account) -> String {
    match &account.email {
        Some(email) if *email != account.name => format!("{} ({email})", account.name),
        _ => account.name.clone(),
    }
}

fn outcome(answer: &Answer) -> TestOutcome {
    match answer {
        Answer::Account(_) => TestOutcome::Works,
        Answer::NoAccount { .. } | Answer::Status { status: 403 | 429, .. } => TestOutcome::CannotBeTested,
        Answer::Failure(ProxyFailure::HostNotAllowed | ProxyFailure::InvalidHeaders { .. }) => {
            TestOutcome::CannotBeTested
        }
        Answer::Status { .. } | Answer::Failure(_) => TestOutcome::Fails,
    }
}

fn reason(answer: &Answer, name: &str) -> String {
    match answer {
        Answer::Account(account) => t!("{name} answers as {shown}.", name, shown = shown(account)),
        Answer::NoAccount { .. } => {
            t!("{name} answered, but not with an account: whether this works cannot be told.", name)
        }
        Answer::Status { status: 401, .. } => {
            t!("{name} does not accept this connection any more. Reconnect it.", name)
        }
        Answer::Status { status: 403, .. } => t!(
            "{name} does not allow this connection to ask whose it is. What it is used for may work all the same.",
            name
        ),
        Answer::Status { status: 429, .. } => {
            t!("{name} has had too many calls and asks to wait. Test it again later.", name)
        }
        Answer::Status { status: 500.., .. } => {
            t!("{name}, or Nango on the way there, had a fault of its own. Test it again later.", name)
        }
        Answer::Status { .. } => {
            t!("{name} refused the question. Test it again; reconnect if it goes on.", name)
        }
        Answer::Failure(failure) => of_failure(failure, name),
    }
}

fn of_failure(failure: &ProxyFailure, name: &str) -> String {
    match failure {
        ProxyFailure::BrokenCredentials { exhausted: false, .. } => t!("Nango could not renew the access to {name}: it was taken back, or {name} is down. Test it again in a minute; reconnect if that fails too.", name),
        ProxyFailure::BrokenCredentials { exhausted: true, .. } => {
            t!("Nango has given up renewing the access to {name}. Reconnect it.", name)
        }
        ProxyFailure::BackingOff => t!("Nango could not renew the access to {name} a moment ago and waits before it tries again. Test it again in a minute; reconnect if that fails too.", name),
        ProxyFailure::ProviderUnreachable { .. } => {
            t!("Nango cannot reach {name} at the moment. Test it again later.", name)
        }
        ProxyFailure::HostNotAllowed => t!("The Nango server does not allow calls to {name}’s address, or does not know it. Ask its operator.", name),
        ProxyFailure::UnknownConnection | ProxyFailure::UnknownIntegration => {
            t!("Nango does not have this connection any more: it was deleted elsewhere. Connect the account anew.")
                .to_owned()
        }
        _ => t!("Nango refused the question. Tell the operator if it goes on.").to_owned(),
    }
}

/// What was answered where that is no account.
pub(crate) fn answered(answer: &Answer) -> Option<String> {
    let with_status = |status: u16, excerpt: &Option<String>| {
        Some(excerpt.as_ref().map_or_else(|| status.to_string(), |words| format!("{status}: {words}")))
    };
    match answer {
        Answer::Account(_) => None,
        Answer::NoAccount { status, excerpt } | Answer::Status { status, excerpt } => {
            with_status(*status, excerpt)
        }
        Answer::Failure(failure) => match failure {
            ProxyFailure::BrokenCredentials { message: Some(message), .. } => {
                Some(t!("Nango: {given}", given = bounded(message)))
            }
            ProxyFailure::ProviderUnreachable { code } => Some(t!("Nango: {given}", given = bounded(code))),
            ProxyFailure::InvalidHeaders { errors } => errors
                .first()
                .map(|FieldError { message, .. }| t!("Nango: {given}", given = bounded(message))),
            failure => Some(t!("Nango: {failure}", failure)),
        },
    }
}

#[cfg(test)]
mod tests {
    use nango_client::ProxyFailure;
    use patchbay_core::connection::Finding;
    use patchbay_ipc::TestOutcome;

    use super::{answered, finding, outcome, reason};
    use crate::identity::Answer;

    /// Every answer that is no account: what a test says, and what the connection keeps of it.
    #[test]
    fn what_a_test_says() {
        let status = |status| Answer::Status { status, excerpt: Some("their words".into()) };
        let broken = |exhausted| {
            let message = Some("Failed to get connection credentials: 'x'".to_owned());
            Answer::Failure(ProxyFailure::BrokenCredentials { message, exhausted })
        };
        let answers = [
            status(401),
            status(403),
            status(404),
            status(429),
            status(503),
            Answer::NoAccount { status: 200, excerpt: None },
            broken(false),
            broken(true),
            Answer::Failure(ProxyFailure::BackingOff),
            Answer::Failure(ProxyFailure::ProviderUnreachable { code: "ECONNREFUSED".into() }),
            Answer::Failure(ProxyFailure::HostNotAllowed),
            Answer::Failure(ProxyFailure::UnknownConnection),
        ];
        let mut said = String::new();
        for answer in answers {
            let kept = match finding(&answer, "GitHub") {
                Finding::Refused { by_provider, .. } => format!("refused, by the provider: {by_provider}"),
                Finding::Failed(_) => "failed".to_owned(),
                Finding::Gone => "gone".to_owned(),
                Finding::Nothing => "nothing".to_owned(),
                Finding::Answers(_) => panic!("none of these is an account"),
            };
            let answered = answered(&answer).unwrap_or_default();
            let (outcome, reason) = (outcome(&answer), reason(&answer, "GitHub"));
            assert_ne!(outcome, TestOutcome::Works);
            said += &format!("{answered}\n  {outcome:?}; {kept}\n  {reason}\n");
        }
        insta::assert_snapshot!(said);
    }
}
