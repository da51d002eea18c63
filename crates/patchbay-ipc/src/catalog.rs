//! Connectors and what the server offers of them.

use jiff::Timestamp;
use patchbay_core::auth_mode::AuthMode;
use patchbay_core::connector::{Method, Operation};
use patchbay_core::id::{ConnectorSlug, IntegrationKey, ProviderKey};
use serde::{Deserialize, Serialize};

use crate::Failure;
use crate::command::command;

/// Lists all connectors, by category and name. Answered from this machine alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListConnectors {}
command!(ListConnectors, "list_connectors", ConnectorList);

/// Reads the server's integrations and providers again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RefreshConnectors {}
command!(RefreshConnectors, "refresh_connectors", ConnectorList);

/// The connectors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConnectorList {
    /// By category and name.
    pub connectors: Vec<ConnectorView>,
    /// When the server last told what it offers; nothing: never.
    pub offers_learnt_at: Option<Timestamp>,
    /// Why the last refresh failed, if it did.
    pub problem: Option<Failure>,
}

/// One connector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConnectorView {
    /// Its short name.
    pub slug: ConnectorSlug,
    /// Its name.
    pub name: String,
    /// Its category's name.
    pub category: String,
    /// What one does with it, in one sentence.
    pub description: String,
    /// The icon's name; letters are drawn without one.
    pub icon: Option<String>,
    /// Further words it is found by.
    pub keywords: Vec<String>,
    /// Nango's template for the service: what an operator has to set up, and another word it is found by.
    pub provider: ProviderKey,
    /// What a person should know of the connector's limits, from its manifest.
    pub note: Option<String>,
    /// How it authorizes.
    pub auth_mode: AuthMode,
    /// Whether it can be connected here.
    pub availability: Availability,
    /// How many connections there are.
    pub connected: u32,
    /// How many of them need attention.
    pub needing_attention: u32,
}

/// Lists the server's own catalogue without what is a connector already, by name. Answered from this machine
/// alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListProviders {}
command!(ListProviders, "list_providers", ProviderList);

/// The rest of the server's catalogue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProviderList {
    /// By name.
    pub providers: Vec<ProviderView>,
}

/// A provider of the server that Patchbay has no manifest for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProviderView {
    /// Nango's key of it.
    pub provider: ProviderKey,
    /// What it is called; no other one and no connector is called the same.
    pub name: String,
    /// Nango's words for what it is about, such as `crm`.
    pub categories: Vec<String>,
    /// How it authorizes.
    pub auth_mode: AuthMode,
    /// Whether it can be connected here.
    pub availability: Availability,
    /// How many connections there are.
    pub connected: u32,
    /// How many of them need attention.
    pub needing_attention: u32,
}

/// Whether a connector can be connected with the active profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// The server has an integration for it.
    Ready,
    /// The server has none.
    NotSetUp,
    /// The server has not been asked yet, or the key may not ask.
    Unknown,
}

/// One of the operator's integrations that serve a connector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntegrationView {
    /// Its key.
    pub key: IntegrationKey,
    /// What the operator calls it.
    pub name: String,
}

/// The operations of one connector, with what each takes. Answered from this machine alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetConnectorOperations {
    /// Which connector.
    pub connector: ConnectorSlug,
}
command!(GetConnectorOperations, "get_connector_operations", ConnectorOperations);

/// A connector's operations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConnectorOperations {
    /// The connector.
    pub connector: ConnectorSlug,
    /// Its operations, in the order of its manifest.
    pub operations: Vec<Operation>,
}

/// Every operation of every connector, by name alone: what a palette searches as one types. Answered from this
/// machine alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListOperations {}
command!(ListOperations, "list_operations", OperationList);

/// The operations there are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OperationList {
    /// By category and name of the connector; within one, in the order of its manifest.
    pub connectors: Vec<OperationsOf>,
}

/// The operations of a connector, by name alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OperationsOf {
    /// The connector.
    pub connector: ConnectorSlug,
    /// Its name.
    pub name: String,
    /// Its icon's name.
    pub icon: Option<String>,
    /// Its operations.
    pub operations: Vec<OperationTitle>,
}

/// An operation by name alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OperationTitle {
    /// Its name in the manifest.
    pub id: String,
    /// What it does.
    pub title: String,
    /// How it is asked.
    pub method: Method,
    /// Where.
    pub path: String,
}
