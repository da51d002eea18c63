//! One execution: what it was given, what it gave, and every request and response it had.

use patchbay_core::id::RunId;
use patchbay_ipc::{ExchangeView, GetRunEntry, RunEntryDetails};
use patchbay_texts::t;
use yew::prelude::*;

use super::plug::connection_line;
use super::run_chart::task_look;
use super::{Button, CopyBlock, Emphasis, FailureBanner, Skeleton, TimeAgo, status};
use crate::hooks::use_command;
use crate::icons;
use crate::shell::use_shell;
use crate::state::connect::Target;
use crate::state::run_chart::duration;

/// Properties of [`RunEntryDrawer`].
#[derive(Properties, PartialEq)]
pub struct RunEntryDrawerProps {
    /// Of which run.
    pub run: RunId,
    /// Which execution.
    pub number: u32,
    /// It is to close.
    pub on_close: Callback<()>,
}

/// The drawer of an execution.
#[component]
pub fn RunEntryDrawer(props: &RunEntryDrawerProps) -> Html {
    let details = use_command(GetRunEntry { run: props.run, number: props.number });
    let known = details.latest().filter(|known| known.entry.number == props.number);
    let onkeydown = {
        let on_close = props.on_close.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                event.prevent_default();
                on_close.emit(());
            }
        })
    };
    let name = known.map(|known| known.entry.task.clone()).unwrap_or_default();
    html! {
        <aside class="drawer run-entry" aria-label={t!("Execution of {name}", name)} {onkeydown}>
            <header class="drawer-head">
                <div class="drawer-title"><h2>{ name }</h2></div>
                <Button name={t!("Close details")} icon={icons::CLOSE()} emphasis={Emphasis::Quiet} small=true on_press={props.on_close.clone()} />
            </header>
            <div class="drawer-body">
                if let Some(known) = known {
                    <EntryBody details={known.clone()} />
                } else if let Some(failure) = details.failure() {
                    <FailureBanner failure={failure.clone()} />
                } else {
                    <Skeleton words={t!("Loading the execution")} lines=5 />
                }
            </div>
        </aside>
    }
}

/// Properties of [`EntryBody`].
#[derive(Properties, PartialEq)]
pub struct EntryBodyProps {
    /// What is known of it.
    pub details: std::rc::Rc<RunEntryDetails>,
}

/// What an execution saw.
#[component]
pub fn EntryBody(props: &EntryBodyProps) -> Html {
    let shell = use_shell();
    let RunEntryDetails { entry, input, output, error, exchanges } = &*props.details;
    let (icon, colour, words) = task_look(entry.state);
    // Whom to reconnect is known as long as the connection is.
    let reconnect =
        entry.connection.as_ref().filter(|connection| entry.reconnect == Some(connection.instance));
    html! {
        <>
            <p class="run-entry-state">{ status(icon, colour, words) }<span class="muted">{ entry.summary.clone() }</span></p>
            if let Some(failure) = &entry.failure {
                <FailureBanner failure={failure.clone()}>
                    if let Some(connection) = reconnect {
                        <Button small=true icon={icons::PLUG()} unavailable={shell.network_is_off().map(AttrValue::from)}
                            on_press={let target = Target::reconnect(connection); shell.on_connect.reform(move |()| target.clone())}>{ t!("Reconnect {label}", label = connection.label) }</Button>
                    }
                </FailureBanner>
            }
            if let Some(connection) = &entry.connection { <div class="casting-who">{ connection_line(connection) }</div> }
            <dl class="facts">
                <dt>{ t!("Began") }</dt><dd><TimeAgo at={entry.started_at} /></dd>
                if let Some(ended) = entry.ended_at {
                    <dt>{ t!("Took") }</dt><dd>{ duration(u64::try_from(ended.as_millisecond() - entry.started_at.as_millisecond()).unwrap_or(0)) }</dd>
                }
                <dt>{ t!("Tried") }</dt><dd>{ t!("once" | "{count} times" % entry.attempts, count = entry.attempts) }</dd>
                <dt>{ t!("Stands at") }</dt><dd><code>{ entry.path.to_string() }</code></dd>
                if let Some(id) = &entry.connection_id { <dt>{ t!("Connection id") }</dt><dd><code>{ id.to_string() }</code></dd> }
                if let Some(error) = error { <dt>{ t!("Error") }</dt><dd><code>{ format!("{} {}", error.status, error.r#type) }</code></dd> }
            </dl>
            { for exchanges.iter().enumerate().map(|(index, exchange)| exchange_block(index, exchanges.len(), exchange)) }
            if let Some(input) = input { <CopyBlock title={t!("Given")} text={input.clone()} /> }
            if let Some(output) = output { <CopyBlock title={t!("Gave")} text={output.clone()} /> }
        </>
    }
}

fn exchange_block(index: usize, of: usize, exchange: &ExchangeView) -> Html {
    let (icon, colour) = match exchange.status {
        Some(status) if status < 400 => (icons::GOOD(), "good"),
        Some(_) => (icons::BAD(), "bad"),
        None => (icons::OFFLINE(), "bad"),
    };
    let words = exchange.status.map_or_else(|| t!("No answer").to_owned(), |status| status.to_string());
    let title = if of > 1 {
        t!("Try {number} of {total}", number = index + 1, total = of)
    } else {
        t!("Request").to_owned()
    };
    html! {
        <section key={index} class="exchange" aria-label={title.clone()}>
            <header class="exchange-head">
                <h3>{ title }</h3>
                { status(icon, colour, words) }
                <span class="muted tabular">{ duration(exchange.took_ms) }</span>
            </header>
            <code class="exchange-url">{ format!("{} {}", exchange.method, exchange.url) }</code>
            if let Some(problem) = &exchange.problem { <p class="status-bad">{ problem.clone() }</p> }
            { headers(t!("Request headers"), &exchange.request_headers) }
            if let Some(body) = &exchange.request_body { <CopyBlock title={t!("Request body")} text={body.clone()} /> }
            { headers(t!("Response headers"), &exchange.response_headers) }
            if let Some(body) = &exchange.response_body { <CopyBlock title={t!("Response body")} text={body.clone()} /> }
        </section>
    }
}

fn headers(title: &'static str, headers: &[(String, String)]) -> Html {
    if headers.is_empty() {
        return Html::default();
    }
    html! {
        <details class="headers">
            <summary>{ format!("{title} ({})", headers.len()) }</summary>
            <dl>{ for headers.iter().map(|(name, value)| html! { <><dt>{ name.clone() }</dt><dd>{ value.clone() }</dd></> }) }</dl>
        </details>
    }
}
