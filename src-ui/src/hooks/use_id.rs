//! Ids that tie a field to its label and its description.

use std::cell::Cell;

use yew::prelude::*;

thread_local! {
    static NEXT: Cell<u32> = const { Cell::new(0) };
}

/// An id for an element, the same over a component's life and unlike every other.
#[hook]
pub fn use_id(prefix: &'static str) -> AttrValue {
    let id = use_memo((), |()| {
        let number = NEXT.get();
        NEXT.set(number + 1);
        AttrValue::from(format!("{prefix}-{number}"))
    });
    (*id).clone()
}
