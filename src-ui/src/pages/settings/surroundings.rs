//! The keyring, and the way links come back.

use patchbay_ipc::{
    DeepLinkState, DeepLinkView, KeyringState, KeyringView, LinkTestOutcome, LinkTestReport,
    RegisterDeepLink, TestDeepLink, TestKeyring, Topic, UseMemoryForSession,
};
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
        KeyringState::Available => (icons::GOOD(), "Works", "good"),
        KeyringState::Waiting => (icons::WAITING(), "Waiting for the system", "waiting"),
        KeyringState::Missing => (icons::BAD(), "Missing", "bad"),
        KeyringState::Locked => (icons::KEY(), "Locked", "warning"),
        KeyringState::Dismissed => (icons::CANCELLED(), "Dismissed", "warning"),
        KeyringState::Failing => (icons::WARNING(), "Does not work", "bad"),
        KeyringState::MemoryByChoice => (icons::INFO(), "In memory, by your choice", "neutral"),
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
        <Section title="Keyring" about="Your system’s keyring holds every secret; Patchbay stores none elsewhere."
            actions={html! { <Button small=true busy={test.busy} on_press={test.run.reform(|()| TestKeyring {})}>{ "Test keyring" }</Button> }}>
            <div role="status">{ status(icon, colour, words) }<p>{ keyring.message.clone() }</p></div>
            if let Some(hint) = &keyring.hint { <p class="muted">{ hint.clone() }</p> }
            if let Some(failure) = failure { <FailureBanner failure={failure.clone()} /> }
            if !is_well {
                <div class="buttons">
                    <Button small=true busy={memory.busy} on_press={memory.run.reform(|()| UseMemoryForSession {})}>
                        { "Keep secrets in memory for this session" }
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
        DeepLinkState::Registered => (icons::GOOD(), "Registered", "good"),
        DeepLinkState::RegisteredElsewhere => {
            (icons::WARNING(), "Registered for another application", "warning")
        }
        DeepLinkState::NotRegistered => (icons::BAD(), "Not registered", "bad"),
        DeepLinkState::Unknown => (icons::UNKNOWN(), "Not known", "neutral"),
    };
    html! {
        <Section title="Links from the browser" about="After you have said yes in the browser, a link brings you back here."
            actions={html! {
                <>
                    <Button small=true busy={test.busy} on_press={test.run.reform(|()| TestDeepLink {})}>{ "Test links" }</Button>
                    <Button small=true busy={register.busy} on_press={register.run.reform(|()| RegisterDeepLink {})}>{ "Register" }</Button>
                </>
            }}>
            <div role="status">{ status(icon, colour, words) }<p>{ message.clone() }</p></div>
            if let Some(hint) = hint { <p class="muted">{ hint.clone() }</p> }
            if test.busy {
                <p role="status" class="is-testing">{ status(icons::REFRESH(), "waiting", "Sending a link through the system and waiting for it…") }</p>
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
        LinkTestOutcome::Arrived => (icons::GOOD(), "Arrived", "good"),
        LinkTestOutcome::NothingArrived => (icons::BAD(), "Nothing arrived", "bad"),
        LinkTestOutcome::TakenElsewhere => (icons::WARNING(), "Another program took it", "warning"),
        LinkTestOutcome::NotSent => (icons::BAD(), "Not sent", "bad"),
    };
    html! {
        <section class={format!("test-result is-{colour}")} aria-label="Test of links">
            <div role="status">
                <p class="test-result-word">{ status(icon, colour, words) }</p>
                <p>{ report.message.clone() }</p>
            </div>
            if let Some(hint) = &report.hint { <p class="muted">{ hint.clone() }</p> }
        </section>
    }
}
