//! Tests of many connections: how far they are, and what they found.

use patchbay_core::id::InstanceId;
use patchbay_ipc::{BulkTest, CancelTests, TestOutcome, Trouble};
use patchbay_texts::t;
use yew::prelude::*;

use super::{Button, Emphasis, status};
use crate::hooks::{use_action, use_announced};
use crate::icons;
use crate::state::trials::outcome_words;

/// Properties of [`BulkTestStrip`].
#[derive(Properties, PartialEq)]
pub struct BulkTestStripProps {
    /// The tests.
    pub tests: BulkTest,
    /// A connection is to be looked at.
    pub on_open: Callback<InstanceId>,
    /// The result has been seen.
    pub on_dismiss: Callback<()>,
}

/// The tests as they go, and their results one by one where something is wrong.
#[component]
pub fn BulkTestStrip(props: &BulkTestStripProps) -> Html {
    let cancel = use_action::<CancelTests>(Callback::noop());
    let BulkTest { running, total, tested, works, summary, pace, troubles, .. } = &props.tests;
    let (icon, colour) = match (running, works == tested) {
        (true, _) => (icons::REFRESH(), "waiting"),
        (false, true) => (icons::GOOD(), "good"),
        (false, false) => (icons::WARNING(), "warning"),
    };
    // Said at the end alone: every step of hundreds would be too much to listen to.
    use_announced(if *running { "" } else { summary.as_str() });
    html! {
        <section class="bulk" aria-label={t!("Tests")}>
            <div class="bulk-head">
                <div class="bulk-words">
                    { status(icon, colour, summary.clone()) }
                    if let Some(pace) = pace { <span class="muted">{ pace.clone() }</span> }
                </div>
                if *running {
                    <Button small=true busy={cancel.busy} on_press={cancel.run.reform(|()| CancelTests {})}>{ t!("Stop") }</Button>
                } else {
                    <Button small=true emphasis={Emphasis::Quiet} on_press={props.on_dismiss.clone()}>{ t!("Dismiss") }</Button>
                }
            </div>
            if *running {
                <progress aria-label={t!("Connections tested")} value={tested.to_string()} max={total.to_string()}></progress>
            }
            if !troubles.is_empty() {
                <details class="bulk-troubles">
                    <summary>{ t!("{count} to look at", count = troubles.len()) }</summary>
                    <ul>{ for troubles.iter().map(|trouble| line(trouble, &props.on_open)) }</ul>
                </details>
            }
        </section>
    }
}

fn line(trouble: &Trouble, on_open: &Callback<InstanceId>) -> Html {
    let Trouble { instance, label, outcome, sentence } = trouble;
    let (_, words) = outcome_words(*outcome);
    let (icon, colour) = match outcome {
        TestOutcome::Works => (icons::GOOD(), "good"),
        TestOutcome::Fails => (icons::BAD(), "bad"),
        TestOutcome::CannotBeTested => (icons::UNKNOWN(), "neutral"),
    };
    let onclick = {
        let instance = *instance;
        on_open.reform(move |_: MouseEvent| instance)
    };
    html! {
        <li key={instance.to_string()}>
            <button type="button" class="link" {onclick}>{ label.clone() }</button>
            { status(icon, colour, words) }
            <span class="muted">{ sentence.clone() }</span>
        </li>
    }
}
