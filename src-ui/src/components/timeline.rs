//! What happened in an attempt, step by step.

use patchbay_ipc::{AttemptView, StepView};
use yew::prelude::*;

use super::status::phase_look;
use crate::clock;
use crate::icons::{self, glyph};

/// Properties of [`Timeline`].
#[derive(Properties, PartialEq)]
pub struct TimelineProps {
    /// Whose.
    pub attempt: AttemptView,
}

/// An attempt's steps with their times, the latest last.
#[component]
pub fn Timeline(props: &TimelineProps) -> Html {
    let attempt = &props.attempt;
    let last = attempt.steps.len().saturating_sub(1);
    html! {
        <ol class="timeline" aria-label="What happened">
            { for attempt.steps.iter().enumerate().map(|(index, step)| {
                let (icon, colour) = if index < last {
                    (icons::CHECK(), "neutral")
                } else if attempt.phase.is_open() {
                    (icons::CURRENT(), "waiting")
                } else {
                    phase_look(attempt.phase)
                };
                html! { <StepLine key={index} step={step.clone()} {icon} {colour} /> }
            }) }
        </ol>
    }
}

#[derive(Properties, PartialEq)]
struct StepLineProps {
    step: StepView,
    icon: icons::Icon,
    colour: &'static str,
}

#[component]
fn StepLine(props: &StepLineProps) -> Html {
    let StepView { at, words, detail } = &props.step;
    html! {
        <li class="timeline-step">
            <span class={classes!("timeline-mark", format!("status-{}", props.colour))}>{ glyph(props.icon, 14, "") }</span>
            <span class="timeline-words">
                { words.clone() }
                if let Some(detail) = detail { <span class="timeline-detail muted">{ detail.clone() }</span> }
            </span>
            <time class="muted" datetime={at.to_string()} title={clock::exact(*at)}>{ clock::time_of_day(*at) }</time>
        </li>
    }
}
