//! Remarks at the corner of the window.

use gloo_timers::callback::Timeout;
use patchbay_ipc::{Notice, Tone};
use patchbay_texts::t;
use yew::prelude::*;

use super::status::tone_icon;
use super::{Button, Emphasis};
use crate::icons::{self, glyph};
use crate::state::toasts::{self, ToastAction, Toasts};

/// How long a remark stays by itself, in milliseconds. A bad one stays until it is dismissed.
const STAYS_MS: u32 = 8_000;

/// Properties of [`ToastRegion`].
#[derive(Properties, PartialEq)]
pub struct ToastRegionProps {
    /// The remarks.
    pub toasts: Toasts,
    /// What happens to them.
    pub on_action: Callback<ToastAction>,
}

/// The remarks being shown, in a live region that never interrupts.
#[component]
pub fn ToastRegion(props: &ToastRegionProps) -> Html {
    html! {
        <div class="toasts" role="region" aria-label={t!("Notices")} aria-live="polite">
            { for props.toasts.shown().iter().map(|(id, toast)| {
                let id = *id;
                let on_dismiss = props.on_action.reform(move |()| ToastAction::Dismiss(id));
                html! { <Toast key={id} toast={toast.clone()} {on_dismiss} /> }
            }) }
            if props.toasts.waiting() > 0 { <p class="toasts-more muted">{ t!("{count} more", count = props.toasts.waiting()) }</p> }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct ToastProps {
    toast: toasts::Toast,
    on_dismiss: Callback<()>,
}

#[component]
fn Toast(props: &ToastProps) -> Html {
    let Notice { tone, message, hint, .. } = &props.toast.notice;
    // Whoever reads it, by pointer or by keyboard, has all the time in the world.
    let held = use_state_eq(|| false);
    {
        let on_dismiss = props.on_dismiss.clone();
        use_effect_with((*held, *tone), move |(held, tone)| {
            let timer =
                (!held && *tone != Tone::Bad).then(|| Timeout::new(STAYS_MS, move || on_dismiss.emit(())));
            move || drop(timer)
        });
    }
    let take = {
        let (offer, on_dismiss) = (props.toast.offer.clone(), props.on_dismiss.clone());
        Callback::from(move |()| {
            if let Some(offer) = &offer {
                offer.on_take.emit(());
            }
            on_dismiss.emit(());
        })
    };
    let hold = |value: bool| {
        let held = held.clone();
        move || held.set(value)
    };
    let (enter, leave, focus, blur) = (hold(true), hold(false), hold(true), hold(false));
    let class = match tone {
        Tone::Good => "toast-good",
        Tone::Neutral => "toast-neutral",
        Tone::Bad => "toast-bad",
    };
    html! {
        <div class={classes!("toast", class)} onmouseenter={move |_: MouseEvent| enter()} onmouseleave={move |_: MouseEvent| leave()}
            onfocusin={move |_: FocusEvent| focus()} onfocusout={move |_: FocusEvent| blur()}>
            { glyph(tone_icon(*tone), 16, "toast-icon") }
            <div class="toast-words">
                <p>{ message.clone() }</p>
                if let Some(hint) = hint { <p class="muted">{ hint.clone() }</p> }
            </div>
            if let Some(offer) = &props.toast.offer {
                <Button small=true on_press={take}>{ offer.words }</Button>
            }
            <Button name={t!("Dismiss")} icon={icons::CLOSE()} emphasis={Emphasis::Quiet} small=true on_press={props.on_dismiss.clone()} />
        </div>
    }
}
