//! A workflow's document: read, checked, and each of its tasks edited.
#![no_main]

use libfuzzer_sys::fuzz_target;
use patchbay_core::workflow::edit::Edit;
use patchbay_fuzz::catalog;
use patchbay_workflow::{Document, apply};
use serde_json::json;

fuzz_target!(|text: &str| {
    let catalog = catalog();
    let document = Document::parse(text);
    assert_eq!(document.text(), text, "the text is kept as it is");
    let problems = document.problems(catalog);
    let outline = document.outline(catalog);
    assert!(document.is_readable() || !problems.is_empty(), "what cannot be read is said");
    for path in outline.tasks.iter().map(|task| task.path.clone()).take(8) {
        let condition = path.child("if");
        let edits = [
            Edit::Set { pointer: condition.clone(), value: json!("${ .a == \"b\" }") },
            Edit::RenameTask { path: path.clone(), name: "renamed".to_owned() },
            Edit::DuplicateTask { path: path.clone() },
            Edit::RemoveTask { path },
        ];
        for edit in edits {
            let Ok(edited) = apply(&document, &edit, catalog) else { continue };
            let after = edited.document;
            assert!(after.is_readable(), "{edit:?} left what cannot be read: {:?}", after.text());
            if let Edit::Set { value, .. } = &edit {
                let read = after.value().and_then(|read| read.pointer(condition.as_str()));
                assert_eq!(read, Some(value), "what was set is there");
            }
        }
    }
});
