//! Connections: listing, reading, tagging, deleting.
//!
//! Owns the shapes of connections. Credentials, which Nango returns to keys that may read them, are
//! dropped while parsing: no type here has a place for them.

mod model;

pub use model::{
    BrokenCredentials, ConnectionDetails, ConnectionError, ConnectionSummary, EndUserView, OrganizationView,
};

use std::collections::BTreeMap;

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::call::Call;
use crate::client::Client;
use crate::error::{Error, Payload, Resource};
use crate::rejection;

/// Which connections to list. The order is always newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// Counted from zero.
    pub page: u32,
    /// 1 to 2000 connections a page. A page with fewer is the last; there are no totals. Rows that
    /// come or go during a walk shift the pages, so the same row can appear twice.
    pub limit: u32,
    /// All of these tags, keys in lower case, values exact.
    pub tags: BTreeMap<String, String>,
    /// Of this integration.
    pub integration: Option<String>,
    /// Of this end user. A view, not a protection: the key may list everything.
    pub end_user_id: Option<String>,
    /// Part of the connection id or of the end user's name or e-mail. `%` and `_` are wildcards; tags
    /// and integrations are not searched.
    pub search: Option<String>,
    /// With this connection id, under any integration.
    pub connection_id: Option<String>,
}

/// How to read one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RefreshMode {
    /// Leave it to the server. With a key that may read credentials, the server renews a token that
    /// expires within 15 minutes; with another key it renews nothing.
    #[default]
    None,
    /// Renew the token now, also during the pause after a failure and after the server gave up. Needs
    /// the scope `connections:read_credentials`.
    Force,
}

/// What reading one connection gave.
#[derive(Debug, Clone)]
pub enum ReadConnection {
    /// The connection.
    Found(Box<ConnectionDetails>),
    /// The connection exists but its credentials could not be renewed. A revoked grant and a provider
    /// that is down look the same.
    BrokenCredentials(Box<BrokenCredentials>),
}

/// What deleting a connection did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    /// It is deleted at Nango. The provider's grant is not revoked (read).
    Deleted,
    /// It was not there, or not under that integration.
    AlreadyGone,
}

impl Client {
    /// Lists one page of connections. Scope `connections:list`.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for a limit of 0 or above 2000.
    pub async fn list_connections(&self, query: &ListQuery) -> Result<Vec<ConnectionSummary>, Error> {
        #[derive(Deserialize)]
        struct Page {
            connections: Vec<ConnectionSummary>,
        }
        if !(1..=2000).contains(&query.limit) {
            return Err(Error::argument("a page holds 1 to 2000 connections"));
        }
        let mut call = Call::new(Method::GET, self.url(&["connections"])?)
            .query("limit", &query.limit.to_string())
            .query("page", &query.page.to_string());
        let texts = [
            ("integrationId", &query.integration),
            ("endUserId", &query.end_user_id),
            ("search", &query.search),
            ("connectionId", &query.connection_id),
        ];
        for (name, value) in texts {
            if let Some(value) = value {
                call = call.query(name, value);
            }
        }
        for (key, value) in &query.tags {
            call = call.query(&format!("tags[{key}]"), value);
        }
        self.json::<Page>(call).await.map(|page| page.connections)
    }

    /// Reads one connection, without its credentials. Scope `connections:read`.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown id, an id of another integration, or an unknown integration.
    pub async fn connection(
        &self,
        connection_id: &str,
        integration: &str,
        refresh: RefreshMode,
    ) -> Result<ReadConnection, Error> {
        let mut call = self.one(Method::GET, connection_id, integration)?;
        if refresh == RefreshMode::Force {
            call = call.query("force_refresh", "true").once();
        }
        match self.json::<ConnectionDetails>(call).await {
            Ok(details) => Ok(ReadConnection::Found(Box::new(details))),
            Err(error) => broken(error).map(|broken| ReadConnection::BrokenCredentials(Box::new(broken))),
        }
    }

    /// Replaces all tags of a connection. Scope `connections:update`.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown connection, [`Error::Rejected`] for bad tags.
    pub async fn replace_connection_tags(
        &self,
        connection_id: &str,
        integration: &str,
        tags: &BTreeMap<String, String>,
    ) -> Result<(), Error> {
        let call = self.one(Method::PATCH, connection_id, integration)?.json(&json!({ "tags": tags }));
        self.success(call).await.map(drop).map_err(gone)
    }

    /// Replaces the metadata of a connection. Scope `connections:update`.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown connection.
    pub async fn set_metadata(
        &self,
        connection_id: &str,
        integration: &str,
        metadata: &Map<String, Value>,
    ) -> Result<(), Error> {
        self.metadata(Method::POST, connection_id, integration, metadata).await
    }

    /// Merges members into the metadata of a connection, one level deep. A null is stored as null.
    /// Scope `connections:update`.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown connection.
    pub async fn update_metadata(
        &self,
        connection_id: &str,
        integration: &str,
        metadata: &Map<String, Value>,
    ) -> Result<(), Error> {
        self.metadata(Method::PATCH, connection_id, integration, metadata).await
    }

    /// Deletes a connection at Nango. Scope `connections:delete`.
    ///
    /// # Errors
    /// After [`Error::Transport`] it is unknown whether it was deleted; deleting again tells.
    pub async fn delete_connection(&self, connection_id: &str, integration: &str) -> Result<Deletion, Error> {
        #[derive(Deserialize)]
        struct Done {
            success: bool,
        }
        let call = self.one(Method::DELETE, connection_id, integration)?;
        let answer = self.success(call).await.map_err(gone);
        // A page that stands in between answers with a success too, and has deleted nothing.
        match answer.and_then(|answer| Ok((answer.json::<Done>()?, answer))) {
            Ok((Done { success: true }, _)) => Ok(Deletion::Deleted),
            Ok((_, answer)) => Err(answer.unexpected("a deletion without success")),
            Err(Error::NotFound { .. }) => Ok(Deletion::AlreadyGone),
            Err(error) => Err(error),
        }
    }

    fn one(&self, method: Method, connection_id: &str, integration: &str) -> Result<Call<'static>, Error> {
        let url = self.url(&["connections", connection_id])?;
        Ok(Call::new(method, url).query("provider_config_key", integration))
    }

    async fn metadata(
        &self,
        method: Method,
        connection_id: &str,
        integration: &str,
        metadata: &Map<String, Value>,
    ) -> Result<(), Error> {
        let body = json!({
            "connection_id": connection_id,
            "provider_config_key": integration,
            "metadata": metadata,
        });
        let call = Call::new(method, self.url(&["connections", "metadata"])?).json(&body);
        self.success(call).await.map(drop).map_err(gone)
    }
}

fn gone(error: Error) -> Error {
    rejection::not_found(error, Resource::Connection)
}

/// Reads the answer to a failed renewal: 400 when it was tried, 424 when it was not, either because
/// one failed within the last 30 seconds or because the server has given up.
fn broken(error: Error) -> Result<BrokenCredentials, Error> {
    match error {
        Error::Rejected { status: status @ (400 | 424), ref code, message, payload, .. }
            if code == "invalid_credentials" =>
        {
            let exhausted = status == 424
                && message.as_deref().is_some_and(|text| text.contains("limit has been reached"));
            let connection = payload
                .and_then(|Payload(mut payload)| payload.get_mut("connection").map(Value::take))
                .and_then(|connection| serde_json::from_value(connection).ok());
            Ok(BrokenCredentials { message, backing_off: status == 424 && !exhausted, exhausted, connection })
        }
        error => Err(gone(error)),
    }
}
