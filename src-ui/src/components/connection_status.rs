//! Where an attempt stands, and what can be done about it.

use gloo_timers::callback::Interval;
use patchbay_core::attempt::Method;
use patchbay_ipc::{AttemptView, CancelAttempt, CheckNow, PasteLink, Phase, ReopenBrowser, SecretInput};
use patchbay_texts::t;
use yew::prelude::*;

use super::status::attempt_look;
use super::{Button, Emphasis, FailureBanner, TextField, avatar_of, timeline};
use crate::clock;
use crate::hooks::use_action;
use crate::icons::{self, glyph};

/// Properties of [`ConnectionStatus`].
#[derive(Properties, PartialEq)]
pub struct ConnectionStatusProps {
    /// The attempt, as fresh as it is known.
    pub attempt: AttemptView,
    /// It was cancelled here.
    #[prop_or_default]
    pub on_cancelled: Callback<()>,
    /// Who the connection is, once that is known.
    #[prop_or_default]
    pub account: Option<AttrValue>,
    /// What is to be said about the connection instead of what the attempt explains.
    #[prop_or_default]
    pub remark: Html,
    /// Where the live region is, for whoever wants to bring the focus there.
    #[prop_or_default]
    pub region: NodeRef,
    /// Buttons for when it has ended.
    #[prop_or_default]
    pub children: Html,
}

/// An attempt as it goes: a live region with the state in words, what happened so far, and what one can do.
#[component]
pub fn ConnectionStatus(props: &ConnectionStatusProps) -> Html {
    let attempt = &props.attempt;
    let id = attempt.id;
    let is_open = attempt.phase.is_open();
    // Whoever asks is answered, also when there is nothing new: the phase that was found, until it passes.
    let checked = use_state_eq(|| None::<Phase>);
    let check = {
        let checked = checked.clone();
        use_action::<CheckNow>(Callback::from(move |attempt: AttemptView| {
            checked.set(Some(attempt.phase));
        }))
    };
    let reopen = use_action::<ReopenBrowser>(Callback::noop());
    let cancel = use_action::<CancelAttempt>(props.on_cancelled.reform(|_| ()));
    let (icon, colour) = attempt_look(attempt);
    let on_check = {
        let (run, checked) = (check.run.clone(), checked.clone());
        Callback::from(move |()| {
            checked.set(None);
            run.emit(CheckNow { attempt: id });
        })
    };
    let in_browser = matches!(attempt.method, Method::DeepLink | Method::Browser);
    let failure = check.failure.as_ref().or(reopen.failure.as_ref()).or(cancel.failure.as_ref());
    html! {
        <div class="connection-status">
            <div class="connection-status-head">
                if attempt.phase == Phase::Connected {
                    { avatar_of(attempt.instance, &attempt.label, &attempt.connector_name, attempt.icon.as_deref(), 56) }
                } else {
                    <span class={classes!("connection-status-picture", format!("status-{colour}"), is_open.then_some("is-open"))}>
                        { glyph(icon, 24, "") }
                    </span>
                }
                <div>
                    <div ref={props.region.clone()} role="status" aria-live="polite" tabindex="-1">
                        <p class="connection-status-words">{ attempt.words.clone() }</p>
                        if attempt.problem.is_none() && props.remark == Html::default() { <p class="muted">{ attempt.explanation.clone() }</p> }
                        if is_open && *checked == Some(attempt.phase) { <p class="muted">{ t!("Checked just now: no news yet.") }</p> }
                    </div>
                    if attempt.phase == Phase::Connected {
                        <p class="connection-status-label">{ attempt.label.clone() }</p>
                        if let Some(account) = &props.account { <p class="connection-status-account muted">{ t!("Account: ") }{ account.clone() }</p> }
                    }
                    if let (true, Some(until)) = (is_open, attempt.deadline_at) { <Countdown {until} /> }
                </div>
            </div>
            { props.remark.clone() }
            if let Some(problem) = &attempt.problem { <FailureBanner failure={problem.clone()} /> }
            if let Some(failure) = failure { <FailureBanner failure={failure.clone()} /> }
            { timeline(attempt) }
            if is_open {
                <PasteLinkField />
                <div class="buttons">
                    <Button icon={icons::REFRESH()} busy={check.busy} on_press={on_check}>
                        { t!("Check now") }
                    </Button>
                    if in_browser && attempt.phase == Phase::AwaitingBrowser {
                        <Button icon={icons::BROWSER()} busy={reopen.busy}
                            on_press={reopen.run.reform(move |()| ReopenBrowser { attempt: id })}>
                            { t!("Open the browser again") }
                        </Button>
                    }
                    <span class="spring"></span>
                    <Button emphasis={Emphasis::Quiet} busy={cancel.busy}
                        on_press={cancel.run.reform(move |()| CancelAttempt { attempt: id })}>{ t!("Cancel") }</Button>
                </div>
            } else if props.children != Html::default() {
                <div class="buttons">{ props.children.clone() }</div>
            }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct CountdownProps {
    until: jiff::Timestamp,
}

/// The time left. It is not part of the live region, which would speak every second.
#[component]
fn Countdown(props: &CountdownProps) -> Html {
    let now = use_state(clock::now);
    {
        let now = now.clone();
        use_effect_with((), move |()| {
            let interval = Interval::new(1_000, move || now.set(clock::now()));
            move || drop(interval)
        });
    }
    clock::remaining(props.until, *now)
        .map(|left| html! { <p class="countdown muted">{ t!("Waits for another ") }<span class="tabular">{ left }</span></p> })
        .unwrap_or_default()
}

/// The way home for desktops where links do not arrive.
#[component]
fn PasteLinkField() -> Html {
    let is_open = use_state(|| false);
    let link = use_state(SecretInput::default);
    let paste = {
        let (is_open, link) = (is_open.clone(), link.clone());
        use_action::<PasteLink>(Callback::from(move |_| {
            link.set(SecretInput::default());
            is_open.set(false);
        }))
    };
    if !*is_open {
        let on_press = Callback::from(move |()| is_open.set(true));
        return html! {
            <div><Button icon={icons::PASTE()} emphasis={Emphasis::Quiet} small=true {on_press}>{ t!("Paste the link") }</Button></div>
        };
    }
    let onsubmit = {
        let (run, link) = (paste.run.clone(), link.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            run.emit(PasteLink { link: (*link).clone() });
        })
    };
    let error = paste
        .failure
        .as_ref()
        .map(|failure| AttrValue::from(format!("{} {}", failure.message, failure.hint)));
    let value = AttrValue::from(link.expose().to_owned());
    let on_input = Callback::from(move |text: String| link.set(SecretInput::from(text)));
    html! {
        <form class="paste-link" {onsubmit}>
            <TextField label={t!("Link from the browser")} {value} {on_input} {error} focus=true
                placeholder="app.patchbay.desktop://oauth/callback?…"
                description={t!("If the browser did not bring you back here, copy the link of its button or address bar.")} />
            <Button submit=true busy={paste.busy}>{ t!("Use link") }</Button>
        </form>
    }
}
