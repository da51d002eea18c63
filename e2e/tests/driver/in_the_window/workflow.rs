//! A workflow built and cast without a network, kept over a restart, and run as exactly what was chosen.

use anyhow::{Context, Result, ensure};
use nango_sandbox::Sandbox;
use patchbay_core::workflow::run::{RunState, TaskState};
use patchbay_e2e::application::{self, Application};
use patchbay_e2e::robot::{self, Decision};
use patchbay_e2e::scene::open_task;
use patchbay_e2e::stage::scenario;
use patchbay_e2e::wait::{PATIENTLY, until};
use patchbay_e2e::window::{Name, Window};
use patchbay_ipc::{GetRun, GetWorkflow, ListRuns, ListWorkflows, RunView, WorkflowView};

use crate::steps::{add_task, begin, connect_to, finish, new_sandbox, opened, stored};

/// The tasks: their names, and the label of the connection that is chosen for each.
const CHOSEN: [(&str, &str); 3] =
    [("listRepositories", "GitHub"), ("listRepositories2", "GitHub 2"), ("listModels", "OpenAI")];

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_chosen_offline_and_run_as_chosen() -> Result<()> {
    scenario("workflow", async |stage| {
        let mut sandbox = new_sandbox().await?;
        let application = Application::start(stage).await?;
        let window = application.window();
        connect_to(window, sandbox.base_url().as_str(), sandbox.api_key()).await?;
        for (count, login) in [(1, "alex"), (2, "sam")] {
            begin(window, "GitHub").await?;
            let link = robot::decide(&opened(stage, count).await?, login, Decision::Approve).await?;
            application::deliver(stage, &link).await?;
            finish(window).await?;
        }
        begin(window, "OpenAI").await?;
        window.fill("API key", "sk-workflow").await?;
        window.press("Connect").await?;
        finish(window).await?;

        // On the train: three tasks on two connectors, two of them as two accounts of one.
        sandbox.stop_nango().await;
        window.follow("Workflows").await?;
        window.press("New workflow").await?;
        for (search, option) in [
            ("list account's repositories", "List the account's repositories"),
            ("list account's repositories", "List the account's repositories"),
            ("openai list models", "List models"),
        ] {
            add_task(window, search, option).await?;
        }
        for (task, label) in CHOSEN {
            open_task(window, task).await?;
            window.pick("Connection", label, label).await?;
            until_cast(window, task, label).await?;
        }
        let before = only_workflow(window).await?;
        window.press("Save").await?;
        until("the workflow to be saved", PATIENTLY, async || {
            Ok((!only_workflow(window).await?.is_changed).then_some(()))
        })
        .await?;
        application.close().await;

        // Started again, still offline: it is as it was.
        let application = Application::start(stage).await?;
        let window = application.window();
        let after = only_workflow(window).await?;
        ensure!(after.text == before.text, "the document is the same after a restart");
        for (task, label) in CHOSEN {
            ensure!(label_of(&after, task) == Some(label), "{task} is still bound to {label}");
        }

        // Back at home: what runs is what was chosen.
        sandbox.restart_nango().await.context("the sandbox starts again")?;
        open_workflow(window).await?;
        let run = run_it(window).await?;
        ensure!(run.summary.state == RunState::Completed, "the run completes: {:?}", run.failure);
        let ids = stored(window).await?;
        let id_of = |label: &str| {
            let found = ids.iter().find(|connection| connection.label == label);
            found.map(|connection| connection.connection_id.to_string()).context("the connection is there")
        };
        let labels =
            after.castings.iter().map(|casting| label_of(&after, &casting.task).context("it is bound"));
        let wanted: Vec<String> = labels.map(|label| id_of(label?)).collect::<Result<_>>()?;
        let asked = proxied(&sandbox, &["/proxy/user/repos", "/proxy/models", "/proxy/v1/models"]);
        ensure!(asked == wanted, "Nango was asked as {asked:?} and not as {wanted:?}");

        // One account is revoked at its provider: that task fails, and says how to mend it.
        sandbox.revoke_grants(&id_of("GitHub 2")?);
        open_workflow(window).await?;
        let run = run_it(window).await?;
        ensure!(run.summary.state == RunState::Faulted, "the run fails");
        let (last, before) = run.entries.split_last().context("a task began")?;
        ensure!(
            last.task == "listRepositories2" && last.state == TaskState::Faulted,
            "{} is {:?}",
            last.task,
            last.state
        );
        ensure!(before.iter().all(|entry| entry.state == TaskState::Completed), "those before it worked");
        window.wait("button", "Reconnect GitHub 2").await?;
        application.close().await;
        Ok(())
    })
    .await
}

/// Opens the editor of the only workflow, by its row in the list.
async fn open_workflow(window: &Window) -> Result<()> {
    window.follow("Workflows").await?;
    let row = window.wait("link", Name::Contains("Untitled workflow")).await?;
    row.click().await?;
    window.wait("button", "Run").await.map(drop)
}

async fn only_workflow(window: &Window) -> Result<WorkflowView> {
    let page = window.ask(&ListWorkflows { search: String::new(), offset: 0, limit: 10 }).await?;
    ensure!(page.workflows.len() == 1, "there is one workflow, not {}", page.workflows.len());
    window.ask(&GetWorkflow { workflow: page.workflows[0].id }).await
}

fn label_of<'a>(view: &'a WorkflowView, task: &str) -> Option<&'a str> {
    let casting = view.castings.iter().find(|casting| casting.task == task)?;
    casting.connection.as_ref().map(|connection| connection.label.as_str())
}

async fn until_cast(window: &Window, task: &str, label: &str) -> Result<()> {
    until(&format!("{task} to run as {label}"), PATIENTLY, async || {
        Ok((label_of(&only_workflow(window).await?, task) == Some(label)).then_some(()))
    })
    .await
}

/// Runs the workflow that is open and waits for the end.
async fn run_it(window: &Window) -> Result<RunView> {
    let before = runs(window).await?;
    window.press("Run").await?;
    window.press("Start the run").await?;
    until("the run to end", PATIENTLY, async || {
        let ids = runs(window).await?;
        let Some(new) = ids.iter().find(|id| !before.contains(id)) else { return Ok(None) };
        let run = window.ask(&GetRun { run: *new }).await?;
        Ok((run.summary.state != RunState::Running).then_some(run))
    })
    .await
}

async fn runs(window: &Window) -> Result<Vec<patchbay_core::id::RunId>> {
    let page = window.ask(&ListRuns { workflow: None, state: None, offset: 0, limit: 200 }).await?;
    Ok(page.runs.iter().map(|run| run.id).collect())
}

/// As which connections the proxy was asked for these paths, in order.
fn proxied(sandbox: &Sandbox, paths: &[&str]) -> Vec<String> {
    let requests = sandbox.requests();
    let calls = requests.iter().filter(|request| paths.contains(&request.path.as_str()));
    calls.filter_map(|call| call.connection_id.clone()).collect()
}
