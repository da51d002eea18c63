//! The shape of what is on its way.

use yew::prelude::*;

use crate::dom;

/// Properties of [`Skeleton`].
#[derive(Properties, PartialEq)]
pub struct SkeletonProps {
    /// What is on its way, for screen readers: `Loading connectors`.
    pub words: AttrValue,
    /// How many lines.
    #[prop_or(6)]
    pub lines: u32,
    /// What a line looks like: `row`, `card` or `step`.
    #[prop_or("row".into())]
    pub shape: AttrValue,
}

/// Grey shapes in place of what is loading. The stylesheet keeps them invisible for the first moment, so that
/// quick answers do not flash.
#[component]
pub fn Skeleton(props: &SkeletonProps) -> Html {
    use_effect_with((), |()| dom::mark_usable);
    html! {
        <div class={format!("skeleton skeleton-{}s", props.shape)} role="status">
            <span class="sr-only">{ props.words.clone() }</span>
            { for (0..props.lines).map(|line| html! { <span key={line} class="skeleton-line" aria-hidden="true"></span> }) }
        </div>
    }
}
