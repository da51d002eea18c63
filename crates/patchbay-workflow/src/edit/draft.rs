//! A document in the making: steps, each checked.

use patchbay_core::workflow::edit::{EditError, LONGEST_TEXT};
use patchbay_core::workflow::outline::Pointer;
use serde_json::{Map, Value};

use crate::document::Document;
use crate::yaml::{Refusal, Splice, Splicer, Yaml};

/// One step of an edit.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// A member gets a value; what has to be there for it is made.
    Set(Pointer, Yaml),
    /// A member or item goes.
    Remove(Pointer),
    /// An item is put into a list, before the one at the index or at the end.
    Insert(Pointer, usize, Yaml),
    /// A member gets another name.
    Rename(Pointer, String),
    /// A copy of an item goes into its own list, before the one at the index.
    Copy(Pointer, Pointer, usize),
    /// An item of one list goes into another, before the one at the index there, counted with it still in place.
    Move(Pointer, Pointer, usize),
}

/// A document that is being edited. It is readable.
pub(crate) struct Draft {
    document: Document,
    value: Value,
}

impl Draft {
    pub(crate) fn of(document: &Document) -> Result<Self, EditError> {
        let unreadable = || EditError::Unreadable { line: document.broken_line() };
        let value = document.value().cloned().ok_or_else(unreadable)?;
        Ok(Self { document: document.clone(), value })
    }

    pub(crate) fn value(&self) -> &Value {
        &self.value
    }

    pub(crate) fn finish(self) -> Document {
        self.document
    }

    /// Does steps that do not touch each other, all of them or none. `about` is what is named where that cannot
    /// be done.
    ///
    /// Pointers are those before the steps; a step that moves others has to come last.
    pub(crate) fn run(&mut self, about: &Pointer, steps: &[Step]) -> Result<(), EditError> {
        let mut expected = self.value.clone();
        for step in steps {
            mean(&mut expected, step).ok_or_else(|| EditError::NotThere(step.pointer().clone()))?;
        }
        if expected == self.value {
            return Ok(());
        }
        let only_in_source = || EditError::OnlyInSource(about.clone());
        let reading = self.document.reading().map_err(|_| only_in_source())?;
        let splicer = Splicer::new(self.document.text(), &reading.tree);
        let mut splices = Vec::new();
        for step in steps {
            splices.extend(self.splices(&splicer, step).map_err(|refusal| match refusal {
                Refusal::NotThere => EditError::NotThere(step.pointer().clone()),
                Refusal::Style => only_in_source(),
            })?);
        }
        let text = Splice::apply(self.document.text(), splices).ok_or_else(only_in_source)?;
        if text.len() > LONGEST_TEXT {
            return Err(EditError::TooLong);
        }
        let document = Document::parse(text);
        let remarks = document.reading().map(|reading| reading.remarks.len());
        if document.value() != Some(&expected) || remarks.ok() != Some(reading.remarks.len()) {
            return Err(only_in_source());
        }
        self.document = document;
        self.value = expected;
        Ok(())
    }

    fn splices(&self, splicer: &Splicer<'_>, step: &Step) -> Result<Vec<Splice>, Refusal> {
        let owned = step.pointer().segments();
        let segments: Vec<_> = owned.iter().map(String::as_str).collect();
        match step {
            Step::Set(pointer, yaml) => {
                if self.value.pointer(pointer.as_str()) == Some(&yaml.value()) {
                    return Ok(Vec::new());
                }
                splicer.set(&segments, yaml.clone(), before(&segments))
            }
            Step::Remove(_) => splicer.remove(&segments),
            Step::Insert(_, index, yaml) => splicer.insert(&segments, *index, yaml.clone()),
            Step::Rename(_, name) => splicer.rename(&segments, name),
            Step::Copy(pointer, list, index) | Step::Move(pointer, list, index) => {
                let value = self.value.pointer(pointer.as_str()).cloned().ok_or(Refusal::NotThere)?;
                let item = splicer.item(&segments, value)?;
                let list = list.segments();
                let list: Vec<_> = list.iter().map(String::as_str).collect();
                let mut splices = splicer.insert(&list, *index, item)?;
                if matches!(step, Step::Move(..)) {
                    splices.extend(splicer.remove(&segments)?);
                }
                Ok(splices)
            }
        }
    }
}

impl Step {
    fn pointer(&self) -> &Pointer {
        match self {
            Step::Set(pointer, _)
            | Step::Remove(pointer)
            | Step::Insert(pointer, ..)
            | Step::Rename(pointer, _)
            | Step::Copy(pointer, ..)
            | Step::Move(pointer, ..) => pointer,
        }
    }
}

/// Members before which a new one is put, so that a document reads as its authors write it.
fn before(segments: &[&str]) -> &'static [&'static str] {
    match segments {
        ["use", ..] => &["do"],
        ["input" | "document", ..] => &["use", "do"],
        [.., "if"] => &["*"],
        [.., "with", "headers", _] | [.., "with", "headers"] => &["query", "body", "output", "redirect"],
        [.., "with", "query", _] | [.., "with", "query"] => &["body", "output", "redirect"],
        [.., "metadata", _] | [.., "metadata", _, _] | [.., "metadata"] => &[],
        [.., "then"] => &["metadata"],
        _ => &["then", "metadata"],
    }
}

/// What a step means for the document's value; nothing where it means nothing.
fn mean(value: &mut Value, step: &Step) -> Option<()> {
    match step {
        Step::Set(pointer, yaml) => set(value, &pointer.segments(), yaml.value()),
        Step::Remove(pointer) => {
            let (last, parent) = (pointer.segments().pop()?, pointer.parent()?);
            match value.pointer_mut(parent.as_str())? {
                Value::Object(members) => members.remove(&last).map(|_| ()),
                Value::Array(items) => {
                    let index = last.parse().ok().filter(|index| *index < items.len())?;
                    items.remove(index);
                    Some(())
                }
                _ => None,
            }
        }
        Step::Insert(pointer, index, yaml) => insert(value, pointer, *index, yaml.value()),
        Step::Rename(pointer, name) => {
            let (last, parent) = (pointer.segments().pop()?, pointer.parent()?);
            let members = value.pointer_mut(parent.as_str())?.as_object_mut()?;
            let moved = members.remove(&last)?;
            members.insert(name.clone(), moved);
            Some(())
        }
        Step::Copy(pointer, list, index) => {
            let copy = value.pointer(pointer.as_str())?.clone();
            insert(value, list, *index, copy)
        }
        Step::Move(pointer, list, index) => {
            // A mark stays in its place until the other place was found.
            let mark = Value::String("\u{0}moved".to_owned());
            let moved = std::mem::replace(value.pointer_mut(pointer.as_str())?, mark.clone());
            insert(value, list, *index, moved)?;
            forget(value, &mark).then_some(())
        }
    }
}

/// Takes the item that is the mark away, wherever it stands by now.
fn forget(value: &mut Value, mark: &Value) -> bool {
    match value {
        Value::Array(items) => match items.iter().position(|item| item == mark) {
            Some(at) => {
                items.remove(at);
                true
            }
            None => items.iter_mut().any(|item| forget(item, mark)),
        },
        Value::Object(members) => members.values_mut().any(|member| forget(member, mark)),
        _ => false,
    }
}

fn insert(value: &mut Value, list: &Pointer, index: usize, item: Value) -> Option<()> {
    match value.pointer_mut(list.as_str()) {
        Some(Value::Array(items)) => {
            let index = index.min(items.len());
            items.insert(index, item);
            Some(())
        }
        None | Some(Value::Null) => set(value, &list.segments(), Value::Array(vec![item])),
        Some(_) => None,
    }
}

fn set(at: &mut Value, segments: &[String], new: Value) -> Option<()> {
    let Some((first, rest)) = segments.split_first() else {
        *at = new;
        return Some(());
    };
    if at.is_null() {
        *at = Value::Object(Map::new());
    }
    match at {
        Value::Object(members) => set(members.entry(first.clone()).or_insert(Value::Null), rest, new),
        Value::Array(items) => {
            let index = if first == "-" { items.len() } else { first.parse().ok()? };
            if index == items.len() {
                items.push(Value::Null);
            }
            set(items.get_mut(index)?, rest, new)
        }
        _ => None,
    }
}
