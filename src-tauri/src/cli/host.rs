//! The engine as the command line has it: the window's data, no browser, and nothing taken up that waits.

use std::path::PathBuf;
use std::sync::Arc;

use patchbay_engine::{
    BrowserError, Engine, OpenBrowser, Overrides, Parts, Places, Timings, startup_failure,
};
use patchbay_ipc::Failure;
use patchbay_secrets::Keyring;
use patchbay_store::Store;
use patchbay_texts::Language;
use url::Url;

use crate::{clock, log, start};

/// As `tauri.conf.json` has it: by it the platform's folders are found.
const IDENTIFIER: &str = "app.patchbay.desktop";

struct NoBrowser;

impl OpenBrowser for NoBrowser {
    fn open(&self, _url: &Url) -> Result<(), BrowserError> {
        Err(BrowserError { reason: "the command line opens no browser".to_owned() })
    }
}

/// The window's folder for data.
pub(crate) fn data_folder() -> Option<PathBuf> {
    Some(dirs::data_dir()?.join(IDENTIFIER))
}

fn log_folder() -> Option<PathBuf> {
    if cfg!(target_os = "macos") {
        Some(dirs::home_dir()?.join("Library/Logs").join(IDENTIFIER))
    } else {
        Some(dirs::data_local_dir()?.join(IDENTIFIER).join("logs"))
    }
}

/// Opens the window's database beside it.
pub(crate) async fn engine() -> Result<Engine, Failure> {
    let data = data_folder().ok_or_else(start::no_folder)?;
    let log = log_folder().ok_or_else(start::no_folder)?;
    std::fs::create_dir_all(&data).map_err(|_| start::no_folder())?;
    log::start(&log);
    let store = Store::open(&data.join("patchbay.db")).await.map_err(|error| startup_failure(&error))?;
    Engine::new(Parts {
        store,
        recovered: None,
        keyring: Arc::new(Keyring::default()),
        browser: Arc::new(NoBrowser),
        timings: Timings::default(),
        now: clock::now,
        overrides: Overrides::from_environment(|name| std::env::var(name).ok()),
        places: Places {
            downloads: dirs::download_dir().unwrap_or_else(|| data.join("exports")),
            data,
            log,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            platform: crate::start::platform(),
            // Scripts read what it prints.
            language: Language::English,
        },
    })
}
