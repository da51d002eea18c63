//! Many connections: narrowing, testing and exporting them, and reading a list that shifts while it is read.

use std::time::{Duration, Instant};

use nango_sandbox::{Fault, FaultAction, FaultMatcher, Sandbox};
use patchbay_core::connection::Health;
use patchbay_engine::{Answers, Timings};
use patchbay_ipc::*;

use crate::harness::{Harness, all_connections, count, elsewhere, quick, sandbox, until};

fn everything() -> Choice {
    Choice::Matching(Narrowing::default())
}

/// Waits until the tests have ended.
async fn tests_ended(harness: &Harness) -> BulkTest {
    until("the tests to end", || async {
        harness.engine.answer(GetBulkTest {}).await.expect("an answer").filter(|tests| !tests.running)
    })
    .await
}

async fn first_sync(harness: &Harness) {
    until("the first sync to be over", || async {
        let overview = harness.engine.answer(GetOverview {}).await.expect("an overview");
        let running = harness.engine.answer(GetSyncProgress {}).await.expect("its progress").running;
        overview.profile.and_then(|profile| profile.last_synced_at).filter(|_| !running)
    })
    .await;
}

/// Has reading below a path take so long. What others do there meanwhile does not.
fn slow(sandbox: &Sandbox, path: &str, delay: Duration) {
    sandbox.set_faults(vec![Fault {
        matcher: FaultMatcher { method: Some("GET".to_owned()), path_prefix: path.into() },
        times: None,
        action: FaultAction::Delay(delay),
    }]);
}

#[tokio::test]
async fn many_are_tested_and_the_troubles_are_named() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    for account in ["alex", "sam", "alex"] {
        harness.connect("github", account).await;
    }
    let broken = harness.connections().await.into_iter().find(|c| c.label == "GitHub 2").expect("one");
    sandbox.revoke_grants(broken.connection_id.as_str());
    let begun = harness.engine.answer(TestConnections { choice: everything() }).await.expect("begun");
    assert_eq!((begun.total, begun.running), (3, true));
    let ended = tests_ended(&harness).await;
    assert_eq!((ended.works, ended.fails, ended.cannot_be_tested), (2, 1, 0), "{ended:#?}");
    assert_eq!(ended.summary, "All 3 tested: 2 work, 1 do not, 0 cannot be tested.");
    let labels: Vec<&str> = ended.troubles.iter().map(|trouble| trouble.label.as_str()).collect();
    assert_eq!(labels, ["GitHub 2"]);
    let row = harness.connections().await.into_iter().find(|c| c.label == "GitHub 2").expect("one");
    assert_eq!(row.health, Health::NeedsReconnect, "a test of many is a test of each");

    let some = Choice::These(vec![row.instance]);
    harness.engine.answer(TestConnections { choice: some }).await.expect("begun");
    assert_eq!(tests_ended(&harness).await.total, 1);

    harness.save(sandbox.base_url(), sandbox.api_key()).await.expect("another profile");
    assert_eq!(
        harness.engine.answer(GetBulkTest {}).await.expect("an answer"),
        None,
        "they were the other's"
    );
}

#[tokio::test]
async fn tests_can_be_stopped_and_do_not_run_twice() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    sandbox.seed_connections(40, "github", "somebody");
    harness.engine.answer(SyncConnections {}).await.ok();
    until("the seeded ones", || async { (harness.connections().await.len() == 40).then_some(()) }).await;
    slow(&sandbox, "/proxy/", Duration::from_millis(100));
    harness.engine.answer(TestConnections { choice: everything() }).await.expect("begun");
    let second = harness.engine.answer(TestConnections { choice: everything() }).await;
    assert_eq!(second.expect_err("one at a time").code, Code::Conflict);
    until("the first to be tested", || async {
        let tests = harness.engine.answer(GetBulkTest {}).await.expect("an answer").expect("tests");
        (tests.tested > 0).then_some(())
    })
    .await;
    harness.engine.answer(CancelTests {}).await.expect("stopped");
    let ended = tests_ended(&harness).await;
    assert!(ended.tested < 40 && ended.summary.starts_with("Stopped after"), "{}", ended.summary);
    assert!(count(&sandbox, "GET", "/proxy/") < 40, "the rest is not asked");
}

#[tokio::test]
async fn a_server_that_is_gone_ends_the_tests() {
    let mut sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    harness.connect("github", "alex").await;
    harness.connect("gitlab", "alex").await;
    sandbox.stop_nango().await;
    harness.engine.answer(TestConnections { choice: everything() }).await.expect("begun");
    let ended = tests_ended(&harness).await;
    assert!(ended.summary.starts_with("Ended after 0 of 2"), "{}", ended.summary);
    let healths: Vec<Health> = harness.connections().await.iter().map(|c| c.health).collect();
    assert_eq!(healths, [Health::Works, Health::Works], "it says nothing of the connections");
}

/// Six calls a second stand for the sixty a minute: however much there is to do, no more are made.
#[tokio::test]
async fn the_server_is_never_asked_more_often_than_the_budget_allows() {
    const A_WINDOW: usize = 6;
    let window = Duration::from_secs(1);
    let limits = nango_client::Limits {
        calls_per_minute: Some(u32::try_from(A_WINDOW).expect("small")),
        budget_window: window,
        ..quick().limits
    };
    let sandbox = sandbox().await;
    sandbox.seed_connections(12_000, "github", "somebody");
    let harness = Harness::with(Timings { limits, ..quick() }).await;
    harness.save(sandbox.base_url(), sandbox.api_key()).await.expect("a profile");
    first_sync(&harness).await;
    let (pages, tests) = (|| count(&sandbox, "GET", "/connections"), || count(&sandbox, "GET", "/proxy/"));
    let (pages_before, tests_before) = (pages(), tests());
    let started = Instant::now();
    let some: Vec<_> = harness.connections().await.into_iter().take(10).map(|row| row.instance).collect();
    let begin = harness.engine.answer(TestConnections { choice: Choice::These(some) });
    let (report, begun) = tokio::join!(harness.engine.answer(SyncConnections {}), begin);
    assert_eq!((report.expect("a sync").seen, begun.expect("begun").total), (12_000, 10));
    let read_after = started.elapsed();
    tests_ended(&harness).await;
    // Of the tests, which pass through the proxy, two thirds of the budget begin in a window.
    let fewest = |calls: usize, a_window: usize| window * u32::try_from((calls - 1) / a_window).expect("few");
    let (pages, tests) = (pages() - pages_before, tests() - tests_before);
    assert!(pages >= 13 && tests >= 10, "thirteen pages and ten tests: {pages}, {tests}");
    assert!(read_after >= fewest(pages, A_WINDOW), "{pages} pages in {read_after:?}");
    assert!(started.elapsed() >= fewest(10, A_WINDOW * 2 / 3), "10 tests in {:?}", started.elapsed());
}

/// While the list is read, others delete in front of the reader and add: nothing is lost, nothing comes twice.
#[tokio::test]
async fn a_list_that_shifts_is_read_whole() {
    let sandbox = sandbox().await;
    sandbox.seed_connections(6_000, "github", "somebody");
    let harness = Harness::on(&sandbox).await;
    first_sync(&harness).await;
    slow(&sandbox, "/connections", Duration::from_millis(300));
    let disturb = async {
        for read in [1_000, 2_500, 4_000] {
            until("the walk to go on", || async {
                let progress = harness.engine.answer(GetSyncProgress {}).await.expect("progress");
                (progress.read >= read).then_some(())
            })
            .await;
            let newest: Vec<String> =
                sandbox.connections().iter().rev().take(15).map(|c| c.id.clone()).collect();
            let client = elsewhere(&sandbox);
            let deletions = newest.iter().map(|id| client.delete_connection(id, "github"));
            for deleted in futures_util::future::join_all(deletions).await {
                deleted.expect("deleted elsewhere");
            }
            sandbox.seed_connections(7, "github", "somebody else");
        }
    };
    let (report, ()) = tokio::join!(harness.engine.answer(SyncConnections {}), disturb);
    let report = report.expect("a sync");
    assert!(report.seen >= 6_000 - 45, "{report:?}");
    sandbox.clear_faults();
    harness.engine.answer(SyncConnections {}).await.expect("a quiet sync");
    let page = harness.engine.answer(all_connections()).await.expect("a page");
    let gone = page.by_health.iter().find(|(health, _)| *health == Health::Gone).map_or(0, |(_, n)| *n);
    assert_eq!((page.total - gone) as usize, sandbox.connections().len());
    let first = harness.engine.answer(GetSyncProgress {}).await.expect("progress");
    assert!(!first.running);
}

#[tokio::test]
async fn a_sync_can_be_stopped_and_changes_nothing_then() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    first_sync(&harness).await;
    sandbox.seed_connections(3_000, "github", "somebody");
    slow(&sandbox, "/connections", Duration::from_millis(200));
    let stop = async {
        until("the first page", || async {
            let progress = harness.engine.answer(GetSyncProgress {}).await.expect("progress");
            (progress.read >= 1_000).then_some(())
        })
        .await;
        harness.engine.answer(CancelSync {}).await.expect("stopped");
    };
    let (report, ()) = tokio::join!(harness.engine.answer(SyncConnections {}), stop);
    assert_eq!(report.expect_err("stopped").code, Code::Conflict);
    assert!(harness.connections().await.is_empty());
}

#[tokio::test]
async fn the_list_is_narrowed_to_a_connector_and_a_tag() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    harness.connect("github", "alex").await;
    harness.connect("gitlab", "alex").await;
    let github = harness.connections().await.into_iter().find(|c| c.label == "GitHub").expect("one");
    assert!(github.tags.is_empty(), "tags of ours are not shown: {:?}", github.tags);
    let tags = [("team", "Ops"), ("patchbay_attempt", "x"), ("end_user_id", "alex")];
    let tags = tags.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    let client = elsewhere(&sandbox);
    client.replace_connection_tags(github.connection_id.as_str(), "github", &tags).await.expect("tagged");
    harness.engine.answer(SyncConnections {}).await.expect("a sync");

    let facets = harness.engine.answer(GetConnectionFacets {}).await.expect("facets");
    let ops = Tag { key: "team".into(), value: "Ops".into() };
    assert_eq!(facets.tags, [TagFacet { tag: ops.clone(), count: 1 }]);
    let names: Vec<_> = facets.connectors.iter().map(|facet| (facet.name.as_str(), facet.count)).collect();
    assert_eq!(names, [("GitHub", 1), ("GitLab", 1)]);
    for (narrowing, expected) in [
        (Narrowing { tag: Some(ops.clone()), ..Default::default() }, vec!["GitHub"]),
        (Narrowing { connector: Some("gitlab".into()), ..Default::default() }, vec!["GitLab"]),
        (Narrowing { connector: Some("gitlab".into()), tag: Some(ops), ..Default::default() }, vec![]),
        (Narrowing { search: "team:ops".into(), ..Default::default() }, vec!["GitHub"]),
    ] {
        let request = ListConnections { narrowing: narrowing.clone(), ..all_connections() };
        let page = harness.engine.answer(request).await.expect("a page");
        let labels: Vec<&str> = page.connections.iter().map(|c| c.label.as_str()).collect();
        assert_eq!(labels, expected, "{narrowing:?}");
    }
}

#[tokio::test]
async fn the_list_is_exported_without_secrets_and_nothing_is_overwritten() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    harness.connect_known("github", "alex").await;
    let instance = harness.connection().await.instance;
    harness.engine.answer(RenameConnection { instance, label: "=1+1, \"x\"".into() }).await.expect("renamed");
    let export = |choice, format| harness.engine.answer(ExportConnections { choice, format });
    let csv = export(everything(), ExportFormat::Csv).await.expect("written");
    assert_eq!(csv.count, 1);
    let text = std::fs::read_to_string(&csv.path).expect("the file");
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("\"label\",\"connector\","), "{}", lines[0]);
    assert!(lines[1].starts_with("\"'=1+1, \"\"x\"\"\",\"GitHub\",\"Alex Rivera\""), "{}", lines[1]);
    let again = export(everything(), ExportFormat::Csv).await.expect("written");
    assert_ne!(again.path, csv.path);

    let json = export(Choice::These(vec![instance]), ExportFormat::Json).await.expect("written");
    let text = std::fs::read_to_string(&json.path).expect("the file");
    let rows: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(rows[0]["label"], "=1+1, \"x\"");
    assert_eq!(rows[0]["account"]["name"], "Alex Rivera");
    assert!(!text.contains(sandbox.api_key()));
    let nothing = Choice::Matching(Narrowing { search: "nothing like it".into(), ..Default::default() });
    assert_eq!(export(nothing, ExportFormat::Json).await.expect("written").count, 0);
}
