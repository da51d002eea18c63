//! The endpoints that connect without a browser: one per auth mode, all of the same build.

use std::sync::atomic::Ordering;

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use crate::account::{ACCOUNTS, of_secret};
use crate::answer;
use crate::app::{App, is_loopback};
use crate::catalogue::Provider;
use crate::connection::Credentials;
use crate::nango::Outcome;
use crate::nango::attach::{Attempt, attach, connection_config, pending_config};
use crate::nango::authentication::session_in_query;
use crate::nango::call::Call;
use crate::nango::proxy::authorize;
use crate::nango::refresh::{self, TokenError};
use crate::nango::refusal::Refusal;
use crate::nango::template;
use crate::nango::validate::{Issues, Members};
use crate::random;

/// The auth mode an endpoint serves, by the word in its path.
fn mode(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "api-key" => "API_KEY",
        "basic" => "BASIC",
        "oauth2" => "OAUTH2_CC",
        "two-step" => "TWO_STEP",
        "unauthenticated" => "NONE",
        "tba" => "TBA",
        "jwt" => "JWT",
        "bill" => "BILL",
        "signature" => "SIGNATURE",
        "aws-sigv4" => "AWS_SIGV4",
        "oauth-outbound" => "OAUTH2",
        _ => return None,
    })
}

/// Whether `POST /auth/{kind}/{key}` is a route.
pub(crate) fn exists(kind: &str) -> bool {
    !matches!(kind, "api-key" | "basic" | "oauth2") && mode(kind).is_some()
}

/// Connects with what the user entered.
pub(crate) async fn connect(app: &App, call: &mut Call, kind: &str, key: &str) -> Outcome {
    let (_, session) = session_in_query(app, call)?;
    let mode = mode(kind).ok_or_else(Refusal::unexpected)?;
    let mut issues = Issues::default();
    if call.query("connection_id").is_some() {
        issues.add("custom", "connection_id is forbidden when using session token", &["connection_id"]);
    }
    let known = [
        "connect_session_token",
        "public_key",
        "connection_id",
        "hmac",
        "user_scope",
        "params",
        "authorization_params",
    ];
    call.check_query(&known, &mut issues);
    issues.refuse("invalid_query_params")?;
    let fields = read_body(mode, &call.json)?;

    let integration = {
        let state = app.state();
        state.environment(session.environment).and_then(|found| found.integrations.get(key)).cloned()
    };
    let integration =
        integration.ok_or_else(|| Refusal::code(StatusCode::NOT_FOUND, "unknown_provider_config"))?;
    if !session.allows(key) {
        return Err(Refusal::code(StatusCode::BAD_REQUEST, "integration_not_allowed"));
    }
    let provider = app.catalogue.get(&integration.provider).ok_or_else(Refusal::unexpected)?;
    if provider.auth_mode != mode {
        return Err(wrong_mode(mode));
    }
    let mut connection_id = random::uuid();
    if let Some(number) = session.reconnects {
        let state = app.state();
        let found =
            state.environment(session.environment).and_then(|environment| environment.numbered(number));
        let found = found.ok_or_else(|| Refusal::code(StatusCode::BAD_REQUEST, "invalid_connection"))?;
        connection_id.clone_from(&found.connection_id);
    }
    let mut config = connection_config(call.query_group("params"), &session, key);
    if kind == "oauth-outbound" {
        // Creates a connection without tokens that looks healthy, on any OAuth integration.
        config.extend(pending_config(app.clock.now()));
    }
    let credentials = credentials(app, provider, &config, fields).await?;
    let attached = attach(
        app,
        Attempt {
            environment: session.environment,
            integration: key,
            provider,
            connection_id: &connection_id,
            reconnects: session.reconnects,
            session: Some(&session),
            connection_config: config,
            credentials,
        },
    );
    if !attached {
        return Err(Refusal::code(StatusCode::BAD_REQUEST, "invalid_connection"));
    }
    Ok(answer::json(StatusCode::OK, &json!({ "connectionId": connection_id, "providerConfigKey": key })))
}

fn wrong_mode(mode: &str) -> Refusal {
    if mode == "OAUTH2_CC" {
        let message = "Invalid auth mode. The provider does not support this auth mode.";
        return Refusal::payload(StatusCode::BAD_REQUEST, "invalid_auth_mode", message, json!({}));
    }
    Refusal::code(StatusCode::BAD_REQUEST, "invalid_auth_mode")
}

/// The members each mode takes. Patterns and formats of the provider are the client's business.
fn read_body(mode: &str, body: &Value) -> Result<Map<String, Value>, Refusal> {
    let mut issues = Issues::default();
    let mut members = Members::body(body, &mut issues);
    match mode {
        "API_KEY" => {
            members.text("apiKey", &mut issues);
        }
        "BASIC" => {
            members.text_or_empty("username", &mut issues);
            members.text_or_empty("password", &mut issues);
        }
        "OAUTH2_CC" => {
            members.ignore(&["client_id", "client_secret", "client_certificate", "client_private_key"]);
        }
        "TBA" => {
            members.text("token_id", &mut issues);
            members.text("token_secret", &mut issues);
            members.ignore(&["oauth_client_id_override", "oauth_client_secret_override"]);
        }
        "BILL" => {
            for name in ["username", "password", "organization_id", "dev_key"] {
                members.text(name, &mut issues);
            }
        }
        "SIGNATURE" => {
            for name in ["username", "password", "type"] {
                members.text(name, &mut issues);
            }
        }
        "AWS_SIGV4" => {
            members.text("role_arn", &mut issues);
            members.ignore(&["region"]);
        }
        // Free form: the provider's own names.
        "TWO_STEP" | "JWT" => {
            return issues.refuse("invalid_body").map(|()| body.as_object().cloned().unwrap_or_default());
        }
        _ => {}
    }
    members.close(&mut issues);
    issues.refuse("invalid_body")?;
    let fields = body.as_object().cloned().unwrap_or_default();
    if mode == "OAUTH2_CC" && fields.get("client_id").and_then(Value::as_str).unwrap_or_default().is_empty() {
        let message = "Missing param 'oauth_client_id'.";
        return Err(Refusal::payload(StatusCode::BAD_REQUEST, "missing_client_id", message, json!({})));
    }
    Ok(fields)
}

/// Turns what was entered into credentials, trying them out where the mode or the provider does that.
pub(crate) async fn credentials(
    app: &App,
    provider: &Provider,
    config: &Map<String, Value>,
    fields: Map<String, Value>,
) -> Result<Credentials, Refusal> {
    match provider.auth_mode.as_str() {
        "NONE" => Ok(Credentials::Nothing),
        "OAUTH2_CC" | "TWO_STEP" => {
            let template = provider.text("/token_url").unwrap_or_default();
            if let Some(refusal) = blocked(app, template, config) {
                return Err(refusal);
            }
            let cc = provider.auth_mode == "OAUTH2_CC";
            refresh::fetch(app, provider, config, &fields).await.map_err(|error| fetch_error(cc, &error))
        }
        "API_KEY" | "BASIC" => {
            let credentials = Credentials::Entered { kind: provider.auth_mode.clone(), fields, token: None };
            if provider.has_verification() && !verified(app, provider, config, &credentials).await {
                return Err(Refusal::connection_test_failed());
            }
            Ok(credentials)
        }
        "OAUTH2" => Ok(Credentials::Entered { kind: "OAUTH2".to_owned(), fields: Map::new(), token: None }),
        mode => {
            // The real signatures of these modes are not imitated: a token stands for whoever signs.
            let entered = fields.values().filter_map(Value::as_str).collect::<Vec<_>>().join(" ");
            let account = if entered.is_empty() { &ACCOUNTS[0] } else { of_secret(&entered) };
            let token = app.provider.grants().lasting_token(account, &provider.name);
            Ok(Credentials::Entered { kind: mode.to_owned(), fields, token: Some(token) })
        }
    }
}

/// Asks the provider's verification endpoint. The recorded test providers have their own; every other one is
/// asked at the sandbox, which refuses what starts with `wrong` or `bad`. A parameter that is missing, a host
/// that does not resolve and a wrong key cannot be told apart.
async fn verified(
    app: &App,
    provider: &Provider,
    config: &Map<String, Value>,
    credentials: &Credentials,
) -> bool {
    let endpoint = provider.text("/proxy/verification/endpoints/0").unwrap_or("/");
    let base = if provider.is_local() {
        match template::url(provider.text("/proxy/base_url").unwrap_or_default(), config) {
            Ok(url) => url.as_str().trim_end_matches('/').to_owned(),
            Err(_) => return false,
        }
    } else {
        format!("{}/api/{}", app.provider_url, provider.name)
    };
    let mut request = app.http.get(format!("{base}{endpoint}"));
    for (name, value) in authorize(provider, credentials) {
        request = request.header(name, value);
    }
    request.send().await.is_ok_and(|response| response.status().is_success())
}

/// The default outbound policy, if it is switched on: a provider on this machine is never called.
fn blocked(app: &App, template: &str, config: &Map<String, Value>) -> Option<Refusal> {
    let url = template::url(template, config).ok()?;
    if !app.block_loopback.load(Ordering::Relaxed) || !is_loopback(&url) {
        return None;
    }
    let host = format!("{}:{}", url.host_str().unwrap_or_default(), url.port().unwrap_or(80));
    let payload = json!({
        "host": host,
        "code": "denied_dns",
        "message": "DNS resolved to blocked address (loopback).",
    });
    let message = format!("Failed to fetch client credentials token: {payload}");
    Some(Refusal::payload(StatusCode::BAD_REQUEST, "client_credentials_fetch_error", &message, payload))
}

/// Two modes, two ways to wrap the provider's error in text.
fn fetch_error(client_credentials: bool, error: &TokenError) -> Refusal {
    let (status, body) = match error {
        TokenError::Refused { status, body } => (status.as_u16(), body.clone()),
        TokenError::NotJson => (0, json!("The content-type is not JSON compatible")),
        TokenError::Unreachable(text) => (0, json!(text)),
    };
    if client_credentials {
        let payload = json!({ "provider_error_payload": body }).to_string();
        let message = format!("Failed to fetch client credentials token: {}", json!(payload));
        return Refusal::payload(
            StatusCode::BAD_REQUEST,
            "client_credentials_fetch_error",
            &message,
            json!(payload),
        );
    }
    let payload = json!({
        "message": format!("Request failed with status code {status}"),
        "name": "AxiosError",
        "provider_error_payload": body,
    })
    .to_string();
    let message = format!("Error fetching Two Step credentials Error: {payload}");
    Refusal::payload(StatusCode::BAD_REQUEST, "two_step_credentials_fetch_error", &message, json!(payload))
}
