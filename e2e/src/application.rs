//! The application under test, in its window.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use xtask::desktop::Background;

use crate::stage::Stage;
use crate::wait::{PATIENTLY, until};
use crate::webdriver::Driver;
use crate::window::Window;

/// How often the application is started before that counts as a failure.
const TRIES: u32 = 3;

/// A running application that is driven through its window.
#[derive(Debug)]
pub struct Application {
    driver: Arc<Driver>,
    window: Window,
    process: u32,
}

impl Application {
    /// Starts it and waits until the window shows something.
    ///
    /// # Errors
    /// It does not come up.
    pub async fn start(stage: &Stage) -> Result<Self> {
        Self::start_with(stage, &[], &[]).await
    }

    /// Starts it with arguments (a link, for a cold start) and further environment variables.
    ///
    /// # Errors
    /// It does not come up.
    pub async fn start_with(stage: &Stage, arguments: &[&str], environment: &[(&str, &str)]) -> Result<Self> {
        Self::start_through(stage, stage.application(), arguments, environment).await
    }

    /// The same by way of a script that becomes the application.
    ///
    /// # Errors
    /// It does not come up.
    pub async fn start_through(
        stage: &Stage,
        script: &Path,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Result<Self> {
        let mut tries = 0;
        let driver = loop {
            tries += 1;
            match Self::session(stage, script, arguments, environment).await {
                Ok(driver) => break Arc::new(driver),
                // The session bus may still take a process that was killed a moment ago for the one instance
                // there may be. Then this one hands its arguments to the dead and ends.
                Err(problem) if tries < TRIES => {
                    eprintln!("start {tries} came to nothing: {problem:#}");
                    processes(stage)?.into_iter().for_each(end);
                }
                Err(problem) => return Err(problem),
            }
        };
        stage.remember("application", &driver);
        let window = Window::of(driver.client().clone());
        let process =
            until("the application's process", PATIENTLY, async || Ok(processes(stage)?.first().copied()))
                .await?;
        let application = Self { driver, window, process };
        application.window.wait_until_drawn().await?;
        Ok(application)
    }

    async fn session(
        stage: &Stage,
        binary: &Path,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Result<Driver> {
        let mut program = Command::new("WebKitWebDriver");
        stage.enter(&mut program);
        stage.links.apply(&mut program);
        // The first makes Tauri's web view accept a driver, the second WebKit's.
        program.env("TAURI_AUTOMATION", "true").env("TAURI_WEBVIEW_AUTOMATION", "true");
        program.envs(environment.iter().copied());
        let capabilities = json!({
            "webkitgtk:browserOptions": { "binary": binary, "args": arguments }
        });
        let capabilities = capabilities.as_object().context("capabilities are an object")?.clone();
        Driver::start(program, "--port", capabilities).await
    }

    /// Its window.
    #[must_use]
    pub fn window(&self) -> &Window {
        &self.window
    }

    /// Its process id.
    #[must_use]
    pub fn process(&self) -> u32 {
        self.process
    }

    /// Ends it as a power cut would.
    ///
    /// # Errors
    /// It has ended before.
    pub async fn kill(self) -> Result<()> {
        let pid = i32::try_from(self.process).ok().and_then(Pid::from_raw).context("a process id")?;
        kill_process(pid, Signal::KILL).context("the application had ended by itself")?;
        let folder = format!("/proc/{}/exe", self.process);
        until("the application to be gone", PATIENTLY, async || Ok(fs::read_link(&folder).err().map(drop)))
            .await?;
        self.driver.close().await;
        Ok(())
    }

    /// Ends the session and with it the application, and waits until it is gone: the next start would hand over to it.
    pub async fn close(self) {
        self.driver.close().await;
        // WebKit's driver kills what it drives, unless it is ended itself before it comes to that.
        end(self.process);
        let folder = format!("/proc/{}/exe", self.process);
        let gone = until("the application to be gone", PATIENTLY, async || {
            Ok(fs::read_link(&folder).err().map(drop))
        });
        if let Err(problem) = gone.await {
            eprintln!("{problem:#}");
        }
    }
}

/// Starts the application with a link as the system does, beside the one that runs already, and waits for
/// this second one to end.
///
/// # Errors
/// It does not end, or not well.
pub async fn deliver(stage: &Stage, link: &str) -> Result<()> {
    let mut command = Command::new(stage.application());
    stage.enter(&mut command);
    stage.links.apply(&mut command);
    command.arg(link).stdout(Stdio::null()).stderr(Stdio::null());
    let mut second = Background::start(&mut command)?;
    let status = until("the second instance to hand the link over", PATIENTLY, async || {
        Ok(second.child().try_wait()?)
    })
    .await?;
    if !status.success() {
        bail!("the second instance ended with {status}");
    }
    Ok(())
}

/// Ends a process at once; one that has ended already is left alone.
pub(crate) fn end(process: u32) {
    let pid = i32::try_from(process).ok().and_then(Pid::from_raw);
    pid.and_then(|pid| kill_process(pid, Signal::KILL).ok());
}

/// The processes of the application, of its web view and of whatever else it started, that live in this
/// stage's home; the application itself first.
///
/// # Errors
/// The list of processes cannot be read.
pub fn processes(stage: &Stage) -> Result<Vec<u32>> {
    let application = fs::canonicalize(stage.application())?;
    let home = format!("HOME={}\0", stage.home().path().display());
    let mut own = Vec::new();
    let mut further = Vec::new();
    for entry in fs::read_dir("/proc")?.flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let (Ok(program), Ok(environment)) =
            (fs::read_link(entry.path().join("exe")), fs::read(entry.path().join("environ")))
        else {
            continue;
        };
        if memchr::memmem::find(&environment, home.as_bytes()).is_none() {
            continue;
        }
        if program == application {
            own.push(id);
        } else if program.to_string_lossy().contains("WebKit") {
            further.push(id);
        }
    }
    own.sort_unstable();
    own.append(&mut further);
    Ok(own)
}
