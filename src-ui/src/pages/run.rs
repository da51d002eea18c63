//! One run: its picture over time, live while it runs, and two runs beside each other.

use gloo_timers::callback::Interval;
use patchbay_core::id::RunId;
use patchbay_core::workflow::run::RunState;
use patchbay_ipc::{
    CancelRun, CompareRuns, ComparisonLine, GetRun, ListRuns, RunComparison, RunEntryView, RunSummary,
    RunView, StartRun, Topic,
};
use patchbay_texts::t;
use yew::prelude::*;

use super::runs::progress;
use crate::bus;
use crate::clock;
use crate::components::{
    Button, CopyBlock, FailureBanner, Page, RunChart, RunEntryDrawer, SelectField, Skeleton, TimeAgo,
    run_status, status, task_look,
};
use crate::count::grouped;
use crate::dom;
use crate::hooks::{use_action, use_command};
use crate::icons::{self, glyph};
use crate::route::Route;
use crate::shell::use_shell;
use crate::state::run_chart::{draw, length};

/// Properties of [`RunPage`].
#[derive(Properties, PartialEq)]
pub struct RunPageProps {
    /// Which run.
    pub run: RunId,
}

/// The page of a run.
#[component]
pub fn RunPage(props: &RunPageProps) -> Html {
    let run = use_command(GetRun { run: props.run });
    let known = run.latest().filter(|known| known.summary.id == props.run);
    let Some(known) = known else {
        let topic = Topic::Run(props.run);
        let content = match run.failure() {
            Some(failure) => html! {
                <FailureBanner failure={failure.clone()}>
                    <Button small=true on_press={Callback::from(move |()| bus::publish(&[topic]))}>{ t!("Try again") }</Button>
                    <a class="button button-secondary button-small" href={Route::Runs.hash()}>{ t!("All runs") }</a>
                </FailureBanner>
            },
            None => html! { <Skeleton words={t!("Loading the run")} lines=6 /> },
        };
        return html! { <Page title={t!("Run")}>{ content }</Page> };
    };
    html! { <Shown run={known.clone()} /> }
}

/// The time, looked at often while something runs.
#[hook]
fn use_running_clock(is_running: bool) -> jiff::Timestamp {
    let now = use_state_eq(clock::now);
    {
        let now = now.clone();
        use_effect_with(is_running, move |is_running| {
            now.set(clock::now());
            let interval = is_running.then(|| Interval::new(500, move || now.set(clock::now())));
            move || drop(interval)
        });
    }
    *now
}

#[derive(Properties, PartialEq)]
struct ShownProps {
    run: std::rc::Rc<RunView>,
}

#[component]
fn Shown(props: &ShownProps) -> Html {
    let shell = use_shell();
    let run = &props.run;
    let RunSummary { id, workflow, state, .. } = run.summary;
    let is_running = state == RunState::Running;
    let now = use_running_clock(is_running);
    let selected = use_state_eq(|| None::<u32>);
    let chart = draw(&run.summary, &run.entries, now);
    let cancel = use_action::<CancelRun>(Callback::noop());
    let again =
        use_action::<StartRun>(Callback::from(|run: RunView| dom::go(&Route::Run(run.summary.id).hash())));
    let on_again = {
        let input = run.input.clone();
        again.run.reform(move |()| StartRun { workflow, input: input.clone() })
    };
    let on_select = {
        let selected = selected.clone();
        Callback::from(move |number| selected.set(Some(number)))
    };
    let on_close = {
        let selected = selected.clone();
        Callback::from(move |()| selected.set(None))
    };
    let actions = html! {
        <>
            <CompareWith run={id} {workflow} />
            <a class="button button-secondary button-small" href={Route::Workflow(workflow).hash()}>{ glyph(icons::WORKFLOWS(), 16, "") }{ t!("Workflow") }</a>
            if is_running {
                <Button small=true icon={icons::STOP()} busy={cancel.busy} on_press={cancel.run.reform(move |()| CancelRun { run: id })}>{ t!("Cancel") }</Button>
            } else {
                <Button small=true icon={icons::RUN()} busy={again.busy} unavailable={shell.network_is_off().map(AttrValue::from)} on_press={on_again}>{ t!("Run again") }</Button>
            }
        </>
    };
    let remark = html! { <span class="editor-remark"><span role="status">{ run_status(state, &run.summary.words) }</span><span>{ format!("{} · {}", length(&run.summary, now), progress(&run.summary)) }</span></span> };
    let toolbar =
        html! { <span class="muted">{ t!("Began ") }<TimeAgo at={run.summary.started_at} /></span> };
    let cut = u32::try_from(run.entries.len()).unwrap_or(u32::MAX);
    html! {
        <div class="with-drawer">
            <Page title={run.summary.name.clone()} {remark} {actions} {toolbar}>
                if let Some(failure) = cancel.failure.as_ref().or(again.failure.as_ref()) { <FailureBanner failure={failure.clone()} /> }
                if let Some(failure) = &run.failure { <FailureBanner failure={failure.clone()}>{ reconnect(run, &shell) }</FailureBanner> }
                if run.entries.is_empty() {
                    <p class="muted">{ if is_running { t!("No task has begun yet.") } else { t!("No task was executed.") } }</p>
                } else {
                    <RunChart run={run.clone()} {chart} selected={*selected} {on_select} />
                }
                if run.entries_total > cut {
                    <p class="muted">{ t!("The first {count} of {total} executions are shown.", count = grouped(cut), total = grouped(run.entries_total)) }</p>
                }
                <div class="run-data">
                    <CopyBlock title={t!("Input")} text={run.input.clone()} />
                    if let Some(output) = &run.output { <CopyBlock title={t!("Output")} text={output.clone()} /> }
                </div>
            </Page>
            if let Some(number) = *selected { <RunEntryDrawer run={id} {number} {on_close} /> }
        </div>
    }
}

/// The reconnect that the failed task asks for.
fn reconnect(run: &RunView, shell: &crate::shell::Shell) -> Html {
    let wanted = run.entries.iter().rev().find_map(|entry| {
        let connection = entry.connection.as_ref()?;
        (entry.reconnect == Some(connection.instance)).then_some(connection)
    });
    let Some(connection) = wanted else { return Html::default() };
    let target = crate::state::connect::Target::reconnect(connection);
    html! {
        <Button small=true icon={icons::PLUG()} unavailable={shell.network_is_off().map(AttrValue::from)}
            on_press={shell.on_connect.reform(move |()| target.clone())}>{ t!("Reconnect {label}", label = connection.label) }</Button>
    }
}

#[derive(Properties, PartialEq)]
struct CompareWithProps {
    run: RunId,
    workflow: patchbay_core::id::WorkflowId,
}

/// A choice among the workflow's other runs.
#[component]
fn CompareWith(props: &CompareWithProps) -> Html {
    let run = props.run;
    let runs = use_command(ListRuns { workflow: Some(props.workflow), state: None, offset: 0, limit: 50 });
    let others =
        runs.latest().map(|page| page.runs.iter().filter(|other| other.id != run).collect::<Vec<_>>());
    let Some(others) = others.filter(|others| !others.is_empty()) else { return Html::default() };
    let mut offered: Vec<(AttrValue, AttrValue)> = vec![("".into(), t!("Compare with…").into())];
    offered.extend(others.iter().map(|other| {
        (other.id.to_string().into(), format!("{}, {}", clock::exact(other.started_at), other.words).into())
    }));
    let on_choose = Callback::from(move |id: String| {
        if let Ok(other) = id.parse() {
            dom::go(&Route::Compare(other, run).hash());
        }
    });
    html! { <span class="compare-with"><SelectField label={t!("Compare with")} value="" choices={offered} {on_choose} /></span> }
}

/// Properties of [`ComparePage`].
#[derive(Properties, PartialEq)]
pub struct ComparePageProps {
    /// The one run.
    pub left: RunId,
    /// The other.
    pub right: RunId,
}

/// Two runs beside each other.
#[component]
pub fn ComparePage(props: &ComparePageProps) -> Html {
    let comparison = use_command(CompareRuns { left: props.left, right: props.right });
    let content = match (comparison.latest(), comparison.failure()) {
        (None, Some(failure)) => html! { <FailureBanner failure={failure.clone()} /> },
        (None, None) => html! { <Skeleton words={t!("Comparing")} lines=6 /> },
        (Some(comparison), _) => compared(comparison),
    };
    html! { <Page title={t!("Compare runs")}>{ content }</Page> }
}

/// The lines of a comparison.
pub fn compared(comparison: &RunComparison) -> Html {
    let differing = comparison.lines.iter().filter(|line| !line.differences.is_empty()).count();
    let head = |run: &RunSummary| {
        html! {
            <div class="compare-head">
                <a href={Route::Run(run.id).hash()}>{ run.name.clone() }</a>
                { run_status(run.state, &run.words) }
                <span class="muted"><TimeAgo at={run.started_at} /></span>
            </div>
        }
    };
    html! {
        <>
            <p role="status">{ match differing { 0 => t!("No execution differs.").to_owned(), count => t!("1 execution differs." | "{count} executions differ." % count, count = grouped(u32::try_from(count).unwrap_or(u32::MAX))) } }</p>
            <table class="compare">
                <thead><tr><th scope="col">{ t!("Task") }</th><th scope="col">{ head(&comparison.left) }</th><th scope="col">{ head(&comparison.right) }</th><th scope="col">{ t!("Difference") }</th></tr></thead>
                <tbody>{ for comparison.lines.iter().enumerate().map(|(index, line)| compare_line(index, line)) }</tbody>
            </table>
        </>
    }
}

fn compare_line(index: usize, line: &ComparisonLine) -> Html {
    let side = |entry: &Option<RunEntryView>| match entry {
        None => html! { <span class="muted">{ t!("Did not come here") }</span> },
        Some(entry) => {
            let (icon, colour, words) = task_look(entry.state);
            html! { <span class="compare-side">{ status(icon, colour, words) }<span class="muted">{ entry.summary.clone() }</span></span> }
        }
    };
    html! {
        <tr key={index} class={(!line.differences.is_empty()).then_some("is-different")}>
            <th scope="row">{ line.task.clone() }</th>
            <td>{ side(&line.left) }</td>
            <td>{ side(&line.right) }</td>
            <td>
                if line.differences.is_empty() { <span class="muted">{ t!("None") }</span> }
                { for line.differences.iter().map(|words| html! { <p key={words.clone()}>{ status(icons::COMPARE(), "warning", words.clone()) }</p> }) }
            </td>
        </tr>
    }
}
