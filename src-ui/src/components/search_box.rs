//! A search box.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::icons::{self, glyph};

/// Properties of [`SearchBox`].
#[derive(Properties, PartialEq)]
pub struct SearchBoxProps {
    /// Its name, which is also what it shows while empty.
    pub name: AttrValue,
    /// What is in it.
    pub value: AttrValue,
    /// It was edited.
    pub on_input: Callback<String>,
    /// The arrow down was pressed: on to what was found.
    #[prop_or_default]
    pub on_down: Callback<()>,
    /// Where the input is.
    #[prop_or_default]
    pub node: NodeRef,
}

/// A search box. Escape empties it.
#[component]
pub fn SearchBox(props: &SearchBoxProps) -> Html {
    let oninput = props.on_input.reform(|event: InputEvent| {
        event.target_dyn_into::<HtmlInputElement>().map(|input| input.value()).unwrap_or_default()
    });
    let onkeydown = {
        let (on_input, on_down, is_empty) =
            (props.on_input.clone(), props.on_down.clone(), props.value.is_empty());
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" && !is_empty {
                event.prevent_default();
                event.stop_propagation();
                on_input.emit(String::new());
            } else if event.key() == "ArrowDown" {
                event.prevent_default();
                on_down.emit(());
            }
        })
    };
    html! {
        <span class="search">
            { glyph(icons::SEARCH(), 16, "search-icon") }
            <input ref={props.node.clone()} type="search" aria-label={props.name.clone()} placeholder={props.name.clone()}
                value={props.value.clone()} {oninput} {onkeydown} autocomplete="off" spellcheck="false" />
        </span>
    }
}
