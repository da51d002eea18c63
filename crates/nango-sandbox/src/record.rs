//! What the sandbox tells about itself: received requests, integrations, connections.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;

/// How many requests are remembered; older ones are forgotten so that a load test does not fill the memory.
const REMEMBERED: usize = 100_000;

/// Query members whose values are secrets of a dance and are never kept.
const REDACTED: [&str; 3] = ["connect_session_token", "code", "state"];

/// One request received on the Nango side.
#[derive(Debug, Clone, Serialize)]
pub struct RequestRecord {
    /// The HTTP method.
    pub method: String,
    /// The path as sent, without the query.
    pub path: String,
    /// The query in order; session tokens, codes and states are replaced by `(redacted)`.
    pub query: Vec<(String, String)>,
    /// The connection a proxy call asked for.
    pub connection_id: Option<String>,
    /// The integration a proxy call asked for.
    pub provider_config_key: Option<String>,
    /// The status of the answer; 0 while none was given (a fault cut the connection).
    pub status: u16,
    /// When it arrived, in milliseconds since the Unix epoch, by the sandbox's clock.
    pub started: i64,
    /// How long the answer took.
    pub duration: Duration,
    /// The name of the key that was used.
    pub caller: Option<String>,
}

/// One integration.
#[derive(Debug, Clone, Serialize)]
pub struct IntegrationSummary {
    /// The `provider_config_key`.
    pub unique_key: String,
    /// The provider it is an instance of.
    pub provider: String,
    /// The provider's auth mode, such as `OAUTH2`.
    pub auth_mode: String,
}

/// One connection.
#[derive(Debug, Clone, Serialize)]
pub struct ConnectionSummary {
    /// The connection id.
    pub id: String,
    /// The integration's key.
    pub integration: String,
    /// The tags.
    pub tags: BTreeMap<String, String>,
    /// The end user's id, if the connection has an end user.
    pub end_user: Option<String>,
}

/// The requests received so far.
#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    records: Mutex<VecDeque<RequestRecord>>,
}

impl RequestLog {
    /// Adds one, forgetting the oldest if there are too many.
    pub(crate) fn add(&self, record: RequestRecord) {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        if records.len() == REMEMBERED {
            records.pop_front();
        }
        records.push_back(record);
    }

    /// All remembered ones, oldest first.
    pub(crate) fn all(&self) -> Vec<RequestRecord> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

/// The query without its secrets.
pub(crate) fn redact(query: &[(String, String)]) -> Vec<(String, String)> {
    let keep = |(name, value): &(String, String)| {
        let secret = REDACTED.contains(&name.as_str());
        (name.clone(), if secret { "(redacted)".to_owned() } else { value.clone() })
    };
    query.iter().map(keep).collect()
}
