//! The language that Patchbay speaks: the system's, or the one that was chosen.

use patchbay_ipc::{Failure, Topic};
use patchbay_store::Setting;
use patchbay_texts::{Language, Text};

use crate::error::EngineError;
use crate::{Engine, failure};

impl Engine {
    /// Speaks the language that was chosen, or else the system's. Until this is called, it is English.
    ///
    /// # Errors
    /// When the database cannot be read; the language stays what it was then.
    pub async fn speak(&self) -> Result<(), Failure> {
        let chosen = self.chosen_language().await.map_err(|error| failure::of(&error))?;
        speak(chosen.unwrap_or(self.0.places.language));
        Ok(())
    }

    pub(crate) async fn chosen_language(&self) -> Result<Option<Language>, EngineError> {
        let code = self.0.store.setting(Setting::Language).await?;
        Ok(code.as_deref().and_then(Language::with_code))
    }

    pub(crate) async fn set_language(&self, language: Option<Language>) -> Result<(), EngineError> {
        let code = language.map_or("system", Language::code);
        self.0.store.set_setting(Setting::Language, code.to_owned()).await?;
        speak(language.unwrap_or(self.0.places.language));
        self.stale([Topic::Overview, Topic::Diagnostics]);
        Ok(())
    }
}

/// Speaks a language from now on. What was said before, such as what a history keeps, stays as it was said.
pub fn speak(language: Language) {
    if !patchbay_texts::knows(language) {
        patchbay_texts::learn(language, texts(language));
    }
    patchbay_texts::speak(language);
}

/// The texts of a language; none of one whose catalogue cannot be read, so that English is said.
pub(crate) fn texts(language: Language) -> Vec<Text> {
    patchbay_texts::built_in(language).unwrap_or_else(|error| {
        tracing::error!(%error, language = language.code(), "a catalogue cannot be read");
        Vec::new()
    })
}
