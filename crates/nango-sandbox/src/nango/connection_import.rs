//! `POST /connections`: a connection made from credentials that somebody already has.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use crate::answer;
use crate::app::App;
use crate::connection::{Connection, Credentials, Form, Health};
use crate::nango::Outcome;
use crate::nango::authentication::secret_key;
use crate::nango::call::Call;
use crate::nango::key_modes;
use crate::nango::refusal::Refusal;
use crate::nango::sessions;
use crate::nango::validate::{Issues, Members};
use crate::random;
use crate::time_text;

/// Imports. An id that exists is overwritten altogether: what is not given is lost.
pub(crate) async fn import(app: &App, call: &mut Call) -> Outcome {
    let caller = secret_key(app, call, &["environment:connections:create"])?;
    call.no_query()?;
    let json = call.json.clone();
    let mut issues = Issues::default();
    let mut body = Members::body(&json, &mut issues);
    let integration = body.text("provider_config_key", &mut issues);
    let connection_id = body.optional_text("connection_id", &mut issues);
    let given = body.object("credentials", &mut issues);
    if given.is_none() && json.get("credentials").is_none() {
        issues.wrong_type("object", None, &["credentials"]);
    }
    let tags = body.any("tags").map(|value| sessions::tags(value, &mut issues));
    let end_user = body.object("end_user", &mut issues).map(|map| sessions::end_user(map, &mut issues));
    let metadata = body.object("metadata", &mut issues).cloned();
    let config = body.object("connection_config", &mut issues).cloned().unwrap_or_default();
    body.close(&mut issues);
    issues.refuse("invalid_body")?;
    let given = given.cloned().unwrap_or_default();

    let provider = {
        let state = app.state();
        let environment = state.environment(caller.environment).ok_or_else(Refusal::unexpected)?;
        environment.integrations.get(&integration).map(|found| found.provider.clone())
    };
    let provider = provider.and_then(|name| app.catalogue.get(&name));
    let provider = provider.ok_or_else(|| Refusal::not_found("Integration does not exist"))?;
    let kind = given.get("type").and_then(Value::as_str).unwrap_or_default();
    if kind != provider.auth_mode {
        let message = format!("Provider {} does not support {kind} auth", provider.auth_mode);
        return Err(Refusal::body(&message));
    }
    let credentials = match kind {
        "OAUTH2" | "MCP_OAUTH2" | "MCP_OAUTH2_GENERIC" => tokens(&given)?,
        _ => {
            let mut fields = given.clone();
            fields.remove("type");
            key_modes::credentials(app, provider, &config, fields).await?
        }
    };
    let shown = credentials.json(true);
    let mut all_tags: BTreeMap<String, String> = tags.unwrap_or_default();
    all_tags.extend(end_user.iter().flat_map(crate::connection::EndUser::as_tags));
    let now = app.clock.now();
    let mut state = app.state();
    let connection_id = connection_id.unwrap_or_else(random::uuid);
    let known = state
        .environment(caller.environment)
        .and_then(|environment| environment.connection(&integration, &connection_id))
        .map(|known| (known.id, known.created));
    let (id, created) = known.unwrap_or_else(|| (state.next_connection(), now));
    let connection = Connection {
        id,
        connection_id,
        integration,
        provider: provider.name.clone(),
        end_user,
        tags: all_tags,
        metadata: Value::Object(metadata.unwrap_or_default()),
        connection_config: config,
        created,
        updated: now,
        last_fetched: (!matches!(credentials, Credentials::Nothing)).then_some(now),
        credentials,
        health: Health::default(),
    };
    let answer = answer::json(StatusCode::CREATED, &connection.full(Form::Imported, shown));
    if let Some(environment) = state.environment_mut(caller.environment) {
        environment.put(connection);
    }
    drop(state);
    app.changed();
    Ok(answer)
}

/// Tokens as given; `raw` repeats them.
fn tokens(given: &Map<String, Value>) -> Result<Credentials, Refusal> {
    let mut issues = Issues::default();
    let mut members = Members::nested(given, &["credentials"]);
    members.ignore(&["type", "raw", "no_expiration", "config_override"]);
    let access_token = members.text("access_token", &mut issues);
    let refresh_token = members.optional_text("refresh_token", &mut issues);
    let expires_at =
        members.optional_text("expires_at", &mut issues).and_then(|text| time_text::parse(&text));
    members.close(&mut issues);
    issues.refuse("invalid_body")?;
    let mut raw = Map::from_iter([("type".to_owned(), json!("OAUTH2"))]);
    raw.insert("access_token".into(), json!(access_token));
    Ok(Credentials::OAuth2 { access_token, refresh_token, expires_at, raw })
}
