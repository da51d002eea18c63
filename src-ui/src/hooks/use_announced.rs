//! Words for who listens to the window instead of looking at it.

use yew::prelude::*;

use crate::dom;

/// Has a screen reader say the words whenever they become others; nothing is said where they are empty.
///
/// They go to the one live region of the window ([`dom::ANNOUNCEMENTS`]), because a region that comes into the page
/// together with its words is passed over by most readers.
#[hook]
pub fn use_announced(words: &str) {
    use_effect_with(words.to_owned(), |words| {
        if !words.is_empty() {
            dom::announce(words);
        }
    });
}
