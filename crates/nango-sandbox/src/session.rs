//! Connect sessions and pending OAuth dances: what Nango remembers of an attempt.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::clock::Millis;
use crate::connection::EndUser;

/// One connect session.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    /// The environment whose key made it.
    pub(crate) environment: u64,
    pub(crate) end_user: Option<EndUser>,
    /// Tags as they will be put on the connection: the given ones and those made of the end user.
    pub(crate) tags: BTreeMap<String, String>,
    /// The integrations it may be used for; `None` is all of them.
    pub(crate) allowed: Option<Vec<String>>,
    /// `integrations_config_defaults` as given.
    pub(crate) defaults: Map<String, Value>,
    /// The number of the connection it re-connects.
    pub(crate) reconnects: Option<u64>,
    pub(crate) expires: Millis,
}

impl Session {
    /// Whether this integration may be connected with the session.
    pub(crate) fn allows(&self, integration: &str) -> bool {
        self.allowed.as_ref().is_none_or(|allowed| allowed.iter().any(|key| key == integration))
    }

    /// One group of the session's defaults for an integration: `connection_config`, `authorization_params`.
    pub(crate) fn default(&self, integration: &str, group: &str) -> Map<String, Value> {
        let group = self.defaults.get(integration).and_then(|defaults| defaults.get(group));
        group.and_then(Value::as_object).cloned().unwrap_or_default()
    }
}

/// An authorization under way: the user is at the provider.
#[derive(Debug, Clone)]
pub(crate) struct Dance {
    pub(crate) environment: u64,
    pub(crate) integration: String,
    /// The session's token: its tags are read when the dance ends, so a session deleted meanwhile leaves none.
    pub(crate) session: String,
    /// The connection id chosen at the start, or the one of the connection that is re-connected.
    pub(crate) connection_id: String,
    pub(crate) reconnects: Option<u64>,
    pub(crate) verifier: String,
    pub(crate) redirect_uri: String,
    pub(crate) connection_config: Map<String, Value>,
    pub(crate) websocket: Option<String>,
    /// OAuth 1 or an installation: there is no state cookie to insist on, and the provider knows the app by a
    /// name of its own.
    pub(crate) by_ticket: bool,
}
