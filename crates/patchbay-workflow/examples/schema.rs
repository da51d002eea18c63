//! Makes `src/problems/schema-1.0.3.json` from the DSL's schema as it is published:
//! `cargo run -p patchbay-workflow --example schema -- <workflow.yaml> crates/patchbay-workflow/src/problems/schema-1.0.3.json`
//!
//! Titles, descriptions and defaults are left out: they decide nothing.

use std::error::Error;

use patchbay_workflow::Document;
use serde_json::{Map, Value};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let from = arguments.next().ok_or("the published schema's file is missing")?;
    let to = arguments.next().ok_or("the file to write is missing")?;
    let schema = read(&std::fs::read_to_string(from)?).ok_or("the schema cannot be read")?;
    std::fs::write(to, serde_json::to_string_pretty(&schema)? + "\n")?;
    Ok(())
}

/// The schema of a YAML text, without what is for people.
pub(crate) fn read(text: &str) -> Option<Value> {
    Document::parse(text).value().map(stripped)
}

fn stripped(schema: &Value) -> Value {
    match schema {
        Value::Object(members) => members
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "title" | "description" | "default"))
            .map(|(name, value)| {
                let value = match (name.as_str(), value) {
                    // Names of members, not keywords.
                    ("properties" | "$defs", Value::Object(schemas)) => Value::Object(
                        schemas
                            .iter()
                            .map(|(name, schema)| (name.clone(), stripped(schema)))
                            .collect::<Map<_, _>>(),
                    ),
                    ("enum" | "const" | "required", value) => value.clone(),
                    (_, value) => stripped(value),
                };
                (name.clone(), value)
            })
            .collect(),
        Value::Array(schemas) => schemas.iter().map(stripped).collect(),
        other => other.clone(),
    }
}
