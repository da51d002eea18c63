//! Giving a connection another label.

use patchbay_core::label::clean_label;
use patchbay_ipc::{ConnectionView, RenameConnection};
use patchbay_texts::t;
use yew::prelude::*;

use super::{Button, Emphasis, TextField};
use crate::hooks::use_action;
use crate::state::connect::label_words;

/// Properties of [`Rename`].
#[derive(Properties, PartialEq)]
pub struct RenameProps {
    /// Which.
    pub connection: ConnectionView,
    /// It has its new label.
    pub on_renamed: Callback<ConnectionView>,
    /// It keeps its old one.
    pub on_cancel: Callback<()>,
}

/// The label in a text box.
#[component]
pub fn Rename(props: &RenameProps) -> Html {
    let label = use_state(|| props.connection.label.clone());
    let fault = use_state(|| None::<&'static str>);
    let rename = use_action::<RenameConnection>(props.on_renamed.clone());
    let onsubmit = {
        let (label, fault, run, instance) =
            (label.clone(), fault.clone(), rename.run.clone(), props.connection.instance);
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            match clean_label(&label) {
                Ok(label) => run.emit(RenameConnection { instance, label }),
                Err(error) => fault.set(Some(label_words(error))),
            }
        })
    };
    let on_input = {
        let (label, fault) = (label.clone(), fault.clone());
        Callback::from(move |text: String| {
            label.set(text);
            fault.set(None);
        })
    };
    let error = fault.map(AttrValue::from).or_else(|| {
        rename
            .failure
            .as_ref()
            .map(|failure| AttrValue::from(format!("{} {}", failure.message, failure.hint)))
    });
    html! {
        <form class="drawer-form" {onsubmit}>
            <TextField label={t!("Label")} value={(*label).clone()} {on_input} {error} focus=true select=true
                description={t!("Only you see it. The connection keeps its colour and shape.")} />
            <div class="buttons">
                <Button submit=true emphasis={Emphasis::Primary} busy={rename.busy}>{ t!("Save") }</Button>
                <Button on_press={props.on_cancel.clone()}>{ t!("Cancel") }</Button>
            </div>
        </form>
    }
}
