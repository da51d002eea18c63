//! The panel of a task: its operation exchanged for another, all of a retry, an expression tried on what was there when
//! it ran.

use anyhow::{Context, Result, ensure};
use fantoccini::key::Key;
use patchbay_core::workflow::edit::Edit;
use patchbay_core::workflow::run::RunState;
use patchbay_e2e::application::Application;
use patchbay_e2e::keyboard::Keyboard;
use patchbay_e2e::scene::open_task;
use patchbay_e2e::stage::scenario;
use patchbay_e2e::wait::{PATIENTLY, until};
use patchbay_e2e::window::Window;
use patchbay_ipc::{EditWorkflow, GetRun, GetWorkflow, ListWorkflows, StartRun, WorkflowView};

use crate::steps::{add_task, connect_to, new_sandbox};

/// A loop whose tasks see an item and a context.
const LOOP: &str = r#"document: { dsl: '1.0.3', namespace: default, name: greet, version: '0.1.0' }
do:
  - first:
      set: { names: [Ada, Grace] }
      export: { as: '${ {greeting: "Hello"} }' }
  - each:
      for: { each: name, in: '.names' }
      do:
        - say:
            set: { said: '${ $context.greeting + " " + $name }' }
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_changed_in_its_panel() -> Result<()> {
    scenario("editor", async |stage| {
        let sandbox = new_sandbox().await?;
        let application = Application::start(stage).await?;
        let window = application.window();
        let keyboard = Keyboard::of(window);
        connect_to(window, sandbox.base_url().as_str(), sandbox.api_key()).await?;
        window.follow("Workflows").await?;
        window.press("New workflow").await?;

        // What both operations take stays, also where it is written; the name goes along.
        add_task(window, "github list issues", "List issues of a repository").await?;
        open_task(window, "listIssues").await?;
        commit(window, &keyboard, "Owner", "octocat").await?;
        window.choose("Operation", "Create an issue").await?;
        until_text(window, &["createIssue:", "method: post", "/proxy/repos/octocat/{repo}/issues"]).await?;
        open_task(window, "createIssue").await?;
        let owner = window.wait("textbox", "Owner").await?.prop("value").await?;
        ensure!(owner.as_deref() == Some("octocat"), "the owner is {owner:?}");
        keep(window, "another-operation").await?;
        keyboard.press(Key::Escape).await?;
        window.press("Undo").await?;
        until_text(window, &["listIssues:", "method: get", "/proxy/repos/octocat/{repo}/issues"]).await?;

        add_task(window, "try", "Try").await?;
        open_task(window, "attempt").await?;
        for (field, text) in [
            ("Tries again at most", "4"),
            ("Waits before", "3s"),
            ("Waits longer by at least", "1s"),
            ("Waits longer by at most", "2s"),
            ("Tries again for", "5m"),
            ("Each try takes at most", "30s"),
            ("Tries again when", "$error.status == 503"),
        ] {
            commit(window, &keyboard, field, text).await?;
        }
        window.choose("The waits", "Double").await?;
        until_text(window, &["count: 4", "exponential: {}", "jitter:", "when: $error.status == 503"]).await?;
        keep(window, "retry").await?;

        // An expression is computed on what was around the task in the last run.
        let view = only_workflow(window).await?;
        let edit = Edit::ReplaceText { text: LOOP.to_owned() };
        window.ask(&EditWorkflow { workflow: view.id, version: view.version, edit }).await?;
        let run = window.ask(&StartRun { workflow: view.id, input: "{}".to_owned() }).await?.summary.id;
        until("the run to end", PATIENTLY, async || {
            let state = window.ask(&GetRun { run }).await?.summary.state;
            ensure!(matches!(state, RunState::Running | RunState::Completed), "it is {state:?}");
            Ok((state == RunState::Completed).then_some(()))
        })
        .await?;
        open_task(window, "say").await?;
        window.wait_text("= \"Hello Grace\"").await?;
        keep(window, "preview").await?;
        application.close().await;
        Ok(())
    })
    .await
}

/// Fills in a field of the panel, and leaves it.
async fn commit(window: &Window, keyboard: &Keyboard<'_>, field: &str, text: &str) -> Result<()> {
    let before = only_workflow(window).await?.version;
    window.fill(field, text).await?;
    keyboard.press(Key::Tab).await?;
    until(&format!("{field} to be kept"), PATIENTLY, async || {
        Ok((only_workflow(window).await?.version != before).then_some(()))
    })
    .await
}

async fn until_text(window: &Window, wanted: &[&str]) -> Result<()> {
    until(&format!("the document to have {wanted:?}"), PATIENTLY, async || {
        let text = only_workflow(window).await?.text;
        let missing = wanted.iter().find(|part| !text.contains(**part));
        match missing {
            None => Ok(Some(())),
            Some(part) => Err(anyhow::anyhow!("{part:?} is not in\n{text}")),
        }
    })
    .await
}

async fn only_workflow(window: &Window) -> Result<WorkflowView> {
    let page = window.ask(&ListWorkflows { search: String::new(), offset: 0, limit: 10 }).await?;
    let workflow = page.workflows.first().context("there is a workflow")?;
    window.ask(&GetWorkflow { workflow: workflow.id }).await
}

async fn keep(window: &Window, name: &str) -> Result<()> {
    match std::env::var_os("PATCHBAY_E2E_PICTURES") {
        Some(folder) => window.keep(folder.as_ref(), name).await,
        None => Ok(()),
    }
}
