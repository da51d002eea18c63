//! Databases and engines without a window.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, anyhow};
use jiff::Timestamp;
use patchbay_core::id::ProfileId;
use patchbay_core::profile::{Profile, ProfileKind};
use patchbay_engine::{BrowserError, Engine, OpenBrowser, Overrides, Parts, Places, Platform, Timings};
use patchbay_ipc::Failure;
use patchbay_secrets::{EntryName, Memory, SecretStore};
use patchbay_store::Store;
use patchbay_texts::Language;
use secrecy::SecretString;
use url::Url;
use uuid::Uuid;

struct NoBrowser;

impl OpenBrowser for NoBrowser {
    fn open(&self, _: &Url) -> Result<(), BrowserError> {
        Ok(())
    }
}

#[expect(clippy::disallowed_methods, reason = "this reads the clock where the shell would")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// A store with one profile, which is the active one.
pub(crate) async fn store(folder: &Path, server: &Url) -> Result<(Store, ProfileId)> {
    let store = Store::open(&folder.join("patchbay.db")).await?;
    let profile = ProfileId::from(Uuid::new_v4());
    store
        .save_profile(Profile {
            id: profile,
            kind: ProfileKind::Nango,
            server_url: server.clone(),
            user_id: "bench".to_owned(),
            user_name: None,
            bridge_url: None,
            enabled: true,
            check: None,
            last_synced_at: None,
            created_at: now(),
        })
        .await?;
    Ok((store, profile))
}

/// An engine on such a store, as the application makes it, but for the keyring.
pub(crate) fn engine(folder: &Path, store: Store, profile: ProfileId, key: &str) -> Result<Engine> {
    let secrets = Memory::default();
    secrets.set(&EntryName::api_key(profile), &SecretString::from(key))?;
    Engine::new(Parts {
        store,
        recovered: None,
        keyring: Arc::new(secrets),
        browser: Arc::new(NoBrowser),
        timings: Timings::default(),
        now,
        overrides: Overrides::default(),
        places: Places {
            data: folder.to_owned(),
            log: folder.to_owned(),
            downloads: folder.to_owned(),
            version: "0".to_owned(),
            platform: Platform::LinuxDesktop,
            language: Language::English,
        },
    })
    .map_err(said)
}

/// A failure as an error.
pub(crate) fn said(failure: Failure) -> anyhow::Error {
    anyhow!("{} {:?}", failure.message, failure.detail)
}

/// Milliseconds since then.
pub(crate) fn since(started: Instant) -> f64 {
    started.elapsed().as_secs_f64() * 1000.0
}
