//! Everything about the chosen task: what it calls, with what, as whom, when, and what comes of it.

use patchbay_core::workflow::binding::Slot;
use patchbay_core::workflow::edit::Edit;
use patchbay_core::workflow::outline::{ConnectorCall, Pointer, SwitchCase, TaskKind, TaskOutline};
use patchbay_core::workflow::problem::{Problem, Severity};
use patchbay_ipc::{CastingView, ConnectionView, GetConnectorOperations, GetTask, WorkflowView};
use patchbay_texts::t;
use serde_json::{Value, json};
use yew::prelude::*;

use super::plug::casting_status;
use super::task_card::kind_icon;
use super::task_fields::{MemberChange, Spot, parameter_field};
use super::{
    Button, CommitField, ConnectionPicker, Emphasis, FailureBanner, MembersField, SelectField, Skeleton,
    connector_icon, status,
};
use crate::hooks::{Wish, use_command};
use crate::icons::{self, glyph};
use crate::shared::Shared;
use crate::shell::use_shell;
use crate::state::connect::Target;
use crate::state::palette::kind_words;
use crate::state::selection::siblings;
use crate::state::task_form::{COMMON, Entry, Member, Shown, members, value_of};

/// The id of the field with the task's name, for F2.
pub const NAME_FIELD: &str = "task-name-field";

/// What is wanted from the panel.
#[derive(Debug, Clone, PartialEq)]
pub enum PanelWish {
    /// Something of the workflow.
    Document(Wish),
    /// A line of the text.
    ShowLine(u32),
    /// It is to close.
    Close,
}

/// Properties of [`TaskPanel`].
#[derive(Properties, PartialEq)]
pub struct TaskPanelProps {
    /// The workflow.
    pub view: Shared<WorkflowView>,
    /// The task.
    pub task: TaskOutline,
    /// Something is wanted.
    pub on_wish: Callback<PanelWish>,
}

/// The panel of a task.
#[component]
pub fn TaskPanel(props: &TaskPanelProps) -> Html {
    let TaskPanelProps { view, task, on_wish } = props;
    let details = use_command(GetTask { workflow: view.id, path: task.path.clone() });
    let known = details.latest().filter(|details| details.path == task.path);
    let casting = view.castings.iter().find(|casting| casting.path == task.path);
    let badge = casting.map(|casting| &casting.connector);
    let edit = on_wish.reform(|edit| PanelWish::Document(Wish::Edit(edit)));
    let onkeydown = {
        let on_wish = on_wish.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                event.prevent_default();
                on_wish.emit(PanelWish::Close);
            }
        })
    };
    let rename = {
        let (edit, path) = (edit.clone(), task.path.clone());
        Callback::from(move |name: String| edit.emit(Edit::RenameTask { path: path.clone(), name }))
    };
    let line = task.lines.0;
    let show = on_wish.reform(move |()| PanelWish::ShowLine(line));
    let problems = view.problems.iter().filter(|problem| is_at(problem, &task.path));
    html! {
        <aside class="drawer task-panel" aria-label={t!("Task {name}", name = task.name)} {onkeydown}>
            <header class="drawer-head task-panel-head">
                <span class="task-icon">
                    if let Some(badge) = badge { { connector_icon(&badge.name, badge.icon.as_deref(), 20) } } else { { glyph(kind_icon(task.kind), 20, "") } }
                </span>
                <div class="drawer-title">
                    <h2>{ task.name.clone() }</h2>
                    <p class="muted">{ badge.map_or_else(|| kind_words(task.kind).to_owned(), |badge| badge.name.clone()) }</p>
                </div>
                <Button name={t!("Close task")} icon={icons::CLOSE()} emphasis={Emphasis::Quiet} small=true on_press={on_wish.reform(|()| PanelWish::Close)} />
            </header>
            <div class="drawer-body" key={task.path.to_string()}>
                { for problems.map(|problem| problem_line(problem, on_wish)) }
                if task.kind.is_refused_at_run() {
                    <p class="remark">{ status(icons::CANCELLED(), "warning", t!("Kept and shown, and not run here.")) }</p>
                }
                <CommitField id={NAME_FIELD} label={t!("Name")} value={task.name.clone()} on_commit={rename} />
                if let (Some(call), Some(casting)) = (&task.connector, casting) {
                    <RunsAs view={view.clone()} casting={casting.clone()} on_wish={on_wish.clone()} />
                    <Parameters view={view.clone()} path={task.path.clone()} call={call.clone()} on_edit={edit.clone()} on_show={show.clone()} />
                }
                { cases(view, task, &edit) }
                if let Some(known) = known {
                    if task.connector.is_none() { { own_members(view, task, &known.value, &edit, &show) } }
                    { flow(view, task, &edit) }
                    <details class="more" open=false>
                        <summary>{ t!("Data and time") }</summary>
                        <div class="drawer-form">{ member_fields(COMMON, view, task, &known.value, &edit, &show) }</div>
                    </details>
                } else if let Some(failure) = details.failure() {
                    <FailureBanner failure={failure.clone()} />
                } else {
                    <Skeleton words={t!("Loading the task")} lines=4 />
                }
                <div class="buttons panel-foot">
                    <Button small=true icon={icons::SOURCE()} emphasis={Emphasis::Quiet} on_press={show}>{ t!("Show line {line} in Source", line) }</Button>
                    <Button small=true icon={icons::COPY()} emphasis={Emphasis::Quiet}
                        on_press={let path = task.path.clone(); edit.reform(move |()| Edit::DuplicateTask { path: path.clone() })}>{ t!("Duplicate") }</Button>
                    <Button small=true icon={icons::DELETE()} emphasis={Emphasis::Quiet}
                        on_press={let path = task.path.clone(); edit.reform(move |()| Edit::RemoveTask { path: path.clone() })}>{ t!("Delete task") }</Button>
                </div>
            </div>
        </aside>
    }
}

fn is_at(problem: &Problem, path: &Pointer) -> bool {
    let rest = problem.pointer.as_str().strip_prefix(path.as_str());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A problem in words, with its line.
pub(super) fn problem_line(problem: &Problem, on_wish: &Callback<PanelWish>) -> Html {
    let (icon, colour) = match problem.severity {
        Severity::Error => (icons::BAD(), "bad"),
        Severity::Warning => (icons::WARNING(), "warning"),
        Severity::NotRunHere => (icons::CANCELLED(), "neutral"),
    };
    let line = problem.line;
    html! {
        <div class="problem">
            { status(icon, colour, problem.message.clone()) }
            if line > 0 {
                <button type="button" class="link" onclick={on_wish.reform(move |_: MouseEvent| PanelWish::ShowLine(line))}>{ t!("Line {line}", line) }</button>
            }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct RunsAsProps {
    view: Shared<WorkflowView>,
    casting: CastingView,
    on_wish: Callback<PanelWish>,
}

/// As whom the task runs: the picker, its role, and what the choice is for.
#[component]
fn RunsAs(props: &RunsAsProps) -> Html {
    let shell = use_shell();
    let renaming = use_state_eq(|| false);
    let RunsAsProps { view, casting, on_wish } = props;
    let wish = on_wish.reform(PanelWish::Document);
    let on_choose = {
        let (wish, casting) = (wish.clone(), casting.clone());
        Callback::from(move |connection: ConnectionView| {
            // A choice made at one of several tasks is this task's own; the others stay as they are.
            let slot = if casting.tasks_of_role > 1 {
                Slot::Task(casting.task.clone())
            } else {
                Slot::Role(casting.role.clone())
            };
            wish.emit(Wish::Bind(slot, Some(connection.instance)));
        })
    };
    let use_for_all =
        casting.connection.as_ref().filter(|_| casting.tasks_of_role > 1 && casting.is_override).map(
            |connection| {
                let (role, instance) = (casting.role.clone(), connection.instance);
                wish.reform(move |()| Wish::BindAll(role.clone(), instance))
            },
        );
    let clear = casting.connection.is_some().then(|| {
        let slot = if casting.is_override {
            Slot::Task(casting.task.clone())
        } else {
            Slot::Role(casting.role.clone())
        };
        wish.reform(move |()| Wish::Bind(slot.clone(), None))
    });
    let reconnect = casting.connection.as_ref().filter(|connection| {
        connection.health == patchbay_core::connection::Health::NeedsReconnect
            && connection.mismatch.is_none()
    });
    let roles: Vec<&str> = view
        .outline
        .roles
        .iter()
        .filter(|role| role.connector == casting.connector.slug)
        .map(|role| role.role.as_str())
        .collect();
    const NEW: &str = "\u{0}new";
    let mut offered: Vec<(AttrValue, AttrValue)> = roles
        .iter()
        .map(|role| (AttrValue::from((*role).to_owned()), AttrValue::from((*role).to_owned())))
        .collect();
    offered.push((AttrValue::from(NEW), AttrValue::from(t!("A new role for this task"))));
    let set_role = {
        let (wish, path, role) = (wish.clone(), casting.path.clone(), casting.role.clone());
        let taken: Vec<String> = view.outline.roles.iter().map(|role| role.role.clone()).collect();
        Callback::from(move |chosen: String| {
            let role = if chosen == NEW {
                (2..)
                    .map(|number| format!("{role}{number}"))
                    .find(|name| !taken.contains(name))
                    .unwrap_or_default()
            } else {
                chosen
            };
            wish.emit(Wish::Edit(Edit::SetRole { path: path.clone(), role }));
        })
    };
    let rename = {
        let (wish, role, renaming) = (wish.clone(), casting.role.clone(), renaming.clone());
        Callback::from(move |to: String| {
            renaming.set(false);
            wish.emit(Wish::Edit(Edit::RenameRole { role: role.clone(), to }));
        })
    };
    html! {
        <section class="runs-as" aria-label={t!("Runs as")}>
            <ConnectionPicker connector={casting.connector.clone()} chosen={casting.connection.clone()} {on_choose} />
            <div class="runs-as-state">
                { casting_status(casting) }
                <span class="muted">
                    if casting.is_override {
                        { t!("This task’s own") }
                    } else if casting.tasks_of_role > 1 {
                        { t!("From the role {role}, which {count} tasks have", role = casting.role, count = casting.tasks_of_role) }
                    }
                </span>
            </div>
            <div class="buttons">
                if let Some(connection) = reconnect {
                    <Button small=true icon={icons::PLUG()} unavailable={shell.network_is_off().map(AttrValue::from)}
                        on_press={let target = Target::reconnect(connection); shell.on_connect.reform(move |()| target.clone())}>{ t!("Reconnect {label}", label = connection.label) }</Button>
                }
                if let Some(on_press) = use_for_all {
                    <Button small=true {on_press}>{ t!("Use for all {count} tasks with this role", count = casting.tasks_of_role) }</Button>
                }
                if let Some(on_press) = clear {
                    <Button small=true emphasis={Emphasis::Quiet} {on_press}>{ if casting.is_override { t!("Use the role’s connection") } else { t!("Unbind") } }</Button>
                }
            </div>
            if *renaming {
                <CommitField label={t!("New name of the role")} value={casting.role.clone()} on_commit={rename} about={t!("In every task that has it.")} />
            } else {
                <div class="with-button">
                    <SelectField label={t!("Role")} value={casting.role.clone()} choices={offered} on_choose={set_role} />
                    <Button small=true icon={icons::EDIT()} name={t!("Rename role {role}", role = casting.role)} emphasis={Emphasis::Quiet}
                        on_press={let renaming = renaming.clone(); Callback::from(move |()| renaming.set(true))} />
                </div>
            }
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct ParametersProps {
    view: Shared<WorkflowView>,
    path: Pointer,
    call: ConnectorCall,
    on_edit: Callback<Edit>,
    on_show: Callback<()>,
}

/// The operation and what it takes.
#[component]
fn Parameters(props: &ParametersProps) -> Html {
    let operations = use_command(GetConnectorOperations { connector: props.call.connector.clone() });
    let Some(known) = operations.latest().filter(|known| known.connector == props.call.connector) else {
        return match operations.failure() {
            Some(failure) => html! { <FailureBanner failure={failure.clone()} /> },
            None => html! { <Skeleton words={t!("Loading the operation")} lines=3 /> },
        };
    };
    let operation =
        known.operations.iter().find(|operation| Some(&operation.id) == props.call.operation.as_ref());
    let Some(operation) = operation else {
        return html! { <OnlyInSource what={t!("This call was written by hand")} on_show={props.on_show.clone()} /> };
    };
    let spot = Spot { workflow: props.view.id, path: props.path.clone() };
    let choices: Vec<(AttrValue, AttrValue)> =
        known.operations.iter().map(|each| (each.id.clone().into(), each.title.clone().into())).collect();
    let on_choose = {
        let path = props.path.clone();
        props.on_edit.reform(move |operation| Edit::SetOperation { path: path.clone(), operation })
    };
    html! {
        <section class="drawer-form" aria-label={t!("Operation")}>
            <div class="operation">
                <SelectField label={t!("Operation")} value={operation.id.clone()} {choices} {on_choose} />
                <code class="muted">{ format!("{} {}", operation.method.name(), operation.path) }</code>
            </div>
            { for operation.parameters.iter().map(|parameter| {
                let value = props.call.parameters.iter().find(|held| held.name == parameter.name).map(|held| held.text.as_str());
                let (path, name) = (props.path.clone(), parameter.name.clone());
                let on_commit = props.on_edit.reform(move |value| Edit::SetParameter { path: path.clone(), name: name.clone(), value });
                parameter_field(parameter, value, &spot, on_commit)
            }) }
            if operation.parameters.is_empty() { <p class="muted">{ t!("It takes nothing.") }</p> }
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct OnlyInSourceProps {
    what: AttrValue,
    on_show: Callback<()>,
}

/// What a form cannot show, and where it is.
#[component]
fn OnlyInSource(props: &OnlyInSourceProps) -> Html {
    html! {
        <p class="only-in-source muted">
            { props.what.clone() }{ t!(", which this form cannot show. ") }
            <button type="button" class="link" onclick={props.on_show.reform(|_: MouseEvent| ())}>{ t!("Show it in Source") }</button>
        </p>
    }
}

/// Members of a kind of the language.
fn own_members(
    view: &WorkflowView,
    task: &TaskOutline,
    value: &Value,
    edit: &Callback<Edit>,
    show: &Callback<()>,
) -> Html {
    let form = members(task.kind);
    if form.is_empty() && task.kind.is_refused_at_run() {
        return html! { <OnlyInSource what={t!("{kind} has members of its own", kind = kind_words(task.kind))} on_show={show.clone()} /> };
    }
    member_fields(form, view, task, value, edit, show)
}

fn member_fields(
    form: &'static [Member],
    view: &WorkflowView,
    task: &TaskOutline,
    value: &Value,
    edit: &Callback<Edit>,
    show: &Callback<()>,
) -> Html {
    form.iter().map(|member| html! {
        <MemberField key={member.at} member={*member} spot={Spot { workflow: view.id, path: task.path.clone() }}
            shown={Kept(member.shown(value))} target={member.target(value)} removed={member.removed(value)} on_edit={edit.clone()} on_show={show.clone()} />
    }).collect()
}

#[derive(Clone, PartialEq)]
struct Kept(Shown);

#[derive(Properties, PartialEq)]
struct MemberFieldProps {
    member: Member,
    spot: Spot,
    shown: Kept,
    target: &'static str,
    removed: &'static str,
    on_edit: Callback<Edit>,
    on_show: Callback<()>,
}

/// A field for one member, and what is wrong with what was entered.
#[component]
fn MemberField(props: &MemberFieldProps) -> Html {
    let fault = use_state_eq(|| None::<&'static str>);
    let member = props.member;
    let pointer = Pointer::from(format!("{}{}", props.spot.path, props.target));
    let removed = Pointer::from(format!("{}{}", props.spot.path, props.removed));
    let label = patchbay_texts::text(member.label);
    let about = (!member.about.is_empty()).then(|| AttrValue::from(patchbay_texts::text(member.about)));
    let commit = {
        let (fault, on_edit) = (fault.clone(), props.on_edit.clone());
        let (pointer, removed) = (pointer.clone(), removed.clone());
        Callback::from(move |text: String| match member.entered(&text) {
            Ok(value) => {
                fault.set(None);
                on_edit.emit(match value {
                    Some(value) => Edit::Set { pointer: pointer.clone(), value },
                    None => Edit::Remove { pointer: removed.clone() },
                });
            }
            Err(words) => fault.set(Some(words)),
        })
    };
    match (&props.shown.0, member.entry) {
        (Shown::OnlyInSource, _) => {
            html! { <OnlyInSource what={label} on_show={props.on_show.clone()} /> }
        }
        (Shown::Flag(flag), _) => {
            let flag = *flag;
            let onchange = props.on_edit.reform(move |_: Event| {
                if flag {
                    Edit::Remove { pointer: removed.clone() }
                } else {
                    Edit::Set { pointer: pointer.clone(), value: Value::Bool(true) }
                }
            });
            html! { <label class="check"><input type="checkbox" checked={flag} {onchange} />{ label }</label> }
        }
        (Shown::Members(held), _) => {
            let on_change = props.on_edit.reform(move |change| match change {
                MemberChange::Set(name, text) => {
                    Edit::Set { pointer: pointer.child(name), value: value_of(&text) }
                }
                MemberChange::Remove(name) => Edit::Remove { pointer: pointer.child(name) },
            });
            html! { <MembersField {label} members={held.clone()} spot={props.spot.clone()} {on_change} /> }
        }
        (Shown::Text(text), Entry::Choice(choices) | Entry::Kind(choices)) => {
            let mut offered: Vec<(AttrValue, AttrValue)> = choices
                .iter()
                .map(|(value, name)| (AttrValue::from(*value), AttrValue::from(patchbay_texts::text(name))))
                .collect();
            if !offered.iter().any(|(value, _)| *value == text.as_str()) {
                offered.push((text.clone().into(), text.clone().into()));
            }
            html! { <SelectField {label} value={text.clone()} choices={offered} on_choose={commit} description={about} /> }
        }
        (Shown::Text(text), entry) => html! {
            <CommitField {label} value={text.clone()} on_commit={commit} {about} error={fault.map(AttrValue::from)}
                long={entry == Entry::Any} bare={entry == Entry::Expression} spot={props.spot.clone()} />
        },
    }
}

/// The places a task of a list can lead to.
fn leads(view: &WorkflowView, task: &TaskOutline, now: Option<&str>) -> Vec<(AttrValue, AttrValue)> {
    let mut offered: Vec<(AttrValue, AttrValue)> = vec![
        ("".into(), t!("The next task").into()),
        ("exit".into(), t!("Out of this list (exit)").into()),
        ("end".into(), t!("The workflow’s end (end)").into()),
    ];
    let names = siblings(&view.outline, &task.path).iter().filter(|other| other.path != task.path);
    offered.extend(
        names.map(|other| (AttrValue::from(other.name.clone()), AttrValue::from(other.name.clone()))),
    );
    if let Some(now) = now.filter(|now| *now != "continue" && !offered.iter().any(|(value, _)| value == now))
    {
        offered.push((now.to_owned().into(), t!("{now} (is not there)", now).into()));
    }
    offered
}

/// A member that gets a text, or goes where that is empty.
fn texted(edit: &Callback<Edit>, pointer: Pointer) -> Callback<String> {
    edit.reform(move |text: String| {
        let pointer = pointer.clone();
        if text.trim().is_empty() {
            Edit::Remove { pointer }
        } else {
            Edit::Set { pointer, value: Value::String(text) }
        }
    })
}

/// When it runs, and what comes after it.
fn flow(view: &WorkflowView, task: &TaskOutline, edit: &Callback<Edit>) -> Html {
    let (on_condition, on_then) =
        (texted(edit, task.path.child("if")), texted(edit, task.path.child("then")));
    let now = task.then.as_deref();
    html! {
        <section class="drawer-form" aria-label={t!("Flow")}>
            <CommitField label={t!("Only if")} value={task.condition.clone().unwrap_or_default()} on_commit={on_condition} bare=true
                about={t!("Empty: always.")} spot={Spot { workflow: view.id, path: task.path.clone() }} />
            if task.kind != TaskKind::Switch {
                <SelectField label={t!("Then")} value={now.filter(|now| *now != "continue").unwrap_or_default().to_owned()} choices={leads(view, task, now)} on_choose={on_then} />
            }
        </section>
    }
}

/// The ways out of a `switch`.
fn cases(view: &WorkflowView, task: &TaskOutline, edit: &Callback<Edit>) -> Html {
    if task.kind != TaskKind::Switch {
        return Html::default();
    }
    let list = task.path.child("switch");
    let spot = Spot { workflow: view.id, path: task.path.clone() };
    let add = {
        let (index, list) = (task.cases.len(), list.clone());
        let name = (index + 1..)
            .map(|number| format!("case{number}"))
            .find(|name| task.cases.iter().all(|case| case.name != *name));
        let name = name.unwrap_or_default();
        edit.reform(move |()| Edit::Set {
            pointer: list.child(index),
            value: json!({ name.clone(): { "when": ".example", "then": "continue" } }),
        })
    };
    html! {
        <section class="drawer-form" aria-label={t!("Cases")}>
            <h3>{ t!("Cases") }</h3>
            { for task.cases.iter().enumerate().map(|(index, case)| case_fields(view, task, &list, index, case, &spot, edit)) }
            <div><Button small=true icon={icons::ADD()} on_press={add}>{ t!("Add a case") }</Button></div>
        </section>
    }
}

fn case_fields(
    view: &WorkflowView,
    task: &TaskOutline,
    list: &Pointer,
    index: usize,
    case: &SwitchCase,
    spot: &Spot,
    edit: &Callback<Edit>,
) -> Html {
    let at = list.child(index);
    let body = at.child(&case.name);
    let rename = {
        let (at, case) = (at.clone(), case.clone());
        edit.reform(move |name: String| {
            let mut members = json!({ "then": case.then.clone().unwrap_or_else(|| "continue".to_owned()) });
            if let Some(when) = &case.when {
                members["when"] = Value::String(when.clone());
            }
            Edit::Set { pointer: at.clone(), value: json!({ name: members }) }
        })
    };
    let on_when = texted(edit, body.child("when"));
    let on_then = {
        let pointer = body.child("then");
        edit.reform(move |text: String| {
            let then = if text.is_empty() { "continue".to_owned() } else { text };
            Edit::Set { pointer: pointer.clone(), value: Value::String(then) }
        })
    };
    let remove = edit.reform(move |()| Edit::Remove { pointer: at.clone() });
    let now = case.then.as_deref();
    html! {
        <fieldset key={index} class="case">
            <legend class="sr-only">{ t!("Case {name}", name = case.name) }</legend>
            <div class="member">
                <CommitField label={t!("Case")} value={case.name.clone()} on_commit={rename} />
                <Button name={t!("Remove case {name}", name = case.name)} icon={icons::CLOSE()} emphasis={Emphasis::Quiet} small=true on_press={remove} />
            </div>
            <CommitField label={t!("When")} value={case.when.clone().unwrap_or_default()} on_commit={on_when} bare=true about={t!("Empty: in every other case.")} spot={spot.clone()} />
            <SelectField label={t!("Leads to")} value={now.filter(|now| *now != "continue").unwrap_or_default().to_owned()} choices={leads(view, task, now)} on_choose={on_then} />
        </fieldset>
    }
}
