//! Documents read, drawn and edited, with the catalogue that is shipped.

mod author;
mod connector_tasks;
mod edits;
mod kit;
mod outline;
mod problems;
mod properties;
mod reading;
mod sample;
#[path = "../../examples/schema.rs"]
#[expect(dead_code, reason = "the example's main is not called here")]
mod schema;
