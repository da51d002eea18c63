//! One connection: read, update, metadata, delete.

use axum::http::StatusCode;
use fancy_regex::Regex;
use serde_json::{Map, Value, json};

use crate::answer;
use crate::app::App;
use crate::connection::Form;
use crate::nango::Outcome;
use crate::nango::authentication::secret_key;
use crate::nango::call::Call;
use crate::nango::refresh::{self, Stale, Urgency};
use crate::nango::refusal::Refusal;
use crate::nango::sessions;
use crate::nango::validate::{Issues, Members};

/// What a connection id may consist of.
const ID: &str = r#"^[a-zA-Z0-9,.;:=+~[\]|@${}"'\\/_ -]+$"#;
/// The same for this crate's regular expressions, which want the bracket escaped.
const ID_REGEX: &str = r#"^[a-zA-Z0-9,.;:=+~\[\]|@${}"'\\/_ -]+$"#;
const YES: [&str; 6] = ["true", "1", "yes", "on", "y", "enabled"];
const NO: [&str; 6] = ["false", "0", "no", "off", "n", "disabled"];

/// `GET /connections/{id}`. Not passive: with the right to read credentials it refreshes them first.
pub(crate) async fn read(app: &App, call: &mut Call, id: &str) -> Outcome {
    let scopes = ["environment:connections:read", "environment:connections:read_credentials"];
    let caller = secret_key(app, call, &scopes)?;
    let mut issues = Issues::default();
    let integration = required_key(call, &mut issues);
    let force = flag(call, "force_refresh", &mut issues);
    let with_refresh_token = flag(call, "refresh_token", &mut issues);
    let refresh_github = flag(call, "refresh_github_app_jwt_token", &mut issues);
    let known = ["provider_config_key", "force_refresh", "refresh_token", "refresh_github_app_jwt_token"];
    call.check_query(&known, &mut issues);
    issues.refuse("invalid_query_params")?;
    check_id(id)?;
    let may_read = caller.has("environment:connections:read_credentials");
    if !may_read && (force || with_refresh_token || refresh_github) {
        let message =
            "Credential and refresh options require the environment:connections:read_credentials scope";
        return Err(Refusal::message(StatusCode::FORBIDDEN, "forbidden", message));
    }
    let number = {
        let mut state = app.state();
        let now = app.clock.now();
        let environment = state.environment_mut(caller.environment).ok_or_else(Refusal::unexpected)?;
        if !environment.integrations.contains_key(&integration) {
            let message = "Provider does not exists";
            return Err(Refusal::message(StatusCode::BAD_REQUEST, "unknown_provider_config", message));
        }
        let number = environment.connection(&integration, id).map(|found| found.id).ok_or_else(not_found)?;
        if !may_read {
            let connection = environment.numbered_mut(number).ok_or_else(not_found)?;
            connection.last_fetched = Some(now);
            return Ok(answer::json(StatusCode::OK, &connection.full(Form::Read, json!({}))));
        }
        number
    };
    let urgency = if force { Urgency::Forced } else { Urgency::IfNeeded };
    let fetched = refresh::fresh(app, caller.environment, number, urgency).await;
    let (connection, outcome) = fetched.ok_or_else(not_found)?;
    match outcome {
        Ok(()) => {
            let credentials = connection.credentials.json(with_refresh_token);
            Ok(answer::json(StatusCode::OK, &connection.full(Form::Read, credentials)))
        }
        Err(stale) => {
            let status =
                if stale == Stale::Failed { StatusCode::BAD_REQUEST } else { StatusCode::FAILED_DEPENDENCY };
            let payload = json!({ "connection": connection.full(Form::Read, json!({})) });
            Err(Refusal::payload(status, "invalid_credentials", stale.message(), payload))
        }
    }
}

/// `PATCH /connections/{id}`: tags are replaced; an end user replaces all tags by its own.
pub(crate) fn update(app: &App, call: &mut Call, id: &str) -> Outcome {
    let caller = secret_key(app, call, &["environment:connections:update"])?;
    let integration = only_key(call)?;
    let mut issues = Issues::default();
    let mut body = Members::body(&call.json, &mut issues);
    let tags = body.any("tags").map(|value| sessions::tags(value, &mut issues));
    let end_user = body.object("end_user", &mut issues).map(|map| sessions::end_user(map, &mut issues));
    body.close(&mut issues);
    issues.refuse("invalid_body")?;
    {
        let now = app.clock.now();
        let mut state = app.state();
        let environment = state.environment_mut(caller.environment).ok_or_else(Refusal::unexpected)?;
        let number = environment.connection(&integration, id).map(|found| found.id).ok_or_else(not_found)?;
        let connection = environment.numbered_mut(number).ok_or_else(not_found)?;
        if let Some(tags) = tags {
            connection.tags = tags;
            connection.updated = now;
        }
        if let Some(end_user) = end_user {
            connection.tags = end_user.as_tags();
            connection.end_user = Some(end_user);
            connection.updated = now;
        }
    }
    app.changed();
    Ok(answer::json(StatusCode::OK, &json!({ "success": true })))
}

/// `DELETE /connections/{id}`. The provider's grant stays.
pub(crate) fn delete(app: &App, call: &mut Call, id: &str) -> Outcome {
    let caller = secret_key(app, call, &["environment:connections:delete"])?;
    let integration = only_key(call)?;
    let removed = app
        .state()
        .environment_mut(caller.environment)
        .is_some_and(|environment| environment.remove(&integration, id));
    if !removed {
        return Err(Refusal::code(StatusCode::BAD_REQUEST, "unknown_connection"));
    }
    app.changed();
    Ok(answer::json(StatusCode::OK, &json!({ "success": true })))
}

/// `POST` (replace) and `PATCH` (merge the top level) `/connections/metadata`, for one id or several: all or none.
pub(crate) fn metadata(app: &App, call: &mut Call, replace: bool) -> Outcome {
    let caller = secret_key(app, call, &["environment:connections:update"])?;
    let mut issues = Issues::default();
    let mut body = Members::body(&call.json, &mut issues);
    let ids: Vec<String> = match body.any("connection_id") {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => vec![body.text("connection_id", &mut issues)],
    };
    let integration = body.text("provider_config_key", &mut issues);
    let given = body.any("metadata");
    if !given.is_some_and(Value::is_object) {
        issues.wrong_type("record", given, &["metadata"]);
    }
    let metadata: Map<String, Value> = given.and_then(Value::as_object).cloned().unwrap_or_default();
    body.close(&mut issues);
    issues.refuse("invalid_body")?;
    {
        let mut state = app.state();
        let environment = state.environment_mut(caller.environment).ok_or_else(Refusal::unexpected)?;
        let mut numbers = Vec::new();
        for id in &ids {
            let found = environment.connection(&integration, id).map(|connection| connection.id);
            numbers.push(found.ok_or_else(|| unknown_for_metadata(id, &integration))?);
        }
        for number in numbers {
            let Some(connection) = environment.numbered_mut(number) else { continue };
            match (&mut connection.metadata, replace) {
                (Value::Object(known), false) => known.extend(metadata.clone()),
                (known, _) => *known = Value::Object(metadata.clone()),
            }
        }
    }
    app.changed();
    let status = if replace { StatusCode::CREATED } else { StatusCode::OK };
    Ok(answer::json(status, &call.json))
}

fn unknown_for_metadata(id: &str, integration: &str) -> Refusal {
    let message = format!(
        "Connection with connection id {id} and provider config key {integration} not found. Please make sure the connection exists in the Nango dashboard"
    );
    Refusal::message(StatusCode::NOT_FOUND, "unknown_connection", &message)
}

fn not_found() -> Refusal {
    Refusal::not_found("Failed to find connection")
}

fn check_id(id: &str) -> Result<(), Refusal> {
    if Regex::new(ID_REGEX).is_ok_and(|regex| regex.is_match(id).unwrap_or(false)) {
        return Ok(());
    }
    let mut issues = Issues::default();
    issues.pattern(ID, &["connectionId"]);
    issues.refuse("invalid_uri_params")
}

fn required_key(call: &Call, issues: &mut Issues) -> String {
    match call.query("provider_config_key") {
        Some(key) => key.to_owned(),
        None => {
            issues.wrong_type("string", None, &["provider_config_key"]);
            String::new()
        }
    }
}

fn only_key(call: &Call) -> Result<String, Refusal> {
    let mut issues = Issues::default();
    let key = required_key(call, &mut issues);
    call.check_query(&["provider_config_key"], &mut issues);
    issues.refuse("invalid_query_params")?;
    Ok(key)
}

fn flag(call: &Call, name: &str, issues: &mut Issues) -> bool {
    let Some(value) = call.query(name).map(str::to_lowercase) else {
        return false;
    };
    let known = YES.iter().chain(&NO);
    if !known.clone().any(|word| *word == value) {
        let words: Vec<String> = known.map(|word| format!("\"{word}\"")).collect();
        issues.add("invalid_value", &format!("Invalid option: expected one of {}", words.join("|")), &[name]);
    }
    YES.contains(&value.as_str())
}
