//! Connecting an account, or an account once more, in one dialog: label, form, waiting, end.

use patchbay_core::connection::Health;
use patchbay_core::id::IntegrationKey;
use patchbay_ipc::{
    AttemptView, Code, ConnectionView, Failure, GetAttempt, GetConnection, Phase, PlanConnection,
    PlanReconnect, StartReconnect, Tone,
};
use patchbay_texts::t;
use yew::platform::spawn_local;
use yew::prelude::*;

use super::{
    Banner, Button, ConnectionStatus, CopyText, Dialog, Emphasis, FailureBanner, FormField, Mismatch,
    ReconnectIntro, SelectField, SetUp, Skeleton, TextField, connector_icon,
};
use crate::dom;
use crate::hooks::use_command;
use crate::icons;
use crate::ipc;
use crate::shell::use_shell;
use crate::state::attention::account_line;
use crate::state::connect::{Connect, ConnectAction, Purpose, Step, Target};

/// Properties of [`ConnectDialog`].
#[derive(Properties, PartialEq)]
pub struct ConnectDialogProps {
    /// What is to be connected.
    pub target: Target,
    /// It is not needed any more.
    pub on_close: Callback<()>,
}

/// The connect dialog.
///
/// Escape and the cross put it away. Before the start that means that nothing happens; afterwards the attempt
/// goes on, and Activity shows it. Only `Cancel` cancels. A connection that is being renewed stays as it was
/// until that has succeeded.
#[component]
pub fn ConnectDialog(props: &ConnectDialogProps) -> Html {
    let shell = use_shell();
    let connect = use_reducer(Connect::default);
    let plan_for = {
        let (dispatcher, purpose) = (connect.dispatcher(), props.target.purpose.clone());
        Callback::from(move |integration: Option<IntegrationKey>| {
            dispatcher.dispatch(ConnectAction::PlanAsked);
            let (dispatcher, purpose) = (dispatcher.clone(), purpose.clone());
            spawn_local(async move {
                let plan = match purpose {
                    Purpose::Connect(target) => ipc::call(&PlanConnection { target, integration }).await,
                    Purpose::Reconnect { instance, .. } => ipc::call(&PlanReconnect { instance }).await,
                };
                dispatcher.dispatch(ConnectAction::Planned(plan));
            });
        })
    };
    {
        let plan_for = plan_for.clone();
        use_effect_with(props.target.clone(), move |_| plan_for.emit(None));
    }
    let start = {
        let (connect, purpose) = (connect.clone(), props.target.purpose.clone());
        Callback::from(move |()| {
            let Some(plan) = connect.plan.clone() else { return };
            if connect.busy {
                return;
            }
            let dispatcher = connect.dispatcher();
            if let Purpose::Reconnect { instance, .. } = purpose {
                let request = StartReconnect { instance, fields: connect.fields(&plan) };
                dispatcher.dispatch(ConnectAction::Submitted);
                spawn_local(async move {
                    dispatcher.dispatch(ConnectAction::Started(ipc::call(&request).await));
                });
                return;
            }
            match connect.request(&plan) {
                Err(error) => dispatcher.dispatch(ConnectAction::LabelRefused(error)),
                Ok(request) => {
                    dispatcher.dispatch(ConnectAction::Submitted);
                    spawn_local(async move {
                        dispatcher.dispatch(ConnectAction::Started(ipc::call(&request).await));
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
                    t!("Still waiting for “{label}”.", label = attempt.label),
                    Some(t!("Activity shows how it goes.").to_owned()),
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
            <div class="dialog-body"><Skeleton words={t!("Finding out what is needed")} lines=2 shape="step" /></div>
        },
        Step::NoPlan(failure) if is_not_set_up(failure, &props.target) => {
            let Purpose::Connect(target) = props.target.purpose.clone() else { return Html::default() };
            let name = props.target.name.clone();
            html! {
                <SetUp {target} {name} on_done={plan_for.reform(Some)} on_close={props.on_close.clone()} />
            }
        }
        Step::NoPlan(failure) => html! {
            <div class="dialog-body">
                <FailureBanner failure={failure.clone()} />
                <div class="buttons">
                    <Button busy={connect.busy} on_press={plan_for.reform(|()| None)}>{ t!("Try again") }</Button>
                    <Button emphasis={Emphasis::Quiet} on_press={props.on_close.clone()}>{ t!("Cancel") }</Button>
                </div>
            </div>
        },
        Step::Label => label_step(&connect, &props.target, &plan_for, &start, &props.on_close),
        Step::Form => form_step(&connect, &start, &props.on_close),
        Step::Watching(attempt) => html! {
            <Watching attempt={AttemptView::clone(attempt)} on_close={props.on_close.clone()} on_again={again} />
        },
    };
    let Target { purpose, name, icon } = &props.target;
    let title = match purpose {
        Purpose::Connect(_) => t!("Connect {name}", name),
        Purpose::Reconnect { label, .. } => t!("Reconnect {label}", label),
    };
    let picture = html! { <span class="connector-tile">{ connector_icon(name, icon.as_deref(), 20) }</span> };
    html! {
        <Dialog {title} {picture} on_close={on_put_away}>{ body }</Dialog>
    }
}

/// Whether there is no plan because the server does not offer it, which can be changed.
fn is_not_set_up(failure: &Failure, target: &Target) -> bool {
    failure.code == Code::NotSetUp && matches!(target.purpose, Purpose::Connect(_))
}

/// The first step: what it shall be called, and through which integration. What is renewed keeps both.
fn label_step(
    connect: &UseReducerHandle<Connect>,
    target: &Target,
    plan_for: &Callback<Option<IntegrationKey>>,
    start: &Callback<()>,
    on_close: &Callback<()>,
) -> Html {
    let Some(plan) = &connect.plan else { return Html::default() };
    let failure = connect.failure.as_ref();
    let is_reconnect = matches!(target.purpose, Purpose::Reconnect { .. });
    let at_label = failure.filter(|failure| !is_reconnect && failure.field.as_deref() == Some("label"));
    let error = connect
        .label_error
        .map(AttrValue::from)
        .or_else(|| at_label.map(|failure| format!("{} {}", failure.message, failure.hint).into()));
    let onsubmit = {
        let (start, connect) = (start.clone(), connect.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if connect.has_form() && is_reconnect {
                connect.dispatch(ConnectAction::ShowForm);
            } else if connect.has_form() {
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
    let about = if is_reconnect && plan.in_browser {
        t!(
            "Patchbay then opens your browser. Sign in there as the same account; the connection stays the one it is."
        )
    } else if is_reconnect {
        t!("The connection stays the one it is, with its id and everything that uses it.")
    } else if plan.in_browser {
        t!("Patchbay then opens your browser, where you say yes. Your password stays there.")
    } else if connect.has_form() {
        t!("What is needed to connect is asked next.")
    } else {
        t!("Nothing else is needed.")
    };
    html! {
        <form class="dialog-body" {onsubmit}>
            if let Purpose::Reconnect { instance, label } = &target.purpose {
                <ReconnectIntro instance={*instance} label={label.clone()} connector={target.name.clone()} icon={target.icon.clone()} />
            } else {
                <TextField label={t!("Label")} value={connect.label.clone()} on_input={on_label} {error} focus=true select=true
                    description={t!("Tells this connection from your others, such as “work” or “private”.")} />
                if choices.len() > 1 {
                    <SelectField label={t!("Integration")} value={plan.integration.to_string()} {choices} {on_choose}
                        description={t!("Several integrations of the operator serve this connector.")} />
                }
            }
            <p class="muted">{ about }</p>
            if let Some(failure) = failure.filter(|_| at_label.is_none()) { <FailureBanner failure={failure.clone()} /> }
            <div class="buttons">
                <Button submit=true emphasis={Emphasis::Primary} busy={connect.busy} focus={is_reconnect}>{ t!("Continue") }</Button>
                <span class="spring"></span>
                <Button emphasis={Emphasis::Quiet} on_press={on_close.clone()}>{ t!("Cancel") }</Button>
            </div>
        </form>
    }
}

/// The second step, where the provider asks for more than consent.
fn form_step(connect: &UseReducerHandle<Connect>, start: &Callback<()>, on_close: &Callback<()>) -> Html {
    let Some(plan) = &connect.plan else { return Html::default() };
    let failure = connect.failure.as_ref();
    let has_field = |failure: &Failure| {
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
                <p class="field-help">{ t!("Where to find this: ") }<CopyText text={url.clone()} name={t!("Copy the help link")} /></p>
            }
            if let Some(failure) = failure.filter(|failure| !has_field(failure)) { <FailureBanner failure={failure.clone()} /> }
            <div class="buttons">
                <Button submit=true emphasis={Emphasis::Primary} busy={connect.busy}>{ t!("Connect") }</Button>
                <Button icon={icons::BACK()} on_press={back}>{ t!("Back") }</Button>
                <span class="spring"></span>
                <Button emphasis={Emphasis::Quiet} on_press={on_close.clone()}>{ t!("Cancel") }</Button>
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
    let details = use_command(GetConnection { instance: props.attempt.instance });
    let attempt =
        latest.latest().map_or_else(|| props.attempt.clone(), |attempt| AttemptView::clone(attempt));
    let connection = details.latest().map(|details| &details.connection);
    let is_connected = attempt.phase == Phase::Connected;
    let on_cancelled = {
        let (shell, on_close, attempt) = (shell.clone(), props.on_close.clone(), attempt.clone());
        Callback::from(move |()| {
            let hint = attempt.is_reconnect.then(|| t!("The connection is as it was.").to_owned());
            shell.notify(Tone::Neutral, t!("Cancelled “{label}”.", label = attempt.label), hint);
            on_close.emit(());
        })
    };
    let refused = connection.filter(|connection| is_connected && is_refused(connection, &attempt));
    // The button that was pressed is gone: reading goes on at the state, and in the end at the next step.
    let (region, next_step) = (use_node_ref(), use_node_ref());
    {
        let (region, next_step) = (region.clone(), next_step.clone());
        use_effect_with((attempt.phase.is_open(), refused.is_some()), move |(is_open, _)| {
            dom::focus(if *is_open { &region } else { &next_step });
        });
    }
    let again = {
        let label = attempt.label.clone();
        props.on_again.reform(move |()| Some(label.clone()))
    };
    let done = |emphasis| {
        let node = if emphasis == Emphasis::Primary { next_step.clone() } else { NodeRef::default() };
        html! { <Button {node} {emphasis} on_press={props.on_close.clone()}>{ t!("Done") }</Button> }
    };
    let next = |words: &'static str, on_press: Callback<()>| {
        html! { <Button node={next_step.clone()} emphasis={Emphasis::Primary} {on_press}>{ words }</Button> }
    };
    let gone = connection.filter(|connection| attempt.is_reconnect && connection.health == Health::Gone);
    let ends = match refused {
        Some(connection) => {
            // Another try at making it would make a second one.
            let target = Target::reconnect(connection);
            let renew = shell.on_connect.reform(move |()| target.clone());
            let first = next(t!("Reconnect"), if attempt.is_reconnect { again } else { renew });
            html! { <>{ first }{ done(Emphasis::Secondary) }</> }
        }
        _ if is_connected && attempt.is_reconnect => done(Emphasis::Primary),
        _ if is_connected => html! {
            <>
                { done(Emphasis::Primary) }
                <Button on_press={props.on_again.reform(|()| None)}>{ t!("Connect another") }</Button>
            </>
        },
        _ => {
            let first = match gone.map(Target::anew) {
                Some(target) => next(t!("Connect anew"), shell.on_connect.reform(move |()| target.clone())),
                None => next(t!("Try again"), again),
            };
            html! { <>{ first }{ done(Emphasis::Secondary) }</> }
        }
    };
    let mismatching = connection.filter(|connection| {
        is_connected && connection.mismatch.is_some() && is_learnt_since(connection, &attempt)
    });
    let account = connection.filter(|_| refused.is_none() && mismatching.is_none()).and_then(|connection| {
        connection.account.as_ref().map(|account| AttrValue::from(account_line(account)))
    });
    let remark = match (mismatching, refused.and_then(|connection| connection.last_error.clone())) {
        (Some(connection), _) => {
            let on_decided = Callback::from(move |()| dom::focus(&next_step));
            html! { <Mismatch connection={connection.clone()} {on_decided} /> }
        }
        (None, Some(error)) => html! { <Banner tone={Tone::Bad} message={error} /> },
        (None, None) => Html::default(),
    };
    html! {
        <div class="dialog-body">
            <ConnectionStatus {attempt} {account} {remark} {on_cancelled} {region}>{ ends }</ConnectionStatus>
        </div>
    }
}

/// Whether what is known of the connection was learnt after the attempt. Until then it tells how it was before.
fn is_learnt_since(connection: &ConnectionView, attempt: &AttemptView) -> bool {
    matches!((connection.health_learnt_at, attempt.ended_at), (Some(learnt), Some(ended)) if learnt > ended)
}

/// Whether it is somebody it should not be, and its owner has said so.
fn is_refused(connection: &ConnectionView, attempt: &AttemptView) -> bool {
    connection.health == Health::NeedsReconnect
        && connection.mismatch.is_none()
        && is_learnt_since(connection, attempt)
}
