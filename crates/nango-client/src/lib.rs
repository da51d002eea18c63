//! A typed client for the parts of Nango's HTTP API and websocket that Patchbay uses.
//!
//! The crate owns Nango's paths, JSON shapes and error codes; nothing else in the workspace knows
//! them. It decides nothing about attempts, connections or workflows, stores nothing and never
//! follows a redirect. Every answer is hostile input: sizes and times are bounded, shapes are checked.
//!
//! Claims about Nango in these pages were observed on a self-hosted server 0.71.4 with default
//! settings, unless they say "read", which means taken from the server's source.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod address;
mod authorize;
mod body;
mod budget;
mod call;
mod client;
mod connections;
mod error;
mod health;
mod integrations;
mod keymodes;
mod providers;
mod proxy;
mod rejection;
mod scopes;
mod sessions;
mod socket;
mod tls;
mod transport;
mod web;

pub use authorize::{Authorization, CallbackOutcome, SecretUrl};
pub use client::{Client, Configuration, Limits};
pub use connections::{
    BrokenCredentials, ConnectionDetails, ConnectionError, ConnectionSummary, Deletion, EndUserView,
    ListQuery, OrganizationView, ReadConnection, RefreshMode,
};
pub use error::{Error, FieldError, Payload, Resource, TransportKind};
pub use integrations::{AppCredentials, Integration, IntegrationChange, NewIntegration};
pub use keymodes::{Created, FormCredentials};
pub use providers::{AuthMode, Catalogue, Field, Provider, ProvidersAnswer};
pub use proxy::{ProxyBody, ProxyFailure, ProxyRequest, ProxyResponse};
pub use reqwest::Method;
pub use scopes::{KeyState, Probe, Scope, ScopeState};
pub use sessions::{
    ConnectSession, EndUser, IntegrationDefaults, NewSession, Organization, Reconnect, SessionDetails,
};
pub use socket::{Completion, Socket};
pub use web::{Web, WebAuthentication, WebRequest, WebResponse};
