//! Starts that cannot be, or only just: a folder that cannot be written, a disk that is full from the start or becomes
//! it, and a window that comes back where it was.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use patchbay_e2e::application::Application;
use patchbay_e2e::screen::{Place, Screen};
use patchbay_e2e::stage::{Stage, scenario};
use patchbay_e2e::wait::{PATIENTLY, until};
use patchbay_ipc::ListWorkflows;
use xtask::desktop::Background;

use crate::steps::{connect_to, new_sandbox};

/// The title of the dialog that says why nothing starts.
const CANNOT: &str = "Patchbay cannot start";

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_cannot_be_written_is_said() -> Result<()> {
    scenario("start_read_only", async |stage| {
        let mut program = Command::new(stage.application());
        stage.enter(&mut program);
        // Not even root makes a folder there.
        program.env("XDG_DATA_HOME", "/proc/patchbay");
        is_said(stage, program, "read-only").await
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
        is_said(stage, program, "full-disk").await
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
        let tools = stage.home().path().join("tools");
        fs::create_dir_all(&tools)?;
        let driver = tools.join("WebKitWebDriver");
        let script = on_a_disk_of("24m", "/usr/bin/WebKitWebDriver \"$@\"");
        fs::write(&driver, format!("#!/bin/sh\nexec unshare --mount sh -c '{script}' sh \"$@\"\n"))?;
        fs::set_permissions(&driver, fs::Permissions::from_mode(0o755))?;
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
async fn is_said(stage: &Stage, mut program: Command, why: &str) -> Result<()> {
    let screen = Screen::open(stage.display())?;
    let program = Background::start(program.stdout(Stdio::null()).stderr(Stdio::null()))?;
    let dialog = screen.wait(program.id(), CANNOT).await?;
    if let Some(folder) = std::env::var_os("PATCHBAY_E2E_PICTURES") {
        stage.photograph(folder.as_ref(), why)?;
    }
    let status = screen.close(dialog, program).await?;
    ensure!(status.code() == Some(1), "it ends with {status}");
    Ok(())
}

/// A script that runs a command with the home's data on a disk of its own.
fn on_a_disk_of(size: &str, command: &str) -> String {
    format!("mount -t tmpfs -o size={size} tmpfs \"$XDG_DATA_HOME\" && exec {command}")
}

/// Whether a file system can be mounted, which takes root and a system that lets it.
fn can_mount() -> bool {
    let mut probe = Command::new("unshare");
    probe.args(["--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).stderr(Stdio::null());
    probe.status().is_ok_and(|status| status.success())
}
