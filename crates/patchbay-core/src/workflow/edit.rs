//! Edits: each leaves the rest of the text as it is, to the byte.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::outline::{Pointer, Position, TaskKind};
use crate::id::{ConnectorSlug, IntegrationKey};

/// A change to a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Edit {
    /// The whole text, as typed in *Source*.
    ReplaceText {
        /// The new text.
        text: String,
    },
    /// A new task.
    AddTask {
        /// The list it goes into; made if it does not exist.
        list: Pointer,
        /// How many tasks stand before it; more than there are means at the end.
        index: u32,
        /// What it is.
        task: NewTask,
    },
    /// A task and everything inside it goes.
    RemoveTask {
        /// Which.
        path: Pointer,
    },
    /// A task, its comments included, goes to another place.
    MoveTask {
        /// Which.
        path: Pointer,
        /// The list it goes into.
        list: Pointer,
        /// How many tasks stand before it there, it itself not counted.
        index: u32,
    },
    /// A copy of a task, under a new name, behind it.
    DuplicateTask {
        /// Which.
        path: Pointer,
    },
    /// Another name, also wherever a `then` leads to it.
    RenameTask {
        /// Which.
        path: Pointer,
        /// The new name.
        name: String,
    },
    /// A member gets this value; what has to be there for it is made.
    Set {
        /// Which member.
        pointer: Pointer,
        /// Its value. A text `${ … }` is an expression.
        value: Value,
    },
    /// A member goes.
    Remove {
        /// Which.
        pointer: Pointer,
    },
    /// A parameter of a connector's operation gets a value, or none.
    SetParameter {
        /// Which task's.
        path: Pointer,
        /// The parameter's name in the manifest.
        name: String,
        /// As typed: plain text, JSON, or `${ … }`; nothing takes the parameter away.
        value: Option<String>,
    },
    /// A connector's task calls another operation of its connector. Its role, its integration and the values of the
    /// parameters that both have stay; a name that came from the old operation becomes the new one's.
    SetOperation {
        /// Which task.
        path: Pointer,
        /// The operation of the manifest.
        operation: String,
    },
    /// A connector's task runs as another role.
    SetRole {
        /// Which task.
        path: Pointer,
        /// The role.
        role: String,
    },
    /// A role gets another name, in every task.
    RenameRole {
        /// Which.
        role: String,
        /// The new name.
        to: String,
    },
    /// A task's place on the canvas; nothing lays it out again.
    Place {
        /// Which task.
        path: Pointer,
        /// Where.
        position: Option<Position>,
    },
    /// Every task is laid out again.
    Tidy,
}

/// What a new task is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NewTask {
    /// A connector's operation.
    Operation {
        /// The connector.
        connector: ConnectorSlug,
        /// The operation of its manifest.
        operation: String,
        /// The role; nothing takes the one that the document's other tasks of this connector have, or a new one.
        role: Option<String>,
        /// The integration that the file names for other engines; nothing takes the connector's provider key.
        integration: Option<IntegrationKey>,
    },
    /// A kind of the language.
    Kind(TaskKind),
}

/// Why an edit is refused. The document is as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The text cannot be read as YAML, so that only its text can be edited.
    #[error("the text cannot be read at line {line}")]
    Unreadable {
        /// The line.
        line: u32,
    },
    /// Nothing is there any more.
    #[error("nothing stands at {0}")]
    NotThere(Pointer),
    /// A name or role is empty, or not of letters, digits, `_` and `-` (a role: of letters, digits and `_`).
    #[error("{0:?} is not a name")]
    NotAName(String),
    /// The list has a task of that name.
    #[error("a task of the name {0:?} is there already")]
    NameTaken(String),
    /// The document has a role of that name.
    #[error("a role of the name {0:?} is there already")]
    RoleTaken(String),
    /// No manifest has that connector, operation or parameter.
    #[error("{0} is not known")]
    Unknown(String),
    /// The place is written in a way that this edit cannot change without touching more (an alias, say).
    #[error("{0} has to be edited in the source")]
    OnlyInSource(Pointer),
    /// A task cannot go into itself.
    #[error("a task cannot be moved into itself")]
    IntoItself,
    /// The text would be longer than [`LONGEST_TEXT`].
    #[error("the document would be too long")]
    TooLong,
}

/// Longest document, in bytes.
pub const LONGEST_TEXT: usize = 4 * 1024 * 1024;
