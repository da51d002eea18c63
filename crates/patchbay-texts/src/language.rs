//! The languages there are.

use serde::{Deserialize, Serialize};

/// A language that Patchbay speaks. Another one is a variant here and a catalogue in `texts/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Language {
    /// The language of the sources.
    #[default]
    #[serde(rename = "en")]
    English,
    /// German.
    #[serde(rename = "de")]
    German,
}

impl Language {
    /// All of them.
    pub const ALL: [Language; 2] = [Language::English, Language::German];

    /// Its code by BCP 47, which is also the name of its catalogue.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::German => "de",
        }
    }

    /// Its name in itself.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Language::English => "English",
            Language::German => "Deutsch",
        }
    }

    /// The language with a code.
    #[must_use]
    pub fn with_code(code: &str) -> Option<Language> {
        Language::ALL.into_iter().find(|language| language.code() == code)
    }

    /// The language of a locale such as `de-AT` or `de_DE.UTF-8`; English where it is none of ours.
    #[must_use]
    pub fn of_locale(locale: &str) -> Language {
        let code = locale.split(['-', '_', '.', '@']).next().unwrap_or_default();
        Language::with_code(&code.to_lowercase()).unwrap_or_default()
    }

    /// The gettext header that says which form a count takes; `Language::form` says the same.
    #[must_use]
    pub fn plural_forms(self) -> &'static str {
        match self {
            Language::English | Language::German => "nplurals=2; plural=(n != 1);",
        }
    }

    /// Which form a count takes.
    pub(crate) fn form(self, count: u64) -> usize {
        match self {
            Language::English | Language::German => usize::from(count != 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn a_locale_has_a_language() {
        for (locale, expected) in [
            ("de", Language::German),
            ("de-AT", Language::German),
            ("de_CH.UTF-8@euro", Language::German),
            ("DE_de", Language::German),
            ("en-GB", Language::English),
            ("den", Language::English),
            ("fr-FR", Language::English),
            ("C.UTF-8", Language::English),
            ("", Language::English),
        ] {
            assert_eq!(Language::of_locale(locale), expected, "{locale}");
        }
    }
}
