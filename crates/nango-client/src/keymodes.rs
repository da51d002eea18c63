//! The modes in which the user's credentials go to Nango directly, without a visit to the provider.
//!
//! Owns the endpoint of each mode and what its failures mean. Which fields a form has is known from
//! the provider; checking them is the caller's part, since the server checks almost nothing.

use std::collections::BTreeMap;
use std::fmt;

use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::authorize::append_session;
use crate::body::short;
use crate::call::{Call, Credential};
use crate::client::Client;
use crate::error::{Error, Payload, Resource};
use crate::providers::AuthMode;
use crate::rejection;

/// What the user typed, by the names of the provider's `credentials`. `Debug` shows the names only.
#[derive(Clone, Default)]
pub struct FormCredentials(BTreeMap<String, SecretString>);

impl FormCredentials {
    /// An empty form.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Fills in a field, replacing what was there.
    pub fn insert(&mut self, name: impl Into<String>, value: SecretString) {
        self.0.insert(name.into(), value);
    }

    /// The names of the fields filled in.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl<N: Into<String>> FromIterator<(N, SecretString)> for FormCredentials {
    fn from_iter<I: IntoIterator<Item = (N, SecretString)>>(fields: I) -> Self {
        Self(fields.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }
}

impl fmt::Debug for FormCredentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

/// The connection that was made, or renewed in a reconnect session.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Created {
    /// Its id; the server chooses it.
    #[serde(rename = "connectionId")]
    pub connection_id: String,
    /// Its integration.
    #[serde(rename = "providerConfigKey")]
    pub provider_config_key: String,
}

impl Client {
    /// Makes a connection from credentials. `params` are fields of the provider's
    /// `connection_config`, by name; they travel in the query, the credentials in the body.
    ///
    /// The server tries the credentials only if the provider has an address to try them at; otherwise
    /// any value makes a connection.
    ///
    /// # Errors
    /// [`Error::VerificationFailed`] when the credentials did not work, [`Error::NotFound`] when the
    /// integration, or the connection of a reconnect session, is gone, [`Error::Rejected`] for
    /// `integration_not_allowed`, `invalid_auth_mode` and bodies of another shape, and
    /// [`Error::InvalidArgument`] for a mode that needs a browser.
    pub async fn authorize_with_fields(
        &self,
        mode: &AuthMode,
        integration: &str,
        token: &SecretString,
        params: &[(String, String)],
        credentials: &FormCredentials,
    ) -> Result<Created, Error> {
        let endpoint = endpoint(mode).ok_or(Error::argument("this mode of authorization needs a browser"))?;
        let body = (*mode != AuthMode::None).then(|| body(mode, credentials));
        self.authorize_at(endpoint, integration, token, params, body).await
    }

    /// Makes a connection of a provider that is installed from its own side: it waits there for an
    /// administrator. Only for providers whose `installation` is `outbound`: of any other OAuth 2.0
    /// provider Nango makes a connection without tokens that looks healthy in the list.
    ///
    /// # Errors
    /// As [`Client::authorize_with_fields`].
    pub async fn await_outbound(
        &self,
        integration: &str,
        token: &SecretString,
        params: &[(String, String)],
    ) -> Result<Created, Error> {
        self.authorize_at(["auth", "oauth-outbound"], integration, token, params, Some(json!({}))).await
    }

    async fn authorize_at(
        &self,
        endpoint: [&str; 2],
        integration: &str,
        token: &SecretString,
        params: &[(String, String)],
        body: Option<Value>,
    ) -> Result<Created, Error> {
        let mut url = self.url(&[endpoint[0], endpoint[1], integration])?;
        append_session(&mut url, token, params);
        let mut call = Call::new(Method::POST, url).credential(Credential::None);
        if let Some(body) = body {
            call = call.json(&body);
        }
        self.json(call).await.map_err(failure)
    }
}

/// The first two segments of a mode's path; the integration follows.
fn endpoint(mode: &AuthMode) -> Option<[&'static str; 2]> {
    Some(match mode {
        AuthMode::ApiKey => ["api-auth", "api-key"],
        AuthMode::Basic => ["api-auth", "basic"],
        AuthMode::OAuth2Cc => ["oauth2", "auth"],
        AuthMode::TwoStep => ["auth", "two-step"],
        AuthMode::None => ["auth", "unauthenticated"],
        AuthMode::Tba => ["auth", "tba"],
        AuthMode::Jwt => ["auth", "jwt"],
        AuthMode::Bill => ["auth", "bill"],
        AuthMode::Signature => ["auth", "signature"],
        AuthMode::AwsSigV4 => ["auth", "aws-sigv4"],
        _ => return None,
    })
}

fn body(mode: &AuthMode, credentials: &FormCredentials) -> Value {
    let mut body: Map<String, Value> =
        credentials.0.iter().map(|(name, value)| (name.clone(), value.expose_secret().into())).collect();
    if *mode == AuthMode::Basic {
        // Both members have to be there, either may be empty.
        for name in ["username", "password"] {
            body.entry(name).or_insert_with(|| "".into());
        }
    }
    if *mode == AuthMode::Signature {
        // The only mode whose body names itself (read).
        body.insert("type".into(), mode.as_str().into());
    }
    Value::Object(body)
}

/// Codes that mean "the credentials were tried, or would have been, and do not work". The fetch errors
/// exist per mode, so their ending is what counts.
fn failure(error: Error) -> Error {
    match error {
        Error::Rejected { status: 400, code, message, payload, .. }
            if code == "connection_test_failed"
                || code == "missing_client_id"
                || code.ends_with("_credentials_fetch_error") =>
        {
            let said = payload.and_then(|Payload(payload)| said_by_provider(&payload));
            Error::VerificationFailed { code, message: said.or(message) }
        }
        error => rejection::not_found(error, Resource::Integration),
    }
}

/// The provider's own description in a payload, which is an object or a text that holds one.
fn said_by_provider(payload: &Value) -> Option<String> {
    let parsed: Value;
    let payload = match payload {
        Value::String(text) => {
            parsed = serde_json::from_str(text).ok()?;
            &parsed
        }
        other => other,
    };
    let from_provider = payload.get("provider_error_payload").unwrap_or(payload);
    ["error_description", "message", "error"]
        .iter()
        .find_map(|name| from_provider.get(name)?.as_str())
        .map(short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_provider_said_is_found_in_both_forms_of_payload() {
        let check = |payload: Value, expected: Option<&str>| {
            assert_eq!(said_by_provider(&payload).as_deref(), expected, "in {payload}");
        };
        let inner = json!({"provider_error_payload": {"error": "invalid_client", "error_description": "no"}});
        check(inner.clone(), Some("no"));
        check(Value::String(inner.to_string()), Some("no"));
        check(json!({"host": "h", "code": "denied_dns", "message": "blocked"}), Some("blocked"));
        check(json!("no JSON"), None);
        check(json!(7), None);
    }

    #[test]
    fn modes_that_need_a_browser_have_no_endpoint() {
        let with: Vec<_> =
            AuthMode::KNOWN.iter().filter(|mode| endpoint(mode).is_some()).map(AuthMode::as_str).collect();
        let expected = [
            "OAUTH2_CC",
            "API_KEY",
            "BASIC",
            "TWO_STEP",
            "JWT",
            "TBA",
            "SIGNATURE",
            "BILL",
            "AWS_SIGV4",
            "NONE",
        ];
        assert_eq!(with, expected);
    }

    #[test]
    fn basic_always_sends_both_members() {
        let only_name: FormCredentials = [("username", SecretString::from("ada"))].into_iter().collect();
        assert_eq!(body(&AuthMode::Basic, &only_name), json!({"username": "ada", "password": ""}));
        assert_eq!(body(&AuthMode::TwoStep, &only_name), json!({"username": "ada"}));
        assert_eq!(body(&AuthMode::Signature, &only_name), json!({"username": "ada", "type": "SIGNATURE"}));
    }
}
