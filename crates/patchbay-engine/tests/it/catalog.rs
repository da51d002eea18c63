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
