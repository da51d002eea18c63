//! The OAuth dance against recorded exchanges.

use nango_client::{Authorization, CallbackOutcome, Error};
use secrecy::{ExposeSecret, SecretString};

use crate::fixture::Replay;
use crate::server::{Reply, Server};

async fn begin(name: &str, integration: &str, params: &[(&str, &str)]) -> Result<Authorization, Error> {
    let replay = Replay::of("authorize", name).await;
    let token = replay.recorded_query("connect_session_token").into();
    let socket = (name == "oauth.connect.custom_scheme").then(|| replay.recorded_query("ws_client_id"));
    let params: Vec<_> = params.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let client = replay.server.client();
    let result = client.begin_authorization(integration, &token, socket.as_deref(), &params).await;
    replay.assert_asked();
    result
}

#[tokio::test]
async fn the_redirect_is_read_and_not_followed() {
    let begun = begin("oauth.connect.custom_scheme", "local-oauth2", &[]).await.unwrap();
    let state = "98fa61e0-e664-11f1-b4ae-c5b978d8dbc5";
    assert_eq!(begun.state.unwrap().expose_secret(), state);
    assert_eq!(begun.cookie.unwrap().expose_secret(), format!("oauth2-{state}=1"));
    assert_eq!(begun.redirect_uri.unwrap().as_str(), "app.patchbay.desktop://oauth/callback");
    assert_eq!(begun.location.expose().host_str(), Some("localhost"));

    let begun =
        begin("oauth.connect.with_param", "local-config-oauth2", &[("host", "localhost")]).await.unwrap();
    assert_eq!(begun.redirect_uri.unwrap().as_str(), "http://localhost:3003/oauth/callback");
}

#[tokio::test]
async fn a_page_is_a_refusal_with_its_message() {
    match begin("oauth.connect.unknown_integration", "nope", &[]).await {
        Err(Error::AuthorizationRefused { message: Some(message) }) => assert!(message.contains("\"nope\"")),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn json_refusals_keep_their_code() {
    match begin("oauth.connect.not_allowed", "local-oauth2", &[]).await {
        Err(Error::Rejected { status: 400, code, message: None, .. }) => {
            assert_eq!(code, "integration_not_allowed");
        }
        other => panic!("{other:?}"),
    }
    match begin("oauth.connect.expired_session", "local-oauth2", &[]).await {
        Err(Error::Unauthorized { code }) => assert_eq!(code, "unknown_connect_session_token"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn only_web_pages_are_accepted_as_the_provider() {
    for location in ["javascript:alert(1)", "file:///etc/passwd", "/relative", "app.patchbay.desktop://x", ""]
    {
        let reply = Reply::with_type(302, "text/plain", "").and_header("location", location);
        let server = Server::replying(vec![reply]).await;
        let result = server.client().begin_authorization("key", &"token".into(), None, &[]).await;
        assert!(matches!(result, Err(Error::UnexpectedBody { status: 302, .. })), "{location}: {result:?}");
    }
}

#[tokio::test]
async fn the_browser_url_carries_token_socket_and_parameters() {
    let server = Server::replying(vec![Reply::Silence]).await;
    let params = [("host".to_owned(), "a b&c".to_owned())];
    let url =
        server.client().authorization_url("a/b", &"secret-token".into(), Some("ws-1"), &params).unwrap();
    assert_eq!(url.expose().path(), "/oauth/connect/a%2Fb");
    let query: Vec<(String, String)> = url.expose().query_pairs().into_owned().collect();
    let expected =
        [("connect_session_token", "secret-token"), ("params[host]", "a b&c"), ("ws_client_id", "ws-1")];
    assert_eq!(query, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert!(server.received().is_empty(), "building a URL asks nobody");
}

#[tokio::test]
async fn a_callback_is_judged_by_its_status() {
    let table = [
        ("oauth.callback.success_with_cookie", None),
        ("oauth.callback.access_denied", Some("access_denied")),
        ("oauth.callback.reused_state", Some("No session found")),
    ];
    for (name, expected) in table {
        let replay = Replay::of("authorize", name).await;
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for member in ["code", "error", "error_description", "state"] {
            if name.ends_with("access_denied") == member.starts_with("error") || member == "state" {
                query.append_pair(member, &replay.recorded_query(member));
            }
        }
        let cookie: SecretString = replay.recorded_header("cookie").into();
        let outcome =
            replay.server.client().forward_callback(&query.finish().into(), Some(&cookie)).await.unwrap();
        replay.assert_asked();
        match (outcome, expected) {
            (CallbackOutcome::Accepted, None) => {}
            (CallbackOutcome::Refused { message: Some(message) }, Some(part)) => {
                assert!(message.contains(part), "{name}: {message}");
            }
            (other, _) => panic!("{name}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_callback_is_sent_once_whatever_happens() {
    let refusals = [Reply::Reset, Reply::json(503, "{}"), Reply::json(429, "{}"), Reply::json(204, "")];
    for reply in refusals {
        let server = Server::replying(vec![reply.clone()]).await;
        let client = server.client();
        let result = client.forward_callback(&"?code=c&state=s#x".into(), None).await;
        assert!(result.is_err(), "{reply:?} is neither success nor failure: {result:?}");
        let received = server.received();
        assert_eq!(received.len(), 1, "{reply:?}");
        let state = received[0].query.iter().find(|(name, _)| name == "state").unwrap();
        assert_eq!(state.1, "s#x", "a fragment cannot cut the query short");
    }
}

#[tokio::test]
async fn beginning_a_dance_is_not_repeated() {
    let server = Server::replying(vec![Reply::Reset]).await;
    assert!(server.client().begin_authorization("key", &"token".into(), None, &[]).await.is_err());
    assert_eq!(server.received().len(), 1, "each try would start another dance");
}
