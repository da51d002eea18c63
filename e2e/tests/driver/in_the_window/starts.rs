//! Starts that cannot be, or only just: a folder that cannot be written, a disk that is full from the start or becomes
//! it, and a window that comes back where it was.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use patchbay_core::connection::Health;
use patchbay_e2e::application::{self, Application};
use patchbay_e2e::robot::{self, Decision};
use patchbay_e2e::screen::{Place, Screen};
use patchbay_e2e::stage::{Stage, scenario};
use patchbay_e2e::wait::{PATIENTLY, until};
use patchbay_ipc::{ListWorkflows, SyncConnections};
use xtask::desktop::Background;

use crate::steps::{begin, connect_to, finish, new_sandbox, opened, stored};

/// Runs the scenario with wrong clocks; it needs Debian's package faketime, under which one start in some six hangs until
/// it is tried again.
const CLOCKS: &str = "PATCHBAY_CLOCKS";
/// What tells the application another time than the system's; not its web view, whose processes would not wake.
const FAKE_CLOCK: &str = "LD_PRELOAD=/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1 \
     FAKETIME_ONLY_CMDS=patchbay FAKETIME_DONT_FAKE_MONOTONIC=1";

/// The title of the dialog that says why nothing starts.
const CANNOT: &str = "Patchbay cannot start";

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_cannot_be_written_is_said() -> Result<()> {
    scenario("start_read_only", async |stage| {
        let mut program = Command::new(stage.application());
        stage.enter(&mut program);
        // Not even root makes a folder there.
        program.env("XDG_DATA_HOME", "/proc/patchbay");
        is_said(stage, program, CANNOT, "read-only").await?;

        // No setting can be read there, so it is the system's language.
        let mut program = Command::new(stage.application());
        stage.enter(&mut program);
        program.env("XDG_DATA_HOME", "/proc/patchbay").env("LC_ALL", "de_DE.UTF-8");
        is_said(stage, program, "Patchbay kann nicht starten", "read-only-german").await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_full_is_said() -> Result<()> {
    if !can_mount() {
        eprintln!("NOT RUN: a_disk_that_is_full_is_said, because nothing can be mounted here");
        return Ok(());
    }
    scenario("start_full_disk", async |stage| {
        fs::create_dir_all(stage.home().data())?;
        let mut program = Command::new("unshare");
        stage.enter(&mut program);
        program.args(["--mount", "sh", "-c", &on_a_disk_of("16k", "\"$@\""), "sh"]).arg(stage.application());
        is_said(stage, program, CANNOT, "full-disk").await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fills_up_loses_nothing() -> Result<()> {
    if !can_mount() {
        eprintln!("NOT RUN: a_disk_that_fills_up_loses_nothing, because nothing can be mounted here");
        return Ok(());
    }
    scenario("full_disk", async |stage| {
        let sandbox = new_sandbox().await?;
        // A driver that has the home on a small disk before it starts the application.
        fs::create_dir_all(stage.home().data())?;
        let command = on_a_disk_of("24m", "/usr/bin/WebKitWebDriver \"$@\"");
        let command = format!("exec unshare --mount sh -c '{command}' sh \"$@\"");
        let driver = script(stage, "WebKitWebDriver", &command)?;
        let tools = driver.parent().context("it is in a folder")?;
        let path = format!("{}:{}", tools.display(), std::env::var("PATH")?);
        let application = Application::start_with(stage, &[], &[("PATH", &path)]).await?;
        let window = application.window();
        connect_to(window, sandbox.base_url().as_str(), sandbox.api_key()).await?;
        window.follow("Workflows").await?;

        // The disk as the application sees it.
        let data = stage.home().data();
        let disk = format!("/proc/{}/root{}", application.process(), data.display());
        let ballast = std::path::Path::new(&disk).join("ballast");
        let mut file = fs::File::create(&ballast)?;
        let piece = [0_u8; 4096];
        while file.write_all(&piece).is_ok() {}
        // Held open it would keep its room when it is removed.
        drop(file);
        window.press("New workflow").await?;
        until("the full disk to be said", PATIENTLY, async || {
            Ok(window.text().await?.contains("The disk is full; the change was not kept.").then_some(()))
        })
        .await?;
        let listed = ListWorkflows { search: String::new(), offset: 0, limit: 10 };
        ensure!(window.ask(&listed).await?.workflows.is_empty(), "nothing is kept by half");

        fs::remove_file(&ballast)?;
        window.press("New workflow").await?;
        window.wait_within("button", "Add task", PATIENTLY).await?;
        ensure!(window.ask(&listed).await?.workflows.len() == 1, "with room again it is kept");
        application.close().await;
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_years_off_keeps_nothing_from_working() -> Result<()> {
    if std::env::var_os(CLOCKS).is_none() {
        eprintln!(
            "NOT RUN: a_clock_that_is_years_off_keeps_nothing_from_working, because {CLOCKS} is not set"
        );
        return Ok(());
    }
    // What was made in the future by a clock that was wrong is met by one that is right, and by one that is wrong the
    // other way.
    let clocks = [Some("+4000d"), None, Some("-4000d")];
    scenario("wrong_clock", async |stage| {
        let sandbox = new_sandbox().await?;
        for (count, clock) in (1..).zip(clocks) {
            let application = match clock {
                Some(clock) => {
                    let program = stage.application().display();
                    let command = format!("exec env {FAKE_CLOCK} FAKETIME={clock} {program} \"$@\"");
                    let script = script(stage, "patchbay", &command)?;
                    Application::start_through(stage, &script, &[], &[]).await?
                }
                None => Application::start(stage).await?,
            };
            let window = application.window();
            if count == 1 {
                connect_to(window, sandbox.base_url().as_str(), sandbox.api_key()).await?;
            }
            begin(window, "GitHub").await?;
            let link = robot::decide(&opened(stage, count).await?, "alex", Decision::Approve).await?;
            application::deliver(stage, &link).await?;
            finish(window).await?;
            window.ask(&SyncConnections {}).await?;
            let found = stored(window).await?;
            ensure!(found.len() == count, "{} of {count} connections at {clock:?}", found.len());
            ensure!(
                found.iter().all(|each| each.health == Health::Works),
                "all work at {clock:?}: {found:#?}"
            );
            for page in ["Connections", "Activity", "Settings"] {
                window.follow(page).await?;
                window.wait("heading", page).await?;
                let text = window.text().await?;
                ensure!(
                    !text.contains("NaN") && !text.contains("in the past"),
                    "{page} at {clock:?}: {text}"
                );
            }
            if let Some(folder) = std::env::var_os("PATCHBAY_E2E_PICTURES") {
                window.follow("Connections").await?;
                window.keep(folder.as_ref(), &format!("clock-{count}")).await?;
            }
            application.close().await;
        }
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_comes_back_where_it_was() -> Result<()> {
    scenario("window_place", async |stage| {
        let screen = Screen::open(stage.display())?;
        let start = || {
            let mut program = Command::new(stage.application());
            stage.enter(&mut program);
            Background::start(program.stdout(Stdio::null()).stderr(Stdio::null()))
        };
        let wanted = Place { x: 310, y: 140, width: 1010, height: 730 };
        let program = start()?;
        let window = screen.wait(program.id(), "Patchbay").await?;
        screen.put(window, wanted)?;
        until("the window to be there", PATIENTLY, async || {
            Ok((screen.place(window)? == wanted).then_some(()))
        })
        .await?;
        let status = screen.close(window, program).await?;
        ensure!(status.success(), "closing the window ends it well, not with {status}");

        let program = start()?;
        let window = screen.wait(program.id(), "Patchbay").await?;
        until("the window to be where it was", PATIENTLY, async || {
            Ok((screen.place(window)? == wanted).then_some(()))
        })
        .await
        .with_context(|| format!("it is at {:?}", screen.place(window)))?;
        screen.close(window, program).await?;
        Ok(())
    })
    .await
}

/// Waits for the dialog, and for the end when it is closed.
async fn is_said(stage: &Stage, mut program: Command, title: &str, why: &str) -> Result<()> {
    let screen = Screen::open(stage.display())?;
    let program = Background::start(program.stdout(Stdio::null()).stderr(Stdio::null()))?;
    let dialog = screen.wait(program.id(), title).await?;
    if let Some(folder) = std::env::var_os("PATCHBAY_E2E_PICTURES") {
        stage.photograph(folder.as_ref(), why)?;
    }
    let status = screen.close(dialog, program).await?;
    ensure!(status.code() == Some(1), "it ends with {status}");
    Ok(())
}

/// A script of that name in the stage's home.
fn script(stage: &Stage, name: &str, command: &str) -> Result<PathBuf> {
    let file = stage.home().path().join("tools").join(name);
    fs::create_dir_all(file.parent().context("it is in a folder")?)?;
    fs::write(&file, format!("#!/bin/sh\n{command}\n"))?;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755))?;
    Ok(file)
}

/// A command that runs another one with the home's data on a disk of its own.
fn on_a_disk_of(size: &str, command: &str) -> String {
    format!("mount -t tmpfs -o size={size} tmpfs \"$XDG_DATA_HOME\" && exec {command}")
}

/// Whether a file system can be mounted, which takes root and a system that lets it.
fn can_mount() -> bool {
    let mut probe = Command::new("unshare");
    probe.args(["--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).stderr(Stdio::null());
    probe.status().is_ok_and(|status| status.success())
}
