//! The frame of a page: heading, actions, content.

use std::cell::Cell;

use patchbay_texts::t;
use yew::prelude::*;

use crate::dom;

thread_local! {
    /// The first page after start leaves the focus where it is; after that it follows the navigation.
    static HAS_NAVIGATED: Cell<bool> = const { Cell::new(false) };
}

/// Properties of [`Page`].
#[derive(Properties, PartialEq)]
pub struct PageProps {
    /// The heading, and the document's title.
    pub title: AttrValue,
    /// A few words after it.
    #[prop_or_default]
    pub remark: Html,
    /// Buttons at the heading's end.
    #[prop_or_default]
    pub actions: Html,
    /// What stays above the content while it scrolls.
    #[prop_or_default]
    pub toolbar: Html,
    /// The content scrolls by itself.
    #[prop_or_default]
    pub own_scroll: bool,
    /// The content.
    pub children: Html,
}

/// A page. The focus goes to its heading when one comes to it.
#[component]
pub fn Page(props: &PageProps) -> Html {
    let heading = use_node_ref();
    {
        let heading = heading.clone();
        use_effect_with(props.title.clone(), move |title| {
            dom::set_title(&t!("{title} – Patchbay", title));
            if HAS_NAVIGATED.replace(true) {
                dom::focus(&heading);
            }
        });
    }
    html! {
        <div class="page">
            <header class="page-head">
                <div class="page-title">
                    <h1 ref={heading} tabindex="-1">{ props.title.clone() }</h1>
                    <span class="muted">{ props.remark.clone() }</span>
                </div>
                <div class="page-actions">{ props.actions.clone() }</div>
            </header>
            if props.toolbar != Html::default() { <div class="page-toolbar">{ props.toolbar.clone() }</div> }
            <div class={classes!("page-content", props.own_scroll.then_some("has-own-scroll"))}>{ props.children.clone() }</div>
        </div>
    }
}
