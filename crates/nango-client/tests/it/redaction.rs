//! `Debug` of everything that holds a secret.

use std::fmt::Debug;
use std::time::Duration;

use nango_client::{
    AppCredentials, AuthMode, Configuration, ConnectSession, FormCredentials, Limits, Method, Payload,
    ProxyBody, ProxyRequest, ReadConnection, RefreshMode,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::fixture::Replay;
use crate::server::{Reply, Server, client};

const SECRET: &str = "hunter2-s3cr3t";

fn assert_hidden(what: &str, value: &impl Debug) {
    for shown in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!shown.contains(SECRET), "{what} shows its secret: {shown}");
    }
}

#[tokio::test]
async fn debug_never_shows_a_secret() {
    let server = Server::replying(vec![Reply::Silence]).await;
    let secret = || SecretString::from(SECRET);
    let configuration =
        Configuration { base_url: server.url.clone(), key: secret(), limits: Limits::default() };
    assert_hidden("configuration", &configuration);
    let client = client(server.url.clone(), SECRET, |_| {});
    assert_hidden("client", &client);
    assert_hidden("browser URL", &client.authorization_url("key", &secret(), None, &[]).unwrap());
    assert_hidden("form", &FormCredentials::from_iter([("apiKey", secret())]));
    let app = AppCredentials {
        mode: AuthMode::OAuth2,
        client_id: "id".to_owned(),
        client_secret: secret(),
        scopes: Vec::new(),
    };
    assert_hidden("developer application", &app);
    assert_hidden("payload", &Payload(json!({ "refresh_token": SECRET })));
    let body = ProxyBody { bytes: SECRET.into(), content_type: "text/plain".to_owned() };
    assert_hidden(
        "proxied call",
        &ProxyRequest {
            method: Method::POST,
            path: "/x".to_owned(),
            query: vec![("api_key".to_owned(), SECRET.to_owned())],
            connection_id: "c".to_owned(),
            integration: "k".to_owned(),
            headers: vec![("X-Key".to_owned(), SECRET.to_owned())],
            body: Some(body),
            base_url_override: None,
            retries: 0,
            timeout: Duration::from_secs(1),
            response_limit: 1,
        },
    );
}

#[tokio::test]
async fn debug_of_answers_never_shows_a_secret() {
    let session = json!({"data": {
        "token": SECRET,
        "connect_link": format!("http://x/?session_token={SECRET}"),
        "expires_at": "2026-11-22T11:32:15.112Z",
    }});
    let server = Server::replying(vec![Reply::json(201, &session.to_string())]).await;
    let session: ConnectSession = server.client().create_connect_session(&Default::default()).await.unwrap();
    assert_eq!(session.token.expose_secret(), SECRET);
    assert_hidden("session", &session);

    let location = format!("http://provider/authorize?state={SECRET}&redirect_uri=app:%2F%2Fx");
    let redirect = Reply::with_type(302, "text/plain", "")
        .and_header("location", &location)
        .and_header("set-cookie", &format!("oauth2-{SECRET}=1; Path=/"));
    let server = Server::replying(vec![redirect]).await;
    let begun = server.client().begin_authorization("key", &SECRET.into(), None, &[]).await.unwrap();
    assert_eq!(begun.cookie.as_ref().unwrap().expose_secret(), format!("oauth2-{SECRET}=1"));
    assert_hidden("authorization", &begun);

    let connection = json!({
        "id": 1, "connection_id": "c", "provider_config_key": "k", "provider": "p", "created_at": "2026-11-22T11:00:00Z",
        "connection_config": {"password": SECRET}, "credentials": {"access_token": SECRET, "raw": {"x": SECRET}},
    });
    let refused = json!({"error": {
        "code": "invalid_credentials", "message": "m", "payload": {"connection": connection.clone()},
    }});
    let replies = [Reply::json(200, &connection.to_string()), Reply::json(400, &refused.to_string())];
    for reply in replies {
        let server = Server::replying(vec![reply]).await;
        let read: ReadConnection = server.client().connection("c", "k", RefreshMode::None).await.unwrap();
        assert_hidden("connection", &read);
    }
}

#[tokio::test]
async fn debug_of_failed_verification_shows_no_payload() {
    let replay = Replay::of("keymodes", "api_key.wrong").await;
    let form = FormCredentials::from_iter([("apiKey", SecretString::from(SECRET))]);
    let client = replay.server.client();
    let error = client
        .authorize_with_fields(&AuthMode::ApiKey, "local-api-key", &SECRET.into(), &[], &form)
        .await
        .unwrap_err();
    assert_hidden("error", &error);
}
