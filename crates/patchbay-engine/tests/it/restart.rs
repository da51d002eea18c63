//! The application ends at any instant and is started again.

use std::time::Duration;

use nango_sandbox::{Fault, FaultAction, FaultMatcher, Options};
use patchbay_ipc::*;

use crate::harness::{Decision, Harness, count, decide, sandbox, sandbox_with, until};

fn hold(path: &str) -> Vec<Fault> {
    vec![Fault {
        matcher: FaultMatcher { method: None, path_prefix: path.to_owned() },
        times: Some(1),
        action: FaultAction::Silence(Duration::from_secs(5)),
    }]
}

#[tokio::test]
async fn while_the_person_is_at_the_provider() {
    let sandbox = sandbox().await;
    let mut harness = Harness::on(&sandbox).await;
    let attempt = harness.start("github").await;
    let page = harness.page(attempt.id).await;
    harness.crash_and_start().await;
    let link = decide(&page, Decision::Approve("alex")).await;
    harness.engine.on_deep_link(link.as_str()).await;
    let view = harness.reaches(attempt.id, Phase::Connected).await;
    assert!(view.steps.iter().any(|step| step.words.contains("restart")), "{:?}", view.steps);
    assert_eq!(sandbox.connections().len(), 1);
    assert_eq!(harness.connections().await.len(), 1);
    harness.secrets_are_cleared().await;
}

#[tokio::test]
async fn while_the_session_is_being_made() {
    let sandbox = sandbox().await;
    let mut harness = Harness::on(&sandbox).await;
    sandbox.set_faults(hold("/connect/sessions"));
    let attempt = harness.start("github").await;
    assert_eq!(attempt.phase, Phase::Starting);
    harness.crash_and_start().await;
    let view = harness.reaches(attempt.id, Phase::Failed).await;
    assert_eq!(view.words, "Interrupted");
    harness.secrets_are_cleared().await;
}

/// The answer had not reached Nango: it is forwarded from the keyring, after Nango was asked.
#[tokio::test]
async fn while_the_answer_is_being_forwarded_in_vain() {
    let sandbox = sandbox().await;
    let mut harness = Harness::on(&sandbox).await;
    let attempt = harness.start("github").await;
    let link = decide(&harness.page(attempt.id).await, Decision::Approve("alex")).await;
    sandbox.set_faults(hold("/oauth/callback"));
    harness.engine.on_deep_link(link.as_str()).await;
    harness.reaches(attempt.id, Phase::Forwarding).await;
    harness.crash_and_start().await;
    harness.reaches(attempt.id, Phase::Connected).await;
    assert_eq!(sandbox.connections().len(), 1);
    assert_eq!(harness.connections().await.len(), 1);
    harness.secrets_are_cleared().await;
}

/// The answer had reached Nango: asking finds the connection, and nothing is sent again.
#[tokio::test]
async fn while_the_answer_is_being_taken() {
    let sandbox = sandbox().await;
    let mut harness = Harness::on(&sandbox).await;
    let attempt = harness.start("github").await;
    let link = decide(&harness.page(attempt.id).await, Decision::Approve("alex")).await;
    // Nango makes the connection, and nobody hears of it.
    sandbox.set_faults(vec![
        Fault {
            matcher: FaultMatcher { method: None, path_prefix: "/connections".into() },
            times: None,
            action: FaultAction::Status { code: 503, body: "{}".into(), headers: Default::default() },
        },
        Fault {
            matcher: FaultMatcher { method: None, path_prefix: "/oauth/callback".into() },
            times: None,
            action: FaultAction::NoWebsocketMessage,
        },
    ]);
    harness.engine.on_deep_link(link.as_str()).await;
    harness.reaches(attempt.id, Phase::AwaitingConnection).await;
    harness.crash_and_start().await;
    sandbox.clear_faults();
    harness.reaches(attempt.id, Phase::Connected).await;
    assert_eq!(count(&sandbox, "GET", "/oauth/callback"), 1);
    assert_eq!(sandbox.connections().len(), 1);
}

#[tokio::test]
async fn while_the_browser_does_it_all() {
    let sandbox = sandbox_with(Options::default()).await;
    let mut harness = Harness::on(&sandbox).await;
    let attempt = harness.start("github").await;
    let page = harness.page(attempt.id).await;
    harness.crash_and_start().await;
    decide(&page, Decision::Approve("alex")).await;
    harness.reaches(attempt.id, Phase::Connected).await;
    assert_eq!(harness.connections().await.len(), 1);
}

#[tokio::test]
async fn while_a_form_is_being_checked() {
    let sandbox = sandbox().await;
    let mut harness = Harness::on(&sandbox).await;
    sandbox.set_faults(hold("/api-auth"));
    let attempt = harness.start_with("openai", &[("apiKey", "sk-good")]).await.expect("an attempt");
    harness.reaches(attempt.id, Phase::AwaitingConnection).await;
    harness.crash_and_start().await;
    let view = harness.reaches(attempt.id, Phase::Failed).await;
    assert!(view.problem.expect("a reason").message.contains("made no connection"));
    assert!(sandbox.connections().is_empty(), "a form is never sent twice");
}

/// Without the right to list there is no way to learn the id after a restart; that is said, not guessed.
#[tokio::test]
async fn without_the_right_to_list() {
    let sandbox = sandbox().await;
    let key = sandbox.create_api_key(&[
        "environment:connect_sessions:write",
        "environment:connections:delete",
        "environment:integrations:list",
    ]);
    let mut harness = Harness::new().await;
    harness.save(sandbox.base_url(), &key).await.expect("a profile");
    let attempt = harness.start("github").await;
    let page = harness.page(attempt.id).await;
    harness.crash_and_start().await;
    let view = harness.reaches(attempt.id, Phase::Failed).await;
    assert!(view.problem.expect("a reason").message.contains("no way to learn"));
    let link = decide(&page, Decision::Approve("alex")).await;
    harness.engine.on_deep_link(link.as_str()).await;
    assert!(sandbox.connections().is_empty(), "the pending dance was ended at Nango");
}

#[tokio::test]
async fn with_the_server_down_and_up_again_later() {
    let mut sandbox = sandbox().await;
    let mut harness = Harness::on(&sandbox).await;
    let attempt = harness.start("github").await;
    let link = decide(&harness.page(attempt.id).await, Decision::Approve("alex")).await;
    sandbox.stop_nango().await;
    harness.engine.on_deep_link(link.as_str()).await;
    harness.reaches(attempt.id, Phase::Forwarding).await;
    harness.crash_and_start().await;
    until("a look in vain", || async {
        let view = harness.attempt(attempt.id).await;
        view.steps.iter().any(|step| step.words == "Nango could not be asked").then_some(())
    })
    .await;
    sandbox.restart_nango().await.expect("it starts again");
    harness.reaches(attempt.id, Phase::Connected).await;
    assert_eq!(sandbox.connections().len(), 1);
}
