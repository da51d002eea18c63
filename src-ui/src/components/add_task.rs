//! The palette: everything that can be added to a workflow, found as one types.

use patchbay_core::id::ConnectorSlug;
use patchbay_core::workflow::edit::NewTask;
use patchbay_core::workflow::outline::TaskKind;
use patchbay_ipc::ListOperations;
use patchbay_texts::t;
use yew::prelude::*;

use super::task_card::kind_icon;
use super::{Dialog, FailureBanner, SearchList, SearchRow, Skeleton, connector_icon};
use crate::hooks::use_command;
use crate::icons::glyph;
use crate::state::palette::{Choice, SHOWN, choices, found};

/// Properties of [`AddTask`].
#[derive(Properties, PartialEq)]
pub struct AddTaskProps {
    /// Where the task goes, in words: `after “listIssues”`.
    pub place: AttrValue,
    /// The connectors the document calls already, which are offered first.
    pub used: Vec<ConnectorSlug>,
    /// One was chosen.
    pub on_choose: Callback<NewTask>,
    /// None was.
    pub on_close: Callback<()>,
}

/// A dialog with a combo box over all operations and kinds.
#[component]
pub fn AddTask(props: &AddTaskProps) -> Html {
    let search = use_state_eq(String::new);
    let operations = use_command(ListOperations {});
    let all = use_memo((operations.latest().cloned(), props.used.clone()), |(operations, used)| {
        operations.as_ref().map(|operations| choices(operations, used))
    });
    let found = all.as_ref().as_ref().map(|all| found(all, &search)).unwrap_or_default();
    let more = found.len().saturating_sub(SHOWN);
    let shown = &found[..found.len() - more];
    let rows: Vec<SearchRow> = shown.iter().map(|choice| row(choice)).collect();
    let on_choose = {
        let tasks: Vec<NewTask> = shown.iter().map(|choice| choice.task.clone()).collect();
        let on_choose = props.on_choose.clone();
        Callback::from(move |index: usize| {
            if let Some(task) = tasks.get(index) {
                on_choose.emit(task.clone());
            }
        })
    };
    let on_search = {
        let search = search.clone();
        Callback::from(move |text| search.set(text))
    };
    html! {
        <Dialog title={t!("Add task")} on_close={props.on_close.clone()}>
            <div class="dialog-body palette">
                <p class="muted">{ props.place.clone() }</p>
                <SearchList name={t!("Search operations and kinds of task")} list_name={t!("What can be added")} placeholder={t!("List issues, post a message, switch, …")}
                    search={(*search).clone()} {on_search} {rows} is_finding={all.is_none()} {on_choose}>
                    if let Some(failure) = operations.failure() { <FailureBanner failure={failure.clone()} /> }
                    if all.is_none() && operations.failure().is_none() { <Skeleton words={t!("Loading what can be added")} lines=5 /> }
                </SearchList>
                <p class="muted" role="status">{ match (found.len(), more) {
                    (0, _) if all.is_some() => t!("Nothing that can be added has all these words.").to_owned(),
                    (_, 0) => String::new(),
                    (_, more) => t!("{more} more; type to find them.", more),
                } }</p>
            </div>
        </Dialog>
    }
}

fn row(choice: &Choice) -> SearchRow {
    SearchRow {
        name: name_of(choice).into(),
        picture: picture(choice),
        title: choice.title.clone().into(),
        about: choice.about.clone().into(),
        end: choice.connector.as_ref().map_or_else(Html::default, |(_, name, _)| {
            html! { <span class="muted palette-of">{ name.clone() }</span> }
        }),
    }
}

/// What it does, and of which connector or to what end.
fn name_of(choice: &Choice) -> String {
    let of = choice.connector.as_ref().map_or(&choice.about, |(_, name, _)| name);
    format!("{}, {of}", choice.title)
}

fn picture(choice: &Choice) -> Html {
    match (&choice.connector, &choice.task) {
        (Some((_, name, icon)), _) => connector_icon(name, icon.as_deref(), 20),
        (None, NewTask::Kind(kind)) => glyph(kind_icon(*kind), 20, ""),
        (None, NewTask::Operation { .. }) => glyph(kind_icon(TaskKind::CallHttp), 20, ""),
    }
}
