//! A workflow's file with the bindings that travel in it: what an import reads, and what an export would write.
#![no_main]

use libfuzzer_sys::fuzz_target;
use patchbay_fuzz::catalog;
use patchbay_workflow::Document;

fuzz_target!(|text: &str| {
    let document = Document::parse(text);
    let outline = document.outline(catalog());
    let bindings = document.file_bindings();
    if let Ok(written) = document.with_bindings(&bindings) {
        let again = Document::parse(written.text());
        assert!(again.is_readable(), "an export can be read: {:?}", written.text());
        assert_eq!(again.file_bindings(), bindings, "an export says what was bound");
        let roles = |outline: &patchbay_core::workflow::outline::Outline| {
            outline.roles.iter().map(|role| role.role.clone()).collect::<Vec<_>>()
        };
        assert_eq!(roles(&again.outline(catalog())), roles(&outline), "and leaves the roles");
    }
});
