//! `cargo xtask test`: everything the project can check about itself. CI runs exactly this.

mod build_folder;
mod deny;
mod harness;
mod report;

use anyhow::{Result, bail};

use crate::project::Project;
use crate::setup::{self, Purpose};
use crate::step::say;
use crate::wasm::Toolchain;
use crate::{app, process, ui};
use harness::Counts;
use report::Report;

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
    }
    report.tests("tests", || {
        let mut cargo = project.cargo("test");
        cargo.args(["--workspace", "--no-fail-fast"]).args(app::locked()).args(filter);
        harness::run(&mut cargo)
    });
    report.tests("driver tests", || driver_tests(project, &program, filter));
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
    // The driver tests are no default target of their package, so they are named.
    for targets in [&["--all-targets"][..], &["--test", "driver"]] {
        let mut cargo = project.cargo("clippy");
        cargo.arg("--workspace").args(targets).args(app::locked()).args(["--", "-D", "warnings"]);
        process::run(&mut cargo)?;
    }
    Ok(())
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

/// The driver tests are started through the whole workspace too, so that they use the dependencies that
/// are compiled already.
fn driver_tests(project: &Project, program: &std::path::Path, filter: Option<&str>) -> Result<Counts> {
    let mut cargo = project.cargo("test");
    cargo.args(["--workspace", "--no-fail-fast", "--test", "driver"]).args(app::locked()).args(filter);
    // What they print are counts worth reading: kills survived, files searched.
    cargo.args(["--", "--show-output", "--test-threads", DRIVER_TESTS_AT_A_TIME]);
    cargo
        .env("RUST_LIB_BACKTRACE", "0")
        .env("PATCHBAY_APP", program)
        .env("PATCHBAY_SANDBOX", program.with_file_name("nango-sandbox"))
        .env("PATCHBAY_E2E_OUTPUT", project.root().join("target/e2e"));
    harness::run(&mut cargo)
}
