//! A connection as a row of the list.

use patchbay_core::id::InstanceId;
use patchbay_ipc::ConnectionView;
use yew::prelude::*;

use super::{AvatarPicture, Button, DrawerMode, Emphasis, TimeAgo, health_status};
use crate::icons;

/// What is wanted of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowAction {
    /// Of which connection.
    pub instance: InstanceId,
    /// What for.
    pub mode: DrawerMode,
}

/// Properties of [`ConnectionRow`].
#[derive(Properties, PartialEq)]
pub struct ConnectionRowProps {
    /// The connection; nothing while it is on its way.
    pub connection: Option<ConnectionView>,
    /// Its place in the list, from 0.
    pub index: u32,
    /// Where the row is, in pixels from the top of the list.
    pub top: u32,
    /// It is the row the keyboard is at.
    pub is_current: bool,
    /// Its drawer is open.
    pub is_selected: bool,
    /// Something is wanted of it.
    pub on_action: Callback<RowAction>,
    /// The keyboard came to it.
    pub on_current: Callback<u32>,
}

/// The id of the row's element.
#[must_use]
pub(super) fn row_id(index: u32) -> String {
    format!("connection-{index}")
}

/// One row: who it is, how it is, and what can be done.
#[component]
pub fn ConnectionRow(props: &ConnectionRowProps) -> Html {
    let style = format!("transform: translateY({}px)", props.top);
    let Some(connection) = &props.connection else {
        return html! {
            <div id={row_id(props.index)} class="row is-loading" role="row" aria-rowindex={(props.index + 2).to_string()}
                tabindex={if props.is_current { "0" } else { "-1" }} {style}>
                <span role="gridcell" class="skeleton-line"></span>
            </div>
        };
    };
    let instance = connection.instance;
    let act = |mode| props.on_action.reform(move |_: ()| RowAction { instance, mode });
    let onclick =
        props.on_action.reform(move |_: MouseEvent| RowAction { instance, mode: DrawerMode::Details });
    let onfocusin = {
        let index = props.index;
        props.on_current.reform(move |_: FocusEvent| index)
    };
    let account = connection.account.as_ref();
    html! {
        <div id={row_id(props.index)} class={classes!("row", props.is_selected.then_some("is-selected"))} role="row" {style}
            aria-rowindex={(props.index + 2).to_string()} aria-selected={if props.is_selected { "true" } else { "false" }}
            tabindex={if props.is_current { "0" } else { "-1" }} {onclick} {onfocusin}>
            <span role="gridcell" class="cell-label">
                <AvatarPicture avatar={connection.avatar.clone()} connector={connection.connector_name.clone()}
                    icon={connection.icon.clone().map(AttrValue::from)} size=32 />
                <span class="two-lines">
                    <span class="row-label" title={connection.label.clone()}>{ connection.label.clone() }</span>
                    <span class="muted">{ connection.connector_name.clone() }</span>
                </span>
            </span>
            <span role="gridcell" class="cell-account">
                if let Some(account) = account {
                    <span class="two-lines">
                        <span title={account.name.clone()}>{ account.name.clone() }</span>
                        if let Some(email) = &account.email { <span class="muted" title={email.clone()}>{ email.clone() }</span> }
                    </span>
                } else {
                    <span class="muted">{ "Account not known yet" }</span>
                }
            </span>
            <span role="gridcell" class="cell-health">
                <span class="two-lines">
                    { health_status(connection.health, &connection.health_words) }
                    if let Some(at) = connection.health_learnt_at { <span class="muted"><TimeAgo {at} /></span> }
                </span>
            </span>
            <span role="gridcell" class="cell-time">
                <span class="two-lines">
                    if let Some(at) = connection.last_used_at { <span>{ "Used " }<TimeAgo {at} /></span> } else { <span class="muted">{ "Never used" }</span> }
                    <span class="muted">{ "Made " }<TimeAgo at={connection.created_at} /></span>
                </span>
            </span>
            <span role="gridcell" class="cell-actions">
                <Button name={format!("Rename {}", connection.label)} icon={icons::EDIT()} emphasis={Emphasis::Quiet} small=true
                    in_tab_order={props.is_current} on_press={act(DrawerMode::Rename)} />
                <Button name={format!("Disconnect {}", connection.label)} icon={icons::DISCONNECT()} emphasis={Emphasis::Quiet} small=true
                    in_tab_order={props.is_current} on_press={act(DrawerMode::Disconnect)} />
            </span>
        </div>
    }
}
