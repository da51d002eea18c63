//! Faults, each seen from the client's side; and the limiter.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use nango_sandbox::{Fault, FaultAction, FaultMatcher, Options};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::Harness;

fn fault(path: &str, action: FaultAction) -> Fault {
    let matcher = FaultMatcher { method: None, path_prefix: path.to_owned() };
    Fault { matcher, times: Some(1), action }
}

async fn harness(action: FaultAction) -> Harness {
    let harness = Harness::start(Options::default()).await;
    harness.sandbox.set_faults(vec![fault("/integrations", action)]);
    harness
}

async fn ask(harness: &Harness) -> reqwest::Result<reqwest::Response> {
    harness.keyed(Method::GET, "/integrations").send().await
}

/// The fault happens once; afterwards everything is as before.
async fn is_well_again(harness: &Harness) {
    assert_eq!(ask(harness).await.expect("an answer").status(), StatusCode::OK);
}

#[tokio::test]
async fn delay_answers_later() {
    let harness = harness(FaultAction::Delay(Duration::from_millis(300))).await;
    let begun = Instant::now();
    assert_eq!(ask(&harness).await.unwrap().status(), StatusCode::OK);
    assert!(begun.elapsed() >= Duration::from_millis(300));
    is_well_again(&harness).await;
}

#[tokio::test]
async fn status_replaces_the_answer() {
    let headers = BTreeMap::from([("Retry-After".to_owned(), "7".to_owned())]);
    let action = FaultAction::Status { code: 429, body: "<html>busy</html>".to_owned(), headers };
    let harness = harness(action).await;
    let response = ask(&harness).await.unwrap();
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(response.headers()["retry-after"], "7");
    assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
    is_well_again(&harness).await;
    let statuses: Vec<u16> = harness.sandbox.requests().iter().map(|record| record.status).collect();
    assert_eq!(statuses, [429, 200]);
}

#[tokio::test]
async fn truncated_json_is_whole_http() {
    let harness = harness(FaultAction::TruncatedJson).await;
    let text = ask(&harness).await.unwrap().text().await.unwrap();
    assert!(text.starts_with("{\"data\""), "the beginning is there");
    assert!(serde_json::from_str::<Value>(&text).is_err(), "the end is not");
    is_well_again(&harness).await;
}

#[tokio::test]
async fn a_truncated_body_breaks_off() {
    let harness = harness(FaultAction::TruncatedBody).await;
    assert!(ask(&harness).await.unwrap().bytes().await.is_err());
    is_well_again(&harness).await;
}

#[tokio::test]
async fn silence_says_nothing_and_hangs_up() {
    let harness = harness(FaultAction::Silence(Duration::from_millis(200))).await;
    let begun = Instant::now();
    assert!(ask(&harness).await.is_err());
    assert!(begun.elapsed() >= Duration::from_millis(200));
    assert_eq!(harness.sandbox.requests()[0].status, 0);
    is_well_again(&harness).await;
}

#[tokio::test]
async fn a_huge_body_is_as_long_as_asked() {
    let harness = harness(FaultAction::HugeBody(5_000_000)).await;
    let body: Value = ask(&harness).await.unwrap().json().await.unwrap();
    assert_eq!(body["data"].as_str().unwrap().len(), 5_000_000);
}

#[tokio::test]
async fn a_reset_is_an_error_and_a_post_is_not_done() {
    let harness = Harness::start(Options::default()).await;
    harness.sandbox.set_faults(vec![fault("/connect/sessions", FaultAction::ResetConnection)]);
    let request = harness.keyed(Method::POST, "/connect/sessions").json(&json!({ "tags": {} }));
    assert!(request.send().await.is_err());
    is_well_again(&harness).await;
}

#[tokio::test]
async fn websockets_can_be_dropped_and_messages_lost() {
    let harness = Harness::start(Options::default()).await;
    let (mut socket, acknowledgement) = harness.websocket().await;
    let id = acknowledgement["ws_client_id"].as_str().unwrap().to_owned();
    harness.sandbox.set_faults(vec![fault("/oauth/callback", FaultAction::NoWebsocketMessage)]);
    harness.connect("github", json!({ "tags": {} }), &[("ws_client_id", &id)]).await;
    assert!(socket.is_quiet().await, "the message is lost, the connection is made");
    harness.sandbox.set_faults(vec![fault("/health", FaultAction::DropWebsocket)]);
    harness.request(Method::GET, "/health").send().await.unwrap();
    assert_eq!(socket.message().await, None, "the socket is cut");
    let (mut second, _) = harness.websocket().await;
    harness.sandbox.drop_websockets();
    assert_eq!(second.message().await, None);
}

#[tokio::test]
async fn control_routes_do_the_same_from_outside() {
    let harness = Harness::start(Options::default()).await;
    let control = |method: Method, path: &str| {
        harness.request(method, &format!("/_sandbox/{path}")).bearer_auth(harness.sandbox.account_key())
    };
    let refused = harness.request(Method::GET, "/_sandbox/requests").bearer_auth(harness.sandbox.api_key());
    assert_eq!(refused.send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    let faults =
        json!([{ "matcher": { "path_prefix": "/health" }, "action": { "status": { "code": 503 } } }]);
    assert_eq!(control(Method::POST, "faults").json(&faults).send().await.unwrap().status(), StatusCode::OK);
    let health = async || harness.request(Method::GET, "/health").send().await.unwrap().status();
    assert_eq!(health().await, StatusCode::SERVICE_UNAVAILABLE);
    control(Method::DELETE, "faults").send().await.unwrap();
    assert_eq!(health().await, StatusCode::OK);
    let seed = json!({ "count": 3, "integration": "github", "end_user_id": "u1" });
    let seeded: Value = control(Method::POST, "seed").json(&seed).send().await.unwrap().json().await.unwrap();
    assert_eq!(seeded["created"], 3);
    let list: Value = control(Method::GET, "connections").send().await.unwrap().json().await.unwrap();
    assert_eq!(list["connections"].as_array().unwrap().len(), 3);
    let id = list["connections"][0]["id"].as_str().unwrap().to_owned();
    control(Method::POST, "revoke").json(&json!({ "connection_id": id })).send().await.unwrap();
    let broken = harness.proxied(Method::GET, "/user", "github", &id).send().await.unwrap();
    assert_eq!(broken.status(), StatusCode::BAD_REQUEST, "the refresh fails");
    let key: Value = control(Method::POST, "api-keys")
        .json(&json!({ "scopes": ["environment:proxy"] }))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let narrow = harness.request(Method::GET, "/connections").bearer_auth(key["api_key"].as_str().unwrap());
    assert_eq!(narrow.send().await.unwrap().status(), StatusCode::FORBIDDEN);
    let wrong = control(Method::POST, "faults").json(&json!([{ "action": "explode" }])).send().await.unwrap();
    assert_eq!(wrong.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_limiter_counts_keys_together_and_sessions_apart() {
    let harness = Harness::start(Options { rate_limit_per_minute: Some(3), ..Options::default() }).await;
    let token = harness.session(json!({ "tags": {} })).await;
    is_well_again(&harness).await;
    let other = harness.sandbox.create_environment("other", None);
    let limited =
        async |key: &str| harness.request(Method::GET, "/providers").bearer_auth(key).send().await.unwrap();
    assert_eq!(limited(&other).await.status(), StatusCode::OK);
    let refused = limited(&other).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.headers().contains_key("retry-after"));
    assert_eq!(refused.headers()["x-ratelimit-remaining"], "0");
    let session = harness.request(Method::GET, "/connect/session").bearer_auth(&token).send().await.unwrap();
    assert_eq!(session.status(), StatusCode::OK);
    harness.sandbox.advance_clock(Duration::from_secs(61));
    is_well_again(&harness).await;
    let unlimited = Harness::start(Options { rate_limit_per_minute: None, ..Options::default() }).await;
    assert!(!ask(&unlimited).await.unwrap().headers().contains_key("x-ratelimit-limit"));
}
