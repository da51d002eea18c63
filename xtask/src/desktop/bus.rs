//! A D-Bus session bus of one's own.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use anyhow::{Context, Result, bail};

use super::{Background, Home};
use crate::process;

/// A session bus. Single-instance handling and the keyring live on it, so every test has its own.
#[derive(Debug)]
pub struct SessionBus {
    _daemon: Background,
    address: String,
}

impl SessionBus {
    /// Starts one whose services live in `home`, and waits until it listens.
    ///
    /// # Errors
    /// dbus-daemon is not installed or ends at once.
    pub fn start(home: &Home, display: &super::Display) -> Result<Self> {
        let mut command = process::command("dbus-daemon");
        command.args(["--session", "--nofork", "--nopidfile", "--nosyslog", "--print-address=1"]);
        command.arg(format!("--address=unix:path={}", home.runtime().join("bus").display()));
        home.apply(&mut command);
        // What the bus starts on demand inherits this.
        command.env("DISPLAY", display.name());
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut daemon = Background::start(&mut command).context("is the package dbus installed?")?;
        let mut address = String::new();
        let output = daemon.child().stdout.take().context("the bus daemon's output is a pipe")?;
        BufReader::new(output).read_line(&mut address)?;
        if address.trim().is_empty() {
            bail!("the session bus ended before it listened");
        }
        Ok(Self { _daemon: daemon, address: address.trim().to_owned() })
    }

    /// What `DBUS_SESSION_BUS_ADDRESS` has to be.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }
}
