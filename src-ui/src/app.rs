//! The window's frame: what is asked for once, and what every page shares.

use gloo_timers::callback::Interval;
use patchbay_ipc::{AppEvent, Appearance, GetOverview, Notice, Overview, TakeNotices, Topic};
use patchbay_texts::t;
use std::rc::Rc;
use yew::platform::spawn_local;
use yew::prelude::*;

use crate::bus;
use crate::clock;
use crate::components::{
    Button, CommandPalette, ConnectDialog, FailureBanner, ImportDialog, Navigation, RecoveryNotice, Skeleton,
    ToastRegion, take_file,
};
use crate::dom::{self, WindowListener};
use crate::hooks::{use_app_event, use_command, use_language, use_window_key, use_zoom};
use crate::ipc;
use crate::pages::{
    ActivityPage, ComparePage, ConnectionsPage, ConnectorsPage, FirstRunPage, GalleryPage, RunPage, RunsPage,
    SettingsPage, WorkflowPage, WorkflowsPage,
};
use crate::route::Route;
use crate::shell::{Now, Shell};
use crate::state::connect::Target;
use crate::state::toasts::{Offer, ToastAction, Toasts};

/// The application. Nothing is asked before its events are heard, so that none is missed.
#[component]
pub fn App() -> Html {
    let is_listening = use_state(|| false);
    {
        let is_listening = is_listening.clone();
        use_effect_with((), move |()| {
            let subscription =
                ipc::listen(|AppEvent::Stale(topics)| bus::publish(&topics), move || is_listening.set(true));
            // It lives as long as the application.
            move || {
                let _ends_here = subscription;
            }
        });
    }
    if *is_listening {
        html! { <Root /> }
    } else {
        Html::default()
    }
}

/// The time, looked at every half minute.
#[hook]
fn use_clock() -> Now {
    let now = use_state(|| Now(clock::now()));
    {
        let now = now.clone();
        use_effect_with((), move |()| {
            let interval = Interval::new(30_000, move || now.set(Now(clock::now())));
            move || drop(interval)
        });
    }
    *now
}

/// Under which key it is kept where one was.
const LAST_PAGE: &str = "page";

/// Where one is, after the address; at the start, where one was at the end.
#[hook]
fn use_route() -> Route {
    let route = use_state_eq(|| {
        if dom::hash().is_empty()
            && let Some(last) = dom::remembered(LAST_PAGE)
        {
            dom::go(&last);
        }
        Route::from_hash(&dom::hash())
    });
    {
        let route = route.clone();
        use_effect_with((), move |()| {
            let shown = route.clone();
            let listener = WindowListener::new("hashchange", move || {
                let now = Route::from_hash(&dom::hash());
                dom::remember(LAST_PAGE, &now.hash());
                route.set(now);
            });
            // One may have gone elsewhere before that was listened to.
            shown.set(Route::from_hash(&dom::hash()));
            move || drop(listener)
        });
    }
    *route
}

/// Remarks: the engine's, taken whenever there are new ones, and the window's own.
#[hook]
fn use_toasts() -> UseReducerHandle<Toasts> {
    let toasts = use_reducer(Toasts::default);
    let take = {
        let dispatcher = toasts.dispatcher();
        Callback::from(move |()| {
            let dispatcher = dispatcher.clone();
            spawn_local(async move {
                // Remarks that cannot be had now are there the next time.
                for notice in ipc::call(&TakeNotices {}).await.unwrap_or_default() {
                    dispatcher.dispatch(ToastAction::Show(notice));
                }
            });
        })
    };
    {
        let take = take.clone();
        use_effect_with((), move |()| take.emit(()));
    }
    use_app_event(move |topics| {
        if topics.contains(&Topic::Notices) {
            take.emit(());
        }
    });
    toasts
}

#[component]
fn Root() -> Html {
    use_zoom();
    let now = use_clock();
    let toasts = use_toasts();
    let overview = use_command(GetOverview {});
    let language = overview.latest().map(|overview| overview.language);
    let spoken = use_language(language);
    let appearance = overview.latest().map(|overview| overview.appearance);
    use_effect_with(appearance, |appearance| {
        dom::set_theme(match appearance {
            Some(Appearance::Light) => Some("light"),
            Some(Appearance::Dark) => Some("dark"),
            Some(Appearance::System) | None => None,
        });
    });
    let on_toast = {
        let dispatcher = toasts.dispatcher();
        Callback::from(move |action| dispatcher.dispatch(action))
    };
    let content = match (overview.latest(), overview.failure()) {
        (Some(overview), _) if overview.language == spoken => {
            html! { <Frame overview={overview.clone()} on_toast={on_toast.clone()} /> }
        }
        (_, Some(failure)) => html! {
            <main class="first-run">
                <FailureBanner failure={failure.clone()}>
                    <Button small=true on_press={Callback::from(|()| bus::publish(&[Topic::Overview]))}>{ t!("Try again") }</Button>
                </FailureBanner>
            </main>
        },
        (_, None) => html! { <main class="first-run"><Skeleton words={t!("Starting")} lines=3 /></main> },
    };
    html! {
        // Another language: everything is said anew.
        <ContextProvider<Now> key={spoken.code()} context={now}>
            { content }
            <p id={dom::ANNOUNCEMENTS} class="sr-only" role="status"></p>
            <ToastRegion toasts={Toasts::clone(&toasts)} on_action={on_toast} />
        </ContextProvider<Now>>
    }
}

/// Files that are dragged over the window.
struct Dropping {
    is_over: bool,
    over: Callback<DragEvent>,
    leave: Callback<DragEvent>,
    drop: Callback<DragEvent>,
}

/// Takes a workflow's file that is dropped anywhere on the window.
#[hook]
fn use_dropped_file(shell: Shell) -> Dropping {
    let is_over = use_state_eq(|| false);
    let over = {
        let is_over = is_over.clone();
        Callback::from(move |event: DragEvent| {
            if dom::carries_files(&event) {
                event.prevent_default();
                is_over.set(true);
            }
        })
    };
    let leave = {
        let is_over = is_over.clone();
        // Elements inside are left all the time; the window is left where nothing of it is entered.
        Callback::from(move |event: DragEvent| {
            if event.related_target().is_none() {
                is_over.set(false);
            }
        })
    };
    let drop = {
        let is_over = is_over.clone();
        Callback::from(move |event: DragEvent| {
            is_over.set(false);
            if dom::carries_files(&event) {
                event.prevent_default();
                let shell = shell.clone();
                dom::read_dropped(&event, move |read| take_file(&shell, read));
            }
        })
    };
    Dropping { is_over: *is_over, over, leave, drop }
}

/// The keys that work on every page: one for the command palette, one for each page with a link.
#[hook]
fn use_shortcuts(on_palette: Callback<()>) {
    use_window_key(move |event| {
        if !(event.ctrl_key() || event.meta_key()) || event.alt_key() || event.shift_key() {
            return;
        }
        let key = event.key();
        if key.eq_ignore_ascii_case("k") {
            event.prevent_default();
            on_palette.emit(());
        } else if let Some(route) = Route::of_key(&key) {
            event.prevent_default();
            dom::go(&route.hash());
        }
    });
}

#[derive(Properties, PartialEq)]
struct FrameProps {
    overview: Rc<Overview>,
    on_toast: Callback<ToastAction>,
}

#[component]
fn Frame(props: &FrameProps) -> Html {
    let route = use_route();
    let connecting = use_state_eq(|| None::<Target>);
    let on_connect = {
        let connecting = connecting.clone();
        use_callback((), move |target, ()| connecting.set(Some(target)))
    };
    let importing = use_state_eq(|| None::<Rc<str>>);
    let on_import = {
        let importing = importing.clone();
        use_callback((), move |text, ()| importing.set(Some(text)))
    };
    let searching = use_state_eq(|| false);
    let has_profile = props.overview.profile.is_some();
    let on_palette = {
        let searching = searching.clone();
        use_callback(has_profile, move |(), has_profile| searching.set(*has_profile))
    };
    use_shortcuts(on_palette.clone());
    let on_notice = use_callback(props.on_toast.clone(), |notice: Notice, on_toast| {
        on_toast.emit(ToastAction::Show(notice))
    });
    let on_offer = use_callback(props.on_toast.clone(), |(notice, offer): (Notice, Offer), on_toast| {
        on_toast.emit(ToastAction::Offer(notice, offer));
    });
    let shell = Shell { overview: props.overview.clone(), on_connect, on_notice, on_offer, on_import };
    let dropping = use_dropped_file(shell.clone());
    let on_close = {
        let connecting = connecting.clone();
        Callback::from(move |()| connecting.set(None))
    };
    if route == Route::Gallery {
        return html! {
            <ContextProvider<Shell> context={shell}><div class="frame"><main class="content"><GalleryPage /></main></div></ContextProvider<Shell>>
        };
    }
    let Some(profile) = &props.overview.profile else {
        return html! { <ContextProvider<Shell> context={shell}><FirstRunPage /></ContextProvider<Shell>> };
    };
    // Another profile is another world: no page keeps anything of the last one.
    let key = profile.id.to_string();
    let page = match route {
        Route::Connectors => html! { <ConnectorsPage {key} /> },
        Route::Connections => html! { <ConnectionsPage {key} /> },
        Route::Connection(instance) => html! { <ConnectionsPage {key} opened={instance} /> },
        Route::Workflows => html! { <WorkflowsPage {key} /> },
        Route::Workflow(workflow) => html! { <WorkflowPage key={workflow.to_string()} {workflow} /> },
        Route::Runs => html! { <RunsPage {key} /> },
        Route::Run(run) => html! { <RunPage key={run.to_string()} {run} /> },
        Route::Compare(left, right) => {
            html! { <ComparePage key={format!("{left}/{right}")} {left} {right} /> }
        }
        Route::Activity => html! { <ActivityPage {key} /> },
        Route::Settings => html! { <SettingsPage {key} /> },
        Route::Gallery => html! { <GalleryPage {key} /> },
    };
    html! {
        <ContextProvider<Shell> context={shell}>
            <div class="frame" ondragover={dropping.over} ondragleave={dropping.leave} ondrop={dropping.drop}>
                <Navigation {route} overview={Overview::clone(&props.overview)} on_search={on_palette} />
                <main class="content"><RecoveryNotice />{ page }</main>
                if dropping.is_over { <div class="drop-veil" aria-hidden="true"><p>{ t!("Drop a workflow’s YAML file to import it") }</p></div> }
            </div>
            if let Some(target) = &*connecting {
                <ConnectDialog key={target.key()} target={target.clone()} {on_close} />
            }
            if *searching {
                <CommandPalette on_close={let searching = searching.clone(); Callback::from(move |()| searching.set(false))} />
            }
            if let Some(text) = &*importing {
                <ImportDialog text={text.clone()} on_close={let importing = importing.clone(); Callback::from(move |()| importing.set(None))} />
            }
        </ContextProvider<Shell>>
    }
}
