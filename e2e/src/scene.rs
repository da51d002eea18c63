//! A window as somebody has it who has worked with it for a while: accounts, a workflow, a run.

use anyhow::{Context, Result};
use patchbay_core::id::{ConnectTarget, InstanceId, RunId, WorkflowId};
use patchbay_core::workflow::binding::Slot;
use patchbay_core::workflow::edit::{Edit, NewTask};
use patchbay_core::workflow::outline::TaskKind;
use patchbay_core::workflow::run::RunState;
use patchbay_ipc::{
    Bind, CreateWorkflow, EditWorkflow, GetRun, ListConnections, Narrowing, PlanConnection, SaveWorkflow,
    StartAttempt, StartRun,
};

use crate::application;
use crate::links::Links;
use crate::robot::{self, Decision};
use crate::stage::Stage;
use crate::wait::{PATIENTLY, until};
use crate::window::{Name, Window};

/// What is connected before the pictures are taken: connector, label, account at the provider.
const CONNECTIONS: &[(&str, &str, &str)] = &[
    ("gmail", "Work mail", "work-team"),
    ("gmail", "Personal mail", "alex"),
    ("github", "GitHub", "alex"),
    ("linear", "Team board", "work-team"),
    ("notion", "Notes", "alex"),
    ("google-calendar", "Family calendar", "sam"),
];
/// The tasks of the workflow in the pictures: list, connector, operation, role, and the label it runs as.
const TASKS: &[(&str, &str, &str, &str, &str)] = &[
    ("/do", "google-calendar", "list-calendars", "calendar", "Family calendar"),
    ("/do/1/mail/fork/branches", "gmail", "list-labels", "workMail", "Work mail"),
    ("/do/1/mail/fork/branches", "gmail", "list-labels", "homeMail", "Personal mail"),
    ("/do", "linear", "list-teams", "board", "Team board"),
    ("/do", "notion", "search", "notes", "Notes"),
];
/// What is in the window.
#[derive(Debug, Clone, Copy)]
pub struct Scene {
    /// A workflow of five tasks, each bound.
    pub workflow: WorkflowId,
    /// A run of it that has ended.
    pub run: RunId,
}

impl Scene {
    /// What the workflow is called.
    pub const WORKFLOW: &'static str = "Morning digest";

    /// Takes the sandbox that comes with the application, connects accounts, makes a workflow and runs it.
    ///
    /// # Errors
    /// One of these does not work.
    pub async fn set(stage: &Stage, window: &Window) -> Result<Self> {
        window.press("Try it without an account").await?;
        window.wait_within("link", "Connectors", PATIENTLY).await?;
        for (connector, label, login) in CONNECTIONS {
            let request = plan(window, connector, label).await?;
            let opened = stage.links.opened().len();
            window.ask(&request).await?;
            let link = robot::decide(&page(&stage.links, opened).await?, login, Decision::Approve).await?;
            application::deliver(stage, &link).await?;
            wait_connected(window, label).await?;
        }
        let workflow = workflow(window).await?;
        let run = run(window, workflow).await?;
        Ok(Self { workflow, run })
    }
}

/// Goes to an address of the window, without its `#/`.
///
/// # Errors
/// The window cannot be told.
pub async fn go(window: &Window, address: &str) -> Result<()> {
    let script = format!("location.hash = '#/{address}'");
    window.client().execute(&script, Vec::new()).await?;
    Ok(())
}

/// Opens the panel of a task in the editor.
///
/// # Errors
/// There is no such task.
pub async fn open_task(window: &Window, task: &str) -> Result<()> {
    let wanted = format!("{task}, ");
    until(&format!("the panel of {task}"), PATIENTLY, async || {
        if let Some(name) = window.find("textbox", "Name").await?
            && name.prop("value").await?.as_deref() == Some(task)
        {
            return Ok(Some(()));
        }
        let card = window.find("treeitem", Name::Contains(&wanted)).await?.context("the task is drawn")?;
        card.click().await?;
        card.send_keys("\u{e007}").await?;
        Ok(None)
    })
    .await
}

/// Makes the workflow, and has each task run as the connection that is meant for it.
async fn workflow(window: &Window) -> Result<WorkflowId> {
    let mut view = window.ask(&CreateWorkflow { name: Scene::WORKFLOW.to_owned() }).await?;
    let id = view.id;
    let edit = async |view: &mut patchbay_ipc::WorkflowView, edit: Edit| -> Result<()> {
        *view = window.ask(&EditWorkflow { workflow: id, version: view.version, edit }).await?;
        Ok(())
    };
    for (list, connector, operation, role, label) in TASKS {
        if list.contains("fork") && view.outline.tasks.len() == 1 {
            let task = NewTask::Kind(TaskKind::Fork);
            edit(&mut view, Edit::AddTask { list: "/do".into(), index: u32::MAX, task }).await?;
            let path = view.outline.tasks.last().context("the fork is there")?.path.clone();
            edit(&mut view, Edit::RenameTask { path, name: "mail".to_owned() }).await?;
        }
        let task = NewTask::Operation {
            connector: (*connector).into(),
            operation: (*operation).to_owned(),
            role: Some((*role).to_owned()),
            integration: None,
        };
        edit(&mut view, Edit::AddTask { list: (*list).into(), index: u32::MAX, task }).await?;
        let (slot, instance) = (Slot::Role((*role).to_owned()), Some(instance(window, label).await?));
        window.ask(&Bind { workflow: id, slot, instance }).await?;
    }
    window.ask(&SaveWorkflow { workflow: id }).await?;
    Ok(id)
}

async fn instance(window: &Window, label: &str) -> Result<InstanceId> {
    let narrowing = Narrowing { search: label.to_owned(), ..Default::default() };
    let page = window.ask(&ListConnections { narrowing, offset: 0, limit: 10 }).await?;
    let found = page.connections.into_iter().find(|connection| connection.label == label);
    Ok(found.context("the connection is there")?.instance)
}

async fn run(window: &Window, workflow: WorkflowId) -> Result<RunId> {
    let run = window.ask(&StartRun { workflow, input: "{}".to_owned() }).await?.summary.id;
    until("the run to end", PATIENTLY, async || {
        Ok((window.ask(&GetRun { run }).await?.summary.state != RunState::Running).then_some(run))
    })
    .await
}

async fn plan(window: &Window, connector: &str, label: &str) -> Result<StartAttempt> {
    let plan = window
        .ask(&PlanConnection { target: ConnectTarget::Connector(connector.into()), integration: None })
        .await?;
    Ok(StartAttempt {
        target: plan.target,
        integration: plan.integration,
        label: label.to_owned(),
        fields: Vec::new(),
    })
}

async fn page(links: &Links, before: usize) -> Result<String> {
    until("the consent page", PATIENTLY, async || Ok(links.opened().get(before).cloned())).await
}

async fn wait_connected(window: &Window, label: &str) -> Result<()> {
    let request = ListConnections {
        narrowing: Narrowing { search: label.to_owned(), ..Default::default() },
        offset: 0,
        limit: 10,
    };
    until(&format!("{label} to be connected"), PATIENTLY, async || {
        Ok(window.ask(&request).await?.connections.iter().any(|row| row.label == label).then_some(()))
    })
    .await
}
