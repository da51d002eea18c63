//! What `cargo xtask bench` runs once everything is built: measures Patchbay beside the least that could do the
//! same (its floor), in the same run and taking turns, so that a busy machine is busy for both.
//!
//! One file for each part; `database`, `figure`, `report`, `typing` and `workflow` are what they share. The one argument leaves out the parts in
//! whose names it does not occur.

mod database;
mod document;
mod drawn;
mod figure;
mod link;
mod picker;
mod report;
mod runs;
mod search;
mod sizes;
mod start;
mod sync;
mod typing;
mod workflow;

use anyhow::{Result, bail};
use xtask::bench::Part;
use xtask::step::say;

use figure::Figure;
use report::Report;

#[tokio::main]
async fn main() -> Result<()> {
    let filter = std::env::args().nth(1).unwrap_or_default();
    let parts: Vec<Part> = Part::ALL.into_iter().filter(|part| part.name().contains(&filter)).collect();
    if parts.is_empty() {
        bail!("no part is called {filter:?}");
    }
    let mut report = Report::begin()?;
    for part in parts {
        say(format_args!("▸ measure: {}", part.name()));
        report.add(part.name(), measure(part).await?);
    }
    report.tell()
}

async fn measure(part: Part) -> Result<Vec<Figure>> {
    match part {
        Part::Sync => sync::measure().await,
        Part::Search => search::measure().await,
        Part::Picker => picker::measure().await,
        Part::Drawn => drawn::measure().await,
        Part::Document => document::measure().await,
        Part::Runs => runs::measure().await,
        Part::Start => start::measure().await,
        Part::Link => link::measure().await,
        Part::Sizes => sizes::measure(),
    }
}
