//! Connecting an account, in one dialog: label, form, waiting, end.

use patchbay_core::id::{ConnectorSlug, IntegrationKey};
use patchbay_ipc::{AttemptView, GetAttempt, Phase, PlanConnection, StartAttempt, Tone};
use yew::platform::spawn_local;
use yew::prelude::*;

use super::{
    Button, ConnectionStatus, CopyText, Dialog, Emphasis, FailureBanner, FormField, SelectField, Skeleton,
    TextField, connector_icon,
};
use crate::dom;
use crate::hooks::use_command;
use crate::icons;
use crate::ipc;
use crate::shell::use_shell;
use crate::state::connect::{Connect, ConnectAction, Step};

/// Properties of [`ConnectDialog`].
#[derive(Properties, PartialEq)]
pub struct ConnectDialogProps {
    /// What is to be connected.
    pub connector: ConnectorSlug,
    /// Its name, as far as it is known before the plan.
    pub name: AttrValue,
    /// Its icon's name.
    pub icon: Option<AttrValue>,
    /// It is not needed any more.
    pub on_close: Callback<()>,
}

/// The connect dialog.
///
/// Escape and the cross put it away. Before the start that means that nothing happens; afterwards the attempt
/// goes on, and Activity shows it. Only `Cancel` cancels.
#[component]
pub fn ConnectDialog(props: &ConnectDialogProps) -> Html {
    let shell = use_shell();
    let connect = use_reducer(Connect::default);
    let plan_for = {
        let (dispatcher, connector) = (connect.dispatcher(), props.connector.clone());
        Callback::from(move |integration: Option<IntegrationKey>| {
            dispatcher.dispatch(ConnectAction::PlanAsked);
            let (dispatcher, request) =
                (dispatcher.clone(), PlanConnection { connector: connector.clone(), integration });
            spawn_local(
                async move { dispatcher.dispatch(ConnectAction::Planned(ipc::call(&request).await)) },
            );
        })
    };
    {
        let plan_for = plan_for.clone();
        use_effect_with(props.connector.clone(), move |_| plan_for.emit(None));
    }
    let start = {
        let connect = connect.clone();
        Callback::from(move |()| {
            let Some(plan) = connect.plan.clone() else { return };
            if connect.busy {
                return;
            }
            let dispatcher = connect.dispatcher();
            match connect.request(&plan) {
                Err(error) => dispatcher.dispatch(ConnectAction::LabelRefused(error)),
                Ok(request) => {
                    dispatcher.dispatch(ConnectAction::Submitted);
                    let request: StartAttempt = request;
                    spawn_local(async move {
                        dispatcher.dispatch(ConnectAction::Started(ipc::call(&request).await))
                    });
                }
            }
        })
    };
    let on_put_away = {
        let (on_close, shell, connect) = (props.on_close.clone(), shell.clone(), connect.clone());
        Callback::from(move |()| {
            if let Step::Watching(attempt) = &connect.step
                && shell.overview.open_attempts.contains(&attempt.id)
            {
                shell.notify(
                    Tone::Neutral,
                    format!("Still waiting for “{}”.", attempt.label),
                    Some("Activity shows how it goes.".to_owned()),
                );
            }
            on_close.emit(());
        })
    };
    let again = {
        let (dispatcher, plan_for) = (connect.dispatcher(), plan_for.clone());
        Callback::from(move |label: Option<String>| {
            dispatcher.dispatch(ConnectAction::Again(label));
            plan_for.emit(None);
        })
    };
    let body = match &connect.step {
        Step::Planning => html! {
            <div class="dialog-body"><Skeleton words="Finding out what is needed" lines=2 shape="step" /></div>
        },
        Step::NoPlan(failure) => html! {
            <div class="dialog-body">
                <FailureBanner failure={failure.clone()} />
                <div class="buttons">
                    <Button busy={connect.busy} on_press={plan_for.reform(|()| None)}>{ "Try again" }</Button>
                    <Button emphasis={Emphasis::Quiet} on_press={props.on_close.clone()}>{ "Cancel" }</Button>
                </div>
            </div>
        },
        Step::Label => label_step(&connect, &plan_for, &start, &props.on_close),
        Step::Form => form_step(&connect, &start, &props.on_close),
        Step::Watching(attempt) => html! {
            <Watching attempt={AttemptView::clone(attempt)} on_close={props.on_close.clone()} on_again={again} />
        },
    };
    let name =
        connect.plan.as_ref().map_or_else(|| props.name.clone(), |plan| plan.connector_name.clone().into());
    let icon = connect
        .plan
        .as_ref()
        .map_or_else(|| props.icon.clone(), |plan| plan.icon.clone().map(AttrValue::from));
    let picture =
        html! { <span class="connector-tile">{ connector_icon(&name, icon.as_deref(), 20) }</span> };
    html! {
        <Dialog title={format!("Connect {name}")} {picture} on_close={on_put_away}>{ body }</Dialog>
    }
}

/// The first step: what it shall be called, and through which integration.
fn label_step(
    connect: &UseReducerHandle<Connect>,
    plan_for: &Callback<Option<IntegrationKey>>,
    start: &Callback<()>,
    on_close: &Callback<()>,
) -> Html {
    let Some(plan) = &connect.plan else { return Html::default() };
    let failure = connect.failure.as_ref();
    let at_label = failure.filter(|failure| failure.field.as_deref() == Some("label"));
    let error = connect
        .label_error
        .map(AttrValue::from)
        .or_else(|| at_label.map(|failure| format!("{} {}", failure.message, failure.hint).into()));
    let onsubmit = {
        let (start, connect) = (start.clone(), connect.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if connect.has_form() {
                match patchbay_core::label::clean_label(&connect.label) {
                    Ok(_) => connect.dispatch(ConnectAction::ShowForm),
                    Err(error) => connect.dispatch(ConnectAction::LabelRefused(error)),
                }
            } else {
                start.emit(());
            }
        })
    };
    let on_label = {
        let dispatcher = connect.dispatcher();
        Callback::from(move |text| dispatcher.dispatch(ConnectAction::Label(text)))
    };
    let choices: Vec<(AttrValue, AttrValue)> = plan
        .integrations
        .iter()
        .map(|integration| (integration.key.to_string().into(), integration.name.clone().into()))
        .collect();
    let on_choose = plan_for.reform(|key: String| Some(IntegrationKey::from(key)));
    let about = if plan.in_browser {
        "Patchbay then opens your browser, where you say yes. Your password stays there."
    } else if connect.has_form() {
        "What is needed to connect is asked next."
    } else {
        "Nothing else is needed."
    };
    html! {
        <form class="dialog-body" {onsubmit}>
            <TextField label="Label" value={connect.label.clone()} on_input={on_label} {error} focus=true select=true
                description="Tells this connection from your others, such as “work” or “private”." />
            if choices.len() > 1 {
                <SelectField label="Integration" value={plan.integration.to_string()} {choices} {on_choose}
                    description="Several integrations of the operator serve this connector." />
            }
            <p class="muted">{ about }</p>
            if let Some(failure) = failure.filter(|_| at_label.is_none()) { <FailureBanner failure={failure.clone()} /> }
            <div class="buttons">
                <Button submit=true emphasis={Emphasis::Primary} busy={connect.busy}>{ "Continue" }</Button>
                <span class="spring"></span>
                <Button emphasis={Emphasis::Quiet} on_press={on_close.clone()}>{ "Cancel" }</Button>
            </div>
        </form>
    }
}

/// The second step, where the provider asks for more than consent.
fn form_step(connect: &UseReducerHandle<Connect>, start: &Callback<()>, on_close: &Callback<()>) -> Html {
    let Some(plan) = &connect.plan else { return Html::default() };
    let failure = connect.failure.as_ref();
    let has_field = |failure: &patchbay_ipc::Failure| {
        plan.form.fields.iter().any(|field| Some(field.name.as_str()) == failure.field.as_deref())
    };
    let onsubmit = {
        let start = start.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            start.emit(());
        })
    };
    let back = {
        let dispatcher = connect.dispatcher();
        Callback::from(move |()| dispatcher.dispatch(ConnectAction::Back))
    };
    html! {
        <form class="dialog-body" {onsubmit}>
            { for plan.form.fields.iter().zip(&connect.values).enumerate().map(|(index, (field, value))| {
                let dispatcher = connect.dispatcher();
                let on_input = Callback::from(move |text| dispatcher.dispatch(ConnectAction::Value(index, text)));
                let error = failure
                    .filter(|failure| failure.field.as_deref() == Some(field.name.as_str()))
                    .map(|failure| AttrValue::from(format!("{} {}", failure.message, failure.hint)));
                html! {
                    <FormField key={field.name.clone()} field={field.clone()} value={value.expose().to_owned()} {on_input} {error}
                        focus={index == 0} />
                }
            }) }
            if let Some(url) = &plan.form.help_url {
                <p class="field-help">{ "Where to find this: " }<CopyText text={url.clone()} name="Copy the help link" /></p>
            }
            if let Some(failure) = failure.filter(|failure| !has_field(failure)) { <FailureBanner failure={failure.clone()} /> }
            <div class="buttons">
                <Button submit=true emphasis={Emphasis::Primary} busy={connect.busy}>{ "Connect" }</Button>
                <Button icon={icons::BACK()} on_press={back}>{ "Back" }</Button>
                <span class="spring"></span>
                <Button emphasis={Emphasis::Quiet} on_press={on_close.clone()}>{ "Cancel" }</Button>
            </div>
        </form>
    }
}

#[derive(Properties, PartialEq)]
struct WatchingProps {
    attempt: AttemptView,
    on_close: Callback<()>,
    on_again: Callback<Option<String>>,
}

/// The attempt until its end, and what to do then.
#[component]
fn Watching(props: &WatchingProps) -> Html {
    let shell = use_shell();
    let latest = use_command(GetAttempt { attempt: props.attempt.id });
    let attempt =
        latest.latest().map_or_else(|| props.attempt.clone(), |attempt| AttemptView::clone(attempt));
    let on_cancelled = {
        let (on_close, label) = (props.on_close.clone(), attempt.label.clone());
        Callback::from(move |()| {
            shell.notify(Tone::Neutral, format!("Cancelled “{label}”."), None);
            on_close.emit(());
        })
    };
    // The button that was pressed is gone: reading goes on at the state, and in the end at the next step.
    let (region, next_step) = (use_node_ref(), use_node_ref());
    {
        let (region, next_step) = (region.clone(), next_step.clone());
        use_effect_with(attempt.phase.is_open(), move |is_open| {
            dom::focus(if *is_open { &region } else { &next_step });
        });
    }
    let ends = if attempt.phase == Phase::Connected {
        html! {
            <>
                <Button node={next_step} emphasis={Emphasis::Primary} on_press={props.on_close.clone()}>{ "Done" }</Button>
                <Button on_press={props.on_again.reform(|()| None)}>{ "Connect another" }</Button>
            </>
        }
    } else {
        let label = attempt.label.clone();
        let again = props.on_again.reform(move |()| Some(label.clone()));
        html! {
            <>
                <Button node={next_step} emphasis={Emphasis::Primary} on_press={again}>{ "Try again" }</Button>
                <Button on_press={props.on_close.clone()}>{ "Done" }</Button>
            </>
        }
    };
    html! { <div class="dialog-body"><ConnectionStatus {attempt} {on_cancelled} {region}>{ ends }</ConnectionStatus></div> }
}
