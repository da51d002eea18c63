//! `/_sandbox/...`: the controls of a sandbox that runs in another process. Not part of Nango; the caller shows
//! the account key as a bearer token.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::answer::{self, Answer};
use crate::app::App;
use crate::fault::Fault;
use crate::sandbox::controls;

/// The largest body of a control call.
const BODY_LIMIT: usize = 1024 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Revoke {
    connection_id: Option<String>,
    login: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CallbackUrl {
    url: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CookieEnforcement {
    on: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scopes {
    scopes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seed {
    count: usize,
    integration: String,
    end_user_id: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    milliseconds: u64,
}

/// Answers one control call.
pub(crate) async fn serve(app: &Arc<App>, parts: Parts, body: Body) -> Answer {
    let given = parts.headers.get("authorization").and_then(|value| value.to_str().ok());
    if given != Some(format!("Bearer {}", app.account_key).as_str()) {
        return answer::json(
            StatusCode::UNAUTHORIZED,
            &json!({ "error": "the account key is wanted as a bearer token" }),
        );
    }
    let Ok(body) = axum::body::to_bytes(body, BODY_LIMIT).await else {
        return answer::json(StatusCode::PAYLOAD_TOO_LARGE, &json!({ "error": "too large" }));
    };
    let path = parts.uri.path().trim_start_matches("/_sandbox/");
    match control(app, parts.method.as_str(), path, &body) {
        Ok(Some(value)) => answer::json(StatusCode::OK, &value),
        Ok(None) => answer::json(StatusCode::NOT_FOUND, &json!({ "error": "no such control" })),
        Err(error) => answer::json(StatusCode::BAD_REQUEST, &json!({ "error": error.to_string() })),
    }
}

fn control(app: &App, method: &str, path: &str, body: &[u8]) -> Result<Option<Value>, serde_json::Error> {
    let done = || json!({ "ok": true });
    Ok(Some(match (method, path) {
        ("GET", "requests") => json!({ "requests": app.log.all() }),
        ("GET", "connections") => json!({ "connections": controls::connections(app) }),
        ("POST", "faults") => {
            app.nango_faults.set(parse::<Vec<Fault>>(body)?);
            done()
        }
        ("DELETE", "faults") => {
            app.nango_faults.set(Vec::new());
            app.provider_faults.set(Vec::new());
            done()
        }
        ("POST", "provider-faults") => {
            app.provider_faults.set(parse::<Vec<Fault>>(body)?);
            done()
        }
        ("POST", "revoke") => {
            let revoke: Revoke = parse(body)?;
            if let Some(id) = &revoke.connection_id {
                controls::revoke_grants(app, id);
            }
            if let Some(login) = &revoke.login {
                controls::revoke_account(app, login);
            }
            done()
        }
        ("POST", "drop-websockets") => {
            app.sockets.drop_all();
            done()
        }
        ("POST", "callback-url") => {
            controls::set_callback_url(app, &parse::<CallbackUrl>(body)?.url);
            done()
        }
        ("POST", "cookie-enforcement") => {
            controls::set_cookie_enforcement(app, parse::<CookieEnforcement>(body)?.on);
            done()
        }
        ("POST", "api-keys") => {
            let scopes: Scopes = parse(body)?;
            let scopes: Vec<&str> = scopes.scopes.iter().map(String::as_str).collect();
            json!({ "api_key": controls::create_api_key(app, &scopes) })
        }
        ("POST", "seed") => {
            let seed: Seed = parse(body)?;
            json!({ "created": crate::seed::connections(app, seed.count, &seed.integration, &seed.end_user_id) })
        }
        ("POST", "advance-clock") => {
            app.clock.advance(Duration::from_millis(parse::<Advance>(body)?.milliseconds));
            done()
        }
        _ => return Ok(None),
    }))
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, serde_json::Error> {
    serde_json::from_slice(body)
}
