//! The system browser, behind a trait: the real one, and a robot that follows redirects in tests.

use url::Url;

/// Why the browser did not open. The URL is never part of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the system could not open the browser: {reason}")]
pub struct BrowserError {
    /// What the system said.
    pub reason: String,
}

/// Opens a page in the system browser.
pub trait OpenBrowser: Send + Sync {
    /// Opens an http(s) page; returns once the system has taken the request, which says nothing about
    /// whether a page was shown.
    ///
    /// # Errors
    /// When the system did not take it.
    fn open(&self, url: &Url) -> Result<(), BrowserError>;
}
