//! Settings: the profile, the profiles, and the state of everything around the application.

mod about;
mod appearance;
mod language;
mod licences;
mod notifications;
mod profile;
mod profiles;
mod scopes;
mod surroundings;

use patchbay_ipc::{GetDiagnostics, Topic};
use patchbay_texts::t;
use yew::prelude::*;

use crate::bus;
use crate::components::{Button, FailureBanner, Page, Skeleton, SyncButton, TimeAgo};
use crate::hooks::use_command;
use crate::shell::use_shell;

use about::About;
use appearance::AppearanceChoice;
use language::LanguageChoice;
use notifications::NotificationsSection;
use profile::ProfileSection;
use profiles::Profiles;
pub use scopes::Scopes;
pub use surroundings::{DeepLinkSection, KeyringSection, link_test};

/// Properties of [`Section`].
#[derive(Properties, PartialEq)]
pub(crate) struct SectionProps {
    /// Its heading.
    pub title: AttrValue,
    /// What it is about.
    #[prop_or_default]
    pub about: Option<AttrValue>,
    /// Buttons at its heading's end.
    #[prop_or_default]
    pub actions: Html,
    /// What is in it.
    pub children: Html,
}

/// A section of the page.
#[component]
pub(crate) fn Section(props: &SectionProps) -> Html {
    let id = props.title.to_lowercase().replace(' ', "-");
    html! {
        <section class="section" aria-labelledby={id.clone()}>
            <header class="section-head">
                <div>
                    <h2 {id}>{ props.title.clone() }</h2>
                    if let Some(about) = &props.about { <p class="muted">{ about.clone() }</p> }
                </div>
                <div class="section-actions">{ props.actions.clone() }</div>
            </header>
            <div class="section-body">{ props.children.clone() }</div>
        </section>
    }
}

/// The page.
#[component]
pub fn SettingsPage() -> Html {
    let shell = use_shell();
    let diagnostics = use_command(GetDiagnostics {});
    let synced_at = shell.overview.profile.as_ref().and_then(|profile| profile.last_synced_at);
    let around = match (diagnostics.latest(), diagnostics.failure()) {
        (Some(found), _) => html! {
            <>
                <KeyringSection keyring={found.keyring.clone()} />
                <DeepLinkSection deep_link={found.deep_link.clone()} />
                <NotificationsSection on={found.notifications} />
                <AppearanceChoice />
                <About diagnostics={(**found).clone()} />
            </>
        },
        (None, Some(failure)) => html! {
            <>
                <FailureBanner failure={failure.clone()}>
                    <Button small=true on_press={Callback::from(|()| bus::publish(&[Topic::Diagnostics]))}>{ t!("Try again") }</Button>
                </FailureBanner>
                <AppearanceChoice />
            </>
        },
        (None, None) => html! { <Skeleton words={t!("Looking around")} lines=4 /> },
    };
    html! {
        <Page title={t!("Settings")}>
            <div class="sections">
                <ProfileSection />
                <Profiles />
                <Section title={t!("Sync")} about={t!("Reads the list of your connections from the server, so that those made or deleted elsewhere show here.")}
                    actions={html! { <SyncButton /> }}>
                    <p class="muted">
                        if let Some(at) = synced_at { { t!("Last read ") }<TimeAgo {at} />{ "." } } else { { t!("Never read with this profile.") } }
                    </p>
                </Section>
                { around }
            </div>
        </Page>
    }
}
