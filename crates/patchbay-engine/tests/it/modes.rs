//! Every auth mode on a provider of the sandbox: what its form asks, that it connects, what becomes of it when
//! Nango or the provider refuses, that a reconnect keeps it, that a disconnect removes it. All of it is run, and
//! what is seen is `docs/AUTH-MODES.md`, which has to be what this test writes.

mod case;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use patchbay_engine::Answers;
use patchbay_ipc::*;

use crate::harness::{Harness, sandbox};
use crate::modes::case::{CASES, Case};

/// Set, the document is written anew.
const REWRITE: &str = "PATCHBAY_WRITE_DOCS";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_mode_is_connected_refused_renewed_and_disconnected() {
    let mut rows = String::new();
    for case in &CASES {
        eprintln!("{} {}", case.mode, case.target);
        let row = row(case).await;
        writeln!(rows, "| {} | {} |", case.title(), row.join(" | ")).expect("memory");
    }
    let document = format!("{PREFACE}{rows}");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/AUTH-MODES.md");
    if std::env::var_os(REWRITE).is_some() {
        std::fs::write(&path, &document).expect("the document can be written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    for (line, (expected, found)) in written.lines().zip(document.lines()).enumerate() {
        assert_eq!(found, expected, "docs/AUTH-MODES.md, line {}: set {REWRITE} to write it anew", line + 1);
    }
    assert_eq!(written.len(), document.len(), "docs/AUTH-MODES.md is of another length: set {REWRITE}");
}

/// What the document says before its table.
const PREFACE: &str = "\
# Auth modes

How each of Nango's auth modes is connected. A test does all of it against the sandbox, which serves a provider of
every mode, and writes this page (`PATCHBAY_WRITE_DOCS=1 cargo test --package patchbay-engine --test it modes`); it
fails if the page says something else. In the form, *secret* fields are masked while one types, and what is in
brackets may be left empty. Where the provider has nothing against which Nango could check what was entered, the test
has Nango refuse it, as it would: that is said.

| mode | form | connected | failed verification | reconnect | disconnect |
|---|---|---|---|---|---|
";

/// One mode's life, as what is seen of it.
async fn row(case: &Case) -> [String; 5] {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let form = case.form(&harness).await;
    let failed = case.fail(&harness, &sandbox).await;
    assert!(harness.connections().await.is_empty(), "{}: what failed leaves nothing", case.target);
    let connected = case.connect(&harness, &sandbox).await;
    let before = harness.connection().await;
    let renewed = case.reconnect(&harness, &sandbox, &before).await;
    let after = harness.connection().await;
    assert_eq!(after.connection_id, before.connection_id, "{}: a reconnect keeps the id", case.target);
    assert_eq!(sandbox.connections().len(), 1, "{}: and makes no second one", case.target);
    let request = DisconnectConnection { instance: after.instance };
    let report = harness.engine.answer(request).await.expect("a report");
    assert!(report.removed_here && sandbox.connections().is_empty(), "{}", case.target);
    assert_eq!(report.at_nango, AtNango::Deleted, "{}", case.target);
    harness.secrets_are_cleared().await;
    [form, connected, failed, renewed, "deleted at Nango and here".to_owned()]
}

/// Nango's modes, all that Patchbay knows and all that the sandbox serves, are the table's.
#[tokio::test]
async fn no_mode_is_left_out() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let connectors = harness.engine.answer(RefreshConnectors {}).await.expect("connectors").connectors;
    let others = harness.engine.answer(ListProviders {}).await.expect("the rest").providers;
    let ready = |availability| availability == Availability::Ready;
    let served: BTreeSet<String> = connectors
        .iter()
        .filter(|connector| ready(connector.availability))
        .map(|connector| connector.auth_mode.to_string())
        .chain(others.iter().filter(|p| ready(p.availability)).map(|p| p.auth_mode.to_string()))
        .collect();
    let in_table: BTreeSet<String> = CASES.iter().map(|case| case.mode.to_owned()).collect();
    let known: BTreeSet<String> =
        patchbay_core::auth_mode::AuthMode::known().map(|mode| mode.to_string()).collect();
    assert_eq!(in_table, known, "the table has every mode");
    assert_eq!(served, known, "and the sandbox one that can be connected at once for each");
}

/// An installation that has to be approved is connected, but says that it waits; once it is approved, a test finds
/// that out.
#[tokio::test]
async fn an_approval_is_awaited_and_found() {
    for target in ["provider:sandbox-plugin", "provider:sandbox-outbound"] {
        let sandbox = sandbox().await;
        let harness = Harness::on(&sandbox).await;
        let case = CASES.iter().find(|case| case.target == target).expect("a case");
        case.connect(&harness, &sandbox).await;
        let page = harness.engine.answer(ListAttempts { offset: 0, limit: 1 }).await.expect("attempts");
        assert_eq!(page.attempts[0].words, "Waiting for approval");
        assert!(page.attempts[0].awaits_approval);
        let connection = harness.connection().await;
        assert_eq!(
            (connection.awaits_approval, connection.health_words.as_str()),
            (true, "Waiting for approval")
        );

        let waits = harness.test(connection.instance).await;
        assert_eq!(waits.outcome, TestOutcome::CannotBeTested);
        assert!(waits.sentence.contains("approved"), "{}", waits.sentence);
        sandbox.approve(connection.connection_id.as_str());
        let approved = harness.test(connection.instance).await;
        assert!(!approved.connection.awaits_approval, "{}", approved.sentence);
        assert_eq!(approved.connection.health_words, "Never checked");
        let request = GetConnection { instance: connection.instance };
        let history = harness.engine.answer(request).await.expect("a history").history;
        assert!(history.iter().any(|line| line.words == "Approved at the provider"), "{history:?}");
    }
}

/// A look by tag does not tell of an approval; the connection itself does.
#[tokio::test]
async fn an_approval_is_noticed_without_the_websocket() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    sandbox.set_faults(vec![nango_sandbox::Fault {
        matcher: nango_sandbox::FaultMatcher { method: None, path_prefix: "/oauth/callback".into() },
        times: None,
        action: nango_sandbox::FaultAction::NoWebsocketMessage,
    }]);
    let case = CASES.iter().find(|case| case.mode == "INSTALL_PLUGIN").expect("a case");
    case.connect(&harness, &sandbox).await;
    assert!(harness.connection().await.awaits_approval);
}
