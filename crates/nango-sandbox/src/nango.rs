//! The Nango side: reads a request, lets faults strike, finds the route, finishes the answer.

mod attach;
mod authentication;
mod call;
mod connection_import;
mod connection_list;
mod connection_one;
mod control;
mod dashboard;
mod environments;
mod integrations;
mod key_modes;
mod oauth_callback;
mod oauth_start;
mod page;
mod providers;
mod proxy;
pub(crate) mod rate_limit;
mod refresh;
mod refusal;
mod sessions;
pub(crate) mod template;
mod validate;

use std::hash::{DefaultHasher, Hasher};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{Method, Request, Response, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::json;
use tokio::time::Instant;

use crate::answer::{self, Answer};
use crate::app::App;
use crate::fault;
use crate::nango::call::Call;
use crate::nango::refusal::Refusal;
use crate::record::{RequestRecord, redact};
use crate::server::Wire;

/// The version that is imitated.
pub(crate) const VERSION: &str = "0.71.4";

/// What a handler returns.
pub(crate) type Outcome = Result<Answer, Refusal>;

/// Marks an answer that gets no ETag: one that is passed on as it comes, or that Express did not write.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Untagged;

/// Answers one request of the Nango side.
pub(crate) async fn serve(app: Arc<App>, request: Request<Body>, wire: Wire) -> Answer {
    let (started, begun) = (app.clock.now(), Instant::now());
    let (mut parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    if path.starts_with("/_sandbox/") {
        return control::serve(&app, parts, body).await;
    }
    let verdict = app.nango_faults.strike(&parts.method, &path, &wire).await;
    let (cut, no_message) = (verdict.cut, verdict.no_message);
    if verdict.drop_websockets {
        app.sockets.drop_all();
    }
    if let Some(answer) = verdict.instead {
        let status = if wire.is_cut() { 0 } else { answer.status().as_u16() };
        record(&app, &Call::without_body(&parts), status, started, begun.elapsed());
        return answer;
    }
    // Other upgrades (to HTTP/2) are offers that may be ignored.
    if parts.headers.get(header::UPGRADE).is_some_and(|to| to.as_bytes().eq_ignore_ascii_case(b"websocket")) {
        let answer = websocket(&app, &mut parts, &path, &wire).await;
        record(&app, &Call::without_body(&parts), answer.status().as_u16(), started, begun.elapsed());
        return answer;
    }
    let mut call = match Call::read(parts, body).await {
        Ok(call) => call,
        Err(refusal) => return refusal.into_answer(),
    };
    call.no_message = no_message;
    let answer = route(&app, &mut call).await.unwrap_or_else(Refusal::into_answer);
    let answer = fault::shorten(cut, finish(&call, answer).await).await;
    record(&app, &call, answer.status().as_u16(), started, begun.elapsed());
    answer
}

async fn websocket(
    app: &Arc<App>,
    parts: &mut axum::http::request::Parts,
    path: &str,
    wire: &Wire,
) -> Answer {
    if path != "/" {
        return answer::empty(StatusCode::BAD_REQUEST);
    }
    match WebSocketUpgrade::from_request_parts(parts, &()).await {
        Ok(upgrade) => {
            let (app, stopped) = (app.clone(), wire.stopped.clone());
            upgrade.on_upgrade(move |socket| async move { app.sockets.serve(socket, stopped).await })
        }
        Err(_) => answer::empty(StatusCode::BAD_REQUEST),
    }
}

fn record(app: &App, call: &Call, status: u16, started: i64, duration: Duration) {
    let (connection_id, provider_config_key) = call.proxied.clone().unzip();
    app.log.add(RequestRecord {
        method: call.method.to_string(),
        path: call.path.clone(),
        query: redact(&call.query),
        connection_id,
        provider_config_key,
        status,
        started,
        duration,
        caller: call.caller.clone(),
    });
}

async fn route(app: &Arc<App>, call: &mut Call) -> Outcome {
    let segments = call.segments.clone();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    if call.method == Method::OPTIONS {
        return Ok(preflight());
    }
    if segments.first() == Some(&"proxy") {
        return proxy::proxy(app, call).await;
    }
    // The body is parsed before anybody is asked who they are.
    call.parse_json()?;
    let method = if call.method == Method::HEAD { "GET" } else { call.method.as_str() }.to_owned();
    match (method.as_str(), segments.as_slice()) {
        ("GET", ["health"]) => Ok(answer::json(StatusCode::OK, &json!({ "result": "ok" }))),
        ("GET", ["providers"]) => providers::list(app, call),
        ("GET", ["providers", name]) => providers::one(app, call, name),
        ("GET", ["integrations"]) => integrations::list(app, call),
        ("POST", ["integrations"]) => integrations::create(app, call),
        ("GET", ["integrations", key]) => integrations::one(app, call, key),
        ("PATCH", ["integrations", key]) => integrations::update(app, call, key),
        ("DELETE", ["integrations", key]) => integrations::delete(app, call, key),
        ("POST", ["connect", "sessions"]) => sessions::create(app, call),
        ("POST", ["connect", "sessions", "reconnect"]) => sessions::reconnect(app, call),
        ("GET", ["connect", "session"]) => sessions::show(app, call),
        ("DELETE", ["connect", "session"]) => sessions::delete(app, call),
        ("GET", ["oauth", "connect", key]) => oauth_start::start(app, call, key),
        ("GET", ["oauth", "callback"]) => oauth_callback::callback(app, call).await,
        ("POST", ["api-auth", kind @ ("api-key" | "basic"), key]) => {
            key_modes::connect(app, call, kind, key).await
        }
        ("POST", ["oauth2", "auth", key]) => key_modes::connect(app, call, "oauth2", key).await,
        ("POST", ["auth", kind, key]) if key_modes::exists(kind) => {
            key_modes::connect(app, call, kind, key).await
        }
        ("GET", ["connections"]) => connection_list::list(app, call),
        ("POST", ["connections"]) => connection_import::import(app, call).await,
        ("POST", ["connections", "metadata"]) => connection_one::metadata(app, call, true),
        ("PATCH", ["connections", "metadata"]) => connection_one::metadata(app, call, false),
        ("GET", ["connections", id]) => connection_one::read(app, call, id).await,
        ("PATCH", ["connections", id]) => connection_one::update(app, call, id),
        ("DELETE", ["connections", id]) => connection_one::delete(app, call, id),
        ("POST", ["environments"]) => environments::create(app, call),
        ("POST", ["environment", "api-keys"]) => environments::create_key(app, call),
        ("DELETE", ["environment", "api-keys"]) => environments::delete_key(app, call),
        (method, ["api", "v1", rest @ ..]) => dashboard::serve(app, call, method, rest),
        // A real server falls through to its dashboard page, which was absent from the one observed.
        ("GET", _) => Err(Refusal::unexpected()),
        _ => Err(Refusal::NoRoute { method: call.method.to_string(), path: call.path.clone() }),
    }
}

/// A preflight as a web view sends it. The list of allowed headers lacks several that proxy calls need, so a
/// web view cannot make them.
fn preflight() -> Answer {
    let mut answer = answer::empty(StatusCode::NO_CONTENT);
    let methods = "GET,HEAD,PUT,PATCH,POST,DELETE";
    answer::set(&mut answer, header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    let headers = "Content-Type,Authorization,Connection-Id,Provider-Config-Key,Nango-Activity-Log-Id,Nango-Is-Dry-Run,Nango-Is-Sync,sentry-trace,baggage";
    answer::set(&mut answer, header::ACCESS_CONTROL_ALLOW_HEADERS, headers);
    answer::set(&mut answer, header::CONTENT_LENGTH, "0");
    common_headers(&mut answer);
    answer
}

fn common_headers(answer: &mut Answer) {
    let headers = answer.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    let transport = HeaderValue::from_static("max-age=15552000; includeSubDomains");
    headers.insert(header::STRICT_TRANSPORT_SECURITY, transport);
}

/// Adds what every answer has: limiter headers, ETag and 304, the general headers.
async fn finish(call: &Call, mut answer: Answer) -> Answer {
    common_headers(&mut answer);
    if let Some(rate) = &call.rate {
        for (name, value) in rate.headers() {
            // An error of the provider passed on by the proxy keeps the provider's own figures.
            answer.headers_mut().entry(HeaderName::from_static(name)).or_insert(HeaderValue::from(value));
        }
    }
    let is_redirect = answer.headers().contains_key(header::LOCATION);
    if is_redirect
        || answer.status() == StatusCode::NO_CONTENT
        || answer.extensions().get::<Untagged>().is_some()
    {
        return answer;
    }
    let (mut parts, body) = answer.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, usize::MAX).await else {
        return answer::empty(StatusCode::BAD_GATEWAY);
    };
    let tag = weak_tag(&bytes);
    let known = call.header("if-none-match").is_some_and(|known| known == tag || known == "*");
    if let Ok(value) = HeaderValue::from_str(&tag) {
        parts.headers.entry(header::ETAG).or_insert(value);
    }
    let reads = matches!(call.method, Method::GET | Method::HEAD);
    if known && reads && parts.status == StatusCode::OK {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(header::CONTENT_TYPE);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(bytes))
}

/// A weak ETag of the form Express makes: the length and a digest.
fn weak_tag(bytes: &[u8]) -> String {
    let mut digest = Vec::with_capacity(16);
    for seed in [0, 1] {
        let mut hasher = DefaultHasher::new();
        hasher.write_u8(seed);
        hasher.write(bytes);
        digest.extend_from_slice(&hasher.finish().to_be_bytes());
    }
    format!("W/\"{:x}-{}\"", bytes.len(), STANDARD_NO_PAD.encode(digest))
}
