//! Copying a text.

use gloo_timers::callback::Timeout;
use yew::prelude::*;

use crate::dom;

/// How long it is said that a text was copied, in milliseconds.
const SAID_FOR: u32 = 2_000;

/// Whether the text was copied a moment ago, and the way to copy it.
#[hook]
pub fn use_copy(text: &AttrValue) -> (bool, Callback<()>) {
    let copied = use_state(|| false);
    {
        let copied = copied.clone();
        use_effect_with(*copied, move |is_copied| {
            let timer = is_copied.then(|| Timeout::new(SAID_FOR, move || copied.set(false)));
            move || drop(timer)
        });
    }
    let copy = {
        let (text, copied) = (text.clone(), copied.clone());
        Callback::from(move |()| {
            let copied = copied.clone();
            dom::copy(&text, move |worked| copied.set(worked));
        })
    };
    (*copied, copy)
}
