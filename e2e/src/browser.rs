//! The person's browser: a real Chromium with a fresh profile.

use std::process::Command;
use std::sync::Arc;

use anyhow::{Context, Result};
use serde_json::json;
use url::Url;

use crate::links::SCHEME;
use crate::stage::Stage;
use crate::wait::{PATIENTLY, until};
use crate::webdriver::Driver;
use crate::window::Window;

/// A browser window.
#[derive(Debug)]
pub struct Browser {
    driver: Arc<Driver>,
    window: Window,
    /// Outside of the home that is searched for secrets: a browser keeps the addresses it was at.
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts one that hands links of our scheme to the system without asking, if they come from the page at
    /// `consent_page`: the answer a person gives once with "always allow".
    ///
    /// # Errors
    /// It does not come up.
    pub async fn start(stage: &Stage, consent_page: &Url) -> Result<Self> {
        let mut program = Command::new("chromedriver");
        stage.enter(&mut program);
        let origin = consent_page.origin().ascii_serialization();
        let profile = tempfile::Builder::new().prefix("patchbay-browser-").tempdir()?;
        let capabilities = json!({
            "goog:chromeOptions": {
                "args": [
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-quic",
                    "--disable-sync",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-dev-shm-usage",
                    "--no-first-run",
                    "--no-default-browser-check",
                    "--password-store=basic",
                    "--window-size=900,800",
                    format!("--user-data-dir={}", profile.path().display()),
                ],
                "prefs": {
                    "protocol_handler.allowed_origin_protocol_pairs": { origin: { SCHEME: true } }
                }
            }
        });
        let capabilities = capabilities.as_object().context("capabilities are an object")?.clone();
        let driver = Arc::new(Driver::start(program, "--port", capabilities).await?);
        stage.remember("browser", &driver);
        let window = Window::of(driver.client().clone());
        Ok(Self { driver, window, _profile: profile })
    }

    /// Its window.
    #[must_use]
    pub fn window(&self) -> &Window {
        &self.window
    }

    /// Opens an address, as the application asked the system to.
    ///
    /// # Errors
    /// The browser does not take it.
    pub async fn open(&self, address: &str) -> Result<()> {
        self.window
            .client()
            .goto(address)
            .await
            .context("the browser cannot open what the application opened")
    }

    /// Decides on the consent page: as `account`, with the button `Approve` or `Deny`.
    ///
    /// # Errors
    /// The page does not come, or has other elements.
    pub async fn decide(&self, account: &str, button: &str) -> Result<()> {
        let choice =
            self.window.wait_within("radio", crate::window::Name::Contains(account), PATIENTLY).await?;
        until("the account to be chosen", PATIENTLY, async || {
            choice.click().await?;
            Ok(choice.is_selected().await?.then_some(()))
        })
        .await?;
        self.window.press(button).await
    }

    /// Closes it.
    pub async fn close(self) {
        self.driver.close().await;
    }
}
