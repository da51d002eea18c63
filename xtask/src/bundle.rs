//! `cargo xtask bundle`: the package that people install, and what has to come with it.

mod check;
mod papers;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::project::Project;
use crate::setup::{self, Purpose};
use crate::step::{say, step};
use crate::tool::Tool;
use crate::{app, process, ui};

/// What makes the package, from `[package.metadata.deb]` in the workspace's `Cargo.toml`.
const DEB: Tool = Tool { name: "cargo-deb", series: "3", features: "" };

/// Makes the package, and with `check` installs and removes it.
///
/// # Errors
/// Something does not build, is not valid, or the package does not behave.
pub fn run(project: &Project, check: bool) -> Result<()> {
    if !cfg!(target_os = "linux") {
        bail!(
            "this makes the package for Debian and Ubuntu, on Linux; docs/INSTALL.md has the other systems"
        );
    }
    setup::ensure(Purpose::Bundle)?;
    ui::build(project, false)?;
    // By itself and first, exactly as for measuring: after the one the other rebuilds nothing.
    app::build(project, true)?;
    step("look over the menu entry and the metadata", || {
        validate(&project.root().join(MENU_ENTRY), &project.root().join(METADATA))
    })?;
    papers::make(project)?;
    let package = step("make the package", || make(project))?;
    #[expect(clippy::cast_precision_loss, reason = "megabytes")]
    let megabytes = fs::metadata(&package)?.len() as f64 / 1e6;
    say(format_args!("  {} ({megabytes:.2} MB)", package.display()));
    if check {
        check::run(&package)?;
    }
    Ok(())
}

/// The package that was made last, if there is one.
#[must_use]
pub fn package(project: &Project) -> Option<PathBuf> {
    let entries = fs::read_dir(folder(project)).ok()?;
    entries.filter_map(|entry| Some(entry.ok()?.path())).find(|path| is_package(path))
}

const MENU_ENTRY: &str = "packaging/linux/patchbay.desktop";
const METADATA: &str = "packaging/linux/app.patchbay.desktop.metainfo.xml";

/// Where the package and its papers lie. `Cargo.toml` names this folder too.
fn folder(project: &Project) -> PathBuf {
    project.root().join("target/bundle")
}

fn is_package(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "deb")
}

/// Asks the tools of those who wrote the two formats.
fn validate(menu_entry: &Path, metadata: &Path) -> Result<()> {
    process::output(process::command("desktop-file-validate").arg(menu_entry))?;
    process::output(process::command("appstreamcli").args(["validate", "--no-net"]).arg(metadata))?;
    Ok(())
}

fn make(project: &Project) -> Result<PathBuf> {
    let tool = DEB.ensure(project)?;
    // One of an earlier version would be taken for this one.
    while let Some(former) = package(project) {
        fs::remove_file(former)?;
    }
    let mut command = process::command(tool);
    command.current_dir(project.root()).env("CARGO_TARGET_DIR", project.target());
    command.args(["--no-build", "--package", "patchbay", "--output"]).arg(folder(project));
    process::run(dated(&mut command, project))?;
    package(project).context("cargo-deb made no package")
}

/// Has a tool take the time of the last commit for the present, so that the same source gives the same bytes.
fn dated<'a>(command: &'a mut Command, project: &Project) -> &'a mut Command {
    let mut git = process::command("git");
    git.current_dir(project.root()).args(["log", "-1", "--format=%ct"]);
    // Without a repository, as from an archive of the source, the present it is.
    match process::output(&mut git) {
        Ok(time) if !time.is_empty() => command.env("SOURCE_DATE_EPOCH", time),
        _ => command,
    }
}
