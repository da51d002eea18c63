//! The client: what it is configured with and what it holds. How one call is made is in `call.rs`.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::address::Base;
use crate::budget::Budget;
use crate::error::Error;
use crate::{tls, transport};

/// What a client needs to know.
#[derive(Debug, Clone)]
pub struct Configuration {
    /// Where Nango is: http or https, possibly with a path prefix, with or without a trailing slash,
    /// without user information.
    pub base_url: Url,
    /// The environment's API key. It is sent to `base_url` only.
    pub key: SecretString,
    /// Time, size and rate limits.
    pub limits: Limits,
}

/// How much time, memory and how many calls are allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// For making a connection, TLS included.
    pub connect_timeout: Duration,
    /// For one try of one call, from connecting to the last byte of the answer.
    pub request_timeout: Duration,
    /// For one answer. The catalogue of all providers is about 1 MiB, a full page of connections 2 MiB.
    pub body_limit_bytes: usize,
    /// Calls with the key within any 60 seconds; more wait for a free slot. `None` means no limit. Calls through
    /// the proxy do not count.
    pub calls_per_minute: Option<u32>,
    /// What counts as a minute there: 60 s, which only tests shorten.
    pub budget_window: Duration,
    /// How often a GET that changes nothing is tried again; never more than twice.
    pub retries: u32,
    /// The longest pause asked for by the server that a call waits for; with a longer one it fails
    /// with [`Error::RateLimited`].
    pub longest_pause: Duration,
}

impl Default for Limits {
    /// 10 s to connect, 30 s a try, 4 MiB, 60 calls a minute, 2 retries, pauses up to 10 s.
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(30),
            body_limit_bytes: 4 * 1024 * 1024,
            calls_per_minute: Some(60),
            budget_window: Duration::from_secs(60),
            retries: 2,
            longest_pause: Duration::from_secs(10),
        }
    }
}

/// A client of one Nango environment. Clones share connections and budget.
#[derive(Clone)]
pub struct Client {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) http: reqwest::Client,
    pub(crate) base: Base,
    pub(crate) authorization: HeaderValue,
    pub(crate) limits: Limits,
    /// For calls with the key.
    pub(crate) budget: Budget,
    /// For calls with the key that Nango passes on: how many a person's workflow makes is for them to say.
    pub(crate) proxy_budget: Budget,
    /// For calls with a session token or none, which Nango counts apart.
    pub(crate) session_budget: Budget,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Inner { base, limits, .. } = &*self.inner;
        formatter.debug_struct("Client").field("base", base).field("limits", limits).finish_non_exhaustive()
    }
}

impl Client {
    /// Makes a client. Sends nothing.
    ///
    /// # Errors
    /// [`Error::Configuration`] for a base URL or key that cannot be used.
    pub fn new(configuration: Configuration) -> Result<Self, Error> {
        let Configuration { base_url, key, limits } = configuration;
        let base = Base::new(base_url)?;
        let authorization = bearer(&key).ok_or(Error::Configuration {
            why: "the key is empty or holds characters a header cannot carry",
        })?;
        let mut tls = if base.is_https() { tls::verifying()? } else { tls::trusting_nobody()? };
        Arc::make_mut(&mut tls).alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(Arc::unwrap_or_clone(tls))
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .connect_timeout(limits.connect_timeout)
            .timeout(limits.request_timeout)
            .user_agent(concat!("Patchbay/", env!("CARGO_PKG_VERSION")));
        if base.is_loopback() {
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(transport::from_http)?;
        let budget = Budget::new(limits.calls_per_minute, limits.budget_window, limits.longest_pause);
        let proxy_budget = Budget::new(None, limits.budget_window, limits.longest_pause);
        let session_budget = Budget::new(None, limits.budget_window, limits.longest_pause);
        let inner = Inner { http, base, authorization, limits, budget, proxy_budget, session_budget };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The limits this client was made with.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.inner.limits
    }
}

/// `Bearer <secret>`, marked so that no library prints it. `None` if a header cannot carry it.
pub(crate) fn bearer(secret: &SecretString) -> Option<HeaderValue> {
    let secret = secret.expose_secret();
    if secret.is_empty() {
        return None;
    }
    let mut value = HeaderValue::try_from(format!("Bearer {secret}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}
