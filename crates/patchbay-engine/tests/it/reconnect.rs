//! A connection is renewed: as the same account, as another one, in vain; and nothing of it is lost.

use std::collections::BTreeMap;

use nango_client::{ConnectionDetails, ReadConnection, RefreshMode};
use nango_sandbox::{Fault, FaultAction, FaultMatcher, Options, Sandbox};
use patchbay_core::connection::Health;
use patchbay_core::id::InstanceId;
use patchbay_engine::Answers;
use patchbay_ipc::*;

use crate::harness::{Decision, Harness, decide, deletions, elsewhere, sandbox, sandbox_with, until};

/// The connection as Nango has it.
async fn at_nango(sandbox: &Sandbox, connection: &ConnectionView) -> ConnectionDetails {
    let (id, integration) = (connection.connection_id.as_str(), connection.integration.as_str());
    let read = elsewhere(sandbox).connection(id, integration, RefreshMode::None).await;
    match read.expect("it is there") {
        ReadConnection::Found(details) => *details,
        ReadConnection::BrokenCredentials(broken) => panic!("it works: {broken:?}"),
    }
}

async fn resolve(harness: &Harness, instance: InstanceId, accept: bool) -> Result<ConnectionView, Failure> {
    harness.engine.answer(ResolveMismatch { instance, accept }).await
}

async fn needing_attention(harness: &Harness) -> u32 {
    harness.engine.answer(GetOverview {}).await.expect("an overview").connections_needing_attention
}

fn name(account: &Option<patchbay_core::connection::Account>) -> Option<&str> {
    account.as_ref().map(|account| account.name.as_str())
}

/// From a grant that was taken back, over the wrong account, to the right one.
#[tokio::test]
async fn as_somebody_else_and_as_oneself_again() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let before = harness.connect_known("github", "alex").await;
    sandbox.revoke_grants(before.connection_id.as_str());
    assert_eq!(harness.test(before.instance).await.outcome, TestOutcome::Fails);

    let attempt = harness.reconnect(before.instance, "sam").await;
    assert!(attempt.is_reconnect && attempt.words == "Reconnected", "{attempt:?}");
    let other = harness.settles("the other account", |connection| connection.mismatch.is_some()).await;
    assert_eq!((name(&other.account), name(&other.mismatch)), (Some("Alex Rivera"), Some("Sam Chen")));
    assert_eq!((other.health, needing_attention(&harness).await), (Health::Works, 1));
    let report = harness.test(before.instance).await;
    assert_eq!(report.outcome, TestOutcome::Fails, "it works, but as somebody else");
    assert!(report.connection.mismatch.is_some(), "a test decides nothing");

    let refused = resolve(&harness, before.instance, false).await.expect("decided");
    assert_eq!((refused.health, &refused.mismatch), (Health::NeedsReconnect, &None));
    let words = refused.last_error.expect("a reason");
    assert!(words.contains("should be Alex Rivera") && words.contains("Sam Chen"), "{words}");
    harness.engine.answer(SyncConnections {}).await.expect("a sync");
    assert_eq!(harness.test(before.instance).await.connection.health, Health::NeedsReconnect);
    assert_eq!(harness.connection().await.health, Health::NeedsReconnect, "nothing mends it but a reconnect");
    assert_eq!(resolve(&harness, before.instance, true).await.expect_err("decided").code, Code::Conflict);

    harness.reconnect(before.instance, "alex").await;
    let again = harness.settles("the right account", |connection| connection.mismatch.is_none()).await;
    assert_eq!((again.health, &again.last_error), (Health::Works, &None));
    assert_eq!(again.account, before.account);
    assert_eq!(
        (again.instance, &again.connection_id, &again.label),
        (before.instance, &before.connection_id, &before.label)
    );
    assert_eq!(needing_attention(&harness).await, 0);
    let request = GetConnection { instance: before.instance };
    let history = harness.engine.answer(request).await.expect("details").history;
    let words: Vec<&str> = history.iter().map(|line| line.words.as_str()).collect();
    assert_eq!(
        words,
        [
            "Connected here",
            "Tested",
            "Reconnected",
            "Answers as another account",
            "Tested",
            "The other account was refused",
            "Tested",
            "Reconnected",
        ]
    );
    harness.secrets_are_cleared().await;
}

#[tokio::test]
async fn another_account_is_accepted() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let before = harness.connect_known("github", "alex").await;
    harness.reconnect(before.instance, "sam").await;
    harness.settles("the other account", |connection| connection.mismatch.is_some()).await;
    let accepted = resolve(&harness, before.instance, true).await.expect("decided");
    assert_eq!((name(&accepted.account), &accepted.mismatch), (Some("Sam Chen"), &None));
    assert_eq!((accepted.health, needing_attention(&harness).await), (Health::Works, 0));
    let request = GetConnection { instance: before.instance };
    let history = harness.engine.answer(request).await.expect("details").history;
    assert_eq!(history.last().and_then(|line| line.detail.as_deref()), Some("Alex Rivera → Sam Chen"));
    assert_eq!(harness.test(before.instance).await.outcome, TestOutcome::Works);
}

/// Nango forgets tags and settings that are not sent again.
#[tokio::test]
async fn nothing_of_the_connection_is_lost() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let attempt = harness.start_with("zendesk", &[("subdomain", "acme")]).await.expect("an attempt");
    let link = decide(&harness.page(attempt.id).await, Decision::Approve("alex")).await;
    harness.engine.on_deep_link(link.as_str()).await;
    harness.reaches(attempt.id, Phase::Connected).await;
    let connection = harness.connection().await;
    let (id, client) = (connection.connection_id.as_str(), elsewhere(&sandbox));
    let metadata = serde_json::json!({ "team": 7 });
    let members = metadata.as_object().expect("an object");
    client.set_metadata(id, "zendesk", members).await.expect("set");
    let mut tags = at_nango(&sandbox, &connection).await.tags;
    tags.insert("team".into(), "Größe 7".into());
    client.replace_connection_tags(id, "zendesk", &tags).await.expect("tagged");
    let before = at_nango(&sandbox, &connection).await;

    let plan = harness.engine.answer(PlanReconnect { instance: connection.instance }).await.expect("a plan");
    assert!(plan.in_browser && plan.form.fields.is_empty(), "nothing is asked twice: {plan:?}");
    assert_eq!((&plan.default_label, plan.integrations.len()), (&connection.label, 1));
    let renewal = harness.reconnect(connection.instance, "alex").await;

    let mut after = at_nango(&sandbox, &connection).await;
    assert_eq!(after.connection_config["subdomain"], "acme");
    assert_eq!(
        after.tags.insert("patchbay_attempt".into(), attempt.id.to_string()),
        Some(renewal.id.to_string())
    );
    assert_eq!((after.id, &after.tags, &after.end_user), (before.id, &before.tags, &before.end_user));
    assert_eq!(after.connection_config, before.connection_config);
    assert_eq!((after.metadata, after.created_at), (Some(metadata), before.created_at));
}

/// A connection made elsewhere may have as many tags as there can be: none of them makes way for ours.
#[tokio::test]
async fn the_tags_of_others_are_not_pushed_out() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let connection = harness.connect_known("github", "alex").await;
    let id = connection.connection_id.as_str();
    let of_the_user = [("end_user_id", "alex"), ("end_user_display_name", "Alex")];
    // Eight of others, and two that Nango makes again: there is room for ours. Ten of others: there is none.
    for (others, is_tagged) in [(8, true), (10, false)] {
        let mut tags: BTreeMap<String, String> =
            (0..others).map(|number| (format!("tag{number}"), number.to_string())).collect();
        tags.extend(
            of_the_user.iter().take(10 - others).map(|(name, value)| ((*name).into(), (*value).into())),
        );
        elsewhere(&sandbox).replace_connection_tags(id, "github", &tags).await.expect("tagged");
        harness.reconnect(connection.instance, "alex").await;
        let after = at_nango(&sandbox, &connection).await.tags;
        assert!(tags.iter().all(|(name, value)| after.get(name) == Some(value)), "{after:?}");
        assert_eq!(after.contains_key("patchbay_attempt"), is_tagged, "{after:?}");
    }
}

#[tokio::test]
async fn denied_or_cancelled_it_stays_as_it_was() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let before = harness.connect_known("github", "alex").await;
    let there = at_nango(&sandbox, &before).await;
    let no_more_look = |mut details: ConnectionDetails| {
        details.last_fetched_at = None;
        details
    };

    let attempt = harness.start_reconnect(before.instance, &[]).await.expect("an attempt");
    let page = harness.page(attempt.id).await;
    let second = harness.start_reconnect(before.instance, &[]).await.expect_err("one at a time");
    assert_eq!(second.code, Code::Conflict);
    let link = decide(&page, Decision::Deny).await;
    harness.engine.on_deep_link(link.as_str()).await;
    let view = harness.reaches(attempt.id, Phase::Refused).await;
    assert!(view.explanation.contains("as it was"), "{}", view.explanation);
    assert_eq!(harness.connection().await, before);

    let attempt = harness.start_reconnect(before.instance, &[]).await.expect("an attempt");
    let page = harness.page(attempt.id).await;
    let view = harness.engine.answer(CancelAttempt { attempt: attempt.id }).await.expect("cancelled");
    assert_eq!(view.phase, Phase::Cancelled);
    harness.secrets_are_cleared().await;
    let link = decide(&page, Decision::Approve("sam")).await;
    harness.engine.on_deep_link(link.as_str()).await;
    assert_eq!(harness.connection().await, before);
    assert_eq!(no_more_look(at_nango(&sandbox, &before).await), no_more_look(there));
    assert_eq!(harness.test(before.instance).await.outcome, TestOutcome::Works);
    assert_eq!(deletions(&sandbox), 0, "what is one's own is not deleted");
}

/// Cancelled here and approved in the browser all the same: the connection is somebody else's now, and the
/// next sync finds out.
#[tokio::test]
async fn cancelled_here_and_approved_in_the_browser() {
    let sandbox = sandbox_with(Options::default()).await;
    let mut harness = Harness::on(&sandbox).await;
    let attempt = harness.start("github").await;
    decide(&harness.page(attempt.id).await, Decision::Approve("alex")).await;
    harness.reaches(attempt.id, Phase::Connected).await;
    let before = harness.settles("whose it is", |connection| connection.account.is_some()).await;

    let attempt = harness.start_reconnect(before.instance, &[]).await.expect("an attempt");
    let page = harness.page(attempt.id).await;
    harness.engine.answer(CancelAttempt { attempt: attempt.id }).await.expect("cancelled");
    decide(&page, Decision::Approve("sam")).await;
    harness.crash_and_start().await;
    assert_eq!((sandbox.connections().len(), deletions(&sandbox)), (1, 0), "it is kept");
    assert_eq!(harness.connection().await.account, before.account);
    harness.engine.answer(SyncConnections {}).await.expect("a sync");
    let after = harness.settles("the other account", |connection| connection.mismatch.is_some()).await;
    assert_eq!(name(&after.account), Some("Alex Rivera"));
}

#[tokio::test]
async fn a_restart_while_the_person_is_at_the_provider() {
    let sandbox = sandbox().await;
    let mut harness = Harness::on(&sandbox).await;
    let before = harness.connect_known("github", "alex").await;
    let attempt = harness.start_reconnect(before.instance, &[]).await.expect("an attempt");
    let page = harness.page(attempt.id).await;
    harness.crash_and_start().await;
    let link = decide(&page, Decision::Approve("sam")).await;
    harness.engine.on_deep_link(link.as_str()).await;
    let view = harness.reaches(attempt.id, Phase::Connected).await;
    assert!(view.is_reconnect && view.steps.iter().any(|step| step.words.contains("restart")), "{view:?}");
    harness.settles("the other account", |connection| connection.mismatch.is_some()).await;
    assert_eq!(sandbox.connections().len(), 1);
}

/// Nango renews it and nobody hears of it: the tag of the attempt tells.
#[tokio::test]
async fn a_restart_while_the_answer_is_being_taken() {
    let sandbox = sandbox().await;
    let mut harness = Harness::on(&sandbox).await;
    let before = harness.connect_known("github", "alex").await;
    let attempt = harness.start_reconnect(before.instance, &[]).await.expect("an attempt");
    let link = decide(&harness.page(attempt.id).await, Decision::Approve("alex")).await;
    let fault = |path: &str, action| Fault {
        matcher: FaultMatcher { method: None, path_prefix: path.into() },
        times: None,
        action,
    };
    let down = FaultAction::Status { code: 503, body: "{}".into(), headers: Default::default() };
    sandbox.set_faults(vec![
        fault("/connections", down),
        fault("/oauth/callback", FaultAction::NoWebsocketMessage),
    ]);
    harness.engine.on_deep_link(link.as_str()).await;
    harness.reaches(attempt.id, Phase::AwaitingConnection).await;
    harness.crash_and_start().await;
    sandbox.clear_faults();
    harness.reaches(attempt.id, Phase::Connected).await;
    assert_eq!(harness.connection().await.instance, before.instance);
}

#[tokio::test]
async fn a_key_by_form() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let fields = [("apiKey", "sk-of-alex"), ("hostname", "acme.example.com")];
    let attempt = harness.start_with("metabase", &fields).await.expect("an attempt");
    harness.reaches(attempt.id, Phase::Connected).await;
    let before = harness.settles("whose it is", |connection| connection.account.is_some()).await;
    let instance = before.instance;
    let plan = harness.engine.answer(PlanReconnect { instance }).await.expect("a plan");
    let asked: Vec<&str> = plan.form.fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!((asked, plan.in_browser), (vec!["domain", "apiKey"], false), "what Nango knows is not asked");
    let empty = harness.start_reconnect(instance, &[]).await.expect_err("a key is needed");
    assert_eq!((empty.code, empty.field.as_deref()), (Code::InvalidInput, Some("apiKey")));

    let attempt = harness.start_reconnect(instance, &[("apiKey", "wrong-key")]).await.expect("an attempt");
    let view = harness.reaches(attempt.id, Phase::Failed).await;
    assert!(view.problem.expect("a reason").message.contains("not accepted"));
    assert_eq!(harness.connection().await, before);
    assert_eq!(harness.test(instance).await.outcome, TestOutcome::Works, "the old key is still there");

    let attempt = harness.start_reconnect(instance, &[("apiKey", "sk-2-of-alex")]).await.expect("an attempt");
    harness.reaches(attempt.id, Phase::Connected).await;
    let after = harness.settles("that it works", |connection| connection.health == Health::Works).await;
    assert_eq!((after.account, after.mismatch), (before.account.clone(), None));
    let there = at_nango(&sandbox, &before).await;
    assert_eq!(there.connection_config["hostname"], "acme.example.com");
}

#[tokio::test]
async fn what_was_deleted_elsewhere_cannot_be_renewed() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let connection = harness.connect_known("github", "alex").await;
    let instance = connection.instance;
    let id = connection.connection_id.as_str();
    elsewhere(&sandbox).delete_connection(id, "github").await.expect("deleted");
    let attempt = harness.start_reconnect(instance, &[]).await.expect("an attempt");
    let view = harness.reaches(attempt.id, Phase::Failed).await;
    let problem = view.problem.expect("a reason");
    assert!(problem.message.contains("deleted elsewhere") && problem.hint.contains("anew"), "{problem:?}");
    harness.settles("that it is gone", |connection| connection.health == Health::Gone).await;
    let failure = harness.engine.answer(PlanReconnect { instance }).await.expect_err("it is gone");
    assert_eq!(failure.code, Code::NotFound);
    until("the end of the attempt", || async { harness.secrets.names().len().eq(&1).then_some(()) }).await;
}

#[tokio::test]
async fn what_is_deleted_while_the_person_is_at_the_provider_is_found_gone() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let connection = harness.connect_known("github", "alex").await;
    let attempt = harness.start_reconnect(connection.instance, &[]).await.expect("an attempt");
    let page = harness.page(attempt.id).await;
    let id = connection.connection_id.as_str();
    elsewhere(&sandbox).delete_connection(id, "github").await.expect("deleted");
    let link = decide(&page, Decision::Approve("alex")).await;
    harness.engine.on_deep_link(link.as_str()).await;
    harness.reaches(attempt.id, Phase::Failed).await;
    harness.settles("that it is gone", |connection| connection.health == Health::Gone).await;
    assert!(sandbox.connections().is_empty());
}

/// A key that may not read the connection would lose what it carries: nothing is begun.
#[tokio::test]
async fn without_the_right_to_read_it_is_not_begun() {
    let sandbox = sandbox().await;
    let key = sandbox.create_api_key(&[
        "environment:connect_sessions:write",
        "environment:integrations:list",
        "environment:connections:list",
    ]);
    let harness = Harness::new().await;
    harness.save(sandbox.base_url(), &key).await.expect("a profile");
    harness.connect("github", "alex").await;
    let before = harness.connection().await;
    let attempt = harness.start_reconnect(before.instance, &[]).await.expect("an attempt");
    let view = harness.reaches(attempt.id, Phase::Failed).await;
    assert!(view.problem.expect("a reason").message.contains("environment:connections:read"));
    assert_eq!(harness.connection().await, before);
}
