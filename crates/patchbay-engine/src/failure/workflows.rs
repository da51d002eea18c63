//! The words for workflows: what a casting is, why a picker is empty, what stands in a run's way, why an edit is
//! refused.

use patchbay_core::workflow::binding::CastingState;
use patchbay_core::workflow::edit::EditError;
use patchbay_ipc::{Code, EmptyReason, Failure, Use};

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
