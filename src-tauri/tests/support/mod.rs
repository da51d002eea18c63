//! What an engine in a test is made of.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use patchbay_engine::{BrowserError, OpenBrowser, Overrides, Parts, Places, Platform, Timings};
use patchbay_secrets::Memory;
use patchbay_store::Store;

struct NoBrowser;

impl OpenBrowser for NoBrowser {
    fn open(&self, _url: &url::Url) -> Result<(), BrowserError> {
        Err(BrowserError { reason: "there is none in this test".to_owned() })
    }
}

#[expect(clippy::disallowed_methods, reason = "a test reads the clock where the shell would")]
fn now() -> Timestamp {
    Timestamp::now()
}

/// Secrets in memory, no browser, everything else in this folder.
pub(crate) fn parts(store: Store, folder: &Path) -> Parts {
    Parts {
        store,
        recovered: None,
        keyring: Arc::new(Memory::default()),
        browser: Arc::new(NoBrowser),
        timings: Timings::default(),
        now,
        overrides: Overrides::default(),
        places: Places {
            data: folder.to_owned(),
            log: folder.to_owned(),
            downloads: folder.to_owned(),
            version: "0.0.0".to_owned(),
            platform: Platform::LinuxDesktop,
            language: Default::default(),
        },
    }
}
