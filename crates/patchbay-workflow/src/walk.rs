//! The tasks of a document's value, wherever they stand.

use patchbay_core::workflow::outline::{ListRole, Pointer, TaskKind};
use serde_json::Value;

/// A task as it is found.
#[derive(Debug, Clone)]
pub(crate) struct Task<'a> {
    pub(crate) path: Pointer,
    pub(crate) name: &'a str,
    pub(crate) body: &'a Value,
    pub(crate) kind: TaskKind,
}

/// A list of tasks inside a task.
#[derive(Debug, Clone)]
pub(crate) struct Inner<'a> {
    pub(crate) pointer: Pointer,
    pub(crate) role: ListRole,
    /// The list; nothing where the task has none yet.
    pub(crate) list: Option<&'a Value>,
}

/// The tasks of a list; what is no task is left out.
pub(crate) fn tasks<'a>(list: &'a Value, pointer: &Pointer) -> Vec<Task<'a>> {
    let items = list.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut tasks = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let item_pointer = pointer.child(index);
        for (name, body) in item.as_object().into_iter().flatten() {
            tasks.push(Task { path: item_pointer.child(name), name, body, kind: kind(body) });
        }
    }
    tasks
}

impl<'a> Task<'a> {
    /// The lists of tasks inside it, in the order they stand; those that belong to its kind, made or not.
    pub(crate) fn inner(&self) -> Vec<Inner<'a>> {
        let inner = |steps: &[&str], role| {
            let pointer = steps.iter().fold(self.path.clone(), |pointer, step| pointer.child(step));
            let list = steps.iter().try_fold(self.body, |value, step| value.get(step));
            Inner { pointer, role, list }
        };
        match self.kind {
            TaskKind::Do => vec![inner(&["do"], ListRole::Sequence)],
            TaskKind::For => vec![inner(&["do"], ListRole::Each)],
            TaskKind::Try => vec![inner(&["try"], ListRole::Try), inner(&["catch", "do"], ListRole::Catch)],
            TaskKind::Fork => {
                let competes = self.body.pointer("/fork/compete") == Some(&Value::Bool(true));
                let role = if competes { ListRole::Competing } else { ListRole::Branches };
                vec![inner(&["fork", "branches"], role)]
            }
            TaskKind::Listen | TaskKind::CallOther => {
                let steps: &[&str] = match self.kind {
                    TaskKind::Listen => &["foreach", "do"],
                    _ => &["with", "subscription", "foreach", "do"],
                };
                vec![inner(steps, ListRole::Each)].into_iter().filter(|inner| inner.list.is_some()).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// Every task of `/do`, the inner ones behind the one they are in.
pub(crate) fn all(document: &Value) -> Vec<Task<'_>> {
    let mut found = Vec::new();
    if let Some(list) = document.get("do") {
        collect(list, &Pointer::from("/do"), &mut found);
    }
    found
}

fn collect<'a>(list: &'a Value, pointer: &Pointer, found: &mut Vec<Task<'a>>) {
    for task in tasks(list, pointer) {
        let inner = task.inner();
        found.push(task);
        for inner in inner {
            if let Some(list) = inner.list {
                collect(list, &inner.pointer, found);
            }
        }
    }
}

/// What a task does, told by the member that says it.
fn kind(body: &Value) -> TaskKind {
    let has = |member: &str| body.get(member).is_some();
    if has("call") {
        let is_http = body["call"] == "http";
        return if is_http { TaskKind::CallHttp } else { TaskKind::CallOther };
    }
    // `for` before `do`, which it has too.
    const KINDS: [(&str, TaskKind); 11] = [
        ("for", TaskKind::For),
        ("do", TaskKind::Do),
        ("emit", TaskKind::Emit),
        ("fork", TaskKind::Fork),
        ("listen", TaskKind::Listen),
        ("raise", TaskKind::Raise),
        ("run", TaskKind::Run),
        ("set", TaskKind::Set),
        ("switch", TaskKind::Switch),
        ("try", TaskKind::Try),
        ("wait", TaskKind::Wait),
    ];
    KINDS.iter().find(|(member, _)| has(member)).map_or(TaskKind::Unknown, |(_, kind)| *kind)
}
