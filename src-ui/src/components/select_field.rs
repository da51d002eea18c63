//! A labelled choice.

use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::hooks::use_id;
use crate::icons::{self, glyph};

/// Properties of [`SelectField`].
#[derive(Properties, PartialEq)]
pub struct SelectFieldProps {
    /// Its label, which is its accessible name.
    pub label: AttrValue,
    /// What is chosen.
    pub value: AttrValue,
    /// Values and what they are called.
    pub choices: Vec<(AttrValue, AttrValue)>,
    /// Another one was chosen.
    pub on_choose: Callback<String>,
    /// What it means.
    #[prop_or_default]
    pub description: Option<AttrValue>,
    /// What is wrong with it.
    #[prop_or_default]
    pub error: Option<AttrValue>,
}

/// A labelled choice among a few values.
#[component]
pub fn SelectField(props: &SelectFieldProps) -> Html {
    let id = use_id("choice");
    let about_id = format!("{id}-about");
    let onchange = props.on_choose.reform(|event: Event| {
        event.target_dyn_into::<HtmlSelectElement>().map(|select| select.value()).unwrap_or_default()
    });
    let about = props.error.clone().or_else(|| props.description.clone());
    html! {
        <div class={classes!("field", props.error.is_some().then_some("is-wrong"))}>
            <div class="field-head"><label for={id.clone()}>{ props.label.clone() }</label></div>
            <div class="field-box field-select">
                <select {id} {onchange} aria-describedby={about.as_ref().map(|_| about_id.clone())}
                    aria-invalid={props.error.is_some().then_some("true")}>
                    { for props.choices.iter().map(|(value, name)| html! {
                        <option key={value.to_string()} value={value.clone()} selected={*value == props.value}>{ name.clone() }</option>
                    }) }
                </select>
                { glyph(icons::DOWN(), 16, "") }
            </div>
            if let Some(about) = about {
                <p id={about_id} class={if props.error.is_some() { "field-fault" } else { "field-about" }}>{ about }</p>
            }
        </div>
    }
}
