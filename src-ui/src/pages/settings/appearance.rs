//! Light, dark, or as the system has it; and in which language.

use patchbay_ipc::{Appearance, SetAppearance, Topic};
use patchbay_texts::t;
use yew::prelude::*;

use super::{LanguageChoice, Section};
use crate::bus;
use crate::components::FailureBanner;
use crate::hooks::use_action;
use crate::shell::use_shell;

/// The choice of a theme.
#[component]
pub fn AppearanceChoice() -> Html {
    let shell = use_shell();
    let set = use_action::<SetAppearance>(Callback::from(|()| bus::publish(&[Topic::Overview])));
    let choices = [
        (t!("System"), Appearance::System),
        (t!("Light"), Appearance::Light),
        (t!("Dark"), Appearance::Dark),
    ];
    html! {
        <Section title={t!("Appearance")}>
            <div class="radios" role="radiogroup" aria-label={t!("Appearance")}>
                { for choices.into_iter().map(|(words, appearance)| {
                    let onchange = set.run.reform(move |_: Event| SetAppearance { appearance });
                    html! {
                        <label key={words} class="radio">
                            <input type="radio" name="appearance" checked={shell.overview.appearance == appearance} {onchange} />
                            <span>{ words }</span>
                        </label>
                    }
                }) }
            </div>
            if let Some(failure) = &set.failure { <FailureBanner failure={failure.clone()} /> }
            <LanguageChoice />
        </Section>
    }
}
