//! cargo-deny: licences, sources, bans, and known vulnerabilities where their database can be fetched.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::process;
use crate::project::Project;
use crate::step::{say, step};

/// The series of cargo-deny whose configuration format `deny.toml` is written in.
const VERSION: &str = "0.20";
/// How long fetching the advisory database may take before it counts as out of reach.
const FETCH_LIMIT: Duration = Duration::from_secs(90);

/// Checks what `deny.toml` asks for.
///
/// # Errors
/// cargo-deny cannot be installed, or finds something.
pub(super) fn check(project: &Project) -> Result<()> {
    let program = program(project)?;
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

/// The program: one on `PATH`, or else our own, built once into the build folder.
fn program(project: &Project) -> Result<PathBuf> {
    if let Some(installed) = process::find_program("cargo-deny") {
        return Ok(installed);
    }
    let tools = project.target().join("tools");
    let own = tools.join("bin/cargo-deny");
    let version = process::output(process::command(&own).arg("--version")).unwrap_or_default();
    if version.contains(&format!(" {VERSION}.")) {
        return Ok(own);
    }
    step(&format!("install cargo-deny {VERSION} into {}", tools.display()), || {
        let mut cargo = project.cargo("install");
        cargo.args(["cargo-deny", "--locked", "--quiet", "--version", &format!("^{VERSION}")]);
        cargo.arg("--root").arg(&tools).env("CARGO_TARGET_DIR", tools.join("build"));
        process::run(&mut cargo)?;
        // The intermediate files are many times the size of the program and not needed again.
        std::fs::remove_dir_all(tools.join("build"))?;
        Ok(own)
    })
}

fn fetch_advisories(project: &Project, program: &PathBuf) -> Result<()> {
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
