//! Which connection a reconnect is about, and who it should be.

use patchbay_core::id::InstanceId;
use patchbay_ipc::GetConnection;
use patchbay_texts::t;
use yew::prelude::*;

use super::avatar_of;
use crate::hooks::use_command;
use crate::state::attention::account_line;

/// Properties of [`ReconnectIntro`].
#[derive(Properties, PartialEq)]
pub struct ReconnectIntroProps {
    /// Which connection.
    pub instance: InstanceId,
    /// Its label, which it keeps.
    pub label: AttrValue,
    /// The connector's name.
    pub connector: AttrValue,
    /// The connector's icon.
    pub icon: Option<AttrValue>,
}

/// The connection's avatar and label with the account it should be, as far as that is known.
#[component]
pub fn ReconnectIntro(props: &ReconnectIntroProps) -> Html {
    let details = use_command(GetConnection { instance: props.instance });
    let account = details.latest().and_then(|details| details.connection.account.clone());
    html! {
        <div class="who">
            { avatar_of(props.instance, &props.label, &props.connector, props.icon.as_deref(), 48) }
            <div class="who-words">
                <p class="who-label">{ props.label.clone() }</p>
                <p class="muted">
                    { account.map_or_else(|| AttrValue::from(t!("Account not known yet")), |account| account_line(&account).into()) }
                </p>
            </div>
        </div>
    }
}
