//! The dance with a robot at the consent page.

use nango_sandbox::Options;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use url::Url;

use crate::harness::Harness;

fn tags() -> Value {
    json!({ "tags": { "end_user_id": "u1" } })
}

#[tokio::test]
async fn each_account_can_be_chosen_and_answers_as_itself() {
    let harness = Harness::start(Options::default()).await;
    for (login, name) in [("alex", "Alex Rivera"), ("sam", "Sam Chen"), ("work-team", "Work Team")] {
        let token = harness.session(tags()).await;
        let dance = harness.begin("github", &token, &[]).await;
        let redirect = harness.consent(&dance.location, "approve", login).await;
        assert_eq!(harness.forward(&redirect, Some(&dance.cookie)).await.status(), StatusCode::OK);
        let id = harness.sandbox.connections()[0].id.clone();
        let answer = harness.proxied(Method::GET, "/user?per_page=1", "github", &id).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(answer["account"]["name"], name);
        assert_eq!((&answer["provider"], &answer["path"]), (&json!("github"), &json!("/user")));
    }
}

#[tokio::test]
async fn the_consent_page_asks_escapes_and_locks_itself_down() {
    let harness = Harness::start(Options::default()).await;
    let token = harness.session(tags()).await;
    let mut location = harness.begin("github", &token, &[]).await.location;
    location.query_pairs_mut().append_pair("scope", "ignored");
    let text = location
        .as_str()
        .replace("client_id=sandbox-github", "client_id=%3Cscript%3Ealert(1)%3C%2Fscript%3E");
    let response = harness.http.get(Url::parse(&text).unwrap()).send().await.unwrap();
    let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
    let page = response.text().await.unwrap();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert!(page.contains("Connect to GitHub"), "the page names the service");
    assert!(!page.contains("<script"), "parameters are escaped");
    assert!(page.contains("&lt;script&gt;"), "and shown");
    for name in ["Alex Rivera", "sam@example.test", "Work Team", ">Approve</button>", ">Deny</button>"] {
        assert!(page.contains(name), "the page shows {name}");
    }
}

#[tokio::test]
async fn a_custom_scheme_gets_a_redirect_and_is_allowed_by_the_policy() {
    let scheme = "app.patchbay.desktop://oauth/callback";
    let options =
        Options { callback_url: Some(scheme.to_owned()), enforce_state_cookie: true, ..Options::default() };
    let harness = Harness::start(options).await;
    let token = harness.session(tags()).await;
    let dance = harness.begin("notion", &token, &[]).await;
    let page = harness.http.get(dance.location.clone()).send().await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("form-action 'self' app.patchbay.desktop:;"), "{policy}");
    let redirect = harness.consent(&dance.location, "approve", "alex").await;
    assert!(redirect.as_str().starts_with("app.patchbay.desktop://oauth/callback?code="), "{redirect}");
    assert_eq!(harness.forward(&redirect, Some(&dance.cookie)).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_javascript_redirect_is_refused() {
    let harness = Harness::start(Options::default()).await;
    let mut url = harness.sandbox.provider_url().join("authorize").unwrap();
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", "c")
        .append_pair("redirect_uri", "javascript:alert(1)");
    assert_eq!(harness.http.get(url).send().await.unwrap().status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_code_needs_its_verifier_and_works_once() {
    let harness = Harness::start(Options::default()).await;
    let provider = harness.sandbox.provider_url().clone();
    let verifier = "a-verifier-that-is-long-enough-to-be-a-verifier";
    // The S256 challenge of the verifier above, computed apart from the code under test.
    let challenge = challenge(verifier);
    let mut location = provider.join("authorize").unwrap();
    location
        .query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", "robot")
        .append_pair("redirect_uri", "http://127.0.0.1:9/back")
        .append_pair("state", "s")
        .append_pair("code_challenge", &challenge)
        .append_pair("code_challenge_method", "S256");
    let exchange = async |verifier: &str, code: &str| {
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", "robot"),
            ("redirect_uri", "http://127.0.0.1:9/back"),
            ("code", code),
            ("code_verifier", verifier),
        ];
        harness.http.post(provider.join("token").unwrap()).form(&form).send().await.unwrap().status()
    };
    let code = async || {
        let redirect = harness.consent(&location, "approve", "sam").await;
        redirect.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned()
    };
    assert_eq!(exchange("another", &code().await).await, StatusCode::BAD_REQUEST, "the wrong verifier");
    let good = code().await;
    assert_eq!(exchange(verifier, &good).await, StatusCode::OK);
    assert_eq!(exchange(verifier, &good).await, StatusCode::BAD_REQUEST, "the same code again");
}

fn challenge(verifier: &str) -> String {
    use base64::Engine as _;
    use sha2::Digest as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(sha2::Sha256::digest(verifier))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_three_simultaneous_callbacks_one_succeeds() {
    let harness = Harness::start(Options::default()).await;
    let token = harness.session(tags()).await;
    let dance = harness.begin("github", &token, &[]).await;
    let redirect = harness.consent(&dance.location, "approve", "alex").await;
    let forward = || async { harness.forward(&redirect, Some(&dance.cookie)).await.status().as_u16() };
    let (one, two, three) = tokio::join!(forward(), forward(), forward());
    let mut statuses = [one, two, three];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400, 400]);
    assert_eq!(harness.sandbox.connections().len(), 1);
}

#[tokio::test]
async fn a_socket_gets_one_message_and_then_nothing() {
    let harness = Harness::start(Options::default()).await;
    let (mut socket, acknowledgement) = harness.websocket().await;
    let id = acknowledgement["ws_client_id"].as_str().unwrap().to_owned();
    harness.connect("github", tags(), &[("ws_client_id", &id)]).await;
    let message = socket.message().await.unwrap();
    assert_eq!(message["message_type"], "success");
    assert_eq!(message["connection_id"], harness.sandbox.connections()[0].id.as_str());
    harness.connect("github", tags(), &[("ws_client_id", &id)]).await;
    assert!(socket.is_quiet().await, "a second dance with the same id says nothing");
}

#[tokio::test]
async fn every_browser_mode_of_the_catalogue_finishes() {
    let harness = Harness::start(Options { rate_limit_per_minute: None, ..Options::default() }).await;
    let rsa = "-----BEGIN RSA PRIVATE KEY-----\nx\n-----END RSA PRIVATE KEY-----";
    let app = json!({ "app_id": "1", "app_link": "https://x.test", "private_key": rsa });
    let modes = [
        ("trello", "trello", Value::Null, false),
        ("github-app", "app", with(&app, json!({ "type": "APP" })), false),
        (
            "github-app-oauth",
            "custom",
            with(&app, json!({ "type": "CUSTOM", "client_id": "c", "client_secret": "s" })),
            false,
        ),
        ("linear-mcp", "mcp", Value::Null, false),
        ("mcp-generic", "mcp-generic", Value::Null, false),
        ("sandbox-plugin", "plugin", Value::Null, true),
    ];
    for (provider, key, credentials, pending) in modes {
        if provider != key || !harness.sandbox.integrations().iter().any(|found| found.unique_key == key) {
            let mut body = json!({ "provider": provider, "unique_key": key });
            if !credentials.is_null() {
                body["credentials"] = credentials;
            }
            let made = harness.keyed(Method::POST, "/integrations").json(&body).send().await.unwrap();
            assert_eq!(made.status(), StatusCode::OK, "{provider}: {}", made.text().await.unwrap());
        }
        let (mut socket, acknowledgement) = harness.websocket().await;
        let id = acknowledgement["ws_client_id"].as_str().unwrap().to_owned();
        let extra = [("ws_client_id", id.as_str()), ("params[mcp_server_url]", "https://mcp.example.test/")];
        harness.connect(key, tags(), &extra).await;
        let message = socket.message().await.unwrap();
        assert_eq!(
            (&message["message_type"], &message["is_pending"]),
            (&json!("success"), &json!(pending)),
            "{provider}"
        );
        if !pending {
            let connection = message["connection_id"].as_str().unwrap();
            let answer = harness.proxied(Method::GET, "/who", key, connection).send().await.unwrap();
            let answer: Value = answer.json().await.unwrap();
            assert_eq!(answer["account"]["id"], "acct_alex", "{provider}");
        }
    }
}

fn with(base: &Value, extra: Value) -> Value {
    let mut whole = base.clone();
    if let (Value::Object(whole), Value::Object(extra)) = (&mut whole, extra) {
        whole.extend(extra);
    }
    whole
}

#[tokio::test]
async fn an_installation_can_wait_for_an_administrator() {
    let harness = Harness::start(Options::default()).await;
    let rsa = "-----BEGIN RSA PRIVATE KEY-----\nx\n-----END RSA PRIVATE KEY-----";
    let credentials =
        json!({ "type": "APP", "app_id": "1", "app_link": "https://x.test", "private_key": rsa });
    let body = json!({ "provider": "github-app", "unique_key": "app", "credentials": credentials });
    harness.keyed(Method::POST, "/integrations").json(&body).send().await.unwrap();
    let (mut socket, acknowledgement) = harness.websocket().await;
    let id = acknowledgement["ws_client_id"].as_str().unwrap().to_owned();
    let token = harness.session(tags()).await;
    let mut dance = harness.begin("app", &token, &[("ws_client_id", &id)]).await;
    dance.location.query_pairs_mut().append_pair("admin", "1");
    let redirect = harness.consent(&dance.location, "approve", "alex").await;
    assert_eq!(harness.forward(&redirect, None).await.status(), StatusCode::OK);
    assert_eq!(socket.message().await.unwrap()["is_pending"], true);
}

#[tokio::test]
async fn modes_without_a_browser_connect_and_call() {
    let harness = Harness::start(Options { rate_limit_per_minute: None, ..Options::default() }).await;
    let modes = [
        ("netsuite-tba", "tba", json!({ "token_id": "sam", "token_secret": "s" })),
        ("ghost-admin", "jwt", json!({ "privateKey": "sam:1" })),
        (
            "bill",
            "bill",
            json!({ "username": "sam", "password": "p", "organization_id": "o", "dev_key": "d" }),
        ),
        ("emarsys", "signature", json!({ "username": "sam", "password": "p", "type": "WSSE" })),
        ("aws-sigv4", "aws-sigv4", json!({ "role_arn": "arn:sam" })),
        ("looker", "two-step", json!({ "clientId": "sam", "clientSecret": "s" })),
    ];
    for (provider, kind, body) in modes {
        let key = format!("x-{provider}");
        let mut made = json!({ "provider": provider, "unique_key": key });
        if provider == "netsuite-tba" {
            made["credentials"] = json!({ "type": "TBA", "client_id": "c", "client_secret": "s" });
        }
        let sent = harness.keyed(Method::POST, "/integrations").json(&made).send().await.unwrap();
        assert_eq!(sent.status(), StatusCode::OK, "{provider}");
        let token = harness.session(tags()).await;
        let path = format!("/auth/{kind}/{key}?connect_session_token={token}");
        let sent = harness.request(Method::POST, &path).json(&body).send().await.unwrap();
        assert_eq!(sent.status(), StatusCode::OK, "{provider}: {}", sent.text().await.unwrap());
        let id = harness.sandbox.connections()[0].id.clone();
        let answer: Value =
            harness.proxied(Method::GET, "/who", &key, &id).send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["account"]["id"], "acct_sam", "{provider}: {answer}");
    }
}
