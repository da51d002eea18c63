//! Renders a component inside the frame's contexts.

use std::rc::Rc;

use patchbay_ipc::Overview;
use patchbay_ui::shell::{Now, Shell};
use yew::prelude::*;

use super::sample;

#[derive(Properties, PartialEq)]
struct StageProps {
    overview: Overview,
    content: Html,
}

#[component]
fn Stage(props: &StageProps) -> Html {
    let shell = Shell {
        overview: Rc::new(props.overview.clone()),
        on_connect: Callback::noop(),
        on_notice: Callback::noop(),
        on_offer: Callback::noop(),
        on_import: Callback::noop(),
    };
    html! {
        <ContextProvider<Now> context={Now(sample::now())}>
            <ContextProvider<Shell> context={shell}>{ props.content.clone() }</ContextProvider<Shell>>
        </ContextProvider<Now>>
    }
}

/// The text of a component under the sample overview.
pub(crate) async fn render(content: impl FnOnce() -> Html + Send + 'static) -> String {
    render_in(sample::overview, content).await
}

/// The text of a component under an overview.
pub(crate) async fn render_in(
    overview: impl FnOnce() -> Overview + Send + 'static,
    content: impl FnOnce() -> Html + Send + 'static,
) -> String {
    yew::ServerRenderer::<Stage>::with_props(move || StageProps { overview: overview(), content: content() })
        .hydratable(false)
        .render()
        .await
}
