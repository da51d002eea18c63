//! What the window decides by itself: pure values and reducers, tested without a browser.

pub mod attention;
pub mod catalogue;
pub mod choice;
pub mod combobox;
pub mod commands;
pub mod connect;
pub mod find;
pub mod flow;
pub mod json;
pub mod loadable;
pub mod pages;
pub mod palette;
pub mod profile_form;
pub mod run_chart;
pub mod selection;
pub mod source;
pub mod task_form;
pub mod toasts;
pub mod trials;
pub mod zoom;
