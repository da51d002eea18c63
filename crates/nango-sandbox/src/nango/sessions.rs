//! Connect sessions: one user's attempts to connect.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use fancy_regex::Regex;
use serde_json::{Map, Value, json};

use crate::answer;
use crate::app::App;
use crate::connection::{EndUser, Organization};
use crate::nango::Outcome;
use crate::nango::authentication::{Caller, SESSION_PREFIX, secret_key, session_in_header};
use crate::nango::call::Call;
use crate::nango::refusal::Refusal;
use crate::nango::validate::{Issues, Members};
use crate::random;
use crate::session::Session;
use crate::time_text;

/// What a tag's name may be.
const TAG: &str = r"^[a-zA-Z][a-zA-Z0-9_\-./]{0,63}$";
/// The most tags a body may have.
const TAGS: usize = 10;
/// The longest value of a tag.
const TAG_VALUE: usize = 255;
const SCOPE: &str = "environment:connect_sessions:write";

/// `POST /connect/sessions`.
pub(crate) fn create(app: &App, call: &mut Call) -> Outcome {
    let caller = secret_key(app, call, &[SCOPE])?;
    call.no_query()?;
    let mut issues = Issues::default();
    let mut body = Members::body(&call.json, &mut issues);
    let asked = read(&mut body, &mut issues);
    let allowed = allowed(&mut body, &mut issues);
    if asked.end_user.is_none()
        && asked.tags.is_none()
        && call.json.get("end_user").is_none()
        && issues.is_empty()
    {
        issues.wrong_type("object", None, &["end_user"]);
    }
    body.close(&mut issues);
    issues.refuse("invalid_body")?;
    let mut issues = Issues::default();
    {
        let state = app.state();
        let integrations = state.environment(caller.environment).map(|environment| &environment.integrations);
        let exists = |key: &str| integrations.is_some_and(|integrations| integrations.contains_key(key));
        for (index, _) in allowed.iter().flatten().enumerate().filter(|(_, key)| !exists(key)) {
            issues.add("custom", "Integration does not exist", &["allowed_integrations", &index.to_string()]);
        }
        for key in asked.defaults.keys().filter(|key| !exists(key)) {
            issues.add("custom", "Integration does not exist", &["integrations_config_defaults", key]);
        }
    }
    issues.refuse("invalid_body")?;
    Ok(store(app, &caller, asked, allowed, None))
}

/// `POST /connect/sessions/reconnect`: a session bound to one connection. Its tags replace the connection's.
pub(crate) fn reconnect(app: &App, call: &mut Call) -> Outcome {
    let caller = secret_key(app, call, &[SCOPE])?;
    call.no_query()?;
    let mut issues = Issues::default();
    let mut body = Members::body(&call.json, &mut issues);
    let connection_id = body.text("connection_id", &mut issues);
    let integration = body.text("integration_id", &mut issues);
    let asked = read(&mut body, &mut issues);
    body.close(&mut issues);
    issues.refuse("invalid_body")?;
    let number = {
        let state = app.state();
        let environment = state.environment(caller.environment);
        let found = environment.and_then(|environment| environment.connection(&integration, &connection_id));
        found.map(|connection| connection.id)
    };
    let number = number.ok_or_else(|| Refusal::body("ConnectionID or IntegrationId does not exists"))?;
    Ok(store(app, &caller, asked, Some(vec![integration]), Some(number)))
}

/// `GET /connect/session`, by token. Tags are not shown.
pub(crate) fn show(app: &App, call: &mut Call) -> Outcome {
    let (_, session) = session_in_header(app, call)?;
    let theme = json!({ "light": { "primary": "#00B2E3" }, "dark": { "primary": "#00B2E3" } });
    let mut data = json!({
        "endUser": session.end_user.as_ref().map(EndUser::json),
        "connectUISettings": { "showWatermark": true, "defaultTheme": "system", "theme": theme },
        "websocketsPath": "/",
    });
    if let Some(allowed) = &session.allowed {
        data["allowed_integrations"] = json!(allowed);
    }
    if !session.defaults.is_empty() {
        let shown = |defaults: &Value| {
            let groups = ["connection_config", "authorization_params"];
            let kept =
                groups.iter().filter_map(|name| Some(((*name).to_owned(), defaults.get(name)?.clone())));
            Value::Object(kept.collect())
        };
        let defaults: Map<_, _> =
            session.defaults.iter().map(|(key, value)| (key.clone(), shown(value))).collect();
        data["integrations_config_defaults"] = Value::Object(defaults);
    }
    if session.reconnects.is_some() {
        data["isReconnecting"] = json!(true);
    }
    Ok(answer::json(StatusCode::OK, &json!({ "data": data })))
}

/// `DELETE /connect/session`, by token.
pub(crate) fn delete(app: &App, call: &mut Call) -> Outcome {
    let (token, _) = session_in_header(app, call)?;
    app.state().sessions.remove(&token);
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// What both kinds of sessions are made of.
struct Asked {
    end_user: Option<EndUser>,
    tags: Option<BTreeMap<String, String>>,
    defaults: Map<String, Value>,
}

fn read(body: &mut Members<'_>, issues: &mut Issues) -> Asked {
    let mut user = body.object("end_user", issues).map(|map| end_user(map, issues));
    if let Some(map) = body.object("organization", issues) {
        let organization = organization(map, issues);
        if let Some(user) = &mut user {
            user.organization = Some(organization);
        }
    }
    let defaults = body.object("integrations_config_defaults", issues).cloned().unwrap_or_default();
    body.ignore(&["overrides"]);
    let tags = body.any("tags").map(|value| tags(value, issues));
    Asked { end_user: user, tags, defaults }
}

fn allowed(body: &mut Members<'_>, issues: &mut Issues) -> Option<Vec<String>> {
    let value = body.any("allowed_integrations")?;
    let Some(list) = value.as_array() else {
        issues.wrong_type("array", Some(value), &["allowed_integrations"]);
        return None;
    };
    Some(list.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

fn store(
    app: &App,
    caller: &Caller,
    asked: Asked,
    allowed: Option<Vec<String>>,
    reconnects: Option<u64>,
) -> answer::Answer {
    let token = format!("{SESSION_PREFIX}{}", random::hex(32));
    let expires = app.clock.now() + app.session_lifetime;
    let mut tags = asked.tags.unwrap_or_default();
    tags.extend(asked.end_user.iter().flat_map(EndUser::as_tags));
    let session = Session {
        environment: caller.environment,
        end_user: asked.end_user,
        tags,
        allowed,
        defaults: asked.defaults,
        reconnects,
        expires,
    };
    app.state().sessions.insert(token.clone(), session);
    let data = json!({
        "connect_link": format!("{}/connect/?session_token={token}", app.base_url),
        "token": token,
        "expires_at": time_text::zulu(expires),
    });
    answer::json(StatusCode::CREATED, &json!({ "data": data }))
}

/// An end user as sessions and `PATCH /connections/{id}` take it.
pub(crate) fn end_user(map: &Map<String, Value>, issues: &mut Issues) -> EndUser {
    let mut members = Members::nested(map, &["end_user"]);
    let id = members.text("id", issues);
    let email = map.contains_key("email").then(|| members.text_or_empty("email", issues));
    if let Some(email) = &email {
        let path = ["end_user", "email"];
        let looks_right =
            email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
        if !looks_right {
            issues.add("invalid_format", "Invalid email address", &path);
        }
        if email.len() < 5 {
            issues.add("too_small", "Too small: expected string to have >=5 characters", &path);
        }
    }
    let display_name = members.optional_text("display_name", issues);
    let tags = members.object("tags", issues).map(|tags| {
        let text = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
        tags.iter().filter_map(text).collect()
    });
    members.close(issues);
    EndUser { id, email, display_name, tags, organization: None }
}

fn organization(map: &Map<String, Value>, issues: &mut Issues) -> Organization {
    let mut members = Members::nested(map, &["organization"]);
    let id = members.text("id", issues);
    let display_name = members.optional_text("display_name", issues);
    members.close(issues);
    Organization { id, display_name }
}

/// Tags as a body gives them; names are lower-cased.
pub(crate) fn tags(value: &Value, issues: &mut Issues) -> BTreeMap<String, String> {
    let Some(given) = value.as_object() else {
        issues.wrong_type("record", Some(value), &["tags"]);
        return BTreeMap::new();
    };
    let pattern = Regex::new(TAG);
    let mut tags = BTreeMap::new();
    let mut duplicate = None;
    let mut sound = true;
    for (name, value) in given {
        let path = ["tags", name.as_str()];
        if !pattern.as_ref().is_ok_and(|pattern| pattern.is_match(name).unwrap_or(false)) {
            issues.add("invalid_key", "Invalid key in record", &path);
            sound = false;
            continue;
        }
        let Some(text) = value.as_str() else {
            issues.wrong_type("string", Some(value), &path);
            sound = false;
            continue;
        };
        if text.is_empty() {
            issues.add("too_small", "Too small: expected string to have >=1 characters", &path);
            sound = false;
        }
        if text.chars().count() > TAG_VALUE {
            issues.add(
                "too_big",
                &format!("Too big: expected string to have <={TAG_VALUE} characters"),
                &path,
            );
            sound = false;
        }
        if tags.insert(name.to_lowercase(), text.to_owned()).is_some() {
            duplicate = Some(name.to_lowercase());
        }
    }
    // These two look at the record as a whole, and only once its members are sound.
    if sound && given.len() > TAGS {
        issues.add("custom", &format!("Tags cannot contain more than {TAGS} keys"), &["tags"]);
    }
    if let Some(name) = duplicate.filter(|_| sound) {
        let message = format!("Duplicate tag key after case normalization: \"{name}\"");
        issues.add("custom", &message, &["tags"]);
    }
    tags
}
