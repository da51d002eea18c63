//! A state: icon, word and colour, in that order of trust.
//!
//! These are functions, not components: a list of thousands draws them by the row, and there is nothing for a
//! component to remember.

use patchbay_core::connection::Health;
use patchbay_ipc::{AttemptView, ConnectionView, Phase, Tone};
use yew::prelude::*;

use crate::icons::{self, Icon, glyph};

/// A state. The colour is `good`, `warning`, `bad`, `waiting` or `neutral`.
pub fn status(icon: Icon, colour: &'static str, words: impl Into<AttrValue>) -> Html {
    html! {
        <span class={classes!("status", format!("status-{colour}"))}>
            { glyph(icon, 16, "") }
            <span>{ words.into() }</span>
        </span>
    }
}

/// A connection's health, in the engine's words.
pub fn health_status(health: Health, words: &str) -> Html {
    let (icon, colour) = match health {
        Health::Works => (icons::GOOD(), "good"),
        Health::NeedsReconnect => (icons::WARNING(), "warning"),
        Health::Unknown => (icons::UNKNOWN(), "neutral"),
        Health::Gone => (icons::GONE(), "bad"),
        Health::Disconnecting => (icons::WAITING(), "waiting"),
    };
    status(icon, colour, words.to_owned())
}

/// The health of a connection, or what it waits for.
pub fn connection_health(connection: &ConnectionView) -> Html {
    match connection.health {
        Health::Works | Health::Unknown if connection.awaits_approval => {
            status(icons::WAITING(), "waiting", connection.health_words.clone())
        }
        health => health_status(health, &connection.health_words),
    }
}

/// The icon and colour of where an attempt stands.
pub(super) fn attempt_look(attempt: &AttemptView) -> (Icon, &'static str) {
    if attempt.awaits_approval { (icons::WAITING(), "waiting") } else { phase_look(attempt.phase) }
}

/// Where an attempt stands, in the engine's words.
pub fn attempt_status(attempt: &AttemptView) -> Html {
    let (icon, colour) = attempt_look(attempt);
    status(icon, colour, attempt.words.clone())
}

/// The icon and colour of a phase.
fn phase_look(phase: Phase) -> (Icon, &'static str) {
    match phase {
        Phase::Starting | Phase::Forwarding | Phase::AwaitingConnection => (icons::WAITING(), "waiting"),
        Phase::AwaitingBrowser => (icons::BROWSER(), "waiting"),
        Phase::Connected => (icons::GOOD(), "good"),
        Phase::Refused => (icons::BAD(), "bad"),
        Phase::Expired => (icons::EXPIRED(), "warning"),
        Phase::Cancelled => (icons::CANCELLED(), "neutral"),
        Phase::Failed => (icons::WARNING(), "bad"),
    }
}

/// Where an attempt stands, in the engine's words.
pub fn phase_status(phase: Phase, words: &str) -> Html {
    let (icon, colour) = phase_look(phase);
    status(icon, colour, words.to_owned())
}

/// The icon of a tone.
pub(super) fn tone_icon(tone: Tone) -> Icon {
    match tone {
        Tone::Good => icons::GOOD(),
        Tone::Neutral => icons::INFO(),
        Tone::Bad => icons::WARNING(),
    }
}
