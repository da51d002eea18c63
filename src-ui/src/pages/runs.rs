//! The runs, newest first.

use patchbay_core::id::WorkflowId;
use patchbay_core::workflow::run::RunState;
use patchbay_ipc::{ListRuns, ListWorkflows, RunPage as Runs, RunSummary, Topic};
use patchbay_texts::t;
use yew::prelude::*;

use crate::bus;
use crate::components::{
    Button, Empty, FailureBanner, Page, Pager, SelectField, Skeleton, TimeAgo, run_status,
};
use crate::count::grouped;
use crate::hooks::{use_command, use_remembered};
use crate::icons;
use crate::route::Route;
use crate::shell::use_now;
use crate::state::run_chart::length;

/// Runs on a page.
const PAGE: u32 = 50;

/// The list of runs.
#[component]
pub fn RunsPage() -> Html {
    let state = use_remembered::<Option<RunState>>("runs");
    let workflow = use_state_eq(|| None::<WorkflowId>);
    let offset = use_state_eq(|| 0_u32);
    let page =
        use_command(ListRuns { workflow: *workflow, state: state.value, offset: *offset, limit: PAGE });
    let workflows = use_command(ListWorkflows { search: String::new(), offset: 0, limit: 200 });
    let mut offered: Vec<(AttrValue, AttrValue)> = vec![("".into(), t!("All workflows").into())];
    if let Some(workflows) = workflows.latest() {
        offered.extend(
            workflows.workflows.iter().map(|held| (held.id.to_string().into(), held.name.clone().into())),
        );
    }
    let on_workflow = {
        let (workflow, offset) = (workflow.clone(), offset.clone());
        Callback::from(move |id: String| {
            workflow.set(id.parse().ok());
            offset.set(0);
        })
    };
    let on_state = {
        let (keep, offset) = (state.set.clone(), offset.clone());
        Callback::from(move |chosen| {
            keep.emit(chosen);
            offset.set(0);
        })
    };
    let clear = {
        let (on_state, on_workflow) = (on_state.clone(), on_workflow.clone());
        Callback::from(move |()| {
            on_state.emit(None);
            on_workflow.emit(String::new());
        })
    };
    let toolbar = html! {
        <>
            if let Some(page) = page.latest() { { chips(page, state.value, &on_state) } }
            <span class="runs-workflow"><SelectField label={t!("Workflow")} value={workflow.map(|id| id.to_string()).unwrap_or_default()} choices={offered} on_choose={on_workflow} /></span>
        </>
    };
    let failure = page.failure().map(|failure| html! {
        <FailureBanner failure={failure.clone()}>
            <Button small=true on_press={Callback::from(|()| bus::publish(&[Topic::Runs]))}>{ t!("Try again") }</Button>
        </FailureBanner>
    });
    let content = match (page.latest(), page.failure()) {
        (None, Some(_)) => Html::default(),
        (None, None) => html! { <Skeleton words={t!("Loading runs")} lines=6 /> },
        (Some(page), _) if page.total == 0 => html! {
            <Empty icon={icons::RUNS()} title={t!("Nothing has run yet")} words={t!("Every run is kept here: which task ran when, as whom, and what it was answered.")}>
                <a class="button button-primary" href={Route::Workflows.hash()}>{ t!("Choose a workflow") }</a>
            </Empty>
        },
        (Some(page), _) if page.matching == 0 => html! {
            <Empty icon={icons::SEARCH()} title={t!("Nothing matches")} words={t!("No run of this workflow is in the state you chose.")}>
                <Button on_press={clear}>{ t!("Clear the filter") }</Button>
            </Empty>
        },
        (Some(page), _) => html! {
            <>
                <ul class="runs" aria-label={t!("Runs")}>
                    { for page.runs.iter().map(|run| html! { <RunRow key={run.id.to_string()} run={run.clone()} /> }) }
                </ul>
                <Pager name="runs" offset={*offset} total={page.matching} size={PAGE} on_go={let offset = offset.clone(); Callback::from(move |to| offset.set(to))} />
            </>
        },
    };
    html! { <Page title={t!("Runs")} {toolbar}>{ failure.unwrap_or_default() }{ content }</Page> }
}

fn chips(page: &Runs, chosen: Option<RunState>, on_state: &Callback<Option<RunState>>) -> Html {
    let all = std::iter::once((None, t!("All"), page.total));
    let states = RunState::ALL.into_iter().filter_map(|state| {
        let count = page.by_state.iter().find(|(held, _)| *held == state).map_or(0, |(_, count)| *count);
        (count > 0 || chosen == Some(state)).then_some((Some(state), state.words(), count))
    });
    html! {
        <div class="chips" role="group" aria-label={t!("State")}>
            { for all.chain(states).map(|(choice, words, count)| html! {
                <button key={words} type="button" class="chip" aria-pressed={if chosen == choice { "true" } else { "false" }}
                    onclick={on_state.reform(move |_: MouseEvent| choice)}>{ words }<span class="chip-count">{ grouped(count) }</span></button>
            }) }
        </div>
    }
}

/// Properties of [`RunRow`].
#[derive(Properties, PartialEq)]
pub struct RunRowProps {
    /// The run.
    pub run: RunSummary,
}

/// A run in the list.
#[component]
pub fn RunRow(props: &RunRowProps) -> Html {
    let now = use_now();
    let run = &props.run;
    html! {
        <li>
            <a class="run-row" href={Route::Run(run.id).hash()}>
                { run_status(run.state, &run.words) }
                <span class="two-lines">
                    <span class="row-label">{ run.name.clone() }</span>
                    <span class="muted">{ run.problem.clone().unwrap_or_else(|| progress(run)) }</span>
                </span>
                <span class="muted tabular run-row-length">{ length(run, now) }</span>
                <span class="muted run-row-time"><TimeAgo at={run.started_at} /></span>
            </a>
        </li>
    }
}

/// How far a run has come, in words.
pub(super) fn progress(run: &RunSummary) -> String {
    if run.ended_at.is_some() {
        t!("1 task executed" | "{count} tasks executed" % run.tasks_begun, count = grouped(run.tasks_begun))
    } else {
        t!(
            "{ended} of {begun} tasks begun have ended",
            ended = grouped(run.tasks_ended),
            begun = grouped(run.tasks_begun)
        )
    }
}
