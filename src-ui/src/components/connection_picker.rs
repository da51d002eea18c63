//! Choosing a connection: a combo box over those of one connector, as one types, however many there are. It offers
//! and never takes: nothing is chosen until a person does.

use patchbay_core::id::ConnectTarget;
use patchbay_ipc::{CandidatePage, ConnectionView, ConnectorBadge, EmptyReason};
use patchbay_texts::t;
use web_sys::HtmlElement;
use yew::prelude::*;

use super::plug::{connection_avatar, connection_line};
use super::{Button, FailureBanner, SyncButton};
use crate::count::grouped;
use crate::dom::{self, WindowListener};
use crate::hooks::{use_candidates, use_id};
use crate::icons::{self, glyph};
use crate::route::Route;
use crate::shell::use_shell;
use crate::state::attention::account_line;
use crate::state::combobox::{Combobox, Reaction};
use crate::state::connect::{Purpose, Target};

/// A row's height in pixels; the stylesheet knows the same number.
const ROW: u32 = 48;
/// Rows in sight.
const SEEN: u32 = 6;
/// The open list's height, with the line under it.
const HEIGHT: f64 = 330.0;

/// Properties of [`ConnectionPicker`].
#[derive(Properties, PartialEq)]
pub struct ConnectionPickerProps {
    /// Its label, which is its accessible name.
    #[prop_or_else(|| t!("Connection").into())]
    pub label: AttrValue,
    /// Whether the label is only for those who cannot see what it stands beside.
    #[prop_or_default]
    pub hide_label: bool,
    /// Whose connections are offered.
    pub connector: ConnectorBadge,
    /// The one chosen now.
    #[prop_or_default]
    pub chosen: Option<ConnectionView>,
    /// Another one is chosen.
    pub on_choose: Callback<ConnectionView>,
}

/// The combo box.
#[component]
pub fn ConnectionPicker(props: &ConnectionPickerProps) -> Html {
    let id = use_id("picker");
    let list_id = format!("{id}-list");
    let (root, input, list) = (use_node_ref(), use_node_ref(), use_node_ref());
    let combobox = use_state_eq(Combobox::default);
    let typed = use_state_eq(|| None::<String>);
    let place = use_state_eq(String::new);
    let is_open = combobox.is_open;
    let open = {
        let (combobox, place, root) = (combobox.clone(), place.clone(), root.clone());
        Callback::from(move |next: Combobox| {
            place.set(place_of(&root));
            combobox.set(next);
        })
    };
    {
        // What it stands under may move: a drawer that is still sliding in, a window of another size.
        let (place, root) = (place.clone(), root.clone());
        use_effect_with(is_open, move |is_open| {
            let listeners = is_open.then(|| {
                ["animationend", "resize"].map(|event| {
                    let (place, root) = (place.clone(), root.clone());
                    WindowListener::new(event, move || place.set(place_of(&root)))
                })
            });
            move || drop(listeners)
        });
    }
    let close = {
        let (combobox, typed) = (combobox.clone(), typed.clone());
        Callback::from(move |()| {
            combobox.set(Combobox::default());
            typed.set(None);
        })
    };
    let choose = {
        let (close, on_choose) = (close.clone(), props.on_choose.clone());
        Callback::from(move |connection: ConnectionView| {
            close.emit(());
            on_choose.emit(connection);
        })
    };
    let oninput = {
        let (open, typed) = (open.clone(), typed.clone());
        Callback::from(move |event: InputEvent| {
            typed.set(Some(dom::value_of(&event)));
            open.emit(Combobox::opened());
        })
    };
    let onfocus = {
        let input = input.clone();
        Callback::from(move |_: FocusEvent| dom::select(&input))
    };
    let onclick = {
        let open = open.clone();
        Callback::from(move |_: MouseEvent| {
            if !is_open {
                open.emit(Combobox::opened());
            }
        })
    };
    let onfocusout = {
        let (root, close) = (root.clone(), close.clone());
        Callback::from(move |event: FocusEvent| {
            if !dom::stays_inside(&root, &event) {
                close.emit(());
            }
        })
    };
    let onkeydown = {
        // What is in the list is known to the list; the keys that need it are handled there. An arrow that opens it
        // leads to its first row (ARIA Authoring Practices, "Combobox").
        let open = open.clone();
        Callback::from(move |event: KeyboardEvent| {
            if !is_open && matches!(event.key().as_str(), "ArrowDown" | "ArrowUp") {
                event.prevent_default();
                event.stop_propagation();
                open.emit(Combobox { active: Some(0), ..Combobox::opened() });
            }
        })
    };
    let shown = match (&*typed, &props.chosen) {
        (Some(typed), _) => typed.clone(),
        (None, Some(chosen)) => chosen.label.clone(),
        (None, None) => String::new(),
    };
    let active = combobox.active.filter(|_| is_open).map(|active| format!("{list_id}-{active}"));
    html! {
        <div ref={root.clone()} class="field picker" {onfocusout}>
            <div class={classes!("field-head", props.hide_label.then_some("sr-only"))}><label for={id.clone()}>{ props.label.clone() }</label></div>
            <div class="field-box picker-box" {onclick}>
                if let (Some(chosen), None) = (&props.chosen, &*typed) { <span class="picker-avatar">{ connection_avatar(chosen, 22) }</span> }
                <input ref={input} {id} type="text" role="combobox" value={shown} {oninput} {onfocus} {onkeydown}
                    aria-expanded={if is_open { "true" } else { "false" }} aria-controls={list_id.clone()} aria-autocomplete="list"
                    aria-activedescendant={active} autocomplete="off" autocapitalize="off" spellcheck="false"
                    placeholder={t!("Choose a {name} connection", name = props.connector.name)} />
                { glyph(icons::DOWN(), 16, "") }
            </div>
            if is_open {
                <Offered connector={props.connector.clone()} search={(*typed).clone().unwrap_or_default()} combobox={*combobox}
                    chosen={props.chosen.clone()} {list_id} {list} root={root} place={(*place).clone()}
                    on_move={let combobox = combobox.clone(); Callback::from(move |next| combobox.set(next))}
                    on_choose={choose} on_close={close}
                    on_clear={let typed = typed.clone(); Callback::from(move |()| typed.set(Some(String::new())))} />
            }
        </div>
    }
}

/// Where the list opens: under the box, or over it where there is no room.
fn place_of(root: &NodeRef) -> String {
    let Some((left, top, width, height)) = dom::place(root) else { return String::new() };
    let (window_width, window_height) = dom::window_size();
    let width = width.max(320.0).min(window_width - 16.0);
    let left = left.min(window_width - width - 8.0).max(8.0);
    if top + height + HEIGHT > window_height && top > window_height / 2.0 {
        format!("left:{left}px;width:{width}px;bottom:{}px", window_height - top + 4.0)
    } else {
        format!("left:{left}px;width:{width}px;top:{}px", top + height + 4.0)
    }
}

#[derive(Properties, PartialEq)]
struct OfferedProps {
    connector: ConnectorBadge,
    search: String,
    combobox: Combobox,
    chosen: Option<ConnectionView>,
    list_id: String,
    list: NodeRef,
    root: NodeRef,
    place: String,
    on_move: Callback<Combobox>,
    on_choose: Callback<ConnectionView>,
    on_close: Callback<()>,
    on_clear: Callback<()>,
}

/// The open list: only the rows in sight are on the page.
#[component]
fn Offered(props: &OfferedProps) -> Html {
    let first = use_state_eq(|| 0_u32);
    let candidates = use_candidates(&props.connector.slug, &props.search, *first);
    let matching = candidates.matching();
    {
        let (first, list) = (first.clone(), props.list.clone());
        use_effect_with(props.search.clone(), move |_| {
            first.set(0);
            scroll(&list, 0);
        });
    }
    {
        // The row the keyboard is at stays in sight.
        let list = props.list.clone();
        use_effect_with(props.combobox.active, move |active| {
            if let (Some(active), Some(element)) = (*active, list.cast::<HtmlElement>()) {
                let top = u32::try_from(element.scroll_top()).unwrap_or_default();
                if active * ROW < top {
                    scroll(&list, active * ROW);
                } else if (active + 1) * ROW > top + SEEN * ROW {
                    scroll(&list, (active + 1) * ROW - SEEN * ROW);
                }
            }
        });
    }
    let onscroll = {
        let (first, list) = (first.clone(), props.list.clone());
        Callback::from(move |_: Event| {
            if let Some(element) = list.cast::<HtmlElement>() {
                first.set(u32::try_from(element.scroll_top()).unwrap_or_default() / ROW);
            }
        })
    };
    {
        // Keys come to the text box; what they do depends on what is offered.
        let (root, candidates, combobox) = (props.root.clone(), candidates.clone(), props.combobox);
        let (on_move, on_choose, on_close) =
            (props.on_move.clone(), props.on_choose.clone(), props.on_close.clone());
        use_effect(move || {
            let listener = dom::KeyListener::new(&root, move |event| {
                let key = event.key();
                match combobox.key(&key, candidates.matching()) {
                    Reaction::Nothing => return,
                    Reaction::Now(next) => on_move.emit(next),
                    Reaction::Close => on_close.emit(()),
                    Reaction::Choose(index) => {
                        if let Some(row) = candidates.row(index) {
                            on_choose.emit(row.clone());
                        }
                    }
                }
                event.prevent_default();
                event.stop_propagation();
            });
            move || drop(listener)
        });
    }
    let rows = (*first).saturating_sub(2)..(*first + SEEN + 4).min(matching);
    // The text box keeps the focus while one points at the list.
    let onmousedown = Callback::from(|event: MouseEvent| {
        if dom::attribute_around(&event, "data-row").is_some() {
            event.prevent_default();
        }
    });
    let empty = candidates.page.as_ref().and_then(|page| page.empty.as_ref().map(|_| page.clone()));
    html! {
        <div class="picker-popup" style={props.place.clone()} {onmousedown}>
            if let Some(failure) = &candidates.failure { <FailureBanner failure={failure.clone()} /> }
            <div ref={props.list.clone()} id={props.list_id.clone()} class="picker-list" role="listbox"
                aria-label={t!("Connections of {name}", name = props.connector.name)} {onscroll}>
                <div class="picker-canvas" role="presentation" style={format!("height:{}px", matching * ROW)}>
                    { for rows.map(|index| option(props, index, matching, candidates.row(index))) }
                </div>
            </div>
            if let Some(page) = empty {
                <Nothing {page} connector={props.connector.clone()} on_clear={props.on_clear.clone()} />
            } else if let Some(page) = &candidates.page {
                <p class="picker-foot muted" role="status">{ counted(page) }</p>
            }
        </div>
    }
}

fn scroll(list: &NodeRef, top: u32) {
    if let Some(element) = list.cast::<HtmlElement>() {
        element.set_scroll_top(i32::try_from(top).unwrap_or(i32::MAX));
    }
}

fn counted(page: &CandidatePage) -> String {
    match (page.matching, page.total) {
        (1, 1) => t!("The only one. It is offered, not taken.").to_owned(),
        (matching, total) if matching == total => {
            t!("1 connection" | "{count} connections" % total, count = grouped(total))
        }
        (matching, total) => t!("{count} of {total}", count = grouped(matching), total = grouped(total)),
    }
}

/// A choice in words: its label, whose account it is, and how it is.
fn name_of(row: &ConnectionView) -> String {
    let account = row.account.as_ref().map_or_else(|| t!("account not known yet").to_owned(), account_line);
    let other = if row.mismatch.is_some() { t!(", another account") } else { "" };
    format!("{}, {account}, {}{other}", row.label, row.health_words)
}

fn option(props: &OfferedProps, index: u32, matching: u32, row: Option<&ConnectionView>) -> Html {
    let is_active = props.combobox.active == Some(index);
    let is_chosen =
        row.is_some() && row.map(|row| row.instance) == props.chosen.as_ref().map(|chosen| chosen.instance);
    let onclick = row.cloned().map(|row| props.on_choose.reform(move |_: MouseEvent| row.clone()));
    html! {
        <div key={index} id={format!("{}-{index}", props.list_id)} role="option" data-row=""
            class={classes!("picker-row", is_active.then_some("is-active"))} style={format!("top:{}px", index * ROW)}
            aria-label={row.map(name_of)} aria-selected={if is_chosen { "true" } else { "false" }} aria-posinset={(index + 1).to_string()}
            aria-setsize={matching.to_string()} {onclick}>
            if let Some(row) = row {
                { connection_line(row) }
                if is_chosen { { glyph(icons::CHECK(), 16, "picker-check") } }
            } else {
                <span class="skeleton-line"></span>
            }
        </div>
    }
}

/// Properties of [`Nothing`].
#[derive(Properties, PartialEq)]
pub struct NothingProps {
    /// The answer with nothing in it.
    pub page: std::rc::Rc<CandidatePage>,
    /// Of which connector.
    pub connector: ConnectorBadge,
    /// The search is to be emptied.
    pub on_clear: Callback<()>,
}

/// Why there is nothing to choose, and the next step.
#[component]
pub fn Nothing(props: &NothingProps) -> Html {
    let shell = use_shell();
    let Some(empty) = &props.page.empty else { return Html::default() };
    let connector = &props.connector;
    let target = Target {
        purpose: Purpose::Connect(ConnectTarget::Connector(connector.slug.clone())),
        name: connector.name.clone().into(),
        icon: connector.icon.clone().map(AttrValue::from),
    };
    let connect = html! {
        <Button small=true icon={icons::PLUG()} unavailable={shell.network_is_off().map(AttrValue::from)}
            on_press={shell.on_connect.reform(move |()| target.clone())}>{ t!("Connect {name}", name = connector.name) }</Button>
    };
    html! {
        <div class="picker-empty">
            <p role="status">{ empty.words.clone() }</p>
            <div class="buttons">
                { match empty.reason {
                    EmptyReason::NoneYet => connect,
                    EmptyReason::Filtered => html! { <Button small=true on_press={props.on_clear.clone()}>{ t!("Clear the search") }</Button> },
                    EmptyReason::OtherProfile => html! { <><a class="button button-secondary button-small" href={Route::Settings.hash()}>{ t!("Switch profile") }</a>{ connect }</> },
                    EmptyReason::NeverSynced => html! { <><SyncButton />{ connect }</> },
                } }
            </div>
        </div>
    }
}
