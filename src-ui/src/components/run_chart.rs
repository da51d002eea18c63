//! A run over time: a line for each execution, nested as it ran, with its bar, how long it took and how often it was
//! tried.

use std::collections::HashMap;

use patchbay_core::workflow::run::{RunState, TaskState};
use patchbay_ipc::{RunEntryView, RunView};
use patchbay_texts::t;
use yew::prelude::*;

use super::plug::connection_avatar;
use super::{connector_icon, status};
use crate::dom;
use crate::icons::{self, Icon, glyph};
use crate::state::run_chart::{Bar, RunChart as Chart, duration};

/// The icon and colour of a run's state.
#[must_use]
pub(super) fn run_look(state: RunState) -> (Icon, &'static str) {
    match state {
        RunState::Running => (icons::REFRESH(), "waiting"),
        RunState::Completed => (icons::GOOD(), "good"),
        RunState::Faulted => (icons::BAD(), "bad"),
        RunState::Cancelled => (icons::CANCELLED(), "neutral"),
        RunState::Interrupted => (icons::WARNING(), "warning"),
    }
}

/// A run's state, in the engine's words.
pub fn run_status(state: RunState, words: &str) -> Html {
    let (icon, colour) = run_look(state);
    let turning = (state == RunState::Running).then_some("is-testing");
    html! { <span class={classes!("run-status", turning)}>{ status(icon, colour, words.to_owned()) }</span> }
}

/// The icon, colour and words of what an execution came to.
#[must_use]
pub fn task_look(state: TaskState) -> (Icon, &'static str, &'static str) {
    match state {
        TaskState::Running => (icons::REFRESH(), "waiting", t!("Running")),
        TaskState::Completed => (icons::GOOD(), "good", t!("Done")),
        TaskState::Skipped => (icons::SKIPPED(), "neutral", t!("Skipped")),
        TaskState::Faulted => (icons::BAD(), "bad", t!("Failed")),
        TaskState::Cancelled => (icons::CANCELLED(), "neutral", t!("Cancelled")),
        TaskState::Interrupted => (icons::WARNING(), "warning", t!("Interrupted")),
    }
}

/// Properties of [`RunChart`].
#[derive(Properties, PartialEq)]
pub struct RunChartProps {
    /// The run.
    pub run: std::rc::Rc<RunView>,
    /// Its picture.
    pub chart: Chart,
    /// The execution whose details are shown.
    pub selected: Option<u32>,
    /// Another one is chosen.
    pub on_select: Callback<u32>,
}

fn entry_id(number: u32) -> String {
    format!("entry-{number}")
}

/// The picture, as a list in which arrows move.
#[component]
pub fn RunChart(props: &RunChartProps) -> Html {
    let entries: HashMap<u32, &RunEntryView> =
        props.run.entries.iter().map(|entry| (entry.number, entry)).collect();
    let order: Vec<u32> = props.chart.bars.iter().map(|bar| bar.number).collect();
    let current = props.selected.filter(|number| entries.contains_key(number)).or(order.first().copied());
    let onkeydown = {
        let (on_select, order) = (props.on_select.clone(), order.clone());
        Callback::from(move |event: KeyboardEvent| {
            let here = current.and_then(|number| order.iter().position(|held| *held == number)).unwrap_or(0);
            let last = order.len().saturating_sub(1);
            let next = match event.key().as_str() {
                "ArrowDown" => (here + 1).min(last),
                "ArrowUp" => here.saturating_sub(1),
                "Home" => 0,
                "End" => last,
                "Enter" | " " => here,
                _ => return,
            };
            event.prevent_default();
            if let Some(number) = order.get(next) {
                on_select.emit(*number);
                dom::focus_id(&entry_id(*number));
            }
        })
    };
    html! {
        <div class="run-chart">
            <div class="run-scale" aria-hidden="true">
                <span>{ "0" }</span>
                { for props.chart.marks.iter().map(|(at, words)| html! { <span key={words.clone()} style={format!("left:{:.3}%", at * 100.0)}>{ words.clone() }</span> }) }
            </div>
            <div class="run-bars" role="listbox" aria-label={t!("Executions")} {onkeydown}>
                { for props.chart.bars.iter().filter_map(|bar| {
                    let entry = entries.get(&bar.number)?;
                    Some(line(bar, entry, props, current == Some(bar.number)))
                }) }
            </div>
        </div>
    }
}

fn line(bar: &Bar, entry: &RunEntryView, props: &RunChartProps, is_current: bool) -> Html {
    let (icon, colour, words) = task_look(entry.state);
    let number = bar.number;
    let is_selected = props.selected == Some(number);
    let onclick = props.on_select.reform(move |_: MouseEvent| number);
    let length = duration(bar.milliseconds);
    let tries =
        if entry.attempts > 1 { t!(", tried {count} times", count = entry.attempts) } else { String::new() };
    let who = entry
        .connection
        .as_ref()
        .map(|connection| t!(", as {label}", label = connection.label))
        .unwrap_or_default();
    let name = format!("{}, {words}, {}, {length}{tries}{who}", entry.task, entry.summary);
    let style = format!("left:{:.3}%;width:max({:.3}%,3px)", bar.start * 100.0, bar.width * 100.0);
    html! {
        <div key={number} id={entry_id(number)} role="option" class={classes!("run-line", is_selected.then_some("is-selected"))} {onclick}
            aria-selected={if is_selected { "true" } else { "false" }} aria-label={name} tabindex={if is_current { "0" } else { "-1" }}>
            <span class="run-task" style={format!("padding-left:{}px", 16 * bar.depth.min(12))}>
                <span class={classes!("status", format!("status-{colour}"), (entry.state == TaskState::Running).then_some("is-testing"))} title={words}>{ glyph(icon, 16, "") }</span>
                if let Some(connection) = &entry.connection {
                    { connection_avatar(connection, 18) }
                } else if let Some(connector) = &entry.connector {
                    { connector_icon(&connector.name, connector.icon.as_deref(), 16) }
                }
                <span class="run-name">{ entry.task.clone() }</span>
                <span class="muted run-summary">{ entry.summary.clone() }</span>
            </span>
            <span class="run-track">
                <span class={format!("run-bar bar-{colour}")} {style}></span>
            </span>
            <span class="run-length tabular muted">
                if entry.attempts > 1 { <span class="badge" title={t!("Tried {count} times", count = entry.attempts)}>{ format!("×{}", entry.attempts) }</span> }
                { length }
            </span>
        </div>
    }
}
