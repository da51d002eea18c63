//! A workflow as a picture that one works on: by pointer and by keyboard alike.

use std::collections::HashMap;

use patchbay_core::workflow::edit::Edit;
use patchbay_core::workflow::outline::{Pointer, Position};
use patchbay_core::workflow::problem::{Problem, Severity};
use patchbay_ipc::WorkflowView;
use patchbay_texts::t;
use serde_json::Value;
use yew::prelude::*;

use super::task_card::{CardFacts, list_words, task_card, task_frame, task_id};
use super::{Button, Emphasis};
use crate::dom::{self, WheelListener};
use crate::icons::{self, glyph};
use crate::shared::Shared;
use crate::state::flow::{Canvas, CanvasAction, Drag, Layout, ListBox, Point, WireKind};
use crate::state::selection::place_of;

/// One step of a button or key that scales.
const ZOOM: f64 = 1.25;
/// How far an arrow key moves the canvas.
const STEP: f64 = 80.0;
/// Below this scale a card only shows its name, larger.
const FAR: f64 = 0.62;

/// What is wanted by working on the picture.
#[derive(Debug, Clone, PartialEq)]
pub enum CanvasWish {
    /// Another task is chosen, or none.
    Select(Option<Pointer>),
    /// The chosen task's panel.
    Open,
    /// A change.
    Edit(Edit),
    /// A task is to be added in a list, before one of its tasks.
    Add(Pointer, u32),
    /// The chosen task is to get another name.
    Rename,
    /// Something cannot be done; why, in a sentence.
    Refuse(&'static str),
}

/// Properties of [`FlowCanvas`].
#[derive(Properties, PartialEq)]
pub struct FlowCanvasProps {
    /// The workflow.
    pub view: Shared<WorkflowView>,
    /// Its picture.
    pub layout: Shared<Layout>,
    /// The chosen task.
    pub selected: Option<Pointer>,
    /// When this is another number, the chosen task takes the focus.
    #[prop_or_default]
    pub focus_edition: u32,
    /// When this is another value, the room it has is another one, and what was in sight is brought back.
    #[prop_or_default]
    pub room: u8,
    /// Something is wanted.
    pub on_wish: Callback<CanvasWish>,
}

/// The canvas: one tab stop, in which arrows go from task to task.
#[component]
pub fn FlowCanvas(props: &FlowCanvasProps) -> Html {
    let node = use_node_ref();
    let canvas = use_reducer(Canvas::default);
    let layout = &props.layout;
    {
        let (node, canvas, bounds) = (node.clone(), canvas.dispatcher(), layout.bounds);
        use_effect_with((), move |()| {
            if let Some(size) = dom::size(&node) {
                canvas.dispatch(CanvasAction::Fit(bounds, size));
            }
            let place = node.clone();
            let listener = WheelListener::new(&node, move |event| {
                event.prevent_default();
                let (x, y) = dom::point_in(&place, &event);
                canvas.dispatch(if event.ctrl_key() || event.meta_key() {
                    CanvasAction::Zoom((-event.delta_y() / 300.0).exp(), Point { x, y })
                } else if event.shift_key() {
                    CanvasAction::Pan(-event.delta_y() - event.delta_x(), 0.0)
                } else {
                    CanvasAction::Pan(-event.delta_x(), -event.delta_y())
                });
            });
            move || drop(listener)
        });
    }
    let reveal = {
        let (node, canvas, layout) = (node.clone(), canvas.dispatcher(), layout.clone());
        move |position: usize| {
            if let (Some(size), Some(held)) = (dom::size(&node), layout.tasks.get(position)) {
                canvas.dispatch(CanvasAction::Reveal(held.card, size));
            }
        }
    };
    {
        let (reveal, layout, selected) = (reveal.clone(), layout.clone(), props.selected.clone());
        use_effect_with(props.focus_edition, move |edition| {
            if let (true, Some(position)) = (*edition > 0, selected.and_then(|path| layout.position(&path))) {
                reveal(position);
                dom::focus_id_in_place(&task_id(position));
            }
        });
    }
    {
        let (node, canvas, bounds) = (node.clone(), canvas.dispatcher(), layout.bounds);
        let chosen = props.selected.as_ref().and_then(|path| layout.task(path)).map(|held| held.card);
        use_effect_with(props.room, move |_| {
            if let Some(size) = dom::size(&node) {
                canvas.dispatch(match chosen {
                    Some(card) => CanvasAction::Reveal(card, size),
                    None => CanvasAction::Fit(bounds, size),
                });
            }
        });
    }
    let fit = {
        let (node, canvas, bounds) = (node.clone(), canvas.dispatcher(), layout.bounds);
        Callback::from(move |()| {
            if let Some(size) = dom::size(&node) {
                canvas.dispatch(CanvasAction::Fit(bounds, size));
            }
        })
    };
    let zoom = {
        let (node, canvas) = (node.clone(), canvas.dispatcher());
        Callback::from(move |factor: f64| {
            let (width, height) = dom::size(&node).unwrap_or_default();
            canvas.dispatch(CanvasAction::Zoom(factor, Point { x: width / 2.0, y: height / 2.0 }));
        })
    };
    let pressed = pointer_handlers(&node, &canvas, props);
    let onkeydown = {
        let (layout, on_wish) = (layout.clone(), props.on_wish.clone());
        let (fit, zoom, canvas) = (fit.clone(), zoom.clone(), canvas.dispatcher());
        let (selected, reveal) = (props.selected.clone(), reveal.clone());
        Callback::from(move |event: KeyboardEvent| {
            // On a button these keys are the button's.
            if dom::attribute_around(&event, "data-keep").is_some() {
                return;
            }
            let position = selected.as_ref().and_then(|path| layout.position(path));
            let command = event.ctrl_key() || event.meta_key();
            let key = event.key();
            let arrow = match key.as_str() {
                "ArrowLeft" => (STEP, 0.0),
                "ArrowRight" => (-STEP, 0.0),
                "ArrowUp" => (0.0, STEP),
                "ArrowDown" => (0.0, -STEP),
                _ => (0.0, 0.0),
            };
            match (key.as_str(), position) {
                (key @ ("ArrowUp" | "ArrowDown"), Some(position)) if event.alt_key() => {
                    if let Some(edit) = moved_by_one(&layout, position, key == "ArrowUp") {
                        on_wish.emit(CanvasWish::Edit(edit));
                    }
                }
                ("ArrowUp" | "ArrowDown" | "ArrowLeft" | "ArrowRight", _)
                    if event.shift_key() || layout.tasks.is_empty() =>
                {
                    canvas.dispatch(CanvasAction::Pan(arrow.0, arrow.1));
                }
                (key @ ("ArrowUp" | "ArrowDown" | "ArrowLeft" | "ArrowRight" | "Home" | "End"), _) => {
                    let next = match position {
                        Some(position) => layout.neighbour(position, key),
                        None => Some(0),
                    };
                    if let Some(held) = next.and_then(|next| layout.tasks.get(next)) {
                        on_wish.emit(CanvasWish::Select(Some(held.task.path.clone())));
                        let next = next.unwrap_or_default();
                        reveal(next);
                        dom::focus_id_in_place(&task_id(next));
                    }
                }
                ("Enter", Some(_)) => on_wish.emit(CanvasWish::Open),
                ("F2", Some(_)) => on_wish.emit(CanvasWish::Rename),
                ("Delete" | "Backspace", Some(position)) => {
                    let path = layout.tasks[position].task.path.clone();
                    on_wish.emit(CanvasWish::Edit(Edit::RemoveTask { path }));
                }
                ("d" | "D", Some(position)) if command => {
                    let path = layout.tasks[position].task.path.clone();
                    on_wish.emit(CanvasWish::Edit(Edit::DuplicateTask { path }));
                }
                ("f" | "F", _) if !command => fit.emit(()),
                ("+" | "=", _) if !command => zoom.emit(ZOOM),
                ("-", _) if !command => zoom.emit(1.0 / ZOOM),
                ("Escape", _) => on_wish.emit(CanvasWish::Select(None)),
                _ => return,
            }
            event.prevent_default();
            event.stop_propagation();
        })
    };
    let onfocusin = {
        let (layout, on_wish, selected) = (layout.clone(), props.on_wish.clone(), props.selected.clone());
        Callback::from(move |event: FocusEvent| {
            let path = dom::attribute_around(&event, "data-task").map(Pointer::from);
            if path.is_some() && path != selected && dom::is_focus_visible(&event) {
                if let Some(position) = path.as_ref().and_then(|path| layout.position(path)) {
                    reveal(position);
                }
                on_wish.emit(CanvasWish::Select(path));
            }
        })
    };
    let viewport = canvas.viewport;
    let style =
        format!("transform:translate({:.1}px,{:.1}px) scale({:.4})", viewport.x, viewport.y, viewport.scale);
    let ground = format!(
        "background-position:{:.1}px {:.1}px;background-size:{:.2}px {:.2}px",
        viewport.x,
        viewport.y,
        24.0 * viewport.scale,
        24.0 * viewport.scale
    );
    let is_dragging = canvas.drag.is_some();
    html! {
        <div ref={node} class={classes!("flow", is_dragging.then_some("is-dragging"))} style={ground} {onkeydown} {onfocusin}
            onpointerdown={pressed.down} onpointermove={pressed.moved} onpointerup={pressed.up} onpointercancel={pressed.cancel}>
            <div class={classes!("flow-world", (viewport.scale < FAR).then_some("is-far"))} {style}>
                <FlowPicture view={props.view.clone()} layout={props.layout.clone()} selected={props.selected.clone()} on_wish={props.on_wish.clone()} />
                { dragged(&canvas, layout) }
            </div>
            <div class="flow-tools" role="group" aria-label={t!("View")} data-keep="">
                <Button name={t!("Zoom out")} icon={icons::MINUS()} emphasis={Emphasis::Quiet} small=true on_press={zoom.reform(|()| 1.0 / ZOOM)} />
                <span class="flow-scale tabular" role="status" aria-label={t!("Scale")}>{ format!("{:.0} %", viewport.scale * 100.0) }</span>
                <Button name={t!("Zoom in")} icon={icons::ADD()} emphasis={Emphasis::Quiet} small=true on_press={zoom.reform(|()| ZOOM)} />
                <Button name={t!("Fit")} icon={icons::FIT()} emphasis={Emphasis::Quiet} small=true on_press={fit} />
                <Button name={t!("Tidy")} icon={icons::TIDY()} emphasis={Emphasis::Quiet} small=true
                    unavailable={(!layout.tasks.iter().any(|held| held.task.position.is_some())).then_some(AttrValue::from(t!("Nothing was placed by hand.")))}
                    on_press={props.on_wish.reform(|()| CanvasWish::Edit(Edit::Tidy))} />
            </div>
        </div>
    }
}

/// A task one place up or down in its list.
fn moved_by_one(layout: &Layout, position: usize, up: bool) -> Option<Edit> {
    let held = layout.tasks.get(position)?;
    let index = if up { held.index.checked_sub(1)? } else { held.index + 1 };
    (index < held.of).then(|| Edit::MoveTask { path: held.task.path.clone(), list: held.list.clone(), index })
}

struct Pressed {
    down: Callback<PointerEvent>,
    moved: Callback<PointerEvent>,
    up: Callback<PointerEvent>,
    cancel: Callback<PointerEvent>,
}

fn pointer_handlers(node: &NodeRef, canvas: &UseReducerHandle<Canvas>, props: &FlowCanvasProps) -> Pressed {
    let down = {
        let (node, canvas) = (node.clone(), canvas.dispatcher());
        Callback::from(move |event: PointerEvent| {
            if event.button() > 1 || dom::attribute_around(&event, "data-keep").is_some() {
                return;
            }
            let (x, y) = dom::point_in(&node, &event);
            let at = Point { x, y };
            let path = |name| dom::attribute_around(&event, name).map(Pointer::from);
            let drag = if event.button() == 1 {
                Drag::Ground { last: at, moved: false }
            } else if let Some(from) = path("data-outlet") {
                Drag::Wire { from, at }
            } else if let Some(path) = path("data-task") {
                let freely = event.alt_key() || dom::attribute_around(&event, "data-grip").is_some();
                Drag::Task { path, from: at, at, moved: false, freely }
            } else {
                Drag::Ground { last: at, moved: false }
            };
            canvas.dispatch(CanvasAction::Take(drag));
        })
    };
    let moved = {
        let (node, canvas) = (node.clone(), canvas.clone());
        Callback::from(move |event: PointerEvent| {
            if canvas.drag.is_some() {
                // Only what is really dragged is captured: a captured press is no click.
                dom::capture(&node, &event);
                let (x, y) = dom::point_in(&node, &event);
                canvas.dispatch(CanvasAction::Drag(Point { x, y }, event.alt_key()));
            }
        })
    };
    let up = {
        let (canvas, layout, on_wish) = (canvas.clone(), props.layout.clone(), props.on_wish.clone());
        Callback::from(move |_: PointerEvent| {
            if let Some(drag) = &canvas.drag {
                canvas.dispatch(CanvasAction::Drop);
                for wish in dropped(drag, &canvas, &layout) {
                    on_wish.emit(wish);
                }
            }
        })
    };
    let cancel = {
        let canvas = canvas.dispatcher();
        Callback::from(move |_: PointerEvent| canvas.dispatch(CanvasAction::Drop))
    };
    Pressed { down, moved, up, cancel }
}

/// What is wanted by the end of a drag.
fn dropped(drag: &Drag, canvas: &Canvas, layout: &Layout) -> Vec<CanvasWish> {
    let viewport = canvas.viewport;
    match drag {
        Drag::Ground { moved: true, .. } => vec![],
        Drag::Ground { moved: false, .. } => vec![CanvasWish::Select(None)],
        Drag::Task { path, moved: false, .. } => {
            vec![CanvasWish::Select(Some(path.clone())), CanvasWish::Open]
        }
        Drag::Task { path, from, at, freely: true, .. } => {
            let Some(held) = layout.task(path) else { return vec![] };
            let position = Position {
                x: (held.card.x + (at.x - from.x) / viewport.scale).round(),
                y: (held.card.y + (at.y - from.y) / viewport.scale).round(),
            };
            vec![CanvasWish::Edit(Edit::Place { path: path.clone(), position: Some(position) })]
        }
        Drag::Task { path, at, .. } => {
            let slot = layout.slot_near(viewport.to_canvas(*at), Some(path));
            let Some((slot, (list, own))) = slot.zip(place_of(path)) else { return vec![] };
            let index = slot.index - u32::from(slot.list == list && own < slot.index);
            vec![CanvasWish::Edit(Edit::MoveTask { path: path.clone(), list: slot.list.clone(), index })]
        }
        Drag::Wire { from, at } => {
            let (one, other) = (layout.task(from), layout.at(viewport.to_canvas(*at)));
            let Some((one, other)) = one.zip(other).filter(|(one, other)| one.task.path != other.task.path)
            else {
                return vec![];
            };
            if one.list != other.list {
                return vec![CanvasWish::Refuse(t!("A task leads to tasks of its own list only."))];
            }
            let pointer = from.child("then");
            if other.index != one.index + 1 {
                let value = Value::String(other.task.name.clone());
                return vec![CanvasWish::Edit(Edit::Set { pointer, value })];
            }
            match &one.task.then {
                Some(_) => vec![CanvasWish::Edit(Edit::Remove { pointer })],
                None => vec![],
            }
        }
    }
}

/// What is being dragged, and where it would go.
fn dragged(canvas: &Canvas, layout: &Layout) -> Html {
    let viewport = canvas.viewport;
    match &canvas.drag {
        Some(Drag::Task { path, from, at, moved: true, freely }) => {
            let Some(held) = layout.task(path) else { return Html::default() };
            let (x, y) = ((at.x - from.x) / viewport.scale, (at.y - from.y) / viewport.scale);
            let ghost = format!(
                "left:{}px;top:{}px;width:{}px;height:{}px",
                held.card.x + x,
                held.card.y + y,
                held.card.width,
                held.card.height
            );
            let slot = layout.slot_near(viewport.to_canvas(*at), Some(path)).filter(|_| !freely);
            html! {
                <>
                    if let Some(slot) = slot {
                        <div class="flow-mark" style={format!("left:{}px;top:{}px;width:{}px;height:{}px",
                            slot.from.x - 2.0, slot.from.y - 2.0, slot.to.x - slot.from.x + 4.0, slot.to.y - slot.from.y + 4.0)}></div>
                    }
                    <div class="flow-ghost" style={ghost}>{ held.task.name.clone() }</div>
                </>
            }
        }
        Some(Drag::Wire { from, at }) => {
            let Some(held) = layout.task(from) else { return Html::default() };
            let to = viewport.to_canvas(*at);
            let path = format!("M{} {}L{} {}", held.outer.axis(), held.outer.bottom(), to.x, to.y);
            html! { <svg class="flow-wires" aria-hidden="true"><path class="wire is-drawn" d={path} /></svg> }
        }
        _ => Html::default(),
    }
}

#[derive(Properties, PartialEq)]
struct FlowPictureProps {
    view: Shared<WorkflowView>,
    layout: Shared<Layout>,
    selected: Option<Pointer>,
    on_wish: Callback<CanvasWish>,
}

/// Everything that stays as it is while one moves about.
#[component]
fn FlowPicture(props: &FlowPictureProps) -> Html {
    let FlowPictureProps { view, layout, selected, on_wish } = props;
    let castings: HashMap<&str, _> = view.castings.iter().map(|held| (held.path.as_str(), held)).collect();
    let problems = worst_problems(&view.problems, layout);
    let current = selected.as_ref().and_then(|path| layout.position(path)).unwrap_or(0);
    let frames = layout.tasks.iter().filter(|held| held.outer != held.card);
    let end = format!("left:{}px;top:{}px", layout.end.x, layout.end.y);
    let is_empty = layout.tasks.is_empty();
    let add_first = on_wish.reform(|_: MouseEvent| CanvasWish::Add(Pointer::from("/do"), 0));
    html! {
        <>
            { for frames.map(task_frame) }
            { wires(layout) }
            <span class="flow-end" style="left:0px;top:0px" aria-hidden="true">{ t!("Start") }</span>
            <span class="flow-end" style={end} aria-hidden="true">{ t!("End") }</span>
            if is_empty {
                <button type="button" class="flow-hole" data-keep="" style="left:-132px;top:36px;width:264px;height:44px" onclick={add_first}>
                    { glyph(icons::ADD(), 16, "") }{ t!("Add the first task") }
                </button>
            }
            { for layout.lists.iter().map(|list| list_head(list, layout, on_wish)) }
            <div class="flow-tasks" role="tree" aria-label={t!("Tasks")}>
                { for layout.tasks.iter().enumerate().map(|(position, held)| {
                    let task = &held.task;
                    let badge = task.connector.as_ref().and_then(|call| view.connectors.iter().find(|badge| badge.slug == call.connector));
                    let facts = CardFacts {
                        casting: castings.get(task.path.as_str()).copied(),
                        connector: badge,
                        problem: problems.get(task.path.as_str()).copied(),
                        is_selected: selected.as_ref() == Some(&task.path),
                        is_current: position == current,
                    };
                    task_card(position, held, &facts)
                }) }
            </div>
        </>
    }
}

/// The worst that is wrong with each task: a problem belongs to the innermost task it is in.
fn worst_problems<'a>(problems: &'a [Problem], layout: &'a Layout) -> HashMap<&'a str, &'a Problem> {
    let mut worst: HashMap<&str, &Problem> = HashMap::new();
    for problem in problems.iter().filter(|problem| problem.severity != Severity::NotRunHere) {
        let around = layout.tasks.iter().map(|held| held.task.path.as_str()).filter(|path| {
            let rest = problem.pointer.as_str().strip_prefix(path);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        if let Some(path) = around.max_by_key(|path| path.len()) {
            let held = worst.entry(path).or_insert(problem);
            if problem.severity < held.severity {
                *held = problem;
            }
        }
    }
    worst
}

fn list_head(list: &ListBox, layout: &Layout, on_wish: &Callback<CanvasWish>) -> Html {
    use patchbay_core::workflow::outline::ListRole;
    let named = matches!(list.role, ListRole::Try | ListRole::Catch);
    let place = format!("left:{}px;top:{}px;width:{}px", list.rect.x, list.rect.y - 52.0, list.rect.width);
    let slot = layout.slots.iter().find(|slot| slot.list == list.pointer);
    let hole = slot.filter(|_| list.is_empty).map(|slot| {
        let middle = (slot.from.x + slot.to.x) / 2.0;
        format!("left:{}px;top:{}px;width:264px;height:44px", middle - 132.0, list.rect.y)
    });
    let add = {
        let pointer = list.pointer.clone();
        on_wish.reform(move |_: MouseEvent| CanvasWish::Add(pointer.clone(), 0))
    };
    html! {
        <>
            if named { <span class="flow-list" style={place}>{ list_words(list.role) }</span> }
            if let Some(style) = hole {
                <button type="button" class="flow-hole" data-keep="" {style} onclick={add} title={t!("Add a task: {list}", list = list_words(list.role))}>
                    { glyph(icons::ADD(), 16, "") }{ t!("Add a task here") }
                </button>
            }
        </>
    }
}

fn wires(layout: &Layout) -> Html {
    html! {
        <>
            <svg class="flow-wires" aria-hidden="true">
                <defs>
                    <marker id="wire-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse">
                        <path d="M1 1L7 4L1 7" class="wire-tip" />
                    </marker>
                </defs>
                { for layout.wires.iter().map(|wire| {
                    let kind = match wire.kind {
                        WireKind::Flow | WireKind::Inner => None,
                        WireKind::Jump => Some("is-jump"),
                        WireKind::Free => Some("is-free"),
                    };
                    html! { <path key={wire.key.clone()} class={classes!("wire", kind)} d={wire.path.clone()} marker-end="url(#wire-tip)" /> }
                }) }
            </svg>
            { for layout.wires.iter().filter_map(|wire| {
                let (words, at) = wire.label.as_ref()?;
                Some(html! { <span key={format!("label {}", wire.key)} class="flow-label" title={words.clone()} style={format!("left:{}px;top:{}px", at.x, at.y)}>{ words.clone() }</span> })
            }) }
        </>
    }
}
