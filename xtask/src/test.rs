//! `cargo xtask test`: everything the project can check about itself. CI runs exactly this.

mod build_folder;
mod deny;
mod harness;
mod report;

use std::path::Path;

use anyhow::{Result, bail};

use crate::project::Project;
use crate::setup::{self, Purpose};
use crate::step::say;
use crate::wasm::Toolchain;
use crate::{app, process, ui};
use harness::Counts;
use report::Report;

/// What occurs in the names of the tests that drive the built application, and in no others.
const DRIVER_TESTS: &str = "in_the_window::";
/// How many driver tests run at a time. Each has a window, a browser and a server.
const DRIVER_TESTS_AT_A_TIME: &str = "2";

/// Runs all checks, or with a filter only the tests whose names contain it. All steps are run even if one
/// fails, except that nothing can be tested that does not build.
///
/// # Errors
/// Something failed; the lines before say what.
pub fn run(project: &Project, filter: Option<&str>) -> Result<()> {
    let _lock = build_folder::lock(project)?;
    let mut report = Report::begin();
    let outcome = all_steps(project, filter, &mut report);
    report.print();
    outcome?;
    if report.has_failures() {
        bail!("not everything is as it should be");
    }
    Ok(())
}

fn all_steps(project: &Project, filter: Option<&str>, report: &mut Report) -> Result<()> {
    report.required("machine", || setup::ensure(Purpose::Test))?;
    report.required("build folder", || build_folder::keep_to_one_clone(project))?;
    if filter.is_none() {
        report.check("format", || process::run(project.cargo("fmt").args(["--all", "--check"])));
    }
    report.required("window's code", || ui::build(project, false))?;
    let program = report.required("build", || app::build_everything(project))?;
    if filter.is_none() {
        report.check("clippy", || clippy(project));
        report.check("clippy for wasm", || clippy_for_wasm(project));
        report.check("fuzz targets", || clippy_for_fuzzing(project));
    }
    match filter {
        Some(filter) => report.tests("tests", || tests(project, &program, &[filter])),
        None => {
            report.tests("tests", || tests(project, &program, &["--skip", DRIVER_TESTS]));
            report.tests("driver tests", || {
                // What they print are counts worth reading: kills survived, files searched.
                let shown = [DRIVER_TESTS, "--show-output", "--test-threads", DRIVER_TESTS_AT_A_TIME];
                tests(project, &program, &shown)
            });
        }
    }
    if filter.is_none() {
        report.check("documentation", || {
            let mut cargo = project.cargo("doc");
            cargo.args(["--workspace", "--no-deps"]).args(app::locked());
            process::run(cargo.env("RUSTDOCFLAGS", "-D warnings"))
        });
        report.check("dependencies", || deny::check(project));
    }
    Ok(())
}

fn clippy(project: &Project) -> Result<()> {
    let mut cargo = project.cargo("clippy");
    cargo.args(["--workspace", "--all-targets"]).args(app::locked()).args(["--", "-D", "warnings"]);
    process::run(&mut cargo)
}

fn clippy_for_wasm(project: &Project) -> Result<()> {
    let toolchain = Toolchain::find()?;
    if !toolchain.has_clippy() {
        say("  NOT RUN: the toolchain that compiles to wasm here has no clippy; the native run covers most");
        return Ok(());
    }
    let mut cargo = toolchain.cargo(project.root(), "clippy");
    cargo.args(["--package", "patchbay-ui", "--target-dir"]).arg(project.ui_target());
    process::run(cargo.args(app::locked()).args(["--", "-D", "warnings"]))
}

/// What is fuzzed changes, and the targets are in no build but their own.
fn clippy_for_fuzzing(project: &Project) -> Result<()> {
    let mut cargo = project.cargo("clippy");
    cargo.current_dir(project.root().join("fuzz")).args(app::locked()).args(["--", "-D", "warnings"]);
    process::run(&mut cargo)
}

/// Runs tests of the whole workspace, those that `selection` says. It is always the whole workspace: for a part
/// of it cargo would resolve features anew, and compile many dependencies once more.
fn tests(project: &Project, program: &Path, selection: &[&str]) -> Result<Counts> {
    let mut cargo = project.cargo("test");
    cargo.args(["--workspace", "--no-fail-fast"]).args(app::locked());
    cargo.arg("--").args(selection);
    cargo
        .env("RUST_LIB_BACKTRACE", "0")
        .env("PATCHBAY_APP", program)
        .env("PATCHBAY_SANDBOX", program.with_file_name("nango-sandbox"))
        .env("PATCHBAY_E2E_OUTPUT", project.root().join("target/e2e"));
    harness::run(&mut cargo)
}
