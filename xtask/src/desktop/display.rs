//! A virtual display.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, bail};

use super::{Background, Picture};
use crate::process;

/// An X server that draws into memory, on a display number of its own.
#[derive(Debug)]
pub struct Display {
    _server: Background,
    name: String,
    frame: tempfile::TempDir,
}

impl Display {
    /// Starts one of the given size in pixels and waits until it listens.
    ///
    /// # Errors
    /// Xvfb is not installed or ends at once.
    pub fn start(width: u32, height: u32) -> Result<Self> {
        let frame = tempfile::Builder::new().prefix("patchbay-display-").tempdir()?;
        let mut command = process::command("Xvfb");
        // The server writes the number it found free to this file descriptor once it listens.
        command.args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0"]);
        command.arg(format!("{width}x{height}x24")).arg("-fbdir").arg(frame.path());
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut server = Background::start(&mut command).context("is the package xvfb installed?")?;
        let mut number = String::new();
        let output = server.child().stdout.take().context("the X server's output is a pipe")?;
        BufReader::new(output).read_line(&mut number)?;
        if number.trim().is_empty() {
            bail!("the virtual X server ended before it listened");
        }
        Ok(Self { _server: server, name: format!(":{}", number.trim()), frame })
    }

    /// What `DISPLAY` has to be for programs that are to appear here.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is to be seen now.
    ///
    /// # Errors
    /// The server's memory cannot be read.
    pub fn picture(&self) -> Result<Picture> {
        Picture::read(&self.frame_file())
    }

    fn frame_file(&self) -> std::path::PathBuf {
        Path::new(self.frame.path()).join("Xvfb_screen0")
    }
}
