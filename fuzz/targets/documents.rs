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
    for task in outline.tasks.iter().take(8) {
        let path = task.path.clone();
        let condition = path.child("if");
        let operations =
            task.connector.iter().filter_map(|call| Some(&catalog.get(&call.connector)?.operations));
        let others = operations
            .flatten()
            .map(|operation| Edit::SetOperation { path: path.clone(), operation: operation.id.clone() });
        let edits = [
            Edit::Set { pointer: condition.clone(), value: json!("${ .a == \"b\" }") },
            Edit::RenameTask { path: path.clone(), name: "renamed".to_owned() },
            Edit::DuplicateTask { path: path.clone() },
            Edit::RemoveTask { path: path.clone() },
        ];
        for edit in edits.into_iter().chain(others) {
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
