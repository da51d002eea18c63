//! `cargo xtask fuzz`: lets libFuzzer make up what comes from outside, and keeps what it learned.
//!
//! Coverage is measured by what rustc of every channel can do; a sanitizer would need another toolchain, and looks
//! for what `forbid(unsafe_code)` rules out already.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use crate::process;
use crate::project::Project;
use crate::step::{say, step};

const TARGETS: [&str; 5] = ["links", "answers", "forms", "documents", "imports"];

/// Passes and counters that libFuzzer reads.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing -Ccodegen-units=1";

/// Longest input that is tried, in bytes.
const LONGEST_INPUT: u32 = 4096;

/// Runs the targets in whose names the filter occurs, one after the other, each for so many seconds, from the inputs in
/// `fuzz/corpus`; those that reach something new are added there.
///
/// # Errors
/// A target does not build, or has found something; the input that shows it is named.
pub fn run(project: &Project, filter: &str, seconds: u32) -> Result<()> {
    let targets: Vec<&str> = TARGETS.into_iter().filter(|target| target.contains(filter)).collect();
    if targets.is_empty() {
        bail!("no target is called {filter:?}; there are {}", TARGETS.join(", "));
    }
    let workspace = project.root().join("fuzz");
    let built = project.target().join("fuzz");
    let host = host(project)?;
    step("build what fuzzes", || {
        let mut cargo = project.cargo("build");
        cargo.current_dir(&workspace).env("CARGO_TARGET_DIR", &built).env("RUSTFLAGS", FLAGS);
        // With a target named, the flags are not for build scripts and macros, which have no libFuzzer in them.
        process::run(cargo.args(["--locked", "--release", "--target", &host]))
    })?;
    let programs = built.join(host).join("release");
    for target in targets {
        fuzz(&programs.join(target), target, &workspace, &built, seconds)?;
    }
    Ok(())
}

fn fuzz(program: &Path, target: &str, workspace: &Path, built: &Path, seconds: u32) -> Result<()> {
    let corpus = workspace.join("corpus").join(target);
    let grown = built.join("corpus").join(target);
    let found = built.join("found").join(target);
    for folder in [&corpus, &grown, &found] {
        fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    let log = built.join(format!("{target}.log"));
    let mut command = process::command(program);
    command
        .args([&grown, &corpus])
        .arg(format!("-artifact_prefix={}/", found.display()))
        .args([format!("-max_total_time={seconds}"), format!("-max_len={LONGEST_INPUT}")])
        .args(["-timeout=10", "-rss_limit_mb=4096", "-print_final_stats=1"])
        .stderr(fs::File::create(&log)?);
    let is_fine = command.status().with_context(|| format!("{target} cannot be started"))?.success();
    let text = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
    ensure!(
        is_fine,
        "{target} has found something: {} says what, the input is in {}",
        log.display(),
        found.display()
    );
    let mut merge = process::command(program);
    merge.arg("-set_cover_merge=1").args([&corpus, &grown]).arg(format!("-max_len={LONGEST_INPUT}"));
    ensure!(
        merge.stderr(fs::File::create(built.join("merge.log"))?).status()?.success(),
        "{target}: merging failed"
    );
    let executed = value_of(&text, "stat::number_of_executed_units:").unwrap_or("?");
    let covered = text.rsplit_once(" cov: ").and_then(|(_, rest)| rest.split(' ').next()).unwrap_or("?");
    let kept = fs::read_dir(&corpus)?.count();
    say(format_args!(
        "  {target}: {executed} inputs in {seconds} s, {covered} edges, {kept} inputs kept, nothing found"
    ));
    Ok(())
}

/// The rest of the line that begins so.
fn value_of<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim)
}

/// What this machine is called as a target.
fn host(project: &Project) -> Result<String> {
    let mut rustc = process::command("rustc");
    let told = process::output(rustc.current_dir(project.root()).arg("-vV"))?;
    Ok(value_of(&told, "host:").context("rustc does not say what this machine is")?.to_owned())
}
