//! Everything a person does on an ordinary day, without a pointer: the profile, a connection, a workflow of three
//! tasks whose connections are chosen, one moved and moved back, saved, run, and its run opened.

use anyhow::{Context, Result, ensure};
use fantoccini::key::Key;
use patchbay_core::workflow::run::RunState;
use patchbay_e2e::application::Application;
use patchbay_e2e::keyboard::Keyboard;
use patchbay_e2e::stage::scenario;
use patchbay_e2e::wait::{PATIENTLY, until};
use patchbay_e2e::window::{Name, Window};
use patchbay_ipc::{GetWorkflow, ListRuns, ListWorkflows, WorkflowView};

use crate::steps::{USER, new_sandbox, stored};

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
