//! The side navigation, and at its foot whose window this is.

use patchbay_core::profile::ProfileKind;
use patchbay_ipc::{KeyringState, KeyringView, NetworkView, Overview};
use patchbay_texts::t;
use yew::prelude::*;

use super::{Keys, TimeAgo};
use crate::count::grouped;
use crate::dom;
use crate::icons::{self, Icon, glyph};
use crate::route::Route;

/// A page's picture.
pub fn page_icon(route: Route) -> Icon {
    match route {
        Route::Connectors => icons::CONNECTORS(),
        Route::Connections | Route::Connection(_) => icons::CONNECTIONS(),
        Route::Workflows | Route::Workflow(_) => icons::WORKFLOWS(),
        Route::Runs | Route::Run(_) | Route::Compare(..) => icons::RUNS(),
        Route::Activity => icons::ACTIVITY(),
        Route::Settings | Route::Gallery => icons::SETTINGS(),
    }
}

/// Properties of [`Navigation`].
#[derive(Properties, PartialEq)]
pub struct NavigationProps {
    /// Where one is.
    pub route: Route,
    /// What the frame shows.
    pub overview: Overview,
    /// Opens the command palette.
    pub on_search: Callback<()>,
}

/// The links to the pages and the active profile.
#[component]
pub fn Navigation(props: &NavigationProps) -> Html {
    let overview = &props.overview;
    html! {
        <nav class="navigation" aria-label={t!("Pages")}>
            <div class="brand"><Mark /><span>{ "Patchbay" }</span></div>
            <button type="button" class="navigation-search" aria-label={t!("Search everything")} aria-keyshortcuts="Control+K Meta+K"
                onclick={props.on_search.reform(|_: MouseEvent| ())}>
                { glyph(icons::SEARCH(), 16, "") }<span>{ t!("Search") }</span><Keys letter='K' />
            </button>
            <ul>
                { for Route::NAVIGATION.into_iter().map(|route| {
                    let (count, words) = match route {
                        Route::Connections if overview.connections_needing_attention > 0 => {
                            (overview.connections_needing_attention, t!("need attention"))
                        }
                        Route::Activity if !overview.open_attempts.is_empty() => {
                            (u32::try_from(overview.open_attempts.len()).unwrap_or(u32::MAX), "open")
                        }
                        _ => (0, ""),
                    };
                    html! {
                        <li key={route.name()}>
                            // The count is beside the link, so that the link's name stays the page's.
                            <a href={route.hash()} aria-current={(props.route.section() == route).then_some("page")} title={route.key().map(|key| format!("{} ({} {key})", route.about(), dom::command_key()))}>
                                { glyph(page_icon(route), 16, "") }<span>{ route.name() }</span>
                            </a>
                            if count > 0 {
                                <span class={classes!("navigation-count", (route == Route::Connections).then_some("is-warning"))}
                                    title={format!("{count} {words}")}>
                                    { grouped(count) }<span class="sr-only">{ format!(" {words}") }</span>
                                </span>
                            }
                        </li>
                    }
                }) }
            </ul>
            <div class="navigation-foot">{ foot(overview) }</div>
        </nav>
    }
}

fn foot(overview: &Overview) -> Html {
    let Some(profile) = &overview.profile else { return Html::default() };
    let is_sandbox = profile.kind == ProfileKind::Sandbox;
    let network = match &overview.network {
        NetworkView::Online => {
            html! { <span class="status status-good">{ glyph(icons::GOOD(), 14, "") }<span>{ t!("Online") }</span></span> }
        }
        NetworkView::Offline { since, reason } => html! {
            <span class="status status-warning" title={reason.clone()}>
                { glyph(icons::OFFLINE(), 14, "") }<span>{ t!("Offline since ") }<TimeAgo at={*since} /></span>
            </span>
        },
        NetworkView::Disabled { by_environment } => html! {
            <span class="status status-neutral">
                { glyph(icons::OFF(), 14, "") }
                <span>{ if *by_environment { t!("Network off for this run") } else { t!("Network off") } }</span>
            </span>
        },
    };
    html! {
        <>
            <p class="profile-name">
                { glyph(if is_sandbox { icons::SANDBOX() } else { icons::SERVER() }, 14, "") }
                <span title={profile.server_url.clone()}>{ profile.name.clone() }</span>
                if is_sandbox && profile.name != t!("Sandbox") { <span class="badge">{ t!("Sandbox") }</span> }
            </p>
            <p class="muted profile-user" title={profile.user_id.clone()}>{ profile.user_name.clone().unwrap_or_else(|| profile.user_id.clone()) }</p>
            { network }
            { keyring(&overview.keyring) }
        </>
    }
}

/// The keyring, where it stands in the way.
fn keyring(keyring: &KeyringView) -> Html {
    let words = match keyring.state {
        KeyringState::Available | KeyringState::MemoryByChoice => return Html::default(),
        KeyringState::Waiting => t!("Waiting for the keyring"),
        KeyringState::Missing | KeyringState::Locked | KeyringState::Dismissed | KeyringState::Failing => {
            t!("The keyring needs attention")
        }
    };
    html! {
        <a class="status status-warning" href={Route::Settings.hash()} title={keyring.message.clone()}>
            { glyph(icons::KEY(), 14, "") }<span>{ words }</span>
        </a>
    }
}

/// The application's mark: two jacks and the cable between them.
#[component]
pub fn Mark() -> Html {
    html! {
        <svg class="mark" viewBox="0 0 32 32" width="24" height="24" aria-hidden="true">
            <rect class="mark-ground" width="32" height="32" rx="8" />
            <path class="mark-cable" d="M10 11c0 14 12-4 12 10" />
            <circle class="mark-jack" cx="10" cy="10" r="3.5" /><circle class="mark-jack" cx="22" cy="22" r="3.5" />
        </svg>
    }
}
