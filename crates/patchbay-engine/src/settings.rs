//! Appearance, keyring and the state of everything around the application.

use std::sync::PoisonError;

use patchbay_ipc::{Appearance, Diagnostics, KeyringView, Topic};
use patchbay_store::{SCHEMA_VERSION, Setting};

use crate::error::EngineError;
use crate::{Engine, failure};

impl Engine {
    pub(crate) async fn appearance(&self) -> Result<Appearance, EngineError> {
        Ok(match self.0.store.setting(Setting::Appearance).await?.as_deref() {
            Some("light") => Appearance::Light,
            Some("dark") => Appearance::Dark,
            _ => Appearance::System,
        })
    }

    pub(crate) async fn set_appearance(&self, appearance: Appearance) -> Result<(), EngineError> {
        let name = match appearance {
            Appearance::System => "system",
            Appearance::Light => "light",
            Appearance::Dark => "dark",
        };
        self.0.store.set_setting(Setting::Appearance, name.to_owned()).await?;
        self.stale([Topic::Overview]);
        Ok(())
    }

    pub(crate) fn keyring_view(&self) -> KeyringView {
        failure::keyring_view(self.keyring_state())
    }

    /// Tries the keyring out; the answer says what it found, so a failure here is none of the command's.
    pub(crate) async fn test_keyring(&self) -> KeyringView {
        if let Err(error) = self.0.vault.try_out().await {
            tracing::warn!(%error, "the keyring did not pass its test");
        }
        // Whatever waited for the keyring looks again.
        self.0.clients.lock().await.clear();
        self.0.keys.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.spawn({
            let engine = self.clone();
            async move {
                if let Err(error) = engine.resume_attempts().await {
                    engine.notice_failure(failure::of(&error));
                }
            }
        });
        self.stale([Topic::Overview, Topic::Diagnostics]);
        self.keyring_view()
    }

    pub(crate) fn diagnostics(&self) -> Diagnostics {
        let places = &self.0.places;
        Diagnostics {
            keyring: self.keyring_view(),
            deep_link: self.deep_link_view(),
            version: places.version.clone(),
            data_folder: places.data.display().to_string(),
            log_folder: places.log.display().to_string(),
            schema_version: SCHEMA_VERSION,
        }
    }
}
