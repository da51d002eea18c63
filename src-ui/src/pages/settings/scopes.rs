//! What a key may do, scope by scope.

use patchbay_core::profile::{Need, ScopeState};
use patchbay_ipc::{CheckReport, ScopeLine, Tone};
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
                    <caption class="sr-only">{ "Scopes of the key" }</caption>
                    <thead><tr>
                        <th scope="col">{ "Scope" }</th><th scope="col">{ "Needed?" }</th><th scope="col">{ "State" }</th><th scope="col">{ "Meaning" }</th>
                    </tr></thead>
                    <tbody>{ for report.scopes.iter().map(line) }</tbody>
                </table>
            </div>
            <CopyBlock title="For whoever runs this Nango" text={report.for_operator.clone()} />
            <p class="muted">{ "Checked " }<TimeAgo at={report.checked_at} />{ "." }</p>
        </>
    }
}

/// A scope's name that may break after its colons, and nowhere else.
fn breakable(name: &str) -> impl Iterator<Item = Html> + '_ {
    name.split_inclusive(':').map(|part| html! { <>{ part.to_owned() }<wbr /></> })
}

fn line(line: &ScopeLine) -> Html {
    let need = match line.need {
        Need::Required => "Needed",
        Need::Optional => "Optional",
        Need::Unwanted => "Not wanted",
    };
    let (icon, words, colour) = match (line.need, line.state) {
        (Need::Unwanted, ScopeState::Granted) => (icons::WARNING(), "Granted", "warning"),
        (_, ScopeState::Granted) => (icons::GOOD(), "Granted", "good"),
        (Need::Required, ScopeState::Missing) => (icons::BAD(), "Missing", "bad"),
        (Need::Unwanted, ScopeState::Missing) => (icons::GOOD(), "Not granted", "good"),
        (Need::Optional, ScopeState::Missing) => (icons::PENDING(), "Not granted", "neutral"),
        (_, ScopeState::Unknown) => (icons::UNKNOWN(), "Not told", "neutral"),
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
