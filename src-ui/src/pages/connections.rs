//! What is connected.

use patchbay_core::connection::Health;
use patchbay_core::id::InstanceId;
use patchbay_ipc::{
    BulkTest, ConnectionView, GetBulkTest, GetConnection, Narrowing, TestConnections, Tone, Topic,
};
use patchbay_texts::t;
use yew::platform::spawn_local;
use yew::prelude::*;

use crate::bus;
use crate::components::{
    BulkTestStrip, Button, ConnectionDrawer, ConnectionList, ConnectionWish, DrawerMode, Empty, ExportDialog,
    FailureBanner, NarrowBy, Page, RowAction, SearchBox, Skeleton, SyncButton, TimeAgo,
};
use crate::count::grouped;
use crate::dom;
use crate::hooks::{
    Testing, use_action, use_command, use_connections, use_debounced, use_remembered, use_trials,
    use_window_key,
};
use crate::icons;
use crate::ipc;
use crate::route::Route;
use crate::shell::use_shell;
use crate::state::choice::Chosen;
use crate::state::connect::Target;
use crate::state::pages::Totals;
use crate::state::trials::Trials;

/// What the drawer shows.
#[derive(Clone, PartialEq)]
struct Opened {
    connection: ConnectionView,
    mode: DrawerMode,
}

/// Properties of [`ConnectionsPage`].
#[derive(Properties, PartialEq)]
pub struct ConnectionsPageProps {
    /// The connection that is to be open, where the address names one.
    #[prop_or_default]
    pub opened: Option<InstanceId>,
}

/// The connections, searched as one types, with a drawer for the one in question.
#[component]
pub fn ConnectionsPage(props: &ConnectionsPageProps) -> Html {
    let shell = use_shell();
    // The words are for now, the filters for the next time too.
    let filters = use_remembered::<Narrowing>("connections");
    let search = use_state_eq(String::new);
    let wanted = Narrowing { search: (*search).clone(), ..filters.value.clone() };
    let chosen = use_state_eq(Chosen::default);
    let exporting = use_state_eq(|| false);
    let search_box = use_node_ref();
    let in_sight = use_state_eq(|| 0..24_u32);
    let opened = use_state_eq(|| None::<Opened>);
    let rested = use_debounced(wanted.search.clone(), 80);
    let narrowing = Narrowing { search: rested, ..wanted.clone() };
    let connections = use_connections(narrowing.clone(), (*in_sight).clone());
    let totals = connections.pages.totals().cloned();

    {
        // What is not in sight any more is not chosen any more: nothing is done to what one does not see.
        let chosen = chosen.clone();
        use_effect_with(narrowing.clone(), move |_| chosen.set(Chosen::default()));
    }
    let tests = use_command(GetBulkTest {});
    let dismissed = use_state_eq(|| false);
    let bulk = {
        let dismissed = dismissed.clone();
        use_action::<TestConnections>(Callback::from(move |_: BulkTest| dismissed.set(false)))
    };
    let tests =
        tests.latest().and_then(|tests| (**tests).clone()).filter(|tests| tests.running || !*dismissed);
    {
        let shell = shell.clone();
        use_effect_with(bulk.failure.clone(), move |failure| {
            if let Some(failure) = failure {
                shell.notify(Tone::Bad, failure.message.clone(), Some(failure.hint.clone()));
            }
        });
    }
    {
        let search_box = search_box.clone();
        use_window_key(move |event| {
            let is_find = (event.ctrl_key() || event.meta_key()) && event.key() == "f";
            if is_find || (event.key() == "/" && !dom::is_typing()) {
                event.prevent_default();
                dom::focus(&search_box);
            }
        });
    }

    // The drawer shows the row as it is now; one that is not in the list any more, as it was last.
    let shown = opened.as_ref().map(|opened| {
        let fresh = connections.pages.rows().find(|row| row.instance == opened.connection.instance);
        Opened { connection: fresh.unwrap_or(&opened.connection).clone(), mode: opened.mode }
    });
    let Testing { trials, run: test } = use_trials(shown.as_ref().map(|shown| shown.connection.instance));
    let on_wish = {
        let (opened, on_connect, shell) = (opened.clone(), shell.on_connect.clone(), shell.clone());
        let (chosen, pages) = (chosen.clone(), connections.pages.clone());
        Callback::from(move |(connection, wish): (ConnectionView, ConnectionWish)| match wish {
            ConnectionWish::Open(mode) => {
                // The address follows, so that going back closes the drawer.
                let address = Route::Connection(connection.instance);
                opened.set(Some(Opened { connection, mode }));
                dom::go(&address.hash());
            }
            ConnectionWish::Reconnect => on_connect.emit(Target::reconnect(&connection)),
            ConnectionWish::Test => test.emit(connection),
            ConnectionWish::Choose => {
                let at_hand: Vec<InstanceId> = pages.rows().map(|row| row.instance).collect();
                let matching = pages.totals().map_or(0, |totals| totals.matching);
                chosen.set(chosen.toggled(connection.instance, &at_hand, matching));
            }
            ConnectionWish::CopyId => {
                let (shell, label) = (shell.clone(), connection.label.clone());
                dom::copy(connection.connection_id.as_str(), move |worked| {
                    if worked {
                        shell.notify(
                            Tone::Good,
                            t!("The connection id of “{label}” is copied.", label),
                            None,
                        );
                    }
                });
            }
            ConnectionWish::Duplicate => on_connect.emit(Target::anew(&connection)),
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
    let on_close = Callback::from(|()| {
        dom::go(&Route::Connections.hash());
        dom::focus_current_row();
    });
    {
        let (opened, shell, pages) = (opened.clone(), shell.clone(), connections.pages.clone());
        use_effect_with(props.opened, move |wanted| {
            let Some(instance) = *wanted else {
                opened.set(None);
                return;
            };
            if opened.as_ref().is_some_and(|opened| opened.connection.instance == instance) {
                return;
            }
            let mode = DrawerMode::Details;
            if let Some(connection) = pages.rows().find(|row| row.instance == instance).cloned() {
                opened.set(Some(Opened { connection, mode }));
                return;
            }
            spawn_local(async move {
                let answer = ipc::call(&GetConnection { instance }).await;
                // One may have gone on to another meanwhile.
                if dom::hash() != Route::Connection(instance).hash() {
                    return;
                }
                match answer {
                    Ok(details) => opened.set(Some(Opened { connection: details.connection, mode })),
                    Err(failure) => {
                        shell.notify_failure(&failure);
                        dom::go(&Route::Connections.hash());
                    }
                }
            });
        });
    }
    let narrow = {
        let (search, keep) = (search.clone(), filters.set.clone());
        Callback::from(move |narrowing: Narrowing| {
            search.set(narrowing.search.clone());
            keep.emit(Narrowing { search: String::new(), ..narrowing });
        })
    };
    let on_search = Callback::from(move |words| search.set(words));
    let on_tag = {
        let wanted = wanted.clone();
        narrow.reform(move |tag| Narrowing { tag: Some(tag), ..wanted.clone() })
    };
    let on_open = Callback::from(|instance| dom::go(&Route::Connection(instance).hash()));
    let clear = narrow.reform(|()| Narrowing::default());
    let is_narrowed = !wanted.is_everything();
    let toolbar = html! {
        <>
            <SearchBox name={t!("Search connections")} value={wanted.search.clone()} on_input={on_search} node={search_box}
                on_down={Callback::from(|()| dom::focus_current_row())} />
            if let Some(totals) = &totals { { chips(totals, &wanted, &narrow) } }
            <NarrowBy narrowing={wanted.clone()} on_narrow={narrow.clone()} />
            if let (Some(totals), true) = (&totals, is_narrowed) {
                <span class="muted" role="status">{ t!("{count} of {total}", count = grouped(totals.matching), total = grouped(totals.total)) }</span>
            }
        </>
    };
    let last_synced_at = shell.overview.profile.as_ref().and_then(|profile| profile.last_synced_at);
    let matching = totals.as_ref().map_or(0, |totals| totals.matching);
    let total = totals.as_ref().map_or(0, |totals| totals.total);
    let how_many = match (chosen.is_empty(), is_narrowed) {
        (false, _) => t!("{count} chosen", count = grouped(chosen.count(matching))),
        (true, true) => t!("{count} found", count = grouped(matching)),
        (true, false) => t!("all {count}", count = grouped(total)),
    };
    let choice = chosen.or_all(&narrowing);
    let nothing_there =
        (matching == 0).then_some(AttrValue::from(t!("There is no connection to do this with.")));
    let is_testing = tests.as_ref().is_some_and(|tests| tests.running);
    let set_exporting = |value: bool| {
        let exporting = exporting.clone();
        Callback::from(move |()| exporting.set(value))
    };
    let actions = html! {
        <>
            <Button icon={icons::TEST()} busy={is_testing || bulk.busy}
                unavailable={shell.network_is_off().map(AttrValue::from).or(nothing_there)}
                on_press={let choice = choice.clone(); bulk.run.reform(move |()| TestConnections { choice: choice.clone() })}>
                { t!("Test {how_many}", how_many) }
            </Button>
            <Button icon={icons::EXPORT()} unavailable={(total == 0).then_some(AttrValue::from(t!("There is no connection yet.")))}
                on_press={set_exporting(true)}>{ t!("Export…") }</Button>
            <span class="muted synced-at">
                if let Some(at) = last_synced_at { { t!("Synced ") }<TimeAgo {at} /> } else { { t!("Never synced") } }
            </span>
            <SyncButton />
        </>
    };
    let failure = connections.pages.failure().map(|failure| html! {
        <FailureBanner failure={failure.clone()}>
            <Button small=true on_press={Callback::from(|()| bus::publish(&[Topic::Connections]))}>{ t!("Try again") }</Button>
        </FailureBanner>
    });
    let content = match totals {
        None if failure.is_some() => Html::default(),
        None => html! { <Skeleton words={t!("Loading connections")} lines=8 /> },
        Some(totals) if totals.matching == 0 => nothing(&totals, is_narrowed, &clear),
        Some(totals) => html! {
            <ConnectionList connections={connections.clone()} {totals} narrowing={narrowing.clone()} in_sight={(*in_sight).clone()}
                on_in_sight={let in_sight = in_sight.clone(); Callback::from(move |rows| in_sight.set(rows))}
                selected={shown.as_ref().map(|shown| shown.connection.instance)} trials={Trials::clone(&trials)} {on_action}
                chosen={(*chosen).clone()} tests={tests.clone()}
                on_choose_all={let (chosen, narrowing) = (chosen.clone(), narrowing.clone()); Callback::from(move |all: bool| {
                    chosen.set(if all { Chosen::all(narrowing.clone()) } else { Chosen::default() });
                })} />
        },
    };
    html! {
        <div class="with-drawer">
            <Page title={t!("Connections")} {toolbar} {actions} own_scroll=true>
                if let Some(tests) = tests {
                    <BulkTestStrip {tests} {on_open} on_dismiss={Callback::from(move |()| dismissed.set(true))} />
                }
                { failure.unwrap_or_default() }{ content }
            </Page>
            if *exporting {
                <ExportDialog {total} on_close={set_exporting(false)}
                    some={(!chosen.is_empty() || is_narrowed).then(|| (choice, AttrValue::from(how_many)))} />
            }
            if let Some(Opened { connection, mode }) = shown {
                <ConnectionDrawer trial={trials.of(connection.instance).cloned()} {mode} {on_close} {on_tag}
                    on_wish={let connection = connection.clone(); on_wish.reform(move |wish| (connection.clone(), wish))} {connection} />
            }
        </div>
    }
}

fn chips(totals: &Totals, wanted: &Narrowing, narrow: &Callback<Narrowing>) -> Html {
    let health = wanted.health;
    let all = std::iter::once((None, t!("All"), totals.total));
    let states = Health::ALL.into_iter().filter_map(|state| {
        let count = totals.by_health.iter().find(|(known, _)| *known == state).map_or(0, |(_, count)| *count);
        // A state nothing is in is only offered while it is chosen.
        (count > 0 || health == Some(state)).then_some((Some(state), state.words(), count))
    });
    html! {
        <div class="chips" role="group" aria-label={t!("Health")}>
            { for all.chain(states).map(|(choice, words, count)| {
                let pressed = health == choice;
                let wanted = wanted.clone();
                html! {
                    <button key={words} type="button" class="chip" aria-pressed={if pressed { "true" } else { "false" }}
                        onclick={narrow.reform(move |_: MouseEvent| Narrowing { health: choice, ..wanted.clone() })}>
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
            <Empty icon={icons::CONNECTIONS()} title={t!("No connections yet")}
                words={t!("Connect an account, or read the list if some were made elsewhere with this user id.")}>
                <a class="button button-primary" href={Route::Connectors.hash()}>{ t!("Choose a connector") }</a>
            </Empty>
        };
    }
    html! {
        <Empty icon={icons::SEARCH()} title={t!("Nothing matches")} words={t!("No connection has all these words in its label, account, connector or tags, with the state, connector and tag you chose.")}>
            <Button on_press={clear.clone()}>{ t!("Clear the filter") }</Button>
        </Empty>
    }
}
