//! The keyring, and the way links come back.

use patchbay_ipc::{
    DeepLinkState, DeepLinkView, KeyringState, KeyringView, LinkTestOutcome, LinkTestReport,
    RegisterDeepLink, TestDeepLink, TestKeyring, Topic, UseMemoryForSession,
};
use patchbay_texts::t;
use yew::prelude::*;

use super::Section;
use crate::bus;
use crate::components::{Button, FailureBanner, status};
use crate::hooks::use_action;
use crate::icons::{self, Icon};

/// Properties of [`KeyringSection`].
#[derive(Properties, PartialEq)]
pub struct KeyringSectionProps {
    /// Its state.
    pub keyring: KeyringView,
}

fn keyring_look(state: KeyringState) -> (Icon, &'static str, &'static str) {
    match state {
        KeyringState::Available => (icons::GOOD(), t!("Works"), "good"),
        KeyringState::Waiting => (icons::WAITING(), t!("Waiting for the system"), "waiting"),
        KeyringState::Missing => (icons::BAD(), t!("Missing"), "bad"),
        KeyringState::Locked => (icons::KEY(), t!("Locked"), "warning"),
        KeyringState::Dismissed => (icons::CANCELLED(), t!("Dismissed"), "warning"),
        KeyringState::Failing => (icons::WARNING(), t!("Does not work"), "bad"),
        KeyringState::MemoryByChoice => (icons::INFO(), t!("In memory, by your choice"), "neutral"),
    }
}

/// The keyring: how it is, how to mend it, and the way on without it.
#[component]
pub fn KeyringSection(props: &KeyringSectionProps) -> Html {
    let refresh = Callback::from(|_: KeyringView| bus::publish(&[Topic::Diagnostics]));
    let test = use_action::<TestKeyring>(refresh.clone());
    let memory = use_action::<UseMemoryForSession>(refresh);
    let keyring = &props.keyring;
    let (icon, words, colour) = keyring_look(keyring.state);
    let is_well = matches!(
        keyring.state,
        KeyringState::Available | KeyringState::MemoryByChoice | KeyringState::Waiting
    );
    let failure = test.failure.as_ref().or(memory.failure.as_ref());
    html! {
        <Section title={t!("Keyring")} about={t!("Your system’s keyring holds every secret; Patchbay stores none elsewhere.")}
            actions={html! { <Button small=true busy={test.busy} on_press={test.run.reform(|()| TestKeyring {})}>{ t!("Test keyring") }</Button> }}>
            <div role="status">{ status(icon, colour, words) }<p>{ keyring.message.clone() }</p></div>
            if let Some(hint) = &keyring.hint { <p class="muted">{ hint.clone() }</p> }
            if let Some(failure) = failure { <FailureBanner failure={failure.clone()} /> }
            if !is_well {
                <div class="buttons">
                    <Button small=true busy={memory.busy} on_press={memory.run.reform(|()| UseMemoryForSession {})}>
                        { t!("Keep secrets in memory for this session") }
                    </Button>
                </div>
            }
        </Section>
    }
}

/// Properties of [`DeepLinkSection`].
#[derive(Properties, PartialEq)]
pub struct DeepLinkSectionProps {
    /// Its state.
    pub deep_link: DeepLinkView,
}

/// Whether links of our scheme come back, and how to mend it.
#[component]
pub fn DeepLinkSection(props: &DeepLinkSectionProps) -> Html {
    let register =
        use_action::<RegisterDeepLink>(Callback::from(|_: DeepLinkView| bus::publish(&[Topic::Diagnostics])));
    let report = use_state(|| None::<LinkTestReport>);
    let test = {
        let report = report.clone();
        use_action::<TestDeepLink>(Callback::from(move |found| {
            report.set(Some(found));
            bus::publish(&[Topic::Diagnostics]);
        }))
    };
    let DeepLinkView { state, message, hint } = &props.deep_link;
    let (icon, words, colour) = match state {
        DeepLinkState::Registered => (icons::GOOD(), t!("Registered"), "good"),
        DeepLinkState::RegisteredElsewhere => {
            (icons::WARNING(), t!("Registered for another application"), "warning")
        }
        DeepLinkState::NotRegistered => (icons::BAD(), t!("Not registered"), "bad"),
        DeepLinkState::Unknown => (icons::UNKNOWN(), t!("Not known"), "neutral"),
    };
    html! {
        <Section title={t!("Links from the browser")} about={t!("After you have said yes in the browser, a link brings you back here.")}
            actions={html! {
                <>
                    <Button small=true busy={test.busy} on_press={test.run.reform(|()| TestDeepLink {})}>{ t!("Test links") }</Button>
                    <Button small=true busy={register.busy} on_press={register.run.reform(|()| RegisterDeepLink {})}>{ t!("Register") }</Button>
                </>
            }}>
            <div role="status">{ status(icon, colour, words) }<p>{ message.clone() }</p></div>
            if let Some(hint) = hint { <p class="muted">{ hint.clone() }</p> }
            if test.busy {
                <p role="status" class="is-testing">{ status(icons::REFRESH(), "waiting", t!("Sending a link through the system and waiting for it…")) }</p>
            } else if let Some(report) = &*report {
                { link_test(report) }
            }
            if let Some(failure) = register.failure.as_ref().or(test.failure.as_ref()) { <FailureBanner failure={failure.clone()} /> }
        </Section>
    }
}

/// What a link came to that was sent to see whether it arrives.
pub fn link_test(report: &LinkTestReport) -> Html {
    let (icon, words, colour) = match report.outcome {
        LinkTestOutcome::Arrived => (icons::GOOD(), t!("Arrived"), "good"),
        LinkTestOutcome::NothingArrived => (icons::BAD(), t!("Nothing arrived"), "bad"),
        LinkTestOutcome::TakenElsewhere => (icons::WARNING(), t!("Another program took it"), "warning"),
        LinkTestOutcome::NotSent => (icons::BAD(), t!("Not sent"), "bad"),
    };
    html! {
        <section class={format!("test-result is-{colour}")} aria-label={t!("Test of links")}>
            <div role="status">
                <p class="test-result-word">{ status(icon, colour, words) }</p>
                <p>{ report.message.clone() }</p>
            </div>
            if let Some(hint) = &report.hint { <p class="muted">{ hint.clone() }</p> }
        </section>
    }
}
