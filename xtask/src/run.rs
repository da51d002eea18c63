//! `cargo xtask run`: from a fresh machine to an open window.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::desktop::{self, Background, Display, Home, Keyring, SessionBus};
use crate::project::Project;
use crate::setup::{self, Purpose};
use crate::step::{say, spelled, step};
use crate::{app, process, ui};

/// How to run.
#[derive(Debug, Clone)]
pub struct Options {
    /// Build with optimisations.
    pub release: bool,
    /// Without a display: keep the window open after the screenshot, until it is closed or interrupted.
    pub keep: bool,
    /// What the application is started with.
    pub arguments: Vec<String>,
}

/// How long the window may take to draw itself under the virtual display.
const DRAWN_WITHIN: Duration = Duration::from_secs(60);
/// More colours than this means that text has been drawn.
const COLOURS_OF_AN_EMPTY_WINDOW: usize = 64;

/// Builds everything and opens the window; without a display, shows by a screenshot that it opens.
///
/// # Errors
/// Something does not build, or the window does not come up.
pub fn run(project: &Project, options: &Options) -> Result<()> {
    setup::ensure(Purpose::Run)?;
    ui::build(project, false)?;
    let program = app::build(project, options.release)?;
    if setup::has_display() {
        say("▸ open the window");
        return process::run(process::command(&program).args(&options.arguments));
    }
    virtually(project, &program, options)
}

fn virtually(project: &Project, program: &Path, options: &Options) -> Result<()> {
    say("  no display here: the window opens on a virtual one, with a home of its own");
    let display = Display::start(1280, 860)?;
    let home = Home::create()?;
    let bus = SessionBus::start(&home, &display)?;
    let _keyring = Keyring::start(&home, &bus)?;
    let mut command = process::command(program);
    desktop::enter(&mut command, &display, &home, &bus);
    command.args(&options.arguments);
    let picture_file = project.own().join("run.png");
    let mut application = step("open the window and wait until it has drawn", || {
        let mut application = Background::start(&mut command)?;
        wait_until_drawn(&display, &mut application, &picture_file)?;
        Ok(application)
    })?;
    say(format_args!("  screenshot: {}", picture_file.display()));
    if options.keep {
        say(format_args!(
            "  the window stays open on display {} until it ends or you press Ctrl-C",
            display.name()
        ));
        application.child().wait()?;
    }
    Ok(())
}

/// Waits for two equal pictures in a row that show more than an empty window, and saves the last picture in
/// any case.
fn wait_until_drawn(display: &Display, application: &mut Background, file: &Path) -> Result<()> {
    let started = Instant::now();
    let mut before = display.picture()?;
    loop {
        std::thread::sleep(Duration::from_millis(250));
        let now = display.picture()?;
        if now == before && now.colours() > COLOURS_OF_AN_EMPTY_WINDOW {
            return now.save(file);
        }
        if !application.is_running() {
            bail!("the application ended before its window had drawn");
        }
        if started.elapsed() > DRAWN_WITHIN {
            now.save(file)?;
            bail!("nothing was drawn within {}; see {}", spelled(DRAWN_WITHIN), file.display());
        }
        before = now;
    }
}
