//! A document: its text, and what can be read of it.

use patchbay_core::catalog::Catalog;
use patchbay_core::workflow::edit::LONGEST_TEXT;
use patchbay_core::workflow::outline::{Outline, Pointer, TaskKind};
use serde_json::Value;

use crate::outline;
use crate::walk;
use crate::yaml::{self, Broken, Lines, Remark, Tree};
use patchbay_texts::t;

/// Longest name that `document.name` may have.
const LONGEST_NAME: usize = 63;

/// A workflow's document. The text is kept as it is, whatever it says.
#[derive(Debug, Clone)]
pub struct Document {
    text: String,
    lines: Lines,
    reading: Result<Reading, Broken>,
}

/// What was read of a text that is YAML.
#[derive(Debug, Clone)]
pub(crate) struct Reading {
    pub(crate) tree: Tree,
    /// Where a second document begins.
    pub(crate) second: Option<usize>,
    pub(crate) remarks: Vec<Remark>,
    value: Option<Value>,
}

impl Document {
    /// Takes a text as it is. One that is no YAML, or longer than [`LONGEST_TEXT`], is a document all the
    /// same: it is not readable, has problems, and its outline is empty.
    #[must_use]
    pub fn parse(text: impl Into<String>) -> Self {
        let text = text.into();
        let reading = if text.len() > LONGEST_TEXT {
            let what = t!("it is longer than {limit} MiB", limit = LONGEST_TEXT / 1024 / 1024);
            Err(Broken { at: 0, what })
        } else {
            yaml::read(&text).map(|read| {
                let (value, remarks) = yaml::resolve(&read.tree);
                Reading { tree: read.tree, second: read.second, remarks, value }
            })
        };
        Self { lines: Lines::of(&text), text, reading }
    }

    /// An empty workflow with a title: valid, and without a task.
    #[must_use]
    pub fn new_workflow(title: &str) -> Self {
        let title = title.trim();
        let shown = if title.is_empty() { t!("Untitled workflow") } else { title };
        let name = slug(shown);
        let title = yaml::line(shown);
        Self::parse(format!(
            "document:\n  dsl: '1.0.3'\n  namespace: default\n  name: {name}\n  version: '0.1.0'\n  \
             title: {title}\nuse:\n  secrets: [ nango ]\n  authentications:\n    nango:\n      bearer:\n        \
             use: nango\ndo: []\n"
        ))
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the text means something: it is YAML, and its aliases do not make it endless.
    #[must_use]
    pub fn is_readable(&self) -> bool {
        self.value().is_some()
    }

    /// What the text means, anchors, aliases and `<<` resolved; nothing where it is not readable.
    #[must_use]
    pub fn value(&self) -> Option<&Value> {
        self.reading.as_ref().ok()?.value.as_ref()
    }

    /// The document as it is drawn. What cannot be understood is left out; an unreadable text has nothing.
    #[must_use]
    pub fn outline(&self, catalog: &Catalog) -> Outline {
        outline::of(self, catalog)
    }

    /// The names of the variables of loops and caught errors that a task is inside of, or has itself; each behind a
    /// `$` in an expression.
    #[must_use]
    pub fn variables_at(&self, path: &Pointer) -> Vec<String> {
        let Some(value) = self.value() else { return Vec::new() };
        let around = walk::all(value).into_iter().filter(|task| {
            let rest = path.as_str().strip_prefix(task.path.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        let named = |body: &Value, at: &str, default: &str| {
            body.pointer(at).and_then(Value::as_str).unwrap_or(default).to_owned()
        };
        let names = around.flat_map(|task| match task.kind {
            TaskKind::For => {
                vec![named(task.body, "/for/each", "item"), named(task.body, "/for/at", "index")]
            }
            TaskKind::Try => vec![named(task.body, "/catch/as", "error")],
            _ => Vec::new(),
        });
        names.collect()
    }

    pub(crate) fn reading(&self) -> Result<&Reading, &Broken> {
        self.reading.as_ref()
    }

    /// The first line of an unreadable text that is wrong.
    pub(crate) fn broken_line(&self) -> u32 {
        match &self.reading {
            Err(broken) => self.lines.line(broken.at),
            Ok(reading) => reading
                .remarks
                .first()
                .map_or(1, |remark| self.lines.line(reading.tree.node(remark.node).span.start)),
        }
    }

    /// Line and column of a byte offset.
    pub(crate) fn place(&self, offset: usize) -> (u32, u32) {
        self.lines.place(&self.text, offset)
    }

    /// First and last line of the task or member at a pointer.
    pub(crate) fn lines_of(&self, pointer: &Pointer) -> (u32, u32) {
        let Ok(reading) = &self.reading else { return (0, 0) };
        let segments = pointer.segments();
        let Some(found) = reading.tree.find(segments.iter().map(String::as_str)) else { return (0, 0) };
        let start = reading.tree.beginning(found);
        let end = reading.tree.node(found.node).span.end;
        // A block scalar that keeps its line ends has its end on the next line.
        let last = if self.text[..end].ends_with('\n') { end.saturating_sub(1) } else { end };
        (self.lines.line(start), self.lines.line(last.max(start)))
    }
}

/// A name as `document.name` has to be: letters, digits and dashes.
fn slug(title: &str) -> String {
    let mut name = String::new();
    for each in title.chars().flat_map(char::to_lowercase) {
        if name.len() >= LONGEST_NAME {
            break;
        }
        if each.is_ascii_alphanumeric() {
            name.push(each);
        } else if !name.ends_with('-') && !name.is_empty() {
            name.push('-');
        }
    }
    let name = name.trim_end_matches('-');
    if name.is_empty() { "workflow".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{Document, slug};

    #[test]
    fn a_name_is_made_from_any_title() {
        for (title, expected) in [
            ("Untitled workflow 2", "untitled-workflow-2"),
            ("  Weekly – Report!  ", "weekly-report"),
            ("Übersicht", "bersicht"),
            ("日本", "workflow"),
            ("-", "workflow"),
        ] {
            assert_eq!(slug(title), expected, "{title:?}");
        }
        assert_eq!(slug(&"a b".repeat(99)).len(), 63);
    }

    #[test]
    fn a_title_is_kept_whatever_it_is() {
        for title in ["Weekly", "yes", "a: b # c", "it's \"so\"", "1.0", "tab\there", "- x"] {
            let document = Document::new_workflow(title);
            let value = document.value().expect("a new workflow is readable");
            assert_eq!(value["document"]["title"], title, "{}", document.text());
        }
    }
}
