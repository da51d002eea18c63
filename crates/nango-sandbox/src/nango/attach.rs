//! Putting credentials on a connection: a new one, or the one a session re-connects.

use serde_json::{Map, Value, json};

use crate::app::{App, State};
use crate::catalogue::Provider;
use crate::connection::{Connection, Credentials, Health};
use crate::random;
use crate::session::Session;

/// What a finished attempt brings.
#[derive(Debug)]
pub(crate) struct Attempt<'a> {
    pub(crate) environment: u64,
    pub(crate) integration: &'a str,
    pub(crate) provider: &'a Provider,
    /// The id a new connection gets.
    pub(crate) connection_id: &'a str,
    /// The connection to re-connect.
    pub(crate) reconnects: Option<u64>,
    /// The session, unless it was deleted meanwhile: then nothing is known of tags and end user.
    pub(crate) session: Option<&'a Session>,
    pub(crate) connection_config: Map<String, Value>,
    pub(crate) credentials: Credentials,
}

/// Stores the result; `false` if the connection to re-connect is gone.
///
/// A re-connection keeps id, creation time, metadata and, unless the session names another, the end user. Tags
/// and connection_config are replaced, by nothing if nothing was given. `updated_at` does not move.
pub(crate) fn attach(app: &App, attempt: Attempt<'_>) -> bool {
    let now = app.clock.now();
    let mut state = app.state();
    let done = match attempt.reconnects {
        Some(number) => {
            match state.environment_mut(attempt.environment).and_then(|found| found.numbered_mut(number)) {
                Some(connection) => {
                    connection.tags = attempt.session.map(|session| session.tags.clone()).unwrap_or_default();
                    if let Some(end_user) = attempt.session.and_then(|session| session.end_user.clone()) {
                        connection.end_user = Some(end_user);
                    }
                    connection.connection_config = attempt.connection_config;
                    connection.credentials = attempt.credentials;
                    connection.health = Health::default();
                    connection.last_fetched = Some(now);
                    true
                }
                None => false,
            }
        }
        None => {
            add(&mut state, attempt, now);
            true
        }
    };
    drop(state);
    app.changed();
    done
}

fn add(state: &mut State, attempt: Attempt<'_>, now: i64) {
    let id = state.next_connection();
    // Seen: keys and passwords start with an empty object, OAuth without anything.
    let metadata = match attempt.provider.auth_mode.as_str() {
        "API_KEY" | "BASIC" => json!({}),
        _ => Value::Null,
    };
    let connection = Connection {
        id,
        connection_id: attempt.connection_id.to_owned(),
        integration: attempt.integration.to_owned(),
        provider: attempt.provider.name.clone(),
        end_user: attempt.session.and_then(|session| session.end_user.clone()),
        tags: attempt.session.map(|session| session.tags.clone()).unwrap_or_default(),
        metadata,
        connection_config: attempt.connection_config,
        created: now,
        updated: now,
        last_fetched: Some(now),
        credentials: attempt.credentials,
        health: Health::default(),
    };
    if let Some(environment) = state.environment_mut(attempt.environment) {
        environment.put(connection);
    }
}

/// The parameters of a connection: those of the query under those of the session, which win.
pub(crate) fn connection_config(
    query: Map<String, Value>,
    session: &Session,
    integration: &str,
) -> Map<String, Value> {
    let mut config = query;
    config.extend(session.default(integration, "connection_config"));
    config
}

/// Parameters that a real server learns from the provider, filled with their examples.
pub(crate) fn automated_config(provider: &Provider) -> Map<String, Value> {
    let fields = provider.object("/connection_config");
    let automated = fields.iter().filter(|(_, field)| field.get("automated") == Some(&json!(true)));
    automated
        .map(|(name, field)| (name.clone(), field.get("example").cloned().unwrap_or(json!("sandbox"))))
        .collect()
}

/// What marks a connection that waits for an administrator.
pub(crate) fn pending_config(now: i64) -> Map<String, Value> {
    Map::from_iter([
        ("pending".to_owned(), json!(true)),
        ("pendingLog".to_owned(), json!(random::log_id(now))),
    ])
}
