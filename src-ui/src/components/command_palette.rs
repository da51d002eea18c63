//! The command palette: every page, action, connection, workflow and connector, found as one types.

use patchbay_ipc::{
    Choice, Command, CreateWorkflow, ListConnections, ListConnectors, ListWorkflows, Narrowing,
    SetAppearance, SetLanguage, SwitchProfile, SyncConnections, SyncReport, TestConnections, Tone, Topic,
    WorkflowView,
};
use patchbay_texts::t;
use yew::platform::spawn_local;
use yew::prelude::*;

use super::{AvatarPicture, Dialog, Keys, SearchList, SearchRow, connector_icon, page_icon};
use crate::bus;
use crate::dom;
use crate::hooks::use_command;
use crate::icons::{self, glyph};
use crate::ipc;
use crate::route::Route;
use crate::shell::{Shell, use_shell};
use crate::state::commands::{Deed, Entry, OF_EACH, Sort, entries, fixed};
use crate::state::loadable::Loadable;

/// Properties of [`CommandPalette`].
#[derive(Properties, PartialEq)]
pub struct CommandPaletteProps {
    /// Something was chosen, or nothing.
    pub on_close: Callback<()>,
}

/// A dialog with a combo box over everything there is.
#[component]
pub fn CommandPalette(props: &CommandPaletteProps) -> Html {
    let shell = use_shell();
    let search = use_state_eq(String::new);
    let words = search.trim().to_owned();
    let limit = u32::try_from(OF_EACH).unwrap_or(u32::MAX);
    let connections = use_command(ListConnections {
        narrowing: Narrowing { search: words.clone(), ..Narrowing::default() },
        offset: 0,
        limit,
    });
    let workflows = use_command(ListWorkflows { search: words, offset: 0, limit });
    let connectors = use_command(ListConnectors {});
    let is_finding = is_on_its_way(&connections) || is_on_its_way(&workflows) || is_on_its_way(&connectors);
    let found = entries(
        &search,
        &fixed(&shell.overview),
        connections.latest().map_or(&[][..], |page| &page.connections),
        workflows.latest().map_or(&[][..], |page| &page.workflows),
        connectors.latest().map_or(&[][..], |list| &list.connectors),
    );
    let rows: Vec<SearchRow> = found.iter().map(row).collect();
    let on_choose = {
        let (shell, on_close) = (shell.clone(), props.on_close.clone());
        let deeds: Vec<Deed> = found.iter().map(|entry| entry.deed.clone()).collect();
        Callback::from(move |index: usize| {
            if let Some(deed) = deeds.get(index) {
                // First, so that what opens next gets the focus.
                on_close.emit(());
                perform(&shell, deed.clone());
            }
        })
    };
    let on_search = {
        let search = search.clone();
        Callback::from(move |text| search.set(text))
    };
    let is_nothing = rows.is_empty() && !is_finding;
    html! {
        <Dialog title={t!("Go to or do")} on_close={props.on_close.clone()}>
            <div class="dialog-body palette">
                <SearchList name={t!("Search everything")} list_name={t!("What is found")} placeholder={t!("A page, connection, workflow, connector or action")}
                    search={(*search).clone()} {on_search} {rows} {is_finding} {on_choose} />
                <p class="muted" role="status">{ if is_nothing { t!("Nothing has all these words.") } else { "" } }</p>
                <p class="palette-keys muted">
                    <kbd>{ "↑" }</kbd><kbd>{ "↓" }</kbd>{ t!(" to choose, ") }<kbd>{ t!("Enter") }</kbd>{ t!(" to go, ") }<kbd>{ t!("Esc") }</kbd>{ t!(" to leave") }
                </p>
            </div>
        </Dialog>
    }
}

fn is_on_its_way<T>(answer: &Loadable<T>) -> bool {
    matches!(answer, Loadable::Loading { .. })
}

fn row(entry: &Entry) -> SearchRow {
    let picture = match (&entry.connection, &entry.deed) {
        (Some(connection), _) => html! {
            <AvatarPicture avatar={connection.avatar.clone()} connector={connection.connector_name.clone()}
                icon={connection.icon.clone().map(AttrValue::from)} size={28} />
        },
        (None, Deed::Connect(target)) => connector_icon(&target.name, target.icon.as_deref(), 20),
        (None, Deed::Go(route)) => glyph(page_icon(*route), 20, ""),
        (None, Deed::NewWorkflow) => glyph(icons::ADD(), 20, ""),
        (None, Deed::Sync) => glyph(icons::REFRESH(), 20, ""),
        (None, Deed::TestAll) => glyph(icons::TEST(), 20, ""),
        (None, Deed::Appear(_) | Deed::Speak(_)) => glyph(icons::SETTINGS(), 20, ""),
        (None, Deed::Switch(_)) => glyph(icons::SERVER(), 20, ""),
    };
    let key = match &entry.deed {
        Deed::Go(route) if entry.sort == Sort::Page => route.key(),
        _ => None,
    };
    SearchRow {
        name: format!("{}, {}", entry.title, entry.sort.word()).into(),
        picture,
        title: entry.title.clone().into(),
        about: entry.about.clone().into(),
        end: match key {
            Some(key) => html! { <Keys letter={key} /> },
            None => html! { <span class="muted palette-of">{ entry.sort.word() }</span> },
        },
    }
}

fn perform(shell: &Shell, deed: Deed) {
    match deed {
        Deed::Go(route) => dom::go(&route.hash()),
        Deed::Connect(target) => shell.on_connect.emit(target),
        Deed::NewWorkflow => send(shell, CreateWorkflow { name: String::new() }, |_, made: WorkflowView| {
            dom::go(&Route::Workflow(made.id).hash());
        }),
        Deed::Sync => send(shell, SyncConnections {}, |shell, report: SyncReport| {
            shell.notify(Tone::Good, report.summary, None);
        }),
        Deed::TestAll => {
            // There its progress is seen.
            dom::go(&Route::Connections.hash());
            let choice = Choice::Matching(Narrowing::default());
            send(shell, TestConnections { choice }, |_, _| {});
        }
        Deed::Appear(appearance) => {
            send(shell, SetAppearance { appearance }, |_, ()| bus::publish(&[Topic::Overview]));
        }
        Deed::Speak(language) => {
            send(shell, SetLanguage { language: Some(language) }, |_, ()| bus::publish(&[Topic::Overview]));
        }
        Deed::Switch(profile) => send(shell, SwitchProfile { profile }, |_, _| {
            bus::publish(&[Topic::Overview, Topic::Connectors, Topic::Connections]);
        }),
    }
}

fn send<C: Command + 'static>(shell: &Shell, request: C, on_done: fn(&Shell, C::Reply)) {
    let shell = shell.clone();
    spawn_local(async move {
        match ipc::call(&request).await {
            Ok(reply) => on_done(&shell, reply),
            Err(failure) => shell.notify_failure(&failure),
        }
    });
}
