//! What can be connected.

use std::rc::Rc;

use patchbay_ipc::{
    ConnectorList, ListConnectors, ListProviders, ProviderList as Rest, ProviderView, RefreshConnectors,
    Tone, Topic,
};
use patchbay_texts::t;
use yew::prelude::*;

use crate::bus;
use crate::components::{
    Banner, Button, ConnectorCard, Emphasis, Empty, FailureBanner, Page, ProviderList, SearchBox, Skeleton,
    TimeAgo,
};
use crate::hooks::{use_action, use_command, use_parts, use_remembered};
use crate::icons;
use crate::shell::use_shell;
use crate::state::catalogue::{self, Chip, groups};

/// How many cards are drawn at a time: more than a window of ordinary size shows.
const PART: usize = 24;

/// The connectors, found as one types, by category; and whatever else the server knows.
#[component]
pub fn ConnectorsPage() -> Html {
    let search = use_state(String::new);
    let chip = use_remembered::<Chip>("connectors");
    let list = use_command(ListConnectors {});
    let rest = use_command(ListProviders {});
    let providers = rest.latest().map_or(&[][..], |rest| &rest.providers);
    let on_search = {
        let search = search.clone();
        Callback::from(move |text| search.set(text))
    };
    let clear = {
        let (search, set_chip) = (search.clone(), chip.set.clone());
        Callback::from(move |()| {
            search.set(String::new());
            set_chip.emit(Chip::All);
        })
    };
    let toolbar = html! {
        <>
            <SearchBox name={t!("Search connectors")} value={(*search).clone()} on_input={on_search} />
            if let Some(list) = list.latest() {
                <div class="chips" role="group" aria-label={t!("Show")}>
                    { for Chip::ALL.into_iter().map(|choice| {
                        let count = list.connectors.iter().filter(|connector| choice.admits(*connector)).count()
                            + providers.iter().filter(|provider| choice.admits(*provider)).count();
                        html! {
                            <button key={choice.name()} type="button" class="chip" aria-pressed={if chip.value == choice { "true" } else { "false" }}
                                onclick={chip.set.reform(move |_: MouseEvent| choice)}>
                                { choice.name() }<span class="chip-count">{ count }</span>
                            </button>
                        }
                    }) }
                </div>
            }
        </>
    };
    let content = match (list.latest(), list.failure()) {
        (Some(list), failure) => html! {
            <>
                if let Some(failure) = failure { <FailureBanner failure={failure.clone()} /> }
                <Offers list={list.clone()} />
                <Found list={list.clone()} rest={rest.latest().cloned()} search={(*search).clone()} chip={chip.value} {clear} />
                if let Some(failure) = rest.failure() { <FailureBanner failure={failure.clone()} /> }
            </>
        },
        (None, Some(failure)) => html! {
            <FailureBanner failure={failure.clone()}>
                <Button small=true on_press={Callback::from(|()| bus::publish(&[Topic::Connectors]))}>{ t!("Try again") }</Button>
            </FailureBanner>
        },
        (None, None) => html! { <Skeleton words={t!("Loading connectors")} lines=12 shape="card" /> },
    };
    html! { <Page title={t!("Connectors")} {toolbar}>{ content }</Page> }
}

#[derive(Properties, PartialEq)]
struct FoundProps {
    list: Rc<ConnectorList>,
    rest: Option<Rc<Rest>>,
    search: String,
    chip: Chip,
    clear: Callback<()>,
}

/// What the search finds: the connectors' cards, then the rest of the server's catalogue.
#[component]
fn Found(props: &FoundProps) -> Html {
    let FoundProps { list, rest, search, chip, clear } = props;
    let providers = rest.as_ref().map_or(&[][..], |rest| &rest.providers);
    let groups = groups(&list.connectors, search, *chip);
    let cards = groups.iter().map(|(_, connectors)| connectors.len()).sum();
    let drawn = use_parts(cards, PART);
    let providers: Vec<ProviderView> =
        catalogue::found(providers, search, *chip).into_iter().cloned().collect();
    if groups.is_empty() && providers.is_empty() {
        let words = match chip {
            Chip::Connected if search.trim().is_empty() => t!("Nothing is connected with this profile yet."),
            Chip::Ready if search.trim().is_empty() => {
                t!("As far as is known, the server offers none of these services.")
            }
            _ => t!("Nothing has all these words in its name, category or keywords."),
        };
        return html! {
            <Empty icon={icons::SEARCH()} title={t!("Nothing matches")} {words}>
                <Button on_press={clear.clone()}>{ t!("Show all connectors") }</Button>
            </Empty>
        };
    }
    let mut left = drawn;
    html! {
        <>
            { for groups.into_iter().map_while(|(category, connectors)| {
                let here = left.min(connectors.len());
                left -= here;
                (here > 0).then(|| html! {
                    <section key={category.to_owned()} class="category" aria-label={category.to_owned()}>
                        <h2>{ category }<span class="count">{ connectors.len() }</span></h2>
                        <ul class="cards">
                            { for connectors.into_iter().take(here).map(|connector| html! {
                                <ConnectorCard key={connector.slug.to_string()} connector={connector.clone()} />
                            }) }
                        </ul>
                    </section>
                })
            }) }
            if drawn == cards && !providers.is_empty() {
                // Another search begins at its beginning.
                <ProviderList key={format!("{chip:?} {search}")} {providers} />
            }
        </>
    }
}

#[derive(Properties, PartialEq)]
struct OffersProps {
    list: Rc<ConnectorList>,
}

/// What is known of the server's offers, where that is not all.
#[component]
fn Offers(props: &OffersProps) -> Html {
    let shell = use_shell();
    let refresh = use_action::<RefreshConnectors>(Callback::from(|_| bus::publish(&[Topic::Connectors])));
    let button = html! {
        <Button small=true emphasis={Emphasis::Secondary} icon={icons::REFRESH()} busy={refresh.busy}
            unavailable={shell.network_is_off().map(AttrValue::from)}
            on_press={refresh.run.reform(|()| RefreshConnectors {})}>{ t!("Refresh") }</Button>
    };
    if let Some(failure) = refresh.failure.as_ref().or(props.list.problem.as_ref()) {
        return html! { <FailureBanner failure={failure.clone()}>{ button }</FailureBanner> };
    }
    match props.list.offers_learnt_at {
        None => html! {
            <Banner tone={Tone::Neutral} message={t!("Which of these your server offers is not known yet.")}
                hint={shell.network_is_off().map(AttrValue::from)}>{ button }</Banner>
        },
        Some(at) => html! {
            <p class="freshness muted"><span>{ t!("The server’s offers as of ") }<TimeAgo {at} /></span>{ button }</p>
        },
    }
}
