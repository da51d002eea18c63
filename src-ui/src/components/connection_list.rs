//! The list of connections: any number of them, of which only those in sight are on the page.

use std::ops::Range;

use patchbay_ipc::{BulkTest, Narrowing};
use patchbay_texts::t;
use web_sys::HtmlElement;
use yew::prelude::*;

use super::connection_row::row_id;
use super::{ConnectionRow, ConnectionWish, DrawerMode, RowAction};
use crate::dom::{self, WindowListener};
use crate::hooks::Connections;
use crate::state::choice::Chosen;
use crate::state::pages::Totals;
use crate::state::trials::Trials;

/// A row's height in pixels; the stylesheet knows the same number.
const ROW: u32 = 52;

/// Rows drawn above and below what is in sight, so that scrolling shows no gaps.
const SPARE: u32 = 8;

/// The rows to draw for a place in the list: in steps, so that a little scrolling changes nothing.
#[must_use]
fn rows_in_sight(scrolled: u32, window_height: u32) -> Range<u32> {
    let first = (scrolled / ROW) / 4 * 4;
    first.saturating_sub(SPARE)..first + window_height / ROW + SPARE
}

/// Properties of [`ConnectionList`].
#[derive(Properties, PartialEq)]
pub struct ConnectionListProps {
    /// The rows at hand.
    pub connections: Connections,
    /// How many there are.
    pub totals: Totals,
    /// What the list is narrowed to; under another narrowing it begins at the top again.
    pub narrowing: Narrowing,
    /// The rows to draw.
    pub in_sight: Range<u32>,
    /// Other rows came into sight.
    pub on_in_sight: Callback<Range<u32>>,
    /// Whose drawer is open.
    pub selected: Option<patchbay_core::id::InstanceId>,
    /// Which rows are chosen.
    pub chosen: Chosen,
    /// All rows are to be chosen, or none.
    pub on_choose_all: Callback<bool>,
    /// The tests of connections, of which some may be under way.
    pub trials: Trials,
    /// Tests of many at once.
    pub tests: Option<BulkTest>,
    /// Something is wanted of a row.
    pub on_action: Callback<RowAction>,
}

/// The list, as a grid: arrows move from row to row, Enter opens details, F2 renames, Delete disconnects, Space
/// chooses, Control and A choose all, T tests, R reconnects, Control and C copy the connection id.
#[component]
pub fn ConnectionList(props: &ConnectionListProps) -> Html {
    let node = use_node_ref();
    let current = use_state_eq(|| 0_u32);
    // The keyboard's next row may not be drawn yet; it takes the focus once it is.
    let owed = use_mut_ref(|| false);
    let matching = props.totals.matching;
    let current_index = (*current).min(matching.saturating_sub(1));

    {
        let (node, current) = (node.clone(), current.clone());
        use_effect_with(props.narrowing.clone(), move |_| {
            current.set(0);
            if let Some(element) = node.cast::<HtmlElement>() {
                element.set_scroll_top(0);
            }
        });
    }
    let measure = {
        let (node, on_in_sight) = (node.clone(), props.on_in_sight.clone());
        Callback::from(move |()| {
            if let Some(element) = node.cast::<HtmlElement>() {
                let scrolled = u32::try_from(element.scroll_top()).unwrap_or_default();
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a window's height"
                )]
                let height = dom::window_height() as u32;
                on_in_sight.emit(rows_in_sight(scrolled, height));
            }
        })
    };
    {
        let measure = measure.clone();
        use_effect_with((), move |()| {
            measure.emit(());
            let listener = WindowListener::new("resize", move || measure.emit(()));
            move || drop(listener)
        });
    }
    {
        let owed = owed.clone();
        use_effect(move || {
            let is_owed = *owed.borrow();
            if is_owed && dom::focus_id(&row_id(current_index)) {
                owed.replace(false);
            }
        });
    }
    let onkeydown = {
        let (current, node, on_action) = (current.clone(), node.clone(), props.on_action.clone());
        let (chosen, on_choose_all) = (props.chosen.clone(), props.on_choose_all.clone());
        let instance = props.connections.pages.row(current_index).map(|row| row.instance);
        Callback::from(move |event: KeyboardEvent| {
            let Some(element) = node.cast::<HtmlElement>() else { return };
            let page = u32::try_from(element.client_height()).unwrap_or_default() / ROW;
            let last = matching.saturating_sub(1);
            let wish = |wish| {
                if let Some(instance) = instance {
                    event.prevent_default();
                    on_action.emit(RowAction { instance, wish });
                }
            };
            let act = |mode| wish(ConnectionWish::Open(mode));
            let with_control = event.ctrl_key() || event.meta_key();
            let on_row = event
                .target_dyn_into::<HtmlElement>()
                .is_some_and(|target| target.get_attribute("role").as_deref() == Some("row"));
            if event.shift_key() && matches!(event.key().as_str(), "ArrowDown" | "ArrowUp") {
                // What one passes with Shift is chosen; moving back takes nothing away.
                if instance.is_some_and(|instance| !chosen.has(instance)) {
                    wish(ConnectionWish::Choose);
                }
            }
            let next = match event.key().as_str() {
                " " if on_row => return wish(ConnectionWish::Choose),
                "a" if with_control => {
                    event.prevent_default();
                    return on_choose_all.emit(true);
                }
                "c" if with_control && on_row => return wish(ConnectionWish::CopyId),
                "t" if on_row && !with_control => return wish(ConnectionWish::Test),
                "r" if on_row && !with_control => return wish(ConnectionWish::Reconnect),
                "Escape" if !chosen.is_empty() => return on_choose_all.emit(false),
                "ArrowDown" => current_index + 1,
                "ArrowUp" => current_index.saturating_sub(1),
                "PageDown" => current_index + page,
                "PageUp" => current_index.saturating_sub(page),
                "Home" => 0,
                "End" => last,
                // On a button inside the row these keys are the button's.
                "Enter" if on_row => return act(DrawerMode::Details),
                "F2" => return act(DrawerMode::Rename),
                "Delete" => return act(DrawerMode::Disconnect),
                _ => return,
            }
            .min(last);
            event.prevent_default();
            scroll_to(&element, next);
            owed.replace(true);
            current.set(next);
            if dom::focus_id(&row_id(next)) {
                owed.replace(false);
            }
        })
    };
    let rows = props.in_sight.start..props.in_sight.end.min(matching);
    // The keyboard's row stays on the page however far one scrolls, so that the focus is never lost with it.
    let kept = (matching > 0 && !rows.contains(&current_index)).then_some(current_index);
    let (above, below) = if current_index < rows.start { (kept, None) } else { (None, kept) };
    let choose_all = {
        let (on_choose_all, is_empty) = (props.on_choose_all.clone(), props.chosen.is_empty());
        move |_: Event| on_choose_all.emit(is_empty)
    };
    let height = format!("height: {}px", matching * ROW);
    html! {
        <div class="grid" role="grid" aria-label={t!("Connections")} aria-multiselectable="true" aria-rowcount={(matching + 1).to_string()}
            aria-busy={if props.connections.is_loading { "true" } else { "false" }}>
            <div class="grid-head" role="row" aria-rowindex="1">
                <label role="columnheader" class="cell-choose">
                    <input type="checkbox" aria-label={t!("Choose all")} checked={matching > 0 && props.chosen.count(matching) == matching}
                        onchange={choose_all} />
                </label>
                <span role="columnheader" class="cell-label">{ t!("Label") }</span>
                <span role="columnheader" class="cell-account">{ t!("Account") }</span>
                <span role="columnheader" class="cell-health">{ t!("Health") }</span>
                <span role="columnheader" class="cell-time">{ t!("Used") }</span>
                <span role="columnheader" class="cell-actions"><span class="sr-only">{ t!("Actions") }</span></span>
            </div>
            <div ref={node} class="grid-body" role="rowgroup" onscroll={measure.reform(|_: Event| ())} {onkeydown}>
                <div class="grid-canvas" role="presentation" style={height}>
                    { for above.into_iter().chain(rows).chain(below).map(|index| {
                        let connection = props.connections.pages.row(index).cloned();
                        let is_selected = props.selected.is_some()
                            && connection.as_ref().map(|row| row.instance) == props.selected;
                        let instance = connection.as_ref().map(|row| row.instance);
                        let is_chosen = instance.is_some_and(|instance| props.chosen.has(instance));
                        let tests = props.tests.as_ref().zip(instance);
                        let is_testing = instance.is_some_and(|instance| props.trials.is_running(instance))
                            || tests.is_some_and(|(tests, instance)| tests.testing.contains(&instance));
                        let trouble = tests.and_then(|(tests, instance)| {
                            tests.troubles.iter().find(|trouble| trouble.instance == instance).map(|trouble| trouble.outcome)
                        });
                        html! {
                            <ConnectionRow key={index} {connection} {index} top={index * ROW} is_current={index == current_index}
                                {is_selected} {is_chosen} {is_testing} {trouble} on_action={props.on_action.clone()}
                                on_current={let current = current.clone(); Callback::from(move |index| current.set(index))} />
                        }
                    }) }
                </div>
            </div>
        </div>
    }
}

/// Scrolls as little as needed for a row to be in sight.
fn scroll_to(element: &HtmlElement, index: u32) {
    let (top, height) = (element.scroll_top(), element.client_height());
    let row = i32::try_from(index * ROW).unwrap_or(i32::MAX);
    let row_height = i32::try_from(ROW).unwrap_or_default();
    if row < top {
        element.set_scroll_top(row);
    } else if row + row_height > top + height {
        element.set_scroll_top(row + row_height - height);
    }
}

#[cfg(test)]
mod tests {
    use super::{ROW, SPARE, rows_in_sight};

    #[test]
    fn what_is_in_sight_is_drawn_with_some_to_spare() {
        assert_eq!(rows_in_sight(0, 520), 0..10 + SPARE);
        let far = rows_in_sight(5_000 * ROW + 3, 520);
        assert!(far.start <= 5_000 - SPARE + 4 && far.contains(&5_000) && far.contains(&5_010));
        assert_eq!(
            rows_in_sight(ROW, 520),
            rows_in_sight(2 * ROW, 520),
            "a little scrolling changes nothing"
        );
    }
}
