//! Small responses: JSON, pages, redirects. Owns nothing about what is answered when.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue, LOCATION};
use axum::http::{Response, StatusCode};
use serde::Serialize;

/// Any response of the sandbox.
pub(crate) type Answer = Response<Body>;

/// A JSON answer, with the content type that Express writes.
pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Answer {
    // Serialising what this crate composes cannot fail: no map has keys other than text.
    let body = serde_json::to_vec(value).unwrap_or_default();
    typed(status, "application/json; charset=utf-8", body)
}

/// An HTML page.
pub(crate) fn html(status: StatusCode, page: String) -> Answer {
    typed(status, "text/html; charset=utf-8", page)
}

/// Plain text.
pub(crate) fn text(status: StatusCode, text: impl Into<String>) -> Answer {
    typed(status, "text/plain; charset=utf-8", text.into())
}

/// No body at all.
pub(crate) fn empty(status: StatusCode) -> Answer {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = status;
    answer
}

/// A 302 with the text Express puts beside it.
pub(crate) fn found(location: &str) -> Answer {
    let mut answer = text(StatusCode::FOUND, format!("Found. Redirecting to {location}"));
    set(&mut answer, LOCATION, location);
    answer
}

/// A body of the given content type.
pub(crate) fn typed(status: StatusCode, content_type: &'static str, body: impl Into<Body>) -> Answer {
    let mut answer = Response::new(body.into());
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    answer
}

/// Sets a header; a value that HTTP does not allow is left out.
pub(crate) fn set(answer: &mut Answer, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        answer.headers_mut().insert(name, value);
    }
}

/// Text as it may stand in HTML, inside an element or a quoted attribute.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
