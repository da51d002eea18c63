//! The harness of the driver tests: a desktop of its own for every test, the built application in it, a real
//! browser beside it, and a sandbox that answers as Nango does.
//!
//! In reading order:
//! - [`programs`]: where the built programs are;
//! - [`stage`]: one test's desktop, and what is kept of it when the test fails;
//! - [`links`]: how links leave the application and come back to it;
//! - [`webdriver`], [`application`], [`window`], [`keyboard`], [`browser`]: starting and driving the two windows;
//! - [`screen`]: their windows as the display has them;
//! - [`server`], [`wiretap`], [`robot`], [`http`]: the sandbox, the wire to it, and who gives consent in place
//!   of a person;
//! - [`scene`]: a window with something in it;
//! - [`traces`]: looking for secrets where none may be;
//! - [`wait`]: polling with a deadline.

pub mod application;
pub mod browser;
pub mod http;
pub mod keyboard;
pub mod links;
pub mod programs;
pub mod robot;
pub mod scene;
pub mod screen;
pub mod server;
pub mod stage;
pub mod traces;
pub mod wait;
pub mod webdriver;
pub mod window;
pub mod wiretap;
