//! A modal dialog, on the page's own dialog element: it keeps the focus inside and everything else inert.

use patchbay_texts::t;
use web_sys::HtmlDialogElement;
use yew::prelude::*;

use super::{Button, Emphasis};
use crate::hooks::use_id;
use crate::icons;

/// Properties of [`Dialog`].
#[derive(Properties, PartialEq)]
pub struct DialogProps {
    /// Its heading, which is its accessible name.
    pub title: AttrValue,
    /// A picture before the heading.
    #[prop_or_default]
    pub picture: Html,
    /// Escape, or the cross.
    pub on_close: Callback<()>,
    /// Wider, for tables.
    #[prop_or_default]
    pub wide: bool,
    /// What is in it.
    pub children: Html,
}

/// A modal dialog, open as long as it is shown.
#[component]
pub fn Dialog(props: &DialogProps) -> Html {
    let node = use_node_ref();
    let title_id = use_id("dialog");
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            let dialog = node.cast::<HtmlDialogElement>();
            if let Some(dialog) = &dialog
                && !dialog.open()
            {
                // It only fails for an element that is not on the page.
                drop(dialog.show_modal());
            }
            move || {
                // Closing gives the focus back to where it was.
                if let Some(dialog) = dialog {
                    dialog.close();
                }
            }
        });
    }
    let oncancel = props.on_close.reform(|event: Event| event.prevent_default());
    let onkeydown = {
        let on_close = props.on_close.clone();
        Callback::from(move |event: KeyboardEvent| {
            // The browser closes a dialog by itself at the second Escape; this one stays in our hands.
            if event.key() == "Escape" {
                event.prevent_default();
                event.stop_propagation();
                on_close.emit(());
            }
        })
    };
    html! {
        <dialog ref={node} class={classes!("dialog", props.wide.then_some("is-wide"))} role="dialog" aria-modal="true" aria-labelledby={title_id.clone()} {oncancel} {onkeydown}>
            <header class="dialog-head">
                { props.picture.clone() }
                <h2 id={title_id}>{ props.title.clone() }</h2>
                <Button name={t!("Close")} icon={icons::CLOSE()} emphasis={Emphasis::Quiet} small=true on_press={props.on_close.clone()} />
            </header>
            { props.children.clone() }
        </dialog>
    }
}
