//! Tasks as wholes: where they are, and moving, copying and renaming them.

use std::collections::HashSet;

use patchbay_core::workflow::edit::EditError;
use patchbay_core::workflow::outline::Pointer;
use serde_json::Value;

use super::draft::{Draft, Step};
use super::{names, unplaced};
use crate::bindings::OVERRIDES;
use crate::walk;

/// Where a task stands.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) list: Pointer,
    pub(super) index: usize,
    pub(super) name: String,
}

impl Place {
    /// The place of the task at a path such as `/do/0/getPet`, if it is there.
    pub(super) fn of(document: &Value, path: &Pointer) -> Result<Self, EditError> {
        let not_there = || EditError::NotThere(path.clone());
        let mut segments = path.segments();
        let name = segments.pop().ok_or_else(not_there)?;
        let index = segments.pop().and_then(|index| index.parse().ok()).ok_or_else(not_there)?;
        let list = path.parent().and_then(|item| item.parent()).ok_or_else(not_there)?;
        let items = document.pointer(list.as_str()).and_then(Value::as_array).ok_or_else(not_there)?;
        let item = items.get(index).and_then(Value::as_object).ok_or_else(not_there)?;
        if !item.contains_key(&name) {
            return Err(not_there());
        }
        if item.len() > 1 {
            return Err(EditError::OnlyInSource(path.clone()));
        }
        Ok(Self { list, index, name })
    }

    /// The item of the list that the task is.
    pub(super) fn item(&self) -> Pointer {
        self.list.child(self.index)
    }

    pub(super) fn path(&self) -> Pointer {
        self.item().child(&self.name)
    }

    pub(super) fn body<'a>(&self, document: &'a Value) -> Result<&'a Value, EditError> {
        let path = self.path();
        document.pointer(path.as_str()).ok_or(EditError::NotThere(path))
    }

    /// The tasks of the same list.
    fn siblings<'a>(&self, document: &'a Value) -> Vec<walk::Task<'a>> {
        document.pointer(self.list.as_str()).map(|list| walk::tasks(list, &self.list)).unwrap_or_default()
    }
}

/// The names that tasks of a document have.
pub(super) fn all_names(document: &Value) -> HashSet<&str> {
    walk::all(document).iter().map(|task| task.name).collect()
}

/// Gives a task another name, also wherever a `then` of its list leads to it and where the file binds it.
pub(super) fn rename(draft: &mut Draft, place: &Place, name: &str) -> Result<(), EditError> {
    names::check_task(name)?;
    if place.name == name {
        return Ok(());
    }
    let siblings = place.siblings(draft.value());
    if siblings.iter().any(|task| task.name == name) {
        return Err(EditError::NameTaken(name.to_owned()));
    }
    let mut steps: Vec<_> = siblings
        .iter()
        .flat_map(|task| leads(&task.path, task.body))
        .filter(|(_, target)| *target == place.name)
        .map(|(pointer, _)| Step::Set(pointer, name.into()))
        .collect();
    let kept = Pointer::from(OVERRIDES).child(&place.name);
    if draft.value().pointer(kept.as_str()).is_some() {
        steps.push(Step::Rename(kept, name.to_owned()));
    }
    steps.push(Step::Rename(place.path(), name.to_owned()));
    draft.run(&place.path(), &steps)
}

/// Where a task says what comes next within its list, with what it says.
pub(crate) fn leads<'a>(path: &Pointer, body: &'a Value) -> Vec<(Pointer, &'a str)> {
    let mut leads = Vec::new();
    let mut take = |pointer: Pointer, value: Option<&'a Value>| {
        if let Some(then) = value.and_then(Value::as_str) {
            leads.push((pointer, then));
        }
    };
    take(path.child("then"), body.get("then"));
    take(path.child("catch").child("then"), body.pointer("/catch/then"));
    let cases = body.get("switch").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for (index, case) in cases.iter().enumerate() {
        for (name, case) in case.as_object().into_iter().flatten() {
            take(path.child("switch").child(index).child(name).child("then"), case.get("then"));
        }
    }
    leads
}

/// Moves a task; `index` does not count it. Gives its name.
pub(super) fn relocate(
    draft: &mut Draft,
    path: &Pointer,
    list: &Pointer,
    index: u32,
) -> Result<String, EditError> {
    let place = Place::of(draft.value(), path)?;
    if list == path || list.as_str().starts_with(&format!("{path}/")) {
        return Err(EditError::IntoItself);
    }
    let mut index = index as usize;
    if *list == place.list {
        if index == place.index {
            return Ok(place.name);
        }
        if index > place.index {
            index += 1;
        }
    } else if let Some(there) = draft.value().pointer(list.as_str())
        && walk::tasks(there, list).iter().any(|task| task.name == place.name)
    {
        return Err(EditError::NameTaken(place.name));
    }
    draft.run(path, &[Step::Move(place.item(), list.clone(), index)])?;
    Ok(place.name)
}

/// Copies a task and puts the copy behind it. Gives both names.
///
/// The copy and the tasks inside it get new names, because bindings go by name, and no place on the canvas, where
/// they would hide what was copied.
pub(super) fn duplicate(draft: &mut Draft, path: &Pointer) -> Result<(String, String), EditError> {
    let place = Place::of(draft.value(), path)?;
    draft.run(path, &[Step::Copy(place.item(), place.list.clone(), place.index + 1)])?;
    let mut copy = Copy {
        taken: all_names(draft.value()).into_iter().map(str::to_owned).collect(),
        steps: Vec::new(),
        renames: Vec::new(),
    };
    let siblings = place.siblings(draft.value());
    let task = siblings.get(place.index + 1).ok_or_else(|| EditError::NotThere(path.clone()))?;
    let name = copy.named(task.name);
    copy.task(task, &name);
    // A new name changes where everything inside stands, so the innermost comes first and all others before.
    let mut steps = copy.steps;
    steps.extend(copy.renames.into_iter().rev());
    draft.run(path, &steps)?;
    Ok((place.name, name))
}

/// What has to be done to a copy.
struct Copy {
    taken: HashSet<String>,
    steps: Vec<Step>,
    /// Outer ones before inner ones.
    renames: Vec<Step>,
}

impl Copy {
    fn named(&mut self, name: &str) -> String {
        let new = names::unique(name, |name| self.taken.contains(name));
        self.taken.insert(new.clone());
        new
    }

    fn task(&mut self, task: &walk::Task<'_>, name: &str) {
        self.renames.push(Step::Rename(task.path.clone(), name.to_owned()));
        self.steps.extend(unplaced(&task.path, task.body).map(Step::Remove));
        for inner in task.inner() {
            let Some(list) = inner.list else { continue };
            let tasks = walk::tasks(list, &inner.pointer);
            let new: Vec<_> = tasks.iter().map(|task| self.named(task.name)).collect();
            for (task, name) in tasks.iter().zip(&new) {
                for (pointer, then) in leads(&task.path, task.body) {
                    if let Some(at) = tasks.iter().position(|task| task.name == then) {
                        self.steps.push(Step::Set(pointer, new[at].as_str().into()));
                    }
                }
                self.task(task, name);
            }
        }
    }
}
