//! The picture every connection carries: its own colour, shape and letters, and its connector's icon.

use patchbay_core::avatar::{Avatar, Shape};
use patchbay_core::id::InstanceId;
use yew::prelude::*;

use super::connector_icon;

/// Properties of [`AvatarPicture`].
#[derive(Properties, PartialEq)]
pub struct AvatarProps {
    /// What it shows.
    pub avatar: Avatar,
    /// The connector's name, for its letters where it has no icon.
    pub connector: AttrValue,
    /// The connector's icon.
    pub icon: Option<AttrValue>,
    /// Edge length in pixels.
    #[prop_or(36)]
    pub size: u32,
}

/// A connection's avatar. The label always stands beside it, so it says nothing to a screen reader.
#[component]
pub fn AvatarPicture(props: &AvatarProps) -> Html {
    let Avatar { letters, hue, shape } = &props.avatar;
    let outline = match shape {
        Shape::Circle => html! { <circle cx="20" cy="20" r="19" /> },
        Shape::Squircle => html! { <rect x="1.5" y="1.5" width="37" height="37" rx="10" /> },
        // Corners are rounded by arcs of radius 4 between the straight sides.
        Shape::Hexagon => html! {
            <path d="M17.2 1.7a5.6 5.6 0 0 1 5.6 0l11.4 6.6a5.6 5.6 0 0 1 2.8 4.8v13.8a5.6 5.6 0 0 1-2.8 4.8l-11.4 6.6a5.6 5.6 0 0 1-5.6 0L5.8 31.7A5.6 5.6 0 0 1 3 26.9V13.1a5.6 5.6 0 0 1 2.8-4.8Z" />
        },
        Shape::Diamond => {
            html! { <rect x="5.5" y="5.5" width="29" height="29" rx="7" transform="rotate(45 20 20)" /> }
        }
    };
    let letter_size = if letters.chars().count() < 2 { "17" } else { "14" };
    let style = format!("--avatar-size: {}px", props.size);
    html! {
        <span class={classes!("avatar", format!("hue-{hue}"))} {style} aria-hidden="true">
            <svg class="avatar-shape" viewBox="0 0 40 40">
                { outline }
                <text x="19.5" y="20" dy="0.36em" text-anchor="middle" font-size={letter_size}>{ letters.clone() }</text>
            </svg>
            <span class="avatar-badge">
                { connector_icon(&props.connector, props.icon.as_deref(), props.size * 10 / 32) }
            </span>
        </span>
    }
}

/// The avatar of a connection that is known by id and label alone, such as one that is being made. `connector` is
/// the connector's name and `size` the edge length in pixels.
pub fn avatar_of(instance: InstanceId, label: &str, connector: &str, icon: Option<&str>, size: u32) -> Html {
    html! {
        <AvatarPicture avatar={Avatar::of(instance, label)} connector={connector.to_owned()}
            icon={icon.map(|icon| AttrValue::from(icon.to_owned()))} {size} />
    }
}
