//! Bindings inside of a file: `document.metadata.patchbay.bindings`. They are there only in a file that was
//! exported with them; the application keeps its own apart.

use patchbay_core::id::InstanceId;
use patchbay_core::workflow::edit::EditError;
use patchbay_core::workflow::outline::Pointer;
use serde_json::Value;

use crate::document::Document;
use crate::edit::{Draft, Step, emptied};
use crate::yaml::Yaml;

/// Where they stand.
pub(crate) const BINDINGS: &str = "/document/metadata/patchbay/bindings";

impl Document {
    /// The bindings that the file has: role and connection. What is no such pair is left out.
    #[must_use]
    pub fn file_bindings(&self) -> Vec<(String, InstanceId)> {
        let bindings = self.value().and_then(|value| value.pointer(BINDINGS)?.as_object());
        let pair = |(role, id): (&String, &Value)| Some((role.clone(), id.as_str()?.parse().ok()?));
        bindings.into_iter().flatten().filter_map(pair).collect()
    }

    /// The same file with these bindings in place of those it has; with none at all, if there are none.
    ///
    /// # Errors
    /// The text is unreadable, or written in a way that leaves no place for them.
    pub fn with_bindings(&self, bindings: &[(String, InstanceId)]) -> Result<Document, EditError> {
        let mut draft = Draft::of(self)?;
        let pointer = Pointer::from(BINDINGS);
        let step = if bindings.is_empty() {
            let Some(value) = draft.value().pointer("/document") else { return Ok(self.clone()) };
            match emptied(&Pointer::from("/document"), value, &["metadata", "patchbay", "bindings"]) {
                Some(pointer) => Step::Remove(pointer),
                None => return Ok(self.clone()),
            }
        } else {
            let pairs =
                bindings.iter().map(|(role, id)| (role.clone(), Yaml::from(id.to_string()))).collect();
            Step::Set(pointer.clone(), Yaml::Map(pairs))
        };
        draft.run(&pointer, &[step])?;
        Ok(draft.finish())
    }
}
