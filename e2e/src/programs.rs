//! Where the programs under test are.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

/// The application: `$PATCHBAY_APP`, or what cargo built beside the running test.
///
/// # Errors
/// It has not been built.
pub fn application() -> Result<PathBuf> {
    built("PATCHBAY_APP", "patchbay")
}

/// The sandbox: `$PATCHBAY_SANDBOX`, or what cargo built beside the running test.
///
/// # Errors
/// It has not been built.
pub fn sandbox() -> Result<PathBuf> {
    built("PATCHBAY_SANDBOX", "nango-sandbox")
}

/// Where pictures and logs of failed tests go: `$PATCHBAY_E2E_OUTPUT`, or `e2e` in the build folder.
///
/// # Errors
/// The running program's own place cannot be told.
pub fn output() -> Result<PathBuf> {
    match std::env::var_os("PATCHBAY_E2E_OUTPUT") {
        Some(folder) => Ok(folder.into()),
        None => Ok(profile_folder()?.with_file_name("e2e")),
    }
}

fn built(variable: &str, name: &str) -> Result<PathBuf> {
    let program = match std::env::var_os(variable) {
        Some(path) => PathBuf::from(path),
        None => profile_folder()?.join(name),
    };
    if !program.is_file() {
        bail!("{} has not been built; `cargo xtask test` builds it first", program.display());
    }
    Ok(program)
}

/// `target/debug`, seen from `target/debug/deps/driver-…` or `target/debug/screenshots`.
fn profile_folder() -> Result<PathBuf> {
    let own = std::env::current_exe().context("the running program's place cannot be told")?;
    own.ancestors()
        .skip(1)
        .find(|folder| folder.file_name().is_some_and(|name| name != "deps"))
        .map(std::path::Path::to_owned)
        .context("the running program is in no build folder")
}
