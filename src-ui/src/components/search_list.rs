//! A text box over a list of what it finds, as dialogs have it in which one thing is chosen: the focus stays in the box,
//! keys move through the list.

use yew::prelude::*;

use crate::dom;
use crate::hooks::use_id;
use crate::icons::{self, glyph};
use crate::state::combobox::{Combobox, Reaction};

/// A row of the list.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchRow {
    /// Its accessible name.
    pub name: AttrValue,
    /// A picture before it.
    pub picture: Html,
    /// What it is.
    pub title: AttrValue,
    /// What else one would want to know.
    pub about: AttrValue,
    /// What stands at its end.
    pub end: Html,
}

/// Properties of [`SearchList`].
#[derive(Properties, PartialEq)]
pub struct SearchListProps {
    /// The box's accessible name.
    pub name: AttrValue,
    /// The list's accessible name.
    pub list_name: AttrValue,
    /// What one could type.
    pub placeholder: AttrValue,
    /// What is typed.
    pub search: AttrValue,
    /// It is to be this.
    pub on_search: Callback<String>,
    /// What is found.
    pub rows: Vec<SearchRow>,
    /// Rows are still being found: Enter waits for them.
    #[prop_or_default]
    pub is_finding: bool,
    /// The row at this place was chosen.
    pub on_choose: Callback<usize>,
    /// Between the box and the list.
    #[prop_or_default]
    pub children: Html,
}

/// The box and the list.
#[component]
pub fn SearchList(props: &SearchListProps) -> Html {
    let list_id = use_id("found");
    let combobox = use_state_eq(|| Combobox { is_open: true, active: Some(0) });
    let entered = use_state_eq(|| false);
    {
        let id = format!("{list_id}-{}", combobox.active.unwrap_or_default());
        use_effect_with(combobox.active, move |_| dom::scroll_into_view(&id));
    }
    {
        let (entered, on_choose) = (entered.clone(), props.on_choose.clone());
        let first = (!props.rows.is_empty()).then_some(0);
        use_effect_with((*entered, props.is_finding), move |(waits, is_finding)| {
            if *waits && !*is_finding {
                entered.set(false);
                if let Some(first) = first {
                    on_choose.emit(first);
                }
            }
        });
    }
    let oninput = {
        let (combobox, entered, on_search) = (combobox.clone(), entered.clone(), props.on_search.clone());
        Callback::from(move |event: InputEvent| {
            combobox.set(Combobox { is_open: true, active: Some(0) });
            entered.set(false);
            on_search.emit(dom::value_of(&event));
        })
    };
    let count = u32::try_from(props.rows.len()).unwrap_or(u32::MAX);
    let onkeydown = {
        let (combobox, entered, on_choose) = (combobox.clone(), entered.clone(), props.on_choose.clone());
        let is_finding = props.is_finding;
        Callback::from(move |event: KeyboardEvent| {
            let key = event.key();
            if is_finding && key == "Enter" {
                entered.set(true);
            } else {
                match combobox.key(&key, count) {
                    Reaction::Now(next) => combobox.set(next),
                    Reaction::Choose(index) => on_choose.emit(index as usize),
                    // Escape closes the dialog.
                    Reaction::Close | Reaction::Nothing => return,
                }
            }
            event.prevent_default();
        })
    };
    let active = combobox.active.filter(|active| *active < count);
    html! {
        <>
            <div class="search palette-search">
                { glyph(icons::SEARCH(), 16, "search-icon") }
                // The dialog that it is in gives the focus to it.
                <input autofocus=true type="text" role="combobox" aria-label={props.name.clone()} aria-expanded="true" aria-autocomplete="list"
                    aria-controls={list_id.clone()} aria-activedescendant={active.map(|active| format!("{list_id}-{active}"))}
                    placeholder={props.placeholder.clone()} value={props.search.clone()} {oninput} {onkeydown} autocomplete="off" spellcheck="false" />
            </div>
            { props.children.clone() }
            <ul class="palette-list" role="listbox" id={list_id.clone()} aria-label={props.list_name.clone()}>
                { for props.rows.iter().enumerate().map(|(index, row)| {
                    let is_active = active == u32::try_from(index).ok();
                    let onclick = props.on_choose.reform(move |_: MouseEvent| index);
                    html! {
                        <li key={index} id={format!("{list_id}-{index}")} role="option" aria-label={row.name.clone()} aria-selected={if is_active { "true" } else { "false" }}
                            class={classes!("palette-row", is_active.then_some("is-active"))} {onclick}>
                            { row.picture.clone() }
                            <span class="two-lines"><span class="row-label">{ row.title.clone() }</span><span class="muted">{ row.about.clone() }</span></span>
                            { row.end.clone() }
                        </li>
                    }
                }) }
            </ul>
        </>
    }
}
