//! Opens pages in the system browser.

use patchbay_engine::{BrowserError, OpenBrowser};
use patchbay_texts::t;
use tauri::{AppHandle, Runtime};
use tauri_plugin_shell::ShellExt;
use url::Url;

pub(crate) struct SystemBrowser<R: Runtime>(pub(crate) AppHandle<R>);

impl<R: Runtime> OpenBrowser for SystemBrowser<R> {
    fn open(&self, url: &Url) -> Result<(), BrowserError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(BrowserError { reason: t!("only web pages are opened").to_owned() });
        }
        #[expect(deprecated, reason = "the shell plugin is this project's way to the browser")]
        let opened = self.0.shell().open(url.as_str(), None);
        // The plugin's own text may repeat the address, which may hold a session token.
        opened.map_err(|_| BrowserError { reason: t!("no program for web pages was found").to_owned() })
    }
}
