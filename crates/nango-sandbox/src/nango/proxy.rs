//! `ANY /proxy/<path>`: a call to the provider with a connection's credentials.
//!
//! Nothing leaves the machine: loopback addresses are called as they are, every other host is answered by the
//! sample API of the connection's provider, whatever base URL was asked for.

use std::error::Error as _;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Response, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use url::Url;

use crate::answer::Answer;
use crate::app::{App, is_loopback};
use crate::catalogue::Provider;
use crate::connection::{Connection, Credentials};
use crate::nango::authentication::secret_key;
use crate::nango::call::Call;
use crate::nango::refresh::{self, Stale, Urgency};
use crate::nango::refusal::Refusal;
use crate::nango::template;
use crate::nango::validate::Issues;
use crate::nango::{Outcome, Untagged};

/// The pause between attempts when nothing better is known.
const PAUSE: Duration = Duration::from_secs(3);
/// The longest pause a provider's `Retry-After` is believed.
const LONGEST_PAUSE: u64 = 60;
/// The prefix of headers meant for the provider.
const FORWARDED: &str = "nango-proxy-";
/// What comes back of the provider's headers when it succeeds.
const KEPT: [&str; 4] = ["content-type", "x-request-id", "x-correlation-id", "mcp-session-id"];
/// Headers about one connection, which are never passed on.
const HOP: [&str; 5] = ["connection", "keep-alive", "transfer-encoding", "content-length", "upgrade"];

/// What a call's headers ask for.
struct Wanted {
    connection_id: String,
    integration: String,
    base_url: Option<Url>,
    retries: u32,
    retry_on: Vec<u16>,
}

/// Makes the call.
pub(crate) async fn proxy(app: &App, call: &mut Call) -> Outcome {
    let caller = secret_key(app, call, &["environment:proxy"])?;
    let wanted = read(call)?;
    call.proxied = Some((wanted.connection_id.clone(), wanted.integration.clone()));
    let (provider, number) = {
        let state = app.state();
        let environment = state.environment(caller.environment).ok_or_else(Refusal::unexpected)?;
        let integration = environment.integrations.get(&wanted.integration).ok_or_else(|| {
            Refusal::message(StatusCode::NOT_FOUND, "unknown_provider_config", "Provider config not found for the given provider config key. Please make sure the provider config exists in the Nango dashboard.")
        })?;
        let connection =
            environment.connection(&wanted.integration, &wanted.connection_id).ok_or_else(|| {
                Refusal::message(StatusCode::BAD_REQUEST, "server_error", "Failed to get connection")
            })?;
        (app.catalogue.get(&integration.provider).ok_or_else(Refusal::unexpected)?, connection.id)
    };
    let fetched = refresh::fresh(app, caller.environment, number, Urgency::IfNeeded).await;
    let (connection, outcome) = fetched.ok_or_else(Refusal::unexpected)?;
    outcome.map_err(stale)?;
    let url = target(app, call, &wanted, provider, &connection)?;
    let (headers, body) = outgoing(call, provider, &connection);
    let mut attempt = 0;
    loop {
        let sent = app
            .http
            .request(call.method.clone(), url.clone())
            .headers(headers.clone())
            .body(body.clone())
            .send()
            .await;
        let pause = match &sent {
            Ok(response) if is_retried(response.status(), &wanted) => retry_after(response.headers()),
            Ok(_) => None,
            Err(_) => Some(PAUSE),
        };
        match pause {
            Some(pause) if attempt < wanted.retries => {
                attempt += 1;
                app.wait(pause).await;
            }
            _ => {
                return sent
                    .map_or_else(|error| Err(unreachable(call, &error)), |response| Ok(pass_on(response)));
            }
        }
    }
}

fn stale(stale: Stale) -> Refusal {
    match stale {
        Stale::Pause => {
            Refusal::message(StatusCode::FAILED_DEPENDENCY, "connection_refresh_backoff", stale.message())
        }
        Stale::Failed | Stale::Exhausted => {
            let status =
                if stale == Stale::Failed { StatusCode::BAD_REQUEST } else { StatusCode::FAILED_DEPENDENCY };
            let message = format!("Failed to get connection credentials: '{}'", stale.message());
            Refusal::message(status, "server_error", &message)
        }
    }
}

fn read(call: &Call) -> Result<Wanted, Refusal> {
    let mut issues = Issues::default();
    let required = |name: &'static str, issues: &mut Issues| {
        let value = call.header(name);
        if value.is_none() {
            issues.wrong_type("string", None, &[name]);
        }
        value.unwrap_or_default().to_owned()
    };
    let integration = required("provider-config-key", &mut issues);
    let connection_id = required("connection-id", &mut issues);
    let retries = call.header("retries").map_or(Ok(0), str::parse::<u32>);
    if retries.is_err() {
        issues.add("invalid_type", "Invalid input: expected number, received NaN", &["retries"]);
    }
    let base_url = call.header("base-url-override").filter(|text| !text.is_empty()).map(Url::parse);
    if base_url
        .as_ref()
        .is_some_and(|url| !url.as_ref().is_ok_and(|url| matches!(url.scheme(), "http" | "https")))
    {
        issues.add("invalid_union", "Invalid input", &["base-url-override"]);
    }
    if call.header("decompress").is_some_and(|value| !matches!(value, "true" | "false")) {
        issues.add("invalid_value", "Invalid option: expected one of \"true\"|\"false\"", &["decompress"]);
    }
    let retry_on = call.header("retry-on").unwrap_or_default();
    let statuses: Vec<u16> = retry_on.split(',').filter_map(|status| status.parse().ok()).collect();
    if !retry_on.is_empty() && statuses.len() != retry_on.split(',').count() {
        issues.pattern("^\\d+(,\\d+)*$", &["retry-on"]);
    }
    issues.refuse("invalid_headers")?;
    Ok(Wanted {
        connection_id,
        integration,
        base_url: base_url.and_then(Result::ok),
        retries: retries.unwrap_or_default(),
        retry_on: statuses,
    })
}

/// Where the call goes.
fn target(
    app: &App,
    call: &Call,
    wanted: &Wanted,
    provider: &Provider,
    connection: &Connection,
) -> Result<Url, Refusal> {
    let path = call.path.strip_prefix("/proxy").unwrap_or_default().trim_start_matches('/');
    let own_base = || {
        template::url(provider.text("/proxy/base_url").unwrap_or_default(), &connection.connection_config)
            .ok()
    };
    let base = match &wanted.base_url {
        Some(base) => {
            if base.host_str().is_some_and(|host| host.ends_with(".invalid")) {
                return Err(forbidden("This outbound URL is not allowed by server configuration."));
            }
            Some(base.clone())
        }
        None if provider.is_local() => own_base(),
        None => None,
    };
    if app.block_loopback.load(Ordering::Relaxed) && base.as_ref().is_none_or(is_loopback) {
        return Err(forbidden("This base URL override is not allowed by server configuration."));
    }
    let base = match base {
        Some(url) if is_loopback(&url) && (provider.is_local() || !app.is_provider(&url)) => {
            url.as_str().trim_end_matches('/').to_owned()
        }
        _ if provider.is_local() => app.provider_url.clone(),
        _ => format!("{}/api/{}", app.provider_url, provider.name),
    };
    let query = call.raw_query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
    Url::parse(&format!("{base}/{path}{query}")).map_err(|_| Refusal::unexpected())
}

fn forbidden(message: &str) -> Refusal {
    Refusal::message(StatusCode::BAD_REQUEST, "base_url_override_not_allowed", message)
}

/// The headers and body the provider gets.
fn outgoing(call: &Call, provider: &Provider, connection: &Connection) -> (HeaderMap, bytes::Bytes) {
    let mut headers = HeaderMap::new();
    let mut set = |name: &str, value: &str| {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            headers.insert(name, value);
        }
    };
    set("accept", "application/json, text/plain, */*");
    set("user-agent", "axios/1.18.0");
    set("accept-encoding", "gzip, compress, deflate, br");
    set("connection", "keep-alive");
    let forced = call.header("nango-proxy-content-type");
    let (body, content_type) = outgoing_body(call, forced);
    if let Some(content_type) = content_type {
        set("content-type", content_type);
    }
    for (name, value) in authorize(provider, &connection.credentials) {
        set(&name, &value);
    }
    for (name, value) in &call.headers {
        if let (Some(name), Ok(value)) = (name.as_str().strip_prefix(FORWARDED), value.to_str()) {
            set(name, value);
        }
    }
    (headers, body)
}

/// JSON stays JSON. Unless a content type is forced, a form becomes JSON and everything else is labelled a form.
fn outgoing_body(call: &Call, forced: Option<&str>) -> (bytes::Bytes, Option<&'static str>) {
    if call.body.is_empty() {
        return (call.body.clone(), None);
    }
    let given = call.header("content-type").unwrap_or_default().to_ascii_lowercase();
    if forced.is_some() {
        return (call.body.clone(), None);
    }
    if given.contains("json") {
        return (call.body.clone(), Some("application/json"));
    }
    if given.starts_with("application/x-www-form-urlencoded") {
        let pairs = url::form_urlencoded::parse(&call.body).into_owned();
        let members: Map<String, Value> = pairs.map(|(name, value)| (name, json!(value))).collect();
        return (Value::Object(members).to_string().into(), Some("application/json"));
    }
    if given.starts_with("multipart/") {
        return (call.body.clone(), None);
    }
    (call.body.clone(), Some("application/x-www-form-urlencoded"))
}

/// The headers that authenticate a call.
pub(crate) fn authorize(provider: &Provider, credentials: &Credentials) -> Vec<(String, String)> {
    let bearer = |token: &str| vec![("authorization".to_owned(), format!("Bearer {token}"))];
    match credentials {
        Credentials::OAuth2 { access_token, .. } => bearer(access_token),
        Credentials::Fetched { token, .. } | Credentials::Entered { token: Some(token), .. } => bearer(token),
        Credentials::Entered { kind, fields, token: None } => {
            let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
            match kind.as_str() {
                "API_KEY" => {
                    let templates = provider.object("/proxy/headers");
                    let filled = |(name, value): (&String, &Value)| {
                        Some((name.clone(), template::header(value.as_str()?, fields)?))
                    };
                    let own: Vec<_> = templates.iter().filter_map(filled).collect();
                    if own.is_empty() { bearer(text("apiKey")) } else { own }
                }
                "BASIC" => {
                    let pair = STANDARD.encode(format!("{}:{}", text("username"), text("password")));
                    vec![("authorization".to_owned(), format!("Basic {pair}"))]
                }
                _ => Vec::new(),
            }
        }
        Credentials::Nothing => Vec::new(),
    }
}

fn is_retried(status: StatusCode, wanted: &Wanted) -> bool {
    let usual = status == StatusCode::TOO_MANY_REQUESTS
        || status == StatusCode::UNAUTHORIZED
        || status.is_server_error();
    usual || wanted.retry_on.contains(&status.as_u16())
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers
        .get(header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse().ok());
    Some(seconds.map_or(PAUSE, |seconds: u64| Duration::from_secs(seconds.min(LONGEST_PAUSE)).max(PAUSE)))
}

/// The provider's answer as Nango passes it on.
fn pass_on(response: reqwest::Response) -> Answer {
    let status = response.status();
    let upstream = response.headers().clone();
    let is_attachment = upstream.contains_key(header::CONTENT_DISPOSITION);
    let is_chunked = !upstream.contains_key(header::CONTENT_LENGTH) && status != StatusCode::NO_CONTENT;
    let streamed = status.is_success() && (is_attachment || is_chunked);
    let length = upstream.get(header::CONTENT_LENGTH).cloned();
    let mut answer = Response::new(Body::from_stream(response.bytes_stream()));
    if status.is_success() && !streamed {
        // A 201 becomes a 200; only a 204 stays what it was.
        *answer.status_mut() = if status == StatusCode::NO_CONTENT { status } else { StatusCode::OK };
        for name in KEPT {
            if let Some(value) = upstream.get(name) {
                answer.headers_mut().insert(HeaderName::from_static(name), value.clone());
            }
        }
        if status == StatusCode::NO_CONTENT {
            *answer.body_mut() = Body::empty();
        }
        return answer;
    }
    *answer.status_mut() = status;
    for (name, value) in upstream.iter().filter(|(name, _)| !HOP.contains(&name.as_str())) {
        answer.headers_mut().append(name, value.clone());
    }
    if streamed {
        if let Some(length) = length {
            answer.headers_mut().insert(header::CONTENT_LENGTH, length);
        }
        answer.extensions_mut().insert(Untagged);
    }
    answer
}

/// A provider that cannot be reached: not the usual shape of an error.
fn unreachable(call: &Call, error: &reqwest::Error) -> Refusal {
    let refused = is_refused(error);
    let place = error.url().map(|url| {
        format!(
            "{}:{}",
            url.host_str().unwrap_or_default().replace("localhost", "127.0.0.1"),
            url.port_or_known_default().unwrap_or(80)
        )
    });
    let (code, message) = if refused {
        ("ECONNREFUSED", format!("connect ECONNREFUSED {}", place.unwrap_or_default()))
    } else {
        ("ECONNRESET", "socket hang up".to_owned())
    };
    let body = json!({ "message": message, "code": code, "method": call.method.as_str().to_lowercase() });
    Refusal::Json(StatusCode::INTERNAL_SERVER_ERROR, body)
}

fn is_refused(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(io) = inner.downcast_ref::<std::io::Error>()
            && io.kind() == std::io::ErrorKind::ConnectionRefused
        {
            return true;
        }
        cause = inner.source();
    }
    false
}
