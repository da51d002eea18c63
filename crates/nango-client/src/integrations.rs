//! Integrations: the operator's configured instances of providers.

use jiff::Timestamp;
use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::call::Call;
use crate::client::Client;
use crate::error::{Error, Resource};
use crate::providers::AuthMode;
use crate::rejection;

/// An integration as Nango describes it, without its credentials.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Integration {
    /// `provider_config_key` everywhere else.
    pub unique_key: String,
    /// The provider's name. The auth mode is known from there.
    pub provider: String,
    /// For people.
    pub display_name: Option<String>,
    /// On the server's own host. May point to nothing.
    pub logo: Option<String>,
    /// Whether webhooks are forwarded.
    #[serde(default)]
    pub forward_webhooks: bool,
    /// Credential names the operator has filled in already, so the user is not asked (read).
    #[serde(default)]
    pub preconfigured_credentials: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// An integration to be made.
#[derive(Debug, Clone)]
pub struct NewIntegration {
    /// The provider's name.
    pub provider: String,
    /// Up to 255 of `a-zA-Z0-9~:.@ _-`.
    pub unique_key: String,
    /// For people; the provider's when absent.
    pub display_name: Option<String>,
    /// Whether to forward webhooks; the server's default when absent.
    pub forward_webhooks: Option<bool>,
    /// The developer application. Required for OAUTH1, OAUTH2 and TBA, refused for modes without one.
    pub credentials: Option<AppCredentials>,
}

/// What to change in an integration; absent members stay.
#[derive(Debug, Clone, Default)]
pub struct IntegrationChange {
    /// A new key. Refused while connections exist.
    pub unique_key: Option<String>,
    /// A new name for people.
    pub display_name: Option<String>,
    /// Whether to forward webhooks.
    pub forward_webhooks: Option<bool>,
    /// Another developer application.
    pub credentials: Option<AppCredentials>,
}

/// A developer application registered with the provider.
#[derive(Debug, Clone)]
pub struct AppCredentials {
    /// OAUTH1, OAUTH2 or TBA, as the provider says.
    pub mode: AuthMode,
    /// Public half.
    pub client_id: String,
    /// Secret half.
    pub client_secret: SecretString,
    /// The scopes to ask for.
    pub scopes: Vec<String>,
}

impl AppCredentials {
    /// Scopes are joined by commas; spaces are refused by the server.
    fn to_json(&self) -> Value {
        let mut body = json!({
            "type": self.mode.as_str(),
            "client_id": self.client_id,
            "client_secret": self.client_secret.expose_secret(),
        });
        if !self.scopes.is_empty() {
            body["scopes"] = Value::from(self.scopes.join(","));
        }
        body
    }
}

#[derive(Deserialize)]
struct Data<T> {
    data: T,
}

impl Client {
    /// Lists all integrations of the environment (there is no paging). Scope `integrations:list`.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn integrations(&self) -> Result<Vec<Integration>, Error> {
        let call = Call::new(Method::GET, self.url(&["integrations"])?);
        self.json::<Data<Vec<Integration>>>(call).await.map(|answer| answer.data)
    }

    /// Reads one integration. Scope `integrations:read`.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown key.
    pub async fn integration(&self, unique_key: &str) -> Result<Integration, Error> {
        let call = Call::new(Method::GET, self.url(&["integrations", unique_key])?);
        self.one_integration(call).await
    }

    /// Makes an integration. Scope `integrations:create`.
    ///
    /// # Errors
    /// [`Error::Rejected`] with `invalid_body` for a key that exists (path `uniqueKey`), an unknown
    /// provider, or credentials that are missing or not wanted.
    pub async fn create_integration(&self, new: &NewIntegration) -> Result<Integration, Error> {
        let NewIntegration { provider, unique_key, display_name, forward_webhooks, credentials } = new;
        let mut body = Map::new();
        body.insert("provider".into(), provider.as_str().into());
        body.insert("unique_key".into(), unique_key.as_str().into());
        insert_common(&mut body, display_name.as_deref(), *forward_webhooks, credentials.as_ref());
        let call = Call::new(Method::POST, self.url(&["integrations"])?).json(&Value::Object(body));
        self.one_integration(call).await
    }

    /// Changes an integration. Scope `integrations:update`.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown key, [`Error::Rejected`] for a rename that is not possible.
    pub async fn change_integration(
        &self,
        unique_key: &str,
        change: &IntegrationChange,
    ) -> Result<Integration, Error> {
        let mut body = Map::new();
        if let Some(new_key) = &change.unique_key {
            body.insert("unique_key".into(), new_key.as_str().into());
        }
        let IntegrationChange { display_name, forward_webhooks, credentials, .. } = change;
        insert_common(&mut body, display_name.as_deref(), *forward_webhooks, credentials.as_ref());
        let url = self.url(&["integrations", unique_key])?;
        self.one_integration(Call::new(Method::PATCH, url).json(&Value::Object(body))).await
    }

    /// Deletes an integration **and all its connections**. Scope `integrations:delete`.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown key.
    pub async fn delete_integration(&self, unique_key: &str) -> Result<(), Error> {
        let call = Call::new(Method::DELETE, self.url(&["integrations", unique_key])?);
        self.success(call).await.map(drop).map_err(|error| rejection::not_found(error, Resource::Integration))
    }

    async fn one_integration(&self, call: Call<'_>) -> Result<Integration, Error> {
        let answer = self.json::<Data<Integration>>(call).await;
        answer.map(|answer| answer.data).map_err(|error| rejection::not_found(error, Resource::Integration))
    }
}

fn insert_common(
    body: &mut Map<String, Value>,
    display_name: Option<&str>,
    forward_webhooks: Option<bool>,
    credentials: Option<&AppCredentials>,
) {
    if let Some(name) = display_name {
        body.insert("display_name".into(), name.into());
    }
    if let Some(forward) = forward_webhooks {
        body.insert("forward_webhooks".into(), forward.into());
    }
    if let Some(credentials) = credentials {
        body.insert("credentials".into(), credentials.to_json());
    }
}
