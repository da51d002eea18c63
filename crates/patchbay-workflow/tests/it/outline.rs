//! What is drawn of a document.

use patchbay_core::workflow::outline::{ListRole, Outline, TaskKind, TaskOutline};
use patchbay_workflow::Document;

use crate::sample;

fn outline(text: &str) -> Outline {
    Document::parse(text).outline(sample::catalog())
}

/// Tasks in short, one a line, inner ones behind the list they are in.
fn drawn(tasks: &[TaskOutline], depth: usize) -> String {
    let mut text = String::new();
    for task in tasks {
        let (first, last) = task.lines;
        text.push_str(&format!(
            "{}{} {first}-{last} {:?}: {}\n",
            "  ".repeat(depth),
            task.path,
            task.kind,
            task.summary
        ));
        for list in &task.lists {
            text.push_str(&format!("{} {:?} {}\n", "  ".repeat(depth), list.role, list.pointer));
            text.push_str(&drawn(&list.tasks, depth + 1));
        }
    }
    text
}

#[test]
fn tasks_are_drawn_with_their_lines() {
    let expected = "\
/do/0/listIssues 15-28 CallHttp: GET /repos/{owner}/{repo}/issues
/do/1/text 31-38 Set: note, quoted key
/do/2/decide 39-45 Switch: 2 cases
";
    assert_eq!(drawn(&outline(sample::INDENTED).tasks, 0), expected);
    let windows = sample::INDENTED.replace('\n', "\r\n");
    assert_eq!(drawn(&outline(&windows).tasks, 0), expected);

    let expected = "\
/do/0/first 4-5 Set: a
/do/1/loop 6-15 For: each item in .items
 Each /do/1/loop/do
  /do/1/loop/do/0/inner 11-12 Wait: PT1S
  /do/1/loop/do/1/last 14-15 Set: b
/do/2/both 16-20 Fork: 2 branches
 Branches /do/2/both/fork/branches
  /do/2/both/fork/branches/0/left 19-19 Set: a
  /do/2/both/fork/branches/1/right 20-20 Set: b
";
    assert_eq!(drawn(&outline(sample::FLUSH).tasks, 0), expected);
}

#[test]
fn a_connectors_task_is_read_from_its_call() {
    let outline = outline(sample::INDENTED);
    let call = outline.tasks[0].connector.as_ref().expect("listIssues is a connector's task");
    assert_eq!((call.connector.as_str(), call.operation.as_deref()), ("github", Some("list-issues")));
    assert_eq!(call.role, "codeHost");
    assert_eq!(call.integration.as_ref().map(|key| key.as_str()), Some("github"));
    let parameters: Vec<_> =
        call.parameters.iter().map(|each| (each.name.as_str(), each.text.as_str())).collect();
    assert_eq!(parameters, [("owner", "octocat"), ("state", "open")], "{{repo}} has no value yet");

    let roles: Vec<_> = outline.roles.iter().map(|role| (role.role.as_str(), &role.tasks)).collect();
    assert_eq!(roles, [("codeHost", &vec!["listIssues".to_owned()])]);
}

#[test]
fn cases_and_conditions_are_there() {
    let outline = outline(sample::INDENTED);
    assert_eq!(outline.tasks[1].then.as_deref(), Some("decide"));
    let cases: Vec<_> = outline.tasks[2]
        .cases
        .iter()
        .map(|case| (case.name.as_str(), case.when.as_deref(), case.then.as_deref()))
        .collect();
    assert_eq!(cases, [("many", Some(".count > 3"), Some("text")), ("few", None, Some("end"))]);
}

#[test]
fn half_finished_documents_are_drawn_as_far_as_they_go() {
    for (text, expected) in [
        ("", 0),
        ("do:", 0),
        ("do: text", 0),
        ("do:\n  - ", 0),
        ("do:\n  - a", 0),
        ("do:\n  - a:", 1),
        ("do:\n  - a:\n      x: 1\n  - [ 1 ]\n  - b: { set: { c: 1 } }", 2),
        ("document: 1\ndo:\n  - a: { call: http, with: 7 }", 1),
        ("do:\n  - a: { try: }\n  - b: { fork: 1 }\n  - c: { switch: { d: 1 } }", 3),
    ] {
        assert_eq!(outline(text).tasks.len(), expected, "{text:?}");
    }
    let unknown = outline("do:\n  - a: { x: 1, y: 2 }");
    assert_eq!((unknown.tasks[0].kind, unknown.tasks[0].summary.as_str()), (TaskKind::Unknown, "x, y"));
    let empty = outline("do:\n  - a: { try: [] }");
    let lists: Vec<_> =
        empty.tasks[0].lists.iter().map(|list| (list.role, list.pointer.as_str().to_owned())).collect();
    assert_eq!(
        lists,
        [(ListRole::Try, "/do/0/a/try".to_owned()), (ListRole::Catch, "/do/0/a/catch/do".to_owned())],
        "a list that does not exist yet is there to be filled"
    );
}
