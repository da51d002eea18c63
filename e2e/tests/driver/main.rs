//! The built application in a real window, from the first start to the last click. Each test has a desktop
//! of its own; elements are found by role and name only, as DESIGN promises them to people and programs.

mod bad_input;
mod bridge;
mod browser_mode;
mod deep_link;
mod first_run;
mod form;
mod kill;
mod permissions;
mod steps;
