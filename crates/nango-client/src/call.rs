//! How one call is made: credential, budget, retries, limits. Owns the decision whether a try is
//! repeated; leaves the meaning of an answer to the operations.

use std::time::Duration;

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::Instant;
use url::Url;

use crate::address::append_query;
use crate::body::{self, Answer, Overflow};
use crate::client::{Client, bearer};
use crate::error::{Error, TransportKind};
use crate::{rejection, transport};

/// More retries than this are not made, whatever the limits say.
const MOST_RETRIES: u32 = 2;

/// A 429 without `Retry-After` stands for a pause of this length.
const UNNAMED_PAUSE: Duration = Duration::from_secs(5);

/// What a call presents to Nango.
pub(crate) enum Credential<'a> {
    /// The environment's key, in the header.
    Key,
    /// A connect session token, in the header.
    Session(&'a SecretString),
    /// Nothing in the header. The token may be in the query, as the authorization endpoints want it.
    None,
}

/// One call, ready to be made.
pub(crate) struct Call<'a> {
    method: Method,
    url: Url,
    credential: Credential<'a>,
    headers: HeaderMap,
    body: Option<Bytes>,
    /// Whether trying again can do no harm.
    repeatable: bool,
    timeout: Option<Duration>,
    body_limit: Option<usize>,
    overflow: Overflow,
    /// Whether it is meant for a provider: then it has the server's limit, and none of our own.
    proxied: bool,
}

impl<'a> Call<'a> {
    /// A call with the key. A GET may be repeated unless said otherwise.
    pub(crate) fn new(method: Method, url: Url) -> Self {
        let repeatable = method == Method::GET;
        Self {
            method,
            url,
            credential: Credential::Key,
            headers: HeaderMap::new(),
            body: None,
            repeatable,
            timeout: None,
            body_limit: None,
            overflow: Overflow::Refuse,
            proxied: false,
        }
    }

    pub(crate) fn credential(mut self, credential: Credential<'a>) -> Self {
        self.credential = credential;
        self
    }

    /// Adds a query member.
    pub(crate) fn query(mut self, name: &str, value: &str) -> Self {
        append_query(&mut self.url, name, value);
        self
    }

    pub(crate) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.append(name, value);
        self
    }

    pub(crate) fn json(mut self, body: &Value) -> Self {
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self.body = Some(Bytes::from(body.to_string()));
        self
    }

    pub(crate) fn bytes(mut self, body: Bytes) -> Self {
        self.body = Some(body);
        self
    }

    /// For a GET that has an effect.
    pub(crate) fn once(mut self) -> Self {
        self.repeatable = false;
        self
    }

    pub(crate) fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// For a call that Nango passes on.
    pub(crate) fn proxied(mut self) -> Self {
        self.proxied = true;
        self
    }

    /// Cuts a body that is longer, instead of refusing it.
    pub(crate) fn truncate_at(mut self, limit: usize) -> Self {
        self.body_limit = Some(limit);
        self.overflow = Overflow::Truncate;
        self
    }
}

impl Client {
    /// The URL of a Nango endpoint, given as path segments.
    pub(crate) fn url(&self, segments: &[&str]) -> Result<Url, Error> {
        self.inner.base.segments(segments)
    }

    /// Makes a call and reads a JSON answer; everything but a success becomes an error.
    pub(crate) async fn json<T: DeserializeOwned>(&self, call: Call<'_>) -> Result<T, Error> {
        self.success(call).await?.json()
    }

    /// Makes a call; everything but a success becomes an error.
    pub(crate) async fn success(&self, call: Call<'_>) -> Result<Answer, Error> {
        let answer = self.answer(call).await?;
        if answer.is_success() { Ok(answer) } else { Err(rejection::error_of(&answer)) }
    }

    /// Makes a call and returns whatever HTTP answer comes. Repeats it where that is harmless: after
    /// a connection that failed or broke, after 502 to 504, and after a 429 of Nango's own.
    pub(crate) async fn answer(&self, call: Call<'_>) -> Result<Answer, Error> {
        let retries = if call.repeatable { self.inner.limits.retries.min(MOST_RETRIES) } else { 0 };
        let mut tries = 0;
        loop {
            let result = self.try_once(&call).await;
            if tries >= retries {
                return result;
            }
            let pause = match &result {
                Ok(answer) if matches!(answer.status, 502..=504) => {
                    rejection::retry_after(answer).unwrap_or_default().max(backoff(tries))
                }
                // The budget already holds the pause; waiting for the next slot is waiting for its end.
                Ok(answer) if is_rate_limited_by_nango(answer) => Duration::ZERO,
                Err(Error::Transport { kind: TransportKind::Reset | TransportKind::Unreachable, .. }) => {
                    backoff(tries)
                }
                _ => return result,
            };
            if pause > self.inner.limits.longest_pause {
                return result;
            }
            tokio::time::sleep(pause).await;
            tries += 1;
        }
    }

    async fn try_once(&self, call: &Call<'_>) -> Result<Answer, Error> {
        let (budget, authorization) = match call.credential {
            Credential::Key if call.proxied => {
                (&self.inner.proxy_budget, Some(self.inner.authorization.clone()))
            }
            Credential::Key => (&self.inner.budget, Some(self.inner.authorization.clone())),
            Credential::Session(token) => {
                let value = bearer(token).ok_or(Error::argument("the session token cannot be sent"))?;
                (&self.inner.session_budget, Some(value))
            }
            Credential::None => (&self.inner.session_budget, None),
        };
        budget.slot().await?;

        let mut headers = call.headers.clone();
        if let Some(value) = authorization {
            headers.insert(AUTHORIZATION, value);
        }
        let mut request = self.inner.http.request(call.method.clone(), call.url.clone()).headers(headers);
        if let Some(timeout) = call.timeout {
            request = request.timeout(timeout);
        }
        if let Some(body) = &call.body {
            request = request.body(body.clone());
        }
        let started = Instant::now();
        let limit = call.body_limit.unwrap_or(self.inner.limits.body_limit_bytes);
        let result = match request.send().await {
            Ok(response) => body::read(response, limit, call.overflow).await,
            Err(error) => Err(transport::from_http(error)),
        };
        let duration_ms = started.elapsed().as_millis();
        match &result {
            Ok(answer) => {
                tracing::debug!(method = %call.method, status = answer.status, duration_ms, "nango answered")
            }
            Err(error) => tracing::debug!(method = %call.method, %error, duration_ms, "nango did not answer"),
        }
        if let Ok(answer) = &result
            && is_rate_limited_by_nango(answer)
        {
            // The server rounds down to whole seconds.
            let pause =
                rejection::retry_after(answer).map(|pause| pause.saturating_add(Duration::from_secs(1)));
            let pause = pause.unwrap_or(UNNAMED_PAUSE);
            budget.pause(pause);
            // The server counts all calls with the key together.
            if matches!(call.credential, Credential::Key) {
                self.inner.budget.pause(pause);
                self.inner.proxy_budget.pause(pause);
            }
        }
        result
    }
}

/// Whether a 429 is Nango's. Through the proxy a provider's own 429 looks the same but for the body.
pub(crate) fn is_rate_limited_by_nango(answer: &Answer) -> bool {
    answer.status == 429
        && rejection::parse(&answer.body).is_some_and(|rejection| rejection.code == "too_many_request")
}

/// 200 ms, then 400 ms, each up to half as long again so that clients do not march in step.
fn backoff(tries: u32) -> Duration {
    let base = Duration::from_millis(200) * 2_u32.pow(tries);
    base + base.mul_f64(rand::random_range(0.0..0.5))
}
