//! JSON Schemas of inputs, outputs and exports.

use jaq_json::Val;
use jsonschema::Validator;
use serde_json::Value;

use crate::data;

/// What data is validated against.
#[derive(Debug)]
pub(crate) enum Schema {
    /// A schema in the document.
    Inline(Box<Validator>),
    /// One that stands elsewhere, which is refused when it is reached.
    Elsewhere,
}

impl Schema {
    /// # Errors
    /// What is wrong with the schema.
    pub(crate) fn new(definition: &Value) -> Result<Schema, String> {
        let format = definition.get("format").and_then(Value::as_str).unwrap_or("json");
        if format.split(':').next() != Some("json") {
            return Err(format!("schemas of the format {format:?} are not supported"));
        }
        match definition.get("document") {
            Some(document) => {
                let validator = jsonschema::validator_for(document).map_err(|error| error.to_string())?;
                Ok(Schema::Inline(Box::new(validator)))
            }
            None if definition.get("resource").is_some() => Ok(Schema::Elsewhere),
            None => Err("a schema has a document".to_owned()),
        }
    }

    /// # Errors
    /// In what way the data is not as the schema says. Does not repeat the data.
    pub(crate) fn check(&self, value: &Val) -> Result<(), SchemaProblem> {
        match self {
            Schema::Elsewhere => Err(SchemaProblem::Elsewhere),
            Schema::Inline(validator) => {
                let value = data::to_json(value);
                let Some(error) = validator.iter_errors(&value).next() else {
                    return Ok(());
                };
                let place = error.instance_path().to_string();
                let place = if place.is_empty() { "/".to_owned() } else { place };
                Err(SchemaProblem::Violated(format!("{place}: {}", error.masked())))
            }
        }
    }
}

#[derive(Debug)]
pub(crate) enum SchemaProblem {
    Elsewhere,
    Violated(String),
}
