//! `GET /oauth/callback`: the end of a dance. Success is 200 and failure 400; both are pages.

use std::sync::atomic::Ordering;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::app::App;
use crate::catalogue::Provider;
use crate::connection::Credentials;
use crate::nango::Outcome;
use crate::nango::attach::{Attempt, attach, automated_config, pending_config};
use crate::nango::call::Call;
use crate::nango::oauth_start::{client_id, error_message};
use crate::nango::page::{self, PrintedError};
use crate::nango::refresh;
use crate::session::Dance;

const COOKIE_MISSING: &str = "OAuth state cookie missing. The callback must be completed by the same browser that started the flow \u{2014} a server-side or fetch-forwarded callback does not include it.";
const NO_CODE: &str = "Did not get authorization code in the callback.";

/// Why a dance ends without a connection: the websocket's error type, its text and the page's text.
struct Failure {
    kind: &'static str,
    description: String,
    message: String,
}

impl Failure {
    fn new(kind: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { kind, description: message.clone(), message }
    }
}

/// Ends a dance. The first callback uses the state up, whatever comes of it.
pub(crate) async fn callback(app: &App, call: &mut Call) -> Outcome {
    let Some(state) = call.query("state").map(str::to_owned) else {
        return Err(page::failure(call, "No state found in callback"));
    };
    if Uuid::parse_str(&state).is_err() {
        return Err(page::failure(call, "invalid_oauth_state"));
    }
    // Looking it up and removing it is one step here, so that of simultaneous callbacks one wins.
    let dance = app.state().dances.remove(&state);
    let Some(dance) = dance else {
        return Err(page::failure(call, &format!("No session found for state: \"{state}\"")));
    };
    let enforced = app.enforce_cookie.load(Ordering::Relaxed) && !dance.by_ticket;
    let outcome = if enforced && !has_cookie(call, &state) {
        Err(Failure::new("state_cookie_err", COOKIE_MISSING))
    } else {
        complete(app, call, &dance).await
    };
    let message = match &outcome {
        Ok(is_pending) => json!({
            "message_type": "success",
            "provider_config_key": dance.integration,
            "connection_id": dance.connection_id,
            "is_pending": is_pending,
        }),
        Err(failure) => {
            error_message(&dance.integration, &dance.connection_id, failure.kind, &failure.description)
        }
    };
    if let Some(socket) = dance.websocket.as_deref().filter(|_| !call.no_message) {
        app.sockets.send(socket, &message);
    }
    match outcome {
        Ok(_) => Ok(page::success()),
        Err(failure) => Err(page::failure(call, &failure.message)),
    }
}

/// Does what the auth mode asks for; tells whether the connection waits for an administrator.
async fn complete(app: &App, call: &Call, dance: &Dance) -> Result<bool, Failure> {
    let gone = || Failure::new("unknown_config_key", "The integration does not exist any more.");
    let integration = {
        let state = app.state();
        state
            .environment(dance.environment)
            .and_then(|found| found.integrations.get(&dance.integration))
            .cloned()
    };
    let integration = integration.ok_or_else(gone)?;
    let provider = app.catalogue.get(&integration.provider).ok_or_else(gone)?;
    if let Some(error) = call.query("error") {
        return Err(denied(call, error));
    }
    let mode = provider.auth_mode.as_str();
    let is_pending = mode == "INSTALL_PLUGIN" || call.query("setup_action") == Some("request");
    let code = match mode {
        "OAUTH1" => call.query("oauth_verifier"),
        _ => call.query("code"),
    };
    let mut config = dance.connection_config.clone();
    config.extend(automated_config(provider));
    let credentials = match mode {
        "APP" | "INSTALL_PLUGIN" if is_pending => {
            config.extend(pending_config(app.clock.now()));
            Credentials::Entered { kind: mode.to_owned(), fields: Map::new(), token: None }
        }
        "APP" => {
            let installation =
                call.query("installation_id").ok_or_else(|| Failure::new("callback_err", NO_CODE))?;
            config.insert("installation_id".into(), json!(installation));
            let account = crate::account::ACCOUNTS.iter().find(|account| account.id == installation);
            let account = account.unwrap_or(&crate::account::ACCOUNTS[0]);
            let token = app.provider.grants().lasting_token(account, &provider.name);
            signed(mode, token)
        }
        _ => {
            let code = code.ok_or_else(|| Failure::new("callback_err", NO_CODE))?;
            let own = integration.credential("client_id").filter(|_| !dance.by_ticket);
            let client = own.map_or_else(|| client_id(provider), str::to_owned);
            let secret = integration.credential("client_secret").unwrap_or(crate::seed::CLIENT_SECRET);
            let issued = exchange(app, provider, dance, code, &client, secret).await?;
            learn(provider, &issued, &mut config);
            if !dance.by_ticket {
                refresh::oauth2(issued, app.clock.now())
            } else {
                signed(mode, access_token(&issued))
            }
        }
    };
    let session = app.state().sessions.get(&dance.session).cloned();
    let attached = attach(
        app,
        Attempt {
            environment: dance.environment,
            integration: &dance.integration,
            provider,
            connection_id: &dance.connection_id,
            reconnects: dance.reconnects,
            session: session.as_ref(),
            connection_config: config,
            credentials,
        },
    );
    if attached { Ok(is_pending) } else { Err(Failure::new("unknown_err", "invalid_connection")) }
}

fn denied(call: &Call, error: &str) -> Failure {
    let mut prose = format!("{NO_CODE} Provider error: error: {error}");
    if let Some(description) = call.query("error_description") {
        prose.push_str(&format!("; error_description: {description}"));
    }
    Failure { kind: "callback_err", description: prose, message: NO_CODE.to_owned() }
}

async fn exchange(
    app: &App,
    provider: &Provider,
    dance: &Dance,
    code: &str,
    client: &str,
    secret: &str,
) -> Result<Map<String, Value>, Failure> {
    let template = provider.text("/token_url").unwrap_or_default();
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", &dance.redirect_uri),
        ("client_id", client),
        ("client_secret", secret),
        ("code_verifier", &dance.verifier),
    ];
    let answer = refresh::token_call(app, template, &dance.connection_config, &form).await;
    answer.map_err(|error| {
        let (message, payload) = match error {
            refresh::TokenError::Refused { status, body } => {
                (format!("Response Error: {status}"), Some(body))
            }
            refresh::TokenError::NotJson => ("The content-type is not JSON compatible".to_owned(), None),
            refresh::TokenError::Unreachable(text) => (text, None),
        };
        Failure::new("unknown_err", PrintedError::text(message, payload))
    })
}

/// Takes what the provider wants remembered from the token answer into the connection's parameters.
fn learn(provider: &Provider, issued: &Map<String, Value>, config: &mut Map<String, Value>) {
    let names = provider.json.get("token_response_metadata").and_then(Value::as_array);
    for name in names.into_iter().flatten().filter_map(Value::as_str) {
        if let Some(value) = issued.get(name) {
            config.insert(name.to_owned(), value.clone());
        }
    }
}

fn access_token(issued: &Map<String, Value>) -> String {
    issued.get("access_token").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Credentials of a mode that signs its requests; the sandbox sends the token as a bearer instead.
fn signed(mode: &str, token: String) -> Credentials {
    let mut fields = Map::new();
    let name = if mode == "OAUTH1" { "oauth_token" } else { "access_token" };
    fields.insert(name.into(), json!(token));
    if mode == "OAUTH1" {
        fields.insert("oauth_token_secret".into(), json!(crate::random::hex(16)));
    }
    Credentials::Entered { kind: mode.to_owned(), fields, token: Some(token) }
}

fn has_cookie(call: &Call, state: &str) -> bool {
    let wanted = format!("oauth2-{state}=1");
    let cookies = call.headers.get_all("cookie").iter().filter_map(|value| value.to_str().ok());
    cookies.flat_map(|header| header.split(';')).any(|cookie| cookie.trim() == wanted)
}
