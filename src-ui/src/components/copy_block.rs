//! Several lines of text one may want elsewhere.

use gloo_timers::callback::Timeout;
use yew::prelude::*;

use super::{Button, Emphasis};
use crate::{dom, icons};

/// Properties of [`CopyBlock`].
#[derive(Properties, PartialEq)]
pub struct CopyBlockProps {
    /// What it is.
    pub title: AttrValue,
    /// The text.
    pub text: AttrValue,
}

/// A text under its title, with a button that copies it.
#[component]
pub fn CopyBlock(props: &CopyBlockProps) -> Html {
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
        <div class="copy-block">
            <div class="copy-block-head">
                <h4>{ props.title.clone() }</h4>
                <Button name={format!("Copy {}", props.title.to_lowercase())} icon={if *copied { icons::CHECK() } else { icons::COPY() }}
                    emphasis={Emphasis::Quiet} small=true {on_press} />
                <span class="sr-only" role="status">{ if *copied { "Copied" } else { "" } }</span>
            </div>
            <pre tabindex="0">{ props.text.clone() }</pre>
        </div>
    }
}
