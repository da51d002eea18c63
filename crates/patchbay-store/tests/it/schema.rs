//! The schema itself: what it is, and what happens to a database this version cannot use.

use patchbay_core::attempt::Purpose;
use patchbay_store::{SCHEMA_VERSION, Store, StoreError};

use crate::sample;

#[tokio::test]
async fn the_schema_is_as_reviewed() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("patchbay.db");
    drop(Store::open(&file).await.expect("a store"));
    let connection = rusqlite::Connection::open(&file).expect("the database");
    let mut statement = connection
        .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type DESC, name")
        .expect("a query");
    let schema: Vec<String> =
        statement.query_map([], |row| row.get(0)).expect("rows").map(|row| row.expect("a row")).collect();
    assert!(schema.iter().filter(|sql| sql.starts_with("CREATE TABLE")).all(|sql| sql.ends_with("STRICT")));
    insta::assert_snapshot!(schema.join("\n"));
}

#[tokio::test]
async fn a_newer_database_is_refused_and_not_touched() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("patchbay.db");
    drop(Store::open(&file).await.expect("a store"));
    let connection = rusqlite::Connection::open(&file).expect("the database");
    connection.pragma_update(None, "user_version", SCHEMA_VERSION + 1).expect("set");
    drop(connection);
    sample::checkpoint(&file);
    let before = std::fs::read(&file).expect("bytes");
    let refused = Store::open(&file).await.err().expect("refused");
    assert!(matches!(refused, StoreError::Newer { found, .. } if found == SCHEMA_VERSION + 1), "{refused:?}");
    assert_eq!(std::fs::read(&file).expect("bytes"), before, "not a byte is changed");
}

#[tokio::test]
async fn a_damaged_file_is_named_as_such() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("patchbay.db");
    std::fs::write(&file, "this is not a database, it is a text of some length").expect("written");
    assert!(matches!(Store::open(&file).await.err(), Some(StoreError::Damaged(_))));
}

#[tokio::test]
async fn two_stores_on_one_file_see_each_others_work() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("patchbay.db");
    let one = Store::open(&file).await.expect("a store");
    let two = Store::open(&file).await.expect("another");
    let profile = sample::profile(&one, 1).await;
    assert!(two.profile(profile).await.expect("read").is_some());
}

/// An attempt of a version that knew no reconnects made a connection.
#[tokio::test]
async fn rows_of_the_schema_before_are_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("patchbay.db");
    let connection = rusqlite::Connection::open(&file).expect("a database");
    for migration in [
        include_str!("../../../../migrations/01-profiles/up.sql"),
        include_str!("../../../../migrations/02-connections/up.sql"),
        include_str!("../../../../migrations/03-attempts/up.sql"),
    ] {
        connection.execute_batch(migration).expect("applied");
    }
    let id = |number: u128| uuid::Uuid::from_u128(number).to_string();
    connection
        .execute_batch(&format!(
            "INSERT INTO profiles (id, kind, server_url, user_id, enabled, created_at)
                 VALUES ('{0}', 'nango', 'https://nango.test/', 'alex', 1, 0);
             INSERT INTO attempts (id, profile_id, instance_id, provider, integration, label, method, state,
                     started_at, deadline_at)
                 VALUES ('{1}', '{0}', '{2}', 'github', 'github', 'GitHub', 'browser', 'awaiting_browser', 0, 9);
             INSERT INTO connections (instance_id, profile_id, provider, integration, connection_id, label,
                     health, created_at, search_text)
                 VALUES ('{2}', '{0}', 'github', 'github', 'c', 'GitHub', 'works', 0, 'github');
             PRAGMA user_version = 3;",
            id(1),
            id(2),
            id(3)
        ))
        .expect("written");
    drop(connection);
    let store = Store::open(&file).await.expect("a store");
    let profile = uuid::Uuid::from_u128(1).into();
    let attempt = store.attempt(profile, uuid::Uuid::from_u128(2).into()).await.expect("read");
    assert_eq!(attempt.purpose, Purpose::Connect);
    let connection = store.connection(profile, uuid::Uuid::from_u128(3).into()).await.expect("read");
    assert_eq!((connection.mismatch, connection.refusal_stands), (None, false));
}
