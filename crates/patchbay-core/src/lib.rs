//! What Patchbay decides, and nothing else: no I/O, no clock, no async. It compiles to wasm, so the window
//! and the engine apply the same rules. Time comes in as an argument; what has to be done goes out as data.
//!
//! In reading order:
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod attempt;
pub mod auth_mode;
pub mod avatar;
pub mod backup;
pub mod callback;
pub mod catalog;
pub mod connection;
pub mod connector;
pub mod form;
pub mod id;
pub mod identity;
pub mod label;
pub mod profile;
pub mod step;
pub mod workflow;
