//! Copies of the database while Patchbay runs, and what follows when it had to be taken back from one.

use std::sync::PoisonError;
use std::time::Duration;

use jiff::Timestamp;
use patchbay_ipc::{RecoveryView, Topic};
use patchbay_store::Setting;
use serde::{Deserialize, Serialize};

use crate::error::EngineError;
use crate::{Engine, failure};

/// How often it is looked whether a copy is due.
const LOOKS_EVERY: Duration = Duration::from_secs(3600);

/// What is kept until it has been read.
#[derive(Serialize, Deserialize)]
struct Told {
    kept: Option<String>,
    from: Option<Timestamp>,
}

impl Engine {
    /// Keeps what was done about a damaged database until its owner has read it, and reads the server's list: what has
    /// been connected since the copy was made is only known there.
    pub(crate) async fn take_note_of_recovery(&self) {
        let recovered = self.0.recovered.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(recovered) = recovered else { return };
        let told = Told { kept: recovered.kept.map(|file| file.display().to_string()), from: recovered.from };
        tracing::warn!(kept = ?told.kept, from = ?told.from, "the database was damaged");
        let text = serde_json::to_string(&told).unwrap_or_default();
        if let Err(error) = self.0.store.set_setting(Setting::Recovery, text).await {
            self.notice_failure(failure::of(&error.into()));
        }
        self.stale([Topic::Overview]);
        self.spawn({
            let engine = self.clone();
            async move {
                // Offline, or without the right to list, what the copy knows is what there is: the page says so.
                if let Err(error) = engine.sync().await {
                    tracing::info!(%error, "no sync after the recovery");
                }
            }
        });
    }

    /// What is to be said about a damaged database, until it has been read.
    pub(crate) async fn recovery(&self) -> Result<Option<RecoveryView>, EngineError> {
        let told = self.0.store.setting(Setting::Recovery).await?;
        let told = told.and_then(|told| serde_json::from_str::<Told>(&told).ok());
        Ok(told.map(|told| failure::recovery::view(told.kept, told.from)))
    }

    pub(crate) async fn dismiss_recovery(&self) -> Result<(), EngineError> {
        self.0.store.clear_setting(Setting::Recovery).await?;
        self.stale([Topic::Overview]);
        Ok(())
    }

    /// Copies the database once a day.
    pub(crate) async fn keep_backups(&self) {
        let mut pause = self.0.timings.first_backup;
        loop {
            tokio::time::sleep(pause).await;
            pause = LOOKS_EVERY;
            match self.0.store.back_up_if_due(self.now()).await {
                Ok(false) => {}
                Ok(true) => tracing::info!("the database has been copied"),
                Err(error) => self.notice_failure(failure::recovery::of_backup(&error)),
            }
        }
    }
}
