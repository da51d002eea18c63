//! What a document says, as far as it can be drawn: its head and its tree of tasks.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::{ConnectorSlug, IntegrationKey};

/// Where something stands in a document: a JSON pointer (RFC 6901) such as `/do/0/getPet`, which is also how
/// the DSL names a task in an error's `instance`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pointer(String);

impl Pointer {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands one step further; `segment` is escaped.
    #[must_use]
    pub fn child(&self, segment: impl fmt::Display) -> Pointer {
        let segment = segment.to_string().replace('~', "~0").replace('/', "~1");
        Pointer(format!("{}/{segment}", self.0))
    }

    /// What leads there, step by step, unescaped; nothing for the whole document.
    #[must_use]
    pub fn segments(&self) -> Vec<String> {
        let steps = self.0.strip_prefix('/').map(|steps| steps.split('/'));
        steps.into_iter().flatten().map(|step| step.replace("~1", "/").replace("~0", "~")).collect()
    }

    /// What it stands in; nothing for the whole document.
    #[must_use]
    pub fn parent(&self) -> Option<Pointer> {
        self.0.rfind('/').map(|at| Pointer(self.0[..at].to_owned()))
    }
}

impl From<String> for Pointer {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Pointer {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A document as it is drawn.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Outline {
    /// `document.name`.
    pub name: String,
    /// `document.title`.
    pub title: Option<String>,
    /// `document.summary`.
    pub summary: Option<String>,
    /// `document.version`.
    pub version: String,
    /// The list `/do`.
    pub tasks: Vec<TaskOutline>,
    /// The roles its tasks name, in the order they first occur.
    pub roles: Vec<RoleOutline>,
}

/// A role, and the tasks that name it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RoleOutline {
    /// The role.
    pub role: String,
    /// The connector of its tasks; the first one's, where they differ (which is a problem of the document).
    pub connector: ConnectorSlug,
    /// The names of the tasks, in the order they stand.
    pub tasks: Vec<String>,
}

/// One task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskOutline {
    /// Where it stands: `/do/0/getPet`.
    pub path: Pointer,
    /// Its name.
    pub name: String,
    /// What it does.
    pub kind: TaskKind,
    /// The same in a few words for the card on the canvas: `GET /repos/{owner}/{repo}/issues`.
    pub summary: String,
    /// The lines of the text it takes, the first one being 1; both inclusive.
    pub lines: (u32, u32),
    /// `if`.
    pub condition: Option<String>,
    /// `then`, where the document says it.
    pub then: Option<String>,
    /// What it calls, where it is a connector's task.
    pub connector: Option<ConnectorCall>,
    /// Lists of tasks inside it, in the order they stand.
    pub lists: Vec<TaskList>,
    /// The cases of a `switch`.
    pub cases: Vec<SwitchCase>,
    /// Where its author has put it on the canvas; nothing: it is laid out.
    pub position: Option<Position>,
}

/// A list of tasks inside a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskList {
    /// Where the list stands: `/do/0/attempt/try`. It may not exist in the text yet.
    pub pointer: Pointer,
    /// What it is for.
    pub role: ListRole,
    /// Its tasks. Of a `fork`, each is a branch.
    pub tasks: Vec<TaskOutline>,
}

/// What a list of tasks is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListRole {
    /// One after the other: `do`.
    Sequence,
    /// Once for each item: the `do` of a `for`.
    Each,
    /// What is tried.
    Try,
    /// What is done when that failed: `catch.do`.
    Catch,
    /// At the same time: `fork.branches`.
    Branches,
    /// At the same time, until the first has ended: the same with `compete`.
    Competing,
}

/// A case of a `switch`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SwitchCase {
    /// Its name.
    pub name: String,
    /// Its condition; nothing: it is the default.
    pub when: Option<String>,
    /// Where it leads: a task of the same list, `continue`, `exit` or `end`.
    pub then: Option<String>,
}

/// What a connector's task calls (`metadata.patchbay` and the headers for the proxy).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConnectorCall {
    /// The connector.
    pub connector: ConnectorSlug,
    /// The operation of its manifest; nothing for a call written by hand.
    pub operation: Option<String>,
    /// The role that stands for the connection.
    pub role: String,
    /// The integration that the file names, for engines other than this one. Here the connection's own counts.
    pub integration: Option<IntegrationKey>,
    /// The operation's parameters as they stand in the file; those that are not there are absent.
    pub parameters: Vec<ParameterValue>,
}

/// A parameter's value in a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParameterValue {
    /// The parameter's name.
    pub name: String,
    /// The value as its author types it: plain text, JSON for an object or an array, or `${ … }`.
    pub text: String,
}

/// A place on the canvas, in pixels of an unscaled one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
}

/// What a task does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// `call: http`.
    CallHttp,
    /// Any other `call`: shown and kept, refused at run.
    CallOther,
    /// `do`.
    Do,
    /// `emit`: to the output.
    Emit,
    /// `for`.
    For,
    /// `fork`.
    Fork,
    /// `listen`: shown and kept, refused at run.
    Listen,
    /// `raise`.
    Raise,
    /// `run`: shown and kept, refused at run.
    Run,
    /// `set`.
    Set,
    /// `switch`.
    Switch,
    /// `try`.
    Try,
    /// `wait`.
    Wait,
    /// None that DSL 1.0.3 has.
    Unknown,
}

impl TaskKind {
    /// The kinds that can be added by hand, in the order they are offered.
    pub const OFFERED: [TaskKind; 10] = [
        TaskKind::CallHttp,
        TaskKind::Set,
        TaskKind::Switch,
        TaskKind::For,
        TaskKind::Fork,
        TaskKind::Try,
        TaskKind::Do,
        TaskKind::Wait,
        TaskKind::Raise,
        TaskKind::Emit,
    ];

    /// Whether a run refuses it.
    #[must_use]
    pub fn is_refused_at_run(self) -> bool {
        matches!(self, TaskKind::CallOther | TaskKind::Listen | TaskKind::Run | TaskKind::Unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::Pointer;

    #[test]
    fn a_pointer_is_taken_apart_as_it_was_put_together() {
        let pointer = Pointer::default().child("do").child(0).child("a/b~c");
        assert_eq!(pointer.as_str(), "/do/0/a~1b~0c");
        assert_eq!(pointer.segments(), ["do", "0", "a/b~c"]);
        assert_eq!(pointer.parent(), Some(Pointer::from("/do/0")));
        assert_eq!(Pointer::default().parent(), None);
        assert!(Pointer::default().segments().is_empty());
    }
}
