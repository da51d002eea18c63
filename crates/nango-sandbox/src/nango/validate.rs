//! Validation errors with the codes, words and paths that Nango's validator (zod) uses.

use axum::http::StatusCode;
use fancy_regex::Regex;
use serde_json::{Map, Value, json};

use crate::nango::refusal::Refusal;

/// The problems found in one stage of a request.
#[derive(Debug, Default)]
pub(crate) struct Issues {
    found: Vec<Value>,
}

impl Issues {
    /// Adds one.
    pub(crate) fn add(&mut self, code: &str, message: &str, path: &[&str]) {
        self.found.push(json!({ "code": code, "message": message, "path": path }));
    }

    /// A value of the wrong type; `None` is an absent one.
    pub(crate) fn wrong_type(&mut self, expected: &str, value: Option<&Value>, path: &[&str]) {
        let message = format!("Invalid input: expected {expected}, received {}", type_name(value));
        self.add("invalid_type", &message, path);
    }

    /// Members nobody knows; nothing happens if there are none.
    pub(crate) fn unrecognized(&mut self, names: &[&str], path: &[&str]) {
        if names.is_empty() {
            return;
        }
        let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
        let plural = if names.len() == 1 { "key" } else { "keys" };
        self.add("unrecognized_keys", &format!("Unrecognized {plural}: {}", quoted.join(", ")), path);
    }

    /// A text that is not what a pattern wants.
    pub(crate) fn pattern(&mut self, pattern: &str, path: &[&str]) {
        self.add("invalid_format", &format!("Invalid string: must match pattern /{pattern}/"), path);
    }

    /// Whether nothing was found so far.
    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// A 400 with everything found, if anything was.
    pub(crate) fn refuse(self, code: &str) -> Result<(), Refusal> {
        if self.found.is_empty() {
            return Ok(());
        }
        Err(Refusal::Json(
            StatusCode::BAD_REQUEST,
            json!({ "error": { "code": code, "errors": self.found } }),
        ))
    }
}

/// An object being read member by member. What is not asked for is unknown.
#[derive(Debug)]
pub(crate) struct Members<'a> {
    map: Option<&'a Map<String, Value>>,
    path: Vec<&'a str>,
    known: Vec<&'a str>,
}

impl<'a> Members<'a> {
    /// The whole body. Something other than an object is an issue, and reads as empty.
    pub(crate) fn body(value: &'a Value, issues: &mut Issues) -> Self {
        if !value.is_object() {
            issues.wrong_type("object", Some(value), &[]);
        }
        Self { map: value.as_object(), path: Vec::new(), known: Vec::new() }
    }

    /// An object inside another.
    pub(crate) fn nested(map: &'a Map<String, Value>, path: &[&'a str]) -> Self {
        Self { map: Some(map), path: path.to_vec(), known: Vec::new() }
    }

    fn path_to(&self, name: &'a str) -> Vec<&'a str> {
        let mut path = self.path.clone();
        path.push(name);
        path
    }

    /// A member as it is; `None` when absent.
    pub(crate) fn any(&mut self, name: &'a str) -> Option<&'a Value> {
        self.known.push(name);
        self.map.and_then(|map| map.get(name))
    }

    /// A text of at least one character that must be there.
    pub(crate) fn text(&mut self, name: &'a str, issues: &mut Issues) -> String {
        let value = self.any(name);
        match value {
            Some(Value::String(text)) => {
                if text.is_empty() {
                    issues.add(
                        "too_small",
                        "Too small: expected string to have >=1 characters",
                        &self.path_to(name),
                    );
                }
                text.clone()
            }
            other => {
                issues.wrong_type("string", other, &self.path_to(name));
                String::new()
            }
        }
    }

    /// A text that must be there and may be empty.
    pub(crate) fn text_or_empty(&mut self, name: &'a str, issues: &mut Issues) -> String {
        match self.any(name) {
            Some(Value::String(text)) => text.clone(),
            other => {
                issues.wrong_type("string", other, &self.path_to(name));
                String::new()
            }
        }
    }

    /// A text that may be absent.
    pub(crate) fn optional_text(&mut self, name: &'a str, issues: &mut Issues) -> Option<String> {
        self.map.and_then(|map| map.get(name))?;
        Some(self.text(name, issues))
    }

    /// A text that must match a pattern.
    pub(crate) fn patterned(&mut self, name: &'a str, pattern: &str, issues: &mut Issues) -> String {
        let before = issues.found.len();
        let text = self.text(name, issues);
        let matches = Regex::new(pattern).is_ok_and(|regex| regex.is_match(&text).unwrap_or(false));
        if issues.found.len() == before && !matches {
            issues.pattern(pattern, &self.path_to(name));
        }
        text
    }

    /// A yes or no that may be absent.
    pub(crate) fn boolean(&mut self, name: &'a str, issues: &mut Issues) -> Option<bool> {
        let value = self.any(name)?;
        if !value.is_boolean() {
            issues.wrong_type("boolean", Some(value), &self.path_to(name));
        }
        value.as_bool()
    }

    /// An object that may be absent.
    pub(crate) fn object(&mut self, name: &'a str, issues: &mut Issues) -> Option<&'a Map<String, Value>> {
        let value = self.any(name)?;
        if !value.is_object() {
            issues.wrong_type("object", Some(value), &self.path_to(name));
        }
        value.as_object()
    }

    /// Marks members as known that are of no consequence here.
    pub(crate) fn ignore(&mut self, names: &[&'a str]) {
        self.known.extend_from_slice(names);
    }

    /// Reports members that nobody asked for.
    pub(crate) fn close(self, issues: &mut Issues) {
        let Some(map) = self.map else { return };
        let unknown: Vec<&str> =
            map.keys().map(String::as_str).filter(|name| !self.known.contains(name)).collect();
        issues.unrecognized(&unknown, &self.path);
    }
}

/// The name JavaScript's validator has for the type of a value.
fn type_name(value: Option<&Value>) -> &'static str {
    match value {
        None => "undefined",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "boolean",
        Some(Value::Number(_)) => "number",
        Some(Value::String(_)) => "string",
        Some(Value::Array(_)) => "array",
        Some(Value::Object(_)) => "object",
    }
}
