//! The DSL's own schema and conformance kit. They are not part of this repository; `PATCHBAY_SHARED` names the
//! folder that has them.

use std::path::{Path, PathBuf};

use patchbay_core::workflow::problem::Severity;

use crate::problems::problems;
use crate::schema;

/// The folder, if it is there; else says what is not run.
fn folder(test: &str) -> Option<PathBuf> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let folder = std::env::var_os("PATCHBAY_SHARED").map_or(default, PathBuf::from).join("openworkflow");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("NOT RUN: {test}, because {} is not there", folder.display());
    None
}

#[test]
fn the_schema_is_the_published_one() {
    let Some(folder) = folder("the_schema_is_the_published_one") else { return };
    let published = std::fs::read_to_string(folder.join("workflow-schema-1.0.3.yaml")).expect("the schema");
    let ours = include_str!("../../src/problems/schema-1.0.3.json");
    let ours: serde_json::Value = serde_json::from_str(ours).expect("our copy is JSON");
    assert_eq!(schema::read(&published), Some(ours), "see examples/schema.rs for how it is made");
}

#[test]
fn the_kits_documents_are_without_errors() {
    let Some(folder) = folder("the_kits_documents_are_without_errors") else { return };
    let mut count = 0;
    for entry in std::fs::read_dir(folder.join("ctk")).expect("the kit") {
        let path = entry.expect("the kit").path();
        let feature = std::fs::read_to_string(&path).expect("a feature");
        for document in definitions(&feature) {
            count += 1;
            let mut found = problems(&document);
            found.retain(|problem| problem.severity == Severity::Error);
            assert!(found.is_empty(), "{}: {found:#?}\nin\n{document}", path.display());
        }
    }
    assert_eq!(count, 21);
}

/// The documents of a feature: the text in `"""` behind a line about a definition.
fn definitions(feature: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = feature.lines();
    while let Some(line) = lines.next() {
        if !line.trim_end().ends_with("workflow with definition:") {
            continue;
        }
        let Some(fence) = lines.next() else { break };
        let indent = fence.len() - fence.trim_start().len();
        let document = lines
            .by_ref()
            .take_while(|line| line.trim() != "\"\"\"")
            .map(|line| line.get(indent..).unwrap_or_default().to_owned() + "\n");
        found.push(document.collect());
    }
    found
}
