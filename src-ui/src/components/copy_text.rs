//! A text one may want elsewhere, with a button that copies it.

use patchbay_texts::t;
use yew::prelude::*;

use super::{Button, Emphasis};
use crate::hooks::use_copy;
use crate::icons;

/// Properties of [`CopyText`].
#[derive(Properties, PartialEq)]
pub struct CopyTextProps {
    /// The text.
    pub text: AttrValue,
    /// The button's name: `Copy connection id`.
    pub name: AttrValue,
}

/// A text and a button that copies it.
#[component]
pub fn CopyText(props: &CopyTextProps) -> Html {
    let (copied, on_press) = use_copy(&props.text);
    html! {
        <span class="copy-text">
            <code>{ props.text.clone() }</code>
            <Button name={props.name.clone()} icon={if copied { icons::CHECK() } else { icons::COPY() }}
                emphasis={Emphasis::Quiet} small=true {on_press} />
            <span class="sr-only" role="status">{ if copied { t!("Copied") } else { "" } }</span>
        </span>
    }
}
