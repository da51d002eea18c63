//! Drawing much a part at a time, so that the window answers in between.

use gloo_timers::callback::Timeout;
use yew::prelude::*;

/// How many of `total` things are drawn by now: `part` at once, and as many more each time the window has had its turn.
/// What has been drawn stays drawn, also when there are fewer for a while.
#[hook]
pub fn use_parts(total: usize, part: usize) -> usize {
    let drawn = use_state_eq(|| part);
    {
        let drawn = drawn.clone();
        use_effect_with((*drawn, total), move |&(so_far, total)| {
            let next = (so_far < total).then(|| Timeout::new(0, move || drawn.set(so_far + part)));
            move || drop(next)
        });
    }
    (*drawn).min(total)
}
