//! What a test of a connection found.

use patchbay_ipc::{TestReport, Tone};
use patchbay_texts::t;
use yew::prelude::*;

use super::FailureBanner;
use super::status::status;
use crate::icons;
use crate::state::trials::{Trial, outcome_words};

/// A test as it goes: under way, its answer in one word with the reason, or why nobody could be asked.
pub fn test_result(trial: &Trial, connector: &str) -> Html {
    match trial {
        Trial::Running => html! {
            <section class="test-result" aria-label={t!("Test")}>
                <p class="is-testing">
                    { status(icons::REFRESH(), "waiting", t!("Testing: asking {connector} who this is…", connector)) }
                </p>
            </section>
        },
        Trial::Failed(failure) => html! { <FailureBanner failure={failure.clone()} /> },
        Trial::Found(report) => found(report),
    }
}

fn found(report: &TestReport) -> Html {
    let (tone, words) = outcome_words(report.outcome);
    let (icon, colour) = match tone {
        Tone::Good => (icons::GOOD(), "good"),
        Tone::Bad => (icons::BAD(), "bad"),
        Tone::Neutral => (icons::UNKNOWN(), "neutral"),
    };
    html! {
        <section class={format!("test-result is-{colour}")} aria-label={t!("Test")}>
            <p class="test-result-word">{ status(icon, colour, words) }</p>
            <p>{ report.sentence.clone() }</p>
            if report.asked.is_some() || report.answered.is_some() {
                <dl class="facts">
                    if let Some(asked) = &report.asked { <dt>{ t!("Asked") }</dt><dd><code>{ asked.clone() }</code></dd> }
                    if let Some(answered) = &report.answered { <dt>{ t!("Answered") }</dt><dd><code>{ answered.clone() }</code></dd> }
                </dl>
            }
        </section>
    }
}
