//! `/integrations`: the operator's instances of providers.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use crate::answer;
use crate::app::App;
use crate::environment::Integration;
use crate::nango::Outcome;
use crate::nango::authentication::{EitherCaller, key_or_session, secret_key};
use crate::nango::call::Call;
use crate::nango::refusal::Refusal;
use crate::nango::validate::{Issues, Members};
use crate::seed::needs_developer_app;

/// What a key may consist of.
const KEY: &str = "^[a-zA-Z0-9~:.@ _-]+$";
const RSA_START: &str = "-----BEGIN RSA PRIVATE KEY----";
const RSA_END: &str = "-----END RSA PRIVATE KEY-----";

/// `GET /integrations`: all, sorted by provider, then age. A session token sees only what it may connect.
pub(crate) fn list(app: &App, call: &mut Call) -> Outcome {
    let scopes = ["environment:integrations:list", "environment:integrations:list_credentials"];
    let caller = key_or_session(app, call, &scopes)?;
    call.no_query()?;
    let (environment, session) = match &caller {
        EitherCaller::Key(caller) => (caller.environment, None),
        EitherCaller::Session(session) => (session.environment, Some(session)),
    };
    let state = app.state();
    let integrations = state.environment(environment).map(|environment| &environment.integrations);
    let mut shown: Vec<&Integration> = integrations.into_iter().flat_map(|all| all.values()).collect();
    shown.retain(|integration| session.is_none_or(|session| session.allows(&integration.unique_key)));
    shown.sort_by(|one, other| (&one.provider, one.created).cmp(&(&other.provider, other.created)));
    let data: Vec<_> = shown.iter().map(|integration| integration.json(&app.base_url)).collect();
    Ok(answer::json(StatusCode::OK, &json!({ "data": data })))
}

/// `GET /integrations/{key}`, with `include=credentials` and `include=webhook`.
pub(crate) fn one(app: &App, call: &mut Call, key: &str) -> Outcome {
    let scopes = ["environment:integrations:read", "environment:integrations:read_credentials"];
    let caller = secret_key(app, call, &scopes)?;
    let mut issues = Issues::default();
    let includes: Vec<&str> = call
        .query
        .iter()
        .filter(|(name, _)| name == "include" || name == "include[]")
        .map(|(_, value)| value.as_str())
        .collect();
    if includes.iter().any(|include| !["credentials", "webhook"].contains(include)) {
        issues.add("invalid_union", "Invalid input", &["include"]);
    }
    call.check_query(&["include"], &mut issues);
    issues.refuse("invalid_query_params")?;
    let state = app.state();
    let found =
        state.environment(caller.environment).and_then(|environment| environment.integrations.get(key));
    let found = found.ok_or_else(|| unknown(key))?;
    let mut data = found.json(&app.base_url);
    if includes.contains(&"webhook") {
        data.insert("webhook_url".into(), Value::Null);
    }
    // Without the scope the member is left out silently.
    if includes.contains(&"credentials") && caller.has("environment:integrations:read_credentials") {
        data.insert("credentials".into(), shown_credentials(found));
    }
    Ok(answer::json(StatusCode::OK, &json!({ "data": data })))
}

fn shown_credentials(integration: &Integration) -> Value {
    let Some(credentials) = &integration.credentials else {
        return Value::Null;
    };
    let mut shown = credentials.clone();
    if shown.contains_key("client_id") {
        shown.entry("scopes").or_insert(Value::Null);
        shown.insert("webhook_secret".into(), Value::Null);
    }
    Value::Object(shown)
}

/// `POST /integrations`: 200, not 201.
pub(crate) fn create(app: &App, call: &mut Call) -> Outcome {
    let caller = secret_key(app, call, &["environment:integrations:create"])?;
    call.no_query()?;
    let mut issues = Issues::default();
    let mut body = Members::body(&call.json, &mut issues);
    let provider = body.text("provider", &mut issues);
    let unique_key = body.patterned("unique_key", KEY, &mut issues);
    let display_name = body.optional_text("display_name", &mut issues);
    let forward_webhooks = body.boolean("forward_webhooks", &mut issues);
    let credentials = credentials(&mut body, &mut issues);
    body.ignore(&["custom", "integration_config"]);
    body.close(&mut issues);
    issues.refuse("invalid_body")?;

    let mut issues = Issues::default();
    let Some(provider) = app.catalogue.get(&provider) else {
        issues.add("invalid_string", "Invalid provider", &["provider"]);
        issues.refuse("invalid_body")?;
        return Err(Refusal::unexpected());
    };
    let now = app.clock.now();
    let mut state = app.state();
    let environment = state.environment_mut(caller.environment).ok_or_else(Refusal::unexpected)?;
    if environment.integrations.contains_key(&unique_key) {
        issues.add("invalid_string", "Unique key already exists", &["uniqueKey"]);
    }
    issues.refuse("invalid_body")?;
    let given = credentials.as_ref().and_then(|credentials| credentials.get("type")).and_then(Value::as_str);
    match given {
        None if needs_developer_app(&provider.auth_mode) => return Err(Refusal::body("Missing credentials")),
        Some(kind) if kind != provider.auth_mode => {
            return Err(Refusal::body("incompatible credentials auth type and provider auth"));
        }
        _ => {}
    }
    let integration = Integration {
        unique_key: unique_key.clone(),
        provider: provider.name.clone(),
        display_name: display_name.unwrap_or_else(|| provider.display_name.clone()),
        forward_webhooks: forward_webhooks.unwrap_or(true),
        credentials,
        created: now,
        updated: now,
    };
    let data = integration.json(&app.base_url);
    environment.integrations.insert(unique_key, integration);
    drop(state);
    app.changed();
    Ok(answer::json(StatusCode::OK, &json!({ "data": data })))
}

/// `PATCH /integrations/{key}`: the same members, all optional.
pub(crate) fn update(app: &App, call: &mut Call, key: &str) -> Outcome {
    let caller = secret_key(app, call, &["environment:integrations:update"])?;
    call.no_query()?;
    let mut issues = Issues::default();
    let mut body = Members::body(&call.json, &mut issues);
    let renamed = body.any("unique_key").is_some().then(|| body.patterned("unique_key", KEY, &mut issues));
    let display_name = body.optional_text("display_name", &mut issues);
    let forward_webhooks = body.boolean("forward_webhooks", &mut issues);
    let credentials = credentials(&mut body, &mut issues);
    body.ignore(&["custom", "integration_config"]);
    body.close(&mut issues);
    issues.refuse("invalid_body")?;

    let now = app.clock.now();
    let mut state = app.state();
    let environment = state.environment_mut(caller.environment).ok_or_else(Refusal::unexpected)?;
    let mut integration = environment.integrations.get(key).cloned().ok_or_else(|| unknown(key))?;
    if let Some(renamed) = renamed.filter(|renamed| renamed != key) {
        if environment.integrations.contains_key(&renamed) {
            return Err(Refusal::body("uniqueKey is already used by another integration"));
        }
        if environment.has_connections(key) {
            return Err(Refusal::body("Can't rename an integration with active connections"));
        }
        environment.integrations.remove(key);
        integration.unique_key = renamed;
    }
    if let Some(credentials) = credentials {
        let mode = app.catalogue.get(&integration.provider).map(|provider| provider.auth_mode.as_str());
        if credentials.get("type").and_then(Value::as_str) != mode {
            return Err(Refusal::body("incompatible credentials auth type and provider auth"));
        }
        integration.credentials = Some(credentials);
    }
    integration.display_name = display_name.unwrap_or(integration.display_name);
    integration.forward_webhooks = forward_webhooks.unwrap_or(integration.forward_webhooks);
    integration.updated = now;
    let data = integration.json(&app.base_url);
    environment.integrations.insert(integration.unique_key.clone(), integration);
    drop(state);
    app.changed();
    Ok(answer::json(StatusCode::OK, &json!({ "data": data })))
}

/// `DELETE /integrations/{key}`: takes its connections along without a word.
pub(crate) fn delete(app: &App, call: &mut Call, key: &str) -> Outcome {
    let caller = secret_key(app, call, &["environment:integrations:delete"])?;
    call.no_query()?;
    let mut state = app.state();
    let removed =
        state.environment_mut(caller.environment).is_some_and(|found| found.remove_integration(key));
    drop(state);
    if !removed {
        return Err(Refusal::not_found("Integration does not exist"));
    }
    app.changed();
    Ok(answer::json(StatusCode::OK, &json!({ "success": true })))
}

fn unknown(key: &str) -> Refusal {
    Refusal::not_found(&format!("Integration \"{key}\" does not exist"))
}

/// The developer app of a body, checked by its type.
fn credentials<'a>(body: &mut Members<'a>, issues: &mut Issues) -> Option<Map<String, Value>> {
    let given = body.object("credentials", issues)?;
    let mut members = Members::nested(given, &["credentials"]);
    let kind = members.any("type").and_then(Value::as_str).unwrap_or_default();
    match kind {
        "OAUTH1" | "OAUTH2" | "TBA" => {
            members.text("client_id", issues);
            members.text("client_secret", issues);
            members.ignore(&["scopes", "webhook_secret"]);
            let scopes = given.get("scopes").and_then(Value::as_str).unwrap_or_default();
            // Separated by commas; a space anywhere is refused.
            if scopes.contains(' ') {
                issues.add("invalid_union", "Invalid input", &["credentials", "scopes"]);
            }
        }
        "APP" | "CUSTOM" => {
            members.text("app_id", issues);
            members.text("app_link", issues);
            let key = members.text("private_key", issues);
            let path = ["credentials", "private_key"];
            if !key.starts_with(RSA_START) {
                let message = format!("Invalid string: must start with \"{RSA_START}\"");
                issues.add("invalid_format", &message, &path);
            }
            if !key.ends_with(RSA_END) {
                issues.add("invalid_format", &format!("Invalid string: must end with \"{RSA_END}\""), &path);
            }
            if kind == "CUSTOM" {
                members.text("client_id", issues);
                members.text("client_secret", issues);
            }
        }
        _ => {
            issues.add("invalid_union", "invalid credentials object", &["credentials", "type"]);
            return None;
        }
    }
    members.close(issues);
    Some(given.clone())
}
