//! A profile's configuration, checked before it is saved, and what its key may do.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::id::ProfileId;

/// The hosted Nango, which is where a new profile points unless told otherwise.
pub const DEFAULT_SERVER_URL: &str = "https://api.nango.dev";

/// What a profile's server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProfileKind {
    /// A Nango server somebody runs.
    Nango,
    /// The sandbox inside the application.
    Sandbox,
}

/// One Nango server and end user on this machine. The key is in the keyring under the profile's id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Our id of it.
    pub id: ProfileId,
    /// What its server is.
    pub kind: ProfileKind,
    /// Where the server answers; may have a path.
    pub server_url: Url,
    /// Nango's `end_user.id` for everything made here.
    pub user_id: String,
    /// Nango's `end_user.display_name`.
    pub user_name: Option<String>,
    /// An https page that forwards OAuth callbacks to this application.
    pub bridge_url: Option<Url>,
    /// False: nothing touches the network.
    pub enabled: bool,
    /// What the last check found.
    pub check: Option<CheckedScopes>,
    /// When the list of connections was last read from the server.
    pub last_synced_at: Option<Timestamp>,
    /// When the profile was made.
    pub created_at: Timestamp,
}

/// Why a profile's form cannot be saved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// The server address does not parse.
    #[error("the server address is not a URL")]
    NotAUrl,
    /// Something other than http or https.
    #[error("the server address does not start with http:// or https://")]
    NotHttp,
    /// User name or password inside the address.
    #[error("the server address holds a user name or a password")]
    HoldsCredentials,
    /// A query or a fragment.
    #[error("the server address holds a query or a fragment")]
    HoldsQuery,
    /// The user id is empty or longer than Nango's tags allow (255 characters).
    #[error("the user id is empty or too long")]
    BadUserId,
    /// The bridge is not an https address.
    #[error("the bridge page is not an https address")]
    BadBridge,
    /// The key is not a version 4 UUID, which is what Nango's keys are.
    #[error("the key is not a version 4 UUID")]
    BadKey,
}

/// The server address as it is stored, without a trailing slash's worth of difference.
///
/// # Errors
/// When it is not an http(s) address or holds what does not belong there.
pub fn server_url(text: &str) -> Result<Url, ProfileError> {
    let url = Url::parse(text.trim()).map_err(|_| ProfileError::NotAUrl)?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err(ProfileError::NotHttp);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(ProfileError::HoldsCredentials);
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(ProfileError::HoldsQuery);
    }
    Ok(url)
}

/// The bridge page's address; an empty text means there is none.
///
/// # Errors
/// When it is not an https address.
pub fn bridge_url(text: &str) -> Result<Option<Url>, ProfileError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    match Url::parse(text) {
        Ok(url) if url.scheme() == "https" && url.host_str().is_some() => Ok(Some(url)),
        _ => Err(ProfileError::BadBridge),
    }
}

/// The end user's id as it is stored.
///
/// # Errors
/// When it is empty or longer than a Nango tag's value may be.
pub fn user_id(text: &str) -> Result<String, ProfileError> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 255 || text.chars().any(char::is_control) {
        return Err(ProfileError::BadUserId);
    }
    Ok(text.to_owned())
}

/// Nango's keys are version 4 UUIDs; anything else is refused there by its form alone (401).
///
/// # Errors
/// When the text is not one.
pub fn api_key(text: &str) -> Result<&str, ProfileError> {
    let text = text.trim();
    match uuid::Uuid::parse_str(text) {
        Ok(uuid) if uuid.get_version_num() == 4 && text.len() == 36 => Ok(text),
        _ => Err(ProfileError::BadKey),
    }
}

/// How much Patchbay wants a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// Something does not work without it.
    Required,
    /// Makes things easier.
    Optional,
    /// More than Patchbay should be given.
    Unwanted,
}

/// Whether a key has a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScopeState {
    /// It has.
    Granted,
    /// It has not.
    Missing,
    /// The server did not tell.
    Unknown,
}

/// A scope of Nango's environment keys that matters to Patchbay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Begin to connect an account.
    ConnectSessionsWrite,
    /// Look at one connection.
    ConnectionsRead,
    /// Change a connection's tags.
    ConnectionsUpdate,
    /// Disconnect.
    ConnectionsDelete,
    /// See which services the server offers.
    IntegrationsList,
    /// Call a service as a connection.
    Proxy,
    /// See all connections.
    ConnectionsList,
    /// Read the tokens of connections.
    ConnectionsReadCredentials,
    /// Read the secrets of integrations.
    IntegrationsReadCredentials,
    /// Set up what the server does not offer yet.
    IntegrationsCreate,
    /// Delete integrations, each with all its connections.
    IntegrationsDelete,
}

impl Scope {
    /// Every scope that is looked at, in the order the table shows them.
    pub const ALL: [Scope; 11] = [
        Scope::ConnectSessionsWrite,
        Scope::ConnectionsRead,
        Scope::ConnectionsUpdate,
        Scope::ConnectionsDelete,
        Scope::IntegrationsList,
        Scope::Proxy,
        Scope::ConnectionsList,
        Scope::IntegrationsCreate,
        Scope::ConnectionsReadCredentials,
        Scope::IntegrationsReadCredentials,
        Scope::IntegrationsDelete,
    ];

    /// Nango's name of the scope.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Scope::ConnectSessionsWrite => "environment:connect_sessions:write",
            Scope::ConnectionsRead => "environment:connections:read",
            Scope::ConnectionsUpdate => "environment:connections:update",
            Scope::ConnectionsDelete => "environment:connections:delete",
            Scope::IntegrationsList => "environment:integrations:list",
            Scope::Proxy => "environment:proxy",
            Scope::ConnectionsList => "environment:connections:list",
            Scope::ConnectionsReadCredentials => "environment:connections:read_credentials",
            Scope::IntegrationsReadCredentials => "environment:integrations:read_credentials",
            Scope::IntegrationsCreate => "environment:integrations:create",
            Scope::IntegrationsDelete => "environment:integrations:delete",
        }
    }

    /// How much Patchbay wants it.
    #[must_use]
    pub fn need(self) -> Need {
        match self {
            Scope::ConnectionsList | Scope::IntegrationsCreate => Need::Optional,
            Scope::ConnectionsReadCredentials
            | Scope::IntegrationsReadCredentials
            | Scope::IntegrationsDelete => Need::Unwanted,
            _ => Need::Required,
        }
    }
}

/// What a check of a key found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckedScopes {
    /// When.
    pub checked_at: Timestamp,
    /// Each scope of [`Scope::ALL`] and whether the key has it.
    pub scopes: Vec<(Scope, ScopeState)>,
}

impl CheckedScopes {
    /// What is known of one scope.
    #[must_use]
    pub fn state(&self, scope: Scope) -> ScopeState {
        self.scopes.iter().find(|(known, _)| *known == scope).map_or(ScopeState::Unknown, |(_, state)| *state)
    }

    /// The required scopes that the key is known to lack.
    #[must_use]
    pub fn missing(&self) -> Vec<Scope> {
        Scope::ALL
            .into_iter()
            .filter(|scope| scope.need() == Need::Required && self.state(*scope) == ScopeState::Missing)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{ProfileError, api_key, bridge_url, server_url, user_id};

    #[test]
    fn server_addresses() {
        for good in ["https://api.nango.dev", " http://localhost:3003 ", "https://example.test/nango/"] {
            assert!(server_url(good).is_ok(), "{good}");
        }
        for (bad, why) in [
            ("", ProfileError::NotAUrl),
            ("nango.example", ProfileError::NotAUrl),
            ("localhost:3003", ProfileError::NotHttp),
            ("ftp://example.test", ProfileError::NotHttp),
            ("javascript:alert(1)", ProfileError::NotHttp),
            ("https://me:secret@example.test", ProfileError::HoldsCredentials),
            ("https://example.test/?key=1", ProfileError::HoldsQuery),
            ("https://example.test/#a", ProfileError::HoldsQuery),
        ] {
            assert_eq!(server_url(bad), Err(why), "{bad}");
        }
    }

    #[test]
    fn the_other_fields() {
        assert_eq!(bridge_url("  "), Ok(None));
        assert!(bridge_url("https://example.test/bridge").is_ok_and(|url| url.is_some()));
        assert_eq!(bridge_url("http://example.test"), Err(ProfileError::BadBridge));
        assert_eq!(user_id("\t"), Err(ProfileError::BadUserId));
        assert_eq!(user_id(" alex "), Ok("alex".to_owned()));
        assert!(api_key(" 6f9619ff-8b86-4d01-b42d-00cf4fc964ff ").is_ok());
        for bad in ["", "secret", "6f9619ff8b864d01b42d00cf4fc964ff", "6f9619ff-8b86-1d01-b42d-00cf4fc964ff"]
        {
            assert_eq!(api_key(bad), Err(ProfileError::BadKey), "{bad}");
        }
    }
}
