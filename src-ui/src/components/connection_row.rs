//! A connection as a row of the list.

use patchbay_core::id::InstanceId;
use patchbay_ipc::{ConnectionView, TestOutcome};
use patchbay_texts::t;
use yew::prelude::*;

use super::{AvatarPicture, Button, DrawerMode, Emphasis, TimeAgo, connection_health, status};
use crate::icons;
use crate::shell::use_shell;
use crate::state::attention::{needs_attention, out_of_reach};

/// What is wanted of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionWish {
    /// The drawer, for this.
    Open(DrawerMode),
    /// That it is renewed.
    Reconnect,
    /// That it is tried out.
    Test,
    /// That it is chosen, or not any more.
    Choose,
    /// That its connection id is copied.
    CopyId,
    /// That another account of its connector is connected.
    Duplicate,
}

/// What is wanted of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowAction {
    /// Of which connection.
    pub instance: InstanceId,
    /// What.
    pub wish: ConnectionWish,
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
    /// It is chosen, for something to be done with many.
    #[prop_or_default]
    pub is_chosen: bool,
    /// It is being tested.
    #[prop_or_default]
    pub is_testing: bool,
    /// What the latest tests of many found, where that is not that it works.
    #[prop_or_default]
    pub trouble: Option<TestOutcome>,
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
    let shell = use_shell();
    let style = format!("transform: translateY({}px)", props.top);
    let Some(connection) = &props.connection else {
        return html! {
            <div id={row_id(props.index)} class="row is-loading" role="row" aria-rowindex={(props.index + 2).to_string()}
                tabindex={if props.is_current { "0" } else { "-1" }} {style}>
                <span role="gridcell" class="cell-choose"></span>
                <span role="gridcell" class="skeleton-line"></span>
            </div>
        };
    };
    let instance = connection.instance;
    let act = |wish| props.on_action.reform(move |_: ()| RowAction { instance, wish });
    let details = ConnectionWish::Open(DrawerMode::Details);
    let onclick = props.on_action.reform(move |_: MouseEvent| RowAction { instance, wish: details });
    let onfocusin = {
        let index = props.index;
        props.on_current.reform(move |_: FocusEvent| index)
    };
    let account = connection.account.as_ref();
    let label = &connection.label;
    let cannot = out_of_reach(connection.health).or(shell.network_is_off()).map(AttrValue::from);
    let is_urgent = needs_attention(connection);
    let trouble = props.trouble.map(|outcome| match outcome {
        TestOutcome::CannotBeTested => t!("Cannot be tested"),
        TestOutcome::Works | TestOutcome::Fails => t!("Test failed"),
    });
    let words = if is_urgent { Html::from(t!("Reconnect")) } else { Html::default() };
    html! {
        <div id={row_id(props.index)} class={classes!("row", props.is_selected.then_some("is-selected"), props.is_chosen.then_some("is-chosen"))} role="row" {style}
            aria-rowindex={(props.index + 2).to_string()} aria-selected={if props.is_chosen { "true" } else { "false" }} aria-current={props.is_selected.then_some("true")}
            tabindex={if props.is_current { "0" } else { "-1" }} {onclick} {onfocusin}>
            // The whole cell takes the click: beside a small box one would open the details.
            <label role="gridcell" class="cell-choose" onclick={|event: MouseEvent| event.stop_propagation()}>
                <input type="checkbox" aria-label={t!("Choose {label}", label)} checked={props.is_chosen}
                    tabindex={if props.is_current { "0" } else { "-1" }} onchange={act(ConnectionWish::Choose).reform(|_: Event| ())} />
            </label>
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
                        if let Some(other) = &connection.mismatch {
                            <span class="status-warning" title={other.name.clone()}>{ t!("Now ") }{ other.name.clone() }</span>
                        } else if let Some(email) = account.email.as_ref().filter(|email| **email != account.name) {
                            <span class="muted" title={email.clone()}>{ email.clone() }</span>
                        }
                    </span>
                } else {
                    <span class="muted">{ t!("Account not known yet") }</span>
                }
            </span>
            <span role="gridcell" class="cell-health">
                <span class="two-lines">
                    if props.is_testing {
                        <span class="is-testing">{ status(icons::REFRESH(), "waiting", t!("Testing…")) }</span>
                    } else if connection.mismatch.is_some() {
                        { status(icons::ACCOUNTS(), "warning", t!("Another account")) }
                    } else {
                        { connection_health(connection) }
                    }
                    <span class="muted">
                        if connection.mismatch.is_some() { { connection.health_words.clone() }{ " · " } }
                        if let Some(words) = trouble { { words }{ " · " } }
                        if let Some(at) = connection.health_learnt_at { <TimeAgo {at} /> }
                    </span>
                </span>
            </span>
            <span role="gridcell" class="cell-time">
                <span class="two-lines">
                    if let Some(at) = connection.last_used_at { <span><TimeAgo {at} /></span> } else { <span class="muted">{ t!("Never used") }</span> }
                    <span class="muted">{ t!("Made ") }<TimeAgo at={connection.created_at} /></span>
                </span>
            </span>
            <span role="gridcell" class="cell-actions">
                <Button name={t!("Reconnect {label}", label)} icon={icons::PLUG()} small=true unavailable={cannot.clone()}
                    emphasis={if is_urgent { Emphasis::Secondary } else { Emphasis::Quiet }}
                    in_tab_order={props.is_current} on_press={act(ConnectionWish::Reconnect)}>{ words }</Button>
                <Button name={t!("Test {label}", label)} icon={if props.is_testing { icons::REFRESH() } else { icons::TEST() }} emphasis={Emphasis::Quiet} small=true
                    unavailable={cannot} busy={props.is_testing}
                    in_tab_order={props.is_current} on_press={act(ConnectionWish::Test)} />
                <Button name={t!("Rename {label}", label)} icon={icons::EDIT()} emphasis={Emphasis::Quiet} small=true
                    in_tab_order={props.is_current} on_press={act(ConnectionWish::Open(DrawerMode::Rename))} />
                <Button name={t!("Disconnect {label}", label)} icon={icons::DISCONNECT()} emphasis={Emphasis::Quiet} small=true
                    in_tab_order={props.is_current} on_press={act(ConnectionWish::Open(DrawerMode::Disconnect))} />
            </span>
        </div>
    }
}
