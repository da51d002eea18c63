//! The proxy against recorded exchanges: what is sent, and whose answer it is.

use std::time::Duration;

use nango_client::{Error, Method, ProxyBody, ProxyFailure, ProxyRequest, ProxyResponse};
use url::Url;

use crate::fixture::{Replay, exchange};
use crate::server::{KEY, Reply, Server, client};

fn request(method: Method, path: &str) -> ProxyRequest {
    ProxyRequest {
        method,
        path: path.to_owned(),
        query: Vec::new(),
        connection_id: "d0ef2c8e-888d-4302-b7a6-7528bbd96385".to_owned(),
        integration: "local-oauth2".to_owned(),
        headers: Vec::new(),
        body: None,
        base_url_override: None,
        retries: 0,
        timeout: Duration::from_secs(20),
        response_limit: 1 << 20,
    }
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

async fn call(name: &str, request: ProxyRequest) -> Result<ProxyResponse, ProxyFailure> {
    let replay = Replay::of("proxy", name).await;
    let result = replay.server.client().proxy(request).await;
    replay.assert_asked();
    result
}

/// The client's reading of a recorded answer, whatever the question was.
async fn answer(name: &str) -> Result<ProxyResponse, ProxyFailure> {
    let server = Server::replying(vec![exchange("proxy", name).response.reply()]).await;
    server.client().proxy(request(Method::GET, "/me")).await
}

#[tokio::test]
async fn requests_are_sent_as_recorded() {
    let echo = request(Method::GET, "/echo");
    let query = pairs(&[("a", "1"), ("b", "x y"), ("b", "z")]);
    let headers = pairs(&[("X-Mine", "kept"), ("Accept", "application/json")]);
    call("proxy.echo", ProxyRequest { query, headers, ..echo }).await.unwrap();

    let body = |text: &'static str, content_type: &str| {
        Some(ProxyBody { bytes: text.into(), content_type: content_type.to_owned() })
    };
    let post = request(Method::POST, "echo");
    let json = ProxyRequest { body: body(r#"{"k":"v"}"#, "application/json"), ..post.clone() };
    call("proxy.post_json", json).await.unwrap();
    let form = ProxyRequest { body: body("a=1&b=2", "application/x-www-form-urlencoded"), ..post };
    call("proxy.post_form_forced", form).await.unwrap();

    let retried = ProxyRequest { retries: 2, ..request(Method::GET, "/429then200") };
    call("proxy.upstream_429_retried", retried).await.unwrap();
    let elsewhere = Url::parse("http://localhost:4999").unwrap();
    let overridden = ProxyRequest { base_url_override: Some(elsewhere), ..request(Method::GET, "/me") };
    assert!(call("proxy.override_unreachable", overridden).await.is_err());
}

#[tokio::test]
async fn the_query_does_not_depend_on_reading_a_plus_as_a_space() {
    let server = Server::replying(vec![Reply::json(200, "{}")]).await;
    let request = ProxyRequest { query: pairs(&[("q", "a b+c")]), ..request(Method::GET, "/x") };
    server.client().proxy(request).await.unwrap();
    assert_eq!(server.received()[0].target, "/proxy/x?q=a%20b%2Bc");
}

#[tokio::test]
async fn the_providers_answers_pass_good_or_bad() {
    for name in [
        "proxy.empty_204",
        "proxy.file",
        "proxy.upstream_401",
        "proxy.upstream_403",
        "proxy.upstream_404",
        "proxy.upstream_429",
        "proxy.upstream_500",
        "proxy.upstream_500_html",
    ] {
        let recorded = exchange("proxy", name).response;
        let response =
            answer(name).await.unwrap_or_else(|failure| panic!("{name} is the provider's: {failure}"));
        assert_eq!(response.status, recorded.status, "{name}");
        let expected = recorded.body.as_str().map_or_else(|| recorded.body.to_string(), str::to_owned);
        assert_eq!(response.body, expected.as_bytes(), "{name}");
        assert!(!response.truncated, "{name}");
    }
    let refused = answer("proxy.upstream_401").await.unwrap();
    assert!(refused.headers.iter().any(|(name, _)| name == "www-authenticate"), "errors keep their headers");
}

#[tokio::test]
async fn nangos_own_errors_are_told_apart() {
    use ProxyFailure as Failure;
    type Check = fn(&Failure) -> bool;
    let table: [(&str, Check); 14] = [
        ("proxy.unknown_connection", |failure| matches!(failure, Failure::UnknownConnection)),
        ("proxy.unknown_integration", |failure| matches!(failure, Failure::UnknownIntegration)),
        (
            "proxy.bad_key",
            |failure| matches!(failure, Failure::Nango(Error::Unauthorized { code }) if code == "unknown_account"),
        ),
        ("proxy.broken_connection", |failure| matches!(failure, Failure::BackingOff)),
        ("proxy.broken_connection_after_cooldown", |failure| {
            matches!(failure, Failure::BrokenCredentials { exhausted: false, message: Some(_) })
        }),
        ("proxy.exhausted", |failure| matches!(failure, Failure::BrokenCredentials { exhausted: true, .. })),
        (
            "proxy.override_unreachable",
            |failure| matches!(failure, Failure::ProviderUnreachable { code } if code == "ECONNREFUSED"),
        ),
        (
            "proxy.upstream_dropped",
            |failure| matches!(failure, Failure::ProviderUnreachable { code } if code == "ECONNRESET"),
        ),
        ("proxy.override_dns", |failure| matches!(failure, Failure::HostNotAllowed)),
        (
            "proxy.override_bad",
            |failure| matches!(failure, Failure::InvalidHeaders { errors } if errors[0].path == ["base-url-override"]),
        ),
        ("rate_limit.exceeded_proxy", |failure| failure.retry_after() == Some(Duration::from_secs(57))),
        (
            "scope.proxy.denied",
            |failure| matches!(failure, Failure::Nango(Error::MissingScope { required }) if required == &["environment:proxy"]),
        ),
        ("proxy.exhausted", |failure| !failure.is_retryable()),
        ("proxy.broken_connection", Failure::is_retryable),
    ];
    for (name, check) in table {
        match answer(name).await {
            Err(failure) => assert!(check(&failure), "{name}: {failure:?}"),
            Ok(response) => panic!("{name} is not the provider's: {response:?}"),
        }
    }
}

#[tokio::test]
async fn a_provider_cannot_pass_for_nango() {
    let imitations = [
        // A real 401 of Nango's comes before its rate limiter and so without this header.
        Reply::json(401, r#"{"error":{"code":"unknown_account"}}"#).and_header("x-ratelimit-limit", "200"),
        Reply::json(401, r#"{"error":{"code":"token_revoked"}}"#),
        Reply::json(403, r#"{"error":{"code":"forbidden","message":"No"}}"#),
        Reply::json(429, r#"{"error":{"code":"slow_down"}}"#),
        Reply::json(404, r#"{"error":{"code":"not_found"}}"#),
        Reply::json(400, r#"{"error":{"code":"server_error","message":"Failed"}}"#),
        Reply::json(500, r#"{"message":"x","code":"ECONNRESET","method":"get","more":1}"#),
        Reply::json(500, r#"{"message":"x","code":"oops","method":"get"}"#),
    ];
    for reply in imitations {
        let server = Server::replying(vec![reply.clone()]).await;
        let result = server.client().proxy(request(Method::GET, "/me")).await;
        assert!(result.is_ok(), "{reply:?}: {result:?}");
    }
}

#[tokio::test]
async fn a_long_answer_is_cut() {
    let server = Server::replying(vec![
        Reply::json(200, "0123456789"),
        Reply::Endless { piece: 4096, pause: Duration::ZERO },
    ])
    .await;
    let request = ProxyRequest { response_limit: 4, ..request(Method::GET, "/long") };
    for expected in ["0123", "    "] {
        let response = server.client().proxy(request.clone()).await.unwrap();
        assert_eq!((response.body.as_ref(), response.truncated), (expected.as_bytes(), true));
    }
    let unknown = exchange("proxy", "proxy.unknown_connection").response.reply();
    let server = Server::replying(vec![unknown]).await;
    let failure = server.client().proxy(request).await.unwrap_err();
    assert!(matches!(failure, ProxyFailure::UnknownConnection), "errors are read whole: {failure:?}");
}

#[tokio::test]
async fn the_call_has_its_own_time_limit_and_one_try() {
    let server = Server::replying(vec![Reply::Silence, Reply::Reset]).await;
    let request = ProxyRequest { timeout: Duration::from_millis(100), ..request(Method::GET, "/slow") };
    let client = client(server.url.clone(), KEY, |_| {});
    for expected in ["time limit passed", "cut"] {
        let failure = client.proxy(request.clone()).await.unwrap_err();
        assert!(failure.to_string().contains(expected), "{failure}");
    }
    assert_eq!(server.received().len(), 2, "a call that may have had an effect is not repeated");
}

#[tokio::test]
async fn a_path_cannot_leave_the_proxy_and_a_header_cannot_split() {
    let server = Server::replying(vec![Reply::json(200, "{}")]).await;
    let climbing = request(Method::DELETE, "/../connections/x");
    let splitting =
        ProxyRequest { headers: pairs(&[("X", "a\r\nAuthorization: b")]), ..request(Method::GET, "/me") };
    let naming = ProxyRequest { headers: pairs(&[("X: a\r\nY", "b")]), ..request(Method::GET, "/me") };
    for request in [climbing, splitting, naming] {
        let result = server.client().proxy(request).await;
        assert!(matches!(result, Err(ProxyFailure::Nango(Error::InvalidArgument { .. }))), "{result:?}");
    }
    assert!(server.received().is_empty());
}
