//! The signature of the editor: as whom a task runs, as the plug it is patched to. A connection is a cable to its
//! avatar; nothing is an empty socket; something that cannot work is a loose cable.

use patchbay_core::workflow::binding::CastingState;
use patchbay_ipc::{CastingView, ConnectionView};
use patchbay_texts::t;
use yew::prelude::*;

use super::{AvatarPicture, TimeAgo, status};
use crate::icons::{self, Icon};
use crate::state::attention::account_line;

/// The icon and colour of a task's state.
#[must_use]
pub(super) fn casting_look(state: CastingState) -> (Icon, &'static str) {
    match state {
        CastingState::Ready => (icons::GOOD(), "good"),
        CastingState::NeverChecked => (icons::UNKNOWN(), "neutral"),
        CastingState::NeedsReconnect => (icons::WARNING(), "warning"),
        CastingState::Unbound => (icons::PENDING(), "warning"),
        CastingState::Mismatch => (icons::ACCOUNTS(), "bad"),
        CastingState::Gone => (icons::GONE(), "bad"),
        CastingState::WrongConnector => (icons::BAD(), "bad"),
        CastingState::Disconnecting => (icons::WAITING(), "bad"),
    }
}

/// A task's state in the engine's words.
pub(super) fn casting_status(casting: &CastingView) -> Html {
    let (icon, colour) = casting_look(casting.state);
    status(icon, colour, casting.words.clone())
}

/// As whom a task runs, in words for its accessible name.
#[must_use]
pub fn casting_words(casting: &CastingView) -> String {
    let words = casting.words.to_lowercase();
    match &casting.connection {
        None => words,
        Some(connection) if casting.state == CastingState::Ready => {
            t!("runs as {label}", label = connection.label)
        }
        Some(connection) => t!("runs as {label}, {words}", label = connection.label, words),
    }
}

/// A connection's avatar. The label always stands beside it.
pub(super) fn connection_avatar(connection: &ConnectionView, size: u32) -> Html {
    html! {
        <AvatarPicture avatar={connection.avatar.clone()} connector={connection.connector_name.clone()}
            icon={connection.icon.clone().map(AttrValue::from)} {size} />
    }
}

/// The socket, and the cable in it.
fn socket(state: CastingState, hue: Option<u8>) -> Html {
    let colour = hue.map(|hue| format!("hue-{hue}"));
    html! {
        <svg class={classes!("socket", colour)} viewBox="0 0 56 24" width="56" height="24" aria-hidden="true">
            if state == CastingState::Unbound {
                <circle class="socket-ring is-empty" cx="10" cy="12" r="7" />
                <circle class="socket-hole" cx="10" cy="12" r="2" />
            } else if matches!(state, CastingState::Ready | CastingState::NeverChecked) {
                <path class="socket-cable" d="M10 12C26 12 26 12 56 12" />
                <circle class="socket-ring" cx="10" cy="12" r="7" />
                <circle class="socket-pin" cx="10" cy="12" r="3.5" />
            } else {
                // The cable comes from the avatar and ends beside its socket.
                <path class="socket-cable is-loose" d="M56 12C46 12 44 12 40 15C36 19 32 21 26 19" />
                <rect class="socket-tip" x="19" y="15" width="8" height="5" rx="1.5" transform="rotate(18 23 17.5)" />
                <circle class="socket-ring is-empty" cx="10" cy="10" r="7" />
                <circle class="socket-hole" cx="10" cy="10" r="2" />
            }
        </svg>
    }
}

/// The line of a card that shows the plug: the label beside its avatar, or what is the matter in words.
pub fn plug(casting: &CastingView) -> Html {
    let (icon, colour) = casting_look(casting.state);
    let is_well = matches!(casting.state, CastingState::Ready | CastingState::NeverChecked);
    let hue = casting.connection.as_ref().map(|connection| connection.avatar.hue);
    html! {
        <span class={classes!("plug", format!("plug-{colour}"), is_well.then_some("is-well"))}>
            { socket(casting.state, hue) }
            if let Some(connection) = &casting.connection {
                { connection_avatar(connection, 22) }
                <span class="plug-label">{ connection.label.clone() }</span>
            }
            if !is_well || casting.state == CastingState::NeverChecked {
                <span class="plug-state">{ status(icon, colour, casting.words.clone()) }</span>
            }
            if casting.is_override { <span class="badge" title={t!("This task has a connection of its own, apart from its role’s")}>{ t!("own") }</span> }
        </span>
    }
}

/// A connection as a choice or as a cast: avatar, label, account, and its health with the time that was learnt.
pub(super) fn connection_line(connection: &ConnectionView) -> Html {
    html! {
        <>
            { connection_avatar(connection, 28) }
            <span class="two-lines">
                <span class="row-label">{ connection.label.clone() }</span>
                <span class="muted">
                    if let Some(account) = &connection.account { { account_line(account) } } else { { t!("Account not known yet") } }
                </span>
            </span>
            <span class="two-lines connection-line-health">
                { super::connection_health(connection) }
                <span class="muted">
                    if connection.mismatch.is_some() { { t!("Another account") } } else if let Some(at) = connection.health_learnt_at { <TimeAgo {at} /> }
                </span>
            </span>
        </>
    }
}
