//! The active profile: its form, what the environment overrides, and what its key may do.

use patchbay_core::profile::ProfileKind;
use patchbay_ipc::{CheckProfile, CheckReport, KeyPresence, Overview, Tone, Topic};
use patchbay_texts::t;
use yew::prelude::*;

use super::{Scopes, Section};
use crate::bus;
use crate::components::{Banner, Button, FailureBanner, ProfileFormView};
use crate::hooks::use_action;
use crate::icons;
use crate::shell::use_shell;

/// The active profile.
#[component]
pub fn ProfileSection() -> Html {
    let shell = use_shell();
    // A report of this minute stands in for the stored one until the overview has caught up.
    let fresh = use_state(|| None::<CheckReport>);
    let check = {
        let fresh = fresh.clone();
        use_action::<CheckProfile>(Callback::from(move |report| {
            fresh.set(Some(report));
            bus::publish(&[Topic::Overview]);
        }))
    };
    let Some(profile) = &shell.overview.profile else { return Html::default() };
    let on_saved = {
        let (shell, fresh) = (shell.clone(), fresh.clone());
        Callback::from(move |_: Overview| {
            fresh.set(None);
            bus::publish(&[Topic::Overview]);
            shell.notify(Tone::Good, t!("The profile is saved."), None);
        })
    };
    let is_sandbox = profile.kind == ProfileKind::Sandbox;
    let report = profile
        .check
        .as_ref()
        .filter(|stored| fresh.as_ref().is_none_or(|f| f.checked_at < stored.checked_at));
    let report = report.or(fresh.as_ref());
    let key_words = match profile.key {
        KeyPresence::Stored => None,
        KeyPresence::FromEnvironment => {
            Some((Tone::Neutral, t!("The key comes from the environment for this run.")))
        }
        KeyPresence::Missing => Some((Tone::Bad, t!("There is no key. Enter one to use the network."))),
        KeyPresence::Unreadable => Some((
            Tone::Bad,
            t!("The keyring could not be asked for the key. It may still be there; see Keyring below."),
        )),
    };
    html! {
        <Section title={t!("Profile")} about={t!("What {name} is, and as whom you use it.", name = profile.name)}>
            { for profile.overrides.iter().map(|over| html! {
                <Banner key={over.variable.clone()} message={format!("{}: {}", over.variable, over.effect)}
                    hint={t!("For this run only; what is stored stays as it is.")} />
            }) }
            if let Some((tone, message)) = key_words { <Banner {tone} {message} /> }
            if is_sandbox {
                <Banner message={t!("This profile runs inside Patchbay: nothing leaves this computer.")}
                    hint={t!("To connect real accounts, add a profile of your own Nango with New profile.")} />
                <dl class="facts">
                    <dt>{ t!("Address") }</dt><dd><code>{ profile.server_url.clone() }</code></dd>
                    <dt>{ t!("User id") }</dt><dd>{ profile.user_id.clone() }</dd>
                </dl>
            } else {
                <ProfileFormView key={profile.id.to_string()} profile={profile.clone()} {on_saved} />
            }
            <div class="check-report">
                <div class="check-report-head">
                    <h3>{ t!("What the key may do") }</h3>
                    <Button small=true icon={icons::REFRESH()} busy={check.busy} unavailable={shell.network_is_off().map(AttrValue::from)}
                        on_press={check.run.reform(|()| CheckProfile {})}>{ t!("Check again") }</Button>
                </div>
                if let Some(failure) = &check.failure { <FailureBanner failure={failure.clone()} /> }
                if let Some(report) = report {
                    <Scopes report={report.clone()} />
                } else {
                    <p class="muted">{ t!("Not checked yet.") }</p>
                }
            </div>
        </Section>
    }
}
