//! What the catalogue offers to a workflow's author, without a server.

use patchbay_core::connector::Method;
use patchbay_engine::Answers;
use patchbay_ipc::*;

use crate::harness::{Harness, sandbox};

#[tokio::test]
async fn operations_by_name_and_with_what_they_take() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let all = harness.engine.answer(ListOperations {}).await.expect("a list");
    let github = all.connectors.iter().find(|held| held.connector.as_str() == "github").expect("GitHub");
    let titles: Vec<(&str, Method)> =
        github.operations.iter().map(|operation| (operation.id.as_str(), operation.method)).collect();
    assert_eq!(titles[..2], [("list-issues", Method::Get), ("create-issue", Method::Post)]);
    assert!(all.connectors.iter().all(|held| !held.operations.is_empty()));

    let request = GetConnectorOperations { connector: "github".into() };
    let operations = harness.engine.answer(request).await.expect("operations").operations;
    assert_eq!(operations.len(), github.operations.len());
    assert_eq!(operations[0].parameters[2].choices, ["open", "closed", "all"]);

    let request = GetConnectorOperations { connector: "nothing".into() };
    assert_eq!(harness.engine.answer(request).await.expect_err("unknown").code, Code::NotFound);
}

#[tokio::test]
async fn a_task_is_shown_with_its_members_also_while_the_text_is_half_finished() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let view = harness.workflow("Triage", &["listIssues"]).await;
    let path = view.outline.tasks[0].path.clone();
    let ask = || GetTask { workflow: view.id, path: path.clone() };
    let task = harness.engine.answer(ask()).await.expect("a task");
    assert_eq!((task.value["call"].as_str(), task.version), (Some("http"), view.version));

    let broken = format!("{}  ]\n", view.text);
    let edit = patchbay_core::workflow::edit::Edit::ReplaceText { text: broken };
    let view = harness.edit(&view, edit).await;
    assert!(view.outline_is_old);
    let task = harness.engine.answer(ask()).await.expect("what could be read last");
    assert_eq!((task.value["call"].as_str(), task.version), (Some("http"), view.version));

    let gone = GetTask { workflow: view.id, path: "/do/7/nothing".into() };
    assert_eq!(harness.engine.answer(gone).await.expect_err("not there").code, Code::NotFound);
}
