//! Reads Nango's error answers. Owns their shapes; what an error means for one operation is decided
//! in the file of that operation.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::body::{Answer, code, short};
use crate::error::{Error, FieldError, Payload, Resource};

/// At most this many field errors are kept.
const FIELD_ERRORS: usize = 50;

/// Turns any answer that is not a success into an error.
pub(crate) fn error_of(answer: &Answer) -> Error {
    match answer.status {
        300..400 => redirected(answer),
        429 => Error::RateLimited { retry_after: retry_after(answer) },
        _ => match parse(&answer.body) {
            Some(rejection) => rejection.into_error(answer.status),
            None => answer.unexpected("an error that is not Nango's JSON"),
        },
    }
}

pub(crate) fn redirected(answer: &Answer) -> Error {
    let to = answer
        .header("location")
        .and_then(|location| url::Url::parse(location).ok())
        .map(|url| short(&url.origin().ascii_serialization()));
    Error::Redirected { status: answer.status, to }
}

/// `Retry-After` in whole seconds, the only form Nango uses. It is rounded down and may be 0.
pub(crate) fn retry_after(answer: &Answer) -> Option<Duration> {
    answer.header("retry-after")?.trim().parse().ok().map(Duration::from_secs)
}

/// Nango's `{"error": {...}}`, with the members that come and go.
pub(crate) struct Rejection {
    pub(crate) code: String,
    pub(crate) message: Option<String>,
    pub(crate) errors: Vec<FieldError>,
    pub(crate) payload: Option<Value>,
}

/// Reads the error shape, or `None` if the body has another one. Members of a wrong type count as
/// absent: only `code` is needed.
pub(crate) fn parse(body: &[u8]) -> Option<Rejection> {
    #[derive(Deserialize)]
    struct Wrapper {
        error: serde_json::Map<String, Value>,
    }
    let Wrapper { mut error } = serde_json::from_slice(body).ok()?;
    let errors = match error.get("errors") {
        Some(Value::Array(entries)) => entries.iter().take(FIELD_ERRORS).filter_map(field_error).collect(),
        _ => Vec::new(),
    };
    Some(Rejection {
        code: code(error.get("code")?.as_str()?),
        message: error.get("message").and_then(Value::as_str).map(short),
        errors,
        payload: error.remove("payload"),
    })
}

fn field_error(entry: &Value) -> Option<FieldError> {
    let text = |member: &str| entry.get(member).and_then(Value::as_str);
    let segment = |value: &Value| match value {
        Value::String(text) => short(text),
        other => short(&other.to_string()),
    };
    let path = entry.get("path").and_then(Value::as_array);
    Some(FieldError {
        code: code(text("code")?),
        message: short(text("message").unwrap_or_default()),
        path: path.map(|path| path.iter().take(20).map(segment).collect()).unwrap_or_default(),
    })
}

impl Rejection {
    fn into_error(self, status: u16) -> Error {
        let Self { code, message, errors, payload } = self;
        match (status, code.as_str()) {
            (401, _) => return Error::Unauthorized { code },
            (403, "forbidden") => {
                let required = scopes_in(message.as_deref().unwrap_or_default());
                if !required.is_empty() {
                    return Error::MissingScope { required };
                }
            }
            _ => {}
        }
        Error::Rejected { status, code, message, errors, payload: payload.map(Payload) }
    }
}

/// The scope names in the prose of a 403: `Insufficient scope. Required one of: a or b`, or
/// `Credential and refresh options require the a scope`.
pub(crate) fn scopes_in(message: &str) -> Vec<String> {
    message
        .split(|c: char| c.is_whitespace() || c == ',')
        .map(|word| word.trim_end_matches('.'))
        .filter(|word| word.starts_with("environment:") || word.starts_with("account:"))
        .map(code)
        .take(20)
        .collect()
}

/// Unifies the answers for "no such thing" of the single-resource endpoints.
///
/// Observed for connections: 404 `not_found`, 404 `unknown_connection`, 400 `unknown_connection`, and
/// 400 `invalid_connection` in a reconnect; for integrations 404 `not_found`, 404 and 400
/// `unknown_provider_config`. `resource` says what the path named.
pub(crate) fn not_found(error: Error, resource: Resource) -> Error {
    let Error::Rejected { status, code, .. } = &error else {
        return error;
    };
    match (status, code.as_str()) {
        (404, "not_found") => Error::NotFound { what: resource },
        (400 | 404, "unknown_connection" | "invalid_connection") => {
            Error::NotFound { what: Resource::Connection }
        }
        (400 | 404, "unknown_provider_config") => Error::NotFound { what: Resource::Integration },
        _ => error,
    }
}
