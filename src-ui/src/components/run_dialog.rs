//! *Who will this run as*: each task, its role, its connection, its account; what stands in the way; the input.

use patchbay_core::id::WorkflowId;
use patchbay_core::workflow::binding::Slot;
use patchbay_ipc::{Bind, CastingView, ConnectionView, PlanRun, RunView, StartRun, Tone};
use patchbay_texts::t;
use yew::prelude::*;

use super::plug::{casting_status, connection_line};
use super::{Banner, Button, ConnectionPicker, Dialog, Emphasis, FailureBanner, Skeleton};
use crate::dom;
use crate::hooks::{use_action, use_command, use_id};
use crate::icons;
use crate::route::Route;
use crate::shell::use_shell;

/// Properties of [`RunDialog`].
#[derive(Properties, PartialEq)]
pub struct RunDialogProps {
    /// The workflow.
    pub workflow: WorkflowId,
    /// It is to close.
    pub on_close: Callback<()>,
}

/// The dialog before a run.
#[component]
pub fn RunDialog(props: &RunDialogProps) -> Html {
    let shell = use_shell();
    let workflow = props.workflow;
    let plan = use_command(PlanRun { workflow });
    let input = use_state_eq(|| None::<String>);
    let input_id = use_id("input");
    let start = {
        let on_close = props.on_close.clone();
        use_action::<StartRun>(Callback::from(move |run: RunView| {
            on_close.emit(());
            dom::go(&Route::Run(run.summary.id).hash());
        }))
    };
    let bind = use_action::<Bind>(Callback::noop());
    let title = plan.latest().map_or_else(|| t!("Run").to_owned(), |plan| t!("Run {name}", name = plan.name));
    let body = match (plan.latest(), plan.failure()) {
        (None, Some(failure)) => html! { <FailureBanner failure={failure.clone()} /> },
        (None, None) => html! { <Skeleton words={t!("Looking at who this runs as")} lines=4 /> },
        (Some(plan), _) => {
            let text = (*input).clone().unwrap_or_else(|| plan.last_input.clone());
            let oninput = {
                let input = input.clone();
                Callback::from(move |event: InputEvent| input.set(Some(dom::value_of(&event))))
            };
            let wrong = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&text).err();
            let fault =
                wrong.map(|error| AttrValue::from(t!("The input is not a JSON object: {error}.", error)));
            let blocked = (!plan.obstacles.is_empty())
                .then_some(AttrValue::from(t!("Something stands in the way; it is listed above.")));
            let unavailable = shell.network_is_off().map(AttrValue::from).or(blocked).or(fault.clone());
            let on_start = start.run.reform(move |()| StartRun { workflow, input: text.clone() });
            let text = (*input).clone().unwrap_or_else(|| plan.last_input.clone());
            let on_choose =
                bind.run.reform(move |(casting, connection): (CastingView, ConnectionView)| Bind {
                    workflow,
                    slot: if casting.is_override {
                        Slot::Task(casting.task)
                    } else {
                        Slot::Role(casting.role)
                    },
                    instance: Some(connection.instance),
                });
            html! {
                <>
                    <h3>{ t!("Who will this run as?") }</h3>
                    if plan.castings.is_empty() { <p class="muted">{ t!("No task of it uses a connection.") }</p> }
                    <ul class="castings">
                        { for plan.castings.iter().map(|casting| casting_row(casting, &on_choose)) }
                    </ul>
                    if !plan.obstacles.is_empty() {
                        <Banner tone={Tone::Bad} message={t!("This stands in the way:")} />
                        <ul class="consequences obstacles">{ for plan.obstacles.iter().map(|words| html! { <li key={words.clone()}>{ words.clone() }</li> }) }</ul>
                    }
                    <div class={classes!("field", fault.is_some().then_some("is-wrong"))}>
                        <div class="field-head"><label for={input_id.clone()}>{ t!("Input") }</label></div>
                        <div class="field-box"><textarea id={input_id.clone()} rows="4" value={text} {oninput} spellcheck="false" aria-describedby={format!("{input_id}-about")} /></div>
                        <p id={format!("{input_id}-about")} class={if fault.is_some() { "field-fault" } else { "field-about" }}>
                            { fault.unwrap_or(t!("A JSON object. Patchbay fills in the connections.").into()) }
                        </p>
                    </div>
                    if let Some(failure) = start.failure.as_ref().or(bind.failure.as_ref()) { <FailureBanner failure={failure.clone()} /> }
                    <div class="buttons">
                        <Button emphasis={Emphasis::Primary} icon={icons::RUN()} busy={start.busy} {unavailable} on_press={on_start}>{ t!("Start the run") }</Button>
                        <Button on_press={props.on_close.clone()}>{ t!("Cancel") }</Button>
                    </div>
                </>
            }
        }
    };
    html! {
        <Dialog {title} on_close={props.on_close.clone()} wide=true>
            <div class="dialog-body">{ body }</div>
        </Dialog>
    }
}

/// One task: what it is, and the connection it runs as, or the picker where something is the matter with that.
fn casting_row(casting: &CastingView, on_choose: &Callback<(CastingView, ConnectionView)>) -> Html {
    let chosen = {
        let casting = casting.clone();
        on_choose.reform(move |connection| (casting.clone(), connection))
    };
    html! {
        <li key={casting.path.to_string()} class={classes!("casting", casting.state.blocks().then_some("is-blocked"))}>
            <span class="casting-task two-lines">
                <span class="row-label">{ casting.task.clone() }</span>
                <span class="muted">{ format!("{} · {}", casting.connector.name, casting.role) }</span>
            </span>
            if casting.state.blocks() {
                <ConnectionPicker label={t!("Connection of {task}", task = casting.task)} hide_label=true connector={casting.connector.clone()}
                    chosen={casting.connection.clone()} on_choose={chosen} />
                <span class="casting-state">{ casting_status(casting) }</span>
            } else if let Some(connection) = &casting.connection {
                <span class="casting-who">{ connection_line(connection) }</span>
            }
        </li>
    }
}
