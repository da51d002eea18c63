//! Whether the system tells how an attempt ended.

use patchbay_ipc::{SetNotifications, Topic};
use patchbay_texts::t;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::Section;
use crate::bus;
use crate::components::FailureBanner;
use crate::hooks::use_action;

/// Properties of [`NotificationsSection`].
#[derive(Properties, PartialEq)]
pub(crate) struct NotificationsSectionProps {
    /// Whether they are on.
    pub on: bool,
}

/// The choice to be told by the system.
#[component]
pub(crate) fn NotificationsSection(props: &NotificationsSectionProps) -> Html {
    let set = use_action::<SetNotifications>(Callback::from(|()| bus::publish(&[Topic::Diagnostics])));
    let onchange = set.run.reform(|event: Event| {
        let input = event.target_dyn_into::<HtmlInputElement>();
        SetNotifications { on: input.is_some_and(|input| input.checked()) }
    });
    html! {
        <Section title={t!("Notifications")}>
            <label class="check">
                <input type="checkbox" checked={props.on} {onchange} />
                <span>{ t!("Tell me how an attempt ended while this window is in the background") }</span>
            </label>
            if let Some(failure) = &set.failure { <FailureBanner failure={failure.clone()} /> }
        </Section>
    }
}
