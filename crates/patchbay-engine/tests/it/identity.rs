//! Who a connection is, and what a test of it says.

use nango_sandbox::{Fault, FaultAction, FaultMatcher, Sandbox};
use patchbay_core::connection::Health;
use patchbay_engine::Answers;
use patchbay_ipc::*;

use crate::harness::{Harness, all_connections, count, elsewhere, sandbox, target, until};

/// GitHub answers its `whoami` call like this from now on.
fn answer_with(sandbox: &Sandbox, code: u16, body: &str) {
    sandbox.set_provider_faults(vec![Fault {
        matcher: FaultMatcher { method: None, path_prefix: "/api/github/user".into() },
        times: None,
        action: FaultAction::Status { code, body: body.into(), headers: Default::default() },
    }]);
}

#[tokio::test]
async fn it_is_known_after_connecting_and_found_by_its_name() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let connection = harness.connect_known("github", "sam").await;
    let account = connection.account.expect("known");
    assert_eq!((account.id.as_str(), account.name.as_str()), ("acct_sam", "Sam Chen"));
    assert_eq!(account.email.as_deref(), Some("sam@example.test"));
    assert_eq!((connection.health, connection.last_used_at), (Health::Works, None));
    for search in ["sam chen", "SAM@example"] {
        let request = ListConnections {
            narrowing: Narrowing { search: search.into(), ..Default::default() },
            ..all_connections()
        };
        assert_eq!(harness.engine.answer(request).await.expect("a page").matching, 1, "{search}");
    }
}

/// By key, by POST with a body, on another host, and by a path with a query.
#[tokio::test]
async fn it_is_known_for_connectors_of_every_kind() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let by_key = harness.start_with("openai", &[("apiKey", "sk-of-sam")]).await.expect("an attempt");
    harness.reaches(by_key.id, Phase::Connected).await;
    for connector in ["linear", "dropbox", "google-drive", "notion"] {
        harness.connect(connector, "sam").await;
    }
    crate::harness::until("every account", || async {
        let connections = harness.connections().await;
        let is_sam = |connection: &ConnectionView| {
            connection.account.as_ref().is_some_and(|account| account.name == "Sam Chen")
        };
        (connections.len() == 5 && connections.iter().all(is_sam)).then_some(())
    })
    .await;
    let openai = harness.connections().await.into_iter().find(|c| c.label == "OpenAI").expect("one");
    assert_eq!(openai.health, Health::Works, "the key was used, so it works");
}

#[tokio::test]
async fn a_test_says_that_it_works_and_leaves_a_trace() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let connection = harness.connect_known("github", "alex").await;
    let report = harness.test(connection.instance).await;
    assert_eq!((report.outcome, report.answered.as_deref()), (TestOutcome::Works, None), "{report:?}");
    assert_eq!(report.asked.as_deref(), Some("GET /user"));
    assert!(report.sentence.contains("Alex Rivera"), "{}", report.sentence);
    assert!(report.connection.last_used_at.is_some());
    let request = GetConnection { instance: connection.instance };
    let details = harness.engine.answer(request).await.expect("details");
    assert_eq!(details.connection, report.connection);
    let words: Vec<&str> = details.history.iter().map(|line| line.words.as_str()).collect();
    assert_eq!(words, ["Connected here", "Tested"]);
    assert_eq!(details.history[1].detail.as_deref(), Some(report.sentence.as_str()));
}

#[tokio::test]
async fn what_was_taken_back_at_the_provider_needs_a_reconnect() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let connection = harness.connect_known("github", "alex").await;
    sandbox.revoke_grants(connection.connection_id.as_str());
    // Nango tries to renew the access the first time, and waits the second time.
    for _ in 0..2 {
        let report = harness.test(connection.instance).await;
        assert_eq!(report.outcome, TestOutcome::Fails, "{report:?}");
        assert!(report.answered.expect("an answer").starts_with("Nango: "));
        assert!(report.sentence.contains("Test it again"), "{}", report.sentence);
        assert_eq!(report.connection.health, Health::NeedsReconnect);
        assert_eq!(report.connection.last_error, Some(report.sentence));
        assert_eq!(report.connection.account, connection.account, "who it was is kept");
    }
}

#[tokio::test]
async fn the_providers_own_errors_are_told_apart() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let connection = harness.connect_known("github", "alex").await;
    for (code, body, outcome, health) in [
        (403, r#"{"message":"no"}"#, TestOutcome::CannotBeTested, Health::Works),
        (429, r#"{"message":"slow down"}"#, TestOutcome::CannotBeTested, Health::Works),
        (500, "<html>", TestOutcome::Fails, Health::Works),
        (404, "", TestOutcome::Fails, Health::Works),
        (200, r#"{"ok":false,"error":"invalid_auth"}"#, TestOutcome::CannotBeTested, Health::Works),
        (401, r#"{"message":"Bad credentials"}"#, TestOutcome::Fails, Health::NeedsReconnect),
    ] {
        answer_with(&sandbox, code, body);
        let report = harness.test(connection.instance).await;
        assert_eq!((report.outcome, report.connection.health), (outcome, health), "{code}: {report:?}");
        assert!(
            report.answered.as_ref().is_some_and(|said| said.starts_with(&code.to_string())),
            "{report:?}"
        );
        assert_eq!(report.connection.account, connection.account);
    }
    harness.engine.answer(SyncConnections {}).await.expect("a sync");
    assert_eq!(
        harness.connection().await.health,
        Health::NeedsReconnect,
        "a list without errors mends nothing"
    );
    sandbox.clear_faults();
    assert_eq!(harness.test(connection.instance).await.connection.health, Health::Works);
}

#[tokio::test]
async fn the_answer_of_a_stranger_is_shown_without_its_secrets() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let connection = harness.connect_known("github", "alex").await;
    let body = r#"{"message":"Token sk-1234567890abcdefghij1234 is unknown","token":"also-a-secret-0123"}"#;
    answer_with(&sandbox, 401, body);
    let report = harness.test(connection.instance).await;
    assert_eq!(report.answered.as_deref(), Some("401: Token — is unknown"));
}

#[tokio::test]
async fn without_a_call_or_the_right_to_make_it_nothing_is_asked() {
    let sandbox = sandbox().await;
    let key = sandbox.create_api_key(&[
        "environment:connect_sessions:write",
        "environment:integrations:list",
        "environment:connections:list",
    ]);
    let harness = Harness::new().await;
    harness.save(sandbox.base_url(), &key).await.expect("a profile");
    harness.connect("github", "alex").await;
    let probes = count(&sandbox, "GET", "/proxy");
    let before = harness.connection().await;
    let report = harness.test(before.instance).await;
    assert_eq!((report.outcome, &report.asked), (TestOutcome::CannotBeTested, &None));
    assert!(report.sentence.contains("environment:proxy"), "{}", report.sentence);
    assert_eq!(report.connection, before, "nothing is changed");
    assert_eq!(count(&sandbox, "GET", "/proxy"), probes);

    let harness = Harness::on(&sandbox).await;
    let fields = [("apiKey", "sk-ant-good")];
    let attempt = harness.start_with("anthropic-claude", &fields).await.expect("an attempt");
    harness.reaches(attempt.id, Phase::Connected).await;
    let report = harness.test(attempt.instance).await;
    assert_eq!((report.outcome, report.connection.health), (TestOutcome::CannotBeTested, Health::Unknown));
    assert!(report.sentence.contains("knows no call"), "{}", report.sentence);
}

#[tokio::test]
async fn an_unreachable_nango_says_nothing_of_the_connection() {
    let mut sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let before = harness.connect_known("github", "alex").await;
    sandbox.stop_nango().await;
    let request = TestConnection { instance: before.instance };
    let failure = harness.engine.answer(request).await.expect_err("nobody answers");
    assert_eq!(failure.code, Code::Unreachable);
    assert_eq!(harness.connection().await, before);
}

#[tokio::test]
async fn what_was_deleted_elsewhere_is_found_gone() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let connection = harness.connect_known("github", "alex").await;
    let id = connection.connection_id.as_str();
    elsewhere(&sandbox).delete_connection(id, "github").await.expect("deleted");
    let report = harness.test(connection.instance).await;
    assert_eq!((report.outcome, report.connection.health), (TestOutcome::Fails, Health::Gone), "{report:?}");
}

/// The provider does not answer for a while: Nango takes that for broken credentials and tries no renewal for half a
/// minute. A key that may ask for one at once is answered at once; another one has to wait. Nothing is reconnected.
#[tokio::test]
async fn after_an_outage_trying_again_is_enough() {
    for (scopes, at_once) in [(None, true), (Some(NARROW), false)] {
        let sandbox = sandbox().await;
        let key =
            scopes.map_or_else(|| sandbox.api_key().to_owned(), |scopes| sandbox.create_api_key(scopes));
        let harness = Harness::new().await;
        harness.save(sandbox.base_url(), &key).await.expect("a profile");
        let instance = harness.connect_known("github", "alex").await.instance;
        sandbox.advance_clock(std::time::Duration::from_secs(24 * 3600));
        sandbox.set_provider_faults(vec![Fault {
            matcher: FaultMatcher { method: Some("POST".into()), path_prefix: String::new() },
            times: None,
            action: FaultAction::Status { code: 503, body: "down".into(), headers: Default::default() },
        }]);
        let report = harness.test(instance).await;
        assert_eq!(report.outcome, TestOutcome::Fails, "{}", report.sentence);
        assert!(report.connection.try_again_first, "{}", report.sentence);

        sandbox.clear_faults();
        let report = harness.test(instance).await;
        assert_eq!(report.outcome == TestOutcome::Works, at_once, "{}", report.sentence);
        sandbox.advance_clock(std::time::Duration::from_secs(31));
        let report = harness.test(instance).await;
        assert_eq!(report.outcome, TestOutcome::Works, "{}", report.sentence);
        assert_eq!((report.connection.health, report.connection.try_again_first), (Health::Works, false));
    }
}

/// What a key needs, and nothing that reads credentials.
const NARROW: &[&str] = &[
    "environment:connect_sessions:write",
    "environment:connections:list",
    "environment:connections:read",
    "environment:connections:update",
    "environment:connections:delete",
    "environment:integrations:list",
    "environment:proxy",
];

/// The provider's template has one made-up address for all: the entered one is kept by Nango, and called.
#[tokio::test]
async fn a_server_of_ones_own_is_asked_at_its_address() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    // An integration of its own, by which other machines know the connector.
    let set_up = SetUpIntegration {
        target: target("jenkins"),
        key: "jenkins".into(),
        client_id: String::new(),
        client_secret: SecretInput::default(),
        scopes: String::new(),
    };
    harness.engine.answer(set_up).await.expect("set up");
    let bad = harness.start_with("jenkins", &[("base_url", "ci.example.com"), ("username", "alex")]).await;
    assert_eq!(bad.expect_err("not an address").field.as_deref(), Some("base_url"));
    let fields = [("base_url", "https://ci.example.com"), ("username", "alex"), ("password", "token")];
    let attempt = harness.start_with("jenkins", &fields).await.expect("an attempt");
    harness.reaches(attempt.id, Phase::Connected).await;
    let known = harness.settles("whose account it is", |connection| connection.account.is_some()).await;
    let report = harness.test(known.instance).await;
    assert_eq!(report.outcome, TestOutcome::Works, "{}", report.sentence);
    assert_eq!(report.asked.as_deref(), Some("GET https://ci.example.com/me/api/json"));

    // Another machine learns the address from Nango; a sync brings the connection, and a test asks.
    let other = Harness::on(&sandbox).await;
    let found = until("the first sync", || async { other.connections().await.pop() }).await;
    assert_eq!(found.connector, known.connector);
    let report = other.test(found.instance).await;
    assert_eq!(report.outcome, TestOutcome::Works, "{}", report.sentence);
    assert_eq!(report.asked.as_deref(), Some("GET https://ci.example.com/me/api/json"));
}

#[tokio::test]
async fn a_server_that_nobody_has_named_cannot_be_asked_until_a_reconnect() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let client = elsewhere(&sandbox);
    let session = client
        .create_connect_session(&nango_client::NewSession {
            end_user: None,
            organization: None,
            tags: [("made".to_owned(), "elsewhere".to_owned())].into(),
            allowed_integrations: Vec::new(),
            defaults: Default::default(),
        })
        .await
        .expect("a session");
    let new = nango_client::NewIntegration {
        provider: "private-api-basic".into(),
        unique_key: "jenkins".into(),
        display_name: None,
        forward_webhooks: None,
        credentials: None,
    };
    client.create_integration(&new).await.expect("made");
    let credentials = [("username", secrecy::SecretString::from("sam"))].into_iter().collect();
    let mode = nango_client::AuthMode::Basic;
    client
        .authorize_with_fields(&mode, "jenkins", &session.token, &[], &credentials)
        .await
        .expect("connected");

    // The first one, which saving the profile has begun, may still be under way.
    until("a sync", || async { harness.engine.answer(SyncConnections {}).await.ok() }).await;
    let found = harness.connection().await;
    let report = harness.test(found.instance).await;
    assert_eq!(report.outcome, TestOutcome::CannotBeTested);
    assert!(report.sentence.contains("Reconnect it to enter the address"), "{}", report.sentence);
    let fields = [("base_url", "https://ci.example.com"), ("username", "sam")];
    let attempt = harness.start_reconnect(found.instance, &fields).await.expect("an attempt");
    harness.reaches(attempt.id, Phase::Connected).await;
    assert_eq!(harness.test(found.instance).await.outcome, TestOutcome::Works);
}
