//! What is said about documents that are wrong.

use patchbay_core::workflow::problem::{Problem, Severity};
use patchbay_workflow::Document;

use crate::sample;

pub(crate) fn problems(text: &str) -> Vec<Problem> {
    Document::parse(text).problems(sample::catalog())
}

/// Problems in short, one a line.
fn said(text: &str) -> String {
    let line = |problem: &Problem| {
        let severity = match problem.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::NotRunHere => "not run here",
        };
        format!("{}:{} {severity} {}: {}\n", problem.line, problem.column, problem.pointer, problem.message)
    };
    problems(text).iter().map(line).collect()
}

/// Documents with what is said about them, for a snapshot.
fn transcript<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    texts.into_iter().map(|text| format!("{}\n=> {}\n", text.trim_end(), said(text))).collect()
}

/// A document with these tasks, whose second line is the first line of the tasks.
pub(crate) fn with_tasks(tasks: &str) -> String {
    let indented: String = tasks.lines().map(|line| format!("  {line}\n")).collect();
    let head = "document: { dsl: '1.0.3', namespace: test, name: test, version: '1.0.0' }";
    format!("do:\n{indented}{head}\n")
}

/// The same for the tasks of documents that have nothing else.
fn transcript_of_tasks(tasks: &[&str]) -> String {
    tasks.iter().map(|tasks| format!("{tasks}\n=> {}\n", said(&with_tasks(tasks)))).collect()
}

#[test]
fn the_samples_are_without_errors() {
    for text in sample::styles() {
        let errors: Vec<_> =
            problems(&text).into_iter().filter(|problem| problem.severity == Severity::Error).collect();
        let unexpected: Vec<_> = errors
            .iter()
            .filter(|problem| {
                !problem.message.contains("x-unknown") && !problem.message.contains("Repository")
            })
            .collect();
        assert!(unexpected.is_empty(), "{unexpected:#?}");
    }
    assert_eq!(said(Document::new_workflow("New").text()), "");
}

#[test]
fn texts_that_are_no_yaml_are_named() {
    insta::assert_snapshot!(transcript([
        "a: [",
        "a: 1\na: 2",
        "a: b\n\tc: d",
        "a: *b",
        "a: &x [ *x ]",
        "a: \"b",
        "a: b: c",
        "- a\nb: 1",
        "",
        "- a",
        "document: {}\ndo: []\n---\nb: 1",
        "document: { dsl: 1.0, namespace: a_b, name: '', version: one, titel: x }\ndo: {}\nschedule: { cron: 1 }",
        "a: .inf\nb: !mine 1\n? [ c ]\n: 1",
    ]));
}

#[test]
fn what_the_schema_forbids_is_said_in_sentences() {
    insta::assert_snapshot!(transcript_of_tasks(&[
        "- a:\n    set: {}",
        "- a:\n    cal: http\n    with: {}",
        "- a:\n    call: http\n    set: { b: 1 }",
        "- a:\n    call: http",
        "- a:\n    call: http\n    with: { method: get }",
        "- a:\n    call: http\n    with: { method: get, endpoint: { url: x } }",
        "- a:\n    call: http\n    with: { method: 7, endpoint: '${ .a', heders: {} }",
        "- a:\n    call: http\n    with: { method: get, endpoint: https://a.b, query: { a: 1 } }",
        "- a: { wait: soon }",
        "- a: { wait: { second: 1 } }",
        "- a: { wait: { seconds: 1.5 } }",
        "- a: { do: { b: 1 } }",
        "- a: { set: { b: 1 } }\n  b: { set: { b: 1 } }",
        "- a: { switch: [] }",
        "- a: { switch: [ { b: { when: .c } } ] }",
        "- a: { try: [ { b: { raise: { error: { status: 1 } } } } ], catch: { retry: { delay: x } } }",
        "- a: { fork: { branches: [ { b: 7 } ], competes: true } }",
        "- a:",
        "- a: { set: { b: 1 }, tiemout: PT1S, then: 7 }",
        "- a:\n    call: http\n    with:\n      method: get\n      endpoint: { uri: https://a.b, authentication: { basic: { user: a } } }",
        "- a:\n    call: http\n    with:\n      method: get\n      endpoint: { uri: https://a.b, authentication: { use: a, bearer: { token: x } } }",
        "- a: { run: {} }",
        "- a: { call: grpc, with: {} }",
        "- a: { emit: { event: { with: { source: 1 } } } }",
        "- a: { for: { each: b }, do: [] }",
        "- a: { set: { b: 1 }, timeout: { after: 3 } }",
    ]));
}

#[test]
fn names_that_lead_nowhere_are_named() {
    insta::assert_snapshot!(transcript_of_tasks(&[
        "- one: { set: { a: 1 }, then: too }\n- two: { set: { a: 1 }, then: end }",
        "- a: { switch: [ { b: { then: c } }, { d: { then: exit } } ] }",
        "- a: { do: [ { b: { wait: PT1S, then: a } } ] }",
        "- a: { fork: { branches: [ { b: { wait: PT1S, then: c } }, { c: { wait: PT1S } } ] } }",
        "- a: { set: { x: 1 } }\n- b: { do: [ { a: { set: { x: 1 } } } ] }",
        "- a: { try: [], catch: { retry: often, then: b }, timeout: soon }",
        "- a: { raise: { error: broken } }",
        "- a:\n    call: http\n    with: { method: get, endpoint: { uri: https://a.b, authentication: { use: key } } }",
    ]));
}

#[test]
fn kinds_that_are_not_run_here_are_named() {
    insta::assert_snapshot!(transcript_of_tasks(&[
        "- a: { run: { shell: { command: ls } } }",
        "- a: { listen: { to: { one: { with: { type: b } } } }, foreach: { do: [ { c: { set: { d: $item } } } ] } }",
        "- a: { call: mcp, with: { method: tools/list, transport: { stdio: { command: x } } } }",
        "- a: { call: mine, with: { any: thing } }",
    ]));
}

#[test]
fn expressions_are_read() {
    insta::assert_snapshot!(transcript_of_tasks(&[
        "- a: { if: .x == , set: { b: 1 } }",
        "- a: { set: { b: '${ lenght }', c: '${ .d', e: '${ $item }', f: '$item' } }",
        "- a:\n    for: { each: b, in: .c, at: i }\n    while: $i < $b\n    do:\n      - d: { set: { e: '${ $b + $i + $item }' } }\n    output: { as: $b }",
        "- a:\n    try:\n      - b: { set: { c: '${ $error }' } }\n    catch:\n      when: $error.status == 404\n      do:\n        - d: { set: { e: '${ $error.title }' } }",
        "- a:\n    try: []\n    catch:\n      as: err\n      exceptWhen: $error\n      do:\n        - d: { set: { e: '${ $err }' } }",
        "- a: { set: { b: '${ $secrets.nango }' } }",
        "- a: { switch: [ { b: { when: '.c >', then: end } } ] }",
        "- a: { set: '${ map }', input: { from: { b: '${ .c | }' } }, export: { as: '.. | splits()' } }",
        "- a: { set: { b: 1 }, metadata: { note: '${ no jq' } }",
    ]));
}

#[test]
fn calls_of_connectors_are_held_against_the_catalogue() {
    let call = |head: &str, rest: &str| {
        format!(
            "- a:\n    call: http\n    with:\n      method: get\n      endpoint:\n        uri: ${{ \"\\($workflow.input.nango)/proxy{head}\" }}\n        \
             authentication: {{ use: nango }}\n{rest}"
        )
    };
    let marks = "    metadata: { patchbay: { connector: github, operation: list-issues, role: codeHost } }";
    let role = "      headers: { Provider-Config-Key: github, Connection-Id: '${ $workflow.input.connections.codeHost }' }";
    let issues = "/repos/octocat/hello/issues";
    let texts = [
        call(issues, &format!("{role}\n{marks}")),
        call(
            "/repos/{owner}/hello/issues",
            &format!("{role}\n      query: {{ state: opened, per_page: many, sort: x }}\n{marks}"),
        ),
        call("/user/repos", &format!("{role}\n{marks}")),
        call(issues, marks),
        call(issues, &format!("      headers: {{ connection-id: abc }}\n{marks}")),
        call(issues, &format!("      headers: {{ Connection-Id: '${{ .id }}' }}\n{marks}")),
        call(issues, &format!("{role}\n{}", marks.replace("role: codeHost", "role: other"))),
        call(issues, &format!("{role}\n{}", marks.replace("github", "gitbub"))),
        call(issues, &format!("{role}\n{}", marks.replace("list-issues", "list-tissues"))),
        format!(
            "{}\n{}",
            call(issues, &format!("{role}\n{marks}")),
            call(
                "/api/chat.postMessage",
                &format!("{role}\n    metadata: {{ patchbay: {{ connector: gitlab, role: codeHost }} }}")
            )
            .replace("- a:", "- b:")
        ),
    ];
    let uses = "use: { secrets: [ nango ], authentications: { nango: { bearer: { token: '${ $secrets.nango }' } } } }\n";
    let said: String =
        texts.iter().map(|text| format!("{text}\n=> {}\n", said(&(with_tasks(text) + uses)))).collect();
    insta::assert_snapshot!(said);
}
