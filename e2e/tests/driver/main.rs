//! The built application in a real window, from the first start to the last click. Each test has a desktop
//! of its own; elements are found by role and name only, as they are promised to people and programs.

mod axe;
mod steps;

/// The name by which `cargo xtask test` tells these from the other tests of the workspace.
mod in_the_window {
    mod accessibility;
    mod bad_input;
    mod bridge;
    mod browser_mode;
    mod deep_link;
    mod editor;
    mod every_mode;
    mod faults;
    mod first_run;
    mod flood;
    mod form;
    mod hostile;
    mod keyboard;
    mod kill;
    mod kill_anywhere;
    mod kill_run;
    mod language;
    mod palette;
    mod permissions;
    mod recovery;
    mod self_tests;
    mod sizes;
    mod starts;
    mod whole_life;
    mod workflow;
}
