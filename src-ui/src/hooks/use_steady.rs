//! A callback that stays the same whatever it does.

use yew::prelude::*;

/// A callback that calls the latest one given and is equal to itself at every rendering, so that what it is handed to is
/// not drawn again for its sake.
#[hook]
pub fn use_steady<T: 'static>(latest: Callback<T>) -> Callback<T> {
    let held = use_mut_ref(|| latest.clone());
    *held.borrow_mut() = latest;
    use_callback((), move |value: T, ()| {
        let latest = held.borrow().clone();
        latest.emit(value);
    })
}
