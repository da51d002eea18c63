//! The keyring as it is: a real gnome-keyring in a session bus of its own.
//!
//! A process opens its keyring once and finds it by the bus in its environment, so each case runs in a child
//! process: this binary again, under `dbus-run-session`, with the case's name.

#[cfg(target_os = "linux")]
mod gnome_keyring;
