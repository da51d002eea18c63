//! What uses a connection, and putting another one in its place: a reviewed difference, one step, undone by one press.

use patchbay_core::id::InstanceId;
use patchbay_core::workflow::binding::Slot;
use patchbay_ipc::{
    ConnectionView, ConnectorBadge, ListUses, PlanReplacement, ReplaceConnection, ReplacementChange,
    ReplacementDone, ReplacementPlan, UndoReplacement,
};
use patchbay_texts::t;
use yew::platform::spawn_local;
use yew::prelude::*;

use super::plug::connection_line;
use super::{Button, ConnectionPicker, Dialog, Emphasis, FailureBanner, Skeleton};
use crate::hooks::{use_action, use_announced, use_command};
use crate::icons::{self, glyph};
use crate::ipc;
use crate::route::Route;
use crate::shell::{Shell, use_shell};

/// Properties of [`ConnectionUses`].
#[derive(Properties, PartialEq)]
pub struct ConnectionUsesProps {
    /// The connection.
    pub connection: ConnectionView,
}

/// The workflows that use a connection.
#[component]
pub fn ConnectionUses(props: &ConnectionUsesProps) -> Html {
    let connection = &props.connection;
    let uses = use_command(ListUses { instance: connection.instance });
    let replacing = use_state_eq(|| false);
    let toggle = |to: bool| {
        let replacing = replacing.clone();
        Callback::from(move |()| replacing.set(to))
    };
    let is_used = uses.latest().is_some_and(|uses| !uses.is_empty());
    html! {
        <section class="uses" aria-label={t!("Used by")}>
            <div class="uses-head">
                <h3>{ t!("Used by") }</h3>
                if is_used && connection.connector.is_some() {
                    <Button small=true icon={icons::SWITCH()} on_press={toggle(true)}>{ t!("Replace…") }</Button>
                }
            </div>
            if let Some(uses) = uses.latest() {
                if uses.is_empty() { <p class="muted">{ t!("No workflow uses it.") }</p> }
                <ul class="uses-list">
                    { for uses.iter().map(|held| html! {
                        <li key={held.workflow.to_string()}>
                            { glyph(icons::WORKFLOWS(), 16, "") }
                            <span class="two-lines">
                                <a href={Route::Workflow(held.workflow).hash()}>{ held.name.clone() }</a>
                                <span class="muted" title={held.tasks.join(", ")}>{ held.tasks.join(", ") }</span>
                            </span>
                        </li>
                    }) }
                </ul>
            } else if let Some(failure) = uses.failure() {
                <FailureBanner failure={failure.clone()} />
            } else {
                <Skeleton words={t!("Looking at what uses it")} lines=2 shape="step" />
            }
            if *replacing { <ReplaceDialog connection={connection.clone()} on_close={toggle(false)} /> }
        </section>
    }
}

/// Properties of [`ReplaceDialog`].
#[derive(Properties, PartialEq)]
pub(super) struct ReplaceDialogProps {
    /// What is to be replaced.
    pub connection: ConnectionView,
    /// It is to close.
    pub on_close: Callback<()>,
}

/// Choosing another connection, and reviewing what that changes.
#[component]
pub(super) fn ReplaceDialog(props: &ReplaceDialogProps) -> Html {
    let chosen = use_state_eq(|| None::<ConnectionView>);
    let connection = &props.connection;
    let Some(slug) = connection.connector.clone() else { return Html::default() };
    let connector =
        ConnectorBadge { slug, name: connection.connector_name.clone(), icon: connection.icon.clone() };
    let on_choose = {
        let chosen = chosen.clone();
        Callback::from(move |connection| chosen.set(Some(connection)))
    };
    let to = chosen.as_ref().filter(|to| to.instance != connection.instance);
    html! {
        <Dialog title={t!("Replace {label}", label = connection.label)} on_close={props.on_close.clone()} wide=true>
            <div class="dialog-body">
                <ConnectionPicker label={t!("Connection to use instead")} {connector} chosen={(*chosen).clone()} {on_choose} />
                <p class="muted" role="status">{ if chosen.is_some() && to.is_none() { t!("This is the one to be replaced. Choose another.") } else { "" } }</p>
                if let Some(to) = to {
                    <Review key={to.instance.to_string()} from={connection.instance} to={to.instance} on_close={props.on_close.clone()} />
                } else {
                    <div class="buttons"><Button on_press={props.on_close.clone()}>{ t!("Cancel") }</Button></div>
                }
            </div>
        </Dialog>
    }
}

#[derive(Properties, PartialEq)]
struct ReviewProps {
    from: InstanceId,
    to: InstanceId,
    on_close: Callback<()>,
}

#[component]
fn Review(props: &ReviewProps) -> Html {
    let shell = use_shell();
    let (from, to) = (props.from, props.to);
    let plan = use_command(PlanReplacement { from, to });
    let replace = {
        let on_close = props.on_close.clone();
        use_action::<ReplaceConnection>(Callback::from(move |done: ReplacementDone| {
            on_close.emit(());
            shell.offer_undo(done.summary, undo(shell.clone(), done.replacement));
        }))
    };
    use_announced(plan.latest().map_or("", |known| match known.changes.len() {
        0 => t!("Nothing is bound to it any more"),
        count => t!("One place changes" | "Several places change" % count),
    }));
    let Some(known) = plan.latest() else {
        return match plan.failure() {
            Some(failure) => html! { <FailureBanner failure={failure.clone()} /> },
            None => html! { <Skeleton words={t!("Looking at what this changes")} lines=4 /> },
        };
    };
    let run = {
        let changes: Vec<_> =
            known.changes.iter().map(|change| (change.workflow, change.slot.clone())).collect();
        replace.run.reform(move |()| ReplaceConnection { from, to, changes: changes.clone() })
    };
    let count = known.changes.len();
    html! {
        <>
            { replacement_diff(known) }
            if let Some(failure) = &replace.failure { <FailureBanner failure={failure.clone()} /> }
            <div class="buttons">
                <Button emphasis={Emphasis::Primary} icon={icons::SWITCH()} busy={replace.busy} on_press={run}
                    unavailable={(count == 0).then_some(AttrValue::from(t!("Nothing would change.")))}>
                    { t!("Replace in 1 place" | "Replace in {count} places" % count, count) }
                </Button>
                <Button on_press={props.on_close.clone()}>{ t!("Cancel") }</Button>
            </div>
        </>
    }
}

/// What a replacement would change, place by place.
pub fn replacement_diff(plan: &ReplacementPlan) -> Html {
    html! {
        <>
            <div class="replacement">
                <div class="replacement-side"><p class="muted">{ t!("Instead of") }</p><div class="casting-who">{ connection_line(&plan.from) }</div></div>
                { glyph(icons::RIGHT(), 20, "replacement-arrow") }
                <div class="replacement-side"><p class="muted">{ t!("They run as") }</p><div class="casting-who">{ connection_line(&plan.to) }</div></div>
            </div>
            if plan.changes.is_empty() { <p class="muted">{ t!("Nothing is bound to it any more.") }</p> }
            <ul class="diff" aria-label={t!("What changes")}>
                { for plan.changes.iter().map(diff_line) }
            </ul>
        </>
    }
}

fn diff_line(change: &ReplacementChange) -> Html {
    let what = match &change.slot {
        Slot::Role(role) => t!("Role {role}", role),
        Slot::Task(task) => t!("Task {task}, on its own", task),
    };
    html! {
        <li key={format!("{} {what}", change.workflow)}>
            <span class="row-label">{ change.name.clone() }</span>
            <span>{ what }</span>
            <span class="muted">{ change.tasks.join(", ") }</span>
        </li>
    }
}

fn undo(shell: Shell, replacement: u32) -> Callback<()> {
    Callback::from(move |()| {
        let shell = shell.clone();
        spawn_local(async move {
            match ipc::call(&UndoReplacement { replacement }).await {
                Ok(()) => {
                    shell.notify(patchbay_ipc::Tone::Good, t!("Everything is bound as it was before."), None)
                }
                Err(failure) => shell.notify_failure(&failure),
            }
        });
    })
}
