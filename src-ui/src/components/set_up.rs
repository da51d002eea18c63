//! Setting up on the server what it does not offer yet, or what to hand to its operator.

use std::rc::Rc;

use patchbay_core::id::{ConnectTarget, IntegrationKey};
use patchbay_ipc::{AppNeed, Failure, IntegrationView, PlanSetup, SecretInput, SetUpIntegration, SetupPlan};
use patchbay_texts::t;
use yew::platform::spawn_local;
use yew::prelude::*;

use super::{Button, CopyBlock, CopyText, Emphasis, FailureBanner, SecretField, Skeleton, TextField};
use crate::hooks::use_action;
use crate::ipc;

/// Properties of [`SetUp`].
#[derive(Properties, PartialEq)]
pub struct SetUpProps {
    /// What is to be connected once it is set up.
    pub target: ConnectTarget,
    /// What that is called.
    pub name: AttrValue,
    /// It is set up, under this key.
    pub on_done: Callback<IntegrationKey>,
    /// It is not wanted any more.
    pub on_close: Callback<()>,
}

/// The step before connecting, for what the server does not offer.
#[component]
pub fn SetUp(props: &SetUpProps) -> Html {
    let plan = use_state(|| None::<Result<Rc<SetupPlan>, Failure>>);
    {
        let (plan, target) = (plan.clone(), props.target.clone());
        use_effect_with((), move |()| {
            spawn_local(async move {
                let answer = ipc::call(&PlanSetup { target }).await;
                plan.set(Some(answer.map(Rc::new)));
            });
        });
    }
    let cancel = html! { <Button emphasis={Emphasis::Quiet} on_press={props.on_close.clone()}>{ t!("Cancel") }</Button> };
    match &*plan {
        None => html! {
            <div class="dialog-body"><Skeleton words={t!("Finding out what it takes")} lines=2 shape="step" /></div>
        },
        Some(Err(failure)) => html! {
            <div class="dialog-body">
                <FailureBanner failure={failure.clone()} />
                <div class="buttons">{ cancel }</div>
            </div>
        },
        Some(Ok(plan)) => html! {
            <SetupForm target={props.target.clone()} name={props.name.clone()} plan={SetupPlan::clone(plan)}
                on_done={props.on_done.clone()} on_close={props.on_close.clone()} />
        },
    }
}

/// Properties of [`SetupForm`].
#[derive(Properties, PartialEq)]
pub struct SetupFormProps {
    /// What is to be connected once it is set up.
    pub target: ConnectTarget,
    /// What that is called.
    pub name: AttrValue,
    /// What it takes.
    pub plan: SetupPlan,
    /// It is set up, under this key.
    #[prop_or_default]
    pub on_done: Callback<IntegrationKey>,
    /// It is not wanted any more.
    #[prop_or_default]
    pub on_close: Callback<()>,
}

/// What is entered to set it up, where that can be done from here; and in any case what the operator needs to know.
#[component]
pub fn SetupForm(props: &SetupFormProps) -> Html {
    let SetupFormProps { target, name, plan, on_done, on_close } = props;
    let key = use_state(|| plan.key.clone());
    let client_id = use_state(String::new);
    let client_secret = use_state(SecretInput::default);
    let scopes = use_state(|| plan.scopes.clone());
    let set_up = {
        let secret = client_secret.clone();
        use_action::<SetUpIntegration>(on_done.reform(move |made: IntegrationView| {
            secret.set(SecretInput::default());
            made.key
        }))
    };
    let onsubmit = {
        let (run, target) = (set_up.run.clone(), target.clone());
        let (key, client_id) = (key.clone(), client_id.clone());
        let (client_secret, scopes) = (client_secret.clone(), scopes.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            run.emit(SetUpIntegration {
                target: target.clone(),
                key: (*key).clone(),
                client_id: (*client_id).clone(),
                client_secret: (*client_secret).clone(),
                scopes: (*scopes).clone(),
            });
        })
    };
    let failure = set_up.failure.as_ref();
    let error = |field: &str| {
        failure
            .filter(|failure| failure.field.as_deref() == Some(field))
            .map(|failure| AttrValue::from(format!("{} {}", failure.message, failure.hint)))
    };
    let has_box =
        |failure: &&Failure| matches!(failure.field.as_deref(), Some("key" | "client_id" | "client_secret"));
    let on_text = |state: &UseStateHandle<String>| {
        let state = state.clone();
        Callback::from(move |text| state.set(text))
    };
    let on_secret = {
        let state = client_secret.clone();
        Callback::from(move |text: String| state.set(SecretInput::from(text)))
    };
    let is_oauth = plan.app == AppNeed::Client;
    let for_operator = html! {
        <CopyBlock title={t!("For whoever runs this Nango")} text={plan.for_operator.clone()} />
    };
    let cancel =
        html! { <Button emphasis={Emphasis::Quiet} on_press={on_close.clone()}>{ t!("Cancel") }</Button> };
    if let Some(cannot) = &plan.cannot {
        return html! {
            <div class="dialog-body">
                <p>{ t!("This Nango server does not offer {name} yet.", name) }</p>
                <FailureBanner failure={cannot.clone()} />
                { for_operator }
                <div class="buttons"><span class="spring"></span>{ cancel }</div>
            </div>
        };
    }
    html! {
        <form class="dialog-body" {onsubmit}>
            <p>{ t!("This Nango server does not offer {name} yet. Set it up once; everybody who uses this server can connect it then.", name) }</p>
            if is_oauth {
                <p class="muted">{ t!("Register an application with {name} first. This is the callback it has to have:", name) }</p>
                <p class="field-help"><CopyText text={plan.callback.url.clone()} name={t!("Copy the callback URL")} /></p>
                <p class="muted">{ plan.callback.words.clone() }</p>
                <TextField label={t!("Client ID")} value={(*client_id).clone()} on_input={on_text(&client_id)} error={error("client_id")} focus=true />
                <SecretField label={t!("Client secret")} value={client_secret.expose().to_owned()} on_input={on_secret} error={error("client_secret")}
                    description={t!("Goes to Nango and is not kept here.")} />
                <TextField label={t!("Scopes")} value={(*scopes).clone()} on_input={on_text(&scopes)} optional=true
                    description={t!("What people are asked to allow, separated by spaces.")} />
            } else {
                <p class="muted">{ t!("It needs no application of its own: everybody enters their own credentials.") }</p>
            }
            <TextField label={t!("Integration ID")} value={(*key).clone()} on_input={on_text(&key)} error={error("key")} focus={!is_oauth}
                description={t!("By which Nango knows it. It cannot be changed once somebody has connected.")} />
            if let Some(url) = &plan.guide_url {
                <p class="field-help">{ t!("How to register the application: ") }<CopyText text={url.clone()} name={t!("Copy the guide’s link")} /></p>
            }
            if let Some(failure) = failure.filter(|failure| !has_box(failure)) { <FailureBanner failure={failure.clone()} /> }
            <div class="buttons">
                <Button submit=true emphasis={Emphasis::Primary} busy={set_up.busy}>{ t!("Set up") }</Button>
                <span class="spring"></span>
                { cancel }
            </div>
            <details class="for-operator">
                <summary>{ t!("Have the operator do it") }</summary>
                { for_operator }
            </details>
        </form>
    }
}
