//! Other programs, started so that nothing that `cargo run` set for this one leaks into them.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// A command without the variables that `cargo run` adds for the program it starts. Build scripts of some
/// dependencies watch them, so that leaving them in would rebuild those at every turn; and the library
/// path of one toolchain is wrong for another.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let name_text = name.to_string_lossy();
        let of_cargo_run = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_CRATE_", "CARGO_BIN_"]
            .iter()
            .any(|prefix| name_text.starts_with(prefix))
            || name_text == "CARGO_PRIMARY_PACKAGE"
            || name_text == "LD_LIBRARY_PATH";
        if of_cargo_run {
            command.env_remove(&name);
        }
    }
    command
}

/// Runs a command with our own output, and fails if it does.
///
/// # Errors
/// It cannot be started, or ends with a status other than 0.
pub fn run(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    let status =
        command.stdin(Stdio::null()).status().with_context(|| format!("`{shown}` could not be started"))?;
    if !status.success() {
        bail!("`{shown}` ended with {status}");
    }
    Ok(())
}

/// Runs a command quietly and returns what it printed, without the final line break.
///
/// # Errors
/// It cannot be started, or ends with a status other than 0; what it said then is part of the error.
pub fn output(command: &mut Command) -> Result<String> {
    let shown = shown(command);
    let output =
        command.stdin(Stdio::null()).output().with_context(|| format!("`{shown}` could not be started"))?;
    if !output.status.success() {
        bail!("`{shown}` ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}

/// The command line, as one would type it.
#[must_use]
pub fn shown(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|part| part.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Finds a program on `PATH`.
#[must_use]
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Asks a process to end, so that it can tidy up. Whether it could be asked; not every system knows how.
#[must_use]
pub fn ask_to_end(id: u32) -> bool {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process};

        i32::try_from(id)
            .ok()
            .and_then(Pid::from_raw)
            .is_some_and(|process| kill_process(process, Signal::TERM).is_ok())
    }
    #[cfg(not(unix))]
    {
        let _ = id;
        false
    }
}
