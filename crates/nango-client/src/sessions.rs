//! Connect sessions: the short-lived tokens with which one user connects one or more accounts.

use std::collections::BTreeMap;

use jiff::Timestamp;
use reqwest::Method;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::call::{Call, Credential};
use crate::client::Client;
use crate::connections::EndUserView;
use crate::error::{Error, Resource};
use crate::rejection;

/// A session to be made. Needs an end user or at least one tag.
#[derive(Debug, Clone, Default, Serialize)]
pub struct NewSession {
    /// Who connects. Also becomes tags of the connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_user: Option<EndUser>,
    /// The organization of the end user. Also becomes tags.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<Organization>,
    /// Tags of the connections made with it: at most 10; keys begin with a letter, then up to 63 of
    /// `a-zA-Z0-9_-./`, and are lower-cased by the server; values have 1 to 255 characters.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// The integrations it may be used for; empty means all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowed_integrations: Vec<String>,
    /// Values given on behalf of the user, per integration. They win over what the user gives.
    #[serde(rename = "integrations_config_defaults", skip_serializing_if = "BTreeMap::is_empty")]
    pub defaults: BTreeMap<String, IntegrationDefaults>,
}

/// Who connects.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct EndUser {
    /// The application's id of the user.
    pub id: String,
    /// Checked by the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Tags of the user, not of the connection.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

/// The organization of an end user.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Organization {
    /// The application's id of the organization.
    pub id: String,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
}

/// Values a session gives for one integration.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct IntegrationDefaults {
    /// Fields of the provider's `connection_config`. `oauth_scopes_override` replaces the scopes.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub connection_config: Map<String, Value>,
    /// Extra members of the authorize URL.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub authorization_params: BTreeMap<String, String>,
    /// Scopes asked for in the user's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_scopes: Option<String>,
}

/// A session to renew one connection.
///
/// What is left out is lost: without tags the connection's tags are emptied, and parameters given at
/// the first time are not remembered. So both are to be sent again.
#[derive(Debug, Clone, Serialize)]
pub struct Reconnect {
    /// The connection.
    pub connection_id: String,
    /// Its integration.
    #[serde(rename = "integration_id")]
    pub integration: String,
    /// As in [`NewSession`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_user: Option<EndUser>,
    /// The tags the connection has afterwards.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// The connection's present `connection_config`, under its integration.
    #[serde(rename = "integrations_config_defaults", skip_serializing_if = "BTreeMap::is_empty")]
    pub defaults: BTreeMap<String, IntegrationDefaults>,
}

/// A session. The token lives 30 minutes and can be used several times until then.
#[derive(Debug, Clone, Deserialize)]
pub struct ConnectSession {
    /// Goes to the authorization endpoints and to [`Client::session_details`].
    pub token: SecretString,
    /// Nango's own page for the session. Holds the token.
    pub connect_link: Option<SecretString>,
    /// When the token stops working.
    pub expires_at: Timestamp,
}

/// What a session is for, as its token sees it. Tags are not shown.
#[derive(Debug, Clone, Deserialize)]
pub struct SessionDetails {
    /// Who connects.
    #[serde(rename = "endUser")]
    pub end_user: Option<EndUserView>,
    /// The integrations it may be used for; `None` means all.
    pub allowed_integrations: Option<Vec<String>>,
    /// Whether it renews a connection.
    #[serde(rename = "isReconnecting", default)]
    pub is_reconnecting: bool,
    /// Where the websocket is, see [`crate::Socket::open`].
    #[serde(rename = "websocketsPath", default = "root")]
    pub websockets_path: String,
}

fn root() -> String {
    "/".to_owned()
}

#[derive(Deserialize)]
struct Data<T> {
    data: T,
}

impl Client {
    /// Makes a session. Scope `connect_sessions:write`. Takes the server 100 to 200 ms.
    ///
    /// # Errors
    /// [`Error::Rejected`] with `invalid_body`, for instance for an unknown integration (path
    /// `allowed_integrations`, index) or a bad tag.
    pub async fn create_connect_session(&self, new: &NewSession) -> Result<ConnectSession, Error> {
        self.session_from(&["connect", "sessions"], new).await
    }

    /// Makes a session that renews a connection. Scope `connect_sessions:write`.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such connection under that integration: the server says
    /// `invalid_body` with a message and no field errors.
    pub async fn create_reconnect_session(&self, reconnect: &Reconnect) -> Result<ConnectSession, Error> {
        self.session_from(&["connect", "sessions", "reconnect"], reconnect).await.map_err(|error| match error
        {
            Error::Rejected { status: 400, ref code, message: Some(_), ref errors, .. }
                if code == "invalid_body" && errors.is_empty() =>
            {
                Error::NotFound { what: Resource::Connection }
            }
            error => rejection::not_found(error, Resource::Connection),
        })
    }

    /// Reads what a session is for.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] with `unknown_connect_session_token` for a token that is unknown,
    /// deleted or expired.
    pub async fn session_details(&self, token: &SecretString) -> Result<SessionDetails, Error> {
        let url = self.url(&["connect", "session"])?;
        let call = Call::new(Method::GET, url).credential(Credential::Session(token));
        self.json::<Data<SessionDetails>>(call).await.map(|answer| answer.data)
    }

    /// Deletes a session. **Not while its user is at the provider**: the connection would still be
    /// made, but without its tags.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] as above.
    pub async fn delete_session(&self, token: &SecretString) -> Result<(), Error> {
        let url = self.url(&["connect", "session"])?;
        let call = Call::new(Method::DELETE, url).credential(Credential::Session(token));
        self.success(call).await.map(drop)
    }

    async fn session_from(&self, path: &[&str], body: &impl Serialize) -> Result<ConnectSession, Error> {
        let body = serde_json::to_value(body).map_err(|_| Error::argument("the session cannot be sent"))?;
        let call = Call::new(Method::POST, self.url(path)?).json(&body);
        self.json::<Data<ConnectSession>>(call).await.map(|answer| answer.data)
    }
}
