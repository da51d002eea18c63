//! Nango's own errors.

use std::time::Duration;

use nango_client::{Error, RefreshMode};

use crate::fixture::{Replay, exchange};
use crate::server::Server;

async fn refused(name: &str) -> Error {
    let replay = Replay::of("refusals", name).await;
    replay.server.client().integrations().await.unwrap_err()
}

#[tokio::test]
async fn a_refused_key_has_its_code() {
    match refused("auth.unknown_key").await {
        Error::Unauthorized { code } => assert_eq!(code, "unknown_account"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_missing_scope_is_named() {
    let table: [(&str, &[&str]); 4] = [
        (
            "scope.connection_get.denied",
            &["environment:connections:read", "environment:connections:read_credentials"],
        ),
        ("scope.connection_get.force_refresh_denied", &["environment:connections:read_credentials"]),
        ("scope.connect_session.denied", &["environment:connect_sessions:write"]),
        ("scope.delete.denied", &["environment:connections:delete"]),
    ];
    for (name, expected) in table {
        match refused(name).await {
            Error::MissingScope { required } => assert_eq!(required, expected, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_rate_limit_holds_for_all_calls_with_the_key_and_no_others() {
    let limited = exchange("refusals", "rate_limit.exceeded").response.reply();
    let server = Server::replying(vec![limited]).await;
    let client = server.client();
    for _ in 0..2 {
        match client.integrations().await {
            Err(Error::RateLimited { retry_after: Some(pause) }) => {
                assert!(pause > Duration::from_secs(50), "the server said 56 seconds: {pause:?}");
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(client.connection("id", "key", RefreshMode::None).await.is_err_and(|error| error.is_retryable()));
    assert_eq!(server.received().len(), 1, "after the first refusal nothing is sent");
    let token = "nango_connect_session_0".into();
    assert!(client.session_details(&token).await.is_err());
    assert_eq!(server.received().len(), 2, "calls with a session token are counted apart");
}

#[tokio::test]
async fn fallback_answers_are_errors_whatever_their_form() {
    match refused("route.unknown").await {
        Error::Rejected { status: 500, code, .. } => assert_eq!(code, "generic_error_support"),
        other => panic!("{other:?}"),
    }
    match refused("method_not_allowed").await {
        Error::UnexpectedBody { status: 404, content_type: Some(kind), .. } => {
            assert!(kind.starts_with("text/html"), "{kind}");
        }
        other => panic!("{other:?}"),
    }
}
