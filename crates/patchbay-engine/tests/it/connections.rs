//! Connections: search, rename, the two halves of a disconnect, sync.

use patchbay_core::connection::Health;
use patchbay_engine::Answers;
use patchbay_ipc::*;

use crate::harness::{Harness, all_connections, count, elsewhere, sandbox, until};

fn narrowed(narrowing: Narrowing) -> ListConnections {
    ListConnections { narrowing, ..all_connections() }
}

#[tokio::test]
async fn search_and_rename() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    harness.connect("github", "alex").await;
    harness.connect("gitlab", "sam").await;
    let instance = harness.connections().await.iter().find(|c| c.label == "GitHub").expect("one").instance;
    let rename = |label: &str| RenameConnection { instance, label: label.to_owned() };
    assert_eq!(
        harness.engine.answer(rename(" Ölberg Arbeit ")).await.expect("renamed").label,
        "Ölberg Arbeit"
    );
    assert_eq!(harness.engine.answer(rename(" ")).await.expect_err("empty").field.as_deref(), Some("label"));
    for (search, found) in
        [("ölberg", 1), ("ÖLBERG git", 1), ("git", 2), ("lab", 1), ("nothing", 0), ("%", 0)]
    {
        let request = narrowed(Narrowing { search: search.to_owned(), ..Default::default() });
        let page = harness.engine.answer(request).await.expect("a page");
        assert_eq!((page.matching, page.total), (found, 2), "{search}");
    }
    let works = narrowed(Narrowing { health: Some(Health::Works), ..Default::default() });
    assert_eq!(harness.engine.answer(works).await.expect("a page").matching, 2);
}

#[tokio::test]
async fn disconnected_at_nango_and_here() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    harness.connect("github", "alex").await;
    let instance = harness.connections().await[0].instance;
    let plan = harness.engine.answer(PlanDisconnect { instance }).await.expect("a plan");
    assert!(plan.at_once);
    assert!(plan.consequences.iter().any(|sentence| sentence.contains("GitHub")));
    let report = harness.engine.answer(DisconnectConnection { instance }).await.expect("a report");
    assert_eq!((report.at_nango, report.removed_here), (AtNango::Deleted, true));
    assert!(sandbox.connections().is_empty());
    assert!(harness.connections().await.is_empty());
}

#[tokio::test]
async fn disconnected_elsewhere_first() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    harness.connect("github", "alex").await;
    let other = Harness::on(&sandbox).await;
    other.engine.answer(SyncConnections {}).await.ok();
    until("the other machine to know it", || async { (other.connections().await.len() == 1).then_some(()) })
        .await;
    let instance = other.connections().await[0].instance;
    other.engine.answer(DisconnectConnection { instance }).await.expect("a report");
    let instance = harness.connections().await[0].instance;
    let report = harness.engine.answer(DisconnectConnection { instance }).await.expect("a report");
    assert_eq!((report.at_nango, report.removed_here), (AtNango::AlreadyGone, true));
}

#[tokio::test]
async fn offline_a_disconnect_is_queued_and_carried_out_later() {
    let mut sandbox = sandbox().await;
    let mut harness = Harness::on(&sandbox).await;
    harness.connect("github", "alex").await;
    sandbox.stop_nango().await;
    let instance = harness.connections().await[0].instance;
    let report = harness.engine.answer(DisconnectConnection { instance }).await.expect("a report");
    assert_eq!((report.at_nango, report.removed_here), (AtNango::Queued, false));
    assert_eq!(harness.connections().await[0].health, Health::Disconnecting);
    harness.crash_and_start().await;
    assert_eq!(harness.connections().await[0].health, Health::Disconnecting, "the wish outlives a crash");
    sandbox.restart_nango().await.expect("it starts again");
    until("the queued disconnect", || async { harness.connections().await.is_empty().then_some(()) }).await;
    assert!(sandbox.connections().is_empty());
}

#[tokio::test]
async fn a_key_that_may_not_delete_leaves_the_connection_as_it_was() {
    let sandbox = sandbox().await;
    let key = sandbox.create_api_key(&[
        "environment:connect_sessions:write",
        "environment:integrations:list",
        "environment:connections:list",
    ]);
    let harness = Harness::new().await;
    harness.save(sandbox.base_url(), &key).await.expect("a profile");
    harness.connect("github", "alex").await;
    let instance = harness.connections().await[0].instance;
    let report = harness.engine.answer(DisconnectConnection { instance }).await.expect("a report");
    assert!(matches!(report.at_nango, AtNango::Failed(_)), "{report:?}");
    assert_eq!(harness.connections().await[0].health, Health::Works);
}

#[tokio::test]
async fn a_sync_finds_what_is_new_and_what_is_gone() {
    let sandbox = sandbox().await;
    sandbox.seed_connections(2500, "github", "somebody");
    let harness = Harness::on(&sandbox).await;
    until("the first sync", || async {
        let overview = harness.engine.answer(GetOverview {}).await.expect("an overview");
        overview.profile.and_then(|profile| profile.last_synced_at)
    })
    .await;
    let page = harness.engine.answer(all_connections()).await.expect("a page");
    assert_eq!((page.total, page.connections.len()), (2500, 500));
    let pages = count(&sandbox, "GET", "/connections");
    let report = harness.engine.answer(SyncConnections {}).await.expect("a sync");
    assert_eq!((report.seen, report.discovered, report.gone), (2500, 0, 0));
    assert_eq!(count(&sandbox, "GET", "/connections") - pages, 3);

    let gone = sandbox.connections()[0].id.clone();
    elsewhere(&sandbox).delete_connection(&gone, "github").await.expect("deleted elsewhere");
    let report = harness.engine.answer(SyncConnections {}).await.expect("a sync");
    assert_eq!((report.seen, report.gone), (2499, 1));
}

/// What was lost on the way is found by its tag and gets the label it was to have.
#[tokio::test]
async fn a_sync_matches_a_connection_to_its_attempt() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let attempt = harness.connect("github", "alex").await;
    let database = harness.database();
    // As if the row had never been written.
    let other = rusqlite_delete(&database, attempt.instance.to_string());
    assert_eq!(other, 1);
    harness.engine.answer(SyncConnections {}).await.expect("a sync");
    let connection = &harness.connections().await[0];
    assert_eq!((connection.label.as_str(), connection.instance), ("GitHub", attempt.instance));
}

fn rusqlite_delete(database: &std::path::Path, instance: String) -> usize {
    let connection = rusqlite::Connection::open(database).expect("the database");
    connection.execute("DELETE FROM connections WHERE instance_id = ?1", [instance]).expect("deleted")
}
