//! A connection as this machine knows it, and what is known of its health.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{ConnectionId, ConnectorSlug, InstanceId, IntegrationKey, ProfileId, ProviderKey};

/// What is known of whether a connection works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// The last check or use succeeded.
    Works,
    /// Nango reports that its credentials no longer work.
    NeedsReconnect,
    /// Never checked.
    Unknown,
    /// Deleted elsewhere.
    Gone,
    /// A disconnect is queued until Nango can be reached.
    Disconnecting,
}

impl Health {
    /// Every state, in the order a filter offers them.
    pub const ALL: [Health; 5] =
        [Health::Works, Health::NeedsReconnect, Health::Unknown, Health::Gone, Health::Disconnecting];

    /// The name under which the state is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Health::Works => "works",
            Health::NeedsReconnect => "needs_reconnect",
            Health::Unknown => "unknown",
            Health::Gone => "gone",
            Health::Disconnecting => "disconnecting",
        }
    }

    /// The state of that name, if it is one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Health> {
        Health::ALL.into_iter().find(|health| health.as_str() == name)
    }

    /// The state in words, as people read it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Health::Works => "Works",
            Health::NeedsReconnect => "Needs reconnect",
            Health::Unknown => "Never checked",
            Health::Gone => "Gone",
            Health::Disconnecting => "Disconnecting",
        }
    }
}

/// Who a connection is at its provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The provider's own id of the account.
    pub id: String,
    /// A name people recognise: login, display name or workspace.
    pub name: String,
    /// Its e-mail address, where the provider tells it.
    pub email: Option<String>,
}

/// One connection of one profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Our id of it; kept over reconnects.
    pub instance: InstanceId,
    /// Whose it is.
    pub profile: ProfileId,
    /// The connector it belongs to, if Patchbay has a manifest for its provider.
    pub connector: Option<ConnectorSlug>,
    /// Nango's template.
    pub provider: ProviderKey,
    /// The integration it was made through.
    pub integration: IntegrationKey,
    /// Nango's id of it.
    pub connection_id: ConnectionId,
    /// The name its owner gave it.
    pub label: String,
    /// Who it is at the provider, once known.
    pub account: Option<Account>,
    /// What is known of whether it works.
    pub health: Health,
    /// When that was learnt; nothing while `health` is `Unknown`.
    pub health_learnt_at: Option<Timestamp>,
    /// When Nango made it.
    pub created_at: Timestamp,
    /// When a run or a test last used it.
    pub last_used_at: Option<Timestamp>,
    /// The last error seen with it, in words.
    pub last_error: Option<String>,
}

/// What happened to a connection; kept in order and never changed afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provenance {
    /// Made here, by an attempt.
    Connected,
    /// Found at Nango, made elsewhere.
    Discovered,
    /// Given another label.
    Renamed,
    /// A disconnect was queued while Nango could not be reached.
    DisconnectQueued,
    /// Found to be deleted elsewhere.
    FoundGone,
}

impl Provenance {
    /// The name under which the event is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Provenance::Connected => "connected",
            Provenance::Discovered => "discovered",
            Provenance::Renamed => "renamed",
            Provenance::DisconnectQueued => "disconnect_queued",
            Provenance::FoundGone => "found_gone",
        }
    }
}
