//! Values of a document in which `${ … }` stands for what an expression gives.

use std::sync::Arc;

use jaq_json::{Map, Val};
use serde_json::Value;

use super::Expression;
use crate::data;

/// A value, its expressions compiled.
#[derive(Debug)]
pub(crate) enum Template {
    /// Nothing in it is an expression.
    Literal(Val),
    /// The value of an expression.
    Expression(Arc<Expression>),
    Array(Vec<Template>),
    Object(Vec<(String, Template)>),
}

/// The expression in a text `${ … }`.
pub(crate) fn expression_in(text: &str) -> Option<&str> {
    text.trim().strip_prefix("${")?.strip_suffix('}').map(str::trim)
}

impl Template {
    /// # Errors
    /// What `compile` has to say about an expression.
    pub(crate) fn new<E>(
        value: &Value,
        compile: &mut impl FnMut(&str) -> Result<Arc<Expression>, E>,
    ) -> Result<Template, E> {
        Ok(match value {
            Value::String(text) => match expression_in(text) {
                Some(expression) => Template::Expression(compile(expression)?),
                None => Template::Literal(data::text(text.as_str())),
            },
            Value::Array(items) => {
                let items =
                    items.iter().map(|item| Template::new(item, compile)).collect::<Result<Vec<_>, _>>()?;
                match items.iter().map(Template::literal).collect::<Option<Vec<_>>>() {
                    Some(literal) => Template::Literal(literal.into_iter().cloned().collect()),
                    None => Template::Array(items),
                }
            }
            Value::Object(members) => {
                let member = |(key, value): (&String, _)| Ok((key.clone(), Template::new(value, compile)?));
                let members = members.iter().map(member).collect::<Result<Vec<_>, E>>()?;
                let literal = members
                    .iter()
                    .map(|(key, value)| Some((data::text(key.as_str()), value.literal()?.clone())));
                match literal.collect::<Option<Map>>() {
                    Some(literal) => Template::Literal(Val::obj(literal)),
                    None => Template::Object(members),
                }
            }
            other => Template::Literal(data::from_json(other)),
        })
    }

    pub(crate) fn literal(&self) -> Option<&Val> {
        match self {
            Template::Literal(value) => Some(value),
            _ => None,
        }
    }
}
