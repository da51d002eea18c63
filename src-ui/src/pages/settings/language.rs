//! The language: the system's, or one that is chosen.

use patchbay_ipc::{SetLanguage, Topic};
use patchbay_texts::{Language, t};
use yew::prelude::*;

use crate::bus;
use crate::components::{FailureBanner, SelectField};
use crate::hooks::use_action;
use crate::shell::use_shell;

/// The choice of a language. Each stands there in itself, so that whoever ended up in another one finds back.
#[component]
pub fn LanguageChoice() -> Html {
    let shell = use_shell();
    let set = use_action::<SetLanguage>(Callback::from(|()| bus::publish(&[Topic::Overview])));
    let mut choices = vec![(AttrValue::from(""), AttrValue::from(t!("As the system has it")))];
    choices.extend(Language::ALL.map(|language| (language.code().into(), language.name().into())));
    let chosen = shell.overview.chosen_language.map_or("", Language::code);
    let on_choose = set.run.reform(|code: String| SetLanguage { language: Language::with_code(&code) });
    html! {
        <>
            <SelectField label={t!("Language")} value={chosen} {choices} {on_choose} />
            if let Some(failure) = &set.failure { <FailureBanner failure={failure.clone()} /> }
        </>
    }
}
