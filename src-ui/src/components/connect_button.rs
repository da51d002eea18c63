//! The button that connects an account.

use patchbay_ipc::NetworkView;
use patchbay_texts::t;
use yew::prelude::*;

use super::{Button, Emphasis};
use crate::icons;
use crate::shell::use_shell;
use crate::state::connect::Target;

/// Properties of [`ConnectButton`].
#[derive(Properties, PartialEq)]
pub struct ConnectButtonProps {
    /// What it connects.
    pub target: Target,
    /// Whether there is a connection of it already.
    pub is_connected: bool,
}

/// The button that opens the connect dialog, or says why it does not. What the server does not offer has it too:
/// the dialog then is about setting it up.
#[component]
pub fn ConnectButton(props: &ConnectButtonProps) -> Html {
    let shell = use_shell();
    let unavailable = shell.network_is_off().map(AttrValue::from);
    let remark = match &shell.overview.network {
        NetworkView::Offline { reason, .. } => {
            Some(AttrValue::from(t!("The server did not answer last time: {reason}", reason)))
        }
        _ => None,
    };
    let on_press = {
        let target = props.target.clone();
        shell.on_connect.reform(move |()| target.clone())
    };
    let words = if props.is_connected { t!("Connect another") } else { t!("Connect") };
    html! {
        <Button name={t!("Connect {name}", name = props.target.name)} icon={icons::PLUG()} emphasis={Emphasis::Secondary}
            small=true {unavailable} {remark} {on_press}>{ words }</Button>
    }
}
