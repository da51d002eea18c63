//! What the page offers besides Yew: focus, the clipboard, the address, the window's size, the theme.
//!
//! Off wasm every function does nothing, so that components can be rendered to text in tests.

use patchbay_texts::t;
use wasm_bindgen::JsCast;
use web_sys::{
    DragEvent, Element, Event, File, FileList, HtmlElement, HtmlInputElement, HtmlTextAreaElement,
};
use yew::NodeRef;

/// What the mark of a usable page is called.
const USABLE: &str = "usable";

fn window() -> Option<web_sys::Window> {
    if cfg!(target_arch = "wasm32") { web_sys::window() } else { None }
}

fn document() -> Option<web_sys::Document> {
    window()?.document()
}

/// Says on top of everything that the window has stopped, and how to go on. Uses nothing that could have stopped too.
pub fn say_broken(detail: &str) {
    let Some(document) = document() else { return };
    let Some(body) = document.body() else { return };
    let (Ok(notice), Ok(again)) = (document.create_element("p"), document.create_element("a")) else {
        return;
    };
    let words = t!(
        "The window has stopped because of a fault of its own. Everything that was saved is still there. ({detail}) ",
        detail
    );
    notice.set_text_content(Some(&words));
    again.set_text_content(Some(t!("Load the window again")));
    // That it cannot be said is all that could go wrong here.
    drop(notice.set_attribute("role", "alert"));
    drop(notice.set_attribute("class", "boot-failure"));
    drop(again.set_attribute("href", "index.html"));
    drop(notice.append_child(&again));
    drop(body.append_child(&notice));
}

/// The id of the region whose words are read aloud.
pub const ANNOUNCEMENTS: &str = "announcements";

/// Has words read aloud as soon as nothing else is.
pub fn announce(words: &str) {
    if let Some(region) = document().and_then(|document| document.get_element_by_id(ANNOUNCEMENTS)) {
        region.set_text_content(Some(words));
    }
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

/// Moves the focus to the element with this id and scrolls nothing; whoever calls brings it into sight.
pub fn focus_id_in_place(id: &str) {
    let element = document().and_then(|document| document.get_element_by_id(id));
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let options = web_sys::FocusOptions::new();
        options.set_prevent_scroll(true);
        drop(element.focus_with_options(&options));
    }
}

/// Whether the focus came to an event's target by the keyboard.
#[must_use]
pub fn is_focus_visible(event: &Event) -> bool {
    let element = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    element.is_some_and(|element| element.matches(":focus-visible").unwrap_or(false))
}

/// Moves the focus to the input with this id, and selects its text.
pub fn focus_and_select(id: &str) {
    let element = document().and_then(|document| document.get_element_by_id(id));
    if let Some(input) = element.and_then(|element| element.dyn_into::<HtmlInputElement>().ok()) {
        drop(input.focus());
        input.select();
    }
}

/// Presses an element, as a click on it would.
pub fn click(node: &NodeRef) {
    if let Some(element) = node.cast::<HtmlElement>() {
        element.click();
    }
}

/// Scrolls what is around the element with this id as little as needed for it to be in sight.
pub fn scroll_into_view(id: &str) {
    if let Some(element) = document().and_then(|document| document.get_element_by_id(id)) {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Nearest);
        element.scroll_into_view_with_scroll_into_view_options(&options);
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

/// Says in which language the page is.
pub fn set_language(code: &str) {
    if let Some(root) = document().and_then(|document| document.document_element()) {
        // Cannot fail for a valid attribute name.
        drop(root.set_attribute("lang", code));
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

/// Goes to an address after `#`.
pub fn go(hash: &str) {
    if let Some(window) = window() {
        // It only fails for an address that is none.
        drop(window.location().set_hash(hash));
    }
}

/// The window's inner width and height in CSS pixels.
#[must_use]
pub fn window_size() -> (f64, f64) {
    let width = window().and_then(|window| window.inner_width().ok()).and_then(|width| width.as_f64());
    (width.unwrap_or(1180.0), window_height())
}

/// The width and height of an element's inside.
#[must_use]
pub fn size(node: &NodeRef) -> Option<(f64, f64)> {
    let element = node.cast::<HtmlElement>()?;
    Some((f64::from(element.client_width()), f64::from(element.client_height())))
}

/// Where an element is in the window: left, top, width, height.
#[must_use]
pub fn place(node: &NodeRef) -> Option<(f64, f64, f64, f64)> {
    let rect = node.cast::<Element>()?.get_bounding_client_rect();
    Some((rect.left(), rect.top(), rect.width(), rect.height()))
}

/// Where something happened, from the upper left corner of an element.
#[must_use]
pub fn point_in(node: &NodeRef, event: &web_sys::MouseEvent) -> (f64, f64) {
    let (left, top, _, _) = place(node).unwrap_or_default();
    (f64::from(event.client_x()) - left, f64::from(event.client_y()) - top)
}

/// The value of an attribute of the nearest element around an event's target that has it.
#[must_use]
pub fn attribute_around(event: &Event, name: &str) -> Option<String> {
    let element = event.target()?.dyn_into::<Element>().ok()?;
    element.closest(&format!("[{name}]")).ok()??.get_attribute(name)
}

/// Whether an event happened in a field, where keys are for typing.
#[must_use]
pub fn is_in_field(event: &Event) -> bool {
    let element = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    element.is_some_and(|element| matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"))
}

/// Whether focus that is leaving stays inside an element.
#[must_use]
pub fn stays_inside(node: &NodeRef, event: &web_sys::FocusEvent) -> bool {
    let next = event.related_target().and_then(|target| target.dyn_into::<web_sys::Node>().ok());
    node.cast::<web_sys::Node>().is_some_and(|node| node.contains(next.as_ref()))
}

/// Keeps a pointer's events coming to an element while it is pressed.
pub fn capture(node: &NodeRef, event: &web_sys::PointerEvent) {
    if let Some(element) = node.cast::<Element>() {
        // A pointer that is no longer pressed cannot be captured, and need not be.
        drop(element.set_pointer_capture(event.pointer_id()));
    }
}

/// Scrolls a text area so that a line is in sight, and puts the cursor at its beginning.
pub fn go_to_line(node: &NodeRef, offset: u32, line: u32, line_height: f64) {
    let Some(area) = node.cast::<HtmlTextAreaElement>() else { return };
    drop(area.focus());
    drop(area.set_selection_range(offset, offset));
    #[expect(clippy::cast_possible_truncation, reason = "pixels")]
    let top = (f64::from(line.saturating_sub(4)) * line_height) as i32;
    area.set_scroll_top(top);
}

/// The value of the field an event is about.
#[must_use]
pub fn value_of(event: &Event) -> String {
    let Some(target) = event.target() else { return String::new() };
    match target.dyn_into::<HtmlInputElement>() {
        Ok(input) => input.value(),
        Err(target) => target.dyn_into::<HtmlTextAreaElement>().map(|area| area.value()).unwrap_or_default(),
    }
}

/// Longest file that is read, in bytes: what a document may have, and no more.
const LONGEST_FILE: f64 = 4.0 * 1024.0 * 1024.0;

/// Why a file was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileProblem {
    /// It is longer than any document.
    TooLong,
    /// The page may not read it, or it is not there any more.
    Unreadable,
}

/// Whether files are being dragged, rather than something of the page.
#[must_use]
pub fn carries_files(event: &DragEvent) -> bool {
    event.data_transfer().is_some_and(|data| data.types().includes(&"Files".into(), 0))
}

/// Reads the first file that was dropped.
pub fn read_dropped(event: &DragEvent, on_read: impl FnOnce(Result<String, FileProblem>) + 'static) {
    read_first(event.data_transfer().and_then(|data| data.files()), on_read);
}

/// Reads the file chosen in a file input, and empties the input so that the same file can be chosen again.
pub fn read_chosen(event: &Event, on_read: impl FnOnce(Result<String, FileProblem>) + 'static) {
    let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
    let Some(input) = input else { return };
    read_first(input.files(), on_read);
    input.set_value("");
}

fn read_first(files: Option<FileList>, on_read: impl FnOnce(Result<String, FileProblem>) + 'static) {
    let Some(file) = files.and_then(|files| files.get(0)) else { return };
    if file.size() > LONGEST_FILE {
        return on_read(Err(FileProblem::TooLong));
    }
    wasm_bindgen_futures::spawn_local(async move {
        on_read(text_of(&file).await.ok_or(FileProblem::Unreadable));
    });
}

async fn text_of(file: &File) -> Option<String> {
    wasm_bindgen_futures::JsFuture::from(file.text()).await.ok()?.as_string()
}

/// Hears the wheel over an element, before the page scrolls or zooms, until it is dropped.
pub struct WheelListener {
    element: Element,
    handler: wasm_bindgen::closure::Closure<dyn FnMut(web_sys::WheelEvent)>,
}

impl WheelListener {
    /// Begins to listen.
    #[must_use]
    pub fn new(node: &NodeRef, handler: impl FnMut(web_sys::WheelEvent) + 'static) -> Option<Self> {
        let element = node.cast::<Element>()?;
        let handler = wasm_bindgen::closure::Closure::<dyn FnMut(web_sys::WheelEvent)>::new(handler);
        let options = web_sys::AddEventListenerOptions::new();
        options.set_passive(false);
        let function = handler.as_ref().unchecked_ref();
        let added = element
            .add_event_listener_with_callback_and_add_event_listener_options("wheel", function, &options);
        added.ok()?;
        Some(Self { element, handler })
    }
}

impl Drop for WheelListener {
    fn drop(&mut self) {
        let function = self.handler.as_ref().unchecked_ref();
        drop(self.element.remove_event_listener_with_callback("wheel", function));
    }
}

/// Hears keys in an element before the elements inside it do, until it is dropped.
pub struct KeyListener {
    element: Element,
    handler: wasm_bindgen::closure::Closure<dyn FnMut(web_sys::KeyboardEvent)>,
}

impl KeyListener {
    /// Begins to listen.
    #[must_use]
    pub fn new(node: &NodeRef, handler: impl FnMut(web_sys::KeyboardEvent) + 'static) -> Option<Self> {
        let element = node.cast::<Element>()?;
        let handler = wasm_bindgen::closure::Closure::<dyn FnMut(web_sys::KeyboardEvent)>::new(handler);
        let function = handler.as_ref().unchecked_ref();
        element.add_event_listener_with_callback_and_bool("keydown", function, true).ok()?;
        Some(Self { element, handler })
    }
}

impl Drop for KeyListener {
    fn drop(&mut self) {
        let function = self.handler.as_ref().unchecked_ref();
        drop(self.element.remove_event_listener_with_callback_and_bool("keydown", function, true));
    }
}

/// Marks, for measurements, the moment at which the page has drawn all that it has to show: nothing is on its way
/// any more. Only the first of them counts, which is the end of the start.
pub fn mark_usable() {
    if let Some(window) = window() {
        let drawn = wasm_bindgen::closure::Closure::once_into_js(mark_if_settled);
        drop(window.request_animation_frame(drawn.unchecked_ref()));
    }
}

fn mark_if_settled() {
    let Some(performance) = window().and_then(|window| window.performance()) else { return };
    let is_waiting =
        document().and_then(|document| document.query_selector(".skeleton").ok()).flatten().is_some();
    if !is_waiting && performance.get_entries_by_name(USABLE).length() == 0 {
        drop(performance.mark(USABLE));
    }
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

/// Whether what one types goes into a field.
#[must_use]
pub fn is_typing() -> bool {
    let element = document().and_then(|document| document.active_element());
    element.is_some_and(|element| matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"))
}

fn storage() -> Option<web_sys::Storage> {
    window()?.local_storage().ok().flatten()
}

/// What is kept under a key, also from before the last start.
#[must_use]
pub fn remembered(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

/// Keeps something small under a key. Where it cannot be kept, the next start does without it.
pub fn remember(key: &str, value: &str) {
    if let Some(storage) = storage() {
        drop(storage.set_item(key, value));
    }
}

/// Whether a dialog is open that everything else waits for.
#[must_use]
pub fn is_in_dialog() -> bool {
    document().and_then(|document| document.query_selector("dialog[open]").ok()).flatten().is_some()
}

/// The name of the key that commands are given with on this system.
#[must_use]
pub fn command_key() -> &'static str {
    let is_mac = window()
        .and_then(|window| window.navigator().platform().ok())
        .is_some_and(|platform| platform.starts_with("Mac"));
    if is_mac { "⌘" } else { t!("Ctrl") }
}

/// Calls a handler at a key pressed anywhere in the window, until it is dropped.
pub struct WindowKeyListener(wasm_bindgen::closure::Closure<dyn FnMut(web_sys::KeyboardEvent)>);

impl WindowKeyListener {
    /// Begins to listen.
    #[must_use]
    pub fn new(handler: impl FnMut(web_sys::KeyboardEvent) + 'static) -> Option<Self> {
        let handler = wasm_bindgen::closure::Closure::new(handler);
        let window = window()?;
        window
            .add_event_listener_with_callback(
                "keydown",
                AsRef::<wasm_bindgen::JsValue>::as_ref(&handler).unchecked_ref(),
            )
            .ok()?;
        Some(Self(handler))
    }
}

impl Drop for WindowKeyListener {
    fn drop(&mut self) {
        if let Some(window) = window() {
            drop(window.remove_event_listener_with_callback(
                "keydown",
                AsRef::<wasm_bindgen::JsValue>::as_ref(&self.0).unchecked_ref(),
            ));
        }
    }
}
