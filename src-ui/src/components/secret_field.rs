//! A text box whose content is masked.

use patchbay_texts::t;
use yew::prelude::*;

use super::{Button, Emphasis, TextField};
use crate::icons;

/// Properties of [`SecretField`].
#[derive(Properties, PartialEq)]
pub struct SecretFieldProps {
    /// Its label.
    pub label: AttrValue,
    /// What is in it.
    pub value: AttrValue,
    /// It was edited.
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
    /// Takes the focus when it appears.
    #[prop_or_default]
    pub focus: bool,
    /// Holds several lines.
    #[prop_or_default]
    pub multiline: bool,
    /// Decoration before the value.
    #[prop_or_default]
    pub prefix: Option<AttrValue>,
    /// Decoration after the value.
    #[prop_or_default]
    pub suffix: Option<AttrValue>,
}

/// A masked text box with a button that shows what was typed.
#[component]
pub fn SecretField(props: &SecretFieldProps) -> Html {
    let shown = use_state(|| false);
    let on_press = {
        let shown = shown.clone();
        Callback::from(move |()| shown.set(!*shown))
    };
    let (verb, icon) = if *shown { (t!("Hide"), icons::HIDE()) } else { (t!("Show"), icons::SHOW()) };
    let after = html! {
        <Button name={t!("{verb} what is typed in {label}", verb, label = props.label)} {icon} emphasis={Emphasis::Quiet} small=true {on_press} />
    };
    html! {
        <TextField label={props.label.clone()} value={props.value.clone()} on_input={props.on_input.clone()}
            description={props.description.clone()} error={props.error.clone()} placeholder={props.placeholder.clone()}
            optional={props.optional} focus={props.focus} prefix={props.prefix.clone()} suffix={props.suffix.clone()}
            kind={if *shown { "text" } else { "password" }} multiline={props.multiline} {after} />
    }
}
