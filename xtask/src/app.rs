//! The application's own build.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::process;
use crate::project::Project;
use crate::step::step;

/// Builds the application alone and returns the program.
///
/// # Errors
/// It does not compile.
pub fn build(project: &Project, release: bool) -> Result<PathBuf> {
    let profile = if release { "release" } else { "debug" };
    step(&format!("build the application ({profile})"), || {
        let mut cargo = project.cargo("build");
        cargo.args(["--package", "patchbay", "--bin", "patchbay"]);
        if release {
            cargo.arg("--release");
        }
        process::run(&mut cargo)
    })?;
    program(project, profile)
}

/// Builds everything at once: the application, its tests, the tools. Built together, all share one set of
/// dependencies; built one by one, cargo would compile some of them several times with different features.
///
/// # Errors
/// Something does not compile.
pub fn build_everything(project: &Project) -> Result<PathBuf> {
    step("build the application, its tests and the tools", || {
        let mut cargo = project.cargo("build");
        cargo.args(["--workspace", "--all-targets"]).args(locked());
        process::run(&mut cargo)
    })?;
    program(project, "debug")
}

/// `--locked` where a changed lock file would be a mistake.
#[must_use]
pub fn locked() -> Option<&'static str> {
    std::env::var_os("CI").map(|_| "--locked")
}

fn program(project: &Project, profile: &str) -> Result<PathBuf> {
    let program = project.target().join(profile).join(format!("patchbay{}", std::env::consts::EXE_SUFFIX));
    if !program.is_file() {
        bail!("cargo built no {}", program.display());
    }
    Ok(program)
}
