//! What goes beyond the schema: names that lead nowhere, expressions that cannot be evaluated, kinds of task that
//! are not run here.

use std::collections::{HashMap, HashSet};

use patchbay_core::catalog::Catalog;
use patchbay_core::id::ConnectorSlug;
use patchbay_core::workflow::outline::{ListRole, Pointer, TaskKind};
use patchbay_core::workflow::problem::Severity;
use serde_json::Value;

use super::Problems;
use super::connectors;
use super::expressions;
use super::schema::nearest;
use crate::document::Document;
use crate::edit::{DIRECTIVES, leads};
use crate::walk::{self, Task};
use patchbay_texts::{mark, t, text};

/// What is known while a document is walked through.
pub(super) struct Profile<'a, 'b> {
    pub(super) problems: &'b mut Problems<'a>,
    pub(super) catalog: &'a Catalog,
    document: &'a Value,
    /// Names of tasks seen so far.
    names: HashSet<&'a str>,
    /// Roles seen so far, with the connector and the task that used them first.
    pub(super) roles: HashMap<String, (ConnectorSlug, String)>,
    /// Whether expressions are jq, which is the one language known here.
    is_jq: bool,
}

pub(super) fn check<'a>(problems: &mut Problems<'a>, catalog: &'a Catalog) {
    let document: &'a Document = problems.document;
    let Some(document) = document.value() else { return };
    let language = document.pointer("/evaluate/language").and_then(Value::as_str);
    let mut profile = Profile {
        problems,
        catalog,
        document,
        names: HashSet::new(),
        roles: HashMap::new(),
        is_jq: language.is_none_or(|language| language == "jq"),
    };
    profile.head(language);
    if let Some(list) = document.get("do") {
        profile.list(list, &Pointer::from("/do"), &[], false);
    }
}

impl<'a> Profile<'a, '_> {
    fn head(&mut self, language: Option<&str>) {
        if let Some(language) = language.filter(|_| !self.is_jq) {
            let message = t!("Expressions in “{language}” are not evaluated here, only jq.", language);
            self.say(Severity::NotRunHere, &Pointer::from("/evaluate/language"), message);
        }
        if self.document.get("schedule").is_some() {
            let message =
                t!("Schedules are for other engines: here a workflow runs when somebody starts it.");
            self.say(Severity::Warning, &Pointer::from("/schedule"), message.to_owned());
        }
        let Some(members) = self.document.as_object() else { return };
        for (name, value) in members.iter().filter(|(name, _)| !matches!(name.as_str(), "do" | "document")) {
            let at = Pointer::default().child(name);
            self.expressions(value, &at, &[name], &[]);
        }
    }

    pub(super) fn say(&mut self, severity: Severity, pointer: &Pointer, message: String) {
        self.problems.about(severity, pointer, message);
    }

    fn expressions(&mut self, value: &Value, at: &Pointer, steps: &[&str], variables: &[String]) {
        if self.is_jq {
            expressions::check(self.problems, value, at, steps, variables);
        }
    }

    fn list(&mut self, list: &'a Value, pointer: &Pointer, variables: &[String], are_branches: bool) {
        let tasks = walk::tasks(list, pointer);
        let names: Vec<_> = tasks.iter().map(|task| task.name).collect();
        for task in &tasks {
            self.task(task, if are_branches { &[] } else { &names }, variables);
        }
    }

    fn task(&mut self, task: &Task<'a>, siblings: &[&str], variables: &[String]) {
        if !self.names.insert(task.name) {
            let message = t!(
                "Another task is called “{name}” too: a connection chosen for one of them is chosen for both.",
                name = task.name
            );
            self.say(Severity::Warning, &task.path, message);
        }
        if task.kind.is_refused_at_run() && task.kind != TaskKind::Unknown {
            let what = match task.body.get("call").and_then(Value::as_str) {
                Some(call) => format!("“call: {call}”"),
                None => format!("“{}”", if task.kind == TaskKind::Listen { "listen" } else { "run" }),
            };
            let message = t!("{what} is kept, and not run here: a run that reaches it ends there.", what);
            self.say(Severity::NotRunHere, &task.path, message);
        }
        for (pointer, then) in leads(&task.path, task.body) {
            if !DIRECTIVES.contains(&then) && !siblings.contains(&then) {
                let hint =
                    nearest(then, siblings).map(|near| format!(" {}", t!("Did you mean “{near}”?", near)));
                let hint = hint.unwrap_or_default();
                let message = format!(
                    "{}{hint}",
                    t!("This leads to “{then}”, and no task of the same list is called so.", then)
                );
                self.say(Severity::Error, &pointer, message);
            }
        }
        self.references(task);
        connectors::check(self, task);

        // Inside of its lists a task can have more variables.
        let name = |pointer: &str, default: &str| {
            task.body.pointer(pointer).and_then(Value::as_str).unwrap_or(default).to_owned()
        };
        let mut within = variables.to_vec();
        match task.kind {
            TaskKind::For => within.extend([name("/for/each", "item"), name("/for/at", "index")]),
            TaskKind::Try => within.push(name("/catch/as", "error")),
            TaskKind::Listen => within.extend([name("/foreach/item", "item"), name("/foreach/at", "index")]),
            _ => {}
        }
        for (member, value) in task.body.as_object().into_iter().flatten() {
            let has_more = matches!(member.as_str(), "catch" | "while" | "foreach");
            let variables = if has_more { &within } else { variables };
            self.expressions(value, &task.path.child(member), &[member], variables);
        }
        for inner in task.inner() {
            let Some(list) = inner.list else { continue };
            let variables = if inner.role == ListRole::Try { variables } else { &within };
            let are_branches = matches!(inner.role, ListRole::Branches | ListRole::Competing);
            self.list(list, &inner.pointer, variables, are_branches);
        }
    }

    /// Names that stand for something under `use`.
    fn references(&mut self, task: &Task<'_>) {
        const REFERENCES: [(&str, &str, &str); 5] = [
            ("/timeout", "timeouts", mark!("timeout")),
            ("/raise/error", "errors", mark!("error")),
            ("/catch/retry", "retries", mark!("retry policy")),
            ("/with/endpoint/authentication/use", "authentications", mark!("authentication")),
            ("/with/authentication/use", "authentications", mark!("authentication")),
        ];
        for (pointer, group, what) in REFERENCES {
            let Some(name) = task.body.pointer(pointer).and_then(Value::as_str) else { continue };
            let known = self.document.pointer(&format!("/use/{group}")).and_then(Value::as_object);
            if known.is_some_and(|known| known.contains_key(name)) {
                continue;
            }
            let at = Pointer::from(format!("{}{pointer}", task.path));
            let message = t!(
                "There is no {what} called “{name}” under “use: {group}:”.",
                what = text(what),
                name,
                group
            );
            self.say(Severity::Error, &at, message);
        }
    }
}
