//! What a person reads when the server misbehaves: every fault in every operation that asks Nango for something,
//! run against the sandbox. The cells together are `docs/FAULTS.md`, which has to be what this test writes.

mod operation;
mod scene;
mod trouble;

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use patchbay_engine::Timings;

use operation::Operation;
use scene::Scene;
use trouble::Trouble;

/// Set, the test writes the document anew instead of comparing it.
const REWRITE: &str = "PATCHBAY_WRITE_DOCS";

/// Longer than any cell may take on a busy machine: what takes longer hangs.
const HANGS: Duration = Duration::from_secs(60);

/// So many operations at a time: they mostly wait.
const AT_A_TIME: usize = 4;

/// What is seen of one fault in one operation.
struct Cell {
    /// What is read.
    read: String,
    /// What is true afterwards.
    then: String,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_read_when_the_server_misbehaves() {
    let sections: Vec<String> = stream::iter(Operation::ALL)
        .map(|operation| async move { section(operation).await })
        .buffered(AT_A_TIME)
        .collect()
        .await;
    let document = format!("{}{}", preface(), sections.concat());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/FAULTS.md");
    if std::env::var_os(REWRITE).is_some() {
        std::fs::write(&path, &document).expect("the document can be written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    for (line, (expected, found)) in written.lines().zip(document.lines()).enumerate() {
        assert_eq!(found, expected, "docs/FAULTS.md, line {}: set {REWRITE} to write it anew", line + 1);
    }
    assert_eq!(written.len(), document.len(), "docs/FAULTS.md is of another length: set {REWRITE}");
}

/// Runs an operation's column: each fault, then the same without it.
async fn section(operation: Operation) -> String {
    let mut scene = Scene::set_up().await;
    let mut text = format!("\n## {}\n\n{}\n\n", operation.title(), operation.words());
    text += "| the server answers with | what is read | afterwards |\n|---|---|---|\n";
    for trouble in Trouble::ALL.into_iter().filter(|trouble| operation.meets(*trouble)) {
        let what = format!("{operation:?} with {trouble:?}");
        eprintln!("{what}");
        let act = async {
            operation.prepare(&scene).await;
            scene.afflict(trouble, operation.paths()).await;
            let cell = operation.act(&scene, trouble).await;
            scene.heal(trouble).await;
            operation.works_again(&scene).await;
            cell
        };
        let cell = tokio::time::timeout(HANGS, act).await.unwrap_or_else(|_| panic!("{what} hangs"));
        writeln!(text, "| {} | {} | {} |", trouble.words(), cell.read, cell.then).expect("memory");
    }
    text
}

/// What the document says before its tables, with the limits that the code has.
fn preface() -> String {
    let timings = Timings::default();
    let limits = &timings.limits;
    let seconds = |duration: Duration| format!("{} s", duration.as_secs());
    let rows = [
        ("to connect to the server, its certificate included", seconds(limits.connect_timeout)),
        ("for one call, from the first byte to the last", seconds(limits.request_timeout)),
        ("for a provider to say whose account a connection is", seconds(timings.provider)),
        ("for one answer", format!("{} MiB", limits.body_limit_bytes / 1024 / 1024)),
        ("pause that Nango asks for and a call waits for by itself", seconds(limits.longest_pause)),
        (
            "tries again of a call that changes nothing, after a cut connection or a gateway's error",
            limits.retries.to_string(),
        ),
        (
            "for Nango to have a connection once it has all it needs",
            format!("{} s", timings.deadlines.settling.as_secs()),
        ),
    ];
    let mut text = format!(
        "# When the server misbehaves\n\n\
         What a person reads, and what is true afterwards, for each fault in each operation that asks Nango for \
         something. A test runs every row against the sandbox, takes the fault away and does the same thing again, \
         which then has to work; it writes this page (`{REWRITE}=1 cargo test --package patchbay-engine --test it \
         faults`) and fails if the page says something else. That the window stays usable meanwhile is shown by \
         `in_the_window::faults` in `e2e/`.\n\n\
         How long things may take at most. The test shortens the times, so that 60 s of silence do not last that \
         long; everything else is as it is in the application.\n\n\
         | limit | |\n|---|---|\n"
    );
    for (what, value) in rows {
        writeln!(text, "| {what} | {value} |").expect("memory");
    }
    text
}
