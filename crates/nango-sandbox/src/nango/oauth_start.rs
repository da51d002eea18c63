//! `GET /oauth/connect/{key}`: the start of a dance. Answers with a redirect to the provider.

use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use serde_json::{Map, Value, json};
use url::Url;
use url::form_urlencoded::Serializer;

use crate::answer;
use crate::app::App;
use crate::catalogue::Provider;
use crate::environment::Integration;
use crate::nango::Outcome;
use crate::nango::attach::connection_config;
use crate::nango::authentication::session_in_query;
use crate::nango::call::Call;
use crate::nango::page::{self, PrintedError};
use crate::nango::refusal::Refusal;
use crate::nango::template::{self, TemplateError};
use crate::nango::validate::Issues;
use crate::provider::grants::{Ticket, TicketStyle};
use crate::random;
use crate::session::{Dance, Session};
use crate::time_text;

/// How long the state cookie lives, in seconds.
const COOKIE_SECONDS: i64 = 3600;

/// How a mode's authorization looks from here.
enum Style {
    /// An authorization code grant.
    Code,
    /// An OAuth 1 request token or an installation, known to the provider by a ticket.
    Ticket(TicketStyle),
}

/// Starts a dance. Query members it does not know are ignored here.
pub(crate) fn start(app: &App, call: &mut Call, key: &str) -> Outcome {
    let (token, session) = session_in_query(app, call)?;
    if call.query("connection_id").is_some() {
        let mut issues = Issues::default();
        issues.add("custom", "connection_id is forbidden when using session token", &["connection_id"]);
        issues.refuse("invalid_query_params")?;
    }
    let websocket = call.query("ws_client_id").map(str::to_owned);
    let (integration, redirect_uri) = {
        let state = app.state();
        let environment = state.environment(session.environment).ok_or_else(Refusal::unexpected)?;
        (environment.integrations.get(key).cloned(), app.callback_url(environment))
    };
    let fail = |kind: &str, message: &str| {
        if let Some(id) = websocket.as_deref().filter(|_| !call.no_message) {
            app.sockets.send(id, &error_message(key, &random::uuid(), kind, message));
        }
        page::failure(call, message)
    };
    let Some(integration) = integration else {
        let message = format!("Could not find a Provider Config matching the \"{key}\" key.");
        return Err(fail("provider_config_err", &message));
    };
    if !session.allows(key) {
        return Err(Refusal::code(StatusCode::BAD_REQUEST, "integration_not_allowed"));
    }
    let provider = app.catalogue.get(&integration.provider).ok_or_else(Refusal::unexpected)?;
    let Some(style) = style(&provider.auth_mode) else {
        // The wording misleads: the integration simply is not an OAuth one.
        let message = format!("Provider Config \"{key}\" is missing client ID, secret and/or scopes.");
        return Err(fail("provider_config_err", &message));
    };
    let config = connection_config(call.query_group("params"), &session, key);
    let template = provider.text("/authorization_url").unwrap_or_default();
    let url = template::url(template, &config).map_err(|error| match error {
        TemplateError::Missing => fail("url_param_err", &missing_param(template, &config)),
        TemplateError::NotAUrl(url) => fail("unknown_err", &not_a_url(template, &url)),
    })?;
    let reconnected = session.reconnects.and_then(|number| {
        let state = app.state();
        state.environment(session.environment)?.numbered(number).map(|found| found.connection_id.clone())
    });
    let state = random::state();
    let dance = Dance {
        environment: session.environment,
        integration: key.to_owned(),
        session: token,
        connection_id: reconnected.unwrap_or_else(random::uuid),
        reconnects: session.reconnects,
        verifier: random::verifier(),
        redirect_uri,
        connection_config: config,
        websocket,
        by_ticket: matches!(style, Style::Ticket(_)),
    };
    let location = match style {
        Style::Code => code_location(call, url, provider, &integration, &session, &dance, &state),
        Style::Ticket(style) => ticket_location(app, url, style, &dance, &state),
    };
    let mut answer = answer::found(&location);
    if call.header("accept").is_some_and(|accept| accept.starts_with("application/json")) {
        // Express writes no text for a client that wants neither text nor HTML.
        answer = answer::empty(StatusCode::FOUND);
        answer::set(&mut answer, axum::http::header::LOCATION, &location);
    }
    if !dance.by_ticket {
        let secure = call.header("x-forwarded-proto") == Some("https");
        answer::set(&mut answer, SET_COOKIE, &cookie(&state, app.clock.now(), secure));
    }
    app.state().dances.insert(state, dance);
    Ok(answer)
}

fn style(auth_mode: &str) -> Option<Style> {
    Some(match auth_mode {
        "OAUTH2" | "MCP_OAUTH2" | "MCP_OAUTH2_GENERIC" => Style::Code,
        "OAUTH1" => Style::Ticket(TicketStyle::OAuth1),
        "APP" | "INSTALL_PLUGIN" => Style::Ticket(TicketStyle::Installation { with_code: false }),
        "CUSTOM" => Style::Ticket(TicketStyle::Installation { with_code: true }),
        _ => return None,
    })
}

/// The authorize URL with its parameters in the order a real server writes them.
fn code_location(
    call: &Call,
    mut url: Url,
    provider: &Provider,
    integration: &Integration,
    session: &Session,
    dance: &Dance,
    state: &str,
) -> String {
    let override_scopes = dance.connection_config.get("oauth_scopes_override").and_then(Value::as_str);
    let scopes = override_scopes.or(integration.credential("scopes")).unwrap_or_default();
    let separator = provider.text("/scope_separator").unwrap_or(" ");
    let scope: Vec<&str> = scopes.split(',').map(str::trim).filter(|scope| !scope.is_empty()).collect();
    let client = integration.credential("client_id").map_or_else(|| client_id(provider), str::to_owned);
    let mut extras = session.default(&integration.unique_key, "authorization_params");
    if extras.is_empty() {
        extras = call.query_group("authorization_params");
    }
    let mut pairs: Vec<(String, String)> = vec![
        ("response_type".into(), "code".into()),
        ("client_id".into(), client),
        ("redirect_uri".into(), dance.redirect_uri.clone()),
        ("scope".into(), scope.join(separator)),
        ("state".into(), state.to_owned()),
    ];
    let own = provider.object("/authorization_params");
    pairs.extend(
        own.iter()
            .filter(|(name, _)| *name != "response_type")
            .map(|(name, value)| (name.clone(), plain(value))),
    );
    pairs.push(("code_challenge".into(), random::challenge(&dance.verifier)));
    pairs.push(("code_challenge_method".into(), "S256".into()));
    for (name, value) in extras {
        match pairs.iter_mut().find(|(known, _)| *known == name) {
            Some(pair) => pair.1 = plain(&value),
            None => pairs.push((name, plain(&value))),
        }
    }
    let mut query = Serializer::new(url.query().map(str::to_owned).unwrap_or_default());
    query.extend_pairs(pairs.iter().filter(|(name, value)| name != "scope" || !value.is_empty()));
    url.set_query(Some(&query.finish()));
    url.into()
}

/// The client id of an integration that registered itself at the provider, or has none of its own.
pub(crate) fn client_id(provider: &Provider) -> String {
    format!("sandbox-{}", provider.name)
}

/// OAuth 1 and installations: the provider was told beforehand where to return to.
fn ticket_location(app: &App, mut url: Url, style: TicketStyle, dance: &Dance, state: &str) -> String {
    let provider =
        url.query_pairs().find(|(name, _)| name == "provider").map(|(_, value)| value.into_owned());
    let ticket = app.provider.grants().add_ticket(Ticket {
        provider: provider.unwrap_or_default(),
        redirect_uri: dance.redirect_uri.clone(),
        state: state.to_owned(),
        style,
    });
    let name = if style == TicketStyle::OAuth1 { "oauth_token" } else { "request" };
    url.query_pairs_mut().append_pair(name, &ticket);
    url.into()
}

fn cookie(state: &str, now: i64, secure: bool) -> String {
    let expires = time_text::http_date(now + COOKIE_SECONDS * 1000);
    let site = if secure { "Secure; SameSite=None" } else { "SameSite=Lax" };
    format!("oauth2-{state}=1; Max-Age={COOKIE_SECONDS}; Path=/; Expires={expires}; HttpOnly; {site}")
}

fn missing_param(template: &str, config: &Map<String, Value>) -> String {
    let config = Value::Object(config.clone());
    format!(
        "Missing Connection Config param(s) in Auth request to interpolate url {template}. Provided Connection Config: {config}"
    )
}

fn not_a_url(template: &str, url: &str) -> String {
    let cause = format!("Invalid URL after interpolation: {url}. Template: {template}");
    format!("Unknown error during the Oauth flow. {}", PrintedError::text(cause, None))
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A websocket message about a dance that failed. Its connection id is one that never existed.
pub(crate) fn error_message(integration: &str, connection_id: &str, kind: &str, description: &str) -> Value {
    json!({
        "message_type": "error",
        "provider_config_key": integration,
        "connection_id": connection_id,
        "error_type": kind,
        "error_desc": description,
    })
}
