//! Several lines of text one may want elsewhere.

use patchbay_texts::t;
use yew::prelude::*;

use super::{Button, Emphasis};
use crate::hooks::use_copy;
use crate::icons;
use crate::state::json;

/// Properties of [`CopyBlock`].
#[derive(Properties, PartialEq)]
pub struct CopyBlockProps {
    /// What it is.
    pub title: AttrValue,
    /// The text. JSON is shown with a member to a line, and copied as it is.
    pub text: AttrValue,
}

/// A text under its title, with a button that copies it.
#[component]
pub fn CopyBlock(props: &CopyBlockProps) -> Html {
    let (copied, on_press) = use_copy(&props.text);
    let shown = use_memo(props.text.clone(), |text| {
        json::laid_out(text).map_or_else(|| text.clone(), AttrValue::from)
    });
    html! {
        <div class="copy-block">
            <div class="copy-block-head">
                <h4>{ props.title.clone() }</h4>
                <Button name={t!("Copy {what}", what = props.title.to_lowercase())} icon={if copied { icons::CHECK() } else { icons::COPY() }}
                    emphasis={Emphasis::Quiet} small=true {on_press} />
                <span class="sr-only" role="status">{ if copied { t!("Copied") } else { "" } }</span>
            </div>
            <pre tabindex="0">{ AttrValue::clone(&shown) }</pre>
        </div>
    }
}
