//! Connections: what a sync changes, and that nothing crosses from one profile to another.

use patchbay_core::connection::{Account, Connection, Finding, Health, Provenance};
use patchbay_core::id::{ConnectTarget, ProfileId};
use patchbay_store::{ConnectionFilter, Store, StoreError, SyncOutcome, SyncedConnection};
use uuid::Uuid;

use crate::sample::{at, profile};

pub(crate) fn seen(number: u128, broken: bool) -> SyncedConnection {
    SyncedConnection {
        instance: Uuid::from_u128(number).into(),
        connector: Some("github".into()),
        connector_name: "GitHub".into(),
        provider: "github".into(),
        integration: "github".into(),
        connection_id: format!("c{number}").as_str().into(),
        label: format!("Label {number}"),
        broken,
        created_at: at(i64::try_from(number).expect("small")),
    }
}

async fn healths(store: &Store, profile: ProfileId) -> Vec<Health> {
    let filter = ConnectionFilter { limit: 100, ..Default::default() };
    let rows = store.connections(profile, filter).await.expect("read").rows;
    rows.into_iter().map(|row| row.health).collect()
}

#[tokio::test]
async fn a_sync_adds_breaks_mends_and_loses() {
    let store = Store::in_memory().await.expect("a store");
    let profile = profile(&store, 1).await;
    let sync = |list: Vec<SyncedConnection>| store.apply_sync(profile, list, at(100));
    let outcome = sync(vec![seen(1, false), seen(2, true), seen(3, false)]).await.expect("applied");
    assert_eq!(outcome, SyncOutcome { discovered: 3, gone: 0, health_changed: 0 });
    assert_eq!(healths(&store, profile).await, [Health::Unknown, Health::NeedsReconnect, Health::Unknown]);
    let outcome = sync(vec![seen(1, true), seen(2, false)]).await.expect("applied");
    assert_eq!(outcome, SyncOutcome { discovered: 0, gone: 1, health_changed: 2 });
    assert_eq!(healths(&store, profile).await, [Health::Gone, Health::Works, Health::NeedsReconnect]);
    let outcome = sync(vec![seen(1, true), seen(2, false), seen(3, false)]).await.expect("applied");
    assert_eq!(outcome.health_changed, 1, "what is back is not gone any more");
}

#[tokio::test]
async fn a_queued_disconnect_outlives_a_sync() {
    let store = Store::in_memory().await.expect("a store");
    let profile = profile(&store, 1).await;
    store.apply_sync(profile, vec![seen(1, false)], at(100)).await.expect("applied");
    let instance = Uuid::from_u128(1).into();
    store.set_health(profile, instance, Health::Disconnecting, at(101), None).await.expect("set");
    for list in [vec![seen(1, true)], vec![]] {
        store.apply_sync(profile, list, at(102)).await.expect("applied");
        assert_eq!(healths(&store, profile).await, [Health::Disconnecting]);
    }
    assert_eq!(store.queued_disconnects(profile).await.expect("read").len(), 1);
}

#[tokio::test]
async fn two_profiles_never_meet() {
    let store = Store::in_memory().await.expect("a store");
    let (one, two) = (profile(&store, 1).await, profile(&store, 2).await);
    store.apply_sync(one, vec![seen(1, false)], at(100)).await.expect("applied");
    // The same connection of the same server, under another profile, is another row.
    store
        .apply_sync(
            two,
            vec![SyncedConnection { instance: Uuid::from_u128(9).into(), ..seen(1, false) }],
            at(100),
        )
        .await
        .expect("applied");
    let mine = Uuid::from_u128(1).into();
    assert!(matches!(store.connection(two, mine).await, Err(StoreError::NotFound)));
    let renamed = store.rename_connection(two, mine, "x".into(), "GitHub".into(), at(101)).await;
    assert!(matches!(renamed, Err(StoreError::NotFound)));
    store.set_health(two, mine, Health::Gone, at(101), None).await.expect("nothing to do");
    store.remove_connection(two, mine, at(101)).await.expect("nothing to do");
    assert_eq!(store.connection(one, mine).await.expect("still there").health, Health::Unknown);
    assert_eq!(store.labels(two, ConnectTarget::Connector("github".into())).await.expect("read").len(), 1);
    store.delete_profile(one).await.expect("deleted");
    assert_eq!(healths(&store, two).await.len(), 1, "deleting one leaves the other");
}

#[tokio::test]
async fn a_search_takes_every_word_and_nothing_for_a_wildcard() {
    let store = Store::in_memory().await.expect("a store");
    let profile = profile(&store, 1).await;
    let list = vec![
        SyncedConnection { label: "Größe 100%".into(), ..seen(1, false) },
        SyncedConnection { label: "a_b".into(), ..seen(2, false) },
    ];
    store.apply_sync(profile, list, at(100)).await.expect("applied");
    for (search, matching) in [
        ("", 2),
        ("github", 2),
        ("GRÖSSE", 0),
        ("GRÖßE", 1),
        ("100% git", 1),
        ("%", 1),
        ("_", 1),
        ("a b", 1),
        ("'", 0),
    ] {
        let filter = ConnectionFilter { search: search.into(), limit: 10, ..Default::default() };
        let found = store.connections(profile, filter).await.expect("read");
        assert_eq!(found.matching, matching, "{search}");
    }
}

fn account(id: &str) -> Account {
    Account { id: id.into(), name: format!("Name of {id}"), email: Some(format!("{id}@example.test")) }
}

#[tokio::test]
async fn what_was_found_is_read_back_and_can_be_searched() {
    let store = Store::in_memory().await.expect("a store");
    let profile = profile(&store, 1).await;
    store.apply_sync(profile, vec![seen(1, false)], at(100)).await.expect("applied");
    let instance = Uuid::from_u128(1).into();
    let answers = |id: &'static str, second: i64| {
        let decide = move |c: &Connection| Some(c.after(Finding::Answers(account(id)), at(second)));
        store.change_connection(profile, instance, "GitHub".into(), at(second), decide)
    };
    let first = answers("alex", 101).await.expect("written").expect("changed");
    assert_eq!(store.connection(profile, instance).await.expect("read"), first);
    let other = answers("sam", 102).await.expect("written").expect("changed");
    assert_eq!(store.connection(profile, instance).await.expect("read"), other);
    assert_eq!(
        (other.account, other.mismatch.map(|m| m.account)),
        (Some(account("alex")), Some(account("sam")))
    );

    let filter = ConnectionFilter { search: "ALEX@example".into(), limit: 10, ..Default::default() };
    assert_eq!(store.connections(profile, filter).await.expect("read").matching, 1);
    let counts = store.connection_counts(profile).await.expect("read");
    assert!(counts.len() == 1 && counts[0].awaiting_decision, "{counts:?}");
    let kinds: Vec<Provenance> = store
        .connection_events(profile, instance)
        .await
        .expect("read")
        .into_iter()
        .map(|event| event.kind)
        .collect();
    assert_eq!(kinds, [Provenance::Discovered, Provenance::OtherAccountFound]);
    let foreign = crate::sample::profile(&store, 2).await;
    assert!(store.connection_events(foreign, instance).await.expect("read").is_empty());
    let nothing = store.change_connection(profile, instance, "GitHub".into(), at(103), |_| None).await;
    assert_eq!(nothing.expect("asked"), None);
    let missing = store.change_connection(foreign, instance, "GitHub".into(), at(103), |_| None).await;
    assert!(matches!(missing, Err(StoreError::NotFound)), "another profile's is not there");
}

/// The list only knows of renewals that failed: it does not mend what the provider refused.
#[tokio::test]
async fn a_list_without_errors_does_not_mend_a_refusal() {
    let store = Store::in_memory().await.expect("a store");
    let profile = profile(&store, 1).await;
    for (number, by_provider, expected) in [(1, true, Health::NeedsReconnect), (2, false, Health::Works)] {
        store.apply_sync(profile, vec![seen(number, false)], at(100)).await.expect("applied");
        let instance = Uuid::from_u128(number).into();
        let decide = move |c: &Connection| {
            Some(c.after(Finding::Refused { words: "no".into(), by_provider }, at(101)))
        };
        let changed = store.change_connection(profile, instance, "GitHub".into(), at(101), decide).await;
        assert_eq!(changed.expect("written").map(|c| c.health), Some(Health::NeedsReconnect));
        store.apply_sync(profile, vec![seen(number, false)], at(102)).await.expect("applied");
        assert_eq!(store.connection(profile, instance).await.expect("read").health, expected);
    }
}
