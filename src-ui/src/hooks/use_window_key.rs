//! Keys that do the same wherever in the page the focus is.

use std::rc::Rc;

use web_sys::KeyboardEvent;
use yew::prelude::*;

use crate::dom::{self, WindowKeyListener};

/// Calls the latest handler given at every key that is pressed while no dialog is open: what is behind one waits for it.
#[hook]
pub fn use_window_key(on_key: impl Fn(KeyboardEvent) + 'static) {
    let latest = use_mut_ref(|| None::<Rc<dyn Fn(KeyboardEvent)>>);
    *latest.borrow_mut() = Some(Rc::new(on_key));
    use_effect_with((), move |()| {
        let listener = WindowKeyListener::new(move |event| {
            let handler = latest.borrow().clone();
            if let Some(handler) = handler
                && !dom::is_in_dialog()
            {
                handler(event);
            }
        });
        move || drop(listener)
    });
}
