//! Exchanges over the websocket.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::Socket;
use crate::replay::Replay;
use crate::replay::prepare::session_body;
use crate::replay::recorded::Exchange;
use crate::replay::shape;

impl Replay {
    /// Exchanges over the websocket: does what led to the message, then compares it.
    pub(super) async fn websocket(&mut self, exchange: &Exchange) -> Vec<String> {
        let recorded = &exchange.response.body;
        let live = match exchange.name.as_str() {
            "ws.ack" => self.acknowledgement.clone(),
            "ws.success" => self.message_of("c4f44e15-95ae-4fb1-a69f-42c1a595e16f").await,
            "reconnect.ws.success" => self.message_of("bdb71144-76ce-44a6-8e9d-7e5404da63a8").await,
            "ws.after_success" => self.silence_of("c4f44e15-95ae-4fb1-a69f-42c1a595e16f").await,
            "ws.reused_client_id" => {
                let id = self.live("c4f44e15-95ae-4fb1-a69f-42c1a595e16f");
                self.harness.connect("local-oauth2", session_body(""), &[("ws_client_id", &id)]).await;
                self.silence_of("c4f44e15-95ae-4fb1-a69f-42c1a595e16f").await
            }
            _ => self.provoke(exchange).await,
        };
        let mut differences = Vec::new();
        shape::compare(recorded, &live, "", &mut differences);
        for name in ["message_type", "provider_config_key", "error_type", "error_desc", "is_pending"] {
            let expected = recorded.get(name).map(|value| self.known.value(value));
            if expected.as_ref() != live.get(name) {
                differences.push(format!("{name}: recorded {expected:?}, got {:?}", live.get(name)));
            }
        }
        if exchange.name != "ws.success" && recorded["message_type"] == "success" {
            self.known.learn(recorded, &live, &mut differences);
        }
        differences
    }

    async fn message_of(&mut self, id: &str) -> Value {
        self.sockets.get_mut(id).expect("a socket").message().await.expect("a message")
    }

    async fn silence_of(&mut self, id: &str) -> Value {
        let quiet = self.sockets.get_mut(id).expect("a socket").is_quiet().await;
        if quiet { Value::Null } else { json!("a message") }
    }

    /// A fresh socket, and something that goes wrong.
    async fn provoke(&mut self, exchange: &Exchange) -> Value {
        let (mut socket, acknowledgement) = self.harness.websocket().await;
        let id = acknowledgement["ws_client_id"].as_str().expect("an id");
        let extra = [("ws_client_id", id)];
        let quiet = async |socket: &mut Socket| {
            if socket.is_quiet().await { Value::Null } else { json!("a message") }
        };
        let connect = async |key: &str, token: &str| {
            let request = self.harness.request(Method::GET, &format!("/oauth/connect/{key}"));
            let query = [("connect_session_token", token), ("ws_client_id", id)];
            assert_eq!(request.query(&query).send().await.expect("an answer").status(), 400);
        };
        let token = self.harness.session(session_body("")).await;
        match exchange.name.as_str() {
            "ws.error.access_denied" => {
                let dance = self.harness.begin("local-oauth2", &token, &extra).await;
                let redirect = self.harness.consent(&dance.location, "deny", "alex").await;
                self.harness.forward(&redirect, Some(&dance.cookie)).await;
            }
            "ws.error.bad_code" => {
                let dance = self.harness.begin("local-oauth2", &token, &extra).await;
                let query = [("code", "wrong"), ("state", dance.state.as_str())];
                self.harness
                    .request(Method::GET, "/oauth/callback")
                    .query(&query)
                    .send()
                    .await
                    .expect("an answer");
            }
            "ws.error.unknown_integration" => connect("nope", &token).await,
            "ws.error.missing_param" => connect("local-config-oauth2", &token).await,
            "ws.error.state_cookie" => {
                let dance = self.harness.begin("local-oauth2", &token, &extra).await;
                let redirect = self.harness.consent(&dance.location, "approve", "alex").await;
                self.harness.forward(&redirect, None).await;
            }
            "ws.error.wrong_state" => {
                self.harness.begin("local-oauth2", &token, &extra).await;
                let query = [("code", "c"), ("state", "00000000-0000-1000-8000-000000000000")];
                self.harness
                    .request(Method::GET, "/oauth/callback")
                    .query(&query)
                    .send()
                    .await
                    .expect("an answer");
                return quiet(&mut socket).await;
            }
            "ws.error.not_allowed" => {
                let narrow = json!({ "tags": { "a": "b" }, "allowed_integrations": ["local-api-key"] });
                let token = self.harness.session(narrow).await;
                connect("local-oauth2", &token).await;
                return quiet(&mut socket).await;
            }
            other => panic!("no preparation for {other}"),
        }
        socket.message().await.expect("a message")
    }
}
