//! Fields of a task's panel. What is typed goes into the document when the field is left, or at Enter.

use std::rc::Rc;

use patchbay_core::connector::{Parameter, ParameterKind};
use patchbay_core::id::WorkflowId;
use patchbay_core::workflow::outline::Pointer;
use patchbay_ipc::{ExpressionPreview, PreviewExpression};
use patchbay_texts::t;
use yew::platform::spawn_local;
use yew::prelude::*;

use super::{Button, Emphasis, SelectField, TimeAgo};
use crate::hooks::{use_debounced, use_id};
use crate::icons::{self, glyph};
use crate::{dom, ipc};

/// Where an expression stands: what it would see is what that task saw in the last run.
#[derive(Debug, Clone, PartialEq)]
pub struct Spot {
    /// The workflow.
    pub workflow: WorkflowId,
    /// The task.
    pub path: Pointer,
}

/// Properties of [`CommitField`].
#[derive(Properties, PartialEq)]
pub struct CommitFieldProps {
    /// Its label, which is its accessible name.
    pub label: AttrValue,
    /// What the document has.
    pub value: AttrValue,
    /// Something else was entered.
    pub on_commit: Callback<String>,
    /// What to know about it.
    #[prop_or_default]
    pub about: Option<AttrValue>,
    /// What is wrong with what was entered.
    #[prop_or_default]
    pub error: Option<AttrValue>,
    /// What it shows while empty.
    #[prop_or_default]
    pub placeholder: Option<AttrValue>,
    /// It is needed.
    #[prop_or_default]
    pub required: bool,
    /// Several lines.
    #[prop_or_default]
    pub long: bool,
    /// Where it is computed for a preview, if it may hold an expression.
    #[prop_or_default]
    pub spot: Option<Spot>,
    /// It is an expression also without `${ }`.
    #[prop_or_default]
    pub bare: bool,
    /// An id of its own.
    #[prop_or_default]
    pub id: Option<AttrValue>,
}

/// A labelled text that is entered as a whole.
#[component]
pub fn CommitField(props: &CommitFieldProps) -> Html {
    let own_id = use_id("entry");
    let id = props.id.clone().unwrap_or(own_id);
    let draft = use_state_eq(|| None::<String>);
    // Enter enters it, and leaving the field afterwards would do so again.
    let entered_last = use_mut_ref(|| None::<String>);
    {
        let (draft, entered_last) = (draft.clone(), entered_last.clone());
        use_effect_with(props.value.clone(), move |_| {
            draft.set(None);
            entered_last.replace(None);
        });
    }
    let text = (*draft).clone().map_or_else(|| props.value.clone(), AttrValue::from);
    let oninput = {
        let draft = draft.clone();
        Callback::from(move |event: InputEvent| draft.set(Some(dom::value_of(&event))))
    };
    let commit = {
        let (on_commit, value) = (props.on_commit.clone(), props.value.clone());
        move |entered: String| {
            let is_new = entered_last.borrow().as_ref() != Some(&entered);
            if is_new && entered != value.as_str() {
                entered_last.replace(Some(entered.clone()));
                on_commit.emit(entered);
            }
        }
    };
    let onchange = {
        let commit = commit.clone();
        Callback::from(move |event: Event| commit(dom::value_of(&event)))
    };
    let onkeydown = {
        let (draft, long) = (draft.clone(), props.long);
        Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
            "Enter" if !long || event.ctrl_key() || event.meta_key() => {
                event.prevent_default();
                commit(dom::value_of(&event));
            }
            "Escape" if draft.is_some() => {
                event.stop_propagation();
                draft.set(None);
            }
            _ => {}
        })
    };
    let about_id = format!("{id}-about");
    let about = props.error.clone().or_else(|| props.about.clone());
    let is_expression = text.contains("${") || (props.bare && !text.trim().is_empty());
    let lines = text.lines().count().clamp(2, 12).to_string();
    html! {
        <div class={classes!("field", props.error.is_some().then_some("is-wrong"))}>
            <div class="field-head">
                <label for={id.clone()}>{ props.label.clone() }</label>
                if props.required { <span class="field-optional">{ "required" }</span> }
            </div>
            <div class={classes!("field-box", is_expression.then_some("is-expression"))}>
                if props.long {
                    <textarea {id} rows={lines} value={text.clone()} {oninput} {onchange} {onkeydown} placeholder={props.placeholder.clone()}
                        aria-describedby={about.as_ref().map(|_| about_id.clone())} aria-required={props.required.then_some("true")}
                        aria-invalid={props.error.is_some().then_some("true")} spellcheck="false" />
                } else {
                    <input {id} type="text" value={text.clone()} {oninput} {onchange} {onkeydown} placeholder={props.placeholder.clone()}
                        aria-describedby={about.as_ref().map(|_| about_id.clone())} aria-required={props.required.then_some("true")}
                        aria-invalid={props.error.is_some().then_some("true")} autocomplete="off" autocapitalize="off" spellcheck="false" />
                }
            </div>
            if let Some(about) = about {
                <p id={about_id} class={if props.error.is_some() { "field-fault" } else { "field-about" }}>{ about }</p>
            }
            if let (true, Some(spot)) = (is_expression, &props.spot) { <Preview spot={spot.clone()} expression={text} /> }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct PreviewProps {
    spot: Spot,
    expression: AttrValue,
}

/// What an expression gives on the last run's data.
#[component]
fn Preview(props: &PreviewProps) -> Html {
    let preview = use_state_eq(|| None::<Rc<ExpressionPreview>>);
    let expression = use_debounced(props.expression.clone(), 300);
    {
        let preview = preview.clone();
        use_effect_with((props.spot.clone(), expression), move |(spot, expression)| {
            let request = PreviewExpression {
                workflow: spot.workflow,
                path: spot.path.clone(),
                expression: expression.to_string(),
            };
            // An answer to what is no longer asked is dropped with what it would have been shown in.
            let is_wanted = Rc::new(std::cell::Cell::new(true));
            let wanted = is_wanted.clone();
            spawn_local(async move {
                let answer = ipc::call(&request).await;
                if wanted.get() {
                    preview.set(answer.ok().map(Rc::new));
                }
            });
            move || is_wanted.set(false)
        });
    }
    let Some(preview) = &*preview else { return Html::default() };
    html! {
        <p class={classes!("preview", preview.problem.is_some().then_some("is-wrong"))} role="status">
            if let Some(value) = &preview.value {
                <code>{ "= " }{ value.clone() }</code>
            } else if let Some(problem) = &preview.problem {
                { glyph(icons::WARNING(), 14, "") }<span>{ problem.clone() }</span>
            }
            if let Some(at) = preview.of_run_at {
                <span class="muted">{ t!("on the run of ") }<TimeAgo {at} /></span>
            } else if preview.value.is_some() {
                <span class="muted">{ t!("no run yet: on {}") }</span>
            }
        </p>
    }
}

/// A field for one of an operation's parameters, of the kind the manifest says. The value is as it stands in the file.
pub(super) fn parameter_field(
    parameter: &Parameter,
    value: Option<&str>,
    spot: &Spot,
    on_commit: Callback<Option<String>>,
) -> Html {
    let value = value.unwrap_or_default();
    let commit = on_commit.reform(|text: String| (!text.trim().is_empty()).then_some(text));
    let label = AttrValue::from(parameter.title.clone());
    let about = parameter.description.clone().map(AttrValue::from);
    let choices: Vec<&str> = match parameter.kind {
        ParameterKind::Boolean if parameter.choices.is_empty() => vec!["true", "false"],
        _ => parameter.choices.iter().map(String::as_str).collect(),
    };
    // A list of choices has no room for an expression, so that one is typed.
    if !choices.is_empty() && !value.contains("${") {
        let unset = if parameter.required { t!("Choose") } else { t!("Not set") };
        let mut offered = vec![(AttrValue::from(""), AttrValue::from(unset))];
        let other = (!value.is_empty() && !choices.contains(&value)).then_some(value);
        let names = choices.into_iter().chain(other).map(|choice| {
            let choice = AttrValue::from(choice.to_owned());
            (choice.clone(), choice)
        });
        offered.extend(names);
        return html! {
            <SelectField key={parameter.name.clone()} {label} value={value.to_owned()} choices={offered} on_choose={commit} description={about} />
        };
    }
    let long = matches!(parameter.kind, ParameterKind::Object | ParameterKind::Array);
    html! {
        <CommitField key={parameter.name.clone()} {label} value={value.to_owned()} on_commit={commit} {about} {long} required={parameter.required}
            placeholder={parameter.example.clone().map(AttrValue::from)} spot={spot.clone()} />
    }
}

/// A change to one of a member's names or values.
#[derive(Debug, Clone, PartialEq)]
pub enum MemberChange {
    /// A name gets a value, as typed.
    Set(String, String),
    /// A name goes.
    Remove(String),
}

/// Properties of [`MembersField`].
#[derive(Properties, PartialEq)]
pub struct MembersFieldProps {
    /// What they are.
    pub label: AttrValue,
    /// Names and values as texts.
    pub members: Vec<(String, String)>,
    /// Where expressions are computed.
    pub spot: Spot,
    /// One is to change.
    pub on_change: Callback<MemberChange>,
}

/// Names with values, and a line for one more.
#[component]
pub fn MembersField(props: &MembersFieldProps) -> Html {
    let name = use_state_eq(String::new);
    let label_id = use_id("members");
    let add = {
        let (name, on_change) = (name.clone(), props.on_change.clone());
        let taken: Vec<String> = props.members.iter().map(|(held, _)| held.clone()).collect();
        Callback::from(move |()| {
            let wanted = name.trim().to_owned();
            if !wanted.is_empty() && !taken.contains(&wanted) {
                name.set(String::new());
                on_change.emit(MemberChange::Set(wanted, String::new()));
            }
        })
    };
    let oninput = {
        let name = name.clone();
        Callback::from(move |event: InputEvent| name.set(dom::value_of(&event)))
    };
    let onkeydown = {
        let add = add.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Enter" {
                event.prevent_default();
                add.emit(());
            }
        })
    };
    html! {
        <div class="members" role="group" aria-labelledby={label_id.clone()}>
            <p id={label_id} class="members-label">{ props.label.clone() }</p>
            { for props.members.iter().map(|(name, value)| {
                let set = { let name = name.clone(); props.on_change.reform(move |text| MemberChange::Set(name.clone(), text)) };
                let remove = { let name = name.clone(); props.on_change.reform(move |()| MemberChange::Remove(name.clone())) };
                html! {
                    <div key={name.clone()} class="member">
                        <CommitField label={name.clone()} value={value.clone()} on_commit={set} long={value.contains('\n')} spot={props.spot.clone()} />
                        <Button name={t!("Remove {name}", name)} icon={icons::CLOSE()} emphasis={Emphasis::Quiet} small=true on_press={remove} />
                    </div>
                }
            }) }
            <div class="member-new">
                <input type="text" class="plain-input" aria-label={t!("New name in {label}", label = props.label)} placeholder={t!("New name")} value={(*name).clone()} {oninput} {onkeydown}
                    autocomplete="off" spellcheck="false" />
                <Button small=true icon={icons::ADD()} on_press={add}>{ t!("Add") }</Button>
            </div>
        </div>
    }
}
