//! The store on a real SQLite database.

mod attempts;
mod backup;
mod connections;
mod providers;
mod runs;
mod sample;
mod schema;
mod separation;
mod workflows;
