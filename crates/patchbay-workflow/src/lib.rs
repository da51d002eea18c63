//! The text of a workflow's document: read, checked, and edited without losing a byte of what an edit is not
//! about. What a document can say is `patchbay_core::workflow`; this is the machinery, which is kept out of
//! the core because the core compiles to wasm, and the window has no use for a YAML parser and a JSON schema:
//! it asks the engine.
//!
//! In reading order:
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod bindings;
mod document;
mod edit;
mod expression;
mod jq;
mod operation;
mod outline;
mod problems;
mod walk;
mod yaml;

pub use document::Document;
pub use edit::{Edited, apply};
