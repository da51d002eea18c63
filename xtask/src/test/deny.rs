//! cargo-deny: licences, sources, bans, and known vulnerabilities where their database can be fetched.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::process;
use crate::project::Project;
use crate::step::say;
use crate::tool::Tool;

/// In the series whose configuration format `deny.toml` is written in.
const DENY: Tool = Tool { name: "cargo-deny", series: "0.20", features: "" };
/// How long fetching the advisory database may take before it counts as out of reach.
const FETCH_LIMIT: Duration = Duration::from_secs(90);

/// Checks what `deny.toml` asks for.
///
/// # Errors
/// cargo-deny cannot be installed, or finds something.
pub(super) fn check(project: &Project) -> Result<()> {
    let program = DENY.ensure(project)?;
    let mut checks = vec!["licenses", "bans", "sources"];
    let advisories = fetch_advisories(project, &program);
    if advisories.is_ok() {
        checks.push("advisories");
    }
    let mut deny = process::command(&program);
    deny.current_dir(project.root()).args(["--workspace", "check", "--hide-inclusion-graph"]).args(&checks);
    process::run(&mut deny)?;
    if let Err(problem) = advisories {
        say(format_args!(
            "  NOT CHECKED: known vulnerabilities. The advisory database could not be fetched: {problem:#}"
        ));
    }
    Ok(())
}

fn fetch_advisories(project: &Project, program: &Path) -> Result<()> {
    let mut fetch = process::command(program);
    fetch.current_dir(project.root()).args(["fetch", "db"]);
    let mut child = fetch.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            if status.success() {
                return Ok(());
            }
            bail!("`cargo deny fetch db` ended with {status}");
        }
        if started.elapsed() > FETCH_LIMIT {
            child.kill()?;
            child.wait()?;
            bail!("`cargo deny fetch db` did not end within {} s", FETCH_LIMIT.as_secs());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}
