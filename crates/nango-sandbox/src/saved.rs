//! What outlives a run: integrations, connections and grants of the default environment, without any secret.
//!
//! Tokens are not saved: each grant gets new ones at the next start. What a user entered (keys, passwords) is
//! not saved either; the connection comes back with a stand-in that the sample API accepts for the same account.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::account;
use crate::app::App;
use crate::clock::Millis;
use crate::connection::{Connection, Credentials, EndUser, Health};
use crate::environment::Integration;
use crate::provider::grants::Lifetime;
use crate::seed;

/// What an earlier run left. Made by [`crate::Sandbox::saved_state`], taken by [`crate::Options::state`].
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct SavedState {
    integrations: Vec<SavedIntegration>,
    connections: Vec<SavedConnection>,
    grants: BTreeMap<String, SavedGrant>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct SavedIntegration {
    unique_key: String,
    provider: String,
    display_name: String,
    forward_webhooks: bool,
    client_id: Option<String>,
    scopes: Option<String>,
    created: Millis,
    updated: Millis,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct SavedConnection {
    id: u64,
    connection_id: String,
    integration: String,
    provider: String,
    end_user: Option<EndUser>,
    tags: BTreeMap<String, String>,
    metadata: Value,
    connection_config: Map<String, Value>,
    created: Millis,
    updated: Millis,
    error: Option<String>,
    exhausted: bool,
    credentials: SavedCredentials,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SavedCredentials {
    /// Tokens of a grant.
    Grant { grant: String },
    /// Tokens of no grant that is known: they stay broken.
    Lost,
    /// A token fetched with something that was entered, for this account.
    Fetched { kind: String, fields: Vec<String>, login: String },
    /// Something that was entered, for this account; `signed` for modes that get a token of the sandbox.
    Entered { kind: String, fields: Vec<String>, login: String, signed: bool },
    /// No credentials.
    Nothing,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct SavedGrant {
    login: String,
    provider: String,
    scope: String,
    revoked: bool,
}

/// Takes a picture of the default environment.
pub(crate) fn save(app: &App) -> SavedState {
    let state = app.state();
    let Some(environment) = state.environment(state.default_environment) else {
        return SavedState::default();
    };
    let mut saved = SavedState::default();
    for integration in environment.integrations.values() {
        saved.integrations.push(SavedIntegration {
            unique_key: integration.unique_key.clone(),
            provider: integration.provider.clone(),
            display_name: integration.display_name.clone(),
            forward_webhooks: integration.forward_webhooks,
            client_id: integration.credential("client_id").map(str::to_owned),
            scopes: integration.credential("scopes").map(str::to_owned),
            created: integration.created,
            updated: integration.updated,
        });
    }
    for connection in environment.newest_first() {
        let credentials = describe(app, &connection.credentials);
        if let SavedCredentials::Grant { grant } = &credentials
            && let Some((account, provider, scope, revoked)) = app.provider.grants().describe(grant)
        {
            let (login, provider, scope) = (account.login.to_owned(), provider.to_owned(), scope.to_owned());
            saved.grants.insert(grant.clone(), SavedGrant { login, provider, scope, revoked });
        }
        saved.connections.push(SavedConnection {
            id: connection.id,
            connection_id: connection.connection_id.clone(),
            integration: connection.integration.clone(),
            provider: connection.provider.clone(),
            end_user: connection.end_user.clone(),
            tags: connection.tags.clone(),
            metadata: connection.metadata.clone(),
            connection_config: connection.connection_config.clone(),
            created: connection.created,
            updated: connection.updated,
            error: connection.health.error.clone(),
            exhausted: connection.health.exhausted,
            credentials,
        });
    }
    saved
}

fn describe(app: &App, credentials: &Credentials) -> SavedCredentials {
    let entered = |fields: &Map<String, Value>| {
        let values: Vec<&str> = fields.values().filter_map(Value::as_str).collect();
        (fields.keys().cloned().collect(), account::of_secret(&values.join(" ")).login.to_owned())
    };
    match credentials {
        Credentials::OAuth2 { refresh_token, .. } => {
            let grants = app.provider.grants();
            let grant = refresh_token.as_deref().and_then(|token| grants.name_of(token)).map(str::to_owned);
            grant.map_or(SavedCredentials::Lost, |grant| SavedCredentials::Grant { grant })
        }
        Credentials::Fetched { kind, fields, .. } => {
            let (fields, login) = entered(fields);
            SavedCredentials::Fetched { kind: (*kind).to_owned(), fields, login }
        }
        Credentials::Entered { kind, fields, token } => {
            let owner =
                token.as_deref().and_then(|token| app.provider.grants().owner(token, app.clock.now()));
            let (names, login) = entered(fields);
            let login = owner.map_or(login, |owner| owner.login.to_owned());
            SavedCredentials::Entered { kind: kind.clone(), fields: names, login, signed: token.is_some() }
        }
        Credentials::Nothing => SavedCredentials::Nothing,
    }
}

/// Puts a saved state into a fresh sandbox. What refers to a provider that no longer exists is left out.
pub(crate) fn restore(app: &App, saved: SavedState) {
    let lifetime = Lifetime::now(app);
    let mut state = app.state();
    let default = state.default_environment;
    for integration in saved.integrations {
        let Some(provider) = app.catalogue.get(&integration.provider) else { continue };
        let mut credentials = seed::developer_app(provider);
        if let Some(app) = &mut credentials {
            app.extend(integration.client_id.map(|id| ("client_id".to_owned(), json!(id))));
            app.extend(integration.scopes.map(|scopes| ("scopes".to_owned(), json!(scopes))));
        }
        if let Some(environment) = state.environment_mut(default) {
            environment.integrations.insert(
                integration.unique_key.clone(),
                Integration {
                    unique_key: integration.unique_key,
                    provider: integration.provider,
                    display_name: integration.display_name,
                    forward_webhooks: integration.forward_webhooks,
                    credentials,
                    created: integration.created,
                    updated: integration.updated,
                },
            );
        }
    }
    for connection in saved.connections {
        let known = state
            .environment(default)
            .is_some_and(|found| found.integrations.contains_key(&connection.integration));
        if !known {
            continue;
        }
        let credentials = revive(app, &connection, &saved.grants, lifetime);
        state.reserve_connection(connection.id);
        let health = Health {
            error: connection.error,
            failed_at: None,
            failed_days: BTreeSet::new(),
            exhausted: connection.exhausted,
        };
        let restored = Connection {
            id: connection.id,
            connection_id: connection.connection_id,
            integration: connection.integration,
            provider: connection.provider,
            end_user: connection.end_user,
            tags: connection.tags,
            metadata: connection.metadata,
            connection_config: connection.connection_config,
            created: connection.created,
            updated: connection.updated,
            last_fetched: Some(connection.created),
            credentials,
            health,
        };
        if let Some(environment) = state.environment_mut(default) {
            environment.put(restored);
        }
    }
}

fn revive(
    app: &App,
    connection: &SavedConnection,
    saved: &BTreeMap<String, SavedGrant>,
    lifetime: Lifetime,
) -> Credentials {
    let stand_in = |fields: &[String], login: &str| {
        let value = json!(format!("restored-{login}"));
        fields.iter().map(|name| (name.clone(), value.clone())).collect::<Map<_, _>>()
    };
    let mut grants = app.provider.grants();
    match &connection.credentials {
        SavedCredentials::Grant { grant } => {
            let Some(described) = saved.get(grant) else { return lost() };
            let Some(account) = account::by_login(&described.login) else { return lost() };
            let issued =
                grants.grant_as(grant.clone(), account, &described.provider, &described.scope, &lifetime);
            let mut credentials = issued.into_credentials();
            if described.revoked {
                grants.restore_revoked(grant);
                credentials.expire(lifetime.now);
            }
            credentials
        }
        SavedCredentials::Lost => lost(),
        SavedCredentials::Fetched { kind, fields, login } => Credentials::Fetched {
            kind: if kind == "OAUTH2_CC" { "OAUTH2_CC" } else { "TWO_STEP" },
            // Expired on purpose: the next read fetches one.
            token: String::new(),
            expires_at: Some(lifetime.now),
            fields: stand_in(fields, login),
            raw: Map::new(),
        },
        SavedCredentials::Entered { kind, fields, login, signed } => {
            let account = account::by_login(login).unwrap_or(&account::ACCOUNTS[0]);
            let token = signed.then(|| grants.lasting_token(account, &connection.provider));
            Credentials::Entered { kind: kind.clone(), fields: stand_in(fields, login), token }
        }
        SavedCredentials::Nothing => Credentials::Nothing,
    }
}

fn lost() -> Credentials {
    Credentials::OAuth2 {
        access_token: "lost".to_owned(),
        refresh_token: None,
        expires_at: None,
        raw: Map::new(),
    }
}
