//! Connections against recorded exchanges.

use std::collections::BTreeMap;

use nango_client::{ConnectionSummary, Deletion, Error, ListQuery, ReadConnection, RefreshMode, Resource};
use serde_json::{Value, json};

use crate::fixture::Replay;
use crate::server::{Reply, Server};

const ID: &str = "d0ef2c8e-888d-4302-b7a6-7528bbd96385";
const BROKEN: &str = "731645a5-f27a-4de7-a3e9-562cc0dc78ec";

async fn list(name: &str, query: ListQuery) -> Vec<ConnectionSummary> {
    let replay = Replay::of("connections", name).await;
    let page = replay.server.client().list_connections(&query).await.unwrap();
    let extra: &[&str] = if name.ends_with("page1") { &[] } else { &["limit", "page"] };
    replay.assert_asked_with(extra);
    page
}

async fn read(name: &str, id: &str, integration: &str, mode: RefreshMode) -> Result<ReadConnection, Error> {
    let replay = Replay::of("connections", name).await;
    let result = replay.server.client().connection(id, integration, mode).await;
    replay.assert_asked();
    result
}

#[tokio::test]
async fn every_filter_is_sent_as_recorded() {
    let query = || ListQuery { limit: 100, ..ListQuery::default() };
    let page = list("connections.list.limit_page1", ListQuery { limit: 2, page: 1, ..query() }).await;
    assert_eq!(page[0].id, 26);
    let tags =
        BTreeMap::from([("owner".to_owned(), "ada".to_owned()), ("project".to_owned(), "q4".to_owned())]);
    let page = list("connections.list.tags_two", ListQuery { tags, ..query() }).await;
    assert_eq!(page[0].tags["owner"], "ada");
    let filter = ListQuery { end_user_id: Some("u-42".to_owned()), ..query() };
    let page = list("connections.list.endUserId", filter).await;
    let user = page[0].end_user.as_ref().unwrap();
    assert_eq!((user.email.as_deref(), user.tags.len()), (Some("ada@example.com"), 0));
    let filter = ListQuery { integration: Some("local-cc".to_owned()), ..query() };
    assert_eq!(list("connections.list.integrationId", filter).await[0].provider_config_key, "local-cc");
    let filter = ListQuery { search: Some("d0ef2c8e".to_owned()), ..query() };
    assert_eq!(list("connections.list.search_id", filter).await[0].connection_id, ID);
    let filter = ListQuery { connection_id: Some(BROKEN.to_owned()), ..query() };
    let page = list("connections.list.broken", filter).await;
    assert_eq!(page[0].errors[0].kind, "auth");
    assert_eq!(page[0].created.to_string(), "2026-11-22T11:08:38.392Z");
}

#[tokio::test]
async fn a_page_of_nothing_or_too_much_is_not_asked_for() {
    let server = Server::replying(vec![Reply::json(200, r#"{"connections":[]}"#)]).await;
    for limit in [0, 2001] {
        let query = ListQuery { limit, ..ListQuery::default() };
        let result = server.client().list_connections(&query).await;
        assert!(matches!(result, Err(Error::InvalidArgument { .. })), "{limit}: {result:?}");
    }
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn credentials_are_dropped_and_the_rest_is_kept() {
    let found = read("connection.get.oauth2", ID, "local-oauth2", RefreshMode::None).await.unwrap();
    let ReadConnection::Found(details) = found else { panic!("{found:?}") };
    assert_eq!(details.connection_config["account_id"], json!("acct_1"));
    assert!(details.last_fetched_at.is_some());
    let shown = format!("{details:?}");
    assert!(!shown.contains("at_dummy") && !shown.contains("acct_1"), "{shown}");
}

#[tokio::test]
async fn a_failed_renewal_is_an_outcome() {
    let table = [
        ("refresh.fail_first", RefreshMode::None, false, false),
        ("refresh.fail_second_backoff", RefreshMode::None, true, false),
        ("refresh.exhausted", RefreshMode::None, false, true),
    ];
    for (name, mode, backing_off, exhausted) in table {
        let ReadConnection::BrokenCredentials(broken) =
            read(name, BROKEN, "local-oauth2", mode).await.unwrap()
        else {
            panic!("{name} is a failure");
        };
        assert_eq!((broken.backing_off, broken.exhausted), (backing_off, exhausted), "{name}");
        let connection = broken.connection.unwrap();
        assert_eq!((connection.id, connection.errors.len()), (35, 1), "{name}");
    }
    let read = read("refresh.recovered_by_force", BROKEN, "local-oauth2", RefreshMode::Force).await.unwrap();
    assert!(matches!(read, ReadConnection::Found(details) if details.errors.is_empty()));
}

#[tokio::test]
async fn the_unknown_is_not_found_in_every_form() {
    let table = [
        ("connection.get.unknown_connection", "nope", "local-oauth2", Resource::Connection),
        ("connection.get.unknown_integration", ID, "nope", Resource::Integration),
    ];
    for (name, id, integration, expected) in table {
        match read(name, id, integration, RefreshMode::None).await {
            Err(Error::NotFound { what }) => assert_eq!(what, expected, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn tags_and_metadata_are_written() {
    let replay = Replay::of("connections", "connection.patch.tags").await;
    let tags = BTreeMap::from([("owner".to_owned(), "carol".to_owned())]);
    replay.server.client().replace_connection_tags(ID, "local-oauth2", &tags).await.unwrap();
    replay.assert_asked();

    let object = |value: Value| value.as_object().unwrap().clone();
    let replay = Replay::of("connections", "metadata.set").await;
    let metadata = object(json!({"a": 1, "b": {"c": true}}));
    replay.server.client().set_metadata(ID, "local-oauth2", &metadata).await.unwrap();
    replay.assert_asked();

    let replay = Replay::of("connections", "metadata.update").await;
    let metadata = object(json!({"b": {"d": 2}, "e": null}));
    replay.server.client().update_metadata(ID, "local-oauth2", &metadata).await.unwrap();
    replay.assert_asked();

    let replay = Replay::of("connections", "metadata.unknown").await;
    let error =
        replay.server.client().set_metadata("nope", "local-oauth2", &object(json!({}))).await.unwrap_err();
    replay.assert_asked();
    assert!(matches!(error, Error::NotFound { what: Resource::Connection }), "{error:?}");
}

#[tokio::test]
async fn deleting_twice_is_no_error() {
    let id = "83b3c912-2c06-4abf-8735-f6baef684e6c";
    for (name, expected) in
        [("connection.delete.ok", Deletion::Deleted), ("connection.delete.again", Deletion::AlreadyGone)]
    {
        let replay = Replay::of("connections", name).await;
        assert_eq!(replay.server.client().delete_connection(id, "local-oauth2").await.unwrap(), expected);
        replay.assert_asked();
    }
}

#[tokio::test]
async fn strange_ids_stay_one_segment() {
    let server = Server::replying(vec![Reply::json(200, r#"{"success":true}"#)]).await;
    let client = server.client();
    client.delete_connection("a/b|c${d} \"'", "key with space@1").await.unwrap();
    let request = &server.received()[0];
    assert_eq!(request.path, "/connections/a%2Fb%7Cc%24%7Bd%7D%20%22%27");
    assert_eq!(request.query, [("provider_config_key".to_owned(), "key with space@1".to_owned())]);
    for dots in ["", ".", ".."] {
        let result = client.delete_connection(dots, "key").await;
        assert!(matches!(result, Err(Error::InvalidArgument { .. })), "{dots:?} names no connection");
    }
    assert_eq!(server.received().len(), 1);
}
