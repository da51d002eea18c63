//! The contract between the window and the engine. Both compile against these types, so they cannot drift.
//!
//! Core *values* (ids, enums) cross as they are; stored rows do not, views do. Nothing that leaves the
//! engine can hold a secret: secrets only travel inwards, as [`SecretInput`].
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod bulk;
mod catalog;
mod command;
mod connect;
mod connections;
mod event;
mod failure;
mod profiles;
mod runs;
mod secret_input;
mod settings;
mod setup;
mod workflows;

pub use bulk::*;
pub use catalog::*;
pub use command::Command;
pub use connect::*;
pub use connections::*;
pub use event::*;
pub use failure::*;
pub use profiles::*;
pub use runs::*;
pub use secret_input::SecretInput;
pub use settings::*;
pub use setup::*;
pub use workflows::*;
