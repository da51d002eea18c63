//! Documents read, drawn and edited, with the catalogue that is shipped.

mod connector_tasks;
mod edits;
mod outline;
mod properties;
mod reading;
mod sample;
