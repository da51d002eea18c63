//! Who a connection was, beside who it is now, and the question which of them is right.

use patchbay_core::connection::Account;
use patchbay_ipc::{ConnectionView, ResolveMismatch, Tone};
use patchbay_texts::t;
use yew::prelude::*;

use super::{Button, FailureBanner};
use crate::hooks::use_action;
use crate::icons::{self, glyph};
use crate::shell::use_shell;

/// Properties of [`Mismatch`].
#[derive(Properties, PartialEq)]
pub struct MismatchProps {
    /// The connection, which has one.
    pub connection: ConnectionView,
    /// It is decided.
    pub on_decided: Callback<()>,
}

/// The two accounts side by side. Nothing is decided unless a person decides it.
#[component]
pub fn Mismatch(props: &MismatchProps) -> Html {
    let shell = use_shell();
    let instance = props.connection.instance;
    let keep = {
        let on_decided = props.on_decided.clone();
        use_action::<ResolveMismatch>(Callback::from(move |connection: ConnectionView| {
            if let Some(account) = &connection.account {
                let words = t!(
                    "“{label}” is the account “{name}” from now on.",
                    label = connection.label,
                    name = account.name
                );
                shell.notify(Tone::Good, words, None);
            }
            on_decided.emit(());
        }))
    };
    let refuse = use_action::<ResolveMismatch>(props.on_decided.reform(|_| ()));
    let (busy, failure) = (keep.busy || refuse.busy, keep.failure.as_ref().or(refuse.failure.as_ref()));
    let Some(now) = &props.connection.mismatch else { return Html::default() };
    let before = props.connection.account.as_ref();
    let before_name = before.map_or(t!("the account before"), |account| account.name.as_str());
    html! {
        <section class="mismatch" role="status" aria-label={t!("Another account")}>
            <h3 class="mismatch-title">{ glyph(icons::ACCOUNTS(), 16, "") }{ t!("Another account") }</h3>
            <p>{ t!("The provider names somebody else than before. Which of them should this connection be?") }</p>
            <div class="mismatch-accounts">
                if let Some(before) = before { { side(t!("It was"), "", before) } }
                { side(t!("It is now"), "is-now", now) }
            </div>
            if let Some(failure) = failure { <FailureBanner failure={failure.clone()} /> }
            <div class="buttons">
                <Button {busy} on_press={keep.run.reform(move |()| ResolveMismatch { instance, accept: true })}>
                    { t!("Keep the new account") }
                </Button>
                <Button {busy} on_press={refuse.run.reform(move |()| ResolveMismatch { instance, accept: false })}>
                    { t!("It should be {account}", account = before_name) }
                </Button>
            </div>
        </section>
    }
}

fn side(caption: &'static str, class: &'static str, account: &Account) -> Html {
    html! {
        <div class={classes!("mismatch-account", class)} role="group" aria-label={caption}>
            <p class="mismatch-caption">{ caption }</p>
            <p class="mismatch-name">{ account.name.clone() }</p>
            if let Some(email) = &account.email { <p>{ email.clone() }</p> }
            <p class="muted">{ t!("Id there: ") }{ account.id.clone() }</p>
        </div>
    }
}
