//! The language that is spoken, and what is known of it.

use std::collections::HashMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::{Deserialize, Serialize};

use crate::Language;

/// A text and its translation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// The English; of a text with two forms, the one for a count of one.
    pub english: String,
    /// The translation, in as many forms as the language has for this text.
    pub forms: Vec<String>,
}

type Catalogue = HashMap<String, Vec<String>>;

/// The position in [`Language::ALL`] of the one that is spoken.
static SPOKEN: AtomicUsize = AtomicUsize::new(0);
static CATALOGUES: [OnceLock<Catalogue>; Language::ALL.len()] =
    [const { OnceLock::new() }; Language::ALL.len()];

/// The language that is spoken.
#[must_use]
pub fn language() -> Language {
    Language::ALL.get(SPOKEN.load(Ordering::Relaxed)).copied().unwrap_or_default()
}

/// Whether everything of a language that there is to know is known: English is the sources' own.
#[must_use]
pub fn knows(language: Language) -> bool {
    language == Language::English || CATALOGUES[language as usize].get().is_some()
}

/// Takes in the texts of a language. They stay for as long as the process lasts, so a second time changes nothing.
pub fn learn(language: Language, texts: Vec<Text>) {
    CATALOGUES[language as usize]
        .get_or_init(|| texts.into_iter().map(|Text { english, forms }| (english, forms)).collect());
}

/// Speaks another language from now on; what has been said stays as it was said.
pub fn speak(language: Language) {
    SPOKEN.store(language as usize, Ordering::Relaxed);
}

fn forms(english: &str) -> Option<&'static [String]> {
    CATALOGUES.get(SPOKEN.load(Ordering::Relaxed))?.get()?.get(english).map(Vec::as_slice)
}

/// A text in the language that is spoken.
#[must_use]
pub fn text(english: &str) -> &str {
    forms(english).and_then(|forms| forms.first()).map_or(english, String::as_str)
}

/// A text that depends on a count, in the language that is spoken.
#[must_use]
pub fn plural<'a>(one: &'a str, many: &'a str, count: impl TryInto<u64>) -> &'a str {
    // Below nothing and above everything is many.
    let count = count.try_into().unwrap_or(u64::MAX);
    let translated = forms(one).and_then(|forms| forms.get(language().form(count)));
    translated.map_or(if count == 1 { one } else { many }, String::as_str)
}
