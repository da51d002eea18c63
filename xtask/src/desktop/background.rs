//! A program in the background that ends with its owner.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::process;

/// How long a program may take to end after it was asked to.
const PATIENCE: Duration = Duration::from_secs(3);

/// A program in the background. Dropping it asks it to end (so that it can tidy up: an X server leaves its
/// socket behind otherwise), and kills it if it does not.
#[derive(Debug)]
pub struct Background {
    child: Child,
}

impl Background {
    /// Starts a program with nothing to read.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start(command: &mut Command) -> Result<Self> {
        let shown = process::shown(command);
        let child = command
            .stdin(Stdio::null())
            .spawn()
            .with_context(|| format!("`{shown}` could not be started"))?;
        Ok(Self { child })
    }

    /// Takes over a program that runs already.
    #[must_use]
    pub fn adopt(child: Child) -> Self {
        Self { child }
    }

    /// The program, for its pipes.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Ends it as a power cut would, and waits until it is gone.
    pub fn kill(&mut self) {
        // Both only fail for a process that has ended already, which is what is wanted.
        drop(self.child.kill());
        drop(self.child.wait());
    }

    /// Asks it to end, kills it if it does not, and waits until it is gone.
    pub fn end(&mut self) {
        let asked = self.is_running() && process::ask_to_end(self.child.id());
        let started = Instant::now();
        while asked && self.is_running() && started.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(5));
        }
        self.kill();
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.end();
    }
}
