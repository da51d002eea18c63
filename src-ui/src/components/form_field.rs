//! One field of a provider's form.

use patchbay_core::form::Field;
use patchbay_texts::t;
use yew::prelude::*;

use super::{CopyText, SecretField, SelectField, TextField};

/// Properties of [`FormField`].
#[derive(Properties, PartialEq)]
pub struct FormFieldProps {
    /// The field.
    pub field: Field,
    /// What is in it.
    pub value: AttrValue,
    /// It was edited.
    pub on_input: Callback<String>,
    /// What is wrong with it.
    #[prop_or_default]
    pub error: Option<AttrValue>,
    /// Takes the focus when it appears.
    #[prop_or_default]
    pub focus: bool,
}

/// A provider's field, labelled by its title, shown as what it is: a choice, a secret, or a text.
#[component]
pub fn FormField(props: &FormFieldProps) -> Html {
    let FormFieldProps { field, value, on_input, error, focus } = props;
    let title = AttrValue::from(field.title.clone());
    let description = field.description.clone().map(AttrValue::from);
    let prefix = field.prefix.clone().map(AttrValue::from);
    let suffix = field.suffix.clone().map(AttrValue::from);
    let placeholder = field.example.clone().map(AttrValue::from);
    let control = if !field.choices.is_empty() {
        let nothing = field.optional.then(|| (AttrValue::default(), AttrValue::from("—")));
        let choices = nothing
            .into_iter()
            .chain(field.choices.iter().map(|c| (AttrValue::from(c.clone()), AttrValue::from(c.clone()))))
            .collect::<Vec<_>>();
        html! {
            <SelectField label={title} value={value.clone()} {choices} on_choose={on_input.clone()} {description} error={error.clone()} />
        }
    } else if field.secret {
        html! {
            <SecretField label={title} value={value.clone()} on_input={on_input.clone()} {description} {placeholder}
                {prefix} {suffix} optional={field.optional} error={error.clone()} focus={*focus} multiline={field.multiline} />
        }
    } else {
        html! {
            <TextField label={title} value={value.clone()} on_input={on_input.clone()} {description} {placeholder}
                {prefix} {suffix} optional={field.optional} error={error.clone()} focus={*focus} />
        }
    };
    html! {
        <>
            { control }
            if let Some(url) = &field.help_url {
                <p class="field-help">{ t!("Help: ") }<CopyText text={url.clone()} name={t!("Copy the help link of {title}", title = field.title)} /></p>
            }
        </>
    }
}
