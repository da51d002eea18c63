//! Hooks: asking the engine, hearing what is stale, and small things components share.

mod use_action;
mod use_announced;
mod use_app_event;
mod use_candidates;
mod use_command;
mod use_connections;
mod use_copy;
mod use_debounced;
mod use_document;
mod use_id;
mod use_language;
mod use_parts;
mod use_remembered;
mod use_steady;
mod use_trials;
mod use_window_key;
mod use_zoom;

pub use use_action::{Action, use_action, use_action_or};
pub use use_announced::use_announced;
pub use use_app_event::use_app_event;
pub use use_candidates::{Candidates, use_candidates};
pub use use_command::{Read, use_command};
pub use use_connections::{Connections, use_connections};
pub use use_copy::use_copy;
pub use use_debounced::use_debounced;
pub use use_document::{Document, Outcome, Wish, use_document};
pub use use_id::use_id;
pub use use_language::use_language;
pub use use_parts::use_parts;
pub use use_remembered::{Remembered, use_remembered};
pub use use_steady::use_steady;
pub use use_trials::{Testing, use_trials};
pub use use_window_key::use_window_key;
pub use use_zoom::use_zoom;
