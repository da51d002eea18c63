//! The OAuth dance as far as the client takes part: beginning it and forwarding the provider's answer.
//!
//! Owns the reading of the redirect, of the state cookie and of the error page. Keeping state and
//! cookie, and forwarding each callback once only, is the caller's part: the server burns the state
//! at the first callback, whatever comes of it.

use std::fmt;

use reqwest::Method;
use reqwest::header::{COOKIE, HeaderMap, HeaderValue, LOCATION, SET_COOKIE};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use crate::address::append_query;
use crate::body::{Answer, short};
use crate::call::{Call, Credential};
use crate::client::Client;
use crate::error::Error;
use crate::rejection;

/// Longer redirects and callback queries than this many bytes are refused.
const URL_LIMIT: usize = 16 * 1024;

/// A URL that holds a secret. `Debug` shows where it leads and nothing else.
#[derive(Clone)]
pub struct SecretUrl(Url);

impl SecretUrl {
    /// The URL itself, to be opened and not to be logged or stored.
    #[must_use]
    pub fn expose(&self) -> &Url {
        &self.0
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SecretUrl({}{}?..)", self.0.origin().ascii_serialization(), self.0.path())
    }
}

/// A dance that has begun: the user has to visit `location`.
#[derive(Debug, Clone)]
pub struct Authorization {
    /// The provider's page, http or https. Its query holds the state.
    pub location: SecretUrl,
    /// The `state` in `location`: the id of the dance. OAuth 1 has none.
    pub state: Option<SecretString>,
    /// The `redirect_uri` in `location`: where the provider will send the user. It is the
    /// environment's callback URL. Absent for OAuth 1 and for app installations.
    pub redirect_uri: Option<Url>,
    /// `oauth2-<state>=1`, to be sent with the callback; valid for an hour. A server may insist on it.
    pub cookie: Option<SecretString>,
}

/// What came of a forwarded callback. The server does not say which connection was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallbackOutcome {
    /// The connection exists.
    Accepted,
    /// It does not, and the state is used up.
    Refused {
        /// Prose from the page, or a JSON text of what the provider said. At most 500 characters.
        message: Option<String>,
    },
}

impl Client {
    /// Begins a dance by calling `/oauth/connect` without following the redirect to the provider.
    ///
    /// `params` are fields of the provider's `connection_config`, by name. `ws_client_id` is from
    /// [`crate::Socket::open`].
    ///
    /// # Errors
    /// [`Error::AuthorizationRefused`] when the server answers with a page: unknown integration, not
    /// an OAuth integration, a missing field. [`Error::Rejected`] with `integration_not_allowed` when
    /// the session does not allow it, [`Error::Unauthorized`] for a token that has expired.
    pub async fn begin_authorization(
        &self,
        integration: &str,
        token: &SecretString,
        ws_client_id: Option<&str>,
        params: &[(String, String)],
    ) -> Result<Authorization, Error> {
        let url = self.authorization_url(integration, token, ws_client_id, params)?;
        let call = Call::new(Method::GET, url.0).credential(Credential::None).once();
        let answer = self.answer(call).await?;
        match answer.status {
            302 | 303 | 307 => authorization(&answer),
            400 if rejection::parse(&answer.body).is_none() => {
                Err(Error::AuthorizationRefused { message: page_message(&answer.body) })
            }
            200..300 => Err(answer.unexpected("no redirect to the provider")),
            _ => Err(rejection::error_of(&answer)),
        }
    }

    /// The URL with which the system browser begins the dance itself. Holds the session token.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for an integration key that cannot be addressed.
    pub fn authorization_url(
        &self,
        integration: &str,
        token: &SecretString,
        ws_client_id: Option<&str>,
        params: &[(String, String)],
    ) -> Result<SecretUrl, Error> {
        let mut url = self.url(&["oauth", "connect", integration])?;
        append_session(&mut url, token, params);
        if let Some(id) = ws_client_id {
            append_query(&mut url, "ws_client_id", id);
        }
        Ok(SecretUrl(url))
    }

    /// Forwards the query of a callback to `/oauth/callback`, once: no retry is made, since the state
    /// is used up even if the answer is lost. Also to be done with a refusal of the provider; that
    /// frees the state.
    ///
    /// # Errors
    /// Any answer but 200 and 400. After [`Error::Transport`] it is unknown whether the connection
    /// was made; look for it.
    pub async fn forward_callback(
        &self,
        query: &SecretString,
        cookie: Option<&SecretString>,
    ) -> Result<CallbackOutcome, Error> {
        let query = query.expose_secret().trim_start_matches('?');
        if query.len() > URL_LIMIT {
            return Err(Error::argument("the callback is too long"));
        }
        let mut url = self.url(&["oauth", "callback"])?;
        url.set_query(Some(query));
        let mut call = Call::new(Method::GET, url).credential(Credential::None).once();
        if let Some(cookie) = cookie {
            let mut value = HeaderValue::try_from(cookie.expose_secret())
                .map_err(|_| Error::argument("the cookie cannot be sent"))?;
            value.set_sensitive(true);
            call = call.header(COOKIE, value);
        }
        let answer = self.answer(call).await?;
        match answer.status {
            200 => Ok(CallbackOutcome::Accepted),
            400 => Ok(CallbackOutcome::Refused { message: page_message(&answer.body) }),
            201..300 => Err(answer.unexpected("neither success nor failure of a callback")),
            _ => Err(rejection::error_of(&answer)),
        }
    }
}

/// Puts the token and the user's fields into the query, where the authorization endpoints want them.
pub(crate) fn append_session(url: &mut Url, token: &SecretString, params: &[(String, String)]) {
    append_query(url, "connect_session_token", token.expose_secret());
    for (name, value) in params {
        append_query(url, &format!("params[{name}]"), value);
    }
}

fn authorization(answer: &Answer) -> Result<Authorization, Error> {
    let location = answer
        .header(LOCATION.as_str())
        .filter(|location| location.len() <= URL_LIMIT)
        .and_then(|location| Url::parse(location).ok())
        .filter(|location| matches!(location.scheme(), "http" | "https"))
        .ok_or_else(|| answer.unexpected("the redirect does not lead to a web page"))?;
    let member =
        |name: &str| location.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    let state = member("state");
    let cookie = state_cookie(&answer.headers, state.as_deref());
    Ok(Authorization {
        redirect_uri: member("redirect_uri").and_then(|uri| Url::parse(&uri).ok()),
        state: state.map(SecretString::from),
        cookie,
        location: SecretUrl(location),
    })
}

/// The name and value of the `oauth2-<state>` cookie, without its attributes.
fn state_cookie(headers: &HeaderMap, state: Option<&str>) -> Option<SecretString> {
    let name = format!("oauth2-{}", state?);
    headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok()).find_map(|cookie| {
        let pair = cookie.split(';').next()?.trim();
        (pair.split_once('=')?.0 == name).then(|| SecretString::from(pair))
    })
}

/// The message in the one script line of the callback page that tells something. Its `errorType` is
/// always the same text and so not read.
fn page_message(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct PageError {
        message: String,
    }
    let page = String::from_utf8_lossy(body);
    let (_, rest) = page.split_once("window.__nangoOAuthError")?;
    let json = rest.trim_start().strip_prefix('=')?.trim_start();
    let first = serde_json::Deserializer::from_str(json).into_iter::<PageError>().next()?;
    Some(short(&first.ok()?.message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_is_found_in_the_script_line() {
        let check = |page: &str, expected: Option<&str>| {
            assert_eq!(page_message(page.as_bytes()).as_deref(), expected, "in {page}");
        };
        check(
            r#"<script>window.__nangoOAuthError = {"message":"a \"b\"","errorType":"x"};</script>"#,
            Some("a \"b\""),
        );
        check(r#"window.__nangoOAuthError={"message":"\u003cb\u003e"}"#, Some("<b>"));
        check("<script>window.__nangoOAuthError = null;</script>", None);
        check("window.__nangoOAuthError = {\"message\":", None);
        check("<html>something else</html>", None);
    }

    #[test]
    fn only_the_cookie_of_this_state_is_kept() {
        let mut headers = HeaderMap::new();
        for cookie in ["other=2; Path=/", "oauth2-zzz=1; Path=/", "oauth2-abc=1; Max-Age=3600; HttpOnly"] {
            headers.append(SET_COOKIE, HeaderValue::from_static(cookie));
        }
        let cookie = state_cookie(&headers, Some("abc")).unwrap();
        assert_eq!(cookie.expose_secret(), "oauth2-abc=1");
        assert!(state_cookie(&headers, Some("nobody")).is_none());
        assert!(state_cookie(&headers, None).is_none());
    }
}
