//! What proxy calls reach.

use nango_sandbox::{IdentityPointers, Options, SampleOperation};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::Harness;

fn operation(
    provider: &str,
    path: &str,
    identity: Option<IdentityPointers>,
    sample: Option<Value>,
) -> SampleOperation {
    SampleOperation {
        provider: provider.to_owned(),
        method: "GET".to_owned(),
        path: path.to_owned(),
        identity,
        sample,
    }
}

async fn body(request: reqwest::RequestBuilder) -> Value {
    request.send().await.expect("an answer").json().await.expect("JSON")
}

#[tokio::test]
async fn operations_answer_with_the_account_where_they_should() {
    let pointers = IdentityPointers {
        id: "/data/viewer/id".to_owned(),
        name: "/data/viewer/name".to_owned(),
        email: Some("/data/viewer/emails/0".to_owned()),
    };
    let operations = vec![
        operation("linear", "/viewer", Some(pointers), Some(json!({ "data": { "kept": true } }))),
        operation("linear", "/issues/{id}", None, Some(json!({ "id": "ISS-1" }))),
    ];
    let harness = Harness::start(Options { sample_operations: operations, ..Options::default() }).await;
    let token = harness.session(json!({ "tags": {} })).await;
    let dance = harness.begin("linear", &token, &[]).await;
    let redirect = harness.consent(&dance.location, "approve", "sam").await;
    harness.forward(&redirect, None).await;
    let id = harness.sandbox.connections()[0].id.clone();
    let viewer = body(harness.proxied(Method::GET, "/viewer", "linear", &id)).await;
    let expected = json!({ "id": "acct_sam", "name": "Sam Chen", "emails": ["sam@example.test"] });
    assert_eq!(viewer, json!({ "data": { "kept": true, "viewer": expected } }));
    let issue = body(harness.proxied(Method::GET, "/issues/77?x=1", "linear", &id)).await;
    assert_eq!(issue, json!({ "id": "ISS-1" }));
    let other = body(harness.proxied(Method::POST, "/viewer", "linear", &id).json(&json!({ "a": 1 }))).await;
    assert_eq!((&other["method"], &other["body"]), (&json!("POST"), &json!("{\"a\":1}")));
}

#[tokio::test]
async fn keys_are_tried_out_and_tell_the_account() {
    let harness = Harness::start(Options::default()).await;
    let connect = async |integration: &str, key: &str, params: &[(&str, &str)]| {
        let token = harness.session(json!({ "tags": {} })).await;
        let request = harness.request(Method::POST, &format!("/api-auth/api-key/{integration}"));
        let request = request.query(&[("connect_session_token", token.as_str())]).query(params);
        request.json(&json!({ "apiKey": key })).send().await.unwrap().status()
    };
    assert_eq!(connect("openai", "wrong-key", &[]).await, StatusCode::BAD_REQUEST);
    assert_eq!(connect("openai", "badkey", &[]).await, StatusCode::BAD_REQUEST);
    assert_eq!(
        connect("private-api-bearer", "wrong-key", &[]).await,
        StatusCode::OK,
        "nothing to try it out on"
    );
    assert_eq!(connect("openai", "sk-work-team-1", &[]).await, StatusCode::OK);
    let id = harness.sandbox.connections()[0].id.clone();
    let answer = body(harness.proxied(Method::GET, "/models", "openai", &id)).await;
    assert_eq!(answer["account"]["name"], "Work Team");
    harness.sandbox.revoke_grants(&id);
    let revoked = harness.proxied(Method::GET, "/models", "openai", &id).send().await.unwrap();
    assert_eq!(revoked.status(), StatusCode::UNAUTHORIZED);
    assert!(revoked.headers().contains_key("x-ratelimit-limit"), "the provider's 401, not Nango's");
}

#[tokio::test]
async fn a_foreign_base_url_stays_on_this_machine() {
    let harness = Harness::start(Options::default()).await;
    let id = harness.connect("github", json!({ "tags": {} }), &[]).await;
    let request = harness.proxied(Method::GET, "/v9/things", "github", &id);
    let answer = body(request.header("Base-Url-Override", "https://api.example.com/base")).await;
    assert_eq!((&answer["path"], &answer["provider"]), (&json!("/v9/things"), &json!("github")));
}

#[tokio::test]
async fn answers_in_chunks_come_with_all_headers() {
    let harness = Harness::start(Options::default()).await;
    let id = harness.connect("github", json!({ "tags": {} }), &[]).await;
    let response = harness.proxied(Method::GET, "/stream", "github", &id).send().await.unwrap();
    assert_eq!(response.headers()["x-sample"], "stream");
    assert!(!response.headers().contains_key("content-length"));
    assert_eq!(response.text().await.unwrap().lines().count(), 3);
}

#[tokio::test]
async fn ten_thousand_connections_come_in_pages() {
    let harness = Harness::start(Options { rate_limit_per_minute: None, ..Options::default() }).await;
    assert_eq!(harness.sandbox.seed_connections(10_019, "github", "u1"), 10_019);
    assert_eq!(harness.sandbox.seed_connections(1, "nope", "u1"), 0);
    let mut seen = std::collections::BTreeSet::new();
    for page in 0..6 {
        let list = harness.get(&format!("/connections?limit=2000&page={page}&tags[end_user_id]=u1")).await;
        seen.extend(list["connections"].as_array().unwrap().iter().map(|item| item["id"].as_u64().unwrap()));
    }
    assert_eq!(seen.len(), 10_019);
    assert_eq!(
        harness.get("/connections").await["connections"].as_array().unwrap().len(),
        10_000,
        "capped silently"
    );
    for integration in ["github", "openai", "mixpanel", "looker", "trello", "unauthenticated"] {
        harness.sandbox.seed_connections(1, integration, "u2");
        let id = harness.sandbox.connections()[0].id.clone();
        let answer = body(harness.proxied(Method::GET, "/user", integration, &id)).await;
        assert_eq!(answer["ok"], true, "a seeded connection of {integration} works");
    }
}

#[tokio::test]
async fn grants_of_an_account_end_together() {
    let harness = Harness::start(Options::default()).await;
    let mut ids = Vec::new();
    for login in ["alex", "sam"] {
        let token = harness.session(json!({ "tags": {} })).await;
        let dance = harness.begin("notion", &token, &[]).await;
        let redirect = harness.consent(&dance.location, "approve", login).await;
        harness.forward(&redirect, None).await;
        ids.push(harness.sandbox.connections()[0].id.clone());
    }
    harness.sandbox.revoke_account("alex");
    let status =
        async |id: &str| harness.proxied(Method::GET, "/x", "notion", id).send().await.unwrap().status();
    assert_eq!(status(&ids[0]).await, StatusCode::BAD_REQUEST);
    assert_eq!(status(&ids[1]).await, StatusCode::OK);
    let list = harness.get(&format!("/connections?connectionId={}", ids[0])).await;
    assert_eq!(list["connections"][0]["errors"][0]["type"], "auth");
}
