//! Narrowing the list of connections to a connector or a tag.

use patchbay_ipc::{ConnectionFacets, GetConnectionFacets, Narrowing, Tag};
use patchbay_texts::t;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::count::grouped;
use crate::hooks::use_command;
use crate::icons::{self, glyph};

/// Properties of [`NarrowBy`].
#[derive(Properties, PartialEq)]
pub struct NarrowByProps {
    /// What the list is narrowed to.
    pub narrowing: Narrowing,
    /// It is to be narrowed like this.
    pub on_narrow: Callback<Narrowing>,
}

/// Choices of a connector and a tag among those that connections have.
#[component]
pub fn NarrowBy(props: &NarrowByProps) -> Html {
    let facets = use_command(GetConnectionFacets {});
    let Some(facets) = facets.latest() else { return Html::default() };
    let narrowing = &props.narrowing;
    let by_connector = {
        let (facets, narrowing) = (facets.clone(), narrowing.clone());
        props.on_narrow.reform(move |place: usize| {
            let connector = place.checked_sub(1).and_then(|place| facets.connectors.get(place));
            Narrowing { connector: connector.map(|facet| facet.connector.clone()), ..narrowing.clone() }
        })
    };
    let tags = tags(facets, narrowing.tag.as_ref());
    let by_tag = {
        let (tags, narrowing) = (tags.clone(), narrowing.clone());
        props.on_narrow.reform(move |place: usize| {
            let tag = place.checked_sub(1).and_then(|place| tags.get(place)).map(|(tag, _)| tag.clone());
            Narrowing { tag, ..narrowing.clone() }
        })
    };
    let connectors = facets.connectors.iter().map(|facet| {
        let name = format!("{} ({})", facet.name, grouped(facet.count));
        (name, narrowing.connector.as_ref() == Some(&facet.connector))
    });
    let tag_names = tags.iter().map(|(tag, count)| {
        let count = count.map_or_else(String::new, |count| format!(" ({})", grouped(count)));
        (format!("{}: {}{count}", tag.key, tag.value), narrowing.tag.as_ref() == Some(tag))
    });
    html! {
        <>
            { choice(t!("Connector"), t!("Any connector"), connectors.collect(), by_connector) }
            if !tags.is_empty() { { choice(t!("Tag"), t!("Any tag"), tag_names.collect(), by_tag) } }
        </>
    }
}

/// The tags that are offered: the most frequent ones, and the one that is chosen if it is none of them.
fn tags(facets: &ConnectionFacets, chosen: Option<&Tag>) -> Vec<(Tag, Option<u32>)> {
    let mut tags: Vec<_> = facets.tags.iter().map(|facet| (facet.tag.clone(), Some(facet.count))).collect();
    if let Some(chosen) = chosen.filter(|chosen| tags.iter().all(|(tag, _)| tag != *chosen)) {
        tags.push((chosen.clone(), None));
    }
    tags.sort();
    tags
}

/// A choice without a label in sight: what it says while nothing is chosen tells what it is about.
fn choice(
    name: &'static str,
    any: &'static str,
    choices: Vec<(String, bool)>,
    on_place: Callback<usize>,
) -> Html {
    let is_narrowed = choices.iter().any(|(_, chosen)| *chosen);
    let onchange = on_place.reform(|event: Event| {
        let select = event.target_dyn_into::<HtmlSelectElement>();
        select.and_then(|select| usize::try_from(select.selected_index()).ok()).unwrap_or_default()
    });
    html! {
        <span class={classes!("narrow-by", is_narrowed.then_some("is-narrowed"))}>
            <select aria-label={name} {onchange}>
                <option key="any" selected={!is_narrowed}>{ any }</option>
                { for choices.into_iter().map(|(words, selected)| html! {
                    <option key={words.clone()} {selected}>{ words }</option>
                }) }
            </select>
            { glyph(icons::DOWN(), 16, "") }
        </span>
    }
}

#[cfg(test)]
mod tests {
    use patchbay_ipc::{ConnectionFacets, Tag, TagFacet};

    use super::tags;

    #[test]
    fn a_rare_tag_is_offered_while_it_is_chosen() {
        let tag = |value: &str| Tag { key: "team".into(), value: value.into() };
        let facets =
            ConnectionFacets { connectors: vec![], tags: vec![TagFacet { tag: tag("ops"), count: 3 }] };
        assert_eq!(tags(&facets, Some(&tag("ops"))), [(tag("ops"), Some(3))]);
        assert_eq!(tags(&facets, Some(&tag("art"))), [(tag("art"), None), (tag("ops"), Some(3))]);
    }
}
