//! Bringing the sandbox into the state that an exchange was recorded in.

use std::collections::BTreeMap;
use std::time::Duration;

use nango_sandbox::{Fault, FaultAction, FaultMatcher};
use reqwest::Method;
use serde_json::{Value, json};

use crate::replay::Replay;
use crate::replay::recorded::Exchange;

const RECORDED_TOKEN: &str = "nango_connect_session_d00d";
const CUSTOM_SCHEME: &str = "app.patchbay.desktop://oauth/callback";
/// Codes in the recordings that were made up by the client.
const MADE_UP_CODES: [&str; 3] = ["c", "x", "wrong"];

impl Replay {
    /// What an exchange needs that can be read off its request: keys, sessions, sockets, a dance.
    pub(super) async fn general_needs(&mut self, exchange: &Exchange) {
        let request = &exchange.request;
        let authorization = request.headers.get("Authorization").cloned().unwrap_or_default();
        for (name, scope) in [
            ("nango-key-scope-connections-list", "environment:connections:list"),
            ("nango-key-scope-connect-sessions", "environment:connect_sessions:write"),
            ("nango-key-scope-read", "environment:connections:read"),
            ("nango-key-scope-proxy", "environment:proxy"),
            ("nango-key-scoped-0", "environment:integrations:read"),
        ] {
            if authorization.ends_with(name) && !self.known.knows(name) {
                let key = self.harness.sandbox.create_api_key(&[scope]);
                self.known.set(name, &key);
            }
        }
        let in_query = request.query.get("connect_session_token").and_then(Value::as_str).unwrap_or_default();
        for token in [authorization.trim_start_matches("Bearer "), in_query] {
            if token.starts_with(RECORDED_TOKEN) && !self.known.knows(token) {
                let live = self.harness.session(session_body(token)).await;
                self.known.set(token, &live);
            }
        }
        if let Some(id) = request.query.get("ws_client_id").and_then(Value::as_str)
            && !self.known.knows(id)
        {
            let (socket, acknowledgement) = self.harness.websocket().await;
            self.known.set(id, acknowledgement["ws_client_id"].as_str().expect("an id"));
            self.sockets.insert(id.to_owned(), socket);
            self.acknowledgement = acknowledgement;
        }
        if request.path == "/oauth/callback" {
            self.needs_of_a_callback(exchange).await;
        }
    }

    async fn needs_of_a_callback(&mut self, exchange: &Exchange) {
        let text = |name: &str| exchange.request.query.get(name).and_then(Value::as_str);
        let Some(state) = text("state").filter(|state| state.len() == 36 && !state.starts_with("00000000"))
        else {
            return;
        };
        if !self.known.knows(state) {
            self.begin(state, "local-oauth2", &[]).await;
        }
        let code = text("code").filter(|code| !MADE_UP_CODES.contains(code));
        if let Some(code) = code.filter(|code| !self.known.knows(code)) {
            let location = self.dances[state].location.clone();
            let redirect = self.harness.consent(&location, "approve", "alex").await;
            let live =
                redirect.query_pairs().find(|(name, _)| name == "code").expect("a code").1.into_owned();
            self.known.set(code, &live);
        }
    }

    async fn begin(&mut self, state: &str, integration: &str, extra: &[(&str, &str)]) {
        let token = self.harness.session(session_body("")).await;
        self.begin_with(state, integration, &token, extra).await;
    }

    async fn begin_with(&mut self, state: &str, integration: &str, token: &str, extra: &[(&str, &str)]) {
        let dance = self.harness.begin(integration, token, extra).await;
        self.known.set(state, &dance.state);
        self.dances.insert(state.to_owned(), dance);
    }

    /// What the notes of an exchange say about the state it was recorded in.
    pub(super) async fn before(&mut self, exchange: &Exchange) {
        let state =
            exchange.request.query.get("state").and_then(Value::as_str).unwrap_or_default().to_owned();
        match exchange.name.as_str() {
            "integrations.delete" => self.integration("local-basic", "tmp-del").await,
            "integrations.patch.rename_key_ok" => self.integration("local-basic", "tmp-rename").await,
            "oauth.callback.session_deleted_meanwhile" => {
                let token = self.harness.session(session_body("")).await;
                self.begin_with(&state, "local-oauth2", &token, &[]).await;
                self.delete_session(&token).await;
            }
            "oauth.callback.success_unknown_ws" => {
                self.begin(
                    &state,
                    "local-oauth2",
                    &[("ws_client_id", "33333333-3333-4333-8333-333333333333")],
                )
                .await;
            }
            "oauth.callback.token_500" => {
                self.begin(&state, "local-oauth2", &[]).await;
                self.token_endpoint(500, "sorry", "text/plain");
            }
            "dashboard.api_key.list" => {
                self.dashboard_key("proxy", "environment:proxy", "nango-key-scope-proxy").await
            }
            "proxy.provider_host_blocked" | "cc.provider_host_blocked" => {
                self.harness.sandbox.set_loopback_blocked(true)
            }
            "oauth.connect.custom_scheme" => self.harness.sandbox.set_callback_url(CUSTOM_SCHEME),
            "connections.list.all" => self.seven_connections().await,
            "refresh.short_lived_1" => {
                self.next_window();
                self.short_lived("651c00b1-1d53-4b02-90b8-414907e10ab4", "ada").await;
            }
            "refresh.fail_first" => {
                self.short_lived("731645a5-f27a-4de7-a3e9-562cc0dc78ec", "broken").await;
                let body = r#"{"error":"invalid_grant","error_description":"Unknown refresh token"}"#;
                self.token_endpoint(400, body, "application/json");
            }
            "proxy.broken_connection_after_cooldown" => {
                self.harness.sandbox.advance_clock(Duration::from_secs(31))
            }
            "refresh.fail_503" => {
                self.harness.sandbox.advance_clock(Duration::from_secs(31));
                self.token_endpoint(503, "down", "text/plain");
            }
            "refresh.exhausted" => {
                let id = self.live("731645a5-f27a-4de7-a3e9-562cc0dc78ec");
                self.harness.sandbox.exhaust_refresh(&id);
            }
            "refresh.recovered_by_force" => self.harness.sandbox.clear_faults(),
            "reconnect.create.unknown" => {
                let session = json!({ "tags": { "owner": "yan" } });
                let id = self.harness.connect("local-oauth2", session, &[]).await;
                self.known.set("fdab2964-7af5-4b15-a4e5-90dfe6b8a965", &id);
            }
            "connections.list.reconnected_with_tags" => {
                let token = self.live(&recorded_token("34"));
                self.harness.dance("local-oauth2", &token, &[]).await;
            }
            "refresh.after_failed_reconnect" => self.refused_reconnect().await,
            "reconnect.create.api_key" => {
                let id = self.key_connection("local-api-key", &[], "key_good_1").await;
                self.known.set("4bca94f4-6738-47e9-8f3b-8bd393fd65b7", &id);
            }
            "reconnect.deleted_meanwhile" => {
                let id = self.key_connection("local-api-key", &[], "key_good_1").await;
                let token = self.harness.reconnect_session(&id, "local-api-key", json!({})).await;
                self.known.set(&recorded_token("36"), &token);
                self.delete_connection(&id, "local-api-key").await;
            }
            "refresh.basic_force_refresh" => {
                let id = self.basic_connection(json!({ "owner": "ada" })).await;
                self.known.set("4825a8ce-fa38-4659-ae29-7c4ae18a5bbb", &id);
            }
            "connect_session.expired" => {
                let token = self.harness.session(session_body("")).await;
                self.known.set(&recorded_token("37"), &token);
                self.begin_with("14ad1990-e665-11f1-bf1c-53c09b6f234a", "local-oauth2", &token, &[]).await;
                self.harness.sandbox.advance_clock(Duration::from_secs(31 * 60));
            }
            "oauth.callback.enforced_without_cookie" => self.harness.sandbox.set_cookie_enforcement(true),
            "oauth.callback.enforced_custom_scheme_with_cookie" => {
                self.harness.sandbox.set_callback_url(CUSTOM_SCHEME);
                self.begin(&state, "local-oauth2", &[]).await;
                self.default_callback();
            }
            "reconnect.metadata_kept" => {
                let id = self.live("d0ef2c8e-888d-4302-b7a6-7528bbd96385");
                let token = self.harness.reconnect_session(&id, "local-oauth2", json!({})).await;
                self.harness.dance("local-oauth2", &token, &[]).await;
            }
            "reconnect.oauth.connect_missing_param" => {
                let id = self.live("bdec6706-4c98-47a0-a768-6b57a8a2f63d");
                let tags = json!({ "tags": { "owner": "ada" } });
                let token = self.harness.reconnect_session(&id, "local-config-oauth2", tags).await;
                self.known.set(&recorded_token("39"), &token);
            }
            "reconnect.connection_config_after" => {
                let dance = &self.dances["8bcefe80-e665-11f1-8f7c-f735de996000"];
                let redirect = self.harness.consent(&dance.location, "approve", "alex").await;
                assert_eq!(self.harness.forward(&redirect, Some(&dance.cookie)).await.status(), 200);
            }
            "connections.list.untagged_after_session_delete" => {
                let token = self.harness.session(session_body("")).await;
                let dance = self.harness.begin("local-oauth2", &token, &[]).await;
                self.delete_session(&token).await;
                let redirect = self.harness.consent(&dance.location, "approve", "alex").await;
                assert_eq!(self.harness.forward(&redirect, Some(&dance.cookie)).await.status(), 200);
                self.newest_is("e5fa6d52-c1cc-4709-ab0a-891dcd6eb07c");
            }
            "oauth.callback.ws_closed" => {
                let (socket, acknowledgement) = self.harness.websocket().await;
                let id = acknowledgement["ws_client_id"].as_str().expect("an id").to_owned();
                self.begin(&state, "local-oauth2", &[("ws_client_id", &id)]).await;
                drop(socket);
            }
            "rate_limit.exceeded" => {
                let token = self.harness.session(session_body("")).await;
                self.known.set(&recorded_token("3a"), &token);
                self.exhaust_the_limit().await;
            }
            "providers.list.not_modified" => {
                let response = self.harness.keyed(Method::GET, "/providers").send().await.expect("an answer");
                let tag = response.headers()["etag"].to_str().expect("text").to_owned();
                self.known.set(&exchange.request.headers["If-None-Match"], &tag);
            }
            "connections.list.one_session_two_dances" => {
                let token = self.harness.session(json!({ "tags": { "owner": "twice" } })).await;
                self.harness.dance("local-oauth2", &token, &[]).await;
                self.harness.dance("local-oauth2", &token, &[]).await;
            }
            "connections.list.by_attempt_tag" => {
                let attempt = "7c971abe-8777-498f-a1a3-cbec8b708242";
                let tags = json!({ "tags": { "owner": "ada", "attempt": attempt } });
                self.harness.connect("local-oauth2", tags, &[]).await;
            }
            "oauth.connect.loopback_callback" => {
                self.harness.sandbox.set_callback_url("http://127.0.0.1:8765/callback");
            }
            "oauth.callback.callback_url_changed_meanwhile" => {
                self.begin(&state, "local-oauth2", &[]).await;
                self.default_callback();
            }
            "connections.list.tags_after_session_expiry" => {
                let token = self.harness.session(json!({ "tags": { "owner": "late" } })).await;
                let dance = self.harness.begin("local-oauth2", &token, &[]).await;
                self.harness.sandbox.advance_clock(Duration::from_secs(31 * 60));
                let redirect = self.harness.consent(&dance.location, "approve", "alex").await;
                assert_eq!(self.harness.forward(&redirect, Some(&dance.cookie)).await.status(), 200);
            }
            "connection.get.after_outbound" => {
                let token = self.harness.session(session_body("")).await;
                self.key_mode("/auth/oauth-outbound/local-oauth2", &token, &[], json!({})).await;
                self.newest_is("b391604c-ce66-49a7-9b70-4fbc8c9934d6");
            }
            "reconnect.config_key.missing_param" => {
                let id = self
                    .key_connection("local-config-key", &[("params[host]", "localhost")], "key_good_1")
                    .await;
                self.known.set("72769f45-fef8-49b2-a8f8-e8eeede60616", &id);
                let plain = self.harness.reconnect_session(&id, "local-config-key", json!({})).await;
                let defaults =
                    json!({ "local-config-key": { "connection_config": { "host": "localhost" } } });
                let extra = json!({ "integrations_config_defaults": defaults });
                let filled = self.harness.reconnect_session(&id, "local-config-key", extra).await;
                self.known.set(&recorded_token("3f"), &plain);
                self.known.set(&recorded_token("40"), &filled);
            }
            _ => {}
        }
    }

    pub(super) fn after(&mut self, exchange: &Exchange) {
        match exchange.name.as_str() {
            "proxy.provider_host_blocked" | "cc.provider_host_blocked" => {
                self.harness.sandbox.set_loopback_blocked(false);
            }
            "oauth.callback.token_500" => self.harness.sandbox.clear_faults(),
            "oauth.callback.custom_scheme_denied" => self.default_callback(),
            "ws.error.state_cookie" => self.harness.sandbox.set_cookie_enforcement(false),
            "rate_limit.session_calls_unaffected" => self.next_window(),
            _ => {}
        }
    }

    pub(super) fn live(&self, recorded: &str) -> String {
        self.known.live(recorded).unwrap_or_else(|| panic!("{recorded} is not known yet")).to_owned()
    }

    fn default_callback(&self) {
        self.harness.sandbox.set_callback_url(&format!("{}oauth/callback", self.harness.sandbox.base_url()));
    }

    fn newest_is(&mut self, recorded: &str) {
        let newest = self.harness.sandbox.connections().first().expect("a connection").id.clone();
        self.known.set(recorded, &newest);
    }

    fn token_endpoint(&self, code: u16, body: &str, content_type: &str) {
        self.harness.sandbox.set_provider_faults(vec![Fault {
            matcher: FaultMatcher { method: Some("POST".to_owned()), path_prefix: "/token".to_owned() },
            times: None,
            action: FaultAction::Status {
                code,
                body: body.to_owned(),
                headers: BTreeMap::from([("content-type".to_owned(), content_type.to_owned())]),
            },
        }]);
    }

    async fn integration(&self, provider: &str, key: &str) {
        let body = json!({ "provider": provider, "unique_key": key });
        let response =
            self.harness.keyed(Method::POST, "/integrations").json(&body).send().await.expect("an answer");
        assert_eq!(response.status(), 200);
    }

    async fn dashboard_key(&mut self, name: &str, scope: &str, recorded: &str) {
        let authorization = self.live("Basic dashboard-credentials");
        let body = json!({ "display_name": name, "scopes": [scope] });
        let request = self.harness.request(Method::POST, "/api/v1/environment/api-keys?env=dev");
        let sent =
            request.header("authorization", authorization).json(&body).send().await.expect("an answer");
        let answer: Value = sent.json().await.expect("JSON");
        self.known.set(recorded, answer["data"]["secret"].as_str().expect("a secret"));
    }

    async fn delete_session(&self, token: &str) {
        let response =
            self.harness.request(Method::DELETE, "/connect/session").bearer_auth(token).send().await;
        assert_eq!(response.expect("an answer").status(), 204);
    }

    async fn delete_connection(&self, id: &str, integration: &str) {
        let request = self.harness.keyed(Method::DELETE, &format!("/connections/{id}"));
        let response =
            request.query(&[("provider_config_key", integration)]).send().await.expect("an answer");
        assert_eq!(response.status(), 200);
    }

    async fn key_mode(&self, path: &str, token: &str, params: &[(&str, &str)], body: Value) -> String {
        let request =
            self.harness.request(Method::POST, path).query(&[("connect_session_token", token)]).query(params);
        let response = request.json(&body).send().await.expect("an answer");
        assert_eq!(response.status(), 200, "{path}");
        let answer: Value = response.json().await.expect("JSON");
        answer["connectionId"].as_str().expect("an id").to_owned()
    }

    async fn key_connection(&self, integration: &str, params: &[(&str, &str)], key: &str) -> String {
        let token = self.harness.session(json!({ "tags": { "owner": "ada" } })).await;
        self.key_mode(&format!("/api-auth/api-key/{integration}"), &token, params, json!({ "apiKey": key }))
            .await
    }

    async fn basic_connection(&self, tags: Value) -> String {
        let token = self.harness.session(json!({ "tags": tags })).await;
        let body = json!({ "username": "a", "password": "good-password" });
        self.key_mode("/api-auth/basic/local-basic", &token, &[], body).await
    }

    async fn short_lived(&mut self, recorded: &str, owner: &str) {
        self.harness.sandbox.set_access_token_lifetime(Duration::from_secs(600));
        let id = self.harness.connect("local-oauth2", json!({ "tags": { "owner": owner } }), &[]).await;
        if owner == "broken" {
            self.harness.sandbox.set_access_token_lifetime(Duration::from_secs(3600));
        }
        self.known.set(recorded, &id);
    }

    async fn refused_reconnect(&self) {
        let id = self.live("fdab2964-7af5-4b15-a4e5-90dfe6b8a965");
        let token =
            self.harness.reconnect_session(&id, "local-oauth2", json!({ "tags": { "owner": "eve" } })).await;
        let dance = self.harness.begin("local-oauth2", &token, &[]).await;
        let redirect = self.harness.consent(&dance.location, "deny", "alex").await;
        assert_eq!(self.harness.forward(&redirect, Some(&dance.cookie)).await.status(), 400);
    }

    /// The seven connections that the list was recorded with, oldest first.
    async fn seven_connections(&mut self) {
        self.next_window();
        for connection in self.harness.sandbox.connections() {
            self.delete_connection(&connection.id, &connection.integration).await;
        }
        self.next_window();
        let ada = || json!({ "owner": "ada" });
        let person = json!({
            "end_user": { "id": "u-42", "email": "ada@example.com", "display_name": "Ada L" },
            "organization": { "id": "org-1", "display_name": "Org One" },
            "tags": ada(),
        });
        let h = &self.harness;
        let project = json!({ "tags": { "owner": "ada", "Project": "q4" } });
        let first = h.connect("local-oauth2", project, &[]).await;
        let bob = h.connect("local-oauth2", json!({ "tags": { "owner": "bob" } }), &[]).await;
        let with_user = h.connect("local-oauth2", person, &[]).await;
        let params = [("params[host]", "localhost"), ("params[region]", "eu")];
        let configured = h.connect("local-config-oauth2", json!({ "tags": ada() }), &params).await;
        let key = self.key_connection("local-api-key", &[], "key_good_1").await;
        let basic = self.basic_connection(ada()).await;
        let token = h.session(json!({ "tags": ada() })).await;
        let body = json!({ "client_id": "good", "client_secret": "s" });
        let client = self.key_mode("/oauth2/auth/local-cc", &token, &[], body).await;
        for (recorded, live) in [
            ("d0ef2c8e-888d-4302-b7a6-7528bbd96385", first),
            ("83b3c912-2c06-4abf-8735-f6baef684e6c", bob),
            ("a333f89c-38cf-456f-bad4-ad43b4104d11", with_user),
            ("bdec6706-4c98-47a0-a768-6b57a8a2f63d", configured),
            ("a75aca42-b3a9-42df-8199-18477f0bd0cd", key),
            ("9577db9d-2f89-4b7e-a1ef-1a7082001278", basic),
            ("427a1a0d-2650-4a08-bb1c-46f06c1d34bf", client),
        ] {
            // The searched part of an id is a recorded value of its own.
            self.known.set(&recorded[..8], &live[..8]);
            self.known.set(recorded, &live);
        }
    }

    async fn exhaust_the_limit(&mut self) {
        for _ in 0..400 {
            let response =
                self.harness.keyed(Method::GET, "/providers/local-basic").send().await.expect("an answer");
            if response.headers()["x-ratelimit-remaining"] == "0" {
                return;
            }
        }
        panic!("the limiter never had enough");
    }
}

fn recorded_token(end: &str) -> String {
    format!("{RECORDED_TOKEN}{end:0>60}")
}

/// What a recorded session was made with, where its creation is not itself an exchange.
pub(super) fn session_body(recorded: &str) -> Value {
    let plain = json!({ "tags": { "end_user_id": "u1" } });
    if recorded == recorded_token("24") {
        return json!({ "tags": { "end_user_id": "u1" }, "allowed_integrations": ["local-api-key"] });
    }
    let defaults = if recorded == recorded_token("2b") {
        json!({ "local-config-oauth2": { "connection_config": { "host": "localhost" }, "authorization_params": { "login_hint": "ada" } } })
    } else if recorded == recorded_token("2c") {
        json!({ "local-oauth2": { "connection_config": { "oauth_scopes_override": "profile,email" } } })
    } else {
        return plain;
    };
    json!({ "tags": { "end_user_id": "u1" }, "integrations_config_defaults": defaults })
}
