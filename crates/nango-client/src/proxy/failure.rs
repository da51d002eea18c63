//! Tells an answer of Nango itself from one that Nango passes on.

use std::time::Duration;

use serde::Deserialize;

use crate::body::{Answer, code};
use crate::error::{Error, FieldError};
use crate::rejection::{self, Rejection};

/// Why the provider's answer could not be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProxyFailure {
    /// Nango was not reached, or refused the call or the key.
    #[error(transparent)]
    Nango(#[from] Error),
    /// There is no such connection under the integration.
    #[error("the connection does not exist")]
    UnknownConnection,
    /// There is no such integration.
    #[error("the integration does not exist")]
    UnknownIntegration,
    /// The connection's credentials could not be renewed: the grant is revoked or the provider down.
    #[error("the credentials of the connection could not be renewed")]
    BrokenCredentials {
        /// Nango's prose.
        message: Option<String>,
        /// Nango has given up; only a forced renewal or a reconnect helps.
        exhausted: bool,
    },
    /// A renewal failed within the last 30 seconds and is not tried again yet.
    #[error("a renewal of the credentials failed a moment ago")]
    BackingOff,
    /// Nango could not connect to the provider, or lost it.
    #[error("the provider could not be reached ({code})")]
    ProviderUnreachable {
        /// Such as `ECONNREFUSED` or `ECONNRESET`.
        code: String,
    },
    /// The server's outbound policy forbids the provider's host, or its name does not resolve.
    #[error("the server does not allow calls to that host")]
    HostNotAllowed,
    /// The call itself was wrong, for instance an override that is no URL.
    #[error("the proxy refused the headers of the call")]
    InvalidHeaders {
        /// Nango's complaints.
        errors: Vec<FieldError>,
    },
}

impl ProxyFailure {
    /// Whether the same call may succeed later without anybody changing anything. Says nothing about
    /// whether the provider has already acted on it.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Nango(error) => error.is_retryable(),
            Self::BackingOff | Self::ProviderUnreachable { .. } => true,
            Self::BrokenCredentials { exhausted, .. } => !exhausted,
            _ => false,
        }
    }

    /// The pause the server asked for, if it did.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Nango(Error::RateLimited { retry_after }) => *retry_after,
            _ => None,
        }
    }
}

/// The failure an answer stands for, or `None` if it is the provider's.
///
/// Exact matches only, so that a provider's error is not taken for Nango's: a 401 is Nango's with one
/// of its authentication codes and without the rate-limit header that every authenticated answer has,
/// a 429 with the code `too_many_request`, the others with code and prose as observed.
pub(super) fn nangos_own(answer: &Answer) -> Option<ProxyFailure> {
    if (300..400).contains(&answer.status) && answer.status != 304 {
        return Some(rejection::redirected(answer).into());
    }
    if answer.status < 400 {
        return None;
    }
    if answer.status == 500 {
        return unreachable_provider(&answer.body);
    }
    let Rejection { code, message, errors, .. } = rejection::parse(&answer.body)?;
    let text = message.as_deref().unwrap_or_default();
    let credentials_failed = text.starts_with("Failed to get connection credentials");
    match (answer.status, code.as_str()) {
        (401, _) if is_authentication_code(&code) && answer.header("x-ratelimit-limit").is_none() => {
            Some(rejection::error_of(answer).into())
        }
        (403, "forbidden") if text.starts_with("Insufficient scope") => {
            Some(rejection::error_of(answer).into())
        }
        (429, "too_many_request") => Some(rejection::error_of(answer).into()),
        (400, "server_error") if text == "Failed to get connection" => Some(ProxyFailure::UnknownConnection),
        (404, "unknown_provider_config") => Some(ProxyFailure::UnknownIntegration),
        (400 | 424, "server_error") if credentials_failed => {
            let exhausted = answer.status == 424;
            Some(ProxyFailure::BrokenCredentials { message, exhausted })
        }
        (424, "connection_refresh_backoff") => Some(ProxyFailure::BackingOff),
        (400, "base_url_override_not_allowed") => Some(ProxyFailure::HostNotAllowed),
        (400, "invalid_headers") if !errors.is_empty() => Some(ProxyFailure::InvalidHeaders { errors }),
        _ => None,
    }
}

fn is_authentication_code(code: &str) -> bool {
    matches!(code, "missing_auth_header" | "invalid_secret_key_format" | "unknown_account")
}

/// `{"message", "code", "method"}`, which Nango sends when the network between it and the provider
/// fails. Codes are those of the operating system.
fn unreachable_provider(body: &[u8]) -> Option<ProxyFailure> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct NetworkError {
        #[serde(rename = "message")]
        _message: String,
        #[serde(rename = "code")]
        code: String,
        #[serde(rename = "method")]
        _method: String,
    }
    let error: NetworkError = serde_json::from_slice(body).ok()?;
    let known = error.code.starts_with('E') && error.code.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    known.then(|| ProxyFailure::ProviderUnreachable { code: code(&error.code) })
}
