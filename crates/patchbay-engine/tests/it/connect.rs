//! One attempt, by deep link or form: approved, denied, cancelled, attacked.

use std::time::Duration;

use nango_sandbox::{Fault, FaultAction, FaultMatcher, Options};
use patchbay_engine::Answers;
use patchbay_ipc::*;

use crate::harness::{DEEP_LINK, Decision, Harness, count, decide, deletions, sandbox, sandbox_with, until};

/// With one connect session, one connect, one callback and at most one read.
#[tokio::test]
async fn a_deep_link_needs_few_calls() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    until("the first sync", || async {
        let overview = harness.engine.answer(GetOverview {}).await.expect("an overview");
        overview.profile.and_then(|profile| profile.last_synced_at)
    })
    .await;
    let before = sandbox.requests().len();
    let attempt = harness.connect("github", "alex").await;
    harness.secrets_are_cleared().await;

    let calls: Vec<String> = sandbox.requests()[before..]
        .iter()
        .map(|request| format!("{} {}", request.method, request.path.split("/github").next().unwrap_or("")))
        .filter(|call| call != "GET /providers")
        .collect();
    assert_eq!(calls.iter().filter(|call| *call == "POST /connect/sessions").count(), 1, "{calls:?}");
    assert_eq!(calls.iter().filter(|call| call.starts_with("GET /oauth/connect")).count(), 1, "{calls:?}");
    assert_eq!(calls.iter().filter(|call| call.starts_with("GET /oauth/callback")).count(), 1, "{calls:?}");
    let reads = calls.iter().filter(|c| c.starts_with("GET /connect/session") || c.starts_with("GET /conn"));
    assert!(reads.count() <= 1, "{calls:?}");

    let connections = harness.connections().await;
    assert_eq!(connections.len(), 1);
    assert_eq!(connections[0].instance, attempt.instance);
    assert_eq!(connections[0].label, "GitHub");
    let at_nango = sandbox.connections();
    assert_eq!(at_nango.len(), 1);
    assert_eq!(at_nango[0].id, connections[0].connection_id.as_str());
    assert_eq!(at_nango[0].tags["patchbay_attempt"], attempt.id.to_string());
    assert_eq!(at_nango[0].tags["patchbay_instance"], attempt.instance.to_string());
    assert_eq!(at_nango[0].tags["end_user_id"], "alex");
}

#[tokio::test]
async fn two_accounts_of_one_connector_get_labels_of_their_own() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    harness.connect("github", "alex").await;
    harness.connect("github", "sam").await;
    let mut labels: Vec<String> = harness.connections().await.into_iter().map(|c| c.label).collect();
    labels.sort();
    assert_eq!(labels, ["GitHub", "GitHub 2"]);
}

#[tokio::test]
async fn denied_at_the_provider() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let attempt = harness.start("github").await;
    let link = decide(&harness.page(attempt.id).await, Decision::Deny).await;
    harness.engine.on_deep_link(link.as_str()).await;
    let view = harness.reaches(attempt.id, Phase::Refused).await;
    assert!(view.problem.expect("a reason").message.contains("GitHub"));
    assert!(harness.connections().await.is_empty());
    assert!(sandbox.connections().is_empty());
    harness.secrets_are_cleared().await;
    until("the refusal to be forwarded", || async {
        (count(&sandbox, "GET", "/oauth/callback") == 1).then_some(())
    })
    .await;
}

#[tokio::test]
async fn with_the_state_cookie_enforced() {
    let options = Options {
        callback_url: Some(DEEP_LINK.to_owned()),
        enforce_state_cookie: true,
        ..Options::default()
    };
    let sandbox = sandbox_with(options).await;
    let harness = Harness::on(&sandbox).await;
    harness.connect("github", "alex").await;
    assert_eq!(sandbox.connections().len(), 1);
}

#[tokio::test]
async fn a_link_counts_once_and_a_late_one_is_told_once() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let attempt = harness.start("github").await;
    let link = decide(&harness.page(attempt.id).await, Decision::Approve("alex")).await;
    for _ in 0..5 {
        harness.engine.on_deep_link(link.as_str()).await;
    }
    harness.reaches(attempt.id, Phase::Connected).await;
    drop(harness.engine.take_notices());
    for _ in 0..5 {
        harness.engine.on_deep_link(link.as_str()).await;
    }
    assert_eq!(count(&sandbox, "GET", "/oauth/callback"), 1, "the answer was forwarded once");
    assert_eq!(sandbox.connections().len(), 1);
    let view = harness.attempt(attempt.id).await;
    let late = view.steps.iter().filter(|step| step.words.contains("ignored")).count();
    assert_eq!(late, 1, "told once in the timeline: {:?}", view.steps);
    assert!(harness.engine.take_notices().len() <= 1, "and at most once to the person");
}

#[tokio::test]
async fn links_that_belong_to_nothing_change_nothing() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let attempt = harness.start("github").await;
    harness.page(attempt.id).await;
    let endless = format!("app.patchbay.desktop://oauth/callback?{}", "x".repeat(100_000));
    for link in [
        "app.patchbay.desktop://oauth/callback?code=x&state=3b241101-e2bb-11f0-8de9-0242ac120002",
        "app.patchbay.desktop://oauth/callback?code=x",
        "app.patchbay.desktop://evil",
        "https://example.test/",
        "\u{0}",
        &endless,
    ] {
        harness.engine.on_deep_link(link).await;
    }
    assert_eq!(harness.attempt(attempt.id).await.phase, Phase::AwaitingBrowser);
    assert_eq!(count(&sandbox, "GET", "/oauth/callback"), 0);
    assert!(!harness.engine.take_notices().is_empty(), "the person is told");
}

#[tokio::test]
async fn a_cancelled_attempt_stays_cancelled() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let attempt = harness.start("github").await;
    let page = harness.page(attempt.id).await;
    let view = harness.engine.answer(CancelAttempt { attempt: attempt.id }).await.expect("cancelled");
    assert_eq!(view.phase, Phase::Cancelled);
    harness.secrets_are_cleared().await;
    let link = decide(&page, Decision::Approve("alex")).await;
    harness.engine.on_deep_link(link.as_str()).await;
    assert_eq!(harness.attempt(attempt.id).await.phase, Phase::Cancelled);
    assert!(sandbox.connections().is_empty());
}

#[tokio::test]
async fn cancelled_while_the_answer_is_on_its_way() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let attempt = harness.start("github").await;
    let link = decide(&harness.page(attempt.id).await, Decision::Approve("alex")).await;
    sandbox.set_faults(vec![Fault {
        matcher: FaultMatcher { method: None, path_prefix: "/oauth/callback".into() },
        times: None,
        action: FaultAction::Delay(Duration::from_millis(400)),
    }]);
    harness.engine.on_deep_link(link.as_str()).await;
    harness.reaches(attempt.id, Phase::Forwarding).await;
    let view = harness.engine.answer(CancelAttempt { attempt: attempt.id }).await.expect("cancelled");
    assert_eq!(view.phase, Phase::Cancelled);
    until("the connection to be made and deleted again", || async {
        (deletions(&sandbox) == 1 && sandbox.connections().is_empty()).then_some(())
    })
    .await;
    assert!(harness.connections().await.is_empty());
}

#[tokio::test]
async fn cancelled_before_anything_was_answered() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    sandbox.set_faults(vec![Fault {
        matcher: FaultMatcher { method: None, path_prefix: "/connect/sessions".into() },
        times: None,
        action: FaultAction::Silence(Duration::from_secs(30)),
    }]);
    let attempt = harness.start("github").await;
    let view = harness.engine.answer(CancelAttempt { attempt: attempt.id }).await.expect("cancelled");
    assert_eq!(view.phase, Phase::Cancelled);
}

#[tokio::test]
async fn an_api_key_by_form() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let attempt = harness.start_with("openai", &[("apiKey", "sk-good-key")]).await.expect("an attempt");
    harness.reaches(attempt.id, Phase::Connected).await;
    assert_eq!(harness.connections().await[0].label, "OpenAI");
    harness.secrets_are_cleared().await;
}

#[tokio::test]
async fn a_form_that_is_not_filled_in_starts_nothing() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let failure = harness.start_with("openai", &[]).await.expect_err("a key is needed");
    assert_eq!(failure.code, Code::InvalidInput);
    assert_eq!(failure.field.as_deref(), Some("apiKey"));
    let page = harness.engine.answer(ListAttempts { offset: 0, limit: 10 }).await.expect("a page");
    assert_eq!(page.total, 0);
}

#[tokio::test]
async fn what_nango_cannot_begin_is_a_failed_attempt_with_a_reason() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    sandbox.set_faults(vec![Fault {
        matcher: FaultMatcher { method: None, path_prefix: "/connect/sessions".into() },
        times: None,
        action: FaultAction::Status { code: 500, body: "<html>".into(), headers: Default::default() },
    }]);
    let attempt = harness.start("github").await;
    let view = harness.reaches(attempt.id, Phase::Failed).await;
    assert!(!view.problem.expect("a reason").hint.is_empty());
}
