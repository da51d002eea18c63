//! A task on the canvas.

use patchbay_core::workflow::outline::{ListRole, TaskKind, TaskOutline};
use patchbay_core::workflow::problem::{Problem, Severity};
use patchbay_ipc::{CastingView, ConnectorBadge};
use patchbay_texts::t;
use yew::prelude::*;

use super::plug::{casting_words, plug};
use super::{connector_icon, status};
use crate::icons::{self, Icon, glyph};
use crate::state::flow::{Rect, TaskBox};
use crate::state::palette::kind_words;

/// The icon of a kind.
#[must_use]
pub(super) fn kind_icon(kind: TaskKind) -> Icon {
    match kind {
        TaskKind::CallHttp | TaskKind::CallOther => icons::BROWSER(),
        TaskKind::Do => icons::KIND_DO(),
        TaskKind::Emit => icons::KIND_EMIT(),
        TaskKind::For => icons::KIND_LOOP(),
        TaskKind::Fork => icons::KIND_FORK(),
        TaskKind::Listen => icons::KIND_LISTEN(),
        TaskKind::Raise => icons::KIND_RAISE(),
        TaskKind::Run => icons::KIND_RUN(),
        TaskKind::Set => icons::KIND_SET(),
        TaskKind::Switch => icons::KIND_SWITCH(),
        TaskKind::Try => icons::KIND_TRY(),
        TaskKind::Wait => icons::KIND_WAIT(),
        TaskKind::Unknown => icons::UNKNOWN(),
    }
}

/// What a list inside a frame is for, in words.
#[must_use]
pub(super) fn list_words(role: ListRole) -> &'static str {
    match role {
        ListRole::Sequence => t!("In order"),
        ListRole::Each => t!("For each item"),
        ListRole::Try => t!("Try"),
        ListRole::Catch => t!("If that fails"),
        ListRole::Branches => t!("At the same time"),
        ListRole::Competing => t!("The first to end wins"),
    }
}

/// The element of the task that stands at this place in reading order.
#[must_use]
pub(super) fn task_id(position: usize) -> String {
    format!("task-{position}")
}

/// What is known of a task besides its own outline.
#[derive(Clone, Copy, Default)]
pub struct CardFacts<'a> {
    /// As whom it runs.
    pub casting: Option<&'a CastingView>,
    /// Its connector.
    pub connector: Option<&'a ConnectorBadge>,
    /// The worst that is wrong with it.
    pub problem: Option<&'a Problem>,
    /// It is the chosen one.
    pub is_selected: bool,
    /// The Tab key leads to it.
    pub is_current: bool,
}

/// A task's accessible name: its name, what it does, of which connector, and as whom.
#[must_use]
pub(super) fn task_name(task: &TaskOutline, facts: &CardFacts<'_>) -> String {
    let mut name = task.name.clone();
    let mut add = |words: &str| {
        if !words.is_empty() {
            name.push_str(", ");
            name.push_str(words);
        }
    };
    match facts.connector {
        Some(connector) => add(&connector.name),
        None => add(kind_words(task.kind)),
    }
    add(&task.summary);
    if let Some(casting) = facts.casting {
        add(&casting_words(casting));
    }
    if let Some(condition) = &task.condition {
        add(&t!("only if {condition}", condition));
    }
    if task.kind.is_refused_at_run() {
        add(t!("not run here"));
    }
    if let Some(problem) = facts.problem {
        add(&t!("problem: {message}", message = problem.message));
    }
    name
}

fn placed(rect: Rect) -> String {
    format!("left:{}px;top:{}px;width:{}px;height:{}px", rect.x, rect.y, rect.width, rect.height)
}

/// A task: a card, or the head of a frame.
pub fn task_card(position: usize, held: &TaskBox, facts: &CardFacts<'_>) -> Html {
    let task = &held.task;
    let is_frame = held.outer != held.card;
    let path = task.path.to_string();
    let class = classes!(
        "task",
        is_frame.then_some("is-frame"),
        facts.is_selected.then_some("is-selected"),
        facts.problem.is_some_and(|problem| problem.severity == Severity::Error).then_some("is-faulty"),
        task.kind.is_refused_at_run().then_some("is-refused"),
        task.position.is_some().then_some("is-placed"),
    );
    html! {
        <div key={path.clone()} id={task_id(position)} {class} style={placed(held.card)} data-task={path.clone()}
            role="treeitem" aria-level={held.level.to_string()} aria-posinset={(held.index + 1).to_string()}
            aria-setsize={held.of.to_string()} aria-selected={if facts.is_selected { "true" } else { "false" }}
            aria-label={task_name(task, facts)} tabindex={if facts.is_current { "0" } else { "-1" }}>
            <span class="task-head">
                <span class="task-icon">
                    if let Some(connector) = facts.connector {
                        { connector_icon(&connector.name, connector.icon.as_deref(), 18) }
                    } else {
                        { glyph(kind_icon(task.kind), 18, "") }
                    }
                </span>
                <span class="two-lines">
                    <span class="task-name">{ task.name.clone() }</span>
                    <span class="muted">{ if task.summary.is_empty() { kind_words(task.kind).to_owned() } else { task.summary.clone() } }</span>
                </span>
                if task.condition.is_some() { <span class="badge" title={task.condition.clone()}>{ t!("if") }</span> }
                if let Some(problem) = facts.problem {
                    <span class={if problem.severity == Severity::Error { "task-fault status-bad" } else { "task-fault status-warning" }} title={problem.message.clone()}>
                        { glyph(if problem.severity == Severity::Error { icons::BAD() } else { icons::WARNING() }, 16, "") }
                    </span>
                }
                <span class="task-grip" data-grip={path.clone()} title={t!("Drag to place it freely")}>{ glyph(icons::MOVE(), 14, "") }</span>
            </span>
            if let Some(casting) = facts.casting { { plug(casting) } }
            if task.kind.is_refused_at_run() { <span class="task-refused">{ status(icons::CANCELLED(), "warning", t!("Not run here")) }</span> }
            if !held.endings.is_empty() {
                <span class="task-endings">{ for held.endings.iter().map(|ending| html! { <span key={ending.clone()} class="badge">{ ending.clone() }</span> }) }</span>
            }
            <span class="task-outlet" data-outlet={path} title={t!("Drag to the task that comes next")}></span>
        </div>
    }
}

/// The edge around a task and what is inside it.
pub(super) fn task_frame(held: &TaskBox) -> Html {
    let key = format!("frame {}", held.task.path);
    html! { <div {key} class={format!("task-frame level-{}", held.level % 3)} style={placed(held.outer)}></div> }
}
