//! `cargo xtask setup`: checks for what the project needs on a machine, and installs what is missing.

use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::process;
use crate::step::{say, step};
use crate::system::{self, System};
use crate::wasm::{TARGET, Toolchain};

/// What the machine is to be made ready for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Purpose {
    /// Building the application and opening its window.
    Run,
    /// That, and everything the tests use.
    Test,
    /// Making the package, and installing it on a desktop of its own.
    Bundle,
}

/// What Tauri compiles against, and a C compiler. `libdbus-1-dev` is for tao, which links to it.
const BUILD: &[&str] = &[
    "build-essential",
    "pkg-config",
    "libwebkit2gtk-4.1-dev",
    "libsoup-3.0-dev",
    "libdbus-1-dev",
    "librsvg2-dev",
];
/// What opening links and registering for them uses.
const LINKS: &[&str] = &["xdg-utils", "desktop-file-utils"];
/// A desktop for a machine that has none: display, session bus, keyring.
const VIRTUAL_DESKTOP: &[&str] = &["xvfb", "dbus-x11", "gnome-keyring", "libglib2.0-bin"];
/// What drives the window and the browser in tests.
const DRIVERS: &[&str] = &["webkit2gtk-driver", "chromium", "chromium-driver"];
/// What looks over the package's metadata, and tells what the program links to.
const PACKAGING: &[&str] = &["appstream", "dpkg-dev"];
/// Debian's toolchain for wasm, for a machine without rustup.
const WASM: &[&str] = &["rustc-web", "cargo-web", "rust-web-src", "lld"];

/// How long `rustup target add` may take before the system's packages are tried instead.
const RUSTUP_LIMIT: Duration = Duration::from_secs(120);

/// Makes the machine ready, and says what that took.
///
/// # Errors
/// Something is missing that could not be installed; the error says what.
pub fn ensure(purpose: Purpose) -> Result<()> {
    step("check what this machine has", || {
        packages(purpose)?;
        wasm_toolchain()
    })
}

/// Whether there is a display to open a window on.
#[must_use]
pub fn has_display() -> bool {
    !cfg!(target_os = "linux")
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

fn packages(purpose: Purpose) -> Result<()> {
    let mut needed = [BUILD, LINKS].concat();
    if purpose != Purpose::Run || !has_display() {
        needed.extend(VIRTUAL_DESKTOP);
    }
    match purpose {
        Purpose::Run => {}
        Purpose::Test => needed.extend(DRIVERS),
        Purpose::Bundle => needed.extend(PACKAGING),
    }
    match System::here() {
        System::Apt => {
            let missing = system::missing(&needed)?;
            if missing.is_empty() { Ok(()) } else { system::install(&missing) }
        }
        System::OtherLinux => {
            let present = process::output(process::command("pkg-config").args([
                "--exists",
                "webkit2gtk-4.1",
                "libsoup-3.0",
                "dbus-1",
            ]));
            if purpose != Purpose::Run || present.is_err() {
                say(format_args!(
                    "  packages are installed automatically on Debian and Ubuntu only; here, please see that what \
                     they call {} is there",
                    needed.join(", ")
                ));
            }
            Ok(())
        }
        System::NotLinux => Ok(()),
    }
}

fn wasm_toolchain() -> Result<()> {
    if Toolchain::find().is_ok() {
        return Ok(());
    }
    if process::find_program("rustup").is_some() && rustup_target().is_ok() && Toolchain::find().is_ok() {
        return Ok(());
    }
    if System::here() == System::Apt {
        system::install(&system::missing(WASM)?)?;
    }
    Toolchain::find().map(drop)
}

/// `rustup target add`, given up after a while: where rustup's server cannot be reached it may wait long.
fn rustup_target() -> Result<()> {
    step(&format!("rustup target add {TARGET}"), || {
        let mut child =
            process::command("rustup").args(["target", "add", TARGET]).stdin(Stdio::null()).spawn()?;
        let started = Instant::now();
        loop {
            if let Some(status) = child.try_wait()? {
                if status.success() {
                    return Ok(());
                }
                bail!("rustup ended with {status}");
            }
            if started.elapsed() > RUSTUP_LIMIT {
                child.kill()?;
                child.wait()?;
                bail!("rustup did not end within {} s", RUSTUP_LIMIT.as_secs());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    })
}
