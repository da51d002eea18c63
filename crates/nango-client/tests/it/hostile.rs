//! Servers that misbehave. Nothing here may hang, panic, fill the memory or give the key away.

use std::time::{Duration, Instant};

use nango_client::{Client, Error, RefreshMode, TransportKind};
use tokio::net::TcpListener;
use url::Url;

use crate::server::{KEY, Reply, Server, client};

async fn kind_of(client: &Client) -> TransportKind {
    match client.integrations().await {
        Err(Error::Transport { kind, .. }) => kind,
        other => panic!("no answer was expected: {other:?}"),
    }
}

#[tokio::test]
async fn an_endless_body_is_cut_off() {
    let server = Server::replying(vec![Reply::Endless { piece: 16 * 1024, pause: Duration::ZERO }]).await;
    let client = server.client_with(|limits| limits.body_limit_bytes = 64 * 1024);
    match client.providers(None).await {
        Err(Error::BodyTooLarge { limit }) => assert_eq!(limit, 64 * 1024),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_dripping_body_meets_the_total_time_limit() {
    let server = Server::replying(vec![Reply::Endless { piece: 1, pause: Duration::from_millis(20) }]).await;
    let client = server.client_with(|limits| limits.request_timeout = Duration::from_millis(300));
    assert_eq!(kind_of(&client).await, TransportKind::Timeout);
    assert_eq!(server.received().len(), 1, "a time limit is not met twice");
}

#[tokio::test]
async fn silence_meets_the_time_limit() {
    let server = Server::replying(vec![Reply::Silence]).await;
    let client = server.client_with(|limits| limits.request_timeout = Duration::from_millis(100));
    assert_eq!(kind_of(&client).await, TransportKind::Timeout);
}

#[tokio::test]
async fn a_reset_is_tried_again_where_that_is_harmless() {
    let server = Server::replying(vec![Reply::Reset, Reply::Reset, Reply::json(200, r#"{"data":[]}"#)]).await;
    assert!(server.client().integrations().await.unwrap().is_empty());
    assert_eq!(server.received().len(), 3, "two retries");

    let server = Server::replying(vec![Reply::Reset]).await;
    assert_eq!(kind_of(&server.client_with(|limits| limits.retries = 50)).await, TransportKind::Reset);
    assert_eq!(server.received().len(), 3, "and no more than two, whatever the limits say");

    let server = Server::replying(vec![Reply::Reset]).await;
    assert!(server.client().delete_connection("id", "key").await.is_err());
    assert!(server.client().connection("id", "key", RefreshMode::Force).await.is_err());
    assert_eq!(server.received().len(), 2, "calls with an effect are made once");

    let server = Server::replying(vec![Reply::Reset]).await;
    assert_eq!(kind_of(&server.client_with(|limits| limits.retries = 0)).await, TransportKind::Reset);
    assert_eq!(server.received().len(), 1, "no retries were wanted");
}

#[tokio::test]
async fn a_gateway_failure_is_tried_again() {
    let page = Reply::with_type(502, "text/html", "<h1>Bad gateway</h1>");
    let server = Server::replying(vec![page.clone(), Reply::json(200, r#"{"result":"ok"}"#)]).await;
    server.client().health().await.unwrap();

    let server = Server::replying(vec![page.and_header("retry-after", "86400")]).await;
    let error = server.client().health().await.unwrap_err();
    assert!(matches!(error, Error::UnexpectedBody { status: 502, .. }) && error.is_retryable(), "{error:?}");
    assert_eq!(server.received().len(), 1, "nobody waits a day");
}

#[tokio::test]
async fn an_answer_that_ends_early_is_a_broken_connection() {
    let cut = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{\"data\":["
        .to_vec();
    let server = Server::replying(vec![Reply::Raw(cut)]).await;
    assert_eq!(kind_of(&server.client()).await, TransportKind::Reset);
    let server = Server::replying(vec![Reply::Raw(Vec::new())]).await;
    assert_eq!(kind_of(&server.client()).await, TransportKind::Reset);
}

#[tokio::test]
async fn bodies_that_are_not_the_expected_json_are_named() {
    let table = [
        (Reply::json(200, r#"{"data":[{"unique_key""#), "ends too early"),
        (Reply::with_type(200, "text/html", "<html>hello</html>"), "not JSON"),
        (Reply::json(200, r#"{"data":{"a":1}}"#), "another shape"),
        (Reply::json(200, r#"{"data":[{"unique_key":"a"}]}"#), "another shape"),
        (Reply::json(200, ""), "ends too early"),
        (
            Reply::json(400, &format!(r#"{{"error":{{"code":"x","payload":{}"#, "[".repeat(9000))),
            "not Nango's JSON",
        ),
        (Reply::with_type(404, "text/html", "<html>no</html>"), "not Nango's JSON"),
        (Reply::json(400, r#"{"error":"text"}"#), "not Nango's JSON"),
        (Reply::json(400, r#"{"error":{"code":7}}"#), "not Nango's JSON"),
    ];
    for (reply, expected) in table {
        let server = Server::replying(vec![reply]).await;
        match server.client().integrations().await {
            Err(error @ Error::UnexpectedBody { .. }) => {
                assert!(error.to_string().contains(expected), "{error}, not {expected}");
            }
            other => panic!("{expected}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn things_that_are_not_http_are_errors() {
    let huge = format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "a".repeat(4 << 20)).into_bytes();
    for bytes in [b"SSH-2.0-OpenSSH_9\r\n".to_vec(), huge, vec![0; 1000]] {
        let server = Server::replying(vec![Reply::Raw(bytes)]).await;
        let kind = kind_of(&server.client()).await;
        assert!(matches!(kind, TransportKind::Other | TransportKind::Reset), "{kind:?}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_the_key_stays_home() {
    let other = Server::replying(vec![Reply::json(200, r#"{"data":[]}"#)]).await;
    for status in [301, 302, 303, 307, 308] {
        let location = other.url.join("/integrations?stolen=1").unwrap();
        let reply = Reply::with_type(status, "text/plain", "").and_header("location", location.as_str());
        let server = Server::replying(vec![reply]).await;
        match server.client().integrations().await {
            Err(Error::Redirected { to, .. }) => {
                assert_eq!(to.unwrap(), other.url.origin().ascii_serialization());
            }
            result => panic!("{status}: {result:?}"),
        }
    }
    assert!(other.received().is_empty(), "the other host was never asked");
}

#[tokio::test]
async fn calls_that_need_no_key_carry_none() {
    let server = Server::replying(vec![Reply::json(400, "{}")]).await;
    let client = server.client();
    let token = "nango_connect_session_0".into();
    assert!(client.health().await.is_err());
    assert!(client.begin_authorization("key", &token, None, &[]).await.is_err());
    assert!(client.forward_callback(&"state=s".into(), None).await.is_ok());
    assert!(client.session_details(&token).await.is_err());
    let received = server.received();
    assert_eq!(received.len(), 4);
    for request in received {
        assert!(!format!("{request:?}").contains(KEY), "{} shows the key", request.path);
        assert!(request.header("user-agent").unwrap().starts_with("Patchbay/"));
    }
}

#[tokio::test]
async fn a_short_pause_is_waited_for() {
    let limited = Reply::json(429, r#"{"error":{"code":"too_many_request"}}"#).and_header("retry-after", "0");
    let server = Server::replying(vec![limited, Reply::json(200, r#"{"data":[]}"#)]).await;
    let started = Instant::now();
    assert!(server.client().integrations().await.is_ok());
    assert!(started.elapsed() >= Duration::from_secs(1), "0 seconds, rounded down, can be almost one");
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn an_endless_row_of_pauses_ends() {
    let limited = Reply::json(429, r#"{"error":{"code":"too_many_request"}}"#).and_header("retry-after", "0");
    let server = Server::replying(vec![limited]).await;
    let client = server.client_with(|limits| limits.retries = 1);
    let error = client.integrations().await.unwrap_err();
    assert!(matches!(error, Error::RateLimited { .. }), "{error:?}");
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn nobody_there_is_told_from_a_name_nobody_has() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    let once = |limits: &mut nango_client::Limits| limits.retries = 0;
    assert_eq!(kind_of(&client(url, KEY, once)).await, TransportKind::Unreachable);
    // A label of 64 characters is refused by the resolver without asking anybody.
    let url = Url::parse(&format!("http://{}.example", "a".repeat(64))).unwrap();
    assert_eq!(kind_of(&client(url, KEY, once)).await, TransportKind::Dns);
}

#[tokio::test]
async fn an_error_never_shows_query_body_or_server_prose() {
    let secret = "nango_connect_session_deadbeef";
    let body = format!(r#"{{"error":{{"code":"bad {secret}!","message":"{secret}"}}}}"#);
    let replies = [
        Reply::json(400, &body),
        Reply::Reset,
        Reply::with_type(200, "text/plain", secret),
        Reply::with_type(302, "text/plain", "").and_header("location", &format!("x:{secret}")),
    ];
    for reply in replies {
        let server = Server::replying(vec![reply]).await;
        let error = server.client().begin_authorization("key", &secret.into(), None, &[]).await.unwrap_err();
        let mut text = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(error) = cause {
            text.push_str(&format!("\n{error}\n{error:?}"));
            cause = error.source();
        }
        // A code is shown, but only in the characters codes have: no braces, spaces or line breaks.
        let shown = text.replace(&format!("bad{secret}"), "");
        assert!(!shown.contains(secret), "{shown}");
    }
}
