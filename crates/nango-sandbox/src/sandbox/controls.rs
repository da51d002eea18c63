//! The controls that the handle and the control routes have in common.

use std::sync::atomic::Ordering;

use serde_json::Value;

use crate::app::App;
use crate::connection::{Connection, Credentials};
use crate::random;
use crate::record::{ConnectionSummary, IntegrationSummary};

/// The default environment's integrations.
pub(crate) fn integrations(app: &App) -> Vec<IntegrationSummary> {
    let state = app.state();
    let environment = state.environment(state.default_environment);
    let integrations = environment.into_iter().flat_map(|environment| environment.integrations.values());
    integrations
        .map(|integration| IntegrationSummary {
            unique_key: integration.unique_key.clone(),
            provider: integration.provider.clone(),
            auth_mode: app
                .catalogue
                .get(&integration.provider)
                .map(|found| found.auth_mode.clone())
                .unwrap_or_default(),
        })
        .collect()
}

/// The default environment's connections, newest first.
pub(crate) fn connections(app: &App) -> Vec<ConnectionSummary> {
    let state = app.state();
    let environment = state.environment(state.default_environment);
    let summary = |connection: &Connection| ConnectionSummary {
        id: connection.connection_id.clone(),
        integration: connection.integration.clone(),
        tags: connection.tags.clone(),
        end_user: connection.end_user.as_ref().map(|user| user.id.clone()),
    };
    environment
        .into_iter()
        .flat_map(|found| found.newest_first())
        .map(|connection| summary(connection))
        .collect()
}

/// Sets the default environment's callback URL.
pub(crate) fn set_callback_url(app: &App, url: &str) {
    let mut state = app.state();
    let default = state.default_environment;
    if let Some(environment) = state.environment_mut(default) {
        environment.callback_url = Some(url.to_owned());
    }
}

/// Switches the insistence on the state cookie.
pub(crate) fn set_cookie_enforcement(app: &App, on: bool) {
    app.enforce_cookie.store(on, Ordering::Relaxed);
}

/// A key of the default environment with these scopes.
pub(crate) fn create_api_key(app: &App, scopes: &[&str]) -> String {
    let secret = random::uuid();
    let now = app.clock.now();
    let mut state = app.state();
    let environment = Some(state.default_environment);
    let name = format!("scoped {}", state.keys.len());
    state.add_key(&secret, &name, scopes, environment, now);
    secret
}

/// Takes back, at the provider, what a connection stands on. Nango finds out at the next read or call.
pub(crate) fn revoke_grants(app: &App, connection_id: &str) {
    change(app, |connection| {
        (connection.connection_id == connection_id).then(|| secrets(&connection.credentials))
    });
}

/// Approves, as an administrator at the provider would, a connection that waits for it. From then on it is the
/// first account's.
pub(crate) fn approve(app: &App, connection_id: &str) {
    {
        let mut state = app.state();
        for environment in state.environments.values_mut() {
            let number = environment
                .newest_first()
                .find(|connection| connection.connection_id == connection_id)
                .map(|connection| connection.id);
            let Some(connection) = number.and_then(|number| environment.numbered_mut(number)) else {
                continue;
            };
            for name in ["pending", "pendingLog"] {
                connection.connection_config.remove(name);
            }
            let account = &crate::account::ACCOUNTS[0];
            let token = app.provider.grants().lasting_token(account, &connection.provider);
            if let Credentials::Entered { token: held, .. } = &mut connection.credentials {
                *held = Some(token);
            }
        }
    }
    app.changed();
}

/// Takes back, at the provider, everything an account granted.
pub(crate) fn revoke_account(app: &App, login: &str) {
    let tokens = app.provider.grants().revoke_account(login);
    let concerned = |connection: &Connection| match &connection.credentials {
        Credentials::OAuth2 { refresh_token: Some(token), .. } => tokens.contains(token).then(Vec::new),
        Credentials::Entered { token: None, fields, .. } => {
            let values: Vec<&str> = fields.values().filter_map(Value::as_str).collect();
            let owner = crate::account::of_secret(&values.join(" "));
            (owner.login == login && !values.is_empty()).then(|| secrets(&connection.credentials))
        }
        _ => None,
    };
    change(app, concerned);
}

/// Revokes the secrets that `concerned` names for a connection, and makes the connection's token expired.
fn change(app: &App, concerned: impl Fn(&Connection) -> Option<Vec<String>>) {
    let now = app.clock.now();
    {
        let mut state = app.state();
        for environment in state.environments.values_mut() {
            let found: Vec<(u64, Vec<String>)> = environment
                .newest_first()
                .filter_map(|connection| Some((connection.id, concerned(connection)?)))
                .collect();
            for (number, secrets) in found {
                for secret in secrets {
                    app.provider.grants().revoke(&secret);
                }
                if let Some(connection) = environment.numbered_mut(number) {
                    connection.credentials.expire(now);
                }
            }
        }
    }
    app.changed();
}

/// What the provider knows a connection by.
fn secrets(credentials: &Credentials) -> Vec<String> {
    let texts = |fields: &serde_json::Map<String, Value>| {
        fields.values().filter_map(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned).collect()
    };
    match credentials {
        Credentials::OAuth2 { access_token, refresh_token, .. } => {
            std::iter::once(access_token.clone()).chain(refresh_token.clone()).collect()
        }
        Credentials::Fetched { token, fields, .. } => {
            let mut secrets: Vec<String> = texts(fields);
            secrets.push(token.clone());
            secrets
        }
        Credentials::Entered { token: Some(token), .. } => vec![token.clone()],
        Credentials::Entered { fields, token: None, .. } => texts(fields),
        Credentials::Nothing => Vec::new(),
    }
}
