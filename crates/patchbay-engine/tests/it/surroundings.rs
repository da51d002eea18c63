//! Links that are sent to see whether they arrive, and what is told of attempts that ended out of sight.

use patchbay_engine::{Answers, LinkOwner};
use patchbay_ipc::*;

use crate::harness::{Decision, Harness, decide, sandbox};

#[tokio::test]
async fn a_link_that_arrives_is_noticed_and_changes_nothing_else() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let attempt = harness.start("github").await;
    harness.page(attempt.id).await;
    let before = harness.attempt(attempt.id).await;

    let test = harness.engine.begin_link_test().expect("a link");
    let link = test.link.clone();
    assert!(link.as_str().starts_with("app.patchbay.desktop://selftest/"), "{link}");
    // One of an earlier test, or forged: it is neither taken for the one nor spoken of.
    harness.engine.on_deep_link("app.patchbay.desktop://selftest/67e55044-10b1-426f-9247-bb680e5fe0c8").await;
    harness.engine.on_deep_link(link.as_str()).await;
    let report = harness.engine.finish_link_test(test, true).await;
    assert_eq!((report.outcome, report.hint), (LinkTestOutcome::Arrived, None));
    harness.engine.on_deep_link(link.as_str()).await;
    assert!(harness.engine.take_notices().is_empty());
    assert_eq!(harness.attempt(attempt.id).await, before);
}

#[tokio::test]
async fn a_link_that_does_not_arrive_is_told_from_one_that_another_program_took() {
    let harness = Harness::new().await;
    for (owner, was_sent, expected) in [
        (LinkOwner::ThisApplication, true, LinkTestOutcome::NothingArrived),
        (LinkOwner::Nobody, true, LinkTestOutcome::NothingArrived),
        (LinkOwner::Another("other.desktop".into()), true, LinkTestOutcome::TakenElsewhere),
        (LinkOwner::Unknown, false, LinkTestOutcome::NotSent),
    ] {
        harness.engine.set_link_owner(owner.clone());
        let test = harness.engine.begin_link_test().expect("a link");
        let report = harness.engine.finish_link_test(test, was_sent).await;
        assert_eq!(report.outcome, expected, "{owner:?}");
        assert!(report.hint.is_some(), "{owner:?}");
        if let LinkOwner::Another(name) = owner {
            assert!(report.message.contains(&name), "{}", report.message);
        }
    }
}

#[tokio::test]
async fn how_an_attempt_ended_is_told_once_unless_the_person_ended_it() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let mut endings = harness.engine.endings();
    let cancelled = harness.start("github").await;
    harness.page(cancelled.id).await;
    harness.engine.answer(CancelAttempt { attempt: cancelled.id }).await.expect("cancelled");

    let connected = harness.connect("github", "alex").await;
    let ending = endings.recv().await.expect("it is told");
    assert_eq!((ending.attempt, ending.title.as_str()), (connected.id, "GitHub: connected"));

    let denied = harness.start("github").await;
    let link = decide(&harness.page(denied.id).await, Decision::Deny).await;
    harness.engine.on_deep_link(link.as_str()).await;
    let ending = endings.recv().await.expect("it is told");
    assert_eq!((ending.attempt, ending.title.as_str()), (denied.id, "GitHub 2 (GitHub): refused"));
    assert!(endings.try_recv().is_err(), "once each");
}

#[tokio::test]
async fn notifications_are_on_until_they_are_switched_off() {
    let mut harness = Harness::new().await;
    assert!(harness.engine.notifications().await.expect("read"));
    harness.engine.answer(SetNotifications { on: false }).await.expect("stored");
    harness.crash_and_start().await;
    assert!(!harness.engine.answer(GetDiagnostics {}).await.expect("an answer").notifications);
}
