//! Profiles: what is refused leaves nothing behind, and nothing of one is seen in another.

use nango_sandbox::{Fault, FaultAction, FaultMatcher};
use patchbay_engine::Answers;
use patchbay_ipc::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;

use crate::harness::{Harness, profile_form, sandbox, target, until};

async fn nothing_is_saved(harness: &Harness) {
    let overview = harness.engine.answer(GetOverview {}).await.expect("an overview");
    assert!(overview.profile.is_none() && overview.profiles.is_empty(), "{overview:#?}");
    assert!(harness.secrets.names().is_empty(), "{:?}", harness.secrets.names());
}

/// A web server that is not Nango.
async fn web_page() -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 4096];
                drop(stream.read(&mut request).await);
                let page =
                    "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 15\r\n\r\n<html>Hi</html>";
                drop(stream.write_all(page.as_bytes()).await);
            });
        }
    });
    Url::parse(&format!("http://{address}/")).expect("a URL")
}

#[tokio::test]
async fn bad_input_is_a_sentence_and_nothing_is_saved() {
    let sandbox = sandbox().await;
    let good_url = sandbox.base_url().to_string();
    let unused = {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        format!("http://{}/", listener.local_addr().expect("an address"))
    };
    let page = web_page().await.to_string();
    let stranger = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff";
    let no_scopes = sandbox.create_api_key(&["environment:logs:read"]);
    let harness = Harness::new().await;
    let mut said = Vec::new();
    for (what, url, key, code) in [
        ("no address", "nango", sandbox.api_key(), Code::InvalidInput),
        ("another scheme", "ftp://example.test", sandbox.api_key(), Code::InvalidInput),
        ("a malformed key", &good_url, "secret", Code::InvalidInput),
        ("an unknown key", &good_url, stranger, Code::KeyRefused),
        ("a key without scopes", &good_url, &no_scopes, Code::MissingScope),
        ("a server that is down", &unused, sandbox.api_key(), Code::Unreachable),
        ("a server that is not Nango", &page, sandbox.api_key(), Code::UnexpectedAnswer),
    ] {
        let failure = harness.engine.answer(profile_form(url, key)).await.expect_err(what);
        assert_eq!(failure.code, code, "{what}: {failure:?}");
        assert!(failure.field.is_some(), "{what}: it says which field");
        nothing_is_saved(&harness).await;
        said.push(format!("{what}\n  {}\n  {}", failure.message, failure.hint));
    }
    insta::assert_snapshot!(said.join("\n"));
}

#[tokio::test]
async fn a_server_that_is_down_can_be_saved_on_purpose() {
    let harness = Harness::new().await;
    let mut form = profile_form("http://127.0.0.1:9/", "6f9619ff-8b86-4d01-b42d-00cf4fc964ff");
    form.accept_problems = true;
    let overview = harness.engine.answer(form).await.expect("saved");
    assert_eq!(overview.profile.expect("a profile").key, KeyPresence::Stored);
}

#[tokio::test]
async fn a_narrow_key_is_told_what_it_lacks() {
    let sandbox = sandbox().await;
    let key =
        sandbox.create_api_key(&["environment:connect_sessions:write", "environment:integrations:list"]);
    let harness = Harness::new().await;
    let overview = harness.save(sandbox.base_url(), &key).await.expect("saved with a warning");
    let check = overview.profile.and_then(|profile| profile.check).expect("checked");
    assert!(!check.all_well);
    assert!(check.summary.contains("lacks 4"), "{}", check.summary);
}

#[tokio::test]
async fn nothing_of_one_profile_is_seen_in_another() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let attempt = harness.connect("github", "alex").await;
    let instance = harness.connections().await[0].instance;
    let first = harness.engine.answer(GetOverview {}).await.expect("one").profile.expect("a profile").id;

    let other = crate::harness::sandbox().await;
    harness.save(other.base_url(), other.api_key()).await.expect("a second profile");
    assert!(harness.connections().await.is_empty());
    let overview = harness.engine.answer(GetOverview {}).await.expect("an overview");
    assert_eq!(overview.profiles.len(), 2);
    assert_eq!((overview.connections, overview.open_attempts.len()), (0, 0));
    let attempts = harness.engine.answer(ListAttempts { offset: 0, limit: 10 }).await.expect("a page");
    assert_eq!(attempts.total, 0);
    for code in [
        harness.engine.answer(GetAttempt { attempt: attempt.id }).await.expect_err("not ours").code,
        harness.engine.answer(CancelAttempt { attempt: attempt.id }).await.expect_err("not ours").code,
        harness.engine.answer(PlanDisconnect { instance }).await.expect_err("not ours").code,
        harness.engine.answer(DisconnectConnection { instance }).await.expect_err("not ours").code,
        harness
            .engine
            .answer(RenameConnection { instance, label: "x".into() })
            .await
            .expect_err("not ours")
            .code,
    ] {
        assert_eq!(code, Code::NotFound);
    }
    harness.engine.answer(SwitchProfile { profile: first }).await.expect("back again");
    assert_eq!(harness.connections().await.len(), 1);
}

#[tokio::test]
async fn switched_off_nothing_touches_the_network() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    harness.connect("github", "alex").await;
    let id = harness.engine.answer(GetOverview {}).await.expect("one").profile.expect("a profile").id;
    let mut form = profile_form(sandbox.base_url().as_str(), sandbox.api_key());
    (form.profile, form.api_key, form.enabled) = (Some(id), None, false);
    let overview = harness.engine.answer(form).await.expect("saved");
    assert_eq!(overview.network, NetworkView::Disabled { by_environment: false });
    let before = sandbox.requests().len();
    assert_eq!(harness.connections().await.len(), 1, "everything stored can be read");
    let instance = harness.connections().await[0].instance;
    harness.engine.answer(RenameConnection { instance, label: "renamed".into() }).await.expect("and edited");
    let failure = harness.engine.answer(SyncConnections {}).await.expect_err("switched off");
    assert_eq!(failure.code, Code::Disabled);
    let plan = PlanConnection { target: target("github"), integration: None };
    assert_eq!(harness.engine.answer(plan).await.expect_err("switched off").code, Code::Disabled);
    assert_eq!(sandbox.requests().len(), before);
}

#[tokio::test]
async fn deleting_a_profile_forgets_its_rows_and_keys() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    harness.connect("github", "alex").await;
    let open = harness.start("gitlab").await;
    drop(open);
    let id = harness.engine.answer(GetOverview {}).await.expect("one").profile.expect("a profile").id;
    harness.engine.answer(DeleteProfile { profile: id }).await.expect("deleted");
    nothing_is_saved(&harness).await;
    assert_eq!(sandbox.connections().len(), 1, "nothing is deleted at Nango");
}

#[tokio::test]
async fn the_sandbox_inside_keeps_what_it_held() {
    let mut harness = Harness::new().await;
    let overview = harness.engine.answer(TryWithoutAccount {}).await.expect("a sandbox");
    assert_eq!(overview.profile.expect("a profile").name, "Sandbox");
    harness.connect("github", "work-team").await;
    harness.crash_and_start().await;
    let connections = harness.connections().await;
    assert_eq!(connections.len(), 1);
    let report = harness
        .engine
        .answer(DisconnectConnection { instance: connections[0].instance })
        .await
        .expect("a report");
    assert_eq!(report.at_nango, AtNango::Deleted, "the sandbox still knew it");
    assert!(harness.connections().await.is_empty());
}

#[tokio::test]
async fn a_refresh_that_fails_is_shown_beside_the_connectors() {
    let sandbox = sandbox().await;
    sandbox.set_faults(vec![Fault {
        matcher: FaultMatcher { method: Some("GET".into()), path_prefix: "/integrations".into() },
        times: None,
        action: FaultAction::Status { code: 429, body: "{}".into(), headers: Default::default() },
    }]);
    let harness = Harness::new().await;
    harness.save(sandbox.base_url(), sandbox.api_key()).await.expect("the scopes that answered are known");
    until("the failed refresh to be shown", || async {
        let list = harness.engine.answer(ListConnectors {}).await.expect("a list");
        assert_eq!(list.connectors.len(), 99);
        list.problem
    })
    .await;
}
