//! Workflows written by hand, whose tasks call as GitHub.

use std::fmt::Write;

use anyhow::{Result, ensure};
use patchbay_core::workflow::edit::Edit;
use patchbay_engine::{Answers, Engine};
use patchbay_ipc::{CreateWorkflow, EditWorkflow, WorkflowView};

use crate::database::said;

/// The role of every task.
pub(crate) const ROLE: &str = "host";

/// A new workflow with these tasks, in YAML.
pub(crate) async fn written(engine: &Engine, tasks: &str) -> Result<WorkflowView> {
    let view = engine.answer(CreateWorkflow { name: "Measured".to_owned() }).await.map_err(said)?;
    let text = view.text.replace("do: []", &format!("do:\n{tasks}"));
    let view = edited(engine, &view, Edit::ReplaceText { text }).await?;
    ensure!(!view.outline_is_old, "it cannot be read: {:?}", view.problems);
    Ok(view)
}

/// The workflow after an edit.
pub(crate) async fn edited(engine: &Engine, view: &WorkflowView, edit: Edit) -> Result<WorkflowView> {
    let request = EditWorkflow { workflow: view.id, version: view.version, edit };
    engine.answer(request).await.map_err(said)
}

/// So many tasks, each of which makes the same call, indented by so many columns.
pub(crate) fn calls(count: usize, indent: usize) -> String {
    let mut tasks = String::new();
    for index in 0..count {
        for line in call(index).lines() {
            // Writing to a text cannot fail.
            let _ = writeln!(tasks, "{:indent$}{line}", "");
        }
    }
    tasks
}

fn call(index: usize) -> String {
    format!(
        r#"- call{index}:
    call: http
    with:
      method: get
      endpoint:
        uri: ${{ "\($workflow.input.nango)/proxy/echo" }}
        authentication: {{ use: nango }}
      headers:
        Provider-Config-Key: github
        Connection-Id: ${{ $workflow.input.connections.{ROLE} }}
    metadata:
      patchbay: {{ connector: github, role: {ROLE} }}"#
    )
}
