//! One test's desktop, and what is kept of it when the test fails.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use anyhow::Result;
use xtask::desktop::{self, Display, Home, Keyring, SessionBus};

use crate::application::{self, processes};
use crate::links::Links;
use crate::programs;
use crate::wait::{SOON, until};
use crate::webdriver::Driver;
use crate::window::Window;

/// Size of the virtual display, in pixels.
pub const DISPLAY: (u32, u32) = (2600, 1500);

/// How long a window may take to be photographed.
const WINDOW_LIMIT: Duration = Duration::from_secs(10);

/// The display that running tests share; it ends with the last of them.
static SHARED_DISPLAY: Mutex<Weak<Display>> = Mutex::new(Weak::new());

/// A home, a session bus, a keyring and the ways of links, for one test alone.
#[derive(Debug)]
pub struct Stage {
    // In the order in which they have to end.
    drivers: Mutex<Vec<(&'static str, Arc<Driver>)>>,
    _keyring: Keyring,
    bus: SessionBus,
    display: Arc<Display>,
    /// How links leave the application and come back.
    pub links: Links,
    home: Home,
    application: PathBuf,
    evidence: PathBuf,
}

impl Stage {
    /// Sets one up for a program. `name` is the test's; what is kept of a failure goes into a folder of that name.
    ///
    /// # Errors
    /// Something is not installed.
    pub fn set_up(application: PathBuf, name: &str) -> Result<Self> {
        let evidence = programs::output()?.join(name);
        if evidence.exists() {
            fs::remove_dir_all(&evidence)?;
        }
        let display = shared_display()?;
        let home = Home::create()?;
        let bus = SessionBus::start(&home, &display)?;
        let keyring = Keyring::start(&home, &bus)?;
        let links = Links::set_up(&home, &application)?;
        Ok(Self {
            drivers: Mutex::default(),
            _keyring: keyring,
            bus,
            display,
            links,
            home,
            application,
            evidence,
        })
    }

    /// Lets a program live here.
    pub fn enter(&self, command: &mut Command) {
        desktop::enter(command, &self.display, &self.home, &self.bus);
    }

    /// What the display is called.
    #[must_use]
    pub fn display(&self) -> &str {
        self.display.name()
    }

    /// Keeps what the display shows.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn photograph(&self, folder: &Path, name: &str) -> Result<()> {
        fs::create_dir_all(folder)?;
        self.display.picture()?.save(&folder.join(format!("{name}.png")))
    }

    /// The private home.
    #[must_use]
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// The program under test.
    #[must_use]
    pub fn application(&self) -> &PathBuf {
        &self.application
    }

    /// Where what is kept of a failure goes.
    #[must_use]
    pub fn evidence(&self) -> &PathBuf {
        &self.evidence
    }

    /// Keeps a driver alive until the stage ends, so that a failed test's windows can still be looked at.
    pub(crate) fn remember(&self, what: &'static str, driver: &Arc<Driver>) {
        self.drivers.lock().unwrap_or_else(PoisonError::into_inner).push((what, Arc::clone(driver)));
    }

    /// Keeps what the display and each window show, and what the application logged.
    ///
    /// # Errors
    /// Something cannot be written.
    async fn keep_evidence(&self) -> Result<()> {
        self.photograph(&self.evidence, "display")?;
        for (index, log) in logs(self.home.path())?.iter().enumerate() {
            fs::copy(log, self.evidence.join(format!("application-{index}.log")))?;
        }
        let drivers = self.drivers.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for (index, (what, driver)) in
            drivers.iter().enumerate().filter(|(_, (_, driver))| driver.is_running())
        {
            let window = Window::of(driver.client().clone());
            // A window that hangs is a failure to keep evidence of, not one to wait for.
            drop(
                tokio::time::timeout(WINDOW_LIMIT, window.keep(&self.evidence, &format!("{what}-{index}")))
                    .await,
            );
        }
        Ok(())
    }

    /// Ends all windows that are still open, and waits until nothing lives in the home any more, so that it
    /// can be deleted.
    async fn strike(&self) -> Result<()> {
        let drivers = std::mem::take(&mut *self.drivers.lock().unwrap_or_else(PoisonError::into_inner));
        for (_, driver) in drivers {
            if driver.is_running() {
                driver.close().await;
            }
        }
        until("the application and its web view to end", SOON, async || {
            let left = processes(self)?;
            for id in &left {
                application::end(*id);
            }
            Ok(left.is_empty().then_some(()))
        })
        .await
    }
}

/// Runs one test of the application on a stage of its own. If it fails, what its windows showed is kept.
///
/// # Errors
/// The test's own, with the place where the evidence is.
pub async fn scenario(name: &str, act: impl AsyncFnOnce(&Stage) -> Result<()>) -> Result<()> {
    scenario_of(programs::application()?, name, act).await
}

/// The same for any program.
///
/// # Errors
/// The scenario's own, with the place where the evidence is.
pub async fn scenario_of<T>(
    application: PathBuf,
    name: &str,
    act: impl AsyncFnOnce(&Stage) -> Result<T>,
) -> Result<T> {
    let stage = Stage::set_up(application, name)?;
    let outcome = act(&stage).await;
    let outcome = match outcome {
        Ok(outcome) => Ok(outcome),
        Err(problem) => {
            let kept = stage.keep_evidence().await;
            let told = match kept {
                Ok(()) => format!("see {}", stage.evidence.display()),
                Err(kept) => format!("and its evidence could not be kept: {kept:#}"),
            };
            Err(problem.context(format!("the scenario {name} failed; {told}")))
        }
    };
    let struck = stage.strike().await;
    outcome.and_then(|outcome| struck.map(|()| outcome))
}

fn shared_display() -> Result<Arc<Display>> {
    let mut shared = SHARED_DISPLAY.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(display) = shared.upgrade() {
        return Ok(display);
    }
    let display = Arc::new(Display::start(DISPLAY.0, DISPLAY.1)?);
    *shared = Arc::downgrade(&display);
    Ok(display)
}

/// The log files below a folder.
fn logs(folder: &std::path::Path) -> Result<Vec<PathBuf>> {
    Ok(crate::traces::files_below(folder)?
        .into_iter()
        .filter(|file| {
            file.extension().is_some_and(|extension| extension == "log")
                || file.parent().is_some_and(|parent| parent.ends_with("logs"))
        })
        .collect())
}
