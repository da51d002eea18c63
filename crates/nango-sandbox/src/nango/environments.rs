//! Environments and their keys, for whoever holds the account key.

use axum::http::StatusCode;
use serde_json::{Value, json};
use url::Url;

use crate::answer;
use crate::app::{ApiKey, App};
use crate::nango::Outcome;
use crate::nango::authentication::secret_key;
use crate::nango::call::Call;
use crate::nango::refusal::Refusal;
use crate::nango::validate::{Issues, Members};
use crate::random;
use crate::time_text;

/// What an environment's name may be.
const NAME: &str = "^[a-z0-9_-]+$";

/// `POST /environments`.
pub(crate) fn create(app: &App, call: &mut Call) -> Outcome {
    secret_key(app, call, &["account:environments:create"])?;
    call.no_query()?;
    let mut issues = Issues::default();
    let mut body = Members::body(&call.json, &mut issues);
    let name = body.patterned("name", NAME, &mut issues);
    let callback_url = body.optional_text("callback_url", &mut issues);
    check_url(callback_url.as_deref(), &mut issues);
    let is_production = body.boolean("is_production", &mut issues).unwrap_or(false);
    body.ignore(&["webhook_url", "webhook_url_secondary", "hmac_enabled", "hmac_key"]);
    body.close(&mut issues);
    issues.refuse("invalid_body")?;
    let mut state = app.state();
    if state.environments.values().any(|environment| environment.name == name) {
        return Err(Refusal::message(StatusCode::CONFLICT, "conflict", "Environment already exists"));
    }
    let environment = state.add_environment(&name, is_production, app.clock.now());
    environment.callback_url = callback_url;
    Ok(answer::json(StatusCode::OK, &json!({ "data": { "id": environment.id, "name": name } })))
}

/// Validation of a callback URL is nothing more than that it is a URL.
pub(crate) fn check_url(url: Option<&str>, issues: &mut Issues) {
    if url.is_some_and(|url| Url::parse(url).is_err()) {
        issues.add("invalid_format", "Invalid URL", &["callback_url"]);
    }
}

/// `POST /environment/api-keys`: always a key that may do everything.
pub(crate) fn create_key(app: &App, call: &mut Call) -> Outcome {
    secret_key(app, call, &["account:environments:api_keys:create"])?;
    call.no_query()?;
    let mut issues = Issues::default();
    let mut body = Members::body(&call.json, &mut issues);
    let environment = body.any("environment_id");
    if !environment.is_some_and(Value::is_u64) {
        issues.wrong_type("number", environment, &["environment_id"]);
    }
    let environment = environment.and_then(Value::as_u64).unwrap_or_default();
    let name = body.text("display_name", &mut issues);
    body.close(&mut issues);
    issues.refuse("invalid_body")?;
    if app.state().environment(environment).is_none() {
        return Err(Refusal::not_found("Environment not found"));
    }
    add_key(app, &name, &["environment:*"], Some(environment))
}

/// `DELETE /environment/api-keys`, with the ids in the body.
pub(crate) fn delete_key(app: &App, call: &mut Call) -> Outcome {
    secret_key(app, call, &["account:environments:api_keys:delete"])?;
    call.no_query()?;
    let mut issues = Issues::default();
    let mut body = Members::body(&call.json, &mut issues);
    let mut number = |name| {
        let value = body.any(name);
        if !value.is_some_and(Value::is_u64) {
            issues.wrong_type("number", value, &[name]);
        }
        value.and_then(Value::as_u64)
    };
    let (environment, id) = (number("environment_id"), number("key_id"));
    body.close(&mut issues);
    issues.refuse("invalid_body")?;
    let mut state = app.state();
    let before = state.keys.len();
    state.keys.retain(|_, key| !(Some(key.id) == id && key.environment == environment));
    if state.keys.len() == before {
        return Err(Refusal::not_found("API key not found"));
    }
    Ok(answer::json(StatusCode::OK, &json!({ "success": true })))
}

/// Adds a key under a name that is free in its environment and shows its secret, this once.
pub(crate) fn add_key(app: &App, name: &str, scopes: &[&str], environment: Option<u64>) -> Outcome {
    let mut state = app.state();
    if state.keys.values().any(|key| key.environment == environment && key.name == name) {
        return Err(Refusal::message(
            StatusCode::CONFLICT,
            "conflict",
            "A key with this name already exists",
        ));
    }
    let secret = random::uuid();
    let key = state.add_key(&secret, name, scopes, environment, app.clock.now());
    Ok(answer::json(StatusCode::OK, &json!({ "data": created(&key, &secret) })))
}

fn created(key: &ApiKey, secret: &str) -> Value {
    json!({
        "id": key.id,
        "display_name": key.name,
        "scopes": key.scopes,
        "secret": secret,
        "created_at": time_text::zulu(key.created),
    })
}
