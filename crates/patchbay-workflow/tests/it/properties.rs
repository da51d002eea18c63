//! What holds for any text and any edit.

use patchbay_core::workflow::edit::{Edit, EditError, NewTask};
use patchbay_core::workflow::outline::{Pointer, TaskKind, TaskOutline};
use patchbay_core::workflow::problem::Severity;
use patchbay_workflow::{Document, apply};
use proptest::prelude::*;
use serde_json::Value;

use crate::author::{Written, documents};
use crate::sample;

/// Pieces that YAML and the language are made of, to be put together in any order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("do:"),
        Just("- "),
        Just("a: "),
        Just("b"),
        Just("\n"),
        Just("\n  "),
        Just("\n    "),
        Just("{"),
        Just("}"),
        Just("["),
        Just("]"),
        Just(", "),
        Just(": "),
        Just("? "),
        Just("&x "),
        Just("*x"),
        Just("!!str "),
        Just("!"),
        Just("|"),
        Just(">+\n"),
        Just("'"),
        Just("\""),
        Just("# c"),
        Just("---\n"),
        Just("...\n"),
        Just("<<: *x"),
        Just("\t"),
        Just("\r\n"),
        Just("ü🙂"),
        Just("\u{feff}"),
        Just("call: http"),
        Just("with:"),
        Just("${ .a }"),
        Just("${ \"\\($x)/proxy/a\" }"),
        Just("%YAML 1.2\n"),
        Just("switch:"),
        Just("set:"),
        Just("then: b"),
        Just("0x1"),
        Just("1e400"),
        Just("\u{85}"),
        Just("\0"),
    ];
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// A document with a piece of it taken out, doubled, or replaced.
fn mutated() -> impl Strategy<Value = String> {
    (0..4_usize, any::<prop::sample::Index>(), 0..20_usize, pieces()).prop_map(
        |(style, at, length, piece)| {
            let text = sample::styles().swap_remove(style);
            let characters: Vec<_> = text.chars().collect();
            let start = at.index(characters.len());
            let end = (start + length).min(characters.len());
            characters[..start]
                .iter()
                .chain(piece.chars().take(8).collect::<Vec<_>>().iter())
                .chain(&characters[end..])
                .collect()
        },
    )
}

/// Every pointer of a value.
fn pointers(value: &Value, at: &Pointer, found: &mut Vec<Pointer>) {
    found.push(at.clone());
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointers(item, &at.child(index), found);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                pointers(member, &at.child(name), found);
            }
        }
        _ => {}
    }
}

fn nothing_panics(text: &str) {
    let document = Document::parse(text);
    assert_eq!(document.text(), text);
    let outline = document.outline(sample::catalog());
    if let Some(value) = document.value() {
        let mut all = Vec::new();
        pointers(value, &Pointer::default(), &mut all);
        for pointer in all.into_iter().take(12) {
            for edit in [
                Edit::Set { pointer: pointer.clone(), value: Value::from("new: value") },
                Edit::Set { pointer: pointer.child("x"), value: serde_json::json!({ "y": [1] }) },
                Edit::Remove { pointer: pointer.clone() },
                Edit::RemoveTask { path: pointer.clone() },
                Edit::DuplicateTask { path: pointer.clone() },
                Edit::MoveTask { path: pointer.clone(), list: "/do".into(), index: 0 },
            ] {
                // Refused or right: `apply` compares what it did with what it should.
                let _ = apply(&document, &edit, sample::catalog());
            }
        }
    }
    drop((outline, document.problems(sample::catalog())));
}

/// The pointer to a text of a value.
fn pointer_to(value: &Value, wanted: &str) -> Option<Pointer> {
    let mut all = Vec::new();
    pointers(value, &Pointer::default(), &mut all);
    all.into_iter().find(|pointer| {
        value.pointer(pointer.as_str()).and_then(Value::as_str).is_some_and(|text| text.contains(wanted))
    })
}

/// All tasks and lists of an outline.
fn places(tasks: &[TaskOutline], list: &Pointer, found: &mut (Vec<Pointer>, Vec<(Pointer, u32)>)) {
    found.1.push((list.clone(), u32::try_from(tasks.len()).unwrap_or(u32::MAX)));
    for task in tasks {
        found.0.push(task.path.clone());
        for inner in &task.lists {
            places(&inner.tasks, &inner.pointer, found);
        }
    }
}

fn edited(document: &Document, edit: &Edit) -> Result<Document, TestCaseError> {
    apply(document, edit, sample::catalog()).map(|edited| edited.document).map_err(|error| {
        TestCaseError::fail(format!("{edit:?} is refused: {error}\nin\n{}", document.text()))
    })
}

fn comments_are_there(text: &str, written: &Written) -> Result<(), TestCaseError> {
    for comment in 0..written.comments {
        let comment = format!("# c{comment}.");
        prop_assert_eq!(text.matches(&comment).count(), 1, "{} in\n{}", comment, text);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_changed_value_leaves_everything_else_as_it_is(
        written in documents(),
        which in any::<prop::sample::Index>(),
    ) {
        prop_assume!(written.values > 0);
        let document = Document::parse(written.text.as_str());
        let mut problems = document.problems(sample::catalog());
        problems.retain(|problem| problem.severity == Severity::Error);
        prop_assert!(problems.is_empty(), "{:?}\nin\n{}", problems, written.text);

        let old = format!("v{}.", which.index(written.values));
        let value = document.value().expect("an author's document is readable");
        let pointer = pointer_to(value, &old).expect("every value is there");
        let text = value.pointer(pointer.as_str()).and_then(Value::as_str).expect("it is a text");
        let new = text.replace(&old, "changed");
        let edit = Edit::Set { pointer, value: new.into() };
        let changed = edited(&document, &edit)?;
        prop_assert_eq!(changed.text(), written.text.replacen(&old, "changed", 1));
    }

    #[test]
    fn what_is_added_and_taken_away_leaves_nothing_behind(
        written in documents(),
        which in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
    ) {
        let document = Document::parse(written.text.as_str());
        let mut found = (Vec::new(), Vec::new());
        places(&document.outline(sample::catalog()).tasks, &Pointer::from("/do"), &mut found);
        let (list, length) = found.1[which.index(found.1.len())].clone();
        let index = u32::try_from(at.index(length as usize + 1)).unwrap_or(0);
        let task = NewTask::Kind(TaskKind::Wait);
        let more = edited(&document, &Edit::AddTask { list: list.clone(), index, task })?;
        comments_are_there(more.text(), &written)?;
        let name = "wait";
        let less = edited(&more, &Edit::RemoveTask { path: list.child(index).child(name) })?;
        prop_assert_eq!(less.text(), document.text());

        if let Some(path) = found.0.get(at.index(found.0.len().max(1))) {
            let pointer = path.child("x-new");
            let more = edited(&document, &Edit::Set { pointer: pointer.clone(), value: "a: b".into() })?;
            comments_are_there(more.text(), &written)?;
            let less = edited(&more, &Edit::Remove { pointer })?;
            prop_assert_eq!(less.text(), document.text());
        }
    }

    #[test]
    fn tasks_are_moved_with_everything_in_them(
        written in documents(),
        which in any::<prop::sample::Index>(),
        to in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
    ) {
        let document = Document::parse(written.text.as_str());
        let mut found = (Vec::new(), Vec::new());
        places(&document.outline(sample::catalog()).tasks, &Pointer::from("/do"), &mut found);
        prop_assume!(!found.0.is_empty());
        let path = found.0[which.index(found.0.len())].clone();
        let (list, length) = found.1[to.index(found.1.len())].clone();
        let index = u32::try_from(at.index(length as usize + 1)).unwrap_or(0);
        let edit = Edit::MoveTask { path: path.clone(), list, index };
        match apply(&document, &edit, sample::catalog()) {
            Ok(moved) => {
                comments_are_there(moved.document.text(), &written)?;
                for value in 0..written.values {
                    let value = format!("v{value}.");
                    prop_assert_eq!(moved.document.text().matches(&value).count(), 1);
                }
            }
            // Comments cannot go into a line, nor a task into itself.
            Err(EditError::IntoItself | EditError::OnlyInSource(_)) => {}
            Err(error) => return Err(TestCaseError::fail(format!("{edit:?}: {error}"))),
        }
        let copied = edited(&document, &Edit::DuplicateTask { path })?;
        let names = |document: &Document| {
            let mut found = (Vec::new(), Vec::new());
            places(&document.outline(sample::catalog()).tasks, &Pointer::from("/do"), &mut found);
            found.0.iter().map(|path| path.segments().pop().unwrap_or_default()).collect::<Vec<_>>()
        };
        let mut all = names(&copied);
        let count = all.len();
        all.sort();
        all.dedup();
        prop_assert_eq!(all.len(), count, "names are there once in\n{}", copied.text());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        nothing_panics(&text);
    }

    #[test]
    fn no_yaml_makes_it_panic(text in pieces()) {
        nothing_panics(&text);
    }

    #[test]
    fn no_document_makes_it_panic(text in mutated()) {
        nothing_panics(&text);
    }
}
