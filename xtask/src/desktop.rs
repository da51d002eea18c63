//! A desktop of one's own: a virtual display, a home, a session bus and a keyring, apart from those of
//! whoever is logged in. `cargo xtask run` uses it where there is no display, the driver tests always do.

mod background;
mod bus;
mod display;
mod home;
mod keyring;
mod picture;

pub use background::Background;
pub use bus::SessionBus;
pub use display::Display;
pub use home::Home;
pub use keyring::Keyring;
pub use picture::Picture;

use std::process::Command;

/// Points a program at a private desktop instead of the one it would inherit.
pub fn enter(command: &mut Command, display: &Display, home: &Home, bus: &SessionBus) {
    home.apply(command);
    command.env("DISPLAY", display.name()).env("DBUS_SESSION_BUS_ADDRESS", bus.address());
}
