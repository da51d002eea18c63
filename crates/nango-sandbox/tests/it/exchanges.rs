//! The recorded exchanges, replayed in their order against a fresh sandbox and compared one by one.

use std::io::Write as _;

use nango_sandbox::{Integrations, Options};

use crate::replay::{Replay, recorded};

/// Exchanges that are not replayed, with the reason.
const LEFT_OUT: [(&str, &str); 0] = [];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recorded_exchanges_are_answered_alike() {
    let Some(exchanges) = recorded::load() else {
        let place = recorded::file();
        say(&format!(
            "NOT RUN: recorded exchanges not found at {}; set {}",
            place.display(),
            recorded::FOLDER
        ));
        return;
    };
    let options = Options { integrations: Integrations::None, ..Options::default() };
    let mut replay = Replay::start(options).await;
    let (mut covered, mut failures) = (0, Vec::new());
    for exchange in &exchanges {
        if LEFT_OUT.iter().any(|(name, _)| *name == exchange.name) {
            continue;
        }
        let differences = replay.exchange(exchange).await;
        covered += 1;
        if !differences.is_empty() {
            failures.push(format!("{}\n    {}", exchange.name, differences.join("\n    ")));
        }
    }
    say(&format!("recorded exchanges: {covered} of {} covered", exchanges.len()));
    for (name, reason) in LEFT_OUT {
        say(&format!("left out: {name}: {reason}"));
    }
    assert!(failures.is_empty(), "{} exchanges differ:\n{}", failures.len(), failures.join("\n"));
    assert!(covered >= 380, "only {covered} exchanges are covered");
}

/// Past the test runner, which keeps what passing tests print to itself.
fn say(text: &str) {
    writeln!(std::io::stderr(), "\n{text}").expect("standard error");
}
