//! Attempts: one winner, one transaction, every state readable again.

use patchbay_core::attempt::{Attempt, FailureReason, Purpose, State};
use patchbay_core::connection::{Connection, Finding, Health, Provenance};
use patchbay_core::step::Step;
use patchbay_store::{Store, StoreError};

use crate::sample::{at, attempt, connection, profile};

#[tokio::test]
async fn every_state_is_read_back_as_it_was() {
    let store = Store::in_memory().await.expect("a store");
    let profile = profile(&store, 1).await;
    let states = [
        State::Starting,
        State::AwaitingBrowser,
        State::Forwarding,
        State::AwaitingConnection,
        State::Connected("c/1".into()),
        State::Refused("access_denied".into()),
        State::Expired,
        State::Cancelled,
        State::Failed(FailureReason::NotMade),
        State::Failed(FailureReason::NotStarted { message: "a".into(), hint: "b".into() }),
        State::Failed(FailureReason::CallbackRefused(None)),
        State::Failed(FailureReason::NotVerified(Some("no".into()))),
    ];
    for (number, state) in (1_u128..).zip(states) {
        let written = attempt(profile, number, state);
        store.insert_attempt(written.clone()).await.expect("inserted");
        assert_eq!(store.attempt(profile, written.id).await.expect("read"), written);
    }
    let open = store.open_attempts(profile).await.expect("read");
    assert_eq!(open.len(), 4, "the newest first: {:?}", open.first().map(|attempt| attempt.label.clone()));
    assert_eq!(store.unfinished_attempts().await.expect("read").len(), 12, "ended ones are not cleared away");
}

#[tokio::test]
async fn two_that_decide_at_the_same_time_cannot_both_win() {
    let store = Store::in_memory().await.expect("a store");
    let profile = profile(&store, 1).await;
    let before = attempt(profile, 1, State::AwaitingBrowser);
    store.insert_attempt(before.clone()).await.expect("inserted");
    let forward = Attempt { state: State::Forwarding, ..before.clone() };
    let cancel = attempt(profile, 1, State::Cancelled);
    let (one, two) = tokio::join!(
        store.advance_attempt(State::AwaitingBrowser, forward, Some(Step::LinkArrived.into()), at(10)),
        store.advance_attempt(State::AwaitingBrowser, cancel, Some(Step::Cancelled.into()), at(10)),
    );
    assert!(one.expect("asked") ^ two.expect("asked"), "exactly one wins");
    let steps = store.attempt_steps(before.id).await.expect("read");
    assert_eq!(steps.len(), 2, "the loser leaves no line: {steps:?}");
}

#[tokio::test]
async fn an_ended_attempt_cannot_be_moved() {
    let store = Store::in_memory().await.expect("a store");
    let profile = profile(&store, 1).await;
    let ended = attempt(profile, 1, State::Cancelled);
    store.insert_attempt(ended.clone()).await.expect("inserted");
    let connected = attempt(profile, 1, State::Connected("c".into()));
    let row = connection(profile, 1);
    let won = store.complete_attempt(State::Cancelled, connected, row, "GitHub".into(), at(20)).await;
    assert!(!won.expect("asked"));
    let rows = store.connections(profile, all()).await.expect("read");
    assert_eq!(rows.matching, 0, "no connection without its attempt's end");
}

#[tokio::test]
async fn the_end_and_the_connection_are_one_transaction() {
    let store = Store::in_memory().await.expect("a store");
    let profile = profile(&store, 1).await;
    store.insert_attempt(attempt(profile, 1, State::Forwarding)).await.expect("inserted");
    let connected = attempt(profile, 1, State::Connected("connection 1".into()));
    // A row that cannot be inserted: its profile does not exist.
    let orphan = patchbay_core::connection::Connection {
        profile: uuid::Uuid::from_u128(99).into(),
        ..connection(profile, 1)
    };
    let name = || "GitHub".to_owned();
    let failed = store.complete_attempt(State::Forwarding, connected.clone(), orphan, name(), at(20)).await;
    assert!(failed.is_err());
    let still = store.attempt(profile, connected.id).await.expect("read");
    assert_eq!(still.state, State::Forwarding, "neither half is written");
    let row = connection(profile, 1);
    let won = store.complete_attempt(State::Forwarding, connected, row, name(), at(20)).await;
    assert!(won.expect("asked"));
    assert_eq!(store.connections(profile, all()).await.expect("read").matching, 1);
}

#[tokio::test]
async fn a_link_finds_its_attempt_and_a_stranger_does_not() {
    let store = Store::in_memory().await.expect("a store");
    let (one, two) = (profile(&store, 1).await, profile(&store, 2).await);
    let mine = attempt(one, 1, State::AwaitingBrowser);
    store.insert_attempt(mine.clone()).await.expect("inserted");
    store.set_state_hash(mine.id, "hash".into()).await.expect("kept");
    assert_eq!(store.attempt_by_state("hash".into()).await.expect("read"), Some(mine.clone()));
    assert_eq!(store.attempt_by_state("other".into()).await.expect("read"), None);
    let foreign = store.attempt(two, mine.id).await;
    assert!(matches!(foreign, Err(StoreError::NotFound)), "another profile's is not there");
}

fn all() -> patchbay_store::ConnectionFilter {
    patchbay_store::ConnectionFilter { limit: 100, ..Default::default() }
}

/// A renewed connection keeps its row; only what the renewal changes is other than before.
#[tokio::test]
async fn a_reconnect_brings_the_row_up_to_date() {
    let store = Store::in_memory().await.expect("a store");
    let profile = profile(&store, 1).await;
    let made = attempt(profile, 1, State::Forwarding);
    store.insert_attempt(made.clone()).await.expect("inserted");
    let connected = attempt(profile, 1, State::Connected("connection 1".into()));
    let row = connection(profile, 1);
    let name = || "GitHub".to_owned();
    store.complete_attempt(State::Forwarding, connected, row.clone(), name(), at(20)).await.expect("done");
    store.rename_connection(profile, row.instance, "mine".into(), name(), at(21)).await.expect("renamed");
    let broken =
        |c: &Connection| Some(c.after(Finding::Refused { words: "no".into(), by_provider: true }, at(22)));
    store.change_connection(profile, row.instance, name(), at(22), broken).await.expect("written");

    let purpose = Purpose::Reconnect("connection 1".into());
    let renewal = Attempt {
        purpose: purpose.clone(),
        instance: row.instance,
        ..attempt(profile, 2, State::Forwarding)
    };
    store.insert_attempt(renewal.clone()).await.expect("inserted");
    assert_eq!(store.attempt(profile, renewal.id).await.expect("read").purpose, purpose);
    let done = Attempt { state: State::Connected("connection 1".into()), ..renewal };
    let won = store.complete_attempt(State::Forwarding, done.clone(), row.clone(), name(), at(30)).await;
    assert!(won.expect("asked"));
    let after = store.connection(profile, row.instance).await.expect("read");
    assert_eq!((after.label.as_str(), after.created_at), ("mine", row.created_at));
    assert_eq!((after.health, after.last_error, after.refusal_stands), (Health::Works, None, false));
    let kinds: Vec<_> = store.connection_events(profile, row.instance).await.expect("read");
    assert_eq!(kinds.last().map(|event| event.kind), Some(Provenance::Reconnected));
    let steps = store.attempt_steps(done.id).await.expect("read");
    assert_eq!(steps.last().map(|step| step.step), Some(Step::Reconnected));
}
