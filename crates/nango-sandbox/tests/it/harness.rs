//! A client without cleverness: sends what it is told, follows no redirect; and the robot at the consent page.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use nango_sandbox::{Options, Sandbox};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use url::Url;

/// How long anything that must happen may take.
pub(crate) const DEADLINE: Duration = Duration::from_secs(10);

/// A sandbox and a client for it.
pub(crate) struct Harness {
    pub(crate) sandbox: Sandbox,
    pub(crate) http: reqwest::Client,
}

/// A dance that has been started.
pub(crate) struct Started {
    pub(crate) location: Url,
    pub(crate) state: String,
    pub(crate) cookie: String,
}

impl Harness {
    pub(crate) async fn start(options: Options) -> Self {
        let sandbox = Sandbox::start(options).await.expect("the sandbox starts");
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(Duration::from_secs(60))
            .build()
            .expect("a client");
        Self { sandbox, http }
    }

    /// A request to the Nango side.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let base = self.sandbox.base_url().as_str().trim_end_matches('/').to_owned();
        self.http.request(method, format!("{base}{path}"))
    }

    /// A request with the default key.
    pub(crate) fn keyed(&self, method: Method, path: &str) -> RequestBuilder {
        self.request(method, path).bearer_auth(self.sandbox.api_key())
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let response = self.keyed(Method::GET, path).send().await.expect("an answer");
        response.json().await.expect("JSON")
    }

    /// A new connect session's token.
    pub(crate) async fn session(&self, body: Value) -> String {
        let response =
            self.keyed(Method::POST, "/connect/sessions").json(&body).send().await.expect("an answer");
        token(response).await
    }

    /// A re-connect session's token.
    pub(crate) async fn reconnect_session(
        &self,
        connection: &str,
        integration: &str,
        extra: Value,
    ) -> String {
        let mut body = json!({ "connection_id": connection, "integration_id": integration });
        if let (Value::Object(body), Value::Object(extra)) = (&mut body, extra) {
            body.extend(extra);
        }
        let sent = self.keyed(Method::POST, "/connect/sessions/reconnect").json(&body).send().await;
        token(sent.expect("an answer")).await
    }

    /// Starts a dance with a session.
    pub(crate) async fn begin(&self, integration: &str, token: &str, extra: &[(&str, &str)]) -> Started {
        let request = self.request(Method::GET, &format!("/oauth/connect/{integration}"));
        let request = request.query(&[("connect_session_token", token)]).query(extra);
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), 302, "the dance starts");
        started(&response)
    }

    /// The robot: posts the consent form. Returns where the provider redirects to.
    pub(crate) async fn consent(&self, location: &Url, decision: &str, account: &str) -> Url {
        let mut form: Vec<(String, String)> = location.query_pairs().into_owned().collect();
        form.push(("account".to_owned(), account.to_owned()));
        form.push(("decision".to_owned(), decision.to_owned()));
        let mut target = location.clone();
        target.set_query(None);
        let response = self.http.post(target).form(&form).send().await.expect("an answer");
        assert_eq!(response.status(), 302, "the provider redirects");
        let location = response.headers()["location"].to_str().expect("text");
        Url::parse(location).expect("a URL")
    }

    /// Forwards a redirect's query to Nango, with a cookie if there is one.
    pub(crate) async fn forward(&self, redirect: &Url, cookie: Option<&str>) -> Response {
        let mut request =
            self.request(Method::GET, &format!("/oauth/callback?{}", redirect.query().unwrap_or_default()));
        if let Some(cookie) = cookie {
            request = request.header("cookie", cookie);
        }
        request.send().await.expect("an answer")
    }

    /// A whole dance; returns the id of the connection it made.
    pub(crate) async fn connect(&self, integration: &str, session: Value, extra: &[(&str, &str)]) -> String {
        let token = self.session(session).await;
        self.dance(integration, &token, extra).await;
        self.sandbox.connections().first().expect("a connection").id.clone()
    }

    /// A whole dance with a given session.
    pub(crate) async fn dance(&self, integration: &str, token: &str, extra: &[(&str, &str)]) {
        let started = self.begin(integration, token, extra).await;
        let redirect = self.consent(&started.location, "approve", "alex").await;
        let response = self.forward(&redirect, Some(&started.cookie)).await;
        assert_eq!(
            response.status(),
            200,
            "the dance ends well: {}",
            response.text().await.unwrap_or_default()
        );
    }

    /// A websocket and the id it was given.
    pub(crate) async fn websocket(&self) -> (Socket, Value) {
        let mut url = self.sandbox.base_url().clone();
        url.set_scheme("ws").expect("a websocket URL");
        let (stream, _) = tokio_tungstenite::connect_async(url.as_str()).await.expect("a websocket");
        let mut socket = Socket { stream };
        let acknowledgement = socket.message().await.expect("an acknowledgement");
        (socket, acknowledgement)
    }

    /// Calls the provider through the proxy.
    pub(crate) fn proxied(
        &self,
        method: Method,
        path: &str,
        integration: &str,
        connection: &str,
    ) -> RequestBuilder {
        let request = self.keyed(method, &format!("/proxy{path}"));
        request.header("Provider-Config-Key", integration).header("Connection-Id", connection)
    }
}

/// One websocket.
pub(crate) struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Socket {
    /// The next message; `None` when the socket ends.
    pub(crate) async fn message(&mut self) -> Option<Value> {
        let next = async {
            loop {
                match self.stream.next().await {
                    Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).ok(),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return None,
                }
            }
        };
        tokio::time::timeout(DEADLINE, next).await.expect("a message in time")
    }

    /// Whether nothing comes, over two rounds of ping and pong: a queued message would come before them.
    pub(crate) async fn is_quiet(&mut self) -> bool {
        for round in 0..2_u8 {
            self.stream.send(Message::Ping(vec![round].into())).await.expect("a ping");
            loop {
                let next = tokio::time::timeout(DEADLINE, self.stream.next()).await.expect("a pong in time");
                match next {
                    Some(Ok(Message::Pong(_))) => break,
                    Some(Ok(Message::Text(_) | Message::Binary(_))) => return false,
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => panic!("the socket ended"),
                }
            }
        }
        true
    }
}

/// What a 302 of `/oauth/connect` says.
pub(crate) fn started(response: &Response) -> Started {
    let text =
        |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let location = Url::parse(text("location")).expect("a URL");
    let state = location.query_pairs().find(|(name, _)| name == "state").map(|(_, value)| value.into_owned());
    let cookie = text("set-cookie").split(';').next().unwrap_or_default().to_owned();
    Started { location, state: state.unwrap_or_default(), cookie }
}

async fn token(response: Response) -> String {
    assert_eq!(response.status(), 201, "the session is made");
    let body: Value = response.json().await.expect("JSON");
    body["data"]["token"].as_str().expect("a token").to_owned()
}
