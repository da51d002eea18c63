//! The database is damaged while the application is closed: once with a copy of it, once without.

use std::fs;

use anyhow::{Context, Result, ensure};
use nango_sandbox::Sandbox;
use patchbay_e2e::application::Application;
use patchbay_e2e::scene::open_task;
use patchbay_e2e::stage::{Stage, scenario};
use patchbay_e2e::wait::{PATIENTLY, until};
use patchbay_e2e::window::{Name, Window};
use patchbay_ipc::{GetWorkflow, ListWorkflows};

use crate::steps::{add_task, begin, connect_to, finish, new_sandbox, stored};

const GARBAGE: &str = "what a disk returns that is about to fail, and no database at all";

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_database_is_put_aside_and_its_copy_taken_back() -> Result<()> {
    scenario("recovery", async |stage| {
        let sandbox = new_sandbox().await?;
        let folder = stage.home().data().join("app.patchbay.desktop");
        let application = Application::start(stage).await?;
        let window = application.window();
        connect_to(window, sandbox.base_url().as_str(), sandbox.api_key()).await?;
        connect(window).await?;
        cast_one_task(window).await?;
        let bound = cast(window).await?;
        application.close().await;

        // The daily copy is made soon after a start; one of the first start may be older than the workflow.
        let backups = folder.join("backups");
        drop(fs::remove_dir_all(&backups));
        let application = Application::start(stage).await?;
        until("the database to be copied", PATIENTLY, async || {
            let Ok(mut entries) = fs::read_dir(&backups) else { return Ok(None) };
            Ok(entries.any(|entry| entry.is_ok_and(|entry| entry.file_name() != "unfinished")).then_some(()))
        })
        .await?;
        // Made after the copy, it is known at Nango alone.
        connect(application.window()).await?;
        application.close().await;

        damage(stage)?;
        let application = Application::start(stage).await?;
        let window = application.window();
        window.wait("alert", Name::Contains("was damaged")).await?;
        ensure!(cast(window).await? == bound, "the task is bound as in the copy");
        wait_for_two(window).await.context("the list is read again by itself")?;
        application.close().await;

        let application = Application::start(stage).await?;
        let window = application.window();
        window.wait("alert", Name::Contains("took its place")).await.context("it stays until it is read")?;
        window.press("I have read this").await?;
        window.wait_gone("alert", Name::Contains("was damaged")).await?;
        application.close().await;

        damage(stage)?;
        fs::remove_dir_all(&backups)?;
        let application = Application::start(stage).await?;
        let window = application.window();
        window.wait("alert", Name::Contains("There was no copy")).await?;
        start_over(window, &sandbox).await?;
        let kept = fs::read_dir(&folder)?.flatten();
        let kept = kept.filter(|entry| entry.file_name().to_string_lossy().starts_with("damaged-"));
        let texts: Vec<String> = kept
            .map(|entry| fs::read_to_string(entry.path().join("patchbay.db")))
            .collect::<Result<_, _>>()?;
        ensure!(texts == [GARBAGE, GARBAGE], "both damaged files are still there: {texts:?}");
        application.close().await;
        Ok(())
    })
    .await
}

/// Everything but what lived here alone is back with the server and the key.
async fn start_over(window: &Window, sandbox: &Sandbox) -> Result<()> {
    connect_to(window, sandbox.base_url().as_str(), sandbox.api_key()).await?;
    window.follow("Connections").await?;
    window.press("Sync now").await?;
    wait_for_two(window).await
}

fn damage(stage: &Stage) -> Result<()> {
    let database = stage.home().data().join("app.patchbay.desktop/patchbay.db");
    for file in ["patchbay.db-wal", "patchbay.db-shm"] {
        drop(fs::remove_file(database.with_file_name(file)));
    }
    Ok(fs::write(database, GARBAGE)?)
}

async fn connect(window: &Window) -> Result<()> {
    begin(window, "OpenAI").await?;
    window.fill("API key", "sk-recovery").await?;
    window.press("Connect").await?;
    finish(window).await
}

async fn wait_for_two(window: &Window) -> Result<()> {
    until("both connections to be there", PATIENTLY, async || {
        Ok((stored(window).await?.len() == 2).then_some(()))
    })
    .await
}

async fn cast_one_task(window: &Window) -> Result<()> {
    window.follow("Workflows").await?;
    window.press("New workflow").await?;
    add_task(window, "openai list models", "List models").await?;
    open_task(window, "listModels").await?;
    window.pick("Connection", "OpenAI", "OpenAI").await?;
    until("the task to be bound", PATIENTLY, async || Ok(cast(window).await?.map(drop))).await
}

/// Nango's id of the connection that the only task of the only workflow runs as.
async fn cast(window: &Window) -> Result<Option<String>> {
    let list = window.ask(&ListWorkflows { search: String::new(), offset: 0, limit: 10 }).await?;
    let workflow = list.workflows.first().context("there is a workflow")?.id;
    let view = window.ask(&GetWorkflow { workflow }).await?;
    let casting = view.castings.first().context("there is a task")?;
    Ok(casting.connection.as_ref().map(|connection| connection.connection_id.to_string()))
}
