//! Finding a task of a large workflow by its name, what it does, or as whom.

use patchbay_core::workflow::outline::Pointer;
use patchbay_ipc::WorkflowView;
use patchbay_texts::t;
use yew::prelude::*;

use super::task_card::kind_icon;
use super::{Dialog, SearchList, SearchRow, connector_icon};
use crate::icons::glyph;
use crate::shared::Shared;
use crate::state::find;
use crate::state::selection::all_tasks;

/// How many are shown at once; more are found by typing.
const SHOWN: usize = 60;

/// Properties of [`FindTask`].
#[derive(Properties, PartialEq)]
pub struct FindTaskProps {
    /// The workflow.
    pub view: Shared<WorkflowView>,
    /// The task at this place was chosen.
    pub on_choose: Callback<Pointer>,
    /// None was.
    pub on_close: Callback<()>,
}

struct Found {
    path: Pointer,
    row: SearchRow,
    words: String,
}

/// A dialog with a combo box over all tasks, nested ones included.
#[component]
pub fn FindTask(props: &FindTaskProps) -> Html {
    let search = use_state_eq(String::new);
    let all = tasks(&props.view);
    let found = find::found(&all, &search, |found| &found.words);
    let more = found.len().saturating_sub(SHOWN);
    let shown = &found[..found.len() - more];
    let on_choose = {
        let paths: Vec<Pointer> = shown.iter().map(|found| found.path.clone()).collect();
        let on_choose = props.on_choose.clone();
        Callback::from(move |index: usize| {
            if let Some(path) = paths.get(index) {
                on_choose.emit(path.clone());
            }
        })
    };
    let on_search = {
        let search = search.clone();
        Callback::from(move |text| search.set(text))
    };
    let rows: Vec<SearchRow> = shown.iter().map(|found| found.row.clone()).collect();
    html! {
        <Dialog title={t!("Find task")} on_close={props.on_close.clone()}>
            <div class="dialog-body palette">
                <SearchList name={t!("Search tasks")} list_name={t!("Tasks")} placeholder={t!("A name, an operation, a connection")}
                    search={(*search).clone()} {on_search} {rows} {on_choose} />
                <p class="muted" role="status">{ match (found.len(), more) {
                    (0, _) => t!("No task has all these words.").to_owned(),
                    (_, 0) => String::new(),
                    (_, more) => t!("{more} more; type to find them.", more),
                } }</p>
            </div>
        </Dialog>
    }
}

fn tasks(view: &WorkflowView) -> Vec<Found> {
    let found = |task: &patchbay_core::workflow::outline::TaskOutline| {
        let casting = view.castings.iter().find(|casting| casting.path == task.path);
        let label = casting.and_then(|casting| Some(casting.connection.as_ref()?.label.clone()));
        let picture = match casting {
            Some(casting) => connector_icon(&casting.connector.name, casting.connector.icon.as_deref(), 20),
            None => glyph(kind_icon(task.kind), 20, ""),
        };
        let connector = casting.map(|casting| casting.connector.name.as_str()).unwrap_or_default();
        Found {
            path: task.path.clone(),
            words: [&*task.name, &*task.summary, connector, label.as_deref().unwrap_or_default()]
                .join(" ")
                .to_lowercase(),
            row: SearchRow {
                name: format!("{}, {}", task.name, task.summary).into(),
                picture,
                title: task.name.clone().into(),
                about: task.summary.clone().into(),
                end: label.map_or_else(Html::default, |label| {
                    html! { <span class="muted palette-of">{ label }</span> }
                }),
            },
        }
    };
    all_tasks(&view.outline).into_iter().map(found).collect()
}
