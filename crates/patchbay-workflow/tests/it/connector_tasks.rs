//! Tasks of connectors: how they are written, and that they are read back as they were meant.

use patchbay_core::workflow::edit::{Edit, NewTask};
use patchbay_core::workflow::outline::{Pointer, TaskKind, TaskOutline};
use patchbay_core::workflow::problem::Severity;
use patchbay_workflow::{Document, Edited, apply};

use crate::sample;

fn add(document: &Document, connector: &str, operation: &str) -> Document {
    let task = NewTask::Operation {
        connector: connector.into(),
        operation: operation.to_owned(),
        role: None,
        integration: None,
    };
    let edit = Edit::AddTask { list: "/do".into(), index: u32::MAX, task };
    apply(document, &edit, sample::catalog()).expect("an operation can be added").document
}

fn tasks(document: &Document) -> Vec<TaskOutline> {
    document.outline(sample::catalog()).tasks
}

#[test]
fn an_operation_is_a_call_through_the_proxy() {
    let text = "document:\n  dsl: '1.0.3'\ndo: []\n";
    let document = add(&Document::parse(text), "github", "list-issues");
    let expected = r#"document:
  dsl: '1.0.3'
use:
  secrets:
    - nango
  authentications:
    nango:
      bearer:
        use: nango
do:
  - listIssues:
      call: http
      with:
        method: get
        endpoint:
          uri: ${ "\($workflow.input.nango)/proxy/repos/{owner}/{repo}/issues" }
          authentication: { use: nango }
        headers:
          Provider-Config-Key: github
          Connection-Id: ${ $workflow.input.connections.github }
        query:
          state: open
      metadata:
        patchbay: { connector: github, operation: list-issues, role: github }
"#;
    assert_eq!(document.text(), expected);
    let again = add(&document, "github", "list-issues");
    assert_eq!(tasks(&again)[1].name, "listIssues2");
}

/// Every operation of the catalogue, with every parameter it has.
#[test]
fn every_parameter_of_the_catalogue_is_read_back_as_typed() {
    for manifest in sample::catalog().iter() {
        for operation in &manifest.operations {
            let mut document = add(&Document::parse("do: []\n"), manifest.slug.as_str(), &operation.id);
            let path = tasks(&document)[0].path.clone();
            let mut expected = Vec::new();
            for (index, parameter) in operation.parameters.iter().enumerate() {
                let value = match index % 3 {
                    0 => format!("${{ .{} }}", "x".repeat(index + 1)),
                    1 => parameter.example.clone().unwrap_or_else(|| "a b&c/d".to_owned()),
                    _ => "a \"b\"+c%".to_owned(),
                };
                let edit = Edit::SetParameter {
                    path: path.clone(),
                    name: parameter.name.clone(),
                    value: Some(value.clone()),
                };
                let place = format!("{} {} {}", manifest.slug, operation.id, parameter.name);
                document = apply(&document, &edit, sample::catalog())
                    .unwrap_or_else(|error| panic!("{place}: {error}"))
                    .document;
                expected.push((parameter.name.clone(), value));
            }
            let errors: Vec<_> = document
                .problems(sample::catalog())
                .into_iter()
                .filter(|problem| problem.severity == Severity::Error && !problem.pointer.as_str().is_empty())
                .collect();
            assert_eq!(errors, [], "{} {}\n{}", manifest.slug, operation.id, document.text());
            let call = tasks(&document)[0].connector.clone().expect("it is a connector's task");
            let read: Vec<_> = call.parameters.into_iter().map(|each| (each.name, each.text)).collect();
            let place = format!("{} {}\n{}", manifest.slug, operation.id, document.text());
            let same_json = |one: &str, other: &str| {
                let parse = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
                one == other || (parse(one).is_some() && parse(one) == parse(other))
            };
            assert_eq!(read.len(), expected.len(), "{place}");
            for (read, expected) in read.iter().zip(&expected) {
                assert_eq!(read.0, expected.0, "{place}");
                assert!(same_json(&read.1, &expected.1), "{read:?} is not {expected:?} in {place}");
            }
        }
    }
}

#[test]
fn a_new_task_of_any_kind_is_valid() {
    let mut document = Document::new_workflow("All");
    for kind in TaskKind::OFFERED {
        let edit = Edit::AddTask { list: "/do".into(), index: u32::MAX, task: NewTask::Kind(kind) };
        document = apply(&document, &edit, sample::catalog()).expect("a kind can be added").document;
        assert_eq!(tasks(&document).last().map(|task| task.kind), Some(kind));
    }
    assert_eq!(document.problems(sample::catalog()), [], "in\n{}", document.text());
}

#[test]
fn parameters_are_set_and_taken_away_where_they_stand() {
    let document = Document::parse(sample::INDENTED);
    let set = |document: &Document, name: &str, value: Option<&str>| {
        let edit = Edit::SetParameter {
            path: "/do/0/listIssues".into(),
            name: name.to_owned(),
            value: value.map(str::to_owned),
        };
        apply(document, &edit, sample::catalog()).expect("a parameter can be set").document
    };
    let more = set(&document, "repo", Some("${ .repo }"));
    let expected = sample::INDENTED.replace("octocat/{repo}", "octocat/\\(.repo | @uri)");
    assert_eq!(more.text(), expected);
    assert_eq!(set(&more, "repo", None).text(), sample::INDENTED);
    let more = set(&document, "per_page", Some("50"));
    assert_eq!(more.text(), sample::INDENTED.replace("state: open }", "state: open, per_page: '50' }"));
    assert_eq!(set(&more, "per_page", None).text(), sample::INDENTED);
    let less = set(&document, "state", None);
    assert_eq!(less.text(), sample::INDENTED.replace("        query: { state: open }   # only those\n", ""));
    assert_eq!(set(&less, "state", None).text(), less.text());
}

fn change(document: &Document, path: &Pointer, operation: &str) -> Edited {
    let edit = Edit::SetOperation { path: path.clone(), operation: operation.to_owned() };
    apply(document, &edit, sample::catalog())
        .unwrap_or_else(|error| panic!("{operation}: {error}\nin\n{}", document.text()))
}

#[test]
fn another_operation_keeps_the_role_and_what_both_take() {
    let document = Document::parse(sample::INDENTED);
    let edited = change(&document, &"/do/0/listIssues".into(), "create-issue");
    let expected = sample::INDENTED
        .replace("- listIssues:", "- createIssue:")
        .replace("method: get", "method: post")
        .replace("operation: list-issues", "operation: create-issue")
        .replace("        query: { state: open }   # only those\n", "");
    assert_eq!(edited.document.text(), expected);
    assert_eq!(edited.renamed_tasks, [("listIssues".to_owned(), "createIssue".to_owned())]);
    assert_eq!(edited.words, "Change “listIssues” to “Create an issue”");

    let edit = Edit::SetOperation { path: "/do/1/text".into(), operation: "create-issue".to_owned() };
    assert!(apply(&document, &edit, sample::catalog()).is_err(), "it is no connector's task");
}

/// From each operation of the catalogue to each other one of its connector: the task is what it would be had it been
/// added with that operation, and everything that both take has kept its value.
#[test]
fn every_operation_of_the_catalogue_can_become_every_other() {
    for manifest in sample::catalog().iter() {
        for before in &manifest.operations {
            let mut from = add(&Document::parse("do: []\n"), manifest.slug.as_str(), &before.id);
            let path = tasks(&from)[0].path.clone();
            for parameter in &before.parameters {
                let value = Some(format!("${{ .{} }}", camel(&parameter.name)));
                let edit = Edit::SetParameter { path: path.clone(), name: parameter.name.clone(), value };
                from = apply(&from, &edit, sample::catalog()).expect("a parameter can be set").document;
            }
            for after in manifest.operations.iter().filter(|after| after.id != before.id) {
                let changed = change(&from, &path, &after.id).document;
                let mut expected = add(&Document::parse("do: []\n"), manifest.slug.as_str(), &after.id);
                let path = tasks(&expected)[0].path.clone();
                let both = after
                    .parameters
                    .iter()
                    .filter(|each| before.parameters.iter().any(|old| old.name == each.name));
                for parameter in both {
                    let value = Some(format!("${{ .{} }}", camel(&parameter.name)));
                    let edit = Edit::SetParameter { path: path.clone(), name: parameter.name.clone(), value };
                    expected =
                        apply(&expected, &edit, sample::catalog()).expect("a parameter can be set").document;
                }
                let place = format!("{} from {} to {}", manifest.slug, before.id, after.id);
                assert_eq!(meaning(&changed), meaning(&expected), "{place}\n{}", changed.text());
            }
        }
    }
}

/// What a document with one task means, the fields of a form in whatever order.
fn meaning(document: &Document) -> serde_json::Value {
    let mut value = document.value().cloned().expect("it is readable");
    let task = &mut value["do"][0].as_object_mut().and_then(|item| item.values_mut().next()).expect("a task")
        ["with"];
    if let Some(serde_json::Value::String(form)) = task.get_mut("body") {
        let mut fields: Vec<_> =
            form.trim_start_matches("${ \"").trim_end_matches("\" }").split('&').collect();
        fields.sort_unstable();
        *form = fields.join("&");
    }
    value
}

/// A name that jq takes behind a dot.
fn camel(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect()
}
