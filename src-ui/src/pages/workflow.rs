//! A workflow's editor: the picture, the panel of the chosen task, the source, and the way to a run.

use patchbay_core::id::WorkflowId;
use patchbay_core::workflow::edit::{Edit, NewTask};
use patchbay_core::workflow::outline::Pointer;
use patchbay_core::workflow::problem::Severity;
use patchbay_ipc::{Failure, Tone, Topic, WorkflowView};
use patchbay_texts::t;
use serde_json::Value;
use yew::prelude::*;

use crate::bus;
use crate::components::{
    AddTask, Banner, Button, CanvasWish, Dialog, Emphasis, FailureBanner, FindTask, FlowCanvas, NAME_FIELD,
    Page, PanelWish, RunDialog, Skeleton, SourcePane, TaskPanel, TextField, send_text, status,
};
use crate::dom;
use crate::hooks::{Outcome, Wish, use_debounced, use_document, use_steady, use_window_key};
use crate::icons;
use crate::route::Route;
use crate::shared::Shared;
use crate::shell::use_shell;
use crate::state::flow::lay_out;
use crate::state::selection::{added, follow, place_of, task_at};
use crate::state::source::{Source, SourceAction};

/// How long typing rests before the engine reads it, in milliseconds.
const RESTS: u32 = 350;

/// What stands beside the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Nothing,
    Task,
    Source,
}

/// Properties of [`WorkflowPage`].
#[derive(Properties, PartialEq)]
pub struct WorkflowPageProps {
    /// Which workflow.
    pub workflow: WorkflowId,
}

/// The editor of a workflow.
#[component]
pub fn WorkflowPage(props: &WorkflowPageProps) -> Html {
    let document = use_document(props.workflow);
    let Some(view) = document.view.clone() else {
        let content = match &document.failure {
            Some(failure) => {
                let topic = Topic::Workflow(props.workflow);
                html! {
                    <FailureBanner failure={failure.clone()}>
                        <Button small=true on_press={Callback::from(move |()| bus::publish(&[topic]))}>{ t!("Try again") }</Button>
                        <a class="button button-secondary button-small" href={Route::Workflows.hash()}>{ t!("All workflows") }</a>
                    </FailureBanner>
                }
            }
            None => html! { <Skeleton words={t!("Loading the workflow")} lines=6 /> },
        };
        return html! { <Page title={t!("Workflow")}>{ content }</Page> };
    };
    html! { <Editor view={Shared(view)} {document} /> }
}

#[derive(Properties, PartialEq)]
struct EditorProps {
    view: Shared<WorkflowView>,
    document: crate::hooks::Document,
}

#[component]
fn Editor(props: &EditorProps) -> Html {
    let shell = use_shell();
    let EditorProps { view, document } = props;
    let layout = use_memo(view.clone(), |view| Shared::from(lay_out(&view.outline)));
    let side = use_state_eq(|| Side::Nothing);
    let chosen = use_state_eq(|| None::<Pointer>);
    let adding = use_state_eq(|| None::<(Pointer, u32)>);
    let finding = use_state_eq(|| false);
    let running = use_state_eq(|| false);
    let renaming = use_state_eq(|| false);
    let focus_edition = use_state_eq(|| 0_u32);
    let line = use_state_eq(|| (0_u32, 0_u32));
    let source = use_reducer(Source::default);
    let refused = use_state_eq(|| None::<Failure>);
    let selected = (*chosen).as_ref().and_then(|path| follow(path, &view.outline));
    let task = selected.as_ref().and_then(|path| task_at(&view.outline, path)).cloned();
    {
        let (chosen, source, selected) = (chosen.setter(), source.dispatcher(), selected.clone());
        use_effect_with(view.clone(), move |view| {
            chosen.set(selected);
            source.dispatch(SourceAction::Arrived(view.text.clone().into()));
        });
    }
    // What rests is sent, one text at a time; what is typed meanwhile is sent after it.
    let rested = use_debounced(source.text.clone(), RESTS);
    {
        let (dispatcher, send, refused) = (source.dispatcher(), document.send.clone(), refused.setter());
        let due = source.to_send().filter(|wanted| *wanted == rested);
        use_effect_with((due, source.is_ahead()), move |(due, _)| {
            if let Some(text) = due.clone() {
                send_text(text, &dispatcher, &send, &refused);
            }
        });
    }
    {
        // Whoever goes elsewhere while something rests does not lose it.
        let latest = use_mut_ref(Source::default);
        *latest.borrow_mut() = Source::clone(&source);
        let (dispatcher, send, refused) = (source.dispatcher(), document.send.clone(), refused.setter());
        use_effect_with((), move |()| {
            move || {
                if let Some(text) = latest.borrow().unsent() {
                    send_text(text, &dispatcher, &send, &refused);
                }
            }
        });
    }
    // A wish of the document, after whatever was typed in the source before it.
    let send = {
        let (source, refused, send) = (source.clone(), refused.setter(), document.send.clone());
        Callback::from(move |(wish, on_outcome): (Wish, Callback<Outcome>)| {
            if let Some(text) = source.to_send() {
                send_text(text, &source.dispatcher(), &send, &refused);
            }
            send.emit((wish, on_outcome));
        })
    };
    let wish = {
        let (send, shell, chosen) = (send.clone(), shell.clone(), chosen.setter());
        let (focus, view, edition) = (focus_edition.setter(), view.clone(), *focus_edition);
        Callback::from(move |(wish, take_focus): (Wish, bool)| {
            let is_new = matches!(&wish, Wish::Edit(Edit::AddTask { .. } | Edit::DuplicateTask { .. }));
            let (shell, chosen, focus, view) = (shell.clone(), chosen.clone(), focus.clone(), view.clone());
            let on_outcome = Callback::from(move |outcome: Outcome| match outcome {
                Ok(now) => {
                    if let (true, Some(path)) = (is_new, added(&view.outline, &now.outline)) {
                        chosen.set(Some(path));
                    }
                    if take_focus {
                        focus.set(edition + 1);
                    }
                }
                Err(failure) => shell.notify_failure(&failure),
            });
            send.emit((wish, on_outcome));
        })
    };
    let on_panel = {
        let (wish, side, line) = (wish.clone(), side.clone(), line.clone());
        let (focus, edition) = (focus_edition.setter(), *focus_edition);
        Callback::from(move |wanted: PanelWish| match wanted {
            PanelWish::Document(wanted) => wish.emit((wanted, false)),
            PanelWish::ShowLine(number) => {
                side.set(Side::Source);
                line.set((number, line.1 + 1));
            }
            PanelWish::Close => {
                side.set(Side::Nothing);
                focus.set(edition + 1);
            }
        })
    };
    let on_canvas = {
        let (wish, side, chosen, adding) = (wish.clone(), side.clone(), chosen.clone(), adding.clone());
        let (shell, line, view) = (shell.clone(), line.clone(), view.clone());
        Callback::from(move |wanted: CanvasWish| match wanted {
            CanvasWish::Select(path) => {
                let lines =
                    path.as_ref().and_then(|path| task_at(&view.outline, path)).map(|task| task.lines.0);
                match (*side, lines) {
                    // The text follows without taking the focus from the picture.
                    (Side::Source, Some(first)) => line.set((first, 0)),
                    (Side::Task, None) => side.set(Side::Nothing),
                    _ => {}
                }
                chosen.set(path);
            }
            CanvasWish::Open if *side != Side::Source => side.set(Side::Task),
            CanvasWish::Open => {}
            CanvasWish::Edit(edit) => wish.emit((Wish::Edit(edit), true)),
            CanvasWish::Add(list, index) => adding.set(Some((list, index))),
            CanvasWish::Rename => {
                side.set(Side::Task);
                // The field is there once the panel is.
                gloo_timers::callback::Timeout::new(0, || dom::focus_and_select(NAME_FIELD)).forget();
            }
            CanvasWish::Refuse(words) => shell.notify(Tone::Neutral, words, None),
        })
    };
    let (on_panel, on_canvas) = (use_steady(on_panel), use_steady(on_canvas));
    let on_add = {
        let (adding, selected) = (adding.clone(), selected.clone());
        Callback::from(move |()| {
            let behind = selected.as_ref().and_then(place_of).map(|(list, index)| (list, index + 1));
            // Not where the end is now: another task may be on its way there.
            let at_end = || (Pointer::from("/do"), u32::MAX);
            adding.set(Some(behind.unwrap_or_else(at_end)));
        })
    };
    let on_choose = {
        let (adding, wish) = (adding.clone(), wish.clone());
        Callback::from(move |task: NewTask| {
            if let Some((list, index)) = (*adding).clone() {
                adding.set(None);
                wish.emit((Wish::Edit(Edit::AddTask { list, index, task }), true));
            }
        })
    };
    let toggle_source = {
        let (side, has_task) = (side.clone(), task.is_some());
        Callback::from(move |()| {
            side.set(match *side {
                Side::Source if has_task => Side::Task,
                Side::Source => Side::Nothing,
                Side::Task | Side::Nothing => Side::Source,
            });
        })
    };
    let on_find = {
        let finding = finding.clone();
        Callback::from(move |()| finding.set(true))
    };
    {
        let (wish, on_add) = (wish.clone(), on_add.clone());
        use_window_key(move |event| {
            let command = event.ctrl_key() || event.meta_key();
            let wanted = match event.key().to_lowercase().as_str() {
                "s" if command => Wish::Save,
                "f" if command => {
                    event.prevent_default();
                    on_find.emit(());
                    return;
                }
                // In a field these keys are the field's.
                _ if dom::is_in_field(&event) => return,
                "z" if command && event.shift_key() => Wish::Redo,
                "z" if command => Wish::Undo,
                "y" if command => Wish::Redo,
                "insert" => {
                    event.prevent_default();
                    on_add.emit(());
                    return;
                }
                _ => return,
            };
            event.prevent_default();
            // A card that the document puts elsewhere loses the focus; whoever was at one stays at it.
            let is_at_card = dom::attribute_around(&event, "role").is_some_and(|role| role == "treeitem");
            wish.emit((wanted, is_at_card));
        });
    }
    let on_found = {
        let (finding, chosen, focus) = (finding.clone(), chosen.clone(), focus_edition.clone());
        Callback::from(move |path: Pointer| {
            finding.set(false);
            chosen.set(Some(path));
            focus.set(*focus + 1);
        })
    };
    let close = |state: &UseStateHandle<bool>| {
        let state = state.clone();
        Callback::from(move |()| state.set(false))
    };
    let open = |state: &UseStateHandle<bool>| {
        let state = state.clone();
        Callback::from(move |()| state.set(true))
    };
    let simple = |wanted: Wish| wish.reform(move |()| (wanted.clone(), false));
    let is_source = *side == Side::Source;
    let undo = view.undo.clone();
    let redo = view.redo.clone();
    let actions = html! {
        <>
            <Button name={t!("Undo")} icon={icons::UNDO()} emphasis={Emphasis::Quiet} small=true remark={undo.clone().map(|what| AttrValue::from(t!("Undo: {what}", what)))}
                unavailable={undo.is_none().then_some(AttrValue::from(t!("There is nothing to undo.")))} on_press={simple(Wish::Undo)} />
            <Button name={t!("Redo")} icon={icons::REDO()} emphasis={Emphasis::Quiet} small=true remark={redo.clone().map(|what| AttrValue::from(t!("Redo: {what}", what)))}
                unavailable={redo.is_none().then_some(AttrValue::from(t!("There is nothing to redo.")))} on_press={simple(Wish::Redo)} />
            <Button small=true icon={icons::ADD()} on_press={on_add}>{ t!("Add task") }</Button>
            <span class={classes!("toggle", is_source.then_some("is-on"))}>
                <Button small=true icon={icons::SOURCE()} pressed={Some(is_source)} on_press={toggle_source.clone()}>{ t!("Source") }</Button>
            </span>
            <Button small=true icon={icons::SAVE()} unavailable={(!view.is_changed).then_some(AttrValue::from(t!("It is saved as it stands.")))} on_press={simple(Wish::Save)}>{ t!("Save") }</Button>
            <Button small=true emphasis={Emphasis::Primary} icon={icons::RUN()} on_press={open(&running)}>{ t!("Run") }</Button>
        </>
    };
    let on_problem = on_panel.clone();
    let remark = html! {
        <span class="editor-remark">
            <Button name={t!("Rename workflow")} icon={icons::EDIT()} emphasis={Emphasis::Quiet} small=true on_press={open(&renaming)} />
            { state_of(view, &on_problem, &open(&running)) }
        </span>
    };
    let stale = view.outline_is_old.then(|| {
        let first = view.problems.iter().find(|problem| problem.severity == Severity::Error).map_or(1, |problem| problem.line);
        let on_press = on_panel.reform(move |()| PanelWish::ShowLine(first));
        html! {
            <Banner message={t!("The text cannot be read as it stands, so the picture is of the last version that could be.")} hint={t!("Nothing is lost. Mend the text in Source, or undo.")}>
                <Button small=true {on_press}>{ t!("Line {line}", line = first) }</Button>
            </Banner>
        }
    });
    let left_over = (!view.left_over.is_empty()).then(|| {
        let slots: Vec<_> = view.left_over.iter().map(|binding| binding.slot.clone()).collect();
        let wish = wish.clone();
        let words = t!(
            "A binding is for a role or a task that is not there any more."
                | "{count} bindings are for a role or a task that is not there any more." % slots.len(),
            count = slots.len()
        );
        let on_press = Callback::from(move |()| {
            slots.iter().for_each(|slot| wish.emit((Wish::Bind(slot.clone(), None), false)))
        });
        html! { <Banner message={words}><Button small=true {on_press}>{ t!("Remove") }</Button></Banner> }
    });
    let place = (*adding).as_ref().map(|(list, index)| place_words(view, list, *index));
    let used = view.connectors.iter().map(|connector| connector.slug.clone()).collect::<Vec<_>>();
    html! {
        <div class="with-drawer editor">
            <Page title={view.name.clone()} {remark} {actions} own_scroll=true>
                if let Some(failure) = &document.failure { <FailureBanner failure={failure.clone()} /> }
                { stale.unwrap_or_default() }
                { left_over.unwrap_or_default() }
                <div class={classes!("editor-body", is_source.then_some("has-source"))}>
                    <FlowCanvas view={view.clone()} layout={(*layout).clone()} selected={selected.clone()} focus_edition={*focus_edition} room={*side as u8} on_wish={on_canvas} />
                    if is_source {
                        <SourcePane view={view.clone()} document={document.clone()} source={source.clone()} refused={refused.clone()} line={*line}
                            chosen={task.as_ref().map(|task| task.lines)} on_close={toggle_source} />
                    }
                </div>
            </Page>
            if let (Side::Task, Some(task)) = (*side, &task) {
                <TaskPanel view={view.clone()} task={task.clone()} on_wish={on_panel} />
            }
            if *finding { <FindTask view={view.clone()} on_close={close(&finding)} on_choose={on_found} /> }
            if let Some(place) = place {
                <AddTask {place} {used} {on_choose} on_close={let adding = adding.clone(); Callback::from(move |()| adding.set(None))} />
            }
            if *running { <RunDialog workflow={view.id} on_close={close(&running)} /> }
            if *renaming { <RenameWorkflow name={view.name.clone()} on_close={close(&renaming)} on_name={wish.reform(|name: String| {
                (Wish::Edit(Edit::Set { pointer: Pointer::from("/document/title"), value: Value::String(name) }), false)
            })} /> }
        </div>
    }
}

/// Where a new task goes, in words.
fn place_words(view: &WorkflowView, list: &Pointer, index: u32) -> String {
    let tasks = crate::state::selection::all_tasks(&view.outline);
    let before = tasks
        .iter()
        .rfind(|task| place_of(&task.path).is_some_and(|(held, place)| held == *list && place < index));
    match before {
        Some(task) => t!("It goes behind “{name}”.", name = task.name),
        None if list.as_str() == "/do" => t!("It becomes the first task.").to_owned(),
        None => t!("It becomes the first task of its list.").to_owned(),
    }
}

/// Whether it is saved, and what stands in the way of a run.
fn state_of(view: &WorkflowView, on_panel: &Callback<PanelWish>, on_run: &Callback<()>) -> Html {
    let errors: Vec<u32> = view
        .problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error)
        .map(|problem| problem.line)
        .collect();
    let blocked = view.castings.iter().filter(|casting| casting.state.blocks()).count();
    let first = errors.first().copied().unwrap_or_default();
    let show = on_panel.reform(move |_: MouseEvent| PanelWish::ShowLine(first));
    let run = on_run.reform(|_: MouseEvent| ());
    html! {
        <>
            <span class="muted" role="status">{ if view.is_changed { t!("Changed since it was saved") } else { t!("Saved") } }</span>
            if !errors.is_empty() {
                <button type="button" class="link" onclick={show}>{ status(icons::BAD(), "bad", t!("1 error" | "{count} errors" % errors.len(), count = errors.len())) }</button>
            }
            if blocked > 0 {
                <button type="button" class="link" onclick={run}>{ status(icons::PENDING(), "warning", t!("1 task blocked" | "{count} tasks blocked" % blocked, count = blocked)) }</button>
            }
        </>
    }
}

#[derive(Properties, PartialEq)]
struct RenameWorkflowProps {
    name: String,
    on_name: Callback<String>,
    on_close: Callback<()>,
}

/// Another title for the document.
#[component]
fn RenameWorkflow(props: &RenameWorkflowProps) -> Html {
    let name = use_state_eq(|| props.name.clone());
    let on_input = {
        let name = name.clone();
        Callback::from(move |text| name.set(text))
    };
    let onsubmit = {
        let (name, on_name, on_close) = (name.clone(), props.on_name.clone(), props.on_close.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if !name.trim().is_empty() {
                on_name.emit(name.trim().to_owned());
                on_close.emit(());
            }
        })
    };
    html! {
        <Dialog title={t!("Rename workflow")} on_close={props.on_close.clone()}>
            <form class="dialog-body" {onsubmit}>
                <TextField label={t!("Title")} value={(*name).clone()} {on_input} focus=true select=true />
                <div class="buttons"><Button submit=true emphasis={Emphasis::Primary}>{ t!("Rename") }</Button><Button on_press={props.on_close.clone()}>{ t!("Cancel") }</Button></div>
            </form>
        </Dialog>
    }
}
