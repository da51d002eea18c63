//! The provider side: the OAuth provider of every service and, behind it, the sample API.
//! Owns the routes; `consent` is the page, `token` the endpoints for programs, `grants` the memory.

pub(crate) mod consent;
pub(crate) mod grants;
mod token;

pub(crate) use token::basic;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use bytes::Bytes;

use crate::answer::{self, Answer};
use crate::app::App;
use crate::fault;
use crate::provider::grants::Grants;
use crate::sample_api;
use crate::server::Wire;

/// The largest request body the provider side reads.
const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// The provider's memory.
#[derive(Debug, Default)]
pub(crate) struct ProviderSide {
    grants: Mutex<Grants>,
}

impl ProviderSide {
    /// The grants, locked. Never held across a wait.
    pub(crate) fn grants(&self) -> MutexGuard<'_, Grants> {
        self.grants.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request as the provider side reads it.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Visit {
    /// The first value of a query member.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        first(&self.query, name)
    }

    /// The body as a form, whatever its content type: robots are not always exact.
    pub(crate) fn form(&self) -> Vec<(String, String)> {
        url::form_urlencoded::parse(&self.body).into_owned().collect()
    }

    /// A header as text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// The first value of a name in a list of pairs.
pub(crate) fn first<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// Answers one request of the provider side.
pub(crate) async fn serve(app: Arc<App>, request: Request<Body>, wire: Wire) -> Answer {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let verdict = app.provider_faults.strike(&parts.method, &path, &wire).await;
    if let Some(answer) = verdict.instead {
        return answer;
    }
    let cut = verdict.cut;
    let Ok(body) = axum::body::to_bytes(body, BODY_LIMIT).await else {
        return answer::text(StatusCode::PAYLOAD_TOO_LARGE, "too large");
    };
    let query =
        url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    let visit = Visit { method: parts.method, path, query, headers: parts.headers, body };
    let answer = match (visit.method.as_str(), visit.path.as_str()) {
        ("GET", "/authorize") => consent::page(&app, &visit),
        ("POST", "/authorize") => consent::decide(&app, &visit),
        ("POST", "/token") => token::token(&app, &visit),
        ("POST", "/two-step/token") => token::two_step(&app, &visit),
        ("POST", "/revoke") => token::revoke(&app, &visit),
        ("GET", "/userinfo") => token::userinfo(&app, &visit),
        _ => sample_api::serve(&app, &visit, &wire).await,
    };
    fault::shorten(cut, answer).await
}
