//! Errors in the shapes Nango gives them. There is no single shape; each constructor is one that was recorded.

use axum::http::StatusCode;
use axum::http::header::WWW_AUTHENTICATE;
use serde_json::{Value, json};

use crate::answer::{self, Answer};
use crate::nango::{Untagged, page};
use crate::random;

/// An answer that says no.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// A JSON body, mostly `{"error": {..}}`.
    Json(StatusCode, Value),
    /// An HTML page.
    Page(StatusCode, String),
    /// The limiter's answer; seconds until the window ends.
    TooMany {
        /// The body.
        body: Value,
        /// `Retry-After`, rounded down and so possibly 0.
        retry_after: i64,
    },
    /// Express' own page for a route that does not exist.
    NoRoute {
        /// The method.
        method: String,
        /// The path as sent.
        path: String,
    },
    /// The dashboard's plain `Unauthorized`.
    DashboardLogin,
}

impl Refusal {
    /// `{"error": {"code"}}` and nothing else.
    pub(crate) fn code(status: StatusCode, code: &str) -> Self {
        Self::Json(status, json!({ "error": { "code": code } }))
    }

    /// `{"error": {"code", "message"}}`.
    pub(crate) fn message(status: StatusCode, code: &str, message: &str) -> Self {
        Self::Json(status, json!({ "error": { "code": code, "message": message } }))
    }

    /// `{"error": {"code", "message", "payload"}}`: errors that come from deeper inside.
    pub(crate) fn payload(status: StatusCode, code: &str, message: &str, payload: Value) -> Self {
        Self::Json(status, json!({ "error": { "message": message, "code": code, "payload": payload } }))
    }

    /// A 400 `invalid_body` with one message.
    pub(crate) fn body(message: &str) -> Self {
        Self::message(StatusCode::BAD_REQUEST, "invalid_body", message)
    }

    /// A 404 `not_found`.
    pub(crate) fn not_found(message: &str) -> Self {
        Self::message(StatusCode::NOT_FOUND, "not_found", message)
    }

    /// A 401 of the authentication middleware.
    pub(crate) fn unauthorized(code: &str, message: &str) -> Self {
        Self::payload(StatusCode::UNAUTHORIZED, code, &format!("Authentication failed. {message}"), json!({}))
    }

    /// Credentials that a verification refused. Also what a missing parameter and an unknown host look like.
    pub(crate) fn connection_test_failed() -> Self {
        Self::message(
            StatusCode::BAD_REQUEST,
            "connection_test_failed",
            "The given credentials were found to be invalid. Please check the credentials and try again.",
        )
    }

    /// The catch-all 500.
    pub(crate) fn unexpected() -> Self {
        let id = random::uuid();
        let message = format!("An error occurred. Please contact support with this unique id: \"{id}\"");
        Self::payload(StatusCode::INTERNAL_SERVER_ERROR, "generic_error_support", &message, json!(id))
    }

    /// As a response.
    pub(crate) fn into_answer(self) -> Answer {
        match self {
            Self::Json(status, body) => answer::json(status, &body),
            Self::Page(status, page) => answer::html(status, page),
            Self::TooMany { body, retry_after } => {
                let mut answer = answer::json(StatusCode::TOO_MANY_REQUESTS, &body);
                answer::set(&mut answer, axum::http::header::RETRY_AFTER, &retry_after.to_string());
                answer
            }
            Self::NoRoute { method, path } => {
                let page = page::express_error(&format!("Cannot {method} {path}"));
                let mut answer = answer::html(StatusCode::NOT_FOUND, page);
                answer.extensions_mut().insert(Untagged);
                answer
            }
            Self::DashboardLogin => {
                let mut answer = answer::empty(StatusCode::UNAUTHORIZED);
                *answer.body_mut() = axum::body::Body::from("Unauthorized");
                answer::set(&mut answer, WWW_AUTHENTICATE, "Basic realm=\"Users\"");
                answer.extensions_mut().insert(Untagged);
                answer
            }
        }
    }
}
