//! What can go wrong, as far as a caller can act on it.
//!
//! Owns the error type of the whole crate except the proxy, whose failures have their own type
//! because there the provider speaks too. The text of an error never holds a URL query, a body, a
//! message written by the server or a secret; what the server said is in the fields.

use std::fmt;
use std::time::Duration;

use serde_json::Value;

/// Why a call to Nango gave no usable result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The configuration cannot work: base URL or key. Nothing was sent.
    #[error("unusable configuration: {why}")]
    Configuration {
        /// What is wrong with it.
        why: &'static str,
    },
    /// An argument cannot be sent as it is, for instance an empty id or a path that leaves its place.
    /// Nothing was sent.
    #[error("unusable argument: {why}")]
    InvalidArgument {
        /// What is wrong with it.
        why: &'static str,
    },
    /// No complete answer arrived.
    #[error("no answer from the server: {kind}")]
    Transport {
        /// What kind of failure it was.
        kind: TransportKind,
        /// The library's own error, without the URL.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// 401: the key or the session token was refused.
    #[error("the credential was refused ({code})")]
    Unauthorized {
        /// Nango's code, such as `unknown_account` or `unknown_connect_session_token`. The latter is
        /// also what an expired or deleted token gets.
        code: String,
    },
    /// 403: the key is good but lacks a scope.
    #[error("the key lacks a scope ({})", required.join(" or "))]
    MissingScope {
        /// The scopes of which one would have been enough.
        required: Vec<String>,
    },
    /// 429 by Nango itself: its limit counts all keys of an account together.
    #[error("too many calls")]
    RateLimited {
        /// How long to wait, when the server said so.
        retry_after: Option<Duration>,
    },
    /// Nango understood and refused, in its own JSON.
    #[error("refused by the server ({status}, {code})")]
    Rejected {
        /// HTTP status.
        status: u16,
        /// Nango's `error.code`, shortened to harmless characters.
        code: String,
        /// Prose, when there is any. At most 500 characters.
        message: Option<String>,
        /// The fields a validation complained about; empty when the answer had none.
        errors: Vec<FieldError>,
        /// Nango's `error.payload`.
        payload: Option<Payload>,
    },
    /// The thing asked for does not exist. Unifies the several answers Nango gives for it.
    #[error("{what} does not exist")]
    NotFound {
        /// What does not exist.
        what: Resource,
    },
    /// `/oauth/connect` answered with a page instead of a redirect to the provider.
    #[error("the server could not begin the authorization")]
    AuthorizationRefused {
        /// Prose from the page, at most 500 characters. Developer language.
        message: Option<String>,
    },
    /// The credentials of a form were tried and did not work. A wrong key, a missing parameter and a
    /// host that does not resolve all look like this.
    #[error("the credentials could not be verified ({code})")]
    VerificationFailed {
        /// Nango's code, such as `connection_test_failed`.
        code: String,
        /// What the provider said if it is known, otherwise Nango's prose. At most 500 characters.
        message: Option<String>,
    },
    /// A redirect where none is due. It was not followed.
    #[error("unexpected redirect ({status})")]
    Redirected {
        /// HTTP status.
        status: u16,
        /// Scheme, host and port it points to, when that could be read.
        to: Option<String>,
    },
    /// An answer that is not what Nango sends: a page, truncated JSON or another shape.
    #[error("unexpected answer ({status}): {why}")]
    UnexpectedBody {
        /// HTTP status.
        status: u16,
        /// The content type the server claimed.
        content_type: Option<String>,
        /// In what way it was unexpected.
        why: &'static str,
    },
    /// The answer is longer than allowed; the rest was not read.
    #[error("the answer is longer than {limit} bytes")]
    BodyTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
}

/// Kinds of failure below HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportKind {
    /// No connection could be made: nothing listens there, or no route.
    Unreachable,
    /// A time limit passed.
    Timeout,
    /// The TLS handshake failed, for instance because the certificate is not trusted.
    Tls,
    /// The connection ended before the answer did.
    Reset,
    /// The host name does not resolve.
    Dns,
    /// Anything else, for instance an answer that is not HTTP.
    Other,
}

impl fmt::Display for TransportKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Unreachable => "cannot connect",
            Self::Timeout => "time limit passed",
            Self::Tls => "the secure connection failed",
            Self::Reset => "the connection was cut",
            Self::Dns => "the host name does not resolve",
            Self::Other => "not understood",
        })
    }
}

/// The kinds of things that may not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Resource {
    /// A connection, or a connection under the integration that was named.
    Connection,
    /// An integration.
    Integration,
    /// A provider template.
    Provider,
}

impl fmt::Display for Resource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Connection => "the connection",
            Self::Integration => "the integration",
            Self::Provider => "the provider",
        })
    }
}

/// One complaint of a validation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Such as `invalid_type` or `unrecognized_keys`.
    pub code: String,
    /// Prose, at most 500 characters.
    pub message: String,
    /// Where; array indices are strings too.
    pub path: Vec<String>,
}

/// Nango's `error.payload`: an object, or a text that itself holds JSON. It may repeat what a
/// provider said, so `Debug` does not show it.
#[derive(Clone, PartialEq)]
pub struct Payload(pub Value);

impl fmt::Debug for Payload {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Payload(..)")
    }
}

impl Error {
    /// Whether the same call may succeed later without anybody changing anything.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Transport { kind, .. } => !matches!(kind, TransportKind::Tls | TransportKind::Other),
            Self::RateLimited { .. } => true,
            Self::Rejected { status, .. } | Self::UnexpectedBody { status, .. } => {
                matches!(status, 502..=504)
            }
            _ => false,
        }
    }

    pub(crate) fn argument(why: &'static str) -> Self {
        Self::InvalidArgument { why }
    }

    pub(crate) fn timeout() -> Self {
        Self::Transport { kind: TransportKind::Timeout, source: None }
    }
}
