//! Calls to servers that are not Nango: what a workflow asks for beside its connections.
//!
//! Nothing of Nango's goes along: there is no key here that could. Sizes, times and redirects are held to the same
//! rules as calls to Nango.

use std::time::Duration;

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::address::Base;
use crate::body::{self, Overflow};
use crate::client::bearer;
use crate::error::Error;
use crate::{tls, transport};

/// A client of any web server. Clones share connections.
#[derive(Debug, Clone)]
pub struct Web {
    http: reqwest::Client,
    /// For this machine, where a system-wide HTTP proxy has no business.
    direct: reqwest::Client,
}

/// A call.
#[derive(Clone)]
pub struct WebRequest {
    /// The method.
    pub method: Method,
    /// Where: http or https, without user information.
    pub url: Url,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// Body; its type is among the headers.
    pub body: Option<Bytes>,
    /// As whom.
    pub authentication: Option<WebAuthentication>,
    /// For the whole call.
    pub timeout: Duration,
    /// Bytes of the answer to keep; the rest is cut.
    pub response_limit: usize,
}

/// As whom a call is made.
#[derive(Debug, Clone)]
pub enum WebAuthentication {
    /// Basic authentication.
    Basic {
        /// The user's name.
        username: String,
        /// The password.
        password: SecretString,
    },
    /// A bearer token.
    Bearer {
        /// The token.
        token: SecretString,
    },
}

/// An answer, whatever its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebResponse {
    /// The status. A redirect is not followed.
    pub status: u16,
    /// Names in lower case. Values that are not text are left out.
    pub headers: Vec<(String, String)>,
    /// As much of the body as was asked for.
    pub body: Bytes,
    /// Whether the body was longer.
    pub truncated: bool,
}

impl Web {
    /// Makes a client. Sends nothing.
    ///
    /// # Errors
    /// [`Error::Configuration`] when the TLS library cannot be used.
    pub fn new(connect_timeout: Duration) -> Result<Web, Error> {
        let builder = || -> Result<reqwest::ClientBuilder, Error> {
            let mut tls = (*tls::verifying()?).clone();
            tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
            Ok(reqwest::Client::builder()
                .tls_backend_preconfigured(tls)
                .redirect(reqwest::redirect::Policy::none())
                .referer(false)
                .retry(reqwest::retry::never())
                .connect_timeout(connect_timeout)
                .user_agent(concat!("Patchbay/", env!("CARGO_PKG_VERSION"))))
        };
        Ok(Web {
            http: builder()?.build().map_err(transport::from_http)?,
            direct: builder()?.no_proxy().build().map_err(transport::from_http)?,
        })
    }

    /// Makes one call, once.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for an address or a header that cannot be sent, [`Error::Transport`] when no
    /// answer comes.
    pub async fn call(&self, request: WebRequest) -> Result<WebResponse, Error> {
        let mut address = request.url.clone();
        address.set_query(None);
        address.set_fragment(None);
        let is_local =
            Base::new(address).map_err(|_| Error::argument("the address cannot be called"))?.is_loopback();
        let mut headers = HeaderMap::new();
        for (name, value) in &request.headers {
            let name =
                HeaderName::try_from(name).map_err(|_| Error::argument("a header name cannot be sent"))?;
            let value =
                HeaderValue::try_from(value).map_err(|_| Error::argument("a header value cannot be sent"))?;
            headers.append(name, value);
        }
        let client = if is_local { &self.direct } else { &self.http };
        let mut call = client.request(request.method, request.url).headers(headers).timeout(request.timeout);
        call = match &request.authentication {
            None => call,
            Some(WebAuthentication::Basic { username, password }) => {
                call.basic_auth(username, Some(password.expose_secret()))
            }
            Some(WebAuthentication::Bearer { token }) => {
                call.header(AUTHORIZATION, bearer(token).ok_or(Error::argument("the token cannot be sent"))?)
            }
        };
        if let Some(body) = request.body {
            call = call.body(body);
        }
        let response = call.send().await.map_err(transport::from_http)?;
        let answer = body::read(response, request.response_limit, Overflow::Truncate).await?;
        let text = |(name, value): (&HeaderName, &HeaderValue)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        };
        Ok(WebResponse {
            status: answer.status,
            headers: answer.headers.iter().filter_map(text).collect(),
            body: answer.body,
            truncated: answer.truncated,
        })
    }
}
