//! `call: http`: what is sent, what is made of the answer, and what goes wrong.

use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{any, get};
use patchbay_runner::{Auth, CallFailureKind};
use rstest::rstest;
use serde_json::{Value, json};

use crate::harness::{Bench, brief};

/// Answers with what it was sent.
fn echo() -> Router {
    let echo = async |request: Request| {
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, 100_000).await.unwrap();
        let header = |name: &str| parts.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        axum::Json(json!({
            "method": parts.method.as_str(),
            "uri": parts.uri.to_string(),
            "host": header("x-host"),
            "own": header("x-own"),
            "type": header("content-type"),
            "authorization": header("authorization"),
            "body": String::from_utf8_lossy(&body),
        }))
    };
    Router::new().fallback(any(echo))
}

#[rstest]
#[case::endpoint_as_text("{method: get, endpoint: 'http://a.test/{id}?x=1'}", json!({"method": "GET", "uri": "/7?x=1", "host": "a.test"}))]
#[case::expressions_anywhere("{method: '${ \"put\" }', endpoint: {uri: '${ \"http://\\(.id).test/p\" }'}, headers: {X-Own: '${ .id }'}}",
    json!({"method": "PUT", "host": "7.test", "own": "7"}))]
#[case::braces_of_expressions_stay("{method: get, endpoint: '${ \"http://a.test/%7Bid%7D\" }'}", json!({"uri": "/%7Bid%7D"}))]
#[case::query("{method: get, endpoint: 'http://a.test/p?a=1', query: {b: 'x y&', c: '${ .id }', d: null, e: [1, 2]}}",
    json!({"uri": "/p?a=1&b=x+y%26&c=7&e=1&e=2"}))]
#[case::whole_query("{method: get, endpoint: 'http://a.test', query: '${ {id} }', headers: '${ {\"x-own\": true} }'}",
    json!({"uri": "/?id=7", "own": "true"}))]
#[case::json_body("{method: post, endpoint: 'http://a.test', body: {n: '${ .id }', l: [x]}}",
    json!({"body": "{\"n\":7,\"l\":[\"x\"]}", "type": "application/json"}))]
#[case::text_body("{method: post, endpoint: 'http://a.test', body: hello}", json!({"body": "hello", "type": "text/plain; charset=utf-8"}))]
#[case::form_body("{method: post, endpoint: 'http://a.test', headers: {content-type: application/x-www-form-urlencoded}, body: {x: 'a b', z: 1}}",
    json!({"body": "x=a+b&z=1", "type": "application/x-www-form-urlencoded"}))]
#[case::no_body("{method: delete, endpoint: 'http://a.test', body: '${ .none }'}", json!({"method": "DELETE", "body": "", "type": null}))]
#[case::basic("{method: get, endpoint: {uri: 'http://a.test', authentication: {basic: {username: '${ \"u\" }', password: p}}}}",
    json!({"authorization": "Basic dTpw"}))]
#[case::bearer("{method: get, endpoint: {uri: 'http://a.test', authentication: {bearer: {token: '${ \"t\\(.id)\" }'}}}}",
    json!({"authorization": "Bearer t7"}))]
#[case::named_and_secret("{method: get, endpoint: {uri: 'http://a.test', authentication: {use: nango}}}",
    json!({"authorization": "Bearer the secret of nango"}))]
#[case::named_and_plain("{method: get, endpoint: {uri: 'http://a.test', authentication: {use: plain}}}",
    json!({"authorization": "Basic dTpw"}))]
#[tokio::test]
async fn what_is_sent(#[case] with: &str, #[case] expected: Value) {
    let document = format!(
        "{{use: {{secrets: [key], authentications: {{nango: {{bearer: {{token: '${{ $secrets.key }}'}}}}, \
         plain: {{basic: {{username: u, password: p}}}}}}}}, do: [{{a: {{call: http, with: {with}}}}}]}}"
    );
    let seen = Bench::with(echo()).await.completes(&document, json!({"id": 7})).await;
    for (name, value) in expected.as_object().unwrap() {
        let sent = &seen[name];
        // The order of a JSON body's members is nobody's business.
        let parsed = |value: &Value| value.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
        assert!(sent == value || parsed(sent).is_some() && parsed(sent) == parsed(value), "{name}: {seen}");
    }
}

fn answers() -> Router {
    let typed = |content_type, body: &'static [u8]| async move {
        ([("content-type", content_type)], Bytes::from_static(body))
    };
    Router::new()
        .route("/json", get(move || typed("application/json", br#"{"n": 1}"#)))
        .route("/text", get(move || typed("text/plain", b"hi")))
        .route("/bytes", get(move || typed("image/png", b"\x89PNG")))
        .route("/broken", get(move || typed("application/json", b"{")))
        .route("/deep", get(move || async { ([("content-type", "application/json")], "[".repeat(100_000)) }))
        .route("/empty", get(async || StatusCode::NO_CONTENT))
        .route("/moved", get(async || (StatusCode::FOUND, [("location", "/json")], "elsewhere")))
        .route("/busy", get(async || (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "7")])))
        .route("/long", get(async || "x".repeat(2_000)))
        .route("/never", get(async || std::future::pending::<StatusCode>().await))
        .route("/teapot", get(async || StatusCode::IM_A_TEAPOT.into_response()))
}

#[rstest]
#[case("/json", "content", json!({"n": 1}))]
#[case("/json", "raw", json!("eyJuIjogMX0="))]
#[case("/text", "content", json!("hi"))]
#[case("/bytes", "content", json!("iVBORw=="))]
#[case("/empty", "content", json!(null))]
#[case("/empty", "raw", json!(null))]
#[tokio::test]
async fn what_an_answer_becomes(#[case] path: &str, #[case] output: &str, #[case] expected: Value) {
    let document = format!(
        "[{{a: {{call: http, with: {{method: get, endpoint: 'http://a.test{path}', output: {output}}}}}}}]"
    );
    assert_eq!(Bench::with(answers()).await.completes(&document, json!({})).await, expected);
}

#[tokio::test]
async fn the_response_as_a_whole() {
    let document = "[{a: {call: http, with: {method: get, endpoint: {uri: 'http://a.test/json', authentication: {basic: {username: u, password: hidden}}}, headers: {X-Own: x}, output: response}}}]";
    let output = Bench::with(answers()).await.completes(document, json!({})).await;
    assert_eq!((&output["statusCode"], &output["content"]), (&json!(200), &json!({"n": 1})));
    assert_eq!(output["headers"]["content-type"], "application/json");
    assert_eq!(
        output["request"],
        json!({"method": "get", "uri": "http://a.test/json", "headers": {"X-Own": "x"}})
    );
}

#[tokio::test]
async fn a_redirect_is_good_where_the_document_says_so() {
    let document =
        "[{a: {call: http, with: {method: get, endpoint: 'http://a.test/moved', redirect: true}}}]";
    assert_eq!(Bench::with(answers()).await.completes(document, json!({})).await, "elsewhere");
}

#[rstest]
#[case::error_status("http://a.test/teapot", ("communication", 418))]
#[case::redirect("http://a.test/moved", ("communication", 302))]
#[case::not_json("http://a.test/broken", ("communication", 500))]
#[case::nested_too_deeply("http://a.test/deep", ("communication", 500))]
#[case::too_long("http://a.test/long", ("communication", 500))]
#[case::no_answer("http://a.test/never", ("timeout", 408))]
#[case::broken_connection("http://broken.test/x", ("authentication", 401))]
#[case::no_address("a.test/x", ("configuration", 400))]
#[case::no_http("file:///etc/passwd", ("configuration", 400))]
#[case::credentials_inside("http://user:hidden@a.test/", ("configuration", 400))]
#[case::wrong_variable("http://a.test/{o}", ("expression", 400))]
#[case::step_back("http://a.test/users/../admin", ("configuration", 400))]
#[case::step_back_from_data("http://a.test/users/{up}/admin", ("configuration", 400))]
#[case::step_back_in_disguise("http://a.test/users/.%2E/admin", ("configuration", 400))]
#[case::step_back_as_windows_has_it("http://a.test/users\\..\\admin", ("configuration", 400))]
#[tokio::test]
async fn what_goes_wrong(#[case] endpoint: &str, #[case] expected: (&str, u16)) {
    let mut bench = Bench::with(answers()).await;
    bench.host.limits.call = Duration::from_millis(300);
    bench.host.limits.answer = 1_000;
    let document = format!("[{{a: {{call: http, with: {{method: get, endpoint: '{endpoint}'}}}}}}]");
    let fault = bench.faults(&document, json!({"o": {}, "up": ".."})).await;
    assert_eq!(brief(&fault.error), (expected.0, expected.1, "/do/0/a"));
    assert!(!format!("{fault:?}").contains("hidden"));
    let cause = fault.cause.map(|cause| cause.kind);
    let expected_cause = match endpoint {
        "http://broken.test/x" => Some(CallFailureKind::ConnectionBroken),
        "http://a.test/never" => Some(CallFailureKind::Timeout),
        _ => None,
    };
    assert_eq!(cause, expected_cause);
}

#[tokio::test]
async fn authentication_that_is_not_supported_is_refused_before_the_call() {
    let bench = Bench::with(echo()).await;
    let document = "[{a: {call: http, with: {method: get, endpoint: {uri: 'http://a.test', authentication: {oauth2: {authority: 'http://b.test', grant: password}}}}}}]";
    assert_eq!(brief(&bench.faults(document, json!({})).await.error), ("configuration", 400, "/do/0/a"));
    assert!(bench.log.exchanges.lock().unwrap().is_empty());
}

#[tokio::test]
async fn every_exchange_is_remembered_with_its_task() {
    let bench = Bench::with(answers()).await;
    let document = "[{a: {do: [{b: {call: http, with: {method: get, endpoint: {uri: 'http://a.test/json', authentication: {use: n}}}}}]}}, {c: {call: http, with: {method: get, endpoint: 'http://a.test/teapot'}}}]";
    let document = format!("{{use: {{authentications: {{n: {{bearer: {{use: s}}}}}}}}, do: {document}}}");
    bench.faults(&document, json!({})).await;
    let exchanges = bench.log.exchanges.lock().unwrap();
    let seen: Vec<_> = exchanges
        .iter()
        .map(|(number, exchange)| {
            (*number, exchange.call.task.as_str(), exchange.answer.as_ref().unwrap().status)
        })
        .collect();
    assert_eq!(seen, [(1, "/do/0/a/do/0/b", 200), (2, "/do/1/c", 418)]);
    assert!(matches!(&exchanges[0].1.call.authentication, Some(Auth::Named(name)) if name == "n"));
}
