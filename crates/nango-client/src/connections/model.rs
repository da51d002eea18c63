//! The shapes of connections.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// A connection as the list shows it. The list tells neither auth mode nor expiry.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ConnectionSummary {
    /// Nango's row number. Unique, and kept by a reconnect.
    pub id: i64,
    /// The id everything else uses, unique within the integration.
    pub connection_id: String,
    /// Its integration.
    pub provider_config_key: String,
    /// The integration's provider.
    pub provider: String,
    /// The only sign of health. Set when somebody reads or uses the connection, not when its token
    /// dies, so an unused broken connection looks fine.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub errors: Vec<ConnectionError>,
    /// Its tags, keys in lower case.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Whom it was made for, if the session had an end user.
    #[serde(default)]
    pub end_user: Option<EndUserView>,
    /// Whatever was stored with it.
    #[serde(default)]
    pub metadata: Option<Value>,
    /// When it was made; a reconnect does not change it.
    pub created: Timestamp,
}

/// A connection as it is read alone, without its credentials.
#[derive(Clone, PartialEq, Deserialize)]
pub struct ConnectionDetails {
    /// As in [`ConnectionSummary`].
    pub id: i64,
    /// As in [`ConnectionSummary`].
    pub connection_id: String,
    /// Its integration.
    pub provider_config_key: String,
    /// The integration's provider.
    pub provider: String,
    /// As in [`ConnectionSummary`].
    #[serde(default, deserialize_with = "null_is_empty")]
    pub errors: Vec<ConnectionError>,
    /// Its tags.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Whom it was made for.
    #[serde(default)]
    pub end_user: Option<EndUserView>,
    /// Whatever was stored with it.
    #[serde(default)]
    pub metadata: Option<Value>,
    /// The parameters given when it was made, and what the provider's token answer added. To be given
    /// again in a reconnect, see [`crate::Reconnect::defaults`].
    #[serde(default, deserialize_with = "null_is_empty")]
    pub connection_config: Map<String, Value>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Moves when the token is renewed, not on a reconnect.
    #[serde(default)]
    pub updated_at: Option<Timestamp>,
    /// When the credentials were last read.
    #[serde(default)]
    pub last_fetched_at: Option<Timestamp>,
}

impl fmt::Debug for ConnectionDetails {
    /// Shows only the names in `connection_config` and `metadata`: providers and people put anything
    /// in the values.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let config: Vec<_> = self.connection_config.keys().collect();
        formatter
            .debug_struct("ConnectionDetails")
            .field("id", &self.id)
            .field("connection_id", &self.connection_id)
            .field("provider_config_key", &self.provider_config_key)
            .field("errors", &self.errors)
            .field("tags", &self.tags)
            .field("connection_config", &config)
            .field("created_at", &self.created_at)
            .finish_non_exhaustive()
    }
}

/// Something wrong with a connection.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ConnectionError {
    /// `auth` (renewal or verification failed) or `sync`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Of Nango's log.
    #[serde(default)]
    pub log_id: Option<String>,
}

/// An end user as Nango shows one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct EndUserView {
    /// The application's id of the user.
    pub id: String,
    /// For people.
    #[serde(default)]
    pub display_name: Option<String>,
    /// E-mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// Tags of the user, not of the connection.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub tags: BTreeMap<String, String>,
    /// The user's organization.
    #[serde(default)]
    pub organization: Option<OrganizationView>,
}

/// An organization as Nango shows one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct OrganizationView {
    /// The application's id of the organization.
    pub id: String,
    /// For people.
    #[serde(default)]
    pub display_name: Option<String>,
}

/// A connection whose credentials could not be renewed.
#[derive(Debug, Clone)]
pub struct BrokenCredentials {
    /// Nango's prose.
    pub message: Option<String>,
    /// No renewal was tried because one failed within the last 30 seconds.
    pub backing_off: bool,
    /// No renewal was tried because the server has given up after failures on several days. Only a
    /// forced renewal or a reconnect helps.
    pub exhausted: bool,
    /// The connection, when the answer had it in a readable shape.
    pub connection: Option<ConnectionDetails>,
}

fn null_is_empty<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}
