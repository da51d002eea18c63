//! Drawing everything larger or smaller, also from the next start on.

use yew::prelude::*;

use crate::dom::{self, WindowKeyListener};
use crate::ipc;
use crate::state::zoom::{PLAIN, after, kept};

/// Under which key the size is kept.
const KEPT: &str = "zoom";

/// Lets Ctrl with plus, minus and nought change the size, in dialogs too.
#[hook]
pub fn use_zoom() {
    use_effect_with((), |()| {
        let mut size = kept(dom::remembered(KEPT).as_deref());
        if size != PLAIN {
            ipc::zoom(size);
        }
        let listener = WindowKeyListener::new(move |event| {
            if !(event.ctrl_key() || event.meta_key()) || event.alt_key() {
                return;
            }
            if let Some(next) = after(size, &event.key()) {
                event.prevent_default();
                size = next;
                dom::remember(KEPT, &size.to_string());
                ipc::zoom(size);
            }
        });
        move || drop(listener)
    });
}
