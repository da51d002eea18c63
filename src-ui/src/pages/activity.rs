//! Attempts, newest first.

use patchbay_ipc::{AttemptPage, AttemptView, CancelAttempt, CheckNow, ListAttempts, Tone, Topic};
use patchbay_texts::t;
use yew::prelude::*;

use crate::bus;
use crate::components::{
    Button, Emphasis, Empty, FailureBanner, Page, Skeleton, TimeAgo, attempt_status, avatar_of, timeline,
};
use crate::hooks::{use_action, use_command, use_id};
use crate::icons::{self, glyph};
use crate::route::Route;
use crate::shell::use_shell;
use crate::state::connect::Target;

/// Attempts on a page.
const PAGE: u32 = 50;

/// The attempts with their timelines.
#[component]
pub fn ActivityPage() -> Html {
    let offset = use_state_eq(|| 0_u32);
    let page = use_command(ListAttempts { offset: *offset, limit: PAGE });
    let content = match (page.latest(), page.failure()) {
        (None, Some(failure)) => html! {
            <FailureBanner failure={failure.clone()}>
                <Button small=true on_press={Callback::from(|()| bus::publish(&[Topic::Attempts]))}>{ t!("Try again") }</Button>
            </FailureBanner>
        },
        (None, None) => html! { <Skeleton words={t!("Loading attempts")} lines=6 /> },
        (Some(page), _) if page.total == 0 => html! {
            <Empty icon={icons::ACTIVITY()} title={t!("Nothing has happened yet")}
                words={t!("Every try to connect an account is kept here, with what happened step by step.")}>
                <a class="button button-primary" href={Route::Connectors.hash()}>{ t!("Choose a connector") }</a>
            </Empty>
        },
        (Some(page), failure) => html! {
            <>
                if let Some(failure) = failure { <FailureBanner failure={failure.clone()} /> }
                <ul class="attempts">
                    { for page.attempts.iter().map(|attempt| html! { <AttemptItem key={attempt.id.to_string()} attempt={attempt.clone()} /> }) }
                </ul>
                { pager(page, &offset) }
            </>
        },
    };
    html! { <Page title={t!("Activity")}>{ content }</Page> }
}

fn pager(page: &AttemptPage, offset: &UseStateHandle<u32>) -> Html {
    if page.total <= PAGE {
        return Html::default();
    }
    let first = **offset + 1;
    let last = (**offset + PAGE).min(page.total);
    let go = |to: Option<u32>| {
        let offset = offset.clone();
        Callback::from(move |()| {
            if let Some(to) = to {
                offset.set(to);
            }
        })
    };
    let newer = (**offset > 0).then(|| offset.saturating_sub(PAGE));
    let older = (last < page.total).then_some(**offset + PAGE);
    let end = |open: bool| (!open).then_some(AttrValue::from(t!("There are no more.")));
    html! {
        <nav class="pager" aria-label={t!("Pages of attempts")}>
            <Button small=true unavailable={end(newer.is_some())} on_press={go(newer)}>{ t!("Newer") }</Button>
            <span class="muted tabular" role="status">{ t!("{first}–{last} of {total}", first, last, total = page.total) }</span>
            <Button small=true unavailable={end(older.is_some())} on_press={go(older)}>{ t!("Older") }</Button>
        </nav>
    }
}

/// Properties of [`AttemptItem`].
#[derive(Properties, PartialEq)]
pub struct AttemptItemProps {
    /// The attempt.
    pub attempt: AttemptView,
}

/// An attempt: a line, and on demand what happened.
#[component]
pub fn AttemptItem(props: &AttemptItemProps) -> Html {
    let shell = use_shell();
    let attempt = &props.attempt;
    let id = attempt.id;
    let is_open = attempt.phase.is_open();
    // What is going on is worth seeing at once.
    let expanded = use_state_eq(|| is_open);
    let more_id = use_id("attempt");
    let check = {
        let shell = shell.clone();
        use_action::<CheckNow>(Callback::from(move |attempt: AttemptView| {
            if attempt.phase.is_open() {
                shell.notify(Tone::Neutral, t!("No news of “{label}” yet.", label = attempt.label), None);
            }
        }))
    };
    let cancel = use_action::<CancelAttempt>(Callback::noop());
    let failure = check.failure.as_ref().or(cancel.failure.as_ref());
    let toggle = {
        let expanded = expanded.clone();
        Callback::from(move |_: MouseEvent| expanded.set(!*expanded))
    };
    let target = Target::again(attempt);
    let can_try_again = !is_open && attempt.phase != patchbay_ipc::Phase::Connected;
    html! {
        <li class={classes!("attempt", is_open.then_some("is-open"))}>
            <div class="attempt-head">
                <button type="button" class="attempt-toggle" aria-expanded={if *expanded { "true" } else { "false" }}
                    aria-controls={more_id.clone()} onclick={toggle}>
                    { glyph(icons::DOWN(), 16, "attempt-arrow") }
                    { avatar_of(attempt.instance, &attempt.label, &attempt.connector_name, attempt.icon.as_deref(), 32) }
                    <span class="two-lines">
                        <span class="row-label">{ attempt.label.clone() }</span>
                        <span class="muted">{ if attempt.is_reconnect { t!("Reconnect · ") } else { "" } }{ attempt.connector_name.clone() }</span>
                    </span>
                    { attempt_status(attempt) }
                    <span class="muted attempt-time"><TimeAgo at={attempt.ended_at.unwrap_or(attempt.started_at)} /></span>
                </button>
                <div class="attempt-actions">
                    if is_open {
                        <Button small=true busy={check.busy} on_press={check.run.reform(move |()| CheckNow { attempt: id })}>{ t!("Check now") }</Button>
                        <Button small=true emphasis={Emphasis::Quiet} busy={cancel.busy}
                            on_press={cancel.run.reform(move |()| CancelAttempt { attempt: id })}>{ t!("Cancel") }</Button>
                    }
                    if can_try_again {
                        <Button small=true unavailable={shell.network_is_off().map(AttrValue::from)}
                            on_press={shell.on_connect.reform(move |()| target.clone())}>{ t!("Try again") }</Button>
                    }
                </div>
            </div>
            <div id={more_id} class="attempt-more" hidden={!*expanded}>
                if *expanded {
                    if let Some(problem) = &attempt.problem {
                        <FailureBanner failure={problem.clone()} />
                    } else {
                        <p class="muted">{ attempt.explanation.clone() }</p>
                    }
                    { timeline(attempt) }
                }
                if let Some(failure) = failure { <FailureBanner failure={failure.clone()} /> }
            </div>
        </li>
    }
}
