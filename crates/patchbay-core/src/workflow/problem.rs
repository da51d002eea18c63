//! What is wrong with a document, and where.

use serde::{Deserialize, Serialize};

use super::outline::Pointer;

/// Something that is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// How much it matters.
    pub severity: Severity,
    /// The line of the text, the first one being 1; 0 where no line can be named.
    pub line: u32,
    /// The column, in characters, the first one being 1; 0 where none can be named.
    pub column: u32,
    /// Where in the document.
    pub pointer: Pointer,
    /// What is wrong and what to do about it: one or two sentences for people.
    pub message: String,
}

/// How much a problem matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It cannot be run.
    Error,
    /// It runs, though not as its author may think, or not on other engines.
    Warning,
    /// It is kept and shown; a run that reaches it is refused there.
    NotRunHere,
}
