//! What holds for any text and any edit.

use patchbay_core::workflow::edit::Edit;
use patchbay_core::workflow::outline::Pointer;
use patchbay_workflow::{Document, apply};
use proptest::prelude::*;
use serde_json::Value;

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
        for pointer in all.into_iter().take(40) {
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
    drop(outline);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

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
