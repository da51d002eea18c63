//! What the window decides by itself: pure values and reducers, tested without a browser.

pub mod attention;
pub mod catalogue;
pub mod connect;
pub mod loadable;
pub mod pages;
pub mod profile_form;
pub mod toasts;
pub mod trials;
