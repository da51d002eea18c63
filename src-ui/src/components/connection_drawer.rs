//! Everything known of one connection, beside the list.

use patchbay_ipc::{ConnectionView, Tone};
use yew::prelude::*;

use super::{AvatarPicture, Button, CopyText, Disconnect, Emphasis, Rename, TimeAgo, health_status};
use crate::dom;
use crate::icons;
use crate::shell::use_shell;

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
    /// Which connection.
    pub connection: ConnectionView,
    /// What for.
    pub mode: DrawerMode,
    /// For something else.
    pub on_mode: Callback<DrawerMode>,
    /// No more.
    pub on_close: Callback<()>,
}

/// The detail drawer of a connection.
#[component]
pub fn ConnectionDrawer(props: &ConnectionDrawerProps) -> Html {
    let shell = use_shell();
    let heading = use_node_ref();
    let connection = &props.connection;
    {
        let heading = heading.clone();
        use_effect_with((connection.instance, props.mode), move |(_, mode)| {
            if *mode == DrawerMode::Details {
                dom::focus(&heading);
            }
        });
    }
    let onkeydown = {
        let (on_close, on_mode, mode) = (props.on_close.clone(), props.on_mode.clone(), props.mode);
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                event.prevent_default();
                match mode {
                    DrawerMode::Details => on_close.emit(()),
                    DrawerMode::Rename | DrawerMode::Disconnect => on_mode.emit(DrawerMode::Details),
                }
            }
        })
    };
    let to = |mode| props.on_mode.reform(move |_: ()| mode);
    let body = match props.mode {
        DrawerMode::Details => html! {
            <>
                <div class="buttons">
                    <Button small=true icon={icons::EDIT()} on_press={to(DrawerMode::Rename)}>{ "Rename…" }</Button>
                    <Button small=true icon={icons::DISCONNECT()} on_press={to(DrawerMode::Disconnect)}>{ "Disconnect…" }</Button>
                </div>
                <Facts connection={connection.clone()} />
            </>
        },
        DrawerMode::Rename => {
            let on_mode = props.on_mode.clone();
            let on_renamed = Callback::from(move |renamed: ConnectionView| {
                shell.notify(Tone::Good, format!("It is now called “{}”.", renamed.label), None);
                on_mode.emit(DrawerMode::Details);
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
        <aside class="drawer" aria-label={format!("Details of {}", connection.label)} {onkeydown}>
            <header class="drawer-head">
                <AvatarPicture avatar={connection.avatar.clone()} connector={connection.connector_name.clone()}
                    icon={connection.icon.clone().map(AttrValue::from)} size=56 />
                <div class="drawer-title">
                    <h2 ref={heading} tabindex="-1">{ connection.label.clone() }</h2>
                    <p class="muted">{ connection.connector_name.clone() }</p>
                </div>
                <Button name="Close details" icon={icons::CLOSE()} emphasis={Emphasis::Quiet} small=true on_press={props.on_close.clone()} />
            </header>
            <div class="drawer-body">{ body }</div>
        </aside>
    }
}

#[derive(Properties, PartialEq)]
struct FactsProps {
    connection: ConnectionView,
}

#[component]
fn Facts(props: &FactsProps) -> Html {
    let ConnectionView { account, health, health_words, health_learnt_at, created_at, last_used_at, .. } =
        &props.connection;
    let connection = &props.connection;
    html! {
        <dl class="facts">
            <dt>{ "Health" }</dt>
            <dd>
                { health_status(*health, health_words) }
                if let Some(at) = health_learnt_at { <span class="muted">{ "learnt " }<TimeAgo at={*at} /></span> }
            </dd>
            if let Some(error) = &connection.last_error {
                <dt>{ "Last error" }</dt><dd>{ error.clone() }</dd>
            }
            <dt>{ "Account" }</dt>
            if let Some(account) = account {
                <dd>
                    <span>{ account.name.clone() }</span>
                    if let Some(email) = &account.email { <span class="muted">{ email.clone() }</span> }
                    <span class="muted">{ "Id there: " }{ account.id.clone() }</span>
                </dd>
            } else {
                <dd class="muted">{ "Not known yet" }</dd>
            }
            <dt>{ "Made" }</dt><dd><TimeAgo at={*created_at} /></dd>
            <dt>{ "Last used here" }</dt>
            <dd>if let Some(at) = last_used_at { <TimeAgo at={*at} /> } else { <span class="muted">{ "Never" }</span> }</dd>
            <dt>{ "Integration" }</dt><dd><code>{ connection.integration.to_string() }</code></dd>
            <dt>{ "Connection id" }</dt>
            <dd><CopyText text={connection.connection_id.to_string()} name="Copy connection id" /></dd>
            <dt>{ "Instance id" }</dt>
            <dd><CopyText text={connection.instance.to_string()} name="Copy instance id" /></dd>
        </dl>
    }
}
