//! The part of the dashboard's private API that a self-hosted operator's scripts use. HTTP Basic: the user is
//! `sandbox`, the password the account key.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::answer;
use crate::app::{App, State};
use crate::environment::Environment;
use crate::nango::authentication::dashboard;
use crate::nango::call::Call;
use crate::nango::refusal::Refusal;
use crate::nango::validate::{Issues, Members};
use crate::nango::{Outcome, VERSION, environments};
use crate::time_text;

/// The scopes a key of an environment may have, in the server's order.
pub(crate) const SCOPES: [&str; 43] = [
    "environment:*",
    "environment:integrations:list",
    "environment:integrations:list_credentials",
    "environment:integrations:list_functions",
    "environment:integrations:read",
    "environment:integrations:read_credentials",
    "environment:integrations:create",
    "environment:integrations:update",
    "environment:integrations:delete",
    "environment:integrations:*",
    "environment:connections:list",
    "environment:connections:list_credentials",
    "environment:connections:read",
    "environment:connections:read_credentials",
    "environment:connections:create",
    "environment:connections:update",
    "environment:connections:delete",
    "environment:connections:*",
    "environment:connect_sessions:write",
    "environment:syncs:read",
    "environment:syncs:execute",
    "environment:syncs:update",
    "environment:syncs:variant:create",
    "environment:syncs:variant:delete",
    "environment:syncs:*",
    "environment:functions:list",
    "environment:functions:read",
    "environment:functions:delete",
    "environment:functions:compile",
    "environment:functions:dryrun",
    "environment:functions:invocations",
    "environment:functions:*",
    "environment:deploy",
    "environment:records:read",
    "environment:records:write",
    "environment:records:*",
    "environment:logs:read",
    "environment:actions:execute",
    "environment:actions:*",
    "environment:proxy",
    "environment:variables:read",
    "environment:webhook_signing_key:rotate",
    "environment:mcp",
];

/// Answers `/api/v1/<rest>`.
pub(crate) fn serve(app: &App, call: &mut Call, method: &str, rest: &[&str]) -> Outcome {
    dashboard(app, call)?;
    match (method, rest) {
        ("GET", ["meta"]) => {
            let data = json!({
                "environments": names(&app.state()),
                "version": VERSION,
                "baseUrl": app.base_url,
                "debugMode": false,
                "gettingStartedClosed": false,
                "auditTrail": false,
            });
            Ok(answer::json(StatusCode::OK, &json!({ "data": data })))
        }
        ("GET", ["environments"]) => {
            Ok(answer::json(StatusCode::OK, &json!({ "data": names(&app.state()) })))
        }
        ("GET", ["environments", "current"]) => current(app, call),
        ("PATCH", ["environments"]) => update(app, call),
        ("POST", ["account", "api-keys"]) => {
            let mut issues = Issues::default();
            let mut body = Members::body(&call.json, &mut issues);
            let name = body.text("display_name", &mut issues);
            body.close(&mut issues);
            issues.refuse("invalid_body")?;
            environments::add_key(app, &name, &["account:*"], None)
        }
        ("GET", ["environment", "api-keys"]) => keys(app, call),
        ("POST", ["environment", "api-keys"]) => create_key(app, call),
        _ => Err(Refusal::unexpected()),
    }
}

/// All environments by name.
fn names(state: &State) -> Vec<Value> {
    let mut environments: Vec<&Environment> = state.environments.values().collect();
    environments.sort_by(|one, other| one.name.cmp(&other.name));
    environments
        .iter()
        .map(|found| json!({ "name": found.name, "is_production": found.is_production }))
        .collect()
}

/// The number of the environment named in the query.
fn chosen(app: &App, call: &Call) -> Result<u64, Refusal> {
    let name = call.query("env").unwrap_or_default();
    let state = app.state();
    let found = state.environments.values().find(|environment| environment.name == name);
    found.map(|environment| environment.id).ok_or_else(|| Refusal::not_found("Environment not found"))
}

fn shown(app: &App, environment: &Environment) -> Value {
    let created = time_text::zulu(environment.created);
    json!({
        "id": environment.id,
        "name": environment.name,
        "account_id": 0,
        "public_key": "deprecated",
        "callback_url": app.callback_url(environment),
        "webhook_url": null,
        "hmac_enabled": false,
        "hmac_key": null,
        "created_at": created,
        "updated_at": created,
        "always_send_webhook": false,
        "slack_notifications": false,
        "uuid": environment.uuid,
        "send_auth_webhook": false,
        "webhook_url_secondary": null,
        "otlp_settings": null,
        "deleted": false,
        "deleted_at": null,
        "is_production": environment.is_production,
    })
}

fn current(app: &App, call: &Call) -> Outcome {
    let id = chosen(app, call)?;
    let state = app.state();
    let environment = state.environment(id).ok_or_else(Refusal::unexpected)?;
    let mut whole = shown(app, environment);
    whole["websockets_path"] = json!("/");
    whole["webhook_receive_url"] = json!(format!("{}/webhook/{}", app.base_url, environment.uuid));
    let created = time_text::zulu(environment.created);
    let webhooks = json!({
        "primary_url": null,
        "secondary_url": null,
        "on_sync_completion_always": false,
        "on_auth_creation": false,
        "on_auth_refresh_error": false,
        "on_sync_error": false,
        "created_at": created,
        "updated_at": created,
        "on_async_action_completion": true,
    });
    let body = json!({
        "plan": null,
        "environmentAndAccount": {
            "environment": whole,
            "env_variables": [],
            "webhook_settings": webhooks,
            "uuid": environment.uuid,
            "name": "Sandbox",
            "email": "sandbox@example.test",
            "slack_notifications_channel": "",
            "webhook_signing_key": "not-used-by-the-sandbox",
            "managed_secret_key": null,
        },
    });
    Ok(answer::json(StatusCode::OK, &body))
}

/// `PATCH /api/v1/environments/?env=`: of interest for the callback URL. An empty text is not a URL.
fn update(app: &App, call: &Call) -> Outcome {
    let id = chosen(app, call)?;
    let mut issues = Issues::default();
    let mut body = Members::body(&call.json, &mut issues);
    let url = body.any("callback_url").and_then(Value::as_str).map(str::to_owned);
    environments::check_url(url.as_deref(), &mut issues);
    body.close(&mut issues);
    issues.refuse("invalid_body")?;
    let mut state = app.state();
    let environment = state.environment_mut(id).ok_or_else(Refusal::unexpected)?;
    if url.is_some() {
        environment.callback_url = url;
    }
    Ok(answer::json(StatusCode::OK, &json!({ "data": shown(app, environment) })))
}

/// All keys of an environment, secrets in clear.
fn keys(app: &App, call: &Call) -> Outcome {
    let id = chosen(app, call)?;
    let state = app.state();
    let mut keys: Vec<_> = state.keys.iter().filter(|(_, key)| key.environment == Some(id)).collect();
    keys.sort_by_key(|(_, key)| key.id);
    let data: Vec<Value> = keys
        .iter()
        .map(|(secret, key)| {
            json!({
                "id": key.id,
                "display_name": key.name,
                "scopes": key.scopes,
                "secret": secret,
                "last_used_at": key.last_used.map(time_text::zulu),
                "created_at": time_text::zulu(key.created),
                "updated_at": time_text::zulu(key.last_used.unwrap_or(key.created)),
            })
        })
        .collect();
    Ok(answer::json(StatusCode::OK, &json!({ "data": data })))
}

/// A key with chosen scopes: only here, not in the public API.
fn create_key(app: &App, call: &Call) -> Outcome {
    let id = chosen(app, call)?;
    let mut issues = Issues::default();
    let mut body = Members::body(&call.json, &mut issues);
    let name = body.text("display_name", &mut issues);
    let scopes = body.any("scopes").and_then(Value::as_array).cloned().unwrap_or_default();
    let scopes: Vec<&str> = scopes.iter().map(|scope| scope.as_str().unwrap_or_default()).collect();
    for (index, scope) in scopes.iter().enumerate() {
        if !SCOPES.contains(scope) {
            let options: Vec<String> = SCOPES.iter().map(|scope| format!("\"{scope}\"")).collect();
            let message = format!("Invalid option: expected one of {}", options.join("|"));
            issues.add("invalid_value", &message, &["scopes", &index.to_string()]);
        }
    }
    body.close(&mut issues);
    issues.refuse("invalid_body")?;
    let scopes = if scopes.is_empty() { vec!["environment:*"] } else { scopes };
    environments::add_key(app, &name, &scopes, Some(id))
}
