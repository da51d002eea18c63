//! The editor, the picker and the runs, rendered to text: what a person can find by name and role, in each state.

use std::collections::BTreeMap;
use std::rc::Rc;

use patchbay_core::workflow::binding::{CastingState, Slot};
use patchbay_core::workflow::run::RunState;
use patchbay_ipc::{CandidatePage, EmptyPicker, EmptyReason, ImportPlace, ImportPlan};
use patchbay_ui::components::{
    CommitField, ConnectionPicker, EntryBody, FlowCanvas, ImportMapping, Nothing, RunChart, TaskPanel, plug,
    replacement_diff,
};
use patchbay_ui::pages::{RunRow, WorkflowRow, compared};
use patchbay_ui::shared::Shared;
use patchbay_ui::state::flow::lay_out;
use patchbay_ui::state::run_chart::draw;
use patchbay_ui::state::selection::task_at;
use yew::prelude::*;

use super::stage::render;
use super::{flow, has, lacks, sample};

fn canvas(selected: Option<&'static str>) -> Html {
    let view = flow::view();
    let layout = Shared::from(lay_out(&view.outline));
    html! {
        <FlowCanvas view={Shared::from(view)} {layout} selected={selected.map(Into::into)} on_wish={Callback::noop()} />
    }
}

#[tokio::test]
async fn a_task_says_what_it_does_and_as_whom() {
    let text = render(|| canvas(None)).await;
    has(
        &text,
        &[
            "role=\"tree\" aria-label=\"Tasks\"",
            "aria-label=\"listIssues, GitHub, List issues, runs as work\"",
            "aria-label=\"createIssue, GitHub, Create an issue, not bound\"",
            "aria-label=\"closeIssue, GitHub, Close an issue, runs as old, needs reconnect, problem: No title.\"",
            "aria-label=\"route, Switch, a, b\"",
            "aria-level=\"2\"",
        ],
    );
    assert_eq!(text.matches("role=\"treeitem\"").count(), 6);
}

#[tokio::test]
async fn the_canvas_is_one_tab_stop() {
    let text = render(|| canvas(Some("/do/1/createIssue"))).await;
    let items: Vec<&str> = text.split("role=\"treeitem\"").skip(1).collect();
    let stops: Vec<bool> = items
        .iter()
        .map(|item| {
            let own = item.split_once('>').map_or(*item, |(own, _)| own);
            own.contains("tabindex=\"0\"")
        })
        .collect();
    assert_eq!(stops, [false, true, false, false, false, false]);
    has(&text, &["aria-selected=\"true\""]);
}

#[tokio::test]
async fn an_empty_list_is_a_place_to_add_to() {
    has(&render(|| canvas(None)).await, &["Add a task here", "Try", "If that fails"]);
    let text = render(|| {
        let mut view = flow::view();
        view.outline.tasks.clear();
        let layout = Shared::from(lay_out(&view.outline));
        html! { <FlowCanvas view={Shared::from(view)} {layout} selected={None} on_wish={Callback::noop()} /> }
    })
    .await;
    has(&text, &["Add the first task"]);
}

#[tokio::test]
async fn a_plug_is_a_picture_and_words() {
    for (state, words, piece) in [
        (CastingState::Unbound, "Not bound", "socket-ring is-empty"),
        (CastingState::NeedsReconnect, "Needs reconnect", "socket-cable is-loose"),
        (CastingState::Gone, "Deleted", "socket-cable is-loose"),
        (CastingState::Ready, "Ready", "socket-pin"),
    ] {
        let text = render(move || plug(&flow::casting("x", "work", state, words))).await;
        has(&text, &[piece]);
        if state != CastingState::Ready {
            has(&text, &[words]);
        }
        assert_eq!(text.contains("plug-label"), state != CastingState::Unbound, "{state:?}");
    }
}

#[tokio::test]
async fn the_picker_is_a_combo_box() {
    let text = render(|| {
        html! { <ConnectionPicker connector={flow::github()} chosen={sample::working("work")} on_choose={Callback::noop()} /> }
    })
    .await;
    has(
        &text,
        &[
            ">Connection</label>",
            "role=\"combobox\"",
            "aria-expanded=\"false\"",
            "aria-autocomplete=\"list\"",
            "value=\"work\"",
        ],
    );
}

#[tokio::test]
async fn an_empty_picker_says_why_and_what_next() {
    for (reason, next) in [
        (EmptyReason::NoneYet, "Connect GitHub"),
        (EmptyReason::Filtered, "Clear the search"),
        (EmptyReason::OtherProfile, "Switch profile"),
        (EmptyReason::NeverSynced, "Sync now"),
    ] {
        let text = render(move || {
            let empty = Some(EmptyPicker { reason, words: "That is why.".into() });
            let page = Rc::new(CandidatePage { connections: vec![], matching: 0, total: 0, empty });
            html! { <Nothing {page} connector={flow::github()} on_clear={Callback::noop()} /> }
        })
        .await;
        has(&text, &["That is why.", next]);
    }
}

fn panel(path: &'static str) -> Html {
    let view = flow::view();
    let task = task_at(&view.outline, &path.into()).expect("it is there").clone();
    html! { <TaskPanel view={Shared::from(view)} {task} on_wish={Callback::noop()} /> }
}

#[tokio::test]
async fn the_panel_shows_as_whom_and_how_to_mend_it() {
    let text = render(|| panel("/do/2/closeIssue")).await;
    has(
        &text,
        &[
            "aria-label=\"Task closeIssue\"",
            ">Connection</label>",
            "Reconnect old",
            ">Role</label>",
            "No title.",
            "Line 12",
        ],
    );
    let text = render(|| panel("/do/0/listIssues")).await;
    has(&text, &["Use for all 2 tasks with this role", "This task’s own"]);
    lacks(&text, &["Reconnect work"]);
}

#[tokio::test]
async fn a_switch_shows_its_cases() {
    let text = render(|| panel("/do/3/route")).await;
    has(&text, &["value=\"a\"", "value=\".x\"", "Leads to", "Add a case", "Remove case b"]);
    lacks(&text, &[">Connection</label>"]);
}

#[tokio::test]
async fn a_field_says_what_is_wrong_and_what_is_needed() {
    let text = render(|| {
        html! { <CommitField label="How long" value="soon" on_commit={Callback::noop()} error="A duration." required=true /> }
    })
    .await;
    has(&text, &["aria-invalid=\"true\"", "A duration.", "required", "aria-required=\"true\""]);
}

#[tokio::test]
async fn a_workflow_in_the_list_says_in_words_how_it_is() {
    let text = render(|| html! { <WorkflowRow workflow={flow::summary(3, 2)} /> }).await;
    has(
        &text,
        &["Triage", "5 tasks", "2 errors", "3 blocked", "Never run", "Duplicate Triage", "Delete Triage"],
    );
    let text = render(|| html! { <WorkflowRow workflow={flow::summary(0, 0)} /> }).await;
    has(&text, &["In order"]);
    let text = render(|| html! { <WorkflowRow workflow={flow::summary(1, 0)} /> }).await;
    has(&text, &["1 task blocked"]);
}

#[tokio::test]
async fn an_import_asks_for_each_role() {
    let text = render(|| {
        let role = ImportPlace {
            slot: Slot::Role("codeHost".into()),
            connector: flow::github(),
            tasks: vec!["listIssues".into()],
            candidates: 3,
            suggested: Some(sample::working("work")),
        };
        let other =
            ImportPlace { slot: Slot::Role("mail".into()), suggested: None, candidates: 0, ..role.clone() };
        let own = ImportPlace { slot: Slot::Task("closeIssue".into()), ..role.clone() };
        let places = vec![role, other, own];
        let plan = Rc::new(ImportPlan { name: "Triage".into(), problems: vec![], places });
        html! { <ImportMapping {plan} chosen={BTreeMap::new()} on_choose={Callback::noop()} /> }
    })
    .await;
    has(
        &text,
        &[
            "Connection for codeHost",
            "Use work, as in the file",
            "Connection for mail",
            "No connection yet",
            "Connection for task closeIssue",
            "closeIssue, on its own",
        ],
    );
    assert_eq!(text.matches("role=\"combobox\"").count(), 3);
}

#[tokio::test]
async fn a_replacement_is_reviewed_place_by_place() {
    let text = render(|| replacement_diff(&flow::replacement())).await;
    has(
        &text,
        &[
            "Instead of",
            "They run as",
            "Role codeHost",
            "Task createIssue, on its own",
            "listIssues, closeIssue",
        ],
    );
}

#[tokio::test]
async fn a_run_is_a_picture_with_names() {
    let text = render(|| {
        let run = Rc::new(flow::run(RunState::Faulted));
        let chart = draw(&run.summary, &run.entries, sample::now());
        html! { <RunChart {run} {chart} selected={Some(1)} on_select={Callback::noop()} /> }
    })
    .await;
    has(
        &text,
        &[
            "role=\"listbox\"",
            "aria-label=\"loop, Done, 3 items, 10 s\"",
            "aria-label=\"listIssues, Failed, GET /x → 401, 5 s, tried 3 times, as work\"",
            "left:50.000%",
        ],
    );
    let text = render(|| html! { <RunRow run={flow::run(RunState::Faulted).summary} /> }).await;
    has(&text, &["Failed", "“listIssues” failed."]);
}

#[tokio::test]
async fn an_execution_shows_its_exchanges_and_the_reconnect_it_needs() {
    let text = render(|| html! { <EntryBody details={Rc::new(flow::entry_details())} /> }).await;
    has(
        &text,
        &[
            "Reconnect work",
            "Try 1 of 2",
            "Try 2 of 2",
            "redacted",
            "Copy response body",
            "&lt;b&gt;no&lt;/b&gt;",
            "401",
        ],
    );
}

#[tokio::test]
async fn two_runs_beside_each_other() {
    let text = render(|| compared(&flow::comparison())).await;
    has(&text, &["1 execution differs.", "Ran as “work” instead of “private”", "Did not come here"]);
}
