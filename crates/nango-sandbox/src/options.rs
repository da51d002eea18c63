//! What a sandbox is started with, and why it may not start.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::saved::SavedState;

/// How a sandbox is started. Everything binds to the loopback interface only.
pub struct Options {
    /// Port of the imitated Nango; 0 takes any free port.
    pub nango_port: u16,
    /// Port of the OAuth provider and the sample API; 0 takes any free port.
    pub provider_port: u16,
    /// The default environment's callback URL; `None` is `<base URL>/oauth/callback`.
    pub callback_url: Option<String>,
    /// Whether `/oauth/callback` insists on the state cookie (a feature flag of Nango, off by default).
    pub enforce_state_cookie: bool,
    /// Calls per minute and account; `None` switches the limiter and its headers off. Nango's default is 200.
    pub rate_limit_per_minute: Option<u32>,
    /// The default environment's API key, a UUID of version 4; generated when `None`.
    pub api_key: Option<String>,
    /// The account API key, a UUID of version 4; generated when `None`.
    pub account_key: Option<String>,
    /// Which integrations exist from the start.
    pub integrations: Integrations,
    /// How long the provider's access tokens live.
    pub access_token_lifetime: Duration,
    /// How long a connect session lives.
    pub connect_session_lifetime: Duration,
    /// What an earlier run saved with [`crate::Sandbox::saved_state`].
    pub state: Option<SavedState>,
    /// Called after anything that [`crate::Sandbox::saved_state`] contains has changed.
    pub on_change: Option<Box<dyn Fn() + Send + Sync>>,
    /// What the sample API knows to answer, beyond its fixed routes.
    pub sample_operations: Vec<SampleOperation>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            nango_port: 0,
            provider_port: 0,
            callback_url: None,
            enforce_state_cookie: false,
            rate_limit_per_minute: Some(200),
            api_key: None,
            account_key: None,
            integrations: Integrations::Demo,
            access_token_lifetime: Duration::from_secs(3600),
            connect_session_lifetime: Duration::from_secs(30 * 60),
            state: None,
            on_change: None,
            sample_operations: Vec::new(),
        }
    }
}

/// Written by hand so that the keys are never printed.
impl fmt::Debug for Options {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Options")
            .field("nango_port", &self.nango_port)
            .field("provider_port", &self.provider_port)
            .field("callback_url", &self.callback_url)
            .field("enforce_state_cookie", &self.enforce_state_cookie)
            .field("rate_limit_per_minute", &self.rate_limit_per_minute)
            .field("integrations", &self.integrations)
            .finish_non_exhaustive()
    }
}

/// Which integrations exist from the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Integrations {
    /// None: the caller creates them through the API.
    None,
    /// One for each provider that a connector of Patchbay uses; its key is the provider's name.
    #[default]
    Demo,
}

/// One operation that the sample API answers with JSON of the right shape.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SampleOperation {
    /// The provider whose API this is.
    pub provider: String,
    /// The HTTP method, in any case.
    pub method: String,
    /// The path below the provider's base URL; a segment `{name}` matches any one segment.
    pub path: String,
    /// Where in the answer the account is described, if the operation tells who the caller is.
    #[serde(default)]
    pub identity: Option<IdentityPointers>,
    /// The answer to start from; without it, an object (with `identity`) or an echo of the request.
    #[serde(default)]
    pub sample: Option<Value>,
}

/// JSON pointers (RFC 6901) into an operation's answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct IdentityPointers {
    /// Where the account's id goes.
    pub id: String,
    /// Where the account's name goes.
    pub name: String,
    /// Where the account's e-mail address goes, if the operation tells it.
    #[serde(default)]
    pub email: Option<String>,
}

/// Why a sandbox could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A port is taken or may not be bound.
    #[error("cannot listen on 127.0.0.1:{port}")]
    Bind {
        /// The port asked for; 0 means any.
        port: u16,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A key is not a UUID of version 4.
    #[error("{0} is not a UUID of version 4")]
    KeyFormat(&'static str),
    /// The callback URL is not a URL.
    #[error("the callback URL is not a URL")]
    CallbackUrl(#[source] url::ParseError),
    /// The providers' data of this crate cannot be read.
    #[error("the provider catalogue cannot be read")]
    Catalogue(#[source] serde_json::Error),
    /// The HTTP client for calls to the provider cannot be made.
    #[error("the HTTP client cannot be made")]
    Client(#[source] reqwest::Error),
}
