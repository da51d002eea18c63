//! The three ways home, each sufficient alone; and what happens when the server goes away in the middle.

use std::time::Duration;

use nango_sandbox::{Fault, FaultAction, FaultMatcher, Options};
use patchbay_core::attempt::Method;
use patchbay_engine::Answers;
use patchbay_ipc::*;

use crate::harness::{Decision, Harness, count, decide, deletions, quick, sandbox, sandbox_with, until};

fn fault(path: &str, action: FaultAction) -> Vec<Fault> {
    vec![Fault { matcher: FaultMatcher { method: None, path_prefix: path.to_owned() }, times: None, action }]
}

#[tokio::test]
async fn the_browser_does_it_all_and_the_websocket_tells() {
    let options = Options { enforce_state_cookie: true, ..Options::default() };
    let sandbox = sandbox_with(options).await;
    let mut timings = quick();
    timings.look_beside_socket = Duration::from_secs(60);
    let harness = Harness::with(timings).await;
    harness.save(sandbox.base_url(), sandbox.api_key()).await.expect("a profile");
    let attempt = harness.start("github").await;
    let page = harness.page(attempt.id).await;
    assert_eq!(harness.attempt(attempt.id).await.method, Method::Browser);
    decide(&page, Decision::Approve("sam")).await;
    harness.reaches(attempt.id, Phase::Connected).await;
    assert_eq!(sandbox.connections().len(), 1);
    harness.secrets_are_cleared().await;
    until("the spent session to be deleted", || async {
        (count(&sandbox, "DELETE", "/connect/session") == 1).then_some(())
    })
    .await;
}

#[tokio::test]
async fn denied_in_the_browser() {
    let sandbox = sandbox_with(Options::default()).await;
    let harness = Harness::on(&sandbox).await;
    let attempt = harness.start("github").await;
    decide(&harness.page(attempt.id).await, Decision::Deny).await;
    harness.reaches(attempt.id, Phase::Refused).await;
    assert!(harness.connections().await.is_empty());
}

#[tokio::test]
async fn the_websocket_is_cut_and_asking_finds_it() {
    let sandbox = sandbox_with(Options::default()).await;
    let harness = Harness::on(&sandbox).await;
    let attempt = harness.start("github").await;
    let page = harness.page(attempt.id).await;
    sandbox.drop_websockets();
    decide(&page, Decision::Approve("alex")).await;
    let view = harness.reaches(attempt.id, Phase::Connected).await;
    assert!(view.steps.iter().any(|step| step.words.contains("asking instead")), "{:?}", view.steps);
}

#[tokio::test]
async fn the_message_is_lost_and_asking_finds_it() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    sandbox.set_faults(fault("/oauth/callback", FaultAction::NoWebsocketMessage));
    harness.connect("github", "alex").await;
}

#[tokio::test]
async fn without_the_right_to_list_the_websocket_is_enough() {
    let sandbox = sandbox().await;
    let key = sandbox.create_api_key(&[
        "environment:connect_sessions:write",
        "environment:connections:read",
        "environment:connections:update",
        "environment:connections:delete",
        "environment:integrations:list",
        "environment:proxy",
    ]);
    let harness = Harness::new().await;
    let overview = harness.save(sandbox.base_url(), &key).await.expect("a profile");
    let check = overview.profile.and_then(|profile| profile.check).expect("checked");
    assert!(check.all_well, "{check:#?}");
    harness.connect("github", "alex").await;
    assert_eq!(count(&sandbox, "GET", "/connections?"), 0);
    let failure = harness.engine.answer(SyncConnections {}).await.expect_err("it may not list");
    assert_eq!(failure.code, Code::MissingScope);
}

#[tokio::test]
async fn nango_goes_away_before_the_answer_comes_and_returns() {
    let mut sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let attempt = harness.start("github").await;
    let link = decide(&harness.page(attempt.id).await, Decision::Approve("alex")).await;
    sandbox.stop_nango().await;
    harness.engine.on_deep_link(link.as_str()).await;
    until("the answer to wait for Nango", || async {
        let view = harness.attempt(attempt.id).await;
        view.steps.iter().any(|step| step.words.contains("trying again")).then_some(())
    })
    .await;
    let overview = harness.engine.answer(GetOverview {}).await.expect("an overview");
    assert!(matches!(overview.network, NetworkView::Offline { .. }), "{:?}", overview.network);
    sandbox.restart_nango().await.expect("it starts again");
    harness.reaches(attempt.id, Phase::Connected).await;
    assert_eq!(sandbox.connections().len(), 1);
    until("the window to be told", || async {
        let overview = harness.engine.answer(GetOverview {}).await.expect("an overview");
        (overview.network == NetworkView::Online).then_some(())
    })
    .await;
}

#[tokio::test]
async fn nango_does_not_answer_the_callback_and_is_asked() {
    let sandbox = sandbox().await;
    let mut timings = quick();
    timings.limits.request_timeout = Duration::from_millis(300);
    let harness = Harness::with(timings).await;
    harness.save(sandbox.base_url(), sandbox.api_key()).await.expect("a profile");
    let attempt = harness.start("github").await;
    let link = decide(&harness.page(attempt.id).await, Decision::Approve("alex")).await;
    sandbox.set_faults(fault("/oauth/callback", FaultAction::Silence(Duration::from_secs(2))));
    harness.engine.on_deep_link(link.as_str()).await;
    let view = harness.reaches(attempt.id, Phase::Failed).await;
    assert!(view.problem.expect("a reason").message.contains("made no connection"));
    until("the silence to end", || async { (count(&sandbox, "GET", "/oauth/callback") > 0).then_some(()) })
        .await;
    assert_eq!(
        count(&sandbox, "GET", "/oauth/callback"),
        1,
        "an answer that may have arrived is not sent again"
    );
}

#[tokio::test]
async fn nobody_comes_back() {
    let sandbox = sandbox().await;
    let mut timings = quick();
    timings.deadlines.browser = jiff::SignedDuration::from_millis(400);
    let harness = Harness::with(timings).await;
    harness.save(sandbox.base_url(), sandbox.api_key()).await.expect("a profile");
    let attempt = harness.start("github").await;
    harness.reaches(attempt.id, Phase::Expired).await;
    harness.secrets_are_cleared().await;
}

#[tokio::test]
async fn the_link_is_pasted() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let attempt = harness.start("github").await;
    let page = harness.page(attempt.id).await;
    let wrong = PasteLink { link: SecretInput::from("not a link".to_owned()) };
    let failure = harness.engine.answer(wrong).await.expect_err("refused");
    assert_eq!(failure.field.as_deref(), Some("link"));
    let link = decide(&page, Decision::Approve("alex")).await;
    let right = PasteLink { link: SecretInput::from(format!(" {link}\n")) };
    assert_eq!(harness.engine.answer(right).await.expect("taken").attempt.id, attempt.id);
    harness.reaches(attempt.id, Phase::Connected).await;
}

#[tokio::test]
async fn cancelled_here_and_approved_in_the_browser_leaves_nothing() {
    let sandbox = sandbox_with(Options::default()).await;
    let harness = Harness::on(&sandbox).await;
    let attempt = harness.start("github").await;
    let page = harness.page(attempt.id).await;
    harness.engine.answer(CancelAttempt { attempt: attempt.id }).await.expect("cancelled");
    decide(&page, Decision::Approve("alex")).await;
    until("the connection to be deleted again", || async {
        (deletions(&sandbox) == 1 && sandbox.connections().is_empty()).then_some(())
    })
    .await;
    assert!(harness.connections().await.is_empty());
}
