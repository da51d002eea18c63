//! What the application is made of.

use patchbay_ipc::{Licence, ListLicences};
use patchbay_texts::t;
use web_sys::HtmlDetailsElement;
use yew::prelude::*;

use crate::components::{FailureBanner, Skeleton};
use crate::hooks::{use_command, use_parts};

/// How many packages are drawn at a time.
const PART: usize = 60;

/// The packages of others with their licences, asked for when one wants to see them.
#[component]
pub(crate) fn Licences() -> Html {
    let is_open = use_state_eq(|| false);
    let ontoggle = {
        let is_open = is_open.clone();
        Callback::from(move |event: Event| {
            let details = event.target_dyn_into::<HtmlDetailsElement>();
            is_open.set(details.is_some_and(|details| details.open()));
        })
    };
    html! {
        <details class="more" {ontoggle}>
            <summary>{ t!("Licences") }</summary>
            if *is_open { <Packages /> }
        </details>
    }
}

#[component]
fn Packages() -> Html {
    let licences = use_command(ListLicences {});
    let all = licences.latest().map(|all| all.as_slice()).unwrap_or_default();
    let drawn = use_parts(all.len(), PART);
    if let Some(failure) = licences.failure() {
        return html! { <FailureBanner failure={failure.clone()} /> };
    }
    if all.is_empty() {
        return html! { <Skeleton words={t!("Loading the licences")} lines=4 /> };
    }
    let line = |Licence { name, version, licence }: &Licence| {
        html! {
            <li key={format!("{name} {version}")}>
                <span>{ name.clone() }{ " " }<span class="muted tabular">{ version.clone() }</span></span>
                <span class="muted">{ licence.clone() }</span>
            </li>
        }
    };
    html! {
        <>
            <p class="muted">{ t!("Patchbay is licensed under MIT or Apache-2.0, as you like. It is made with these {count} packages; \
                the full texts come with the installed package, in the file third-party-licences.txt.", count = all.len()) }</p>
            <ul class="licences" tabindex="0" role="list" aria-label={t!("Packages and their licences")}>{ for all[..drawn].iter().map(line) }</ul>
        </>
    }
}
