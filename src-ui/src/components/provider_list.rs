//! The rest of the server's catalogue, a part at a time.

use patchbay_ipc::ProviderView;
use patchbay_texts::t;
use yew::prelude::*;

use super::{Button, ConnectButton, Emphasis, connector_icon, standing};
use crate::state::connect::Target;

/// How many are shown, and how many more at a time.
const PART: usize = 60;

/// Properties of [`ProviderList`].
#[derive(Properties, PartialEq)]
pub struct ProviderListProps {
    /// Those that are found.
    pub providers: Vec<ProviderView>,
}

/// Providers as lines, the first of them at once.
#[component]
pub fn ProviderList(props: &ProviderListProps) -> Html {
    let shown = use_state_eq(|| PART);
    let total = props.providers.len();
    let more = total.saturating_sub(*shown).min(PART);
    let on_more = {
        let shown = shown.clone();
        Callback::from(move |()| shown.set(*shown + PART))
    };
    html! {
        <section class="category" aria-label={t!("More of this server")}>
            <h2>{ t!("More of this server") }<span class="count">{ total }</span></h2>
            <p class="muted category-about">{ t!("Everything else that this Nango knows how to connect. Patchbay has no operations of its own for these.") }</p>
            <ul class="providers">{ for props.providers.iter().take(*shown).map(line) }</ul>
            if more > 0 {
                <div class="buttons providers-more">
                    <Button emphasis={Emphasis::Secondary} on_press={on_more}>{ t!("Show {more} more", more) }</Button>
                    <span class="muted tabular" role="status">{ t!("{shown} of {total}", shown = *shown, total) }</span>
                </div>
            }
        </section>
    }
}

fn line(provider: &ProviderView) -> Html {
    let about = provider.categories.join(", ");
    html! {
        <li key={provider.provider.to_string()} class="provider">
            <span class="connector-tile">{ connector_icon(&provider.name, None, 20) }</span>
            <span class="two-lines">
                <h3>{ provider.name.clone() }</h3>
                <span class="muted"><code>{ provider.provider.to_string() }</code>if !about.is_empty() { { " · " }{ about } }</span>
            </span>
            { standing(provider) }
            <ConnectButton target={Target::provider(provider)} is_connected={provider.connected > 0} />
        </li>
    }
}
