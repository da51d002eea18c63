//! What happened to a connection, the latest first.

use patchbay_ipc::HistoryLine;
use patchbay_texts::t;
use yew::prelude::*;

use super::TimeAgo;
use crate::icons::{self, glyph};

/// Lines in sight; earlier ones are shown on demand.
const IN_SIGHT: usize = 6;

/// A connection's history with its times; the lines come oldest first.
pub fn history(lines: &[HistoryLine]) -> Html {
    let earlier = lines.len().saturating_sub(IN_SIGHT);
    html! {
        <section class="history" aria-label={t!("History")}>
            <h3>{ t!("History") }</h3>
            { list(&lines[earlier..]) }
            if earlier > 0 {
                <details class="history-earlier"><summary>{ t!("{count} earlier", count = earlier) }</summary>{ list(&lines[..earlier]) }</details>
            }
        </section>
    }
}

fn list(lines: &[HistoryLine]) -> Html {
    html! {
        <ol class="timeline" reversed=true>
            { for lines.iter().rev().map(|line| html! {
                <li class="timeline-step">
                    <span class="timeline-mark status-neutral">{ glyph(icons::CURRENT(), 14, "") }</span>
                    <span class="timeline-words">
                        { line.words.clone() }
                        if let Some(detail) = &line.detail { <span class="timeline-detail muted">{ detail.clone() }</span> }
                    </span>
                    <span class="muted"><TimeAgo at={line.at} /></span>
                </li>
            }) }
        </ol>
    }
}
