//! Importing a workflow: what the file holds, and which connection stands for each of its roles.

use std::collections::BTreeMap;
use std::rc::Rc;

use patchbay_core::workflow::binding::{Binding, Slot};
use patchbay_core::workflow::problem::Severity;
use patchbay_ipc::{ConnectionView, ImportPlace, ImportPlan, ImportWorkflow, PlanImport, Tone, WorkflowView};
use patchbay_texts::t;
use yew::prelude::*;

use super::task_panel::problem_line;
use super::{Banner, Button, ConnectionPicker, Dialog, Emphasis, FailureBanner, Skeleton, connector_icon};
use crate::dom::{self, FileProblem};
use crate::hooks::{use_action, use_command};
use crate::icons;
use crate::route::Route;
use crate::shell::Shell;

/// Takes a file that was dropped or chosen: its import, or why it cannot be read.
pub fn take_file(shell: &Shell, read: Result<String, FileProblem>) {
    match read {
        Ok(text) => shell.on_import.emit(text.into()),
        Err(problem) => {
            let words = match problem {
                FileProblem::TooLong => t!("The file is larger than 4 MiB. A workflow is much smaller."),
                FileProblem::Unreadable => t!("The file could not be read."),
            };
            shell.notify(Tone::Bad, words, Some(t!("Choose a workflow’s YAML file.").to_owned()));
        }
    }
}

/// Properties of [`ImportDialog`].
#[derive(Properties, PartialEq)]
pub struct ImportDialogProps {
    /// The file's text.
    pub text: Rc<str>,
    /// It is to close.
    pub on_close: Callback<()>,
}

/// The mapping table.
#[component]
pub fn ImportDialog(props: &ImportDialogProps) -> Html {
    let plan = use_command(PlanImport { text: props.text.to_string() });
    let chosen = use_state_eq(BTreeMap::<Slot, ConnectionView>::new);
    let import = {
        let on_close = props.on_close.clone();
        use_action::<ImportWorkflow>(Callback::from(move |view: WorkflowView| {
            on_close.emit(());
            dom::go(&Route::Workflow(view.id).hash());
        }))
    };
    let on_choose = {
        let chosen = chosen.clone();
        Callback::from(move |(slot, connection): (Slot, Option<ConnectionView>)| {
            let mut next = (*chosen).clone();
            match connection {
                Some(connection) => next.insert(slot, connection),
                None => next.remove(&slot),
            };
            chosen.set(next);
        })
    };
    let run = {
        let (text, chosen) = (props.text.clone(), chosen.clone());
        import.run.reform(move |()| ImportWorkflow {
            text: text.to_string(),
            bindings: chosen
                .iter()
                .map(|(slot, connection)| Binding { slot: slot.clone(), instance: connection.instance })
                .collect(),
        })
    };
    let body = match (plan.latest(), plan.failure()) {
        (None, Some(failure)) => html! { <FailureBanner failure={failure.clone()} /> },
        (None, None) => html! { <Skeleton words={t!("Reading the file")} lines=4 /> },
        (Some(plan), _) => html! {
            <>
                <ImportMapping plan={plan.clone()} chosen={(*chosen).clone()} {on_choose} />
                if let Some(failure) = &import.failure { <FailureBanner failure={failure.clone()} /> }
                <div class="buttons">
                    <Button emphasis={Emphasis::Primary} icon={icons::IMPORT()} busy={import.busy} on_press={run}>{ t!("Import") }</Button>
                    <Button on_press={props.on_close.clone()}>{ t!("Cancel") }</Button>
                </div>
            </>
        },
    };
    let title = plan
        .latest()
        .map_or_else(|| t!("Import a workflow").to_owned(), |plan| t!("Import {name}", name = plan.name));
    html! {
        <Dialog {title} on_close={props.on_close.clone()} wide=true><div class="dialog-body">{ body }</div></Dialog>
    }
}

/// Properties of [`ImportMapping`].
#[derive(Properties, PartialEq)]
pub struct ImportMappingProps {
    /// What the file holds.
    pub plan: Rc<ImportPlan>,
    /// What was chosen for each place.
    pub chosen: BTreeMap<Slot, ConnectionView>,
    /// Something else is chosen for a place, or nothing.
    pub on_choose: Callback<(Slot, Option<ConnectionView>)>,
}

/// Which connection stands for each role.
#[component]
pub fn ImportMapping(props: &ImportMappingProps) -> Html {
    let plan = &props.plan;
    let errors = plan.problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    html! {
        <>
            if errors > 0 {
                <Banner message={t!("The document has an error. It can be imported all the same, and mended here."
                    | "The document has {errors} errors. It can be imported all the same, and mended here." % errors, errors)} />
            }
            if !plan.problems.is_empty() {
                <details class="more"><summary>{ t!("One remark on the document" | "{count} remarks on the document" % plan.problems.len(), count = plan.problems.len()) }</summary>
                    <div class="problems">{ for plan.problems.iter().take(50).map(|problem| problem_line(problem, &Callback::noop())) }</div>
                </details>
            }
            if plan.places.is_empty() {
                <p class="muted">{ t!("It names no roles, so there is nothing to choose.") }</p>
            } else {
                <p>{ t!("Which of your connections stands for each of its roles? What you leave open stays unbound.") }</p>
                <ul class="castings">{ for plan.places.iter().map(|place| place_row(place, props)) }</ul>
            }
        </>
    }
}

fn place_row(place: &ImportPlace, props: &ImportMappingProps) -> Html {
    let chosen = props.chosen.get(&place.slot).cloned();
    let (name, title) = match &place.slot {
        Slot::Role(role) => (role.clone(), role.clone()),
        Slot::Task(task) => (t!("task {task}", task), t!("{task}, on its own", task)),
    };
    let on_choose = {
        let slot = place.slot.clone();
        props.on_choose.reform(move |connection: ConnectionView| (slot.clone(), Some(connection)))
    };
    let suggestion = place.suggested.as_ref().filter(|_| chosen.is_none()).map(|suggested| {
        let (slot, suggested) = (place.slot.clone(), suggested.clone());
        let words = t!("Use {label}, as in the file", label = suggested.label);
        (words, props.on_choose.reform(move |()| (slot.clone(), Some(suggested.clone()))))
    });
    let clear = {
        let slot = place.slot.clone();
        props.on_choose.reform(move |()| (slot.clone(), None))
    };
    let tasks = place.tasks.join(", ");
    html! {
        <li key={title.clone()} class="casting">
            <span class="casting-task">
                { connector_icon(&place.connector.name, place.connector.icon.as_deref(), 20) }
                <span class="two-lines">
                    <span class="row-label">{ title }</span>
                    <span class="muted" title={tasks.clone()}>{ tasks }</span>
                </span>
            </span>
            <ConnectionPicker label={t!("Connection for {name}", name)} hide_label=true connector={place.connector.clone()} chosen={chosen.clone()} {on_choose} />
            <span class="casting-state">
                if let Some((words, on_press)) = suggestion {
                    <Button small=true {on_press}>{ words }</Button>
                } else if chosen.is_some() {
                    <Button name={t!("Leave {name} open", name)} small=true emphasis={Emphasis::Quiet} on_press={clear}>{ t!("Leave open") }</Button>
                } else {
                    <span class="muted">{ match place.candidates { 0 => t!("No connection yet").to_owned(), count => t!("1 connection" | "{count} connections" % count, count) } }</span>
                }
            </span>
        </li>
    }
}
