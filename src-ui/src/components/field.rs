//! A labelled line of text.

use patchbay_texts::t;
use web_sys::{HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

use crate::dom;
use crate::hooks::use_id;
use crate::icons::{self, glyph};

/// Properties of [`TextField`].
#[derive(Properties, PartialEq)]
pub struct TextFieldProps {
    /// Its label, which is its accessible name.
    pub label: AttrValue,
    /// What is in it.
    pub value: AttrValue,
    /// It was edited.
    #[prop_or_default]
    pub on_input: Callback<String>,
    /// What it means.
    #[prop_or_default]
    pub description: Option<AttrValue>,
    /// What is wrong with it.
    #[prop_or_default]
    pub error: Option<AttrValue>,
    /// What it shows while empty.
    #[prop_or_default]
    pub placeholder: Option<AttrValue>,
    /// May be left empty.
    #[prop_or_default]
    pub optional: bool,
    /// Cannot be edited.
    #[prop_or_default]
    pub readonly: bool,
    /// Takes the focus when it appears.
    #[prop_or_default]
    pub focus: bool,
    /// And its text is selected.
    #[prop_or_default]
    pub select: bool,
    /// Decoration before the value.
    #[prop_or_default]
    pub prefix: Option<AttrValue>,
    /// Decoration after the value.
    #[prop_or_default]
    pub suffix: Option<AttrValue>,
    /// `text` or `password`.
    #[prop_or("text".into())]
    pub kind: AttrValue,
    /// Holds several lines.
    #[prop_or_default]
    pub multiline: bool,
    /// A control at its end.
    #[prop_or_default]
    pub after: Html,
}

/// A labelled text box with its description, its fault and its decoration.
#[component]
pub fn TextField(props: &TextFieldProps) -> Html {
    let id = use_id("field");
    let node = use_node_ref();
    {
        let (node, focus, select) = (node.clone(), props.focus, props.select);
        use_effect_with((), move |()| {
            if focus {
                dom::focus(&node);
            }
            if select {
                dom::select(&node);
            }
        });
    }
    {
        // A fault found by the server takes the person to the field.
        let node = node.clone();
        use_effect_with(props.error.clone(), move |error| {
            if error.is_some() {
                dom::focus(&node);
            }
        });
    }
    let oninput = props.on_input.reform(|event: InputEvent| {
        let line = event.target_dyn_into::<HtmlInputElement>().map(|input| input.value());
        let lines = || event.target_dyn_into::<HtmlTextAreaElement>().map(|area| area.value());
        line.or_else(lines).unwrap_or_default()
    });
    let description_id = format!("{id}-about");
    let error_id = format!("{id}-fault");
    let described_by = [
        (props.description.is_some() || props.optional).then_some(description_id.as_str()),
        props.error.is_some().then_some(error_id.as_str()),
    ];
    let described_by: Vec<&str> = described_by.into_iter().flatten().collect();
    html! {
        <div class={classes!("field", props.error.is_some().then_some("is-wrong"))}>
            <div class="field-head">
                <label for={id.clone()}>{ props.label.clone() }</label>
                if props.optional { <span class="field-optional" aria-hidden="true">{ t!("optional") }</span> }
            </div>
            <div class="field-box">
                if let Some(prefix) = &props.prefix { <span class="field-prefix">{ prefix.clone() }</span> }
                if props.multiline {
                    // A line would swallow the breaks. What hides it is its style, since no such box has a type.
                    <textarea ref={node} id={id.clone()} rows="4" value={props.value.clone()} {oninput}
                        class={(props.kind == "password").then_some("is-masked")}
                        placeholder={props.placeholder.clone()} readonly={props.readonly}
                        aria-describedby={(!described_by.is_empty()).then(|| described_by.join(" "))}
                        aria-invalid={props.error.is_some().then_some("true")}
                        autocomplete="off" autocapitalize="off" spellcheck="false" />
                } else {
                    <input ref={node} id={id.clone()} type={props.kind.clone()} value={props.value.clone()} {oninput}
                        placeholder={props.placeholder.clone()} readonly={props.readonly}
                        aria-describedby={(!described_by.is_empty()).then(|| described_by.join(" "))}
                        aria-invalid={props.error.is_some().then_some("true")}
                        autocomplete="off" autocapitalize="off" spellcheck="false" />
                }
                if let Some(suffix) = &props.suffix { <span class="field-suffix">{ suffix.clone() }</span> }
                { props.after.clone() }
            </div>
            if props.description.is_some() || props.optional {
                <p id={description_id} class={classes!("field-about", props.description.is_none().then_some("sr-only"))}>
                    if props.optional { <span class="sr-only">{ t!("Optional. ") }</span> }
                    { props.description.clone().unwrap_or_default() }
                </p>
            }
            if let Some(error) = &props.error {
                <p id={error_id} class="field-fault" role="alert">{ glyph(icons::WARNING(), 14, "") }{ error.clone() }</p>
            }
        </div>
    }
}
