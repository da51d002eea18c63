//! The operations: what each asks of Nango, what is read when that fails, and that it works again afterwards.

use patchbay_core::connection::Health;
use patchbay_core::id::AttemptId;
use patchbay_engine::Answers;
use patchbay_ipc::*;

use super::Cell;
use super::scene::Scene;
use super::trouble::Trouble;
use crate::harness::{Decision, all_connections, decide, target, until};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Save,
    SaveWithKey,
    Check,
    Refresh,
    Catalogue,
    Session,
    Begin,
    Link,
    Form,
    Sync,
    Test,
    Reconnect,
    Disconnect,
}

impl Operation {
    pub(super) const ALL: [Operation; 13] = [
        Operation::Save,
        Operation::SaveWithKey,
        Operation::Check,
        Operation::Refresh,
        Operation::Catalogue,
        Operation::Session,
        Operation::Begin,
        Operation::Link,
        Operation::Form,
        Operation::Sync,
        Operation::Test,
        Operation::Reconnect,
        Operation::Disconnect,
    ];

    pub(super) fn title(self) -> &'static str {
        match self {
            Operation::Save => "Save and check a profile: the server",
            Operation::SaveWithKey => "Save and check a profile: the key",
            Operation::Check => "Check the profile again",
            Operation::Refresh => "Refresh the connectors: the integrations",
            Operation::Catalogue => "Refresh the connectors: the server's own catalogue",
            Operation::Session => "Connect: the session",
            Operation::Begin => "Connect in the browser: the first step",
            Operation::Link => "Connect in the browser: the answer comes back",
            Operation::Form => "Connect by form: what was entered is sent",
            Operation::Sync => "Sync",
            Operation::Test => "Test a connection",
            Operation::Reconnect => "Reconnect",
            Operation::Disconnect => "Disconnect",
        }
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Operation::Save => {
                "Every call fails, the first of them being `GET /health`. Nothing is saved, what was typed stays in \
                 the form, and the sentence stands at the field it is about."
            }
            Operation::SaveWithKey => {
                "`GET /health` answers; what is asked with the key does not. Nothing is saved."
            }
            Operation::Check => "Every call fails.",
            Operation::Refresh => {
                "`GET /integrations` fails. The connectors stay as they were known, with the reason beside them."
            }
            Operation::Catalogue => {
                "`GET /providers` fails. What was kept of it serves on: the dialog of a connector opens all the same."
            }
            Operation::Session => {
                "`POST /connect/sessions` fails, by which each attempt begins, by form or browser. Nothing was \
                 shown in the browser."
            }
            Operation::Begin => "`GET /oauth/connect/…` fails.",
            Operation::Link => {
                "`GET /oauth/callback` fails, after the person has approved. Only where the answer is certain not \
                 to have counted is it sent again; otherwise Nango is asked what came of it."
            }
            Operation::Form => {
                "`POST /api-auth/…` fails. What was entered is never sent twice; Nango is asked what came of it."
            }
            Operation::Sync => "`GET /connections` fails. The connections stay as they were known.",
            Operation::Test => "`GET /proxy/…` fails. What is known of the connection's health stays.",
            Operation::Reconnect => "Every call fails. The connection stays what it was.",
            Operation::Disconnect => {
                "`DELETE /connections/…` fails. What Nango cannot be told now is told later, by itself."
            }
        }
    }

    /// Whose requests fail.
    pub(super) fn paths(self) -> &'static [&'static str] {
        match self {
            Operation::Save | Operation::Check | Operation::Reconnect => &[""],
            Operation::SaveWithKey => &["/integrations", "/connections", "/connect/", "/proxy"],
            Operation::Refresh => &["/integrations"],
            Operation::Catalogue => &["/providers"],
            Operation::Session => &["/connect/sessions"],
            Operation::Begin => &["/oauth/connect/"],
            Operation::Link => &["/oauth/callback"],
            Operation::Form => &["/api-auth/"],
            Operation::Sync => &["/connections"],
            Operation::Test => &["/proxy/"],
            Operation::Disconnect => &["/connections/"],
        }
    }

    /// Whether it can come to that: a server that cannot be trusted is not asked for a second thing, and is another
    /// server, of whose catalogue nothing was kept.
    pub(super) fn meets(self, trouble: Trouble) -> bool {
        let is_second = matches!(
            self,
            Operation::SaveWithKey
                | Operation::Catalogue
                | Operation::Session
                | Operation::Begin
                | Operation::Link
                | Operation::Form
        );
        trouble != Trouble::Untrusted || !is_second
    }

    /// What has to be there before the trouble begins.
    pub(super) async fn prepare(self, scene: &Scene) {
        let needs_connection =
            matches!(self, Operation::Sync | Operation::Test | Operation::Reconnect | Operation::Disconnect);
        if needs_connection && scene.harness.connections().await.is_empty() {
            scene.harness.connect_known("github", "alex").await;
        }
        if matches!(self, Operation::Session | Operation::Begin | Operation::Link) {
            scene.harness.engine.answer(plan("github")).await.expect("the definition is kept");
        }
        if self == Operation::Form {
            scene.harness.engine.answer(plan("sendgrid")).await.expect("the definition is kept");
        }
    }

    pub(super) async fn act(self, scene: &Scene, trouble: Trouble) -> Cell {
        match self {
            Operation::Save | Operation::SaveWithKey => save(scene, trouble).await,
            Operation::Check => check(scene).await,
            Operation::Refresh => refresh(scene).await,
            Operation::Catalogue => catalogue(scene).await,
            Operation::Session | Operation::Begin => {
                let attempt = scene.harness.start("github").await;
                ended(scene, attempt.id).await
            }
            Operation::Link => link(scene).await,
            Operation::Form => {
                let fields = [("apiKey", "SG.a-key-that-works")];
                let attempt = scene.harness.start_with("sendgrid", &fields).await.expect("an attempt");
                ended(scene, attempt.id).await
            }
            Operation::Sync => sync(scene).await,
            Operation::Test => test(scene).await,
            Operation::Reconnect => reconnect(scene).await,
            Operation::Disconnect => disconnect(scene).await,
        }
    }

    /// Does the same without the trouble: nothing that was kept or left behind is in the way.
    pub(super) async fn works_again(self, scene: &Scene) {
        let harness = &scene.harness;
        match self {
            Operation::Save | Operation::SaveWithKey => {
                let overview = harness.engine.answer(scene.form(Trouble::Fault)).await.expect("it is saved");
                assert_eq!(scene.form(Trouble::Fault).server_url, overview.profile.expect("one").server_url);
            }
            Operation::Check => {
                let report = harness.engine.answer(CheckProfile {}).await.expect("a report");
                assert!(report.scopes.iter().all(|line| line.state == granted()), "{report:#?}");
            }
            Operation::Refresh | Operation::Catalogue => {
                let list = harness.engine.answer(RefreshConnectors {}).await.expect("a list");
                assert_eq!(list.problem, None);
            }
            Operation::Session | Operation::Begin => {
                let attempt = harness.start("github").await;
                harness.page(attempt.id).await;
                harness.engine.answer(CancelAttempt { attempt: attempt.id }).await.expect("cancelled");
            }
            Operation::Link | Operation::Form => {
                no_attempt_is_open(scene).await;
                let both = (harness.connections().await.len(), scene.sandbox.connections().len());
                assert_eq!(both.0, both.1, "what is here is what is at Nango");
                if self == Operation::Link {
                    harness.connect("github", "alex").await;
                } else {
                    let fields = [("apiKey", "SG.another-key")];
                    let attempt = harness.start_with("sendgrid", &fields).await.expect("an attempt");
                    harness.reaches(attempt.id, Phase::Connected).await;
                }
                assert_eq!(scene.sandbox.connections().len(), both.1 + 1, "one, and no more");
            }
            Operation::Sync => {
                let report = harness.engine.answer(SyncConnections {}).await.expect("a sync");
                assert_eq!((report.seen, report.discovered, report.gone), (1, 0, 0));
            }
            Operation::Test => {
                let instance = harness.connection().await.instance;
                let report = harness.test(instance).await;
                assert_eq!(report.outcome, TestOutcome::Works, "{report:#?}");
            }
            Operation::Reconnect => {
                let before = harness.connection().await;
                harness.reconnect(before.instance, "alex").await;
                assert_eq!(harness.connection().await.connection_id, before.connection_id);
                assert_eq!(scene.sandbox.connections().len(), 1);
            }
            Operation::Disconnect => {
                if let Some(connection) = harness.connections().await.first()
                    && connection.health != Health::Disconnecting
                {
                    let instance = connection.instance;
                    let report = harness.engine.answer(DisconnectConnection { instance }).await;
                    assert!(report.expect("a report").removed_here);
                }
                until("what was queued to be carried out", || async {
                    harness.connections().await.is_empty().then_some(())
                })
                .await;
                assert!(scene.sandbox.connections().is_empty(), "deleted at Nango too");
            }
        }
    }
}

fn granted() -> patchbay_core::profile::ScopeState {
    patchbay_core::profile::ScopeState::Granted
}

fn plan(connector: &str) -> PlanConnection {
    PlanConnection { target: target(connector), integration: None }
}

fn read(failure: &Failure) -> String {
    format!("{} {}", failure.message, failure.hint)
}

fn cell(failure: &Failure, then: &str) -> Cell {
    Cell { read: read(failure), then: then.to_owned() }
}

async fn save(scene: &Scene, trouble: Trouble) -> Cell {
    let engine = &scene.harness.engine;
    let before = engine.answer(GetOverview {}).await.expect("an overview").profiles.len();
    let keys = scene.harness.secrets.names().len();
    let saved = engine.answer(scene.form(trouble)).await;
    let after = engine.answer(GetOverview {}).await.expect("an overview").profiles.len();
    match saved {
        Err(failure) => {
            assert_eq!((after, scene.harness.secrets.names().len()), (before, keys), "nothing is saved");
            match &failure.field {
                Some(field) => cell(&failure, &format!("not saved; stands at `{field}`")),
                None => cell(&failure, "not saved; stands below the form"),
            }
        }
        Ok(overview) => {
            assert_eq!(after, before + 1);
            let check = overview.profile.and_then(|profile| profile.check).expect("checked");
            Cell { read: check.summary, then: "saved".to_owned() }
        }
    }
}

async fn check(scene: &Scene) -> Cell {
    let engine = &scene.harness.engine;
    match engine.answer(CheckProfile {}).await {
        Err(failure) => cell(&failure, "what was known of the key stays"),
        Ok(report) => Cell { read: report.summary, then: "noted".to_owned() },
    }
}

async fn refresh(scene: &Scene) -> Cell {
    let engine = &scene.harness.engine;
    let before = engine.answer(ListConnectors {}).await.expect("a list");
    let failure = engine.answer(RefreshConnectors {}).await.expect_err("it fails");
    let after = engine.answer(ListConnectors {}).await.expect("a list");
    assert_eq!(after.problem.as_ref(), Some(&failure), "it stands beside the connectors");
    assert_eq!(after.connectors, before.connectors);
    cell(&failure, "as known before")
}

async fn catalogue(scene: &Scene) -> Cell {
    let engine = &scene.harness.engine;
    let refreshed = engine.answer(RefreshConnectors {}).await;
    engine.answer(plan("gitlab")).await.expect("the dialog opens");
    match refreshed {
        Err(failure) => cell(&failure, "as known before"),
        // An unchanged catalogue is an answer without a body, of which nothing can be cut.
        Ok(_) => Cell { read: "nothing".to_owned(), then: "as known before".to_owned() },
    }
}

/// How an attempt ended, in the words of the window; or that it goes on.
async fn ended(scene: &Scene, id: AttemptId) -> Cell {
    let view = until("the attempt to end or to wait", || async {
        let view = scene.harness.attempt(id).await;
        let goes_on = view.phase == Phase::AwaitingBrowser && !scene.harness.browser.pages().is_empty();
        (!view.phase.is_open() || waits(&view) || goes_on).then_some(view)
    })
    .await;
    if view.phase == Phase::AwaitingBrowser {
        scene.harness.engine.answer(CancelAttempt { attempt: id }).await.expect("cancelled");
    }
    told(&view)
}

fn waits(view: &AttemptView) -> bool {
    view.steps.iter().any(|step| step.words.contains("trying again"))
}

fn told(view: &AttemptView) -> Cell {
    let then = match view.phase {
        Phase::Connected => "connected",
        Phase::Failed => "no connection",
        Phase::Forwarding => "waits, and goes on by itself",
        Phase::AwaitingBrowser => "goes on",
        _ => &view.words,
    };
    match &view.problem {
        Some(problem) => cell(problem, then),
        None if matches!(view.phase, Phase::Connected | Phase::AwaitingBrowser) => {
            Cell { read: format!("{}: {}", view.words, view.explanation), then: then.to_owned() }
        }
        None => {
            let last = view.steps.last().expect("a step");
            Cell { read: format!("{}: {}", view.words, last.words), then: then.to_owned() }
        }
    }
}

async fn link(scene: &Scene) -> Cell {
    let harness = &scene.harness;
    let attempt = harness.start("github").await;
    let link = decide(&harness.page(attempt.id).await, Decision::Approve("alex")).await;
    harness.engine.on_deep_link(link.as_str()).await;
    until("the link to be taken", || async {
        (harness.attempt(attempt.id).await.phase != Phase::AwaitingBrowser).then_some(())
    })
    .await;
    ended(scene, attempt.id).await
}

async fn no_attempt_is_open(scene: &Scene) {
    until("every attempt to end", || async {
        let attempts = scene.harness.engine.answer(ListAttempts { offset: 0, limit: 200 }).await;
        attempts.expect("a page").attempts.iter().all(|attempt| !attempt.phase.is_open()).then_some(())
    })
    .await;
}

async fn sync(scene: &Scene) -> Cell {
    let engine = &scene.harness.engine;
    let before = engine.answer(all_connections()).await.expect("a page");
    let failure = engine.answer(SyncConnections {}).await.expect_err("it fails");
    assert_eq!(engine.answer(all_connections()).await.expect("a page"), before);
    let progress = engine.answer(GetSyncProgress {}).await.expect("progress");
    assert!(!progress.running, "it has ended");
    cell(&failure, "as known before")
}

async fn test(scene: &Scene) -> Cell {
    let before = scene.harness.connection().await;
    let answer = scene.harness.engine.answer(TestConnection { instance: before.instance }).await;
    let after = scene.harness.connection().await;
    assert_eq!((after.health, &after.account), (before.health, &before.account));
    match answer {
        Err(failure) => cell(&failure, "no answer"),
        Ok(report) => {
            let then = match report.outcome {
                TestOutcome::Works => "works",
                TestOutcome::Fails => "fails, this time",
                TestOutcome::CannotBeTested => "cannot be tested",
            };
            Cell { read: report.sentence, then: then.to_owned() }
        }
    }
}

async fn reconnect(scene: &Scene) -> Cell {
    let before = scene.harness.connection().await;
    let cell = match scene.harness.start_reconnect(before.instance, &[]).await {
        Ok(attempt) => ended(scene, attempt.id).await,
        Err(failure) => cell(&failure, ""),
    };
    let after = scene.harness.connection().await;
    let known = |it: ConnectionView| (it.connection_id, it.account, it.mismatch, it.health, it.last_error);
    assert_eq!(known(after), known(before), "the connection is what it was");
    Cell { then: "as before".to_owned(), ..cell }
}

async fn disconnect(scene: &Scene) -> Cell {
    let instance = scene.harness.connection().await.instance;
    let report = scene.harness.engine.answer(DisconnectConnection { instance }).await.expect("a report");
    let then = match report.at_nango {
        AtNango::Deleted => "gone",
        AtNango::AlreadyGone => "gone",
        AtNango::Queued => "queued",
        AtNango::Failed(_) => "as before",
    };
    Cell { read: report.sentences.join(" "), then: then.to_owned() }
}
