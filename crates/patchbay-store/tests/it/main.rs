//! The store on a real SQLite database.

mod attempts;
mod connections;
mod sample;
mod schema;
