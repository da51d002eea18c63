//! What a key may do, scope by scope.

use patchbay_core::profile::{Need, ScopeState};
use patchbay_ipc::{CheckReport, ScopeLine, Tone};
use patchbay_texts::t;
use yew::prelude::*;

use crate::components::{Banner, CopyBlock, TimeAgo, status};
use crate::icons;

/// Properties of [`Scopes`].
#[derive(Properties, PartialEq)]
pub struct ScopesProps {
    /// What the check found.
    pub report: CheckReport,
}

/// The report of a check, as a table.
#[component]
pub fn Scopes(props: &ScopesProps) -> Html {
    let report = &props.report;
    let tone = if report.all_well { Tone::Good } else { Tone::Bad };
    html! {
        <>
            <Banner {tone} message={report.summary.clone()} />
            <div class="table-frame">
                <table class="table">
                    <caption class="sr-only">{ t!("Scopes of the key") }</caption>
                    <thead><tr>
                        <th scope="col">{ t!("Scope") }</th><th scope="col">{ t!("Needed?") }</th><th scope="col">{ t!("State") }</th><th scope="col">{ t!("Meaning") }</th>
                    </tr></thead>
                    <tbody>{ for report.scopes.iter().map(line) }</tbody>
                </table>
            </div>
            <CopyBlock title={t!("For whoever runs this Nango")} text={report.for_operator.clone()} />
            <p class="muted">{ t!("Checked ") }<TimeAgo at={report.checked_at} />{ "." }</p>
        </>
    }
}

/// A scope's name that may break after its colons, and nowhere else.
fn breakable(name: &str) -> impl Iterator<Item = Html> + '_ {
    name.split_inclusive(':').map(|part| html! { <>{ part.to_owned() }<wbr /></> })
}

fn line(line: &ScopeLine) -> Html {
    let need = match line.need {
        Need::Required => t!("Needed"),
        Need::Optional => t!("Optional"),
        Need::Unwanted => t!("Not wanted"),
    };
    let (icon, words, colour) = match (line.need, line.state) {
        (Need::Unwanted, ScopeState::Granted) => (icons::WARNING(), t!("Granted"), "warning"),
        (_, ScopeState::Granted) => (icons::GOOD(), t!("Granted"), "good"),
        (Need::Required, ScopeState::Missing) => (icons::BAD(), t!("Missing"), "bad"),
        (Need::Unwanted, ScopeState::Missing) => (icons::GOOD(), t!("Not granted"), "good"),
        (Need::Optional, ScopeState::Missing) => (icons::PENDING(), t!("Not granted"), "neutral"),
        (_, ScopeState::Unknown) => (icons::UNKNOWN(), t!("Not told"), "neutral"),
    };
    html! {
        <tr key={line.name.clone()}>
            <th scope="row"><code>{ for breakable(&line.name) }</code></th>
            <td>{ need }</td>
            <td>{ status(icon, colour, words) }</td>
            <td class="muted">{ line.meaning.clone() }</td>
        </tr>
    }
}
