//! Keys that are pressed together, as a person reads them.

use yew::prelude::*;

use crate::dom;

/// Properties of [`Keys`].
#[derive(Properties, PartialEq)]
pub struct KeysProps {
    /// The key that is pressed together with Ctrl, or on macOS with the command key.
    pub letter: char,
}

/// Keys that do the same as what they stand on. The name beside them is what counts for a screen reader.
#[component]
pub fn Keys(props: &KeysProps) -> Html {
    html! { <span class="keys" aria-hidden="true"><kbd>{ dom::command_key() }</kbd><kbd>{ props.letter }</kbd></span> }
}
