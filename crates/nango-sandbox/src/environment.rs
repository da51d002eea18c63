//! An environment: its callback URL, integrations and connections.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::clock::Millis;
use crate::connection::Connection;
use crate::time_text;

/// One environment.
#[derive(Debug)]
pub(crate) struct Environment {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) is_production: bool,
    pub(crate) uuid: String,
    /// `None` is the server's own `/oauth/callback`.
    pub(crate) callback_url: Option<String>,
    pub(crate) created: Millis,
    pub(crate) integrations: BTreeMap<String, Integration>,
    connections: BTreeMap<u64, Arc<Connection>>,
    numbers: HashMap<(String, String), u64>,
}

/// One integration.
#[derive(Debug, Clone)]
pub(crate) struct Integration {
    pub(crate) unique_key: String,
    pub(crate) provider: String,
    pub(crate) display_name: String,
    pub(crate) forward_webhooks: bool,
    /// The developer app, for modes that have one; as given, with `type`.
    pub(crate) credentials: Option<Map<String, Value>>,
    pub(crate) created: Millis,
    pub(crate) updated: Millis,
}

impl Integration {
    /// A text member of the developer app.
    pub(crate) fn credential(&self, name: &str) -> Option<&str> {
        self.credentials.as_ref().and_then(|credentials| credentials.get(name)).and_then(Value::as_str)
    }

    /// As shown in lists and single reads.
    pub(crate) fn json(&self, base_url: &str) -> Map<String, Value> {
        let mut shown = Map::new();
        shown.insert("unique_key".into(), json!(self.unique_key));
        shown.insert("provider".into(), json!(self.provider));
        shown.insert("display_name".into(), json!(self.display_name));
        shown.insert("logo".into(), json!(format!("{base_url}/images/template-logos/{}.svg", self.provider)));
        shown.insert("forward_webhooks".into(), json!(self.forward_webhooks));
        shown.insert("created_at".into(), json!(time_text::zulu(self.created)));
        shown.insert("updated_at".into(), json!(time_text::zulu(self.updated)));
        shown
    }
}

impl Environment {
    /// An environment with nothing in it.
    pub(crate) fn new(id: u64, name: &str, is_production: bool, created: Millis) -> Self {
        Self {
            id,
            name: name.to_owned(),
            is_production,
            uuid: crate::random::uuid(),
            callback_url: None,
            created,
            integrations: BTreeMap::new(),
            connections: BTreeMap::new(),
            numbers: HashMap::new(),
        }
    }

    /// Adds a connection, or replaces the one with the same number.
    pub(crate) fn put(&mut self, connection: Connection) {
        let name = (connection.integration.clone(), connection.connection_id.clone());
        self.numbers.insert(name, connection.id);
        self.connections.insert(connection.id, Arc::new(connection));
    }

    /// The connection with this id under this integration.
    pub(crate) fn connection(&self, integration: &str, connection_id: &str) -> Option<&Arc<Connection>> {
        let number = self.numbers.get(&(integration.to_owned(), connection_id.to_owned()))?;
        self.connections.get(number)
    }

    /// The connection with this number.
    pub(crate) fn numbered(&self, number: u64) -> Option<&Arc<Connection>> {
        self.connections.get(&number)
    }

    /// The connection with this number, to be changed in place. Readers that hold it keep the old value.
    pub(crate) fn numbered_mut(&mut self, number: u64) -> Option<&mut Connection> {
        self.connections.get_mut(&number).map(Arc::make_mut)
    }

    /// Removes a connection; `false` if there was none.
    pub(crate) fn remove(&mut self, integration: &str, connection_id: &str) -> bool {
        let number = self.numbers.remove(&(integration.to_owned(), connection_id.to_owned()));
        number.is_some_and(|number| self.connections.remove(&number).is_some())
    }

    /// Removes an integration and, as Nango does, its connections; `false` if there was none.
    pub(crate) fn remove_integration(&mut self, key: &str) -> bool {
        if self.integrations.remove(key).is_none() {
            return false;
        }
        self.connections.retain(|_, connection| connection.integration != key);
        self.numbers.retain(|(integration, _), _| integration != key);
        true
    }

    /// All connections, newest first.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &Arc<Connection>> {
        self.connections.values().rev()
    }

    /// Whether an integration has connections.
    pub(crate) fn has_connections(&self, integration: &str) -> bool {
        self.connections.values().any(|connection| connection.integration == integration)
    }
}
