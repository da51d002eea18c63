//! Connections: the list, and what can be done to one.

use jiff::Timestamp;
use patchbay_core::avatar::Avatar;
use patchbay_core::connection::{Account, Health};
use patchbay_core::id::{ConnectionId, ConnectorSlug, InstanceId, IntegrationKey, ProviderKey};
use serde::{Deserialize, Serialize};

use crate::Failure;
use crate::command::command;

/// What a list of connections is narrowed to. By default to nothing: it is the whole list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Narrowing {
    /// Words that must all occur in label, account, connector or tags; empty for all.
    pub search: String,
    /// Only those in this state.
    pub health: Option<Health>,
    /// Only those of this connector.
    pub connector: Option<ConnectorSlug>,
    /// Only those with this tag.
    pub tag: Option<Tag>,
}

impl Narrowing {
    /// Whether the whole list is meant.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        let Self { search, health, connector, tag } = self;
        search.trim().is_empty() && health.is_none() && connector.is_none() && tag.is_none()
    }
}

/// A tag that the operator gave connections at Nango.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Tag {
    /// Its key, in lower case.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// Which connections something is done with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// All that a list narrowed like this shows.
    Matching(Narrowing),
    /// These.
    These(Vec<InstanceId>),
}

/// Lists stored connections of the active profile, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListConnections {
    /// Which.
    #[serde(flatten)]
    pub narrowing: Narrowing,
    /// How many to leave out.
    pub offset: u32,
    /// How many at most; up to 500.
    pub limit: u32,
}
command!(ListConnections, "list_connections", ConnectionPage);

/// A page of connections.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConnectionPage {
    /// The page.
    pub connections: Vec<ConnectionView>,
    /// How many match.
    pub matching: u32,
    /// How many there are in all.
    pub total: u32,
    /// How many of all are in each state.
    pub by_health: Vec<(Health, u32)>,
}

/// Asks what the list can be narrowed to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetConnectionFacets {}
command!(GetConnectionFacets, "get_connection_facets", ConnectionFacets);

/// What the list can be narrowed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionFacets {
    /// The connectors that have connections, by name.
    pub connectors: Vec<ConnectorFacet>,
    /// The tags that most connections have; up to 200.
    pub tags: Vec<TagFacet>,
}

/// A connector that has connections.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectorFacet {
    /// Which.
    pub connector: ConnectorSlug,
    /// Its name.
    pub name: String,
    /// How many connections it has.
    pub count: u32,
}

/// A tag that connections have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagFacet {
    /// Which.
    pub tag: Tag,
    /// How many connections have it.
    pub count: u32,
}

/// A connection as the window shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConnectionView {
    /// Our id of it.
    pub instance: InstanceId,
    /// Nango's id of it.
    pub connection_id: ConnectionId,
    /// Its connector; nothing if Patchbay has no manifest for its provider.
    pub connector: Option<ConnectorSlug>,
    /// Nango's template for its service.
    pub provider: ProviderKey,
    /// The connector's name, or the provider's.
    pub connector_name: String,
    /// The connector's icon.
    pub icon: Option<String>,
    /// The integration it was made through.
    pub integration: IntegrationKey,
    /// Its label.
    pub label: String,
    /// Who it is at the provider, once known.
    pub account: Option<Account>,
    /// Who it is now, where that is somebody else than `account` and its owner has not decided yet which of
    /// them is right: [`ResolveMismatch`]. It needs attention whatever its health is.
    pub mismatch: Option<Account>,
    /// What is known of its health.
    pub health: Health,
    /// It cannot be used before an administrator at the provider has approved it.
    pub awaits_approval: bool,
    /// Both in words.
    pub health_words: String,
    /// When that was learnt.
    pub health_learnt_at: Option<Timestamp>,
    /// When Nango made it.
    pub created_at: Timestamp,
    /// When it was last used here.
    pub last_used_at: Option<Timestamp>,
    /// The last error seen with it.
    pub last_error: Option<String>,
    /// Its picture.
    pub avatar: Avatar,
    /// What the operator has tagged it with.
    pub tags: Vec<Tag>,
    /// Whether a test may find that nothing is wrong any more, so that it comes before a reconnect: Nango could not
    /// renew the credentials, which a provider that was down explains as well as a grant that was taken back.
    pub try_again_first: bool,
}

/// Gives a connection another label.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RenameConnection {
    /// Which.
    pub instance: InstanceId,
    /// The new label.
    pub label: String,
}
command!(RenameConnection, "rename_connection", ConnectionView);

/// One connection with its history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetConnection {
    /// Which.
    pub instance: InstanceId,
}
command!(GetConnection, "get_connection", ConnectionDetails);

/// A connection with its history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConnectionDetails {
    /// The connection.
    pub connection: ConnectionView,
    /// What happened to it, oldest first.
    pub history: Vec<HistoryLine>,
}

/// One thing that happened to a connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HistoryLine {
    /// When.
    pub at: Timestamp,
    /// What happened, in words.
    pub words: String,
    /// More about it, if there is more: a label, the names of accounts, what a test found.
    pub detail: Option<String>,
}

/// Tries a connection out by asking its provider who it is. Changes what is known of its health and account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TestConnection {
    /// Which.
    pub instance: InstanceId,
}
command!(TestConnection, "test_connection", TestReport);

/// What a test found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TestReport {
    /// The answer in one word.
    pub outcome: TestOutcome,
    /// The same in words, with the reason and with what to do next where something is to be done.
    pub sentence: String,
    /// What was asked: `GET /user`. Nothing, if nothing was.
    pub asked: Option<String>,
    /// What was answered where that is no account: a status with the provider's words, or Nango's reason.
    pub answered: Option<String>,
    /// The connection as it is now.
    pub connection: ConnectionView,
}

/// The three answers of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TestOutcome {
    /// It works, as the account it should be.
    Works,
    /// It does not, or as another account.
    Fails,
    /// Nothing can be said.
    CannotBeTested,
}

/// Says whether the account in [`ConnectionView::mismatch`] is the right one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResolveMismatch {
    /// Which connection's.
    pub instance: InstanceId,
    /// Whether it takes the place of the account known before. Otherwise the connection needs a reconnect.
    pub accept: bool,
}
command!(ResolveMismatch, "resolve_mismatch", ConnectionView);

/// Asks what disconnecting would do, before it is done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanDisconnect {
    /// Which.
    pub instance: InstanceId,
}
command!(PlanDisconnect, "plan_disconnect", DisconnectPlan);

/// What disconnecting would do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DisconnectPlan {
    /// What would be disconnected.
    pub connection: ConnectionView,
    /// What will happen, sentence by sentence.
    pub consequences: Vec<String>,
    /// Whether Nango will be asked at once; otherwise the disconnect is queued.
    pub at_once: bool,
}

/// Deletes a connection at Nango and here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DisconnectConnection {
    /// Which.
    pub instance: InstanceId,
}
command!(DisconnectConnection, "disconnect_connection", DisconnectReport);

/// What a disconnect did, half by half.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DisconnectReport {
    /// What happened at Nango.
    pub at_nango: AtNango,
    /// Whether the row here is gone.
    pub removed_here: bool,
    /// One sentence for each thing that happened or remains, the provider's own grant included.
    pub sentences: Vec<String>,
}

/// Nango's half of a disconnect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AtNango {
    /// Deleted.
    Deleted,
    /// It was not there any more.
    AlreadyGone,
    /// It will be deleted once Nango can be reached.
    Queued,
    /// Nango refused.
    Failed(Failure),
}

/// Reads the list of connections from Nango and brings the rows here up to date.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SyncConnections {}
command!(SyncConnections, "sync_connections", SyncReport);

/// Stops a sync that is under way; what is stored stays as it was before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CancelSync {}
command!(CancelSync, "cancel_sync", ());

/// How far a sync has come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetSyncProgress {}
command!(GetSyncProgress, "get_sync_progress", SyncProgress);

/// How far a sync has come. Nango tells no total.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncProgress {
    /// Whether one is under way.
    pub running: bool,
    /// Connections read so far.
    pub read: u32,
}

/// What a sync found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncReport {
    /// Connections Nango has.
    pub seen: u32,
    /// New here.
    pub discovered: u32,
    /// Deleted elsewhere.
    pub gone: u32,
    /// Whose health is other than it was.
    pub health_changed: u32,
    /// The same in a sentence.
    pub summary: String,
}
