//! Calls to a provider through Nango's proxy, which adds the credentials of a connection.
//!
//! Owns the proxy's headers and telling Nango's own errors from the provider's answers, which share
//! status codes. What the provider answers is passed on as it is, good or bad.

mod failure;

pub use failure::ProxyFailure;

use std::time::Duration;

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use url::Url;

use crate::call::Call;
use crate::client::Client;
use crate::error::Error;

/// The prefix of headers that reach the provider; it is taken off on the way.
const FORWARDED: &str = "nango-proxy-";

/// Errors of Nango's own are read up to this many bytes, however little of an answer is wanted.
const ERROR_LIMIT: usize = 16 * 1024;

/// A call to a provider.
#[derive(Clone)]
pub struct ProxyRequest {
    /// The provider's method. HEAD and OPTIONS are answered by Nango itself.
    pub method: Method,
    /// Path under the provider's base URL, already percent-encoded, with or without a leading slash.
    pub path: String,
    /// Query, not yet encoded. A name may occur several times.
    pub query: Vec<(String, String)>,
    /// Whose account to use.
    pub connection_id: String,
    /// The connection's integration.
    pub integration: String,
    /// Headers for the provider. Others, such as a user agent, do not reach it.
    pub headers: Vec<(String, String)>,
    /// Body for the provider.
    pub body: Option<ProxyBody>,
    /// Another base URL instead of the provider's. The server's outbound policy may refuse it.
    pub base_url_override: Option<Url>,
    /// How often Nango itself tries again after 429, 5xx, 401 and network errors, usually 3 s apart.
    pub retries: u8,
    /// For the whole call. Nango has no limit of its own.
    pub timeout: Duration,
    /// Bytes of the answer to keep; the rest is cut.
    pub response_limit: usize,
}

impl std::fmt::Debug for ProxyRequest {
    /// Leaves out query and headers, in which providers want all sorts of things.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("ProxyRequest")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("connection_id", &self.connection_id)
            .field("integration", &self.integration)
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

/// A body and what it is.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyBody {
    /// The bytes. They reach the provider unchanged unless they are JSON, which Nango may format anew.
    pub bytes: Bytes,
    /// Such as `application/json`.
    pub content_type: String,
}

impl std::fmt::Debug for ProxyBody {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "ProxyBody({}, {} bytes)", self.content_type, self.bytes.len())
    }
}

/// The provider's answer as Nango passes it on.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyResponse {
    /// The provider's status, except that Nango turns every success with a body into 200.
    pub status: u16,
    /// Names in lower case. Of a success only a few come back (content type, request ids), so paging
    /// has to rely on bodies; of an error all come back. Values that are not text are left out.
    pub headers: Vec<(String, String)>,
    /// As much of the body as was asked for.
    pub body: Bytes,
    /// Whether the body was longer.
    pub truncated: bool,
}

impl std::fmt::Debug for ProxyResponse {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("ProxyResponse")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .field("truncated", &self.truncated)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Calls a provider with the credentials of a connection. Scope `proxy`. The client makes one
    /// try; see [`ProxyRequest::retries`] for Nango's.
    ///
    /// # Errors
    /// [`ProxyFailure`] when the answer is not the provider's. An error status of the provider is a
    /// [`ProxyResponse`].
    pub async fn proxy(&self, request: ProxyRequest) -> Result<ProxyResponse, ProxyFailure> {
        let limit = request.response_limit;
        let answer = self.answer(self.proxy_call(request)?).await?;
        if let Some(failure) = failure::nangos_own(&answer) {
            return Err(failure);
        }
        let text = |(name, value): (&HeaderName, &HeaderValue)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        };
        Ok(ProxyResponse {
            status: answer.status,
            headers: answer.headers.iter().filter_map(text).collect(),
            truncated: answer.truncated || answer.body.len() > limit,
            body: answer.body.slice(..answer.body.len().min(limit)),
        })
    }

    fn proxy_call(&self, request: ProxyRequest) -> Result<Call<'static>, Error> {
        let url = self.inner.base.proxied(&request.path)?;
        let mut call = Call::new(request.method, url)
            .once()
            .proxied()
            .timeout(request.timeout)
            .truncate_at(request.response_limit.max(ERROR_LIMIT))
            .header(HeaderName::from_static("connection-id"), header_value(&request.connection_id)?)
            .header(HeaderName::from_static("provider-config-key"), header_value(&request.integration)?);
        for (name, value) in &request.query {
            call = call.query(name, value);
        }
        if request.retries > 0 {
            call = call.header(HeaderName::from_static("retries"), u16::from(request.retries).into());
        }
        if let Some(base_url) = &request.base_url_override {
            call = call.header(
                HeaderName::from_static("base-url-override"),
                header_value(base_url.as_str().trim_end_matches('/'))?,
            );
        }
        for (name, value) in &request.headers {
            call = call.header(forwarded(name)?, header_value(value)?);
        }
        if let Some(ProxyBody { bytes, content_type }) = request.body {
            let value = header_value(&content_type)?;
            // Nango re-encodes anything but JSON, unless the type is also given for the provider.
            let named = request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
            if !is_json(&content_type) && !named {
                call = call.header(forwarded("content-type")?, value.clone());
            }
            call = call.header(CONTENT_TYPE, value).bytes(bytes);
        }
        Ok(call)
    }
}

fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

fn forwarded(name: &str) -> Result<HeaderName, Error> {
    HeaderName::try_from(format!("{FORWARDED}{name}"))
        .map_err(|_| Error::argument("a header name cannot be sent"))
}

/// Header values are bytes; ids may hold any printable ASCII, others are refused by the server.
fn header_value(text: &str) -> Result<HeaderValue, Error> {
    HeaderValue::try_from(text).map_err(|_| Error::argument("a header value cannot be sent"))
}
