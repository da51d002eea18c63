//! Drawing much a part at a time, so that the window answers in between.

use gloo_render::request_animation_frame;
use gloo_timers::callback::Timeout;
use yew::prelude::*;

/// How many of `total` things are drawn by now: `part` at once, and as many more each time these have come to the screen.
/// What has been drawn stays drawn, also when there are fewer for a while.
#[hook]
pub fn use_parts(total: usize, part: usize) -> usize {
    let drawn = use_state_eq(|| part);
    let after = use_mut_ref(|| None::<Timeout>);
    {
        let drawn = drawn.clone();
        use_effect_with((*drawn, total), move |&(so_far, total)| {
            let frame = (so_far < total).then(|| {
                let after = after.clone();
                // This comes before the frame is painted; only after it has the window had its turn.
                request_animation_frame(move |_| {
                    *after.borrow_mut() = Some(Timeout::new(0, move || drawn.set(so_far + part)));
                })
            });
            move || {
                drop(frame);
                after.borrow_mut().take();
            }
        });
    }
    (*drawn).min(total)
}
