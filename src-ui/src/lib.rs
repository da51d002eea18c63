//! The window: a Yew application that shows what the engine knows and asks it for everything else.
//!
//! Only [`ipc`] speaks to the engine; only [`dom`] and [`clock`] touch what the page offers besides Yew.
//! Everything else is components, the hooks they share, and pure state that is tested without a browser.
#![forbid(unsafe_code)]

pub mod app;
pub mod bus;
pub mod clock;
pub mod components;
pub mod count;
pub mod dom;
pub mod hooks;
pub mod icons;
pub mod ipc;
pub mod pages;
pub mod route;
pub mod shared;
pub mod shell;
pub mod state;

/// Mounts the application on the page's body.
///
/// A fault of the window's own is said on the page: what is drawn would otherwise stay, and answer nothing any more.
pub fn run() {
    std::panic::set_hook(Box::new(|fault| dom::say_broken(&fault.to_string())));
    yew::Renderer::<app::App>::new().render();
}
