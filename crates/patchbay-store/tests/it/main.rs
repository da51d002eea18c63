//! The store on a real SQLite database.

mod attempts;
mod connections;
mod providers;
mod sample;
mod schema;
mod workflows;
