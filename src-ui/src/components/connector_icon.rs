//! A connector's own mark.

use yew::prelude::*;

use crate::icons::{brand, glyph};

/// The connector's icon at an edge length in pixels, or the first letter of its name where it has none.
pub fn connector_icon(name: &str, icon: Option<&str>, size: u32) -> Html {
    if let Some(icon) = icon.and_then(brand) {
        return glyph(icon, size, "connector-icon");
    }
    let letter: String =
        name.chars().find(|c| c.is_alphanumeric()).into_iter().flat_map(char::to_uppercase).collect();
    let style = format!("width: {size}px; height: {size}px; font-size: {}px", size * 4 / 5);
    html! { <span class="connector-letter" {style} aria-hidden="true">{ letter }</span> }
}
