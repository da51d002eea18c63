//! A page or a list with nothing in it.

use yew::prelude::*;

use crate::icons::{Icon, glyph};

/// Properties of [`Empty`].
#[derive(Properties, PartialEq)]
pub struct EmptyProps {
    /// A picture.
    pub icon: Icon,
    /// What is not there.
    pub title: AttrValue,
    /// Why, and what next.
    pub words: AttrValue,
    /// Buttons and links.
    #[prop_or_default]
    pub children: Html,
}

/// Says why there is nothing and what to do next.
#[component]
pub fn Empty(props: &EmptyProps) -> Html {
    html! {
        <div class="empty">
            <span class="empty-picture">{ glyph(props.icon, 24, "") }</span>
            <h2>{ props.title.clone() }</h2>
            <p class="muted">{ props.words.clone() }</p>
            <div class="empty-actions">{ props.children.clone() }</div>
        </div>
    }
}
