//! Walks the real window with the sandbox behind it and keeps pictures of its pages, light and dark. The one
//! argument is the folder to write to.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use fantoccini::key::Key;
use patchbay_core::id::WorkflowId;
use patchbay_e2e::application::Application;
use patchbay_e2e::keyboard::Keyboard;
use patchbay_e2e::scene::{Scene, go, open_task};
use patchbay_e2e::stage::scenario;
use patchbay_e2e::wait::PATIENTLY;
use patchbay_e2e::window::{Name, Window};
use patchbay_ipc::{Appearance, SetAppearance};
use xtask::step::say;

/// The pages that are photographed, by the names of their links.
const PAGES: &[&str] = &["Connectors", "Connections", "Workflows", "Runs", "Activity", "Settings"];

#[tokio::main]
async fn main() -> Result<()> {
    let folder = PathBuf::from(std::env::args_os().nth(1).context("give the folder to write to")?);
    scenario("screenshots", async |stage| {
        let application = Application::start(stage).await?;
        let window = application.window();
        picture(window, &folder, "first-run-light").await?;
        let Scene { workflow, run } = Scene::set(stage, window).await?;
        for (appearance, name) in [(Appearance::Light, "light"), (Appearance::Dark, "dark")] {
            window.ask(&SetAppearance { appearance }).await?;
            walk(window, &folder, name).await?;
            for (address, page) in
                [(format!("workflows/{workflow}"), "editor"), (format!("runs/{run}"), "run")]
            {
                go(window, &address).await?;
                window.wait_within("heading", Scene::WORKFLOW, PATIENTLY).await?;
                picture(window, &folder, &format!("{page}-{name}")).await?;
            }
            choosing(window, &folder, workflow, name).await?;
        }
        application.close().await;
        Ok(())
    })
    .await
}

/// Takes a picture of every page, and one of the connect dialog.
async fn walk(window: &Window, folder: &Path, appearance: &str) -> Result<()> {
    for page in PAGES {
        window.follow(page).await?;
        window.wait("heading", *page).await?;
        let name = format!("{}-{appearance}", page.to_lowercase());
        picture(window, folder, &name).await?;
    }
    window.follow("Connections").await?;
    window.wait("row", Name::Contains("Work mail")).await?.click().await?;
    window.wait("link", Scene::WORKFLOW).await?;
    picture(window, folder, &format!("connection-{appearance}")).await?;
    window.press("Replace…").await?;
    window.pick("Connection to use instead", "Personal", "Personal mail").await?;
    window.wait("button", "Replace in 1 place").await?;
    picture(window, folder, &format!("replace-{appearance}")).await?;
    window.press("Cancel").await?;
    window.press("Close details").await?;
    window.follow("Connectors").await?;
    window.search("Search connectors", "github").await?;
    window.press("Connect GitHub").await?;
    window.wait("textbox", "Label").await?;
    picture(window, folder, &format!("connect-{appearance}")).await?;
    window.press("Cancel").await?;
    // Another page, so that the next walk finds the search empty.
    window.follow("Connections").await
}

/// Takes pictures of a task with its picker, of the question before a run, and of the command palette.
async fn choosing(window: &Window, folder: &Path, workflow: WorkflowId, appearance: &str) -> Result<()> {
    go(window, &format!("workflows/{workflow}")).await?;
    open_task(window, "listLabels").await?;
    window.click("combobox", "Connection").await?;
    window.wait("option", Name::Contains("Personal mail")).await?;
    picture(window, folder, &format!("task-{appearance}")).await?;
    let keyboard = Keyboard::of(window);
    keyboard.press(Key::Escape).await?;
    window.press("Run").await?;
    window.wait("button", "Start the run").await?;
    picture(window, folder, &format!("cast-{appearance}")).await?;
    keyboard.press(Key::Escape).await?;
    window.wait_gone("button", "Start the run").await?;
    keyboard.chord(&[Key::Control], 'k').await?;
    window.wait("dialog", "Go to or do").await?;
    picture(window, folder, &format!("palette-{appearance}")).await?;
    keyboard.press(Key::Escape).await?;
    window.wait_gone("dialog", "Go to or do").await
}

/// Keeps a picture once nothing moves any more.
async fn picture(window: &Window, folder: &Path, name: &str) -> Result<()> {
    let picture = window.still().await?;
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join(format!("{name}.png")), picture)?;
    say(format_args!("  {name}.png"));
    Ok(())
}
