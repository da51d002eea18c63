//! What a document says, as far as it can be drawn. Whatever is not as it should be is left out or shown as
//! unknown; nothing here fails.

use patchbay_core::catalog::Catalog;
use patchbay_core::workflow::outline::{
    ConnectorCall, Outline, Pointer, Position, RoleOutline, SwitchCase, TaskKind, TaskList, TaskOutline,
};
use serde_json::Value;

use crate::document::Document;
use crate::expression;
use crate::operation;
use crate::walk::{self, Task};
use patchbay_texts::t;

/// Longest text on a card, in characters.
const LONGEST_SUMMARY: usize = 120;

pub(crate) fn of(document: &Document, catalog: &Catalog) -> Outline {
    let Some(value) = document.value() else { return Outline::default() };
    let head = |member: &str| value.pointer("/document")?.get(member).and_then(text);
    let mut outline = Outline {
        name: head("name").unwrap_or_default(),
        title: head("title"),
        summary: head("summary"),
        version: head("version").unwrap_or_default(),
        ..Outline::default()
    };
    let drawing = Drawing { document, catalog };
    if let Some(list) = value.get("do") {
        outline.tasks = drawing.tasks(list, &Pointer::from("/do"));
    }
    roles(&outline.tasks, &mut outline.roles);
    outline
}

/// The roles that tasks name, the inner tasks behind the one they are in.
fn roles(tasks: &[TaskOutline], found: &mut Vec<RoleOutline>) {
    for task in tasks {
        if let Some(call) = task.connector.as_ref().filter(|call| !call.role.is_empty()) {
            match found.iter_mut().find(|role| role.role == call.role) {
                Some(role) => role.tasks.push(task.name.clone()),
                None => found.push(RoleOutline {
                    role: call.role.clone(),
                    connector: call.connector.clone(),
                    tasks: vec![task.name.clone()],
                }),
            }
        }
        for list in &task.lists {
            roles(&list.tasks, found);
        }
    }
}

struct Drawing<'a> {
    document: &'a Document,
    catalog: &'a Catalog,
}

impl Drawing<'_> {
    fn tasks(&self, list: &Value, pointer: &Pointer) -> Vec<TaskOutline> {
        walk::tasks(list, pointer).iter().map(|task| self.task(task)).collect()
    }

    fn task(&self, task: &Task<'_>) -> TaskOutline {
        let member = |name: &str| task.body.get(name).and_then(text);
        let connector = operation::read(task, self.catalog);
        let lists = task
            .inner()
            .into_iter()
            .map(|inner| TaskList {
                tasks: inner.list.map(|list| self.tasks(list, &inner.pointer)).unwrap_or_default(),
                pointer: inner.pointer,
                role: inner.role,
            })
            .collect();
        TaskOutline {
            path: task.path.clone(),
            name: task.name.to_owned(),
            kind: task.kind,
            summary: shortened(self.summary(task, connector.as_ref())),
            lines: self.document.lines_of(&task.path),
            condition: member("if"),
            then: member("then"),
            connector,
            lists,
            cases: cases(task.body),
            position: position(task.body),
        }
    }

    fn summary(&self, task: &Task<'_>, call: Option<&ConnectorCall>) -> String {
        let body = task.body;
        let at = |pointer: &str| body.pointer(pointer).and_then(text);
        match task.kind {
            TaskKind::CallHttp => {
                let operation = call.and_then(|call| {
                    self.catalog.get(&call.connector)?.operation(call.operation.as_deref()?)
                });
                if let Some(operation) = operation {
                    return format!("{} {}", operation.method.name(), operation.path);
                }
                let method = at("/with/method").unwrap_or_default().to_ascii_uppercase();
                format!("{method} {}", operation::uri(body).unwrap_or_default())
            }
            TaskKind::CallOther => t!("call {what}", what = at("/call").unwrap_or_default()),
            TaskKind::Do => t!("1 task" | "{count} tasks" % count(&body["do"]), count = count(&body["do"])),
            TaskKind::Emit => at("/emit/event/with/type").unwrap_or_default(),
            TaskKind::For => {
                let each = at("/for/each").unwrap_or_else(|| "item".to_owned());
                t!("each {item} in {list}", item = each, list = at("/for/in").map(bare).unwrap_or_default())
            }
            TaskKind::Fork => {
                let count = count(&body["fork"]["branches"]);
                let branches = t!("1 branch" | "{count} branches" % count, count);
                let competes = body.pointer("/fork/compete") == Some(&Value::Bool(true));
                if competes { t!("{branches}, until the first has ended", branches) } else { branches }
            }
            TaskKind::Listen => "listen".to_owned(),
            TaskKind::Raise => match &body["raise"]["error"] {
                Value::String(name) => name.clone(),
                error => {
                    let kind = error.get("type").and_then(Value::as_str).unwrap_or_default();
                    let kind = kind.rsplit('/').next().unwrap_or_default();
                    let status = error.get("status").and_then(text).unwrap_or_default();
                    format!("{kind} {status}").trim().to_owned()
                }
            },
            TaskKind::Run => {
                let what = ["container", "script", "shell", "workflow"]
                    .into_iter()
                    .find(|what| body["run"].get(what).is_some());
                t!("run {what}", what = what.unwrap_or_default()).trim().to_owned()
            }
            TaskKind::Set => match &body["set"] {
                Value::Object(members) => members.keys().map(String::as_str).collect::<Vec<_>>().join(", "),
                value => text(value).map(bare).unwrap_or_default(),
            },
            TaskKind::Switch => {
                t!("1 case" | "{count} cases" % count(&body["switch"]), count = count(&body["switch"]))
            }
            TaskKind::Try => {
                let filter = &body["catch"]["errors"]["with"];
                let kind = filter.get("type").and_then(Value::as_str).unwrap_or_default();
                let kind = kind.rsplit('/').next().unwrap_or_default();
                let status = filter.get("status").and_then(text).unwrap_or_default();
                let caught = format!("{kind} {status}").trim().to_owned();
                let caught = if caught.is_empty() { t!("any error").to_owned() } else { caught };
                match body.pointer("/catch/retry") {
                    Some(_) => t!("catches {caught}, tries again", caught),
                    None => t!("catches {caught}", caught),
                }
            }
            TaskKind::Wait => match &body["wait"] {
                Value::Object(units) => units
                    .iter()
                    .filter_map(|(unit, count)| Some(format!("{} {unit}", text(count)?)))
                    .collect::<Vec<_>>()
                    .join(", "),
                value => text(value).map(bare).unwrap_or_default(),
            },
            TaskKind::Unknown => {
                let members = body.as_object().map(|body| body.keys().cloned().collect::<Vec<_>>());
                members.unwrap_or_default().join(", ")
            }
        }
    }
}

fn cases(body: &Value) -> Vec<SwitchCase> {
    let items = body["switch"].as_array().map(Vec::as_slice).unwrap_or_default();
    items
        .iter()
        .filter_map(Value::as_object)
        .flatten()
        .map(|(name, case)| SwitchCase {
            name: name.clone(),
            when: case.get("when").and_then(text),
            then: case.get("then").and_then(text),
        })
        .collect()
}

fn position(body: &Value) -> Option<Position> {
    let position = body.pointer("/metadata/patchbay/position")?;
    Some(Position { x: position.get("x")?.as_f64()?, y: position.get("y")?.as_f64()? })
}

/// A scalar as text.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

/// An expression without its `${ }`.
fn bare(text: String) -> String {
    expression::inside(&text).map(str::to_owned).unwrap_or(text)
}

fn count(list: &Value) -> usize {
    list.as_array().map_or(0, Vec::len)
}

fn shortened(text: String) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST_SUMMARY) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}
