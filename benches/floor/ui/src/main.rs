//! One heading, and a mark at the moment it has been drawn.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use yew::prelude::*;

#[component]
fn Floor() -> Html {
    use_effect_with((), |()| {
        let Some(window) = web_sys::window() else { return };
        let drawn = Closure::once_into_js(|| {
            if let Some(performance) = web_sys::window().and_then(|window| window.performance()) {
                drop(performance.mark("usable"));
            }
        });
        drop(window.request_animation_frame(drawn.unchecked_ref()));
    });
    html! { <main><h1>{ "Floor" }</h1></main> }
}

fn main() {
    yew::Renderer::<Floor>::new().render();
}
