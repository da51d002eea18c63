//! Edits of a document. Each becomes splices of its text; what comes out is read again, and the edit is refused
//! unless it means exactly what the old text meant with the edit done to it. So an edit either does what it
//! says or nothing.

mod change_operation;
mod draft;
mod names;
mod new_task;
mod parameter;
mod task;

use patchbay_core::catalog::Catalog;
use patchbay_core::workflow::edit::{Edit, EditError, LONGEST_TEXT};
use patchbay_core::workflow::outline::{Pointer, Position};
use serde_json::Value;

use crate::bindings;
use crate::document::Document;
use crate::expression;
use crate::operation;
use crate::walk;
use crate::yaml::Yaml;
use patchbay_texts::t;

pub(crate) use draft::{Draft, Step};
pub(crate) use names::DIRECTIVES;
use task::Place;
pub(crate) use task::leads;

/// A document after an edit.
#[derive(Debug, Clone)]
pub struct Edited {
    /// The document.
    pub document: Document,
    /// What was done, for undo: `Add task “listIssues”`.
    pub words: String,
    /// Tasks that have another name now, as old and new one: their bindings go along.
    pub renamed_tasks: Vec<(String, String)>,
    /// Roles that have another name now, as old and new one.
    pub renamed_roles: Vec<(String, String)>,
}

/// Edits a document. The document given stays as it is.
///
/// # Errors
/// Any [`EditError`]; [`EditError::OnlyInSource`] also where the edit would have changed more than it is about.
pub fn apply(document: &Document, edit: &Edit, catalog: &Catalog) -> Result<Edited, EditError> {
    if let Edit::ReplaceText { text } = edit {
        if text.len() > LONGEST_TEXT {
            return Err(EditError::TooLong);
        }
        return Ok(edited(Document::parse(text.as_str()), t!("Edit the source").to_owned()));
    }
    let mut draft = Draft::of(document)?;
    let mut renamed_tasks = Vec::new();
    let mut renamed_roles = Vec::new();
    let words = match edit {
        Edit::ReplaceText { .. } => String::new(),
        Edit::AddTask { list, index, task } => {
            let name = new_task::add(&mut draft, list, *index, task, catalog)?;
            t!("Add task “{name}”", name)
        }
        Edit::RemoveTask { path } => {
            let place = Place::of(draft.value(), path)?;
            draft.run(path, &[Step::Remove(place.item())])?;
            t!("Remove task “{name}”", name = place.name)
        }
        Edit::MoveTask { path, list, index } => {
            let name = task::relocate(&mut draft, path, list, *index)?;
            t!("Move task “{name}”", name)
        }
        Edit::DuplicateTask { path } => {
            let (name, copy) = task::duplicate(&mut draft, path)?;
            t!("Duplicate task “{name}” as “{copy}”", name, copy)
        }
        Edit::RenameTask { path, name } => {
            let place = Place::of(draft.value(), path)?;
            task::rename(&mut draft, &place, name)?;
            renamed_tasks.push((place.name.clone(), name.clone()));
            t!("Rename task “{name}” to “{new}”", name = place.name, new = name)
        }
        Edit::Set { pointer, value } => {
            draft.run(pointer, &[Step::Set(pointer.clone(), value.clone().into())])?;
            t!("Change {what}", what = described(draft.value(), pointer))
        }
        Edit::Remove { pointer } => {
            let words = t!("Remove {what}", what = described(draft.value(), pointer));
            draft.run(pointer, &[Step::Remove(pointer.clone())])?;
            words
        }
        Edit::SetParameter { path, name, value } => {
            let place = Place::of(draft.value(), path)?;
            parameter::set(&mut draft, path, name, value.as_deref(), catalog)?;
            t!("Change “{name}” of “{task}”", name, task = place.name)
        }
        Edit::SetOperation { path, operation } => {
            let place = Place::of(draft.value(), path)?;
            let (title, new_name) = change_operation::change(&mut draft, &place, operation, catalog)?;
            if let Some(name) = new_name {
                task::rename(&mut draft, &place, &name)?;
                renamed_tasks.push((place.name.clone(), name));
            }
            t!("Change “{name}” to “{title}”", name = place.name, title)
        }
        Edit::SetRole { path, role } => {
            let place = Place::of(draft.value(), path)?;
            names::check_role(role)?;
            let body = place.body(draft.value())?;
            if body.pointer("/metadata/patchbay/connector").is_none() {
                return Err(EditError::NotThere(path.child("metadata").child("patchbay")));
            }
            let steps = role_steps(path, body, role);
            draft.run(path, &steps)?;
            t!("Run “{name}” as “{role}”", name = place.name, role)
        }
        Edit::RenameRole { role, to } => {
            rename_role(&mut draft, role, to, catalog)?;
            renamed_roles.push((role.clone(), to.clone()));
            t!("Rename role “{role}” to “{to}”", role, to)
        }
        Edit::Place { path, position } => {
            let place = Place::of(draft.value(), path)?;
            put(&mut draft, path, *position)?;
            t!("Place task “{name}”", name = place.name)
        }
        Edit::Tidy => {
            let steps: Vec<_> = walk::all(draft.value())
                .iter()
                .filter_map(|task| unplaced(&task.path, task.body))
                .map(Step::Remove)
                .collect();
            draft.run(&Pointer::from("/do"), &steps)?;
            t!("Tidy up").to_owned()
        }
    };
    let mut edited = edited(draft.finish(), words);
    edited.renamed_tasks = renamed_tasks;
    edited.renamed_roles = renamed_roles;
    Ok(edited)
}

fn edited(document: Document, words: String) -> Edited {
    Edited { document, words, renamed_tasks: Vec::new(), renamed_roles: Vec::new() }
}

/// What has to be set for a task to run as a role.
fn role_steps(path: &Pointer, body: &Value, role: &str) -> Vec<Step> {
    let header = operation::header_key(body, operation::CONNECTION);
    vec![
        Step::Set(path.child("with").child("headers").child(header), expression::of_role(role).into()),
        Step::Set(path.child("metadata").child("patchbay").child("role"), role.into()),
    ]
}

fn rename_role(draft: &mut Draft, role: &str, to: &str, catalog: &Catalog) -> Result<(), EditError> {
    names::check_role(to)?;
    if role == to {
        return Ok(());
    }
    let mut steps = Vec::new();
    for task in walk::all(draft.value()) {
        let Some(call) = operation::read(&task, catalog) else { continue };
        if call.role == to {
            return Err(EditError::RoleTaken(to.to_owned()));
        }
        if call.role == role {
            steps.extend(role_steps(&task.path, task.body, to));
        }
    }
    if steps.is_empty() {
        return Err(EditError::Unknown(role.to_owned()));
    }
    let bindings = Pointer::from(bindings::BINDINGS);
    if draft.value().pointer(bindings.child(role).as_str()).is_some() {
        steps.push(Step::Rename(bindings.child(role), to.to_owned()));
    }
    draft.run(&Pointer::from("/do"), &steps)
}

/// Puts a task somewhere on the canvas, or nowhere.
fn put(draft: &mut Draft, path: &Pointer, position: Option<Position>) -> Result<(), EditError> {
    let steps: Vec<_> = match position {
        Some(position) => {
            let pointer = path.child("metadata").child("patchbay").child("position");
            let place = [("x", position.x), ("y", position.y)]
                .map(|(name, value)| (name.to_owned(), Yaml::Value(pixels(value))));
            vec![Step::Set(pointer, Yaml::Flow(place.into()))]
        }
        None => {
            let place = Place::of(draft.value(), path)?;
            unplaced(path, place.body(draft.value())?).map(Step::Remove).into_iter().collect()
        }
    };
    draft.run(path, &steps)
}

/// What to take away so that a task has no place.
fn unplaced(path: &Pointer, body: &Value) -> Option<Pointer> {
    emptied(path, body, &["metadata", "patchbay", "position"])
}

/// What to take away so that a member is gone, if it is there: also mappings around it that would be empty then.
pub(crate) fn emptied(path: &Pointer, value: &Value, steps: &[&str]) -> Option<Pointer> {
    let mut at = value;
    let mut pointer = path.clone();
    let mut first = None;
    for step in steps {
        let members = at.as_object()?;
        at = members.get(*step)?;
        let here = pointer.child(step);
        // The outermost step whose mapping holds other things too is where the cut is.
        if members.len() > 1 || first.is_none() {
            first = Some(here.clone());
        }
        pointer = here;
    }
    first
}

/// A place is kept in whole pixels.
#[expect(clippy::cast_possible_truncation, reason = "rounded, and a cast of a float saturates")]
fn pixels(value: f64) -> Value {
    Value::from(value.round() as i64)
}

/// What a pointer leads to, in words: `“if” of “listIssues”`, `“title”`.
fn described(document: &Value, pointer: &Pointer) -> String {
    let segments = pointer.segments();
    let task = walk::all(document)
        .into_iter()
        .filter(|task| pointer.as_str().starts_with(&format!("{}/", task.path)))
        .max_by_key(|task| task.path.as_str().len());
    match task {
        Some(task) => {
            let member = segments.get(task.path.segments().len()).map_or("", String::as_str);
            t!("“{member}” of “{task}”", member, task = task.name)
        }
        None => format!("“{}”", segments.last().map_or("document", String::as_str)),
    }
}
