//! What happened in an attempt, step by step.

use patchbay_ipc::{AttemptView, StepView};
use patchbay_texts::t;
use yew::prelude::*;

use super::status::attempt_look;
use crate::clock;
use crate::icons::{self, Icon, glyph};

/// An attempt's steps with their times, the latest last.
pub fn timeline(attempt: &AttemptView) -> Html {
    let last = attempt.steps.len().saturating_sub(1);
    html! {
        <ol class="timeline" aria-label={t!("What happened")}>
            { for attempt.steps.iter().enumerate().map(|(index, step)| {
                let (icon, colour) = if index < last {
                    (icons::CHECK(), "neutral")
                } else if attempt.phase.is_open() {
                    (icons::CURRENT(), "waiting")
                } else {
                    attempt_look(attempt)
                };
                line(step, icon, colour)
            }) }
        </ol>
    }
}

fn line(step: &StepView, icon: Icon, colour: &str) -> Html {
    let StepView { at, words, detail } = step;
    html! {
        <li class="timeline-step">
            <span class={classes!("timeline-mark", format!("status-{colour}"))}>{ glyph(icon, 14, "") }</span>
            <span class="timeline-words">
                { words.clone() }
                if let Some(detail) = detail { <span class="timeline-detail muted">{ detail.clone() }</span> }
            </span>
            <time class="muted" datetime={at.to_string()} title={clock::exact(*at)}>{ clock::time_of_day(*at) }</time>
        </li>
    }
}
