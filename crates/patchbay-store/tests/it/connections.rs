//! Connections: what a sync changes, and that nothing crosses from one profile to another.

use patchbay_core::connection::{Account, Connection, Finding, Health, Provenance, Tags};
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
        tags: Tags::new(),
    }
}

/// A sync during which nothing else happens.
pub(crate) async fn sync(
    store: &Store,
    profile: ProfileId,
    list: Vec<SyncedConnection>,
    second: i64,
) -> SyncOutcome {
    let known = store.known_connections(profile).await.expect("read");
    store.apply_sync(profile, known, list, at(second)).await.expect("applied")
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
    let sync = |list: Vec<SyncedConnection>| sync(&store, profile, list, 100);
    let outcome = sync(vec![seen(1, false), seen(2, true), seen(3, false)]).await;
    assert_eq!(outcome, SyncOutcome { discovered: 3, gone: 0, health_changed: 0 });
    assert_eq!(healths(&store, profile).await, [Health::Unknown, Health::NeedsReconnect, Health::Unknown]);
    let outcome = sync(vec![seen(1, true), seen(2, false)]).await;
    assert_eq!(outcome, SyncOutcome { discovered: 0, gone: 1, health_changed: 2 });
    assert_eq!(healths(&store, profile).await, [Health::Gone, Health::Works, Health::NeedsReconnect]);
    let outcome = sync(vec![seen(1, true), seen(2, false), seen(3, false)]).await;
    assert_eq!(outcome.health_changed, 1, "what is back is not gone any more");
}

#[tokio::test]
async fn a_queued_disconnect_outlives_a_sync() {
    let store = Store::in_memory().await.expect("a store");
    let profile = profile(&store, 1).await;
    sync(&store, profile, vec![seen(1, false)], 100).await;
    let instance = Uuid::from_u128(1).into();
    store.set_health(profile, instance, Health::Disconnecting, at(101), None).await.expect("set");
    for list in [vec![seen(1, true)], vec![]] {
        sync(&store, profile, list, 102).await;
        assert_eq!(healths(&store, profile).await, [Health::Disconnecting]);
    }
    assert_eq!(store.queued_disconnects(profile).await.expect("read").len(), 1);
}

#[tokio::test]
async fn two_profiles_never_meet() {
    let store = Store::in_memory().await.expect("a store");
    let (one, two) = (profile(&store, 1).await, profile(&store, 2).await);
    sync(&store, one, vec![seen(1, false)], 100).await;
    // The same connection of the same server, under another profile, is another row.
    let same = SyncedConnection { instance: Uuid::from_u128(9).into(), ..seen(1, false) };
    sync(&store, two, vec![same], 100).await;
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
    sync(&store, profile, list, 100).await;
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
    sync(&store, profile, vec![seen(1, false)], 100).await;
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
        sync(&store, profile, vec![seen(number, false)], 100).await;
        let instance = Uuid::from_u128(number).into();
        let decide = move |c: &Connection| {
            Some(c.after(Finding::Refused { words: "no".into(), by_provider }, at(101)))
        };
        let changed = store.change_connection(profile, instance, "GitHub".into(), at(101), decide).await;
        assert_eq!(changed.expect("written").map(|c| c.health), Some(Health::NeedsReconnect));
        sync(&store, profile, vec![seen(number, false)], 102).await;
        assert_eq!(store.connection(profile, instance).await.expect("read").health, expected);
    }
}

fn tags(pairs: &[(&str, &str)]) -> Tags {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn tags_are_found_counted_and_follow_the_operator() {
    let store = Store::in_memory().await.expect("a store");
    let profile = profile(&store, 1).await;
    let tagged =
        |number, team: &str| SyncedConnection { tags: tags(&[("team", team)]), ..seen(number, false) };
    sync(&store, profile, vec![tagged(1, "Ops"), tagged(2, "Sales"), tagged(3, "Ops"), seen(4, false)], 100)
        .await;
    let found = |search: &str, tag: Option<(&str, &str)>| {
        let tag = tag.map(|(key, value)| (key.to_owned(), value.to_owned()));
        store.connections(
            profile,
            ConnectionFilter { search: search.into(), tag, limit: 10, ..Default::default() },
        )
    };
    let numbers = |rows: Vec<Connection>| rows.into_iter().map(|row| row.label).collect::<Vec<_>>();
    for (search, tag, expected) in [
        ("", Some(("team", "Ops")), vec!["Label 3", "Label 1"]),
        ("", Some(("team", "ops")), vec![]),
        ("", Some(("team", "Op")), vec![]),
        ("label 1", Some(("team", "Ops")), vec!["Label 1"]),
        ("team:ops", None, vec!["Label 3", "Label 1"]),
        ("SALES 2", None, vec!["Label 2"]),
    ] {
        assert_eq!(numbers(found(search, tag).await.expect("read").rows), expected, "{search} {tag:?}");
    }
    let counts = store.tag_counts(profile, 10).await.expect("read");
    let counts: Vec<_> = counts.iter().map(|tag| (tag.value.as_str(), tag.count)).collect();
    assert_eq!(counts, [("Ops", 2), ("Sales", 1)]);
    assert_eq!(store.tag_counts(profile, 1).await.expect("read").len(), 1, "the most frequent one");

    sync(
        &store,
        profile,
        vec![tagged(1, "Sales"), tagged(2, "Sales"), tagged(3, "Ops"), seen(4, false)],
        101,
    )
    .await;
    assert_eq!(
        numbers(found("ops", None).await.expect("read").rows),
        ["Label 3"],
        "the tag was changed elsewhere"
    );
    let renamed = Uuid::from_u128(3).into();
    store.rename_connection(profile, renamed, "x".into(), "GitHub".into(), at(102)).await.expect("renamed");
    assert_eq!(numbers(found("ops", None).await.expect("read").rows), ["x"], "a new label keeps the tags");
}

#[tokio::test]
async fn one_letter_is_a_search_too_and_pages_go_on_where_they_ended() {
    let store = Store::in_memory().await.expect("a store");
    let profile = profile(&store, 1).await;
    let rows = (1..=60).map(|number| seen(number, number % 2 == 0)).collect();
    sync(&store, profile, rows, 100).await;
    let page = |search: &str, health, offset| {
        store.connections(
            profile,
            ConnectionFilter { search: search.into(), health, offset, limit: 5, ..Default::default() },
        )
    };
    let first = page("4", None, 0).await.expect("read");
    assert_eq!(first.matching, 15, "4, 14, … 54 and 40 to 49");
    let second = page("4", None, 5).await.expect("read");
    assert_eq!((first.rows[0].label.as_str(), second.rows[0].label.as_str()), ("Label 54", "Label 45"));
    assert_eq!(page("4", None, 10).await.expect("read").rows.len(), 5);
    assert_eq!(page("4", Some(Health::Unknown), 0).await.expect("read").matching, 5, "the odd ones of them");
    assert_eq!(page("la el", None, 0).await.expect("read").matching, 60);
}

/// The list was read while a connection was made here and another one was disconnected here.
#[tokio::test]
async fn what_happens_here_during_a_walk_stands() {
    let store = Store::in_memory().await.expect("a store");
    let profile = profile(&store, 1).await;
    sync(&store, profile, vec![seen(1, false), seen(2, false)], 100).await;
    let known = store.known_connections(profile).await.expect("read");
    let list = vec![seen(1, false), seen(2, false)];
    sync(&store, profile, vec![seen(1, false), seen(2, false), seen(3, false)], 101).await;
    store.remove_connection(profile, Uuid::from_u128(1).into(), at(101)).await.expect("removed");
    let outcome = store.apply_sync(profile, known, list, at(102)).await.expect("applied");
    assert_eq!(outcome, SyncOutcome::default(), "the new one is not gone, the removed one not back");
    assert_eq!(healths(&store, profile).await, [Health::Unknown, Health::Unknown]);
}

/// The computer's clock was wrong when the connection was made; the list is ordered by the server's.
#[tokio::test]
async fn the_servers_clock_orders_the_list() {
    let store = Store::in_memory().await.expect("a store");
    let profile = profile(&store, 1).await;
    let wrong = SyncedConnection { created_at: at(4_000_000_000), ..seen(1, false) };
    sync(&store, profile, vec![wrong], 100).await;
    sync(&store, profile, vec![seen(2, false), seen(1, false)], 101).await;
    let filter = ConnectionFilter { limit: 100, ..Default::default() };
    let rows = store.connections(profile, filter).await.expect("read").rows;
    let labels: Vec<&str> = rows.iter().map(|row| row.label.as_str()).collect();
    assert_eq!(labels, ["Label 2", "Label 1"]);
}
