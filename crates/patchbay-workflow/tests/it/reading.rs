//! What texts mean, and which cannot be read.

use patchbay_core::workflow::edit::{Edit, LONGEST_TEXT};
use patchbay_workflow::{Document, apply};
use serde_json::{Value, json};

use crate::sample;

fn value(text: &str) -> Value {
    Document::parse(text).value().cloned().unwrap_or_else(|| panic!("{text:?} is not read"))
}

#[test]
fn scalars_have_the_types_of_the_core_schema() {
    for (text, expected) in [
        ("a: yes", json!("yes")),
        ("a: true", json!(true)),
        ("a: 'true'", json!("true")),
        ("a: ~", Value::Null),
        ("a:", Value::Null),
        ("a: ''", json!("")),
        ("a: 0x1F", json!(31)),
        ("a: 0o17", json!(15)),
        ("a: 017", json!(17)),
        ("a: +12", json!(12)),
        ("a: 1.0.3", json!("1.0.3")),
        ("a: 1.5e3", json!(1500.0)),
        ("a: .5", json!(0.5)),
        ("a: 1_000", json!("1_000")),
        ("a: 2026-01-01", json!("2026-01-01")),
        ("a: 18446744073709551615", json!(18_446_744_073_709_551_615_u64)),
        ("a: !!str 12", json!("12")),
        ("a: .inf", json!(".inf")),
        ("a: \"\\u00e4\"", json!("ä")),
        ("a: |-\n  x\n\n  y", json!("x\n\ny")),
        ("a: >\n  x\n  y\n", json!("x y\n")),
        ("a: ${ .b }", json!("${ .b }")),
        ("a: x\n  y", json!("x y")),
    ] {
        assert_eq!(value(text)["a"], expected, "{text:?}");
    }
}

#[test]
fn anchors_and_merged_mappings_are_resolved() {
    let text = "base: &base\n  a: 1\n  b: [ 2 ]\none:\n  <<: *base\n  a: 3\nmany:\n  <<: [ { c: 4 }, *base ]\nalias: *base\n";
    let expected = json!({
        "base": { "a": 1, "b": [2] },
        "one": { "a": 3, "b": [2] },
        "many": { "a": 1, "b": [2], "c": 4 },
        "alias": { "a": 1, "b": [2] },
    });
    assert_eq!(value(text), expected);
}

#[test]
fn any_text_is_kept_as_it_is() {
    for text in sample::styles().iter().map(String::as_str).chain(["", "\u{feff}a: 1\r\n", "a: [", "\0"]) {
        assert_eq!(Document::parse(text).text(), text);
    }
}

#[test]
fn what_cannot_be_read_is_a_document_without_meaning() {
    let deep = "[".repeat(200);
    let long = " ".repeat(LONGEST_TEXT + 1);
    for text in
        ["a: [", "a: b: c", "a:\n\tb: 1", "a: *b", "a: &a [ *a ]", "- a\nb: 1", deep.as_str(), long.as_str()]
    {
        let document = Document::parse(text);
        assert!(!document.is_readable(), "{:.20?} was read", text);
        assert_eq!(document.outline(sample::catalog()), Default::default());
    }
}

#[test]
fn aliases_of_aliases_do_not_fill_the_memory() {
    let mut text = "a0: &a0 [ x, x, x, x, x, x, x, x, x, x ]\n".to_owned();
    for level in 1..30 {
        let below = level - 1;
        let aliases = vec![format!("*a{below}"); 10].join(", ");
        text.push_str(&format!("a{level}: &a{level} [ {aliases} ]\n"));
    }
    assert!(!Document::parse(text).is_readable());

    // Nor do they nest without an end.
    let mut text = "a0: &a0 [ x ]\n".to_owned();
    for level in 1..20_000 {
        text.push_str(&format!("a{level}: &a{level} [ *a{} ]\n", level - 1));
    }
    assert!(!Document::parse(text).is_readable());
}

/// One with as many tasks as anybody will draw.
#[test]
fn a_document_of_500_tasks_is_read_drawn_checked_and_edited() {
    let mut document = Document::new_workflow("Long");
    let task = |index: u32| {
        format!(
            r#"  - issues{index}:
      call: http
      with:
        method: get
        endpoint:
          uri: ${{ "\($workflow.input.nango)/proxy/repos/octocat/\(.items[{index}] | @uri)/issues" }}
          authentication: {{ use: nango }}
        headers:
          Provider-Config-Key: github
          Connection-Id: ${{ $workflow.input.connections.codeHost }}
        query: {{ state: open }}
      output:
        as: '[.[] | select(.number > {index}) | {{ number, title }}]'
      metadata:
        patchbay: {{ connector: github, operation: list-issues, role: codeHost }}
"#
        )
    };
    let tasks: String = (0..500).map(task).collect();
    document = Document::parse(document.text().replace("do: []\n", &format!("do:\n{tasks}")));
    assert_eq!(document.outline(sample::catalog()).tasks.len(), 500);
    assert_eq!(document.problems(sample::catalog()), []);
    let edit = Edit::RemoveTask { path: "/do/250/issues250".into() };
    let edited = apply(&document, &edit, sample::catalog()).expect("a task can go").document;
    assert_eq!(edited.text(), document.text().replace(&task(250), ""));
}
