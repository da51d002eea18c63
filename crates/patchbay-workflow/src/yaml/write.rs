//! New pieces of YAML, in the manner of the document they go into.

use saphyr_parser::ScalarStyle;
use serde_json::Value;

use super::scalar;
use super::tree::{Kind, Tree};

/// A piece to write.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Yaml {
    /// A value; mappings and sequences in it, unless empty, in block style where that is possible.
    Value(Value),
    /// A mapping in block style where that is possible.
    Map(Vec<(String, Yaml)>),
    /// A mapping in flow style.
    Flow(Vec<(String, Yaml)>),
    /// A sequence in block style where that is possible.
    List(Vec<Yaml>),
    /// An item of a sequence that is there already: its lines with comments and dash, from the first column on.
    Item { text: String, value: Value },
}

/// How a document is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    pub(super) newline: &'static str,
    /// How much further a mapping inside a mapping stands.
    step: usize,
    /// How much further a sequence inside a mapping stands.
    offset: usize,
    /// Whether it is JSON.
    is_json: bool,
}

/// A piece behind a colon or dash.
pub(super) enum Rendered {
    /// On the same line.
    Inline(String),
    /// A header on the same line (with a space before it, or empty), then lines of their own, each indented.
    Block { header: String, lines: String },
}

impl From<&str> for Yaml {
    fn from(text: &str) -> Self {
        Yaml::Value(Value::String(text.to_owned()))
    }
}

impl From<String> for Yaml {
    fn from(text: String) -> Self {
        Yaml::Value(Value::String(text))
    }
}

impl From<Value> for Yaml {
    fn from(value: Value) -> Self {
        Yaml::Value(value)
    }
}

impl Yaml {
    /// What it means.
    pub(crate) fn value(&self) -> Value {
        match self {
            Yaml::Value(value) | Yaml::Item { value, .. } => value.clone(),
            Yaml::Map(members) | Yaml::Flow(members) => {
                members.iter().map(|(key, value)| (key.clone(), value.value())).collect()
            }
            Yaml::List(items) => items.iter().map(Yaml::value).collect(),
        }
    }

    fn members(&self) -> Option<Vec<(&str, Yaml)>> {
        match self {
            Yaml::Map(members) => {
                Some(members.iter().map(|(key, value)| (key.as_str(), value.clone())).collect())
            }
            Yaml::Value(Value::Object(map)) => {
                Some(map.iter().map(|(key, value)| (key.as_str(), Yaml::Value(value.clone()))).collect())
            }
            _ => None,
        }
    }

    fn list(&self) -> Option<Vec<Yaml>> {
        match self {
            Yaml::List(items) => Some(items.clone()),
            Yaml::Value(Value::Array(items)) => Some(items.iter().cloned().map(Yaml::Value).collect()),
            _ => None,
        }
    }
}

impl Style {
    /// The manner of a document.
    pub(super) fn of(text: &str, tree: &Tree) -> Self {
        let newline = match text.find('\n') {
            Some(at) if text[..at].ends_with('\r') => "\r\n",
            _ => "\n",
        };
        let column = |offset: usize| offset - text[..offset].rfind('\n').map_or(0, |at| at + 1);
        let (mut step, mut offset) = (None, None);
        for node in &tree.nodes {
            let Kind::Map { entries, flow: false } = &node.kind else { continue };
            for entry in entries {
                let from = column(tree.node(entry.key).span.start);
                match &tree.node(entry.value).kind {
                    Kind::Map { entries, flow: false } => {
                        if let Some(first) = entries.first() {
                            let to = column(tree.node(first.key).span.start);
                            step = step.or(to.checked_sub(from).filter(|step| (1..=8).contains(step)));
                        }
                    }
                    Kind::Seq { items, flow: false } => {
                        if let Some(dash) = items.first().and_then(|first| first.dash) {
                            offset = offset.or(column(dash).checked_sub(from).filter(|offset| *offset <= 8));
                        }
                    }
                    _ => {}
                }
            }
            if step.is_some() && offset.is_some() {
                break;
            }
        }
        let is_json = match &tree.node(tree.root()).kind {
            Kind::Map { entries, flow: true } => entries.first().is_some_and(|first| {
                matches!(tree.node(first.key).kind, Kind::Scalar { style: ScalarStyle::DoubleQuoted, .. })
            }),
            _ => false,
        };
        let step = step.unwrap_or(2);
        Self { newline, step, offset: offset.unwrap_or(step), is_json }
    }

    /// On one line, in flow style where it is a collection; nothing where a piece cannot be written so.
    pub(super) fn inline(self, yaml: &Yaml, in_flow: bool, like: Option<ScalarStyle>) -> Option<String> {
        let object = |members: Vec<(&str, Yaml)>| {
            let members: Option<Vec<_>> = members
                .iter()
                .map(|(key, value)| {
                    Some(format!("{}: {}", self.key(key, true), self.inline(value, true, None)?))
                })
                .collect();
            let members = members?;
            Some(if members.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", members.join(", ")) })
        };
        match yaml {
            Yaml::Value(Value::String(text)) => Some(self.text(text, in_flow, like)),
            Yaml::Value(value @ (Value::Null | Value::Bool(_) | Value::Number(_))) => Some(value.to_string()),
            Yaml::Flow(members) => {
                object(members.iter().map(|(key, value)| (key.as_str(), value.clone())).collect())
            }
            Yaml::Item { text, value } => {
                let has_comment = text.contains(" #") || text.starts_with('#') || text.contains("\n#");
                if has_comment { None } else { self.inline(&Yaml::Value(value.clone()), in_flow, like) }
            }
            _ => {
                if let Some(members) = yaml.members() {
                    return object(members);
                }
                let items = yaml.list().unwrap_or_default();
                let items: Option<Vec<_>> = items.iter().map(|item| self.inline(item, true, None)).collect();
                let items = items?;
                Some(if items.is_empty() { "[]".to_owned() } else { format!("[ {} ]", items.join(", ")) })
            }
        }
    }

    /// Behind a colon or a dash of block style. `column` is that of the key or dash.
    pub(super) fn render(
        self,
        yaml: &Yaml,
        column: usize,
        is_item: bool,
        like: Option<ScalarStyle>,
    ) -> Rendered {
        if let Yaml::Value(Value::String(text)) = yaml
            && let Some(header) = literal_header(text, like)
        {
            let indent = " ".repeat(column + self.step.max(2));
            let lines = literal_lines(text, &indent);
            return Rendered::Block { header: format!(" {header}"), lines: lines.join(self.newline) };
        }
        if let Some(members) = yaml.members().filter(|members| !members.is_empty()) {
            let inner = if is_item { column + 2 } else { column + self.step };
            let lines: Vec<_> = members
                .iter()
                .map(|(key, value)| format!("{}{}", " ".repeat(inner), self.entry(key, value, inner)))
                .collect();
            return Rendered::Block { header: String::new(), lines: lines.join(self.newline) };
        }
        if let Some(items) = yaml.list().filter(|items| !items.is_empty()) {
            let inner = if is_item { column + 2 } else { column + self.offset };
            let lines: Vec<_> =
                items.iter().map(|item| format!("{}{}", " ".repeat(inner), self.item(item, inner))).collect();
            return Rendered::Block { header: String::new(), lines: lines.join(self.newline) };
        }
        Rendered::Inline(self.inline(yaml, false, like).unwrap_or_default())
    }

    /// A member of a mapping in block style at `column`; its first line is not indented.
    pub(super) fn entry(self, key: &str, value: &Yaml, column: usize) -> String {
        let key = self.key(key, false);
        match self.render(value, column, false, None) {
            Rendered::Inline(text) => format!("{key}: {text}"),
            Rendered::Block { header, lines } => format!("{key}:{header}{}{lines}", self.newline),
        }
    }

    /// An item of a sequence in block style at `column`; its first line is not indented.
    pub(super) fn item(self, value: &Yaml, column: usize) -> String {
        if let Yaml::Item { text, .. } = value {
            let indent = " ".repeat(column);
            let lines: Vec<_> = text
                .lines()
                .enumerate()
                .map(|(number, line)| match number {
                    0 => line.to_owned(),
                    _ if line.is_empty() => String::new(),
                    _ => format!("{indent}{line}"),
                })
                .collect();
            return lines.join(self.newline);
        }
        match self.render(value, column, true, None) {
            Rendered::Inline(text) => format!("- {text}"),
            Rendered::Block { header, lines } if header.is_empty() => format!("- {}", lines.trim_start()),
            Rendered::Block { header, lines } => format!("-{header}{}{lines}", self.newline),
        }
    }

    /// A member's name.
    pub(super) fn key(self, text: &str, in_flow: bool) -> String {
        self.text(text, in_flow, None)
    }

    /// A text on one line, if possible in the manner of what stood there.
    pub(super) fn text(self, text: &str, in_flow: bool, like: Option<ScalarStyle>) -> String {
        let is_printable = !text.chars().any(|each| is_special(each) || each == '\n' || each == '\t');
        match like {
            _ if self.is_json || !is_printable => double_quoted(text),
            Some(ScalarStyle::DoubleQuoted) => double_quoted(text),
            Some(ScalarStyle::SingleQuoted) => single_quoted(text),
            _ if is_plain(text, in_flow) => text.to_owned(),
            _ => single_quoted(text),
        }
    }
}

/// A text on one line, in block style.
pub(crate) fn line(text: &str) -> String {
    Style { newline: "\n", step: 2, offset: 2, is_json: false }.text(text, false, None)
}

/// Characters that cannot stand in a YAML text as they are, or would be lost in an editor.
fn is_special(each: char) -> bool {
    (each.is_control() && each != '\n' && each != '\t')
        || matches!(each, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

fn single_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// JSON's way, with what YAML cannot have unescaped escaped too.
fn double_quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for each in text.chars() {
        match each {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            each if is_special(each) => quoted.push_str(&format!("\\u{:04x}", u32::from(each))),
            each => quoted.push(each),
        }
    }
    quoted.push('"');
    quoted
}

/// The lines of a literal block.
pub(super) fn literal_lines(text: &str, indent: &str) -> Vec<String> {
    let lines = text.trim_end_matches('\n').split('\n');
    lines.map(|line| if line.is_empty() { String::new() } else { format!("{indent}{line}") }).collect()
}

/// The header of a literal block for a text of several lines; nothing where another way is better.
pub(super) fn literal_header(text: &str, like: Option<ScalarStyle>) -> Option<&'static str> {
    let was_block = matches!(like, Some(ScalarStyle::Literal));
    let content = text.strip_suffix('\n').unwrap_or(text);
    let is_fine = !content.is_empty()
        && !content.starts_with([' ', '\n', '\t'])
        && !content.ends_with('\n')
        && content.lines().all(|line| line.trim_end() == line)
        && !content.chars().any(|each| is_special(each) || each == '\t' || each == '\r');
    let is_wanted = content.contains('\n') || (was_block && text.ends_with('\n'));
    let is_quoted = matches!(like, Some(ScalarStyle::DoubleQuoted | ScalarStyle::SingleQuoted));
    (is_fine && is_wanted && !is_quoted).then_some(if text.ends_with('\n') { "|" } else { "|-" })
}

fn is_plain(text: &str, in_flow: bool) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let second_is_blank = text.chars().nth(1).is_none_or(|second| second == ' ');
    let starts_well = match first {
        '-' | '?' | ':' => !second_is_blank && !in_flow,
        _ => !",[]{}#&*!|>'\"%@`".contains(first),
    };
    starts_well
        && !text.starts_with("---")
        && !text.starts_with("...")
        && text.trim() == text
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with(':')
        && !(in_flow && text.contains([',', '[', ']', '{', '}', ':', '?']))
        && !scalar::is_ambiguous(text)
}
