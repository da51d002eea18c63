//! Token calls to the provider, and keeping a connection's token fresh.

use std::sync::Arc;

use axum::http::StatusCode;
use serde_json::{Map, Value, json};
use url::Url;

use crate::app::App;
use crate::catalogue::Provider;
use crate::clock::Millis;
use crate::connection::{Connection, Credentials, Health};
use crate::nango::template;
use crate::random;

/// A token that expires within this time is refreshed when it is read or used.
const MARGIN: Millis = 15 * 60 * 1000;
/// After a failure nothing is tried for this long.
const PAUSE: Millis = 30 * 1000;
/// Failures on this many different days end the automatic attempts.
const DAYS: usize = 4;
const DAY: Millis = 24 * 60 * 60 * 1000;

/// Why a token endpoint gave no token.
#[derive(Debug)]
pub(crate) enum TokenError {
    /// It said no.
    Refused {
        /// Status code and reason.
        status: StatusCode,
        /// The provider's words.
        body: Value,
    },
    /// It said something that is not JSON.
    NotJson,
    /// It said nothing, or may not be asked.
    Unreachable(String),
}

/// Why a connection has no usable credentials at present. The texts are Nango's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stale {
    /// An attempt was made now and failed.
    Failed,
    /// An attempt failed a moment ago.
    Pause,
    /// Too many days with failures.
    Exhausted,
}

impl Stale {
    /// What Nango says.
    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::Failed => {
                "The external API returned an error when trying to refresh the access token. Please try again later."
            }
            Self::Pause => "A recent refresh attempt failed. Backing off before retrying.",
            Self::Exhausted => "The refresh limit has been reached for this connection.",
        }
    }
}

/// Posts a form to a provider's token URL.
pub(crate) async fn token_call(
    app: &App,
    template: &str,
    config: &Map<String, Value>,
    form: &[(&str, &str)],
) -> Result<Map<String, Value>, TokenError> {
    let url = token_url(template, config)?;
    read_token(app.http.post(url).header("accept", "application/json").form(form).send().await).await
}

/// Posts credentials as JSON to a provider's token URL.
pub(crate) async fn token_call_json(
    app: &App,
    template: &str,
    config: &Map<String, Value>,
    body: &Map<String, Value>,
) -> Result<Map<String, Value>, TokenError> {
    let url = token_url(template, config)?;
    read_token(app.http.post(url).json(body).send().await).await
}

fn token_url(template: &str, config: &Map<String, Value>) -> Result<Url, TokenError> {
    template::url(template, config)
        .map_err(|_| TokenError::Unreachable(format!("Invalid token URL {template}")))
}

async fn read_token(
    sent: Result<reqwest::Response, reqwest::Error>,
) -> Result<Map<String, Value>, TokenError> {
    let response = sent.map_err(|error| TokenError::Unreachable(error.to_string()))?;
    let status = response.status();
    let content_type =
        response.headers().get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !content_type.contains("json") {
        return Err(TokenError::NotJson);
    }
    let body: Value = response.json().await.map_err(|_| TokenError::NotJson)?;
    match body {
        Value::Object(body) if status.is_success() => Ok(body),
        body => Err(TokenError::Refused { status, body }),
    }
}

/// The credentials in a token answer.
pub(crate) fn oauth2(mut answer: Map<String, Value>, now: Millis) -> Credentials {
    let text = |value: Option<Value>| value.and_then(|value| value.as_str().map(str::to_owned));
    let refresh_token = text(answer.remove("refresh_token"));
    Credentials::OAuth2 {
        access_token: text(answer.get("access_token").cloned()).unwrap_or_default(),
        refresh_token,
        expires_at: expiry(&answer, now),
        raw: answer,
    }
}

/// When a token of this answer expires.
pub(crate) fn expiry(answer: &Map<String, Value>, now: Millis) -> Option<Millis> {
    Some(now + answer.get("expires_in")?.as_i64()? * 1000)
}

/// What was asked for with a read: whether pauses are to be ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Urgency {
    /// Refresh if the token is about to expire.
    IfNeeded,
    /// Refresh now, whatever happened before.
    Forced,
}

/// Makes sure the connection's credentials work, as far as Nango can know. Returns the connection as it is
/// afterwards; on failure too, together with the reason.
pub(crate) async fn fresh(
    app: &App,
    environment: u64,
    number: u64,
    urgency: Urgency,
) -> Option<(Arc<Connection>, Result<(), Stale>)> {
    let connection = stamp(app, environment, number)?;
    if !needs_refresh(&connection, urgency, app.clock.now()) {
        return Some((connection, Ok(())));
    }
    let slot = usize::try_from(number).unwrap_or_default() % app.refresh_locks.len();
    let _one_at_a_time = app.refresh_locks[slot].lock().await;
    // Somebody else may have refreshed it while this call waited.
    let connection = app.state().environment(environment)?.numbered(number)?.clone();
    let now = app.clock.now();
    if !needs_refresh(&connection, urgency, now) {
        return Some((connection, Ok(())));
    }
    if urgency == Urgency::IfNeeded {
        if connection.health.exhausted {
            return Some((connection, Err(Stale::Exhausted)));
        }
        if connection.health.failed_at.is_some_and(|failed| now - failed < PAUSE) {
            return Some((connection, Err(Stale::Pause)));
        }
    }
    let renewed = renew(app, environment, &connection).await;
    let outcome = renewed.as_ref().map(|_| ()).map_err(|()| Stale::Failed);
    let connection = {
        let mut state = app.state();
        let connection = state.environment_mut(environment)?.numbered_mut(number)?;
        match renewed {
            Ok(credentials) => {
                connection.credentials = credentials;
                connection.health = Health::default();
                connection.updated = now;
                connection.last_fetched = Some(now);
            }
            Err(()) => note_failure(&mut connection.health, now),
        }
        state.environment(environment)?.numbered(number)?.clone()
    };
    app.changed();
    Some((connection, outcome))
}

fn note_failure(health: &mut Health, now: Millis) {
    health.error = Some(random::log_id(now));
    health.failed_at = Some(now);
    health.failed_days.insert(now.div_euclid(DAY));
    health.exhausted |= health.failed_days.len() >= DAYS;
}

/// Notes that the connection was fetched.
fn stamp(app: &App, environment: u64, number: u64) -> Option<Arc<Connection>> {
    let now = app.clock.now();
    let mut state = app.state();
    let environment = state.environment_mut(environment)?;
    environment.numbered_mut(number)?.last_fetched = Some(now);
    environment.numbered(number).cloned()
}

fn needs_refresh(connection: &Connection, urgency: Urgency, now: Millis) -> bool {
    let renewable = match &connection.credentials {
        Credentials::OAuth2 { refresh_token, .. } => refresh_token.is_some(),
        Credentials::Fetched { .. } => true,
        Credentials::Entered { .. } | Credentials::Nothing => false,
    };
    let due = connection.credentials.expires_at().is_some_and(|expires| expires - now < MARGIN);
    renewable && (due || urgency == Urgency::Forced)
}

/// Asks the provider for a new token.
async fn renew(app: &App, environment: u64, connection: &Connection) -> Result<Credentials, ()> {
    let provider = app.catalogue.get(&connection.provider).ok_or(())?;
    match &connection.credentials {
        Credentials::OAuth2 { refresh_token: Some(token), .. } => {
            let (client, secret) = developer_app(app, environment, connection, provider);
            let form = [
                ("grant_type", "refresh_token"),
                ("refresh_token", token),
                ("client_id", &client),
                ("client_secret", &secret),
            ];
            let template = provider.text("/token_url").unwrap_or_default();
            let mut answer =
                token_call(app, template, &connection.connection_config, &form).await.map_err(|_| ())?;
            // A provider that does not rotate gives none: the old one stays good.
            answer.entry("refresh_token").or_insert_with(|| json!(token));
            Ok(oauth2(answer, app.clock.now()))
        }
        Credentials::Fetched { fields, .. } => {
            fetch(app, provider, &connection.connection_config, fields).await.map_err(|_| ())
        }
        _ => Err(()),
    }
}

fn developer_app(
    app: &App,
    environment: u64,
    connection: &Connection,
    provider: &Provider,
) -> (String, String) {
    let state = app.state();
    let integration =
        state.environment(environment).and_then(|found| found.integrations.get(&connection.integration));
    let text =
        |name: &str| integration.and_then(|integration| integration.credential(name)).map(str::to_owned);
    (
        text("client_id").unwrap_or_else(|| format!("sandbox-{}", provider.name)),
        text("client_secret").unwrap_or_else(|| crate::seed::CLIENT_SECRET.to_owned()),
    )
}

/// Fetches a token with what the user entered: client credentials or two-step.
pub(crate) async fn fetch(
    app: &App,
    provider: &Provider,
    config: &Map<String, Value>,
    fields: &Map<String, Value>,
) -> Result<Credentials, TokenError> {
    let template = provider.text("/token_url").unwrap_or_default();
    let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
    let (kind, answer) = if provider.auth_mode == "OAUTH2_CC" {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", text("client_id")),
            ("client_secret", text("client_secret")),
        ];
        ("OAUTH2_CC", token_call(app, template, config, &form).await?)
    } else {
        ("TWO_STEP", token_call_json(app, template, config, fields).await?)
    };
    let token = answer.get("access_token").and_then(Value::as_str).unwrap_or_default().to_owned();
    let expires_at = expiry(&answer, app.clock.now());
    Ok(Credentials::Fetched { kind, token, expires_at, fields: fields.clone(), raw: answer })
}
