//! The palette: everything that can be added to a workflow, found as one types.

use patchbay_core::id::ConnectorSlug;
use patchbay_core::workflow::edit::NewTask;
use patchbay_core::workflow::outline::TaskKind;
use patchbay_ipc::ListOperations;
use yew::prelude::*;

use super::task_card::kind_icon;
use super::{Dialog, FailureBanner, Skeleton, connector_icon};
use crate::dom;
use crate::hooks::{use_command, use_id};
use crate::icons::{self, glyph};
use crate::state::combobox::{Combobox, Reaction};
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
    let list_id = use_id("palette");
    let input = use_node_ref();
    let search = use_state_eq(String::new);
    let combobox = use_state_eq(|| Combobox { is_open: true, active: Some(0) });
    let operations = use_command(ListOperations {});
    let all = use_memo((operations.latest().cloned(), props.used.clone()), |(operations, used)| {
        operations.as_ref().map(|operations| choices(operations, used))
    });
    {
        let input = input.clone();
        use_effect_with((), move |()| dom::focus(&input));
    }
    {
        let active = combobox.active;
        let id = format!("{list_id}-{}", active.unwrap_or_default());
        use_effect_with(active, move |_| dom::scroll_into_view(&id));
    }
    let found: Vec<Choice> = all
        .as_ref()
        .as_ref()
        .map(|all| found(all, &search).into_iter().cloned().collect())
        .unwrap_or_default();
    let shown = found.len().min(SHOWN);
    let more = found.len() - shown;
    let oninput = {
        let (search, combobox) = (search.clone(), combobox.clone());
        Callback::from(move |event: InputEvent| {
            search.set(dom::value_of(&event));
            combobox.set(Combobox { is_open: true, active: Some(0) });
        })
    };
    let onkeydown = {
        let (combobox, on_choose) = (combobox.clone(), props.on_choose.clone());
        let tasks: Vec<NewTask> = found.iter().take(shown).map(|choice| choice.task.clone()).collect();
        Callback::from(move |event: KeyboardEvent| {
            match combobox.key(&event.key(), u32::try_from(tasks.len()).unwrap_or(u32::MAX)) {
                Reaction::Now(next) => combobox.set(next),
                Reaction::Choose(index) => {
                    if let Some(task) = tasks.get(index as usize) {
                        on_choose.emit(task.clone());
                    }
                }
                // Escape closes the dialog.
                Reaction::Close | Reaction::Nothing => return,
            }
            event.prevent_default();
        })
    };
    let active = combobox.active.filter(|_| shown > 0);
    html! {
        <Dialog title="Add task" on_close={props.on_close.clone()}>
            <div class="dialog-body palette">
                <p class="muted">{ props.place.clone() }</p>
                <div class="search palette-search">
                    { glyph(icons::SEARCH(), 16, "search-icon") }
                    <input ref={input} type="text" role="combobox" aria-label="Search operations and kinds of task" aria-expanded="true" aria-autocomplete="list"
                        aria-controls={list_id.clone()} aria-activedescendant={active.map(|active| format!("{list_id}-{active}"))}
                        placeholder="List issues, post a message, switch, …" value={(*search).clone()} {oninput} {onkeydown} autocomplete="off" spellcheck="false" />
                </div>
                if let Some(failure) = operations.failure() { <FailureBanner failure={failure.clone()} /> }
                if all.is_none() && operations.failure().is_none() { <Skeleton words="Loading what can be added" lines=5 /> }
                <ul class="palette-list" role="listbox" id={list_id.clone()} aria-label="What can be added">
                    { for found.iter().take(shown).enumerate().map(|(index, choice)| {
                        let is_active = active == u32::try_from(index).ok();
                        let onclick = { let task = choice.task.clone(); props.on_choose.reform(move |_: MouseEvent| task.clone()) };
                        html! {
                            <li key={index} id={format!("{list_id}-{index}")} role="option" aria-label={name_of(choice)} aria-selected={if is_active { "true" } else { "false" }}
                                class={classes!("palette-row", is_active.then_some("is-active"))} {onclick}>
                                { picture(choice) }
                                <span class="two-lines"><span class="row-label">{ choice.title.clone() }</span><span class="muted">{ choice.about.clone() }</span></span>
                                if let Some((_, name, _)) = &choice.connector { <span class="muted palette-of">{ name.clone() }</span> }
                            </li>
                        }
                    }) }
                </ul>
                if all.is_some() && found.is_empty() { <p class="muted" role="status">{ "Nothing that can be added has all these words." }</p> }
                if more > 0 { <p class="muted" role="status">{ format!("{more} more; type to find them.") }</p> }
            </div>
        </Dialog>
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
