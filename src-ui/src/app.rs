//! The window's frame: what is asked for once, and what every page shares.

use gloo_timers::callback::Interval;
use patchbay_ipc::{AppEvent, Appearance, GetOverview, Notice, Overview, TakeNotices, Topic};
use std::rc::Rc;
use yew::platform::spawn_local;
use yew::prelude::*;

use crate::bus;
use crate::clock;
use crate::components::{Button, ConnectDialog, FailureBanner, Navigation, Skeleton, ToastRegion};
use crate::dom::{self, WindowListener};
use crate::hooks::{use_app_event, use_command};
use crate::ipc;
use crate::pages::{ActivityPage, ConnectionsPage, ConnectorsPage, FirstRunPage, GalleryPage, SettingsPage};
use crate::route::Route;
use crate::shell::{Now, Shell};
use crate::state::connect::Target;
use crate::state::toasts::{ToastAction, Toasts};

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

/// Where one is, after the address.
#[hook]
fn use_route() -> Route {
    let route = use_state_eq(|| Route::from_hash(&dom::hash()));
    {
        let route = route.clone();
        use_effect_with((), move |()| {
            let listener =
                WindowListener::new("hashchange", move || route.set(Route::from_hash(&dom::hash())));
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
    let now = use_clock();
    let toasts = use_toasts();
    let overview = use_command(GetOverview {});
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
        (Some(overview), _) => {
            html! { <Frame overview={overview.clone()} on_notice={on_toast.reform(ToastAction::Show)} /> }
        }
        (None, Some(failure)) => html! {
            <main class="first-run">
                <FailureBanner failure={failure.clone()}>
                    <Button small=true on_press={Callback::from(|()| bus::publish(&[Topic::Overview]))}>{ "Try again" }</Button>
                </FailureBanner>
            </main>
        },
        (None, None) => html! { <main class="first-run"><Skeleton words="Starting" lines=3 /></main> },
    };
    html! {
        <ContextProvider<Now> context={now}>
            { content }
            <ToastRegion toasts={Toasts::clone(&toasts)} on_action={on_toast} />
        </ContextProvider<Now>>
    }
}

#[derive(Properties, PartialEq)]
struct FrameProps {
    overview: Rc<Overview>,
    on_notice: Callback<Notice>,
}

#[component]
fn Frame(props: &FrameProps) -> Html {
    let route = use_route();
    let connecting = use_state_eq(|| None::<Target>);
    let on_connect = {
        let connecting = connecting.clone();
        use_callback((), move |target, ()| connecting.set(Some(target)))
    };
    let shell = Shell { overview: props.overview.clone(), on_connect, on_notice: props.on_notice.clone() };
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
        Route::Activity => html! { <ActivityPage {key} /> },
        Route::Settings => html! { <SettingsPage {key} /> },
        Route::Gallery => html! { <GalleryPage {key} /> },
    };
    html! {
        <ContextProvider<Shell> context={shell}>
            <div class="frame">
                <Navigation {route} overview={Overview::clone(&props.overview)} />
                <main class="content">{ page }</main>
            </div>
            if let Some(target) = &*connecting {
                <ConnectDialog key={target.key()} target={target.clone()} {on_close} />
            }
        </ContextProvider<Shell>>
    }
}
