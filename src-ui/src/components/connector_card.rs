//! A connector as a card.

use patchbay_ipc::{Availability, ConnectorView};
use patchbay_texts::t;
use yew::prelude::*;

use super::{ConnectButton, connector_icon, standing};
use crate::state::connect::Target;

/// Properties of [`ConnectorCard`].
#[derive(Properties, PartialEq)]
pub struct ConnectorCardProps {
    /// The connector.
    pub connector: ConnectorView,
}

/// A connector: what it is, whether it is connected, and the button that connects it.
#[component]
pub fn ConnectorCard(props: &ConnectorCardProps) -> Html {
    let connector = &props.connector;
    let is_out = connector.connected == 0 && connector.availability == Availability::NotSetUp;
    html! {
        <li class={classes!("card", is_out.then_some("is-out"))}>
            <div class="card-head">
                <span class="connector-tile">{ connector_icon(&connector.name, connector.icon.as_deref(), 20) }</span>
                <h3>{ connector.name.clone() }</h3>
            </div>
            <p class="card-about">{ connector.description.clone() }</p>
            if is_out {
                <p class="card-note">{ t!("The operator has to add an integration of ") }<code>{ connector.provider.to_string() }</code>{ "." }</p>
            } else if let Some(note) = &connector.note {
                <p class="card-note" title={note.clone()}>{ note.clone() }</p>
            }
            <div class="card-foot">
                { standing(connector) }
                <ConnectButton target={Target::connector(connector)} is_connected={connector.connected > 0} />
            </div>
        </li>
    }
}
