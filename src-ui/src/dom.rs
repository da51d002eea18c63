//! What the page offers besides Yew: focus, the clipboard, the address, the window's size, the theme.
//!
//! Off wasm every function does nothing, so that components can be rendered to text in tests.

use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::NodeRef;

fn window() -> Option<web_sys::Window> {
    if cfg!(target_arch = "wasm32") { web_sys::window() } else { None }
}

fn document() -> Option<web_sys::Document> {
    window()?.document()
}

/// Moves the focus to an element.
pub fn focus(node: &NodeRef) {
    if let Some(element) = node.cast::<HtmlElement>() {
        // An element that cannot take the focus leaves it where it is.
        drop(element.focus());
    }
}

/// Moves the focus to the element with this id, and tells whether there is one.
pub fn focus_id(id: &str) -> bool {
    let element = document().and_then(|document| document.get_element_by_id(id));
    match element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        Some(element) => element.focus().is_ok(),
        None => false,
    }
}

/// Moves the focus to the row of a grid that the keyboard was at last.
pub fn focus_current_row() {
    let row =
        document().and_then(|document| document.query_selector("[role=row][tabindex='0']").ok()).flatten();
    if let Some(row) = row.and_then(|row| row.dyn_into::<HtmlElement>().ok()) {
        drop(row.focus());
    }
}

/// Selects the text of an input.
pub fn select(node: &NodeRef) {
    if let Some(input) = node.cast::<web_sys::HtmlInputElement>() {
        input.select();
    }
}

/// Names the document.
pub fn set_title(title: &str) {
    if let Some(document) = document() {
        document.set_title(title);
    }
}

/// Fixes the theme, or leaves it to the system.
pub fn set_theme(theme: Option<&str>) {
    let Some(root) = document().and_then(|document| document.document_element()) else { return };
    // Neither can fail for a valid attribute name.
    match theme {
        Some(theme) => drop(root.set_attribute("data-theme", theme)),
        None => drop(root.remove_attribute("data-theme")),
    }
}

/// The part of the address after `#`.
#[must_use]
pub fn hash() -> String {
    window().and_then(|window| window.location().hash().ok()).unwrap_or_default()
}

/// The window's inner height in CSS pixels.
#[must_use]
pub fn window_height() -> f64 {
    window().and_then(|window| window.inner_height().ok()).and_then(|height| height.as_f64()).unwrap_or(800.0)
}

/// Copies a text; `on_done` hears whether it worked.
pub fn copy(text: &str, on_done: impl FnOnce(bool) + 'static) {
    let Some(window) = window() else { return };
    let promise = window.navigator().clipboard().write_text(text);
    wasm_bindgen_futures::spawn_local(async move {
        on_done(wasm_bindgen_futures::JsFuture::from(promise).await.is_ok());
    });
}

/// Calls a handler at an event of the window, until it is dropped.
pub struct WindowListener {
    name: &'static str,
    handler: wasm_bindgen::closure::Closure<dyn FnMut()>,
}

impl WindowListener {
    /// Begins to listen.
    #[must_use]
    pub fn new(name: &'static str, handler: impl FnMut() + 'static) -> Option<Self> {
        let window = window()?;
        let handler = wasm_bindgen::closure::Closure::<dyn FnMut()>::new(handler);
        window.add_event_listener_with_callback(name, handler.as_ref().unchecked_ref()).ok()?;
        Some(Self { name, handler })
    }
}

impl Drop for WindowListener {
    fn drop(&mut self) {
        if let Some(window) = window() {
            drop(
                window.remove_event_listener_with_callback(self.name, self.handler.as_ref().unchecked_ref()),
            );
        }
    }
}
