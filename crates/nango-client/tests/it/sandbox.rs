//! The client against the sandbox, which was built from the same recordings but shares no code.

use std::collections::BTreeMap;
use std::time::Duration;

use nango_client::{
    AuthMode, Authorization, CallbackOutcome, Client, Completion, Deletion, Error, FormCredentials, KeyState,
    ListQuery, Method, NewSession, ProvidersAnswer, ProxyFailure, ProxyRequest, ReadConnection, Reconnect,
    RefreshMode, Scope, ScopeState, Socket,
};
use nango_sandbox::{Options, Sandbox};
use secrecy::SecretString;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::Url;

use crate::server::client;

const CALLBACK: &str = "app.patchbay.desktop://oauth/callback";

async fn sandbox() -> Sandbox {
    let options =
        Options { callback_url: Some(CALLBACK.to_owned()), enforce_state_cookie: true, ..Options::default() };
    Sandbox::start(options).await.unwrap()
}

fn client_of(sandbox: &Sandbox) -> Client {
    client(sandbox.base_url().clone(), sandbox.api_key(), |_| {})
}

fn tags(attempt: &str) -> BTreeMap<String, String> {
    BTreeMap::from([("patchbay_attempt".to_owned(), attempt.to_owned())])
}

/// Services of the demo that ask for nothing but an account or a key.
const PLAIN: [&str; 4] = ["github", "slack", "stripe", "sendgrid"];

/// An integration of a mode, for a service that needs no parameters.
fn integration(sandbox: &Sandbox, mode: &AuthMode) -> String {
    let mut all = sandbox.integrations().into_iter();
    let found = all.find(|one| one.auth_mode == mode.as_str() && PLAIN.contains(&one.unique_key.as_str()));
    found.unwrap_or_else(|| panic!("the demo has an integration for {mode}")).unique_key
}

/// Posts the consent form as a browser would and returns the query the provider redirects with.
async fn decide(begun: &Authorization, decision: &str) -> SecretString {
    let location = begun.location.expose();
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(location.query_pairs());
    form.append_pair("account", "alex").append_pair("decision", decision);
    let form = form.finish();
    let address = (location.host_str().unwrap(), location.port().unwrap());
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "POST {} HTTP/1.1\r\nhost: {}:{}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{form}",
        location.path(),
        address.0,
        address.1,
        form.len(),
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let header = answer.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("location").then(|| value.trim().to_owned())
    });
    let back = Url::parse(&header.unwrap_or_else(|| panic!("the provider redirects: {answer}"))).unwrap();
    assert!(back.as_str().starts_with(CALLBACK), "{back}");
    back.query().unwrap().into()
}

struct Dance {
    socket: Socket,
    begun: Authorization,
}

async fn begin(client: &Client, key: &str, attempt: &str) -> Dance {
    let new =
        NewSession { tags: tags(attempt), allowed_integrations: vec![key.to_owned()], ..Default::default() };
    let session = client.create_connect_session(&new).await.unwrap();
    let details = client.session_details(&session.token).await.unwrap();
    let (socket, id) = client.open_socket(&details.websockets_path).await.unwrap();
    let begun = client.begin_authorization(key, &session.token, Some(&id), &[]).await.unwrap();
    assert_eq!(begun.redirect_uri.as_ref().unwrap().as_str(), CALLBACK);
    Dance { socket, begun }
}

#[tokio::test]
async fn a_dance_ends_in_a_connection_found_by_socket_and_by_tag() {
    let sandbox = sandbox().await;
    let client = client_of(&sandbox);
    client.health().await.unwrap();
    let key = integration(&sandbox, &AuthMode::OAuth2);
    let Dance { mut socket, begun } = begin(&client, &key, "first").await;
    let query = decide(&begun, "approve").await;
    let outcome = client.forward_callback(&query, begun.cookie.as_ref()).await.unwrap();
    assert_eq!(outcome, CallbackOutcome::Accepted);
    let Completion::Success { connection_id, .. } = socket.next().await else {
        panic!("the socket tells the connection");
    };
    let filter = ListQuery { limit: 10, tags: tags("first"), ..ListQuery::default() };
    let page = client.list_connections(&filter).await.unwrap();
    assert_eq!(page.len(), 1);
    assert_eq!(page[0].connection_id, connection_id);

    let again = client.forward_callback(&query, begun.cookie.as_ref()).await.unwrap();
    assert!(matches!(again, CallbackOutcome::Refused { message: Some(_) }), "a state works once: {again:?}");

    let reconnect = Reconnect {
        connection_id: connection_id.clone(),
        integration: key.clone(),
        end_user: None,
        tags: page[0].tags.clone(),
        defaults: BTreeMap::new(),
    };
    let session = client.create_reconnect_session(&reconnect).await.unwrap();
    assert!(client.session_details(&session.token).await.unwrap().is_reconnecting);

    assert_eq!(client.delete_connection(&connection_id, &key).await.unwrap(), Deletion::Deleted);
    assert_eq!(client.delete_connection(&connection_id, &key).await.unwrap(), Deletion::AlreadyGone);
    let gone = client.connection(&connection_id, &key, RefreshMode::None).await;
    assert!(matches!(gone, Err(Error::NotFound { .. })), "{gone:?}");
    let gone = client.create_reconnect_session(&reconnect).await;
    assert!(matches!(gone, Err(Error::NotFound { .. })), "{gone:?}");
}

#[tokio::test]
async fn a_denial_and_a_missing_cookie_are_refusals() {
    let sandbox = sandbox().await;
    let client = client_of(&sandbox);
    let key = integration(&sandbox, &AuthMode::OAuth2);
    let Dance { mut socket, begun } = begin(&client, &key, "denied").await;
    let query = decide(&begun, "deny").await;
    let outcome = client.forward_callback(&query, begun.cookie.as_ref()).await.unwrap();
    assert!(matches!(outcome, CallbackOutcome::Refused { .. }), "{outcome:?}");
    match socket.next().await {
        Completion::Failed { error_type, .. } => assert_eq!(error_type, "callback_err"),
        other => panic!("{other:?}"),
    }

    let Dance { mut socket, begun } = begin(&client, &key, "cookieless").await;
    let query = decide(&begun, "approve").await;
    let outcome = client.forward_callback(&query, None).await.unwrap();
    assert!(matches!(outcome, CallbackOutcome::Refused { .. }), "{outcome:?}");
    match socket.next().await {
        Completion::Failed { error_type, .. } => assert_eq!(error_type, "state_cookie_err"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_revoked_grant_is_broken_credentials_everywhere() {
    let sandbox = sandbox().await;
    let client = client_of(&sandbox);
    let key = integration(&sandbox, &AuthMode::OAuth2);
    let Dance { mut socket, begun } = begin(&client, &key, "revoked").await;
    client.forward_callback(&decide(&begun, "approve").await, begun.cookie.as_ref()).await.unwrap();
    let Completion::Success { connection_id, .. } = socket.next().await else {
        panic!("the socket tells the connection");
    };
    sandbox.revoke_grants(&connection_id);
    for (mode, backing_off) in
        [(RefreshMode::None, false), (RefreshMode::None, true), (RefreshMode::Force, false)]
    {
        let read = client.connection(&connection_id, &key, mode).await.unwrap();
        let ReadConnection::BrokenCredentials(broken) = read else { panic!("{mode:?}: {read:?}") };
        assert_eq!((broken.backing_off, broken.exhausted), (backing_off, false), "{mode:?}");
        assert_eq!(broken.connection.unwrap().errors[0].kind, "auth");
    }
}

#[tokio::test]
async fn a_dropped_socket_is_closed_and_the_tag_still_finds_the_connection() {
    let sandbox = sandbox().await;
    let client = client_of(&sandbox);
    let key = integration(&sandbox, &AuthMode::OAuth2);
    let Dance { mut socket, begun } = begin(&client, &key, "dropped").await;
    sandbox.drop_websockets();
    assert_eq!(socket.next().await, Completion::Closed);
    let outcome =
        client.forward_callback(&decide(&begun, "approve").await, begun.cookie.as_ref()).await.unwrap();
    assert_eq!(outcome, CallbackOutcome::Accepted);
    let filter = ListQuery { limit: 10, tags: tags("dropped"), ..ListQuery::default() };
    assert_eq!(client.list_connections(&filter).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_servers_rate_limit_is_kept() {
    let options = Options { rate_limit_per_minute: Some(3), ..Options::default() };
    let sandbox = Sandbox::start(options).await.unwrap();
    let client = client_of(&sandbox);
    for _ in 0..3 {
        client.integrations().await.unwrap();
    }
    let limited = client.integrations().await;
    assert!(matches!(limited, Err(Error::RateLimited { retry_after: Some(_) })), "{limited:?}");
    let sent = sandbox.requests().len();
    assert!(client.integrations().await.is_err());
    assert_eq!(sandbox.requests().len(), sent, "nothing is sent during the pause");
}

#[tokio::test]
async fn a_key_makes_a_connection_that_the_proxy_uses_until_it_is_gone() {
    let sandbox = sandbox().await;
    let client = client_of(&sandbox);
    let key = integration(&sandbox, &AuthMode::ApiKey);
    let new = NewSession { tags: tags("key"), ..NewSession::default() };
    let token = client.create_connect_session(&new).await.unwrap().token;
    let form = FormCredentials::from_iter([("apiKey", SecretString::from("key_good_1"))]);
    let created = client.authorize_with_fields(&AuthMode::ApiKey, &key, &token, &[], &form).await.unwrap();
    let read = client.connection(&created.connection_id, &key, RefreshMode::None).await.unwrap();
    assert!(matches!(read, ReadConnection::Found(details) if details.tags == tags("key")));

    let request = ProxyRequest {
        method: Method::GET,
        path: "/some/thing".to_owned(),
        query: vec![("q".to_owned(), "a b".to_owned())],
        connection_id: created.connection_id.clone(),
        integration: key.clone(),
        headers: Vec::new(),
        body: None,
        base_url_override: None,
        retries: 0,
        timeout: Duration::from_secs(20),
        response_limit: 1 << 20,
    };
    assert_eq!(client.proxy(request.clone()).await.unwrap().status, 200);
    client.delete_connection(&created.connection_id, &key).await.unwrap();
    let failure = client.proxy(request).await.unwrap_err();
    assert!(matches!(failure, ProxyFailure::UnknownConnection), "{failure:?}");
}

#[tokio::test]
async fn the_catalogue_is_read_once_and_lists_the_demo_integrations() {
    let sandbox = sandbox().await;
    let client = client_of(&sandbox);
    let ProvidersAnswer::Catalogue(catalogue) = client.providers(None).await.unwrap() else {
        panic!("no etag was sent");
    };
    assert_eq!(catalogue.skipped, 0);
    let again = client.providers(catalogue.etag.as_deref()).await.unwrap();
    assert!(matches!(again, ProvidersAnswer::NotModified), "{again:?}");
    for one in client.integrations().await.unwrap() {
        assert!(catalogue.providers.iter().any(|provider| provider.name == one.provider), "{}", one.provider);
    }
}

#[tokio::test]
async fn the_probe_tells_the_scopes_of_a_key_and_leaves_nothing_behind() {
    let sandbox = sandbox().await;
    let scopes = [Scope::ConnectSessionsWrite, Scope::ConnectionsRead, Scope::IntegrationsList, Scope::Proxy];
    let key = sandbox.create_api_key(&scopes.map(Scope::as_str));
    let probe = client(sandbox.base_url().clone(), &key, |_| {}).probe().await;
    assert_eq!(probe.key, KeyState::Accepted);
    for scope in Scope::ALL {
        let expected = if scopes.contains(&scope) { ScopeState::Granted } else { ScopeState::Missing };
        assert_eq!(probe.scope(scope), expected, "{scope:?}");
    }
    let probe = client_of(&sandbox).probe().await;
    assert!(probe.scopes.values().all(|state| *state == ScopeState::Granted), "{probe:?}");
    assert!(sandbox.connections().is_empty());
    for request in sandbox.requests() {
        let reading = matches!(request.method.as_str(), "GET" | "HEAD");
        assert!(reading || request.status >= 400, "{} {} had an effect", request.method, request.path);
    }

    let stranger = client(sandbox.base_url().clone(), "11111111-1111-4111-8111-111111111111", |_| {});
    assert_eq!(stranger.probe().await.key, KeyState::Refused("unknown_account".to_owned()));
}
