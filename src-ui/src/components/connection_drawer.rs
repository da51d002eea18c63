//! Everything known of one connection, beside the list.

use patchbay_core::connection::Health;
use patchbay_ipc::{ConnectionView, GetConnection, Tag, Tone, Topic};
use patchbay_texts::t;
use yew::prelude::*;

use super::{
    AvatarPicture, Button, ConnectionUses, ConnectionWish, CopyText, Disconnect, Emphasis, FailureBanner,
    Mismatch, Rename, Skeleton, TimeAgo, connection_health, history, status, test_result,
};
use crate::hooks::use_command;
use crate::shell::use_shell;
use crate::state::attention::{needs_attention, out_of_reach};
use crate::state::connect::Target;
use crate::state::trials::Trial;
use crate::{bus, dom, icons};

/// What the drawer is open for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DrawerMode {
    /// Looking.
    Details,
    /// Another label.
    Rename,
    /// Disconnecting.
    Disconnect,
}

/// Properties of [`ConnectionDrawer`].
#[derive(Properties, PartialEq)]
pub struct ConnectionDrawerProps {
    /// Which connection, as far as the list knows it.
    pub connection: ConnectionView,
    /// What for.
    pub mode: DrawerMode,
    /// Its latest test.
    pub trial: Option<Trial>,
    /// Something is wanted of it.
    pub on_wish: Callback<ConnectionWish>,
    /// All connections with one of its tags are wanted.
    #[prop_or_default]
    pub on_tag: Callback<Tag>,
    /// No more.
    pub on_close: Callback<()>,
}

/// The detail drawer of a connection.
#[component]
pub fn ConnectionDrawer(props: &ConnectionDrawerProps) -> Html {
    let shell = use_shell();
    let heading = use_node_ref();
    let details = use_command(GetConnection { instance: props.connection.instance });
    // What was known of another connection stays in sight elsewhere, but not under this one's name.
    let known = details.latest().filter(|known| known.connection.instance == props.connection.instance);
    let connection = known.map_or(&props.connection, |known| &known.connection);
    {
        let heading = heading.clone();
        use_effect_with((connection.instance, props.mode), move |(_, mode)| {
            if *mode == DrawerMode::Details {
                dom::focus(&heading);
            }
        });
    }
    let onkeydown = {
        let (on_close, on_wish, mode) = (props.on_close.clone(), props.on_wish.clone(), props.mode);
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                event.prevent_default();
                match mode {
                    DrawerMode::Details => on_close.emit(()),
                    DrawerMode::Rename | DrawerMode::Disconnect => {
                        on_wish.emit(ConnectionWish::Open(DrawerMode::Details));
                    }
                }
            }
        })
    };
    let to = |mode| props.on_wish.reform(move |_: ()| ConnectionWish::Open(mode));
    let body = match props.mode {
        DrawerMode::Details => html! {
            <>
                <Actions connection={connection.clone()} is_testing={props.trial == Some(Trial::Running)} on_wish={props.on_wish.clone()} />
                if let Some(trial) = props.trial.as_ref().filter(|trial| trial.holds_for(connection)) {
                    { test_result(trial, &connection.connector_name) }
                }
                if connection.mismatch.is_some() {
                    <Mismatch connection={connection.clone()} on_decided={let heading = heading.clone(); Callback::from(move |()| dom::focus(&heading))} />
                }
                { facts(connection, &props.on_tag) }
                <ConnectionUses connection={connection.clone()} />
                if let Some(known) = known {
                    { history(&known.history) }
                } else if let Some(failure) = details.failure() {
                    <FailureBanner failure={failure.clone()}>
                        <Button small=true on_press={Callback::from(|()| bus::publish(&[Topic::Connections]))}>{ t!("Try again") }</Button>
                    </FailureBanner>
                } else {
                    <Skeleton words={t!("Loading the history")} lines=3 shape="step" />
                }
            </>
        },
        DrawerMode::Rename => {
            let details = to(DrawerMode::Details);
            let on_renamed = Callback::from(move |renamed: ConnectionView| {
                shell.notify(Tone::Good, t!("It is now called “{label}”.", label = renamed.label), None);
                details.emit(());
            });
            html! {
                <Rename key={connection.instance.to_string()} connection={connection.clone()} {on_renamed}
                    on_cancel={to(DrawerMode::Details)} />
            }
        }
        DrawerMode::Disconnect => html! {
            <Disconnect key={connection.instance.to_string()} connection={connection.clone()} on_done={props.on_close.clone()}
                on_cancel={to(DrawerMode::Details)} />
        },
    };
    html! {
        <aside class="drawer" aria-label={t!("Details of {label}", label = connection.label)} {onkeydown}>
            <header class="drawer-head">
                <AvatarPicture avatar={connection.avatar.clone()} connector={connection.connector_name.clone()}
                    icon={connection.icon.clone().map(AttrValue::from)} size=56 />
                <div class="drawer-title">
                    <h2 ref={heading} tabindex="-1">{ connection.label.clone() }</h2>
                    <p class="muted">{ connection.connector_name.clone() }</p>
                </div>
                <Button name={t!("Close details")} icon={icons::CLOSE()} emphasis={Emphasis::Quiet} small=true on_press={props.on_close.clone()} />
            </header>
            <div class="drawer-body">{ body }</div>
        </aside>
    }
}

#[derive(Properties, PartialEq)]
struct ActionsProps {
    connection: ConnectionView,
    is_testing: bool,
    on_wish: Callback<ConnectionWish>,
}

/// What can be done to a connection, the most needed first.
#[component]
fn Actions(props: &ActionsProps) -> Html {
    let shell = use_shell();
    let connection = &props.connection;
    let cannot = out_of_reach(connection.health).or(shell.network_is_off()).map(AttrValue::from);
    let wish = |wish| props.on_wish.reform(move |_: ()| wish);
    // While it is open which account is right, neither answer is pressed upon anybody.
    let urgent = needs_attention(connection) && connection.mismatch.is_none();
    // A provider that was down may be up again: trying costs nothing and comes first.
    let again = urgent && connection.try_again_first;
    let emphasis = if urgent && !again { Emphasis::Primary } else { Emphasis::Secondary };
    let test = html! {
        <Button small=true emphasis={if again { Emphasis::Primary } else { Emphasis::Secondary }}
            icon={if props.is_testing { icons::REFRESH() } else { icons::TEST() }} unavailable={cannot.clone()} busy={props.is_testing}
            on_press={wish(ConnectionWish::Test)}>{ if again { t!("Try again") } else { t!("Test") } }</Button>
    };
    let anew = (connection.health == Health::Gone).then(|| Target::anew(connection));
    html! {
        <div class="buttons">
            if let Some(target) = anew {
                <Button small=true icon={icons::PLUG()} unavailable={shell.network_is_off().map(AttrValue::from)}
                    on_press={shell.on_connect.reform(move |()| target.clone())}>{ t!("Connect anew") }</Button>
            } else {
                if again { { test.clone() } }
                <Button small=true {emphasis} icon={icons::PLUG()} unavailable={cannot.clone()}
                    on_press={wish(ConnectionWish::Reconnect)}>{ t!("Reconnect") }</Button>
            }
            if !again { { test } }
            <Button small=true icon={icons::EDIT()} on_press={wish(ConnectionWish::Open(DrawerMode::Rename))}>{ t!("Rename…") }</Button>
            if connection.health != Health::Gone {
                <Button small=true icon={icons::ACCOUNTS()} unavailable={shell.network_is_off().map(AttrValue::from)}
                    on_press={wish(ConnectionWish::Duplicate)}>{ t!("Connect another account") }</Button>
            }
            <Button small=true icon={icons::DISCONNECT()} on_press={wish(ConnectionWish::Open(DrawerMode::Disconnect))}>{ t!("Disconnect…") }</Button>
        </div>
    }
}

fn facts(connection: &ConnectionView, on_tag: &Callback<Tag>) -> Html {
    let ConnectionView { account, health_learnt_at, created_at, last_used_at, .. } = connection;
    html! {
        <dl class="facts">
            <dt>{ t!("Health") }</dt>
            <dd>
                { connection_health(connection) }
                if let Some(at) = health_learnt_at { <span class="muted">{ "learnt " }<TimeAgo at={*at} /></span> }
                if connection.mismatch.is_some() { { status(icons::ACCOUNTS(), "warning", t!("Another account")) } }
            </dd>
            if let Some(error) = &connection.last_error {
                <dt>{ t!("Last error") }</dt><dd>{ error.clone() }</dd>
            }
            <dt>{ t!("Account") }</dt>
            if let Some(account) = account {
                <dd class="facts-lines">
                    <span>{ account.name.clone() }</span>
                    if let Some(email) = account.email.as_ref().filter(|email| **email != account.name) {
                        <span class="muted">{ email.clone() }</span>
                    }
                </dd>
                <dt>{ t!("Account id") }</dt>
                <dd><CopyText text={account.id.clone()} name={t!("Copy account id")} /></dd>
            } else {
                <dd class="muted">{ t!("Not known yet") }</dd>
            }
            if !connection.tags.is_empty() {
                <dt>{ t!("Tags") }</dt>
                <dd class="facts-tags">
                    { for connection.tags.iter().map(|tag| {
                        let onclick = { let tag = tag.clone(); on_tag.reform(move |_: MouseEvent| tag.clone()) };
                        html! {
                            <button key={tag.key.clone()} type="button" class="tag" {onclick}
                                title={t!("Show all connections with {key}: {value}", key = tag.key, value = tag.value)}>
                                <span class="muted">{ format!("{}: ", tag.key) }</span>{ tag.value.clone() }
                            </button>
                        }
                    }) }
                </dd>
            }
            <dt>{ t!("Made") }</dt><dd><TimeAgo at={*created_at} /></dd>
            <dt>{ t!("Last used here") }</dt>
            <dd>if let Some(at) = last_used_at { <TimeAgo at={*at} /> } else { <span class="muted">{ t!("Never") }</span> }</dd>
            <dt>{ t!("Integration") }</dt><dd><code>{ connection.integration.to_string() }</code></dd>
            <dt>{ t!("Connection id") }</dt>
            <dd><CopyText text={connection.connection_id.to_string()} name={t!("Copy connection id")} /></dd>
            <dt>{ t!("Instance id") }</dt>
            <dd><CopyText text={connection.instance.to_string()} name={t!("Copy instance id")} /></dd>
        </dl>
    }
}
