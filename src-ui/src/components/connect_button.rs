//! The button that connects an account.

use patchbay_ipc::{Availability, ConnectorView, NetworkView};
use yew::prelude::*;

use super::{Button, Emphasis};
use crate::icons;
use crate::shell::use_shell;
use crate::state::connect::Target;

/// Properties of [`ConnectButton`].
#[derive(Properties, PartialEq)]
pub struct ConnectButtonProps {
    /// What it connects.
    pub connector: ConnectorView,
}

/// The button that opens the connect dialog for a connector, or says why it does not.
#[component]
pub fn ConnectButton(props: &ConnectButtonProps) -> Html {
    let shell = use_shell();
    let connector = &props.connector;
    let unavailable = shell.network_is_off().map(AttrValue::from).or_else(|| {
        (connector.availability == Availability::NotSetUp).then(|| {
            AttrValue::from(format!(
                "Ask whoever runs this Nango server to add an integration of the provider “{}”.",
                connector.provider
            ))
        })
    });
    let remark = match &shell.overview.network {
        NetworkView::Offline { reason, .. } => {
            Some(AttrValue::from(format!("The server did not answer last time: {reason}")))
        }
        _ => None,
    };
    let on_press = {
        let target = Target::connector(connector);
        shell.on_connect.reform(move |()| target.clone())
    };
    let words = if connector.connected > 0 { "Connect another" } else { "Connect" };
    html! {
        <Button name={format!("Connect {}", connector.name)} icon={icons::PLUG()} emphasis={Emphasis::Secondary}
            small=true {unavailable} {remark} {on_press}>{ words }</Button>
    }
}
