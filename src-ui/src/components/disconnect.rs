//! Disconnecting: first what it would do, then what it did.

use patchbay_ipc::{AtNango, ConnectionView, DisconnectConnection, DisconnectReport, PlanDisconnect, Tone};
use patchbay_texts::t;
use yew::prelude::*;

use super::{Button, Emphasis, FailureBanner, Skeleton};
use crate::dom;
use crate::hooks::{use_action, use_command};
use crate::icons;
use crate::shell::use_shell;

/// Properties of [`Disconnect`].
#[derive(Properties, PartialEq)]
pub struct DisconnectProps {
    /// Which.
    pub connection: ConnectionView,
    /// It is done.
    pub on_done: Callback<()>,
    /// It stays.
    pub on_cancel: Callback<()>,
}

/// The consequences, and the button that brings them about.
#[component]
pub fn Disconnect(props: &DisconnectProps) -> Html {
    let shell = use_shell();
    let instance = props.connection.instance;
    let heading = use_node_ref();
    {
        let heading = heading.clone();
        use_effect_with((), move |()| dom::focus(&heading));
    }
    let plan = use_command(PlanDisconnect { instance });
    let disconnect = {
        let on_done = props.on_done.clone();
        use_action::<DisconnectConnection>(Callback::from(move |report: DisconnectReport| {
            let tone = if matches!(report.at_nango, AtNango::Failed(_)) { Tone::Bad } else { Tone::Good };
            let mut sentences = report.sentences.into_iter();
            let first = sentences.next().unwrap_or_default();
            let rest: Vec<String> = sentences.collect();
            shell.notify(tone, first, (!rest.is_empty()).then(|| rest.join(" ")));
            if !matches!(report.at_nango, AtNango::Failed(_)) {
                on_done.emit(());
            }
        }))
    };
    html! {
        <section class="drawer-form" aria-label={t!("What disconnecting {label} does", label = props.connection.label)}>
            <h3 ref={heading} tabindex="-1">{ t!("What disconnecting does") }</h3>
            if let Some(plan) = plan.latest() {
                <ul class="consequences">
                    { for plan.consequences.iter().map(|sentence| html! { <li key={sentence.clone()}>{ sentence.clone() }</li> }) }
                </ul>
            } else if let Some(failure) = plan.failure() {
                <FailureBanner failure={failure.clone()} />
            } else {
                <Skeleton words={t!("Looking at what this would do")} lines=3 shape="step" />
            }
            if let Some(failure) = &disconnect.failure { <FailureBanner failure={failure.clone()} /> }
            <div class="buttons">
                <Button emphasis={Emphasis::Danger} icon={icons::DISCONNECT()} busy={disconnect.busy}
                    unavailable={plan.latest().is_none().then_some(AttrValue::from(t!("What it would do is not known yet.")))}
                    on_press={disconnect.run.reform(move |()| DisconnectConnection { instance })}>{ t!("Disconnect") }</Button>
                <Button on_press={props.on_cancel.clone()}>{ t!("Cancel") }</Button>
            </div>
        </section>
    }
}
