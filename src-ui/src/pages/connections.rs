//! What is connected.

use patchbay_core::connection::Health;
use patchbay_ipc::{ConnectionView, Topic};
use yew::prelude::*;

use crate::bus;
use crate::components::{
    Button, ConnectionDrawer, ConnectionList, ConnectionWish, DrawerMode, Empty, FailureBanner, Page,
    RowAction, SearchBox, Skeleton, SyncButton, TimeAgo,
};
use crate::count::grouped;
use crate::dom;
use crate::hooks::{Testing, use_connections, use_debounced, use_trials};
use crate::icons;
use crate::route::Route;
use crate::shell::use_shell;
use crate::state::connect::Target;
use crate::state::pages::{Narrowing, Totals};
use crate::state::trials::Trials;

/// What the drawer shows.
#[derive(Clone, PartialEq)]
struct Opened {
    connection: ConnectionView,
    mode: DrawerMode,
}

/// The connections, searched as one types, with a drawer for the one in question.
#[component]
pub fn ConnectionsPage() -> Html {
    let shell = use_shell();
    let search = use_state(String::new);
    let health = use_state_eq(|| None::<Health>);
    let in_sight = use_state_eq(|| 0..24_u32);
    let opened = use_state_eq(|| None::<Opened>);
    let rested = use_debounced((*search).clone(), 80);
    let narrowing = Narrowing { search: rested, health: *health };
    let connections = use_connections(narrowing.clone(), (*in_sight).clone());
    let totals = connections.pages.totals().cloned();

    // The drawer shows the row as it is now; one that is not in the list any more, as it was last.
    let shown = opened.as_ref().map(|opened| {
        let fresh = connections.pages.rows().find(|row| row.instance == opened.connection.instance);
        Opened { connection: fresh.unwrap_or(&opened.connection).clone(), mode: opened.mode }
    });
    let Testing { trials, run: test } = use_trials(shown.as_ref().map(|shown| shown.connection.instance));
    let on_wish = {
        let (opened, on_connect) = (opened.clone(), shell.on_connect.clone());
        Callback::from(move |(connection, wish): (ConnectionView, ConnectionWish)| match wish {
            ConnectionWish::Open(mode) => opened.set(Some(Opened { connection, mode })),
            ConnectionWish::Reconnect => on_connect.emit(Target::reconnect(&connection)),
            ConnectionWish::Test => test.emit(connection),
        })
    };
    let on_action = {
        let (on_wish, connections) = (on_wish.clone(), connections.clone());
        Callback::from(move |action: RowAction| {
            if let Some(row) = connections.pages.rows().find(|row| row.instance == action.instance) {
                on_wish.emit((row.clone(), action.wish));
            }
        })
    };
    let on_close = {
        let opened = opened.clone();
        Callback::from(move |()| {
            opened.set(None);
            dom::focus_current_row();
        })
    };
    let on_search = {
        let search = search.clone();
        Callback::from(move |text| search.set(text))
    };
    let clear = {
        let (search, health) = (search.clone(), health.clone());
        Callback::from(move |()| {
            search.set(String::new());
            health.set(None);
        })
    };
    let is_narrowed = !search.trim().is_empty() || health.is_some();
    let toolbar = html! {
        <>
            <SearchBox name="Search connections" value={(*search).clone()} on_input={on_search} />
            if let Some(totals) = &totals { { chips(totals, &health) } }
            if let (Some(totals), true) = (&totals, is_narrowed) {
                <span class="muted" role="status">{ format!("{} of {}", grouped(totals.matching), grouped(totals.total)) }</span>
            }
        </>
    };
    let last_synced_at = shell.overview.profile.as_ref().and_then(|profile| profile.last_synced_at);
    let actions = html! {
        <>
            <span class="muted">
                if let Some(at) = last_synced_at { { "Synced " }<TimeAgo {at} /> } else { { "Never synced" } }
            </span>
            <SyncButton />
        </>
    };
    let failure = connections.pages.failure().map(|failure| html! {
        <FailureBanner failure={failure.clone()}>
            <Button small=true on_press={Callback::from(|()| bus::publish(&[Topic::Connections]))}>{ "Try again" }</Button>
        </FailureBanner>
    });
    let content = match totals {
        None if failure.is_some() => Html::default(),
        None => html! { <Skeleton words="Loading connections" lines=8 /> },
        Some(totals) if totals.matching == 0 => nothing(&totals, is_narrowed, &clear),
        Some(totals) => html! {
            <ConnectionList connections={connections.clone()} {totals} narrowing={narrowing.clone()} in_sight={(*in_sight).clone()}
                on_in_sight={let in_sight = in_sight.clone(); Callback::from(move |rows| in_sight.set(rows))}
                selected={shown.as_ref().map(|shown| shown.connection.instance)} trials={Trials::clone(&trials)} {on_action} />
        },
    };
    html! {
        <div class="with-drawer">
            <Page title="Connections" {toolbar} {actions} own_scroll=true>{ failure.unwrap_or_default() }{ content }</Page>
            if let Some(Opened { connection, mode }) = shown {
                <ConnectionDrawer trial={trials.of(connection.instance).cloned()} {mode} {on_close}
                    on_wish={let connection = connection.clone(); on_wish.reform(move |wish| (connection.clone(), wish))} {connection} />
            }
        </div>
    }
}

fn chips(totals: &Totals, health: &UseStateHandle<Option<Health>>) -> Html {
    let all = std::iter::once((None, "All", totals.total));
    let states = Health::ALL.into_iter().filter_map(|state| {
        let count = totals.by_health.iter().find(|(known, _)| *known == state).map_or(0, |(_, count)| *count);
        // A state nothing is in is only offered while it is chosen.
        (count > 0 || **health == Some(state)).then_some((Some(state), state.words(), count))
    });
    html! {
        <div class="chips" role="group" aria-label="Health">
            { for all.chain(states).map(|(choice, words, count)| {
                let pressed = **health == choice;
                let health = health.clone();
                html! {
                    <button key={words} type="button" class="chip" aria-pressed={if pressed { "true" } else { "false" }}
                        onclick={move |_: MouseEvent| health.set(choice)}>
                        { words }<span class="chip-count">{ grouped(count) }</span>
                    </button>
                }
            }) }
        </div>
    }
}

fn nothing(totals: &Totals, is_narrowed: bool, clear: &Callback<()>) -> Html {
    if totals.total == 0 && !is_narrowed {
        return html! {
            <Empty icon={icons::CONNECTIONS()} title="No connections yet"
                words="Connect an account, or read the list if some were made elsewhere with this user id.">
                <a class="button button-primary" href={Route::Connectors.hash()}>{ "Choose a connector" }</a>
            </Empty>
        };
    }
    html! {
        <Empty icon={icons::SEARCH()} title="Nothing matches" words="No connection has all these words in its label, account or connector, in the state you chose.">
            <Button on_press={clear.clone()}>{ "Clear the filter" }</Button>
        </Empty>
    }
}
