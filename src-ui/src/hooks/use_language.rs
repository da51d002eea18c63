//! The language of the window.

use patchbay_ipc::GetTexts;
use patchbay_texts::Language;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::{dom, ipc};

/// Speaks a language as soon as its texts are here, and tells which one is spoken until then: what is drawn is to be
/// drawn anew when that changes.
#[hook]
pub fn use_language(wanted: Option<Language>) -> Language {
    let spoken = use_state_eq(patchbay_texts::language);
    {
        let spoken = spoken.setter();
        use_effect_with(wanted, move |wanted| {
            let Some(language) = *wanted else { return };
            spawn_local(async move {
                if !patchbay_texts::knows(language) {
                    // Without them everything is said in English.
                    if let Ok(texts) = ipc::call(&GetTexts { language }).await {
                        patchbay_texts::learn(language, texts);
                    }
                }
                patchbay_texts::speak(language);
                dom::set_language(language.code());
                spoken.set(language);
            });
        });
    }
    *spoken
}
