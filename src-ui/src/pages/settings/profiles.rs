//! All profiles: switching, adding, forgetting.

use patchbay_core::id::ProfileId;
use patchbay_core::profile::ProfileKind;
use patchbay_ipc::{DeleteProfile, Overview, ProfileSummary, SwitchProfile, Tone, Topic, TryWithoutAccount};
use patchbay_texts::t;
use yew::prelude::*;

use super::Section;
use crate::bus;
use crate::components::{Button, Dialog, Emphasis, FailureBanner, ProfileFormView};
use crate::hooks::use_action;
use crate::icons::{self, glyph};
use crate::shell::use_shell;

/// The profiles.
#[component]
pub fn Profiles() -> Html {
    let shell = use_shell();
    let adding = use_state_eq(|| false);
    let deleting = use_state_eq(|| None::<ProfileId>);
    let refresh =
        Callback::from(|_: Overview| bus::publish(&[Topic::Overview, Topic::Connectors, Topic::Connections]));
    let switch = use_action::<SwitchProfile>(refresh.clone());
    let delete = {
        let (deleting, refresh, shell) = (deleting.clone(), refresh.clone(), shell.clone());
        use_action::<DeleteProfile>(Callback::from(move |overview| {
            deleting.set(None);
            shell.notify(Tone::Good, t!("The profile is forgotten on this computer."), None);
            refresh.emit(overview);
        }))
    };
    let on_added = {
        let (adding, refresh) = (adding.clone(), refresh.clone());
        Callback::from(move |overview| {
            adding.set(false);
            refresh.emit(overview);
        })
    };
    let sandbox = use_action::<TryWithoutAccount>(on_added.clone());
    let active = shell.overview.profile.as_ref().map(|profile| profile.id);
    let has_sandbox = shell.overview.profiles.iter().any(|profile| profile.kind == ProfileKind::Sandbox);
    let set_adding = |value: bool| {
        let adding = adding.clone();
        Callback::from(move |()| adding.set(value))
    };
    let new_profile = html! { <Button small=true icon={icons::ADD()} on_press={set_adding(true)}>{ t!("New profile") }</Button> };
    html! {
        <Section title={t!("Profiles")} about={t!("Each has its own server, user and connections; nothing of one shows in another.")} actions={new_profile}>
            <ul class="profiles">
                { for shell.overview.profiles.iter().map(|profile| {
                    let ProfileSummary { id, kind, name, user_id } = profile.clone();
                    let is_active = active == Some(id);
                    let ask = { let deleting = deleting.clone(); Callback::from(move |()| deleting.set(Some(id))) };
                    let keep = { let deleting = deleting.clone(); Callback::from(move |()| deleting.set(None)) };
                    html! {
                        <li key={id.to_string()} class="profile-item">
                            { glyph(if kind == ProfileKind::Sandbox { icons::SANDBOX() } else { icons::SERVER() }, 16, "") }
                            <span class="two-lines">
                                <span class="row-label">{ name.clone() }</span>
                                <span class="muted">{ user_id }</span>
                            </span>
                            if is_active {
                                <span class="status status-good">{ glyph(icons::CHECK(), 16, "") }<span>{ t!("Active") }</span></span>
                            } else {
                                <Button small=true name={t!("Switch to {name}", name)} icon={icons::SWITCH()} busy={switch.busy}
                                    on_press={switch.run.reform(move |()| SwitchProfile { profile: id })}>{ t!("Switch") }</Button>
                            }
                            <Button small=true emphasis={Emphasis::Quiet} name={t!("Delete profile {name}", name)} icon={icons::DELETE()} on_press={ask} />
                            if *deleting == Some(id) {
                                <div class="confirm" role="group" aria-label={t!("Delete profile {name}", name)}>
                                    <p>
                                        { t!("Forgets this profile’s connections, history and key on this computer. ") }
                                        { t!("Nothing is deleted at Nango: the connections go on existing there.") }
                                    </p>
                                    if let Some(failure) = &delete.failure { <FailureBanner failure={failure.clone()} /> }
                                    <div class="buttons">
                                        <Button small=true emphasis={Emphasis::Danger} busy={delete.busy}
                                            on_press={delete.run.reform(move |()| DeleteProfile { profile: id })}>{ t!("Delete profile") }</Button>
                                        <Button small=true on_press={keep}>{ t!("Keep it") }</Button>
                                    </div>
                                </div>
                            }
                        </li>
                    }
                }) }
            </ul>
            if let Some(failure) = &switch.failure { <FailureBanner failure={failure.clone()} /> }
            if *adding {
                <Dialog title={t!("New profile")} on_close={set_adding(false)}>
                    <div class="dialog-body">
                        <ProfileFormView on_saved={on_added}>
                            <Button emphasis={Emphasis::Quiet} on_press={set_adding(false)}>{ t!("Cancel") }</Button>
                        </ProfileFormView>
                        if !has_sandbox {
                            <div class="dialog-aside">
                                <p class="muted">{ t!("Or look around with pretended accounts; nothing leaves this computer.") }</p>
                                <Button icon={icons::SANDBOX()} busy={sandbox.busy}
                                    on_press={sandbox.run.reform(|()| TryWithoutAccount {})}>{ t!("Try it without an account") }</Button>
                            </div>
                            if let Some(failure) = &sandbox.failure { <FailureBanner failure={failure.clone()} /> }
                        }
                    </div>
                </Dialog>
            }
        </Section>
    }
}
