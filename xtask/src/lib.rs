//! The project's own tooling: what `cargo xtask` does, one module per command, and the pieces they share.
//!
//! In reading order:
//! - [`step`]: every piece of work says what it is and how long it took;
//! - [`process`]: other programs, started so that nothing of this one leaks into them;
//! - [`project`]: where things are;
//! - [`wasm`] and [`ui`]: the window's code, from source to `dist/`;
//! - [`system`] and [`setup`]: what the machine needs;
//! - [`app`]: the application's own build;
//! - [`desktop`]: a display, a session bus and a home of one's own;
//! - `tool`: programs from crates.io;
//! - [`run`], [`mod@test`], [`mod@bench`], [`screenshots`], [`texts`], [`bundle`]: the commands built from these.

pub mod app;
pub mod bench;
pub mod bundle;
pub mod desktop;
pub mod fuzz;
pub mod process;
pub mod project;
pub mod run;
pub mod screenshots;
pub mod setup;
pub mod step;
pub mod system;
pub mod test;
pub mod texts;
mod tool;
pub mod ui;
pub mod wasm;
