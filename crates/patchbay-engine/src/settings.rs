//! Appearance, keyring and the state of everything around the application.

use std::sync::PoisonError;

use patchbay_ipc::{Appearance, Diagnostics, Failure, KeyringView, Topic};
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

    /// Whether the host tells how an attempt ended while the window is elsewhere.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn notifications(&self) -> Result<bool, Failure> {
        self.notifications_are_on().await.map_err(|error| failure::of(&error))
    }

    async fn notifications_are_on(&self) -> Result<bool, EngineError> {
        Ok(self.0.store.setting(Setting::Notifications).await?.as_deref() != Some("off"))
    }

    pub(crate) async fn set_notifications(&self, on: bool) -> Result<(), EngineError> {
        let value = if on { "on" } else { "off" };
        self.0.store.set_setting(Setting::Notifications, value.to_owned()).await?;
        self.stale([Topic::Diagnostics]);
        Ok(())
    }

    pub(crate) fn keyring_view(&self) -> KeyringView {
        let view = failure::keyring_view(self.keyring_state());
        match failure::surroundings::mend_keyring(view.state, self.0.places.platform) {
            Some(hint) => KeyringView { hint: Some(hint.to_owned()), ..view },
            None => view,
        }
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

    pub(crate) async fn diagnostics(&self) -> Result<Diagnostics, EngineError> {
        let places = &self.0.places;
        Ok(Diagnostics {
            keyring: self.keyring_view(),
            deep_link: self.deep_link_view(),
            notifications: self.notifications_are_on().await?,
            version: places.version.clone(),
            data_folder: places.data.display().to_string(),
            log_folder: places.log.display().to_string(),
            schema_version: SCHEMA_VERSION,
        })
    }
}
