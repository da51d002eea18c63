//! A text one may want elsewhere, with a button that copies it.

use gloo_timers::callback::Timeout;
use yew::prelude::*;

use super::{Button, Emphasis};
use crate::{dom, icons};

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
    let copied = use_state(|| false);
    {
        let copied = copied.clone();
        use_effect_with(*copied, move |is_copied| {
            let timer = is_copied.then(|| Timeout::new(2_000, move || copied.set(false)));
            move || drop(timer)
        });
    }
    let on_press = {
        let (text, copied) = (props.text.clone(), copied.clone());
        Callback::from(move |()| {
            let copied = copied.clone();
            dom::copy(&text, move |worked| copied.set(worked));
        })
    };
    html! {
        <span class="copy-text">
            <code>{ props.text.clone() }</code>
            <Button name={props.name.clone()} icon={if *copied { icons::CHECK() } else { icons::COPY() }}
                emphasis={Emphasis::Quiet} small=true {on_press} />
            <span class="sr-only" role="status">{ if *copied { "Copied" } else { "" } }</span>
        </span>
    }
}
