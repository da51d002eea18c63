//! Whatever a server that claims to be Nango answers, to every call the client makes, over a real connection.
#![no_main]

use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::http::Response;
use libfuzzer_sys::fuzz_target;
use nango_client::{
    AuthMode, Client, Configuration, FormCredentials, Limits, ListQuery, Method, NewSession, ProxyRequest,
    RefreshMode,
};
use secrecy::SecretString;
use tokio::runtime::Runtime;

/// What the server answers next.
static NEXT: Mutex<Answer> = Mutex::new(Answer { status: 200, kind: "application/json", body: Vec::new() });

struct Answer {
    status: u16,
    kind: &'static str,
    body: Vec<u8>,
}

struct Stage {
    runtime: Runtime,
    client: Client,
}

static STAGE: LazyLock<Stage> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port");
    let address = listener.local_addr().expect("an address");
    let service = axum::Router::new().fallback(|| async {
        let next = NEXT.lock().expect("whole");
        let answer = Response::builder().status(next.status).header("content-type", next.kind);
        let answer = match next.status {
            300..400 => answer.header("location", next.body.as_slice()),
            _ => answer.header("retry-after", "0"),
        };
        answer.body(Body::from(next.body.clone())).unwrap_or_default()
    });
    runtime.spawn(async move { axum::serve(listener, service).await });
    let client = Client::new(Configuration {
        base_url: format!("http://{address}").parse().expect("a URL"),
        key: SecretString::from("key"),
        limits: Limits {
            calls_per_minute: None,
            retries: 0,
            request_timeout: Duration::from_secs(5),
            ..Limits::default()
        },
    });
    Stage { runtime, client: client.expect("a client") }
});

fuzz_target!(|input: (u8, u8, &[u8])| {
    let (call, status, body) = input;
    let status =
        [200, 200, 200, 201, 204, 302, 400, 401, 403, 404, 424, 429, 500, 599][usize::from(status) % 14];
    let kind = if call & 0x80 == 0 { "application/json" } else { "text/html" };
    *NEXT.lock().expect("whole") = Answer { status, kind, body: body.to_vec() };
    let Stage { runtime, client } = &*STAGE;
    runtime.block_on(ask(client, call & 0x7f));
});

/// Makes one of the calls. What comes of it is the server's doing; that it comes back is what is looked at.
async fn ask(client: &Client, call: u8) {
    let token = SecretString::from("token");
    let error = match call % 13 {
        0 => client.list_connections(&ListQuery { limit: 100, ..ListQuery::default() }).await.err(),
        1 => client.connection("id", "github", RefreshMode::None).await.err(),
        2 => client.delete_connection("id", "github").await.err(),
        3 => client.integrations().await.err(),
        4 => client.integration("github").await.err(),
        5 => client.create_connect_session(&NewSession::default()).await.err(),
        6 => client.session_details(&token).await.err(),
        7 => client.providers(None).await.err(),
        8 => client.provider("github").await.err(),
        9 => client.begin_authorization("github", &token, None, &[]).await.err(),
        10 => client.forward_callback(&SecretString::from("state=a&code=b"), None).await.err(),
        11 => {
            let credentials = FormCredentials::new();
            client.authorize_with_fields(&AuthMode::ApiKey, "github", &token, &[], &credentials).await.err()
        }
        _ => {
            let request = ProxyRequest {
                method: Method::GET,
                path: "/user".to_owned(),
                query: Vec::new(),
                connection_id: "id".to_owned(),
                integration: "github".to_owned(),
                headers: Vec::new(),
                body: None,
                base_url_override: None,
                retries: 0,
                timeout: Duration::from_secs(5),
                response_limit: 64 * 1024,
            };
            let _ = client.proxy(request).await;
            None
        }
    };
    // What is shown and logged of an error can be put together whatever the answer was.
    if let Some(error) = error {
        let _ = format!("{error} {error:?}");
    }
}
