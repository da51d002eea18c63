//! What outlives a run, a restart of the Nango side, scopes, and stopping.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use nango_sandbox::{Options, Sandbox, SavedState, StartError};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::Harness;

#[tokio::test]
async fn a_saved_state_brings_connections_back_without_holding_a_secret() {
    let changes = Arc::new(AtomicUsize::new(0));
    let counter = changes.clone();
    let on_change = Box::new(move || {
        counter.fetch_add(1, Ordering::Relaxed);
    });
    let first = Harness::start(Options { on_change: Some(on_change), ..Options::default() }).await;
    let oauth = first.connect("github", json!({ "tags": { "end_user_id": "u1" } }), &[]).await;
    let token = first.session(json!({ "tags": { "end_user_id": "u1" } })).await;
    let request =
        first.request(Method::POST, "/api-auth/api-key/openai").query(&[("connect_session_token", &token)]);
    let sent = request.json(&json!({ "apiKey": "sk-sam-very-secret" })).send().await.unwrap();
    assert_eq!(sent.status(), StatusCode::OK);
    let key = first.sandbox.connections()[0].id.clone();
    assert_eq!(changes.load(Ordering::Relaxed), 2, "each new connection is a change, reading is none");
    let detail =
        first.get(&format!("/connections/{oauth}?provider_config_key=github&refresh_token=true")).await;
    let text = serde_json::to_string(&first.sandbox.saved_state()).unwrap();
    let secrets = [
        first.sandbox.api_key(),
        first.sandbox.account_key(),
        &token,
        "sk-sam-very-secret",
        detail["credentials"]["access_token"].as_str().unwrap(),
        detail["credentials"]["refresh_token"].as_str().unwrap(),
    ];
    for secret in secrets {
        assert!(!text.contains(secret), "the saved state holds a secret");
    }
    first.sandbox.stop().await;

    let saved: SavedState = serde_json::from_str(&text).unwrap();
    let second = Harness::start(Options { state: Some(saved), ..Options::default() }).await;
    assert_eq!(second.sandbox.connections().len(), 2);
    let call = async |id: &str, integration: &str| -> Value {
        second.proxied(Method::GET, "/who", integration, id).send().await.unwrap().json().await.unwrap()
    };
    assert_eq!(call(&oauth, "github").await["account"]["id"], "acct_alex");
    assert_eq!(call(&key, "openai").await["account"]["id"], "acct_sam");
    let refreshed =
        second.get(&format!("/connections/{oauth}?provider_config_key=github&force_refresh=true")).await;
    assert_eq!(refreshed["credentials"]["type"], "OAUTH2");
    let newer = second.connect("github", json!({ "tags": {} }), &[]).await;
    assert_ne!(newer, oauth);
    let numbers: Vec<u64> = second.get("/connections").await["connections"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["id"].as_u64().unwrap())
        .collect();
    assert!(numbers.is_sorted_by(|one, other| one > other), "{numbers:?}");
}

#[tokio::test]
async fn a_restart_in_the_middle_of_a_dance_loses_nothing_but_sockets() {
    let mut harness = Harness::start(Options::default()).await;
    let (mut socket, _) = harness.websocket().await;
    let token = harness.session(json!({ "tags": { "attempt": "a1" } })).await;
    let dance = harness.begin("github", &token, &[]).await;
    harness.sandbox.stop_nango().await;
    assert_eq!(socket.message().await, None, "sockets are cut");
    let refused = harness.request(Method::GET, "/health").send().await.unwrap_err();
    assert!(refused.is_connect(), "nobody listens: {refused}");
    harness.sandbox.restart_nango().await.unwrap();
    let redirect = harness.consent(&dance.location, "approve", "alex").await;
    assert_eq!(harness.forward(&redirect, Some(&dance.cookie)).await.status(), StatusCode::OK);
    let found = harness.get("/connections?tags[attempt]=a1").await;
    assert_eq!(found["connections"].as_array().unwrap().len(), 1);
    harness.sandbox.restart_nango().await.unwrap();
    assert_eq!(harness.request(Method::GET, "/health").send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn a_key_does_what_its_scopes_allow() {
    let harness = Harness::start(Options::default()).await;
    let id = harness.connect("github", json!({ "tags": {} }), &[]).await;
    let key = harness.sandbox.create_api_key(&["environment:connections:*"]);
    let status = async |method: Method, path: &str| {
        harness.request(method, path).bearer_auth(&key).send().await.unwrap().status()
    };
    assert_eq!(status(Method::GET, "/connections").await, StatusCode::OK);
    assert_eq!(status(Method::GET, "/integrations").await, StatusCode::FORBIDDEN);
    let path = format!("/connections/{id}?provider_config_key=github");
    assert_eq!(status(Method::GET, &path).await, StatusCode::OK);
    assert_eq!(status(Method::DELETE, &path).await, StatusCode::OK);
    assert_eq!(status(Method::DELETE, &path).await, StatusCode::BAD_REQUEST, "repeated");
}

#[tokio::test]
async fn an_environment_has_its_own_callback_and_integrations() {
    let harness = Harness::start(Options::default()).await;
    let key = harness.sandbox.create_environment("desktop", Some("app.patchbay.desktop://oauth/callback"));
    let list: Value = harness
        .request(Method::GET, "/integrations")
        .bearer_auth(&key)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(list, json!({ "data": [] }));
}

#[tokio::test]
async fn expired_tokens_are_refreshed_and_requests_are_recorded_without_secrets() {
    let harness = Harness::start(Options::default()).await;
    let id = harness.connect("github", json!({ "tags": {} }), &[]).await;
    harness.sandbox.advance_clock(Duration::from_secs(2 * 3600));
    let call = async || harness.proxied(Method::GET, "/user", "github", &id).send().await.unwrap().status();
    let (one, two) = tokio::join!(call(), call());
    assert_eq!((one, two), (StatusCode::OK, StatusCode::OK), "two calls at once share one refresh");
    let records = harness.sandbox.requests();
    let proxied = records.iter().find(|record| record.path == "/proxy/user").unwrap();
    assert_eq!(proxied.connection_id.as_deref(), Some(id.as_str()));
    assert_eq!(proxied.provider_config_key.as_deref(), Some("github"));
    assert_eq!(proxied.caller.as_deref(), Some("Default - Full access"));
    let callback = records.iter().find(|record| record.path == "/oauth/callback").unwrap();
    assert!(callback.query.iter().all(|(_, value)| value == "(redacted)"), "{:?}", callback.query);
}

#[tokio::test]
async fn what_cannot_work_is_refused_at_the_start() {
    let key = Sandbox::start(Options { api_key: Some("short".to_owned()), ..Options::default() }).await;
    assert!(matches!(key, Err(StartError::KeyFormat(_))));
    let url =
        Sandbox::start(Options { callback_url: Some("not a url".to_owned()), ..Options::default() }).await;
    assert!(matches!(url, Err(StartError::CallbackUrl(_))));
    let running = Sandbox::start(Options::default()).await.unwrap();
    let port = running.base_url().port().unwrap();
    let taken = Sandbox::start(Options { nango_port: port, ..Options::default() }).await;
    assert!(matches!(taken, Err(StartError::Bind { .. })));
    running.stop().await;
    let again = Sandbox::start(Options { nango_port: port, ..Options::default() }).await;
    assert!(again.is_ok(), "the port is free at once");
}
