//! Turning the pages of a list.

use patchbay_texts::t;
use yew::prelude::*;

use super::Button;
use crate::count::grouped;

/// Properties of [`Pager`].
#[derive(Properties, PartialEq)]
pub struct PagerProps {
    /// What is paged: `runs`.
    pub name: AttrValue,
    /// How many are left out before this page.
    pub offset: u32,
    /// How many there are.
    pub total: u32,
    /// How many a page has.
    pub size: u32,
    /// To a page that leaves out this many.
    pub on_go: Callback<u32>,
}

/// The place in a list, and the ways to the pages before and after; nothing where there is one page.
#[component]
pub fn Pager(props: &PagerProps) -> Html {
    let PagerProps { offset, total, size, .. } = *props;
    if total <= size {
        return Html::default();
    }
    let last = (offset + size).min(total);
    let go = |to: Option<u32>| {
        let on_go = props.on_go.clone();
        Callback::from(move |()| {
            if let Some(to) = to {
                on_go.emit(to);
            }
        })
    };
    let before = (offset > 0).then(|| offset.saturating_sub(size));
    let after = (last < total).then_some(offset + size);
    let end = |open: bool| (!open).then_some(AttrValue::from(t!("There are no more.")));
    html! {
        <nav class="pager" aria-label={t!("Pages of {name}", name = props.name)}>
            <Button small=true unavailable={end(before.is_some())} on_press={go(before)}>{ t!("Previous") }</Button>
            <span class="muted tabular" role="status">{ t!("{first}–{last} of {total}", first = grouped(offset + 1), last = grouped(last), total = grouped(total)) }</span>
            <Button small=true unavailable={end(after.is_some())} on_press={go(after)}>{ t!("Next") }</Button>
        </nav>
    }
}
