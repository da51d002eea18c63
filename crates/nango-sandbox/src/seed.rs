//! What exists from the start: the demo's integrations, and connections made in bulk for load tests.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::account::ACCOUNTS;
use crate::app::App;
use crate::catalogue::Provider;
use crate::clock::Millis;
use crate::connection::{Connection, Credentials, EndUser, Health};
use crate::environment::Integration;
use crate::provider::grants::Lifetime;
use crate::random;

/// The secret of every developer app the sandbox makes up. The provider side accepts any.
pub(crate) const CLIENT_SECRET: &str = "sandbox-client-secret";

/// Modes whose integration needs a developer app before anybody can connect.
pub(crate) fn needs_developer_app(auth_mode: &str) -> bool {
    matches!(auth_mode, "OAUTH1" | "OAUTH2" | "TBA" | "APP" | "CUSTOM")
}

/// The integration a demo has for a provider.
pub(crate) fn integration(provider: &Provider, now: Millis) -> Integration {
    Integration {
        unique_key: provider.name.clone(),
        provider: provider.name.clone(),
        display_name: provider.display_name.clone(),
        forward_webhooks: true,
        credentials: developer_app(provider),
        created: now,
        updated: now,
    }
}

/// A made-up developer app, for modes that have one.
pub(crate) fn developer_app(provider: &Provider) -> Option<Map<String, Value>> {
    if !needs_developer_app(&provider.auth_mode) {
        return None;
    }
    let scopes = provider.json.get("default_scopes").and_then(Value::as_array);
    let scopes = scopes.map(|scopes| scopes.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","));
    let mut app = Map::new();
    app.insert("type".into(), json!(provider.auth_mode));
    app.insert("client_id".into(), json!(format!("sandbox-{}", provider.name)));
    app.insert("client_secret".into(), json!(CLIENT_SECRET));
    app.insert("scopes".into(), json!(scopes.unwrap_or_else(|| "read,write".to_owned())));
    Some(app)
}

/// Adds `count` working connections of one integration of the default environment, each under a name of its own; 0 if
/// it does not exist.
pub(crate) fn connections(app: &App, count: usize, integration: &str, end_user: &str) -> usize {
    let mut state = app.state();
    let environment = state.default_environment;
    let Some(found) =
        state.environment(environment).and_then(|found| found.integrations.get(integration)).cloned()
    else {
        return 0;
    };
    let Some(provider) = app.catalogue.get(&found.provider) else {
        return 0;
    };
    let now = app.clock.now();
    for index in 0..count {
        let id = state.next_connection();
        let account = &ACCOUNTS[index % ACCOUNTS.len()];
        let credentials = match provider.auth_mode.as_str() {
            "NONE" => Credentials::Nothing,
            "OAUTH2" | "MCP_OAUTH2" | "MCP_OAUTH2_GENERIC" => app
                .provider
                .grants()
                .grant(account, &provider.name, "read", &Lifetime::now(app))
                .into_credentials(),
            mode => {
                let token = app.provider.grants().lasting_token(account, &provider.name);
                entered(mode, account.login, token)
            }
        };
        let connection = Connection {
            id,
            connection_id: random::uuid(),
            integration: integration.to_owned(),
            provider: provider.name.clone(),
            end_user: Some(EndUser {
                id: end_user.to_owned(),
                display_name: Some(format!("{} {}", account.name, index + 1)),
                ..EndUser::default()
            }),
            tags: BTreeMap::from([("end_user_id".to_owned(), end_user.to_owned())]),
            metadata: Value::Null,
            connection_config: Map::new(),
            created: now,
            updated: now,
            last_fetched: Some(now),
            credentials,
            health: Health::default(),
        };
        if let Some(environment) = state.environment_mut(environment) {
            environment.put(connection);
        }
    }
    drop(state);
    app.changed();
    count
}

/// What a user would have entered for a mode without a browser, with a token the sample API knows.
fn entered(mode: &str, login: &str, token: String) -> Credentials {
    let fields = match mode {
        "API_KEY" => vec![("apiKey", json!(token))],
        "BASIC" => vec![("username", json!(login)), ("password", json!(token))],
        _ => Vec::new(),
    };
    let token = fields.is_empty().then_some(token);
    let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Credentials::Entered { kind: mode.to_owned(), fields, token }
}
