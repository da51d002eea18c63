//! Everything a person does, without a pointer. On an ordinary day: the profile, a connection, a workflow of three
//! tasks whose connections are chosen, one moved and moved back, saved, run, and its run opened. On a bad one: a
//! connection renewed, replaced everywhere by another, its workflow exported and imported with a mapping, and the old
//! one disconnected.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use fantoccini::key::Key;
use patchbay_core::connection::Health;
use patchbay_core::workflow::run::RunState;
use patchbay_e2e::application::Application;
use patchbay_e2e::keyboard::Keyboard;
use patchbay_e2e::scene::open_task;
use patchbay_e2e::stage::{Stage, scenario};
use patchbay_e2e::wait::{PATIENTLY, until};
use patchbay_e2e::window::{Name, Window};
use patchbay_ipc::{ConnectionView, GetWorkflow, ListRuns, ListWorkflows, WorkflowView};

use crate::steps::{USER, add_task, begin, connect_to, finish, new_sandbox, stored};

#[tokio::test(flavor = "multi_thread")]
async fn an_ordinary_day_without_a_pointer() -> Result<()> {
    scenario("keyboard", async |stage| {
        let sandbox = new_sandbox().await?;
        let application = Application::start(stage).await?;
        let window = application.window();
        let keyboard = Keyboard::of(window);

        keyboard.fill("textbox", "Nango server URL", sandbox.base_url().as_str()).await?;
        keyboard.fill("textbox", "API key", sandbox.api_key()).await?;
        keyboard.fill("textbox", "Your user id", USER).await?;
        keyboard.enter("button", "Save and check").await?;

        keyboard.enter("link", "Connectors").await?;
        keyboard.fill("searchbox", "Search connectors", "sendgrid").await?;
        keyboard.enter("button", "Connect SendGrid").await?;
        keyboard.enter("button", "Continue").await?;
        keyboard.fill("textbox", "API key", "sk-keyboard").await?;
        keyboard.press(Key::Enter).await?;
        window.wait_within("status", Name::Contains("Connected"), PATIENTLY).await?;
        keyboard.enter("button", "Done").await?;
        let connected = stored(window).await?.into_iter().next().context("there is a connection")?;

        keyboard.enter("link", "Workflows").await?;
        keyboard.enter("button", "New workflow").await?;
        for count in 1..=3 {
            keyboard.enter("button", "Add task").await?;
            // An operation without parameters that have to be given: the run is to start.
            keyboard.fill("combobox", "Search operations and kinds of task", "list templates").await?;
            window.wait("option", Name::Contains("List templates")).await?;
            keyboard.press(Key::Enter).await?;
            window.wait_gone("dialog", "Add task").await?;
            until("the task to be there", PATIENTLY, async || {
                Ok((only_workflow(window).await?.castings.len() == count).then_some(()))
            })
            .await?;
        }
        let tasks: Vec<String> = names(&only_workflow(window).await?);
        for task in &tasks {
            let card = format!("{task}, ");
            go_to_task(&keyboard, &card).await?;
            keyboard.press(Key::Enter).await?;
            keyboard.tab_to("combobox", "Connection").await?;
            keyboard.press(Key::Down).await?;
            window.wait("option", Name::Contains(&connected.label)).await?;
            keyboard.press(Key::Enter).await?;
            until(&format!("{task} to be bound"), PATIENTLY, async || {
                let view = only_workflow(window).await?;
                let casting =
                    view.castings.iter().find(|casting| casting.task == *task).context("its casting")?;
                Ok(casting.connection.is_some().then_some(()))
            })
            .await?;
        }

        keyboard.chord(&[Key::Control], 'f').await?;
        until("the box to have the focus", PATIENTLY, async || {
            Ok(keyboard.is_at("combobox", "Search tasks").await?.then_some(()))
        })
        .await?;
        keyboard.type_text(&tasks[1]).await?;
        keyboard.press(Key::Enter).await?;
        let found = format!("{}, ", tasks[1]);
        until("the task that was looked for to have the focus", PATIENTLY, async || {
            Ok(keyboard.is_at("treeitem", Name::Contains(&found)).await?.then_some(()))
        })
        .await?;

        let moved = [&tasks[0], &tasks[2], &tasks[1]];
        go_to_task(&keyboard, &format!("{}, ", tasks[2])).await?;
        keyboard.chord(&[Key::Alt], Key::Up.into()).await?;
        order(window, &moved).await.context("Alt and the arrow move a task")?;
        keyboard.chord(&[Key::Control], 'z').await?;
        order(window, &tasks.iter().collect::<Vec<_>>()).await.context("Ctrl+Z takes it back")?;
        keyboard.chord(&[Key::Control], 's').await?;
        until("the workflow to be saved", PATIENTLY, async || {
            Ok((!only_workflow(window).await?.is_changed).then_some(()))
        })
        .await?;

        keyboard.enter("button", "Run").await?;
        keyboard.enter("button", "Start the run").await?;
        until("the run to have ended", PATIENTLY, async || {
            let runs = ListRuns { workflow: None, state: None, offset: 0, limit: 10 };
            let run = window.ask(&runs).await?.runs.into_iter().next().context("no run yet")?;
            Ok((run.state != RunState::Running).then_some(()))
        })
        .await?;
        keyboard.enter("link", "Runs").await?;
        keyboard.enter("link", Name::Contains("Untitled workflow")).await?;
        window.wait("heading", Name::Contains("Untitled workflow")).await?;
        application.close().await;
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_day_without_a_pointer() -> Result<()> {
    scenario("keyboard_mending", async |stage| {
        let sandbox = new_sandbox().await?;
        let application = Application::start(stage).await?;
        let window = application.window();
        let keyboard = Keyboard::of(window);
        connect_to(window, sandbox.base_url().as_str(), sandbox.api_key()).await?;
        for key in ["sk-old", "sk-new"] {
            begin(window, "SendGrid").await?;
            window.fill("API key", key).await?;
            window.press("Connect").await?;
            finish(window).await?;
        }
        let [old, new] = ["SendGrid", "SendGrid 2"];
        window.follow("Workflows").await?;
        window.press("New workflow").await?;
        add_task(window, "sendgrid list templates", "List templates").await?;
        open_task(window, "listTemplates").await?;
        window.pick("Connection", old, old).await?;
        until_cast(window, 1, old).await?;

        // A key that was withdrawn is entered anew.
        let first = one(window, old).await?;
        sandbox.revoke_grants(first.connection_id.as_str());
        keyboard.enter("link", "Connections").await?;
        go_to_row(&keyboard, old).await?;
        keyboard.enter("button", "Test SendGrid").await?;
        until("the test to find it broken", PATIENTLY, async || {
            Ok((one(window, old).await?.health == Health::NeedsReconnect).then_some(()))
        })
        .await?;
        go_to_row(&keyboard, old).await?;
        keyboard.enter("button", "Reconnect SendGrid").await?;
        keyboard.enter("button", "Continue").await?;
        keyboard.fill("textbox", "API key", "sk-renewed").await?;
        keyboard.press(Key::Enter).await?;
        window.wait_within("status", Name::Contains("Reconnected"), PATIENTLY).await?;
        keyboard.enter("button", "Done").await?;
        let renewed = one(window, old).await?;
        ensure!(renewed.connection_id == first.connection_id, "it is the same connection as before");

        // What runs as it is to run as the other one.
        go_to_row(&keyboard, old).await?;
        keyboard.press(Key::Enter).await?;
        keyboard.enter("button", "Replace…").await?;
        keyboard.tab_to("combobox", "Connection to use instead").await?;
        keyboard.type_text(new).await?;
        window.wait("option", Name::Contains(new)).await?;
        keyboard.press(Key::Down).await?;
        keyboard.press(Key::Enter).await?;
        keyboard.enter("button", "Replace in 1 place").await?;
        until_cast(window, 1, new).await?;

        // Its file goes out with its bindings and comes back by the mapping table.
        keyboard.enter("link", "Workflows").await?;
        keyboard.enter("button", "Export Untitled workflow").await?;
        keyboard.enter("button", "With its bindings").await?;
        let file = until("the file to be written", PATIENTLY, async || exported(stage)).await?;
        window.wait_gone("dialog", Name::Contains("Export")).await?;
        // Which file is chosen in a dialog of the system that no driver reaches; the window is handed its choice.
        window.choose_file("Workflow file", &file).await?;
        keyboard.enter("button", "Use SendGrid 2, as in the file").await?;
        keyboard.enter("button", "Import").await?;
        until_cast(window, 2, new).await?;

        // Nothing needs the old one any more.
        keyboard.enter("link", "Connections").await?;
        go_to_row(&keyboard, old).await?;
        keyboard.enter("button", "Disconnect SendGrid").await?;
        keyboard.enter("button", "Disconnect").await?;
        until("it to be gone", PATIENTLY, async || {
            Ok(stored(window).await?.iter().all(|connection| connection.label != old).then_some(()))
        })
        .await?;
        ensure!(sandbox.connections().len() == 1, "and it is gone at Nango");
        application.close().await;
        Ok(())
    })
    .await
}

/// The connection of a label.
async fn one(window: &Window, label: &str) -> Result<ConnectionView> {
    let found = stored(window).await?.into_iter().find(|connection| connection.label == label);
    found.with_context(|| format!("{label} is there"))
}

/// Waits until there are so many workflows, and the only task of each runs as a connection.
async fn until_cast(window: &Window, count: usize, label: &str) -> Result<()> {
    until(&format!("{count} workflows to run as {label}"), PATIENTLY, async || {
        let page = window.ask(&ListWorkflows { search: String::new(), offset: 0, limit: 10 }).await?;
        let mut is_so = page.workflows.len() == count;
        for workflow in page.workflows {
            let view = window.ask(&GetWorkflow { workflow: workflow.id }).await?;
            let connection = view.castings.first().and_then(|casting| casting.connection.as_ref());
            is_so &= connection.is_some_and(|connection| connection.label == label);
        }
        Ok(is_so.then_some(()))
    })
    .await
}

/// The file that was exported, once it is there.
fn exported(stage: &Stage) -> Result<Option<PathBuf>> {
    let Ok(files) = std::fs::read_dir(stage.home().data().join("app.patchbay.desktop/exports")) else {
        return Ok(None);
    };
    Ok(files
        .filter_map(|file| Some(file.ok()?.path()))
        .find(|path| path.extension().is_some_and(|it| it == "yaml")))
}

/// Goes to the list of connections, and in it to a row.
async fn go_to_row(keyboard: &Keyboard<'_>, label: &str) -> Result<()> {
    keyboard.tab_into("row").await?;
    keyboard.press(Key::Home).await?;
    let mut left = 5;
    while !keyboard.is_at("row", Name::Contains(&format!("Choose {label} {label} "))).await? {
        ensure!(left > 0, "the arrows do not lead to {label}");
        left -= 1;
        keyboard.press(Key::Down).await?;
    }
    Ok(())
}

/// Goes to the picture of the workflow, and in it to a task.
async fn go_to_task(keyboard: &Keyboard<'_>, card: &str) -> Result<()> {
    let is_there = async || keyboard.is_at("treeitem", Name::Contains(card)).await;
    if !is_there().await? {
        keyboard.tab_into("treeitem").await?;
        keyboard.press(Key::Home).await?;
    }
    until(&format!("the focus to be on {card:?}"), PATIENTLY, async || {
        if is_there().await? {
            return Ok(Some(()));
        }
        keyboard.press(Key::Down).await?;
        Ok(is_there().await?.then_some(()))
    })
    .await
}

async fn order(window: &Window, wanted: &[&String]) -> Result<()> {
    until("the tasks to stand in that order", PATIENTLY, async || {
        Ok((names(&only_workflow(window).await?).iter().collect::<Vec<_>>() == wanted).then_some(()))
    })
    .await
}

fn names(view: &WorkflowView) -> Vec<String> {
    view.castings.iter().map(|casting| casting.task.clone()).collect()
}

async fn only_workflow(window: &Window) -> Result<WorkflowView> {
    let page = window.ask(&ListWorkflows { search: String::new(), offset: 0, limit: 10 }).await?;
    ensure!(page.workflows.len() == 1, "there is one workflow, not {}", page.workflows.len());
    window.ask(&GetWorkflow { workflow: page.workflows[0].id }).await
}
