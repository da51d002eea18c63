//! One field of a connect form.

use serde_json::{Map, Value};

/// A field of `credentials` (secrets asked from the user) or `connection_config` (other parameters).
///
/// The server enforces none of `pattern`, `format`, `choices` or required-ness; that is the client's
/// work. Members of a wrong type count as absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Field {
    /// `type`; always `string` so far.
    pub kind: Option<String>,
    /// Label.
    pub title: Option<String>,
    /// Help text.
    pub description: Option<String>,
    /// An example value.
    pub example: Option<String>,
    /// A JavaScript regular expression the value must match. Some use look-ahead.
    pub pattern: Option<String>,
    /// `hostname`, `uri`, `uuid` or `email`.
    pub format: Option<String>,
    /// `enum`: the values to choose from; empty for a free text.
    pub choices: Vec<String>,
    /// What the field starts with.
    pub default_value: Option<String>,
    /// Decoration in front of the field, not part of the value.
    pub prefix: Option<String>,
    /// Decoration behind the field, not part of the value.
    pub suffix: Option<String>,
    /// Place among the fields; fields without it come last.
    pub order: Option<i64>,
    /// May be left empty. Absent means required.
    pub optional: bool,
    /// Not shown, but `default_value` is sent.
    pub hidden: bool,
    /// Filled by the server: neither shown nor sent.
    pub automated: bool,
    /// To be masked.
    pub secret: bool,
    /// Anchor in the provider's `docs_connect` page.
    pub doc_section: Option<String>,
}

impl Field {
    /// Reads what can be read.
    pub(super) fn from_members(members: &Map<String, Value>) -> Self {
        let text = |name: &str| members.get(name).and_then(Value::as_str).map(str::to_owned);
        let flag = |name: &str| members.get(name).and_then(Value::as_bool).unwrap_or(false);
        let choices = match members.get("enum") {
            Some(Value::Array(values)) => values.iter().filter_map(scalar).collect(),
            _ => Vec::new(),
        };
        Self {
            kind: text("type"),
            title: text("title"),
            description: text("description"),
            example: members.get("example").and_then(scalar),
            pattern: text("pattern"),
            format: text("format"),
            choices,
            default_value: members.get("default_value").and_then(scalar),
            prefix: text("prefix"),
            suffix: text("suffix"),
            order: members.get("order").and_then(Value::as_i64),
            optional: flag("optional"),
            hidden: flag("hidden"),
            automated: flag("automated"),
            secret: flag("secret"),
            doc_section: text("doc_section"),
        }
    }
}

/// Values of text fields may be written as numbers or booleans in the catalogue.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}
