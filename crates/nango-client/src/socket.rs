//! The websocket over which Nango tells the end of one dance.
//!
//! Owns opening it and reading its messages. One socket serves one dance: the server forgets the
//! client id after one message. Some failures send nothing at all and a dropped socket loses the
//! message, so the caller needs a deadline and another way to look.

use futures_util::StreamExt;
use serde::Deserialize;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream, connect_async_tls_with_config};
use url::Url;

use crate::address::Base;
use crate::body::{code, short};
use crate::client::{Client, Limits};
use crate::error::{Error, TransportKind};
use crate::{tls, transport};

/// Real messages have a few hundred bytes.
const MESSAGE_LIMIT: usize = 64 * 1024;

/// Client ids are UUIDs.
const ID_LIMIT: usize = 128;

/// An open socket, waiting for the end of a dance.
#[derive(Debug)]
pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

/// How a dance ended, as far as the socket tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Completion {
    /// The connection was made or renewed.
    Success {
        /// Its id.
        connection_id: String,
        /// Its integration.
        provider_config_key: String,
        /// It waits for the approval of an administrator (read).
        is_pending: bool,
    },
    /// No connection was made.
    Failed {
        /// The integration.
        provider_config_key: String,
        /// Such as `callback_err` (denied), `unknown_err` (the provider's token endpoint),
        /// `state_cookie_err`.
        error_type: String,
        /// Prose, at most 500 characters.
        error_description: Option<String>,
    },
    /// The socket is closed and will tell nothing more. Says nothing about the dance.
    Closed,
}

#[derive(Deserialize)]
#[serde(tag = "message_type", rename_all = "snake_case")]
enum Wire {
    ConnectionAck {
        ws_client_id: String,
    },
    Success {
        connection_id: String,
        provider_config_key: String,
        #[serde(default)]
        is_pending: bool,
    },
    Error {
        provider_config_key: String,
        error_type: String,
        error_desc: Option<String>,
    },
}

impl Client {
    /// Opens a socket at this client's server, see [`Socket::open`].
    ///
    /// # Errors
    /// As there.
    pub async fn open_socket(&self, websockets_path: &str) -> Result<(Socket, String), Error> {
        Socket::open_at(&self.inner.base, websockets_path, &self.inner.limits).await
    }
}

impl Socket {
    /// Opens a socket and waits for the id the server gives it, which goes to
    /// [`Client::begin_authorization`]. No credential is sent. `websockets_path` is from
    /// [`crate::SessionDetails::websockets_path`]; only its path counts.
    ///
    /// # Errors
    /// [`Error::Transport`], also when [`Limits::request_timeout`] passes before the id arrives;
    /// [`Error::UnexpectedBody`] when no websocket of Nango's answers there.
    pub async fn open(
        base_url: &Url,
        websockets_path: &str,
        limits: &Limits,
    ) -> Result<(Self, String), Error> {
        Self::open_at(&Base::new(base_url.clone())?, websockets_path, limits).await
    }

    async fn open_at(base: &Base, websockets_path: &str, limits: &Limits) -> Result<(Self, String), Error> {
        let url = base.websocket(websockets_path)?;
        let connector = if base.is_https() { Connector::Rustls(tls::verifying()?) } else { Connector::Plain };
        let config = WebSocketConfig::default()
            .max_message_size(Some(MESSAGE_LIMIT))
            .max_frame_size(Some(MESSAGE_LIMIT));
        let open = async {
            let connecting = connect_async_tls_with_config(url.as_str(), Some(config), true, Some(connector));
            let (stream, _) = timeout(limits.connect_timeout, connecting)
                .await
                .map_err(|_| Error::timeout())?
                .map_err(not_opened)?;
            let mut socket = Self { stream };
            let id = socket.acknowledgement().await?;
            Ok((socket, id))
        };
        timeout(limits.request_timeout, open).await.map_err(|_| Error::timeout())?
    }

    /// Waits for the end of the dance. Answers pings, ignores what it does not understand. Dropping
    /// the future loses nothing.
    pub async fn next(&mut self) -> Completion {
        loop {
            match self.message().await {
                Some(Wire::Success { connection_id, provider_config_key, is_pending }) => {
                    return Completion::Success { connection_id, provider_config_key, is_pending };
                }
                Some(Wire::Error { provider_config_key, error_type, error_desc }) => {
                    return Completion::Failed {
                        provider_config_key,
                        error_type: code(&error_type),
                        error_description: error_desc.as_deref().map(short),
                    };
                }
                Some(Wire::ConnectionAck { .. }) => {}
                None => return Completion::Closed,
            }
        }
    }

    async fn acknowledgement(&mut self) -> Result<String, Error> {
        loop {
            match self.message().await {
                Some(Wire::ConnectionAck { ws_client_id }) => {
                    if ws_client_id.is_empty() || ws_client_id.len() > ID_LIMIT {
                        return Err(no_websocket("the websocket gave an unusable id"));
                    }
                    return Ok(ws_client_id);
                }
                Some(_) => {}
                None => return Err(Error::Transport { kind: TransportKind::Reset, source: None }),
            }
        }
    }

    /// The next message that can be read, or `None` at the end, which is also where a message that is
    /// too long or a broken frame ends it. Pongs are sent by the library while it is polled here.
    async fn message(&mut self) -> Option<Wire> {
        loop {
            let parsed = match self.stream.next().await?.ok()? {
                Message::Text(text) => serde_json::from_str(text.as_str()),
                Message::Binary(bytes) => serde_json::from_slice(&bytes),
                Message::Close(_) => return None,
                _ => continue,
            };
            if let Ok(message) = parsed {
                return Some(message);
            }
        }
    }
}

fn not_opened(error: tokio_tungstenite::tungstenite::Error) -> Error {
    match error {
        tokio_tungstenite::tungstenite::Error::Http(response) => Error::UnexpectedBody {
            status: response.status().as_u16(),
            content_type: None,
            why: "no websocket answers there",
        },
        error => transport::from_socket(error),
    }
}

fn no_websocket(why: &'static str) -> Error {
    Error::UnexpectedBody { status: 101, content_type: None, why }
}
