//! A keyring of one's own: the real gnome-keyring daemon, unlocked, storing into a private home.

use std::io::Write;
use std::process::Stdio;

use anyhow::{Context, Result};

use super::{Background, Home, SessionBus};
use crate::process;

/// The daemon.
#[derive(Debug)]
pub struct Keyring {
    _daemon: Background,
}

impl Keyring {
    /// Starts it with an unlocked login keyring and waits until it answers on the bus.
    ///
    /// # Errors
    /// It is not installed, or does not answer within some seconds.
    pub fn start(home: &Home, bus: &SessionBus) -> Result<Self> {
        let mut command = process::command("gnome-keyring-daemon");
        command.args(["--foreground", "--unlock", "--components=secrets"]);
        home.apply(&mut command);
        command.env("DBUS_SESSION_BUS_ADDRESS", bus.address());
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().context("is the package gnome-keyring installed?")?;
        // The password of a keyring that lives as long as a test; the daemon reads it to the end of its input.
        child.stdin.take().context("the keyring daemon's input is a pipe")?.write_all(b"patchbay")?;
        let daemon = Background::adopt(child);
        let mut wait = process::command("gdbus");
        wait.args(["wait", "--session", "--timeout", "15", "org.freedesktop.secrets"]);
        wait.env("DBUS_SESSION_BUS_ADDRESS", bus.address());
        process::output(&mut wait).context("the keyring did not come up")?;
        Ok(Self { _daemon: daemon })
    }
}
