//! The workflows.

use patchbay_core::id::WorkflowId;
use patchbay_ipc::{
    CreateWorkflow, DeleteWorkflow, DuplicateWorkflow, ExportWorkflow, ExportedFile, ListWorkflows,
    RestoreWorkflow, Tone, Topic, WorkflowSummary, WorkflowView,
};
use patchbay_texts::t;
use yew::platform::spawn_local;
use yew::prelude::*;

use crate::bus;
use crate::components::{
    Button, Dialog, Emphasis, Empty, FailureBanner, Page, Pager, SearchBox, Skeleton, TimeAgo,
    connector_icon, run_status, status, take_file,
};
use crate::count::grouped;
use crate::dom;
use crate::hooks::{use_action, use_command, use_debounced, use_id};
use crate::icons;
use crate::ipc;
use crate::route::Route;
use crate::shell::{Shell, use_shell};

/// Workflows on a page.
const PAGE: u32 = 100;

/// The list of workflows.
#[component]
pub fn WorkflowsPage() -> Html {
    let search = use_state(String::new);
    let offset = use_state_eq(|| 0_u32);
    let rested = use_debounced((*search).clone(), 80);
    let page = use_command(ListWorkflows { search: rested, offset: *offset, limit: PAGE });
    let create = use_action::<CreateWorkflow>(Callback::from(|view: WorkflowView| {
        dom::go(&Route::Workflow(view.id).hash())
    }));
    let on_create = create.run.reform(|()| CreateWorkflow { name: String::new() });
    let on_search = {
        let (search, offset) = (search.clone(), offset.clone());
        Callback::from(move |text| {
            search.set(text);
            offset.set(0);
        })
    };
    let clear = on_search.reform(|()| String::new());
    let is_empty = page.latest().is_some_and(|page| page.total == 0);
    let actions = html! {
        <>
            <ImportButton />
            <Button emphasis={Emphasis::Primary} icon={icons::ADD()} busy={create.busy} on_press={on_create.clone()}>{ t!("New workflow") }</Button>
        </>
    };
    let toolbar = html! {
        <>
            <SearchBox name={t!("Search workflows")} value={(*search).clone()} on_input={on_search} />
            if let (Some(page), false) = (page.latest(), search.trim().is_empty()) {
                <span class="muted" role="status">{ t!("{count} of {total}", count = grouped(page.matching), total = grouped(page.total)) }</span>
            }
        </>
    };
    let content = match (page.latest(), page.failure()) {
        (None, Some(_)) => Html::default(),
        (None, None) => html! { <Skeleton words={t!("Loading workflows")} lines=6 /> },
        (Some(_), _) if is_empty => html! {
            <Empty icon={icons::WORKFLOWS()} title={t!("No workflows yet")}
                words={t!("Build one and choose, step by step, which account it runs as. Or drop a workflow’s YAML file here.")}>
                <Button emphasis={Emphasis::Primary} icon={icons::ADD()} busy={create.busy} on_press={on_create}>{ t!("New workflow") }</Button>
                <ImportButton />
            </Empty>
        },
        (Some(page), _) if page.matching == 0 => html! {
            <Empty icon={icons::SEARCH()} title={t!("Nothing matches")} words={t!("No workflow has all these words in its name, its title or a connector’s name.")}>
                <Button on_press={clear}>{ t!("Clear the search") }</Button>
            </Empty>
        },
        (Some(page), _) => html! {
            <>
                <ul class="workflows" aria-label={t!("Workflows")}>
                    { for page.workflows.iter().map(|workflow| html! { <WorkflowRow key={workflow.id.to_string()} workflow={workflow.clone()} /> }) }
                </ul>
                <Pager name="workflows" offset={*offset} total={page.matching} size={PAGE}
                    on_go={let offset = offset.clone(); Callback::from(move |to| offset.set(to))} />
            </>
        },
    };
    let failure = page.failure().map(|failure| html! {
        <FailureBanner failure={failure.clone()}>
            <Button small=true on_press={Callback::from(|()| bus::publish(&[Topic::Workflows]))}>{ t!("Try again") }</Button>
        </FailureBanner>
    });
    html! {
        <Page title={t!("Workflows")} {toolbar} {actions}>
            if let Some(failure) = &create.failure { <FailureBanner failure={failure.clone()} /> }
            { failure.unwrap_or_default() }
            { content }
        </Page>
    }
}

/// Chooses a file to import.
#[component]
fn ImportButton() -> Html {
    let shell = use_shell();
    let id = use_id("import");
    let input = use_node_ref();
    let onchange = Callback::from(move |event: Event| {
        let shell = shell.clone();
        dom::read_chosen(&event, move |read| take_file(&shell, read));
    });
    let on_press = {
        let input = input.clone();
        Callback::from(move |()| dom::click(&input))
    };
    html! {
        <>
            <Button icon={icons::IMPORT()} {on_press}>{ t!("Import…") }</Button>
            <input ref={input} {id} class="sr-only" type="file" accept=".yaml,.yml,.json" aria-label={t!("Workflow file")} tabindex="-1" {onchange} />
        </>
    }
}

/// Properties of [`WorkflowRow`].
#[derive(Properties, PartialEq)]
pub struct WorkflowRowProps {
    /// The workflow.
    pub workflow: WorkflowSummary,
}

/// A workflow in the list: what it is, how it is, when it last ran.
#[component]
pub fn WorkflowRow(props: &WorkflowRowProps) -> Html {
    let shell = use_shell();
    let workflow = &props.workflow;
    let id = workflow.id;
    let name = &workflow.name;
    let duplicate = {
        let shell = shell.clone();
        use_action::<DuplicateWorkflow>(Callback::from(move |view: WorkflowView| {
            shell.notify(
                Tone::Good,
                t!("“{name}” is a copy with the same bindings.", name = view.name),
                None,
            );
        }))
    };
    let export = {
        let shell = shell.clone();
        use_action::<ExportWorkflow>(Callback::from(move |file: ExportedFile| {
            shell.notify(Tone::Good, t!("The workflow’s file was written."), Some(file.path));
        }))
    };
    let delete = {
        let (shell, name) = (shell.clone(), name.clone());
        use_action::<DeleteWorkflow>(Callback::from(move |()| {
            shell.offer_undo(t!("“{name}” was deleted. Its runs stay.", name), restore(shell.clone(), id));
        }))
    };
    let exporting = use_state_eq(|| false);
    let choose_export = |wanted: bool| {
        let exporting = exporting.clone();
        Callback::from(move |()| exporting.set(wanted))
    };
    let write = |with_bindings: bool| {
        let (run, exporting) = (export.run.clone(), exporting.clone());
        Callback::from(move |()| {
            exporting.set(false);
            run.emit(ExportWorkflow { workflow: id, with_bindings });
        })
    };
    let failure = duplicate.failure.as_ref().or(export.failure.as_ref()).or(delete.failure.as_ref());
    let shown = workflow.connectors.iter().take(6);
    let more = workflow.connectors.len().saturating_sub(6);
    let names: Vec<&str> = workflow.connectors.iter().map(|connector| connector.name.as_str()).collect();
    html! {
        <li class="workflow">
            <div class="workflow-row">
                <a class="workflow-link" href={Route::Workflow(id).hash()}>
                    <span class="row-label">{ name.clone() }</span>
                    <span class="muted">{ t!("1 task" | "{count} tasks" % workflow.tasks, count = grouped(workflow.tasks)) }</span>
                </a>
                <span class="workflow-connectors" title={names.join(", ")}>
                    { for shown.map(|connector| html! { <span key={connector.slug.to_string()}>{ connector_icon(&connector.name, connector.icon.as_deref(), 18) }</span> }) }
                    if more > 0 { <span class="muted">{ format!("+{more}") }</span> }
                    <span class="sr-only">{ names.join(", ") }</span>
                </span>
                <span class="workflow-state">{ workflow_state(workflow) }</span>
                <span class="workflow-run two-lines">
                    if let Some(run) = &workflow.last_run {
                        <a href={Route::Run(run.id).hash()} class="quiet-link">{ run_status(run.state, &run.words) }</a>
                        <span class="muted"><TimeAgo at={run.started_at} /></span>
                    } else {
                        <span class="muted">{ t!("Never run") }</span>
                    }
                </span>
                <span class="workflow-time muted">{ t!("Changed ") }<TimeAgo at={workflow.updated_at} /></span>
                <span class="workflow-actions">
                    <Button name={t!("Duplicate {name}", name)} icon={icons::COPY()} emphasis={Emphasis::Quiet} small=true busy={duplicate.busy}
                        on_press={duplicate.run.reform(move |()| DuplicateWorkflow { workflow: id })} />
                    <Button name={t!("Export {name}", name)} icon={icons::EXPORT()} emphasis={Emphasis::Quiet} small=true busy={export.busy}
                        on_press={choose_export(true)} />
                    <Button name={t!("Delete {name}", name)} icon={icons::DELETE()} emphasis={Emphasis::Quiet} small=true busy={delete.busy}
                        on_press={delete.run.reform(move |()| DeleteWorkflow { workflow: id })} />
                </span>
            </div>
            if let Some(failure) = failure { <FailureBanner failure={failure.clone()} /> }
            if *exporting {
                <Dialog title={t!("Export {name}", name)} on_close={choose_export(false)}>
                    <div class="dialog-body">
                        <p>{ t!("The file names roles, never connections, and runs on any engine of the DSL. Its bindings can go along for yourself: they are ids, never secrets.") }</p>
                        <div class="buttons">
                            <Button emphasis={Emphasis::Primary} icon={icons::EXPORT()} on_press={write(false)}>{ t!("The file alone") }</Button>
                            <Button on_press={write(true)}>{ t!("With its bindings") }</Button>
                        </div>
                    </div>
                </Dialog>
            }
        </li>
    }
}

/// Whether a workflow could run, in words.
fn workflow_state(workflow: &WorkflowSummary) -> Html {
    let errors = |count: u32| t!("1 error" | "{count} errors" % count, count = grouped(count));
    match (workflow.errors, workflow.blocked) {
        (0, 0) if workflow.tasks == 0 => html! { <span class="muted">{ t!("Empty") }</span> },
        (0, 0) => status(icons::GOOD(), "good", t!("In order")),
        (0, blocked) => status(
            icons::PENDING(),
            "warning",
            t!("1 task blocked" | "{count} tasks blocked" % blocked, count = grouped(blocked)),
        ),
        (count, 0) => status(icons::BAD(), "bad", errors(count)),
        (count, blocked) => html! {
            <>{ status(icons::BAD(), "bad", errors(count)) }{ status(icons::PENDING(), "warning", t!("1 blocked" | "{count} blocked" % blocked, count = grouped(blocked))) }</>
        },
    }
}

fn restore(shell: Shell, workflow: WorkflowId) -> Callback<()> {
    Callback::from(move |()| {
        let shell = shell.clone();
        spawn_local(async move {
            if let Err(failure) = ipc::call(&RestoreWorkflow { workflow }).await {
                shell.notify_failure(&failure);
            }
        });
    })
}
