//! A time, as a distance from now.

use jiff::Timestamp;
use yew::prelude::*;

use crate::clock;
use crate::shell::use_now;

/// Properties of [`TimeAgo`].
#[derive(Properties, PartialEq)]
pub struct TimeAgoProps {
    /// When.
    pub at: Timestamp,
}

/// How long ago something was; the exact time shows on hovering.
#[component]
pub fn TimeAgo(props: &TimeAgoProps) -> Html {
    let now = use_now();
    html! {
        <time datetime={props.at.to_string()} title={clock::exact(props.at)}>{ clock::ago(props.at, now) }</time>
    }
}
