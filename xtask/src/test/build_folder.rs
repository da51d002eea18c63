//! The build folder, when it outlives a clone: one user at a time, and one clone's artefacts at a time.
//!
//! Cargo tells the workspace's own crates apart by their path, so those of a vanished clone would stay
//! for ever beside those of the next. Dependencies are shared by all.

use std::fs::{self, File, TryLockError};

use anyhow::{Context, Result};

use crate::process;
use crate::project::Project;
use crate::step::say;
use crate::wasm::TARGET;

/// Holds the build folder until the returned file is dropped. The tests start the program that lies in it,
/// which another build must not replace meanwhile.
///
/// # Errors
/// The lock file cannot be made.
pub(super) fn lock(project: &Project) -> Result<File> {
    fs::create_dir_all(project.target())?;
    let path = project.target().join("xtask-test.lock");
    let file = File::create(&path).with_context(|| format!("{} cannot be made", path.display()))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            say(format_args!("another test run uses {}; waiting for it to end", project.target().display()));
            file.lock()?;
        }
        Err(TryLockError::Error(problem)) => {
            return Err(problem).context("the build folder cannot be locked");
        }
    }
    Ok(file)
}

/// Removes the workspace crates of the clone that used the build folder before, if it was another one.
///
/// # Errors
/// Something cannot be removed.
pub(super) fn keep_to_one_clone(project: &Project) -> Result<()> {
    let owner = project.target().join("xtask-clone");
    let present = project.root().display().to_string();
    match fs::read_to_string(&owner) {
        Ok(former) if former != present => {
            say(format_args!("  {former} used this build folder before; its own crates are removed"));
            process::run(project.cargo("clean").args(["--workspace", "--quiet"]))?;
            let mut window = project.cargo("clean");
            window.args(["--workspace", "--quiet", "--profile", "ui-release", "--target", TARGET]);
            process::run(window.arg("--target-dir").arg(project.ui_target()))?;
        }
        _ => {}
    }
    fs::write(owner, present)?;
    Ok(())
}
