//! Bindings inside of a file: those of roles in `document.metadata.patchbay.bindings`, those of single tasks in
//! `document.metadata.patchbay.overrides`. They are there only in a file that was exported with them; the application
//! keeps its own apart.

use patchbay_core::id::InstanceId;
use patchbay_core::workflow::binding::{Binding, Slot};
use patchbay_core::workflow::edit::EditError;
use patchbay_core::workflow::outline::Pointer;
use serde_json::Value;

use crate::document::Document;
use crate::edit::{Draft, Step, emptied};
use crate::yaml::Yaml;

/// Where those of roles stand.
pub(crate) const BINDINGS: &str = "/document/metadata/patchbay/bindings";
/// Where those of single tasks stand.
pub(crate) const OVERRIDES: &str = "/document/metadata/patchbay/overrides";

impl Document {
    /// The bindings that the file has, those of roles first. What is no pair of a name and an id is left out.
    #[must_use]
    pub fn file_bindings(&self) -> Vec<Binding> {
        let pairs = |pointer, slot: fn(String) -> Slot| {
            let pairs = self.value().and_then(|value| value.pointer(pointer)?.as_object());
            let pair = move |(name, id): (&String, &Value)| {
                Some(Binding { slot: slot(name.clone()), instance: id.as_str()?.parse().ok()? })
            };
            pairs.into_iter().flatten().filter_map(pair)
        };
        pairs(BINDINGS, Slot::Role).chain(pairs(OVERRIDES, Slot::Task)).collect()
    }

    /// The same file with these bindings in place of those it has; with none at all, if there are none.
    ///
    /// # Errors
    /// The text is unreadable, or written in a way that leaves no place for them.
    pub fn with_bindings(&self, bindings: &[Binding]) -> Result<Document, EditError> {
        let pair = |name: &String, id: InstanceId| (name.clone(), Yaml::from(id.to_string()));
        let (mut roles, mut tasks) = (Vec::new(), Vec::new());
        for binding in bindings {
            match &binding.slot {
                Slot::Role(role) => roles.push(pair(role, binding.instance)),
                Slot::Task(task) => tasks.push(pair(task, binding.instance)),
            }
        }
        let mut draft = Draft::of(self)?;
        put(&mut draft, BINDINGS, "bindings", roles)?;
        put(&mut draft, OVERRIDES, "overrides", tasks)?;
        Ok(draft.finish())
    }
}

/// Puts pairs in the place of those that are there; no pairs take the place away.
fn put(draft: &mut Draft, at: &str, member: &str, pairs: Vec<(String, Yaml)>) -> Result<(), EditError> {
    let pointer = Pointer::from(at);
    let step = if pairs.is_empty() {
        let Some(value) = draft.value().pointer("/document") else { return Ok(()) };
        match emptied(&Pointer::from("/document"), value, &["metadata", "patchbay", member]) {
            Some(pointer) => Step::Remove(pointer),
            None => return Ok(()),
        }
    } else {
        Step::Set(pointer.clone(), Yaml::Map(pairs))
    };
    draft.run(&pointer, &[step])
}
