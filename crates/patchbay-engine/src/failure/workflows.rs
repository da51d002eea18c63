//! The words for workflows: what a casting is, why a picker is empty, what stands in a run's way, why an edit is
//! refused.

use patchbay_core::workflow::binding::CastingState;
use patchbay_core::workflow::edit::EditError;
use patchbay_core::workflow::problem::{Problem, Severity};
use patchbay_ipc::{CastingView, Code, EmptyReason, Failure, Use};

use super::{bounded, say};
use patchbay_texts::t;

/// Most tasks that are named in one sentence.
const MOST_NAMED: usize = 3;

/// Whether a task can run, in a word or two.
pub(crate) fn casting(state: CastingState) -> &'static str {
    match state {
        CastingState::Ready => t!("Ready"),
        CastingState::NeverChecked => t!("Never checked"),
        CastingState::NeedsReconnect => t!("Needs reconnect"),
        CastingState::Unbound => t!("Not bound"),
        CastingState::Gone => t!("Deleted"),
        CastingState::Mismatch => t!("Another account"),
        CastingState::WrongConnector => t!("Wrong connector"),
        CastingState::Disconnecting => t!("Disconnecting"),
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
            t!("{named}: nothing is chosen for “{role}”. Choose a {name} connection.", named, role, name)
        }
        CastingState::Gone if label.is_empty() => {
            t!(
                "{named}: the connection chosen for “{role}” was deleted. Choose another {name} connection.",
                named,
                role,
                name
            )
        }
        CastingState::Gone => {
            t!("{named}: “{label}” was deleted. Choose another {name} connection.", named, label, name)
        }
        CastingState::Mismatch => t!(
            "{named}: “{label}” answers as another account than it should. Decide on that under Connections, or choose another.",
            named,
            label
        ),
        CastingState::WrongConnector => {
            t!("{named}: “{label}” is no {name} connection. Choose one that is.", named, label, name)
        }
        CastingState::Disconnecting => {
            t!(
                "{named}: “{label}” is being disconnected. Choose another {name} connection.",
                named,
                label,
                name
            )
        }
        CastingState::Ready | CastingState::NeverChecked | CastingState::NeedsReconnect => named,
    }
}

/// Why a document with errors cannot be run.
pub(crate) fn document_errors(problems: &[Problem]) -> String {
    let errors: Vec<&Problem> = problems.iter().filter(|p| p.severity == Severity::Error).collect();
    let Some(first) = errors.first() else { return t!("The document has errors.").to_owned() };
    let (count, given) = (errors.len(), bounded(&first.message));
    if first.line == 0 {
        return t!(
            "The document has an error: {given}" | "The document has {count} errors: {given}" % count,
            count,
            given
        );
    }
    t!(
        "The document has an error in line {line}: {given}"
            | "The document has {count} errors, the first in line {line}: {given}" % count,
        count,
        line = first.line,
        given
    )
}

/// Why a document that has no errors cannot be run all the same.
pub(crate) fn no_program(why: &str) -> String {
    t!("The document cannot be run: {given}.", given = bounded(why).trim_end_matches('.'))
}

/// `Task “a”`, or `Tasks “a”, “b”, “c” and 2 more`.
pub(crate) fn tasks_named(tasks: &[String]) -> String {
    let named: Vec<String> =
        tasks.iter().take(MOST_NAMED).map(|task| format!("“{}”", bounded(task))).collect();
    let more = tasks.len().saturating_sub(MOST_NAMED);
    let named = named.join(", ");
    match more {
        0 => t!("Task {named}" | "Tasks {named}" % tasks.len(), named),
        more => t!("Tasks {named} and {more} more", named, more),
    }
}

/// Why a picker has nothing to offer, with the next step.
pub(crate) fn empty_picker(reason: EmptyReason, name: &str) -> String {
    match reason {
        EmptyReason::NoneYet => t!("No {name} account is connected yet. Connect one.", name),
        EmptyReason::Filtered => t!("No {name} connection matches. Clear the search.", name),
        EmptyReason::OtherProfile => t!(
            "This profile has no {name} connection; another one has. Connect one here, or switch the profile.",
            name
        ),
        EmptyReason::NeverSynced => t!(
            "No {name} connection is known here, and the list at Nango was never read. Sync, or connect one.",
            name
        ),
    }
}

/// What a disconnect means for a workflow.
pub(crate) fn use_lost(used: &Use) -> String {
    t!(
        "{tasks} of the workflow “{given}” cannot run until another connection is chosen.",
        tasks = tasks_named(&used.tasks),
        given = bounded(&used.name)
    )
}

/// That an entry stays although its connection is no more.
pub(crate) fn kept_as_gone(label: &str) -> String {
    t!(
        "Workflows still name it, so “{label}” stays in the list as gone until another is chosen there.",
        label
    )
}

/// What a replacement did.
pub(crate) fn replaced(from: &str, to: &str, bindings: usize, workflows: usize) -> String {
    t!(
        "“{to}” now stands where “{from}” stood: {bindings} in {workflows}.",
        to,
        from,
        bindings = t!("1 binding" | "{count} bindings" % bindings, count = bindings),
        workflows = t!("1 workflow" | "{count} workflows" % workflows, count = workflows)
    )
}

/// Why an edit is refused.
pub(crate) fn of_edit(error: &EditError) -> Failure {
    let (message, hint) = match error {
        EditError::Unreadable { line } => (
            t!("The text cannot be read at line {line}, so that only the text itself can be changed.", line),
            t!("Mend it in Source, or undo.").to_owned(),
        ),
        EditError::NotThere(_) => (
            t!("What was to be changed is not there any more.").to_owned(),
            t!("Look at the workflow again.").to_owned(),
        ),
        EditError::NotAName(name) => (
            t!("“{given}” cannot be a name.", given = bounded(name)),
            t!("Use letters, digits and underscores.").to_owned(),
        ),
        EditError::NameTaken(name) => (
            t!("Another task here is called “{given}”.", given = bounded(name)),
            t!("Choose another name.").to_owned(),
        ),
        EditError::RoleTaken(role) => (
            t!("Another role here is called “{given}”.", given = bounded(role)),
            t!("Choose another name, or give its tasks that role one by one.").to_owned(),
        ),
        EditError::Unknown(what) => (
            t!("Patchbay does not know {given}.", given = bounded(what)),
            t!("Choose one from the list, or write the call by hand.").to_owned(),
        ),
        EditError::OnlyInSource(_) => (
            t!("This is written in a way that cannot be changed here without touching more.").to_owned(),
            t!("Change it in Source.").to_owned(),
        ),
        EditError::IntoItself => {
            (t!("A task cannot be moved into itself.").to_owned(), t!("Choose another place.").to_owned())
        }
        EditError::TooLong => (
            t!("The document would be longer than 4 MiB.").to_owned(),
            t!("Split it into several workflows.").to_owned(),
        ),
    };
    let code = match error {
        EditError::NotThere(_) => Code::NotFound,
        _ => Code::InvalidInput,
    };
    say(code, message, hint)
}
