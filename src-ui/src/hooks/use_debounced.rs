//! A value that follows another once that one rests.

use gloo_timers::callback::Timeout;
use yew::prelude::*;

/// The value as it was when it last rested for `milliseconds`.
#[hook]
pub fn use_debounced<T: Clone + PartialEq + 'static>(value: T, milliseconds: u32) -> T {
    let rested = use_state(|| value.clone());
    {
        let rested = rested.clone();
        use_effect_with(value, move |value| {
            let timer = (*rested != *value).then(|| {
                let value = value.clone();
                Timeout::new(milliseconds, move || rested.set(value))
            });
            move || drop(timer)
        });
    }
    (*rested).clone()
}
