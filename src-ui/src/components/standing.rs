//! Whether something can be connected and how much of it is, in words.

use patchbay_ipc::Availability;
use yew::prelude::*;

use super::status;
use crate::icons;
use crate::state::catalogue::{Standing, state_in_words};

/// The state of a connector or provider.
pub fn standing(of: impl Into<Standing>) -> Html {
    let of = of.into();
    let (icon, colour) = match (of.connected, of.needing_attention, of.availability) {
        (0, _, Availability::NotSetUp) => (icons::OFF(), "neutral"),
        (0, _, _) => (icons::PENDING(), "neutral"),
        (_, 0, _) => (icons::GOOD(), "good"),
        _ => (icons::WARNING(), "warning"),
    };
    status(icon, colour, state_in_words(of))
}
