//! The words for workflows: what a casting is, why a picker is empty, what stands in a run's way, why an edit is
//! refused.

use patchbay_core::workflow::binding::CastingState;
use patchbay_core::workflow::edit::EditError;
use patchbay_core::workflow::problem::{Problem, Severity};
use patchbay_ipc::{CastingView, Code, EmptyReason, Failure, Use};

use super::{bounded, say};

/// Most tasks that are named in one sentence.
const MOST_NAMED: usize = 3;

/// Whether a task can run, in a word or two.
pub(crate) fn casting(state: CastingState) -> &'static str {
    match state {
        CastingState::Ready => "Ready",
        CastingState::NeverChecked => "Never checked",
        CastingState::NeedsReconnect => "Needs reconnect",
        CastingState::Unbound => "Not bound",
        CastingState::Gone => "Deleted",
        CastingState::Mismatch => "Another account",
        CastingState::WrongConnector => "Wrong connector",
        CastingState::Disconnecting => "Disconnecting",
    }
}

/// What stands in the way of a run because of what tasks are bound to: a sentence for each role and reason.
pub(crate) fn obstacles(castings: &[CastingView]) -> Vec<String> {
    let mut groups: Vec<(&CastingView, Vec<String>)> = Vec::new();
    for casting in castings.iter().filter(|casting| casting.state.blocks()) {
        let instance = |casting: &CastingView| casting.connection.as_ref().map(|c| c.instance);
        let same = groups.iter_mut().find(|(first, _)| {
            (&first.role, first.state, instance(first)) == (&casting.role, casting.state, instance(casting))
        });
        match same {
            Some((_, tasks)) => tasks.push(casting.task.clone()),
            None => groups.push((casting, vec![casting.task.clone()])),
        }
    }
    groups.into_iter().map(|(casting, tasks)| obstacle(casting, &tasks)).collect()
}

fn obstacle(casting: &CastingView, tasks: &[String]) -> String {
    let named = tasks_named(tasks);
    let name = &casting.connector.name;
    let label = casting.connection.as_ref().map_or("", |connection| &connection.label);
    let role = &casting.role;
    match casting.state {
        CastingState::Unbound => {
            format!("{named}: nothing is chosen for “{role}”. Choose a {name} connection.")
        }
        CastingState::Gone if label.is_empty() => {
            format!(
                "{named}: the connection chosen for “{role}” was deleted. Choose another {name} connection."
            )
        }
        CastingState::Gone => format!("{named}: “{label}” was deleted. Choose another {name} connection."),
        CastingState::Mismatch => format!(
            "{named}: “{label}” answers as another account than it should. Decide on that under Connections, or choose another."
        ),
        CastingState::WrongConnector => {
            format!("{named}: “{label}” is no {name} connection. Choose one that is.")
        }
        CastingState::Disconnecting => {
            format!("{named}: “{label}” is being disconnected. Choose another {name} connection.")
        }
        CastingState::Ready | CastingState::NeverChecked | CastingState::NeedsReconnect => named,
    }
}

/// Why a document with errors cannot be run.
pub(crate) fn document_errors(problems: &[Problem]) -> String {
    let errors: Vec<&Problem> = problems.iter().filter(|p| p.severity == Severity::Error).collect();
    let Some(first) = errors.first() else { return "The document has errors.".to_owned() };
    let count = match errors.len() {
        1 => "an error".to_owned(),
        count => format!("{count} errors"),
    };
    let place = if first.line > 0 { format!(" in line {}", first.line) } else { String::new() };
    format!("The document has {count}{place}: {}", bounded(&first.message))
}

/// Why a document that has no errors cannot be run all the same.
pub(crate) fn no_program(why: &str) -> String {
    format!("The document cannot be run: {}.", bounded(why).trim_end_matches('.'))
}

/// `Task “a”`, or `Tasks “a”, “b”, “c” and 2 more`.
pub(crate) fn tasks_named(tasks: &[String]) -> String {
    let named: Vec<String> =
        tasks.iter().take(MOST_NAMED).map(|task| format!("“{}”", bounded(task))).collect();
    let more = tasks.len().saturating_sub(MOST_NAMED);
    let word = if tasks.len() == 1 { "Task" } else { "Tasks" };
    match more {
        0 => format!("{word} {}", named.join(", ")),
        more => format!("{word} {} and {more} more", named.join(", ")),
    }
}

/// Why a picker has nothing to offer, with the next step.
pub(crate) fn empty_picker(reason: EmptyReason, name: &str) -> String {
    match reason {
        EmptyReason::NoneYet => format!("No {name} account is connected yet. Connect one."),
        EmptyReason::Filtered => format!("No {name} connection matches. Clear the search."),
        EmptyReason::OtherProfile => format!(
            "This profile has no {name} connection; another one has. Connect one here, or switch the profile."
        ),
        EmptyReason::NeverSynced => format!(
            "No {name} connection is known here, and the list at Nango was never read. Sync, or connect one."
        ),
    }
}

/// What a disconnect means for a workflow.
pub(crate) fn use_lost(used: &Use) -> String {
    format!(
        "{} of the workflow “{}” cannot run until another connection is chosen.",
        tasks_named(&used.tasks),
        bounded(&used.name)
    )
}

/// That an entry stays although its connection is no more.
pub(crate) fn kept_as_gone(label: &str) -> String {
    format!("Workflows still name it, so “{label}” stays in the list as gone until another is chosen there.")
}

/// What a replacement did.
pub(crate) fn replaced(from: &str, to: &str, bindings: usize, workflows: usize) -> String {
    let plural = |count: usize, one: &str| {
        if count == 1 { format!("{count} {one}") } else { format!("{count} {one}s") }
    };
    format!(
        "“{to}” now stands where “{from}” stood: {} in {}.",
        plural(bindings, "binding"),
        plural(workflows, "workflow")
    )
}

/// Why an edit is refused.
pub(crate) fn of_edit(error: &EditError) -> Failure {
    let (message, hint) = match error {
        EditError::Unreadable { line } => (
            format!("The text cannot be read at line {line}, so that only the text itself can be changed."),
            "Mend it in Source, or undo.".to_owned(),
        ),
        EditError::NotThere(_) => (
            "What was to be changed is not there any more.".to_owned(),
            "Look at the workflow again.".to_owned(),
        ),
        EditError::NotAName(name) => (
            format!("“{}” cannot be a name.", bounded(name)),
            "Use letters, digits and underscores.".to_owned(),
        ),
        EditError::NameTaken(name) => {
            (format!("Another task here is called “{}”.", bounded(name)), "Choose another name.".to_owned())
        }
        EditError::RoleTaken(role) => (
            format!("Another role here is called “{}”.", bounded(role)),
            "Choose another name, or give its tasks that role one by one.".to_owned(),
        ),
        EditError::Unknown(what) => (
            format!("Patchbay does not know {}.", bounded(what)),
            "Choose one from the list, or write the call by hand.".to_owned(),
        ),
        EditError::OnlyInSource(_) => (
            "This is written in a way that cannot be changed here without touching more.".to_owned(),
            "Change it in Source.".to_owned(),
        ),
        EditError::IntoItself => {
            ("A task cannot be moved into itself.".to_owned(), "Choose another place.".to_owned())
        }
        EditError::TooLong => (
            "The document would be longer than 4 MiB.".to_owned(),
            "Split it into several workflows.".to_owned(),
        ),
    };
    let code = match error {
        EditError::NotThere(_) => Code::NotFound,
        _ => Code::InvalidInput,
    };
    say(code, message, hint)
}
