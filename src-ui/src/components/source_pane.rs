//! *Source*: the document's YAML as text, in step with the picture both ways.

use patchbay_core::workflow::edit::Edit;
use patchbay_core::workflow::problem::Severity;
use patchbay_ipc::{Code, Failure, Tone, WorkflowView};
use patchbay_texts::t;
use web_sys::HtmlElement;
use yew::prelude::*;

use super::task_panel::{PanelWish, problem_line};
use super::{Banner, Button, Emphasis, FailureBanner};
use crate::dom;
use crate::hooks::{Document, Outcome, Wish};
use crate::icons;
use crate::shared::Shared;
use crate::state::source::{Source, SourceAction, line_start};

/// A line's height in pixels; the stylesheet knows the same number.
const LINE: f64 = 20.0;

/// Properties of [`SourcePane`].
#[derive(Properties, PartialEq)]
pub struct SourcePaneProps {
    /// The workflow.
    pub view: Shared<WorkflowView>,
    /// How to change it.
    pub document: Document,
    /// The text as it is typed; it outlives this pane.
    pub source: UseReducerHandle<Source>,
    /// Why the text was not taken.
    pub refused: UseStateHandle<Option<Failure>>,
    /// A line to go to, and the how manieth time this is wanted.
    pub line: (u32, u32),
    /// The lines of the chosen task.
    pub chosen: Option<(u32, u32)>,
    /// It is to close.
    pub on_close: Callback<()>,
}

/// The text with line numbers, the lines that have problems marked, and the problems in words.
#[component]
pub fn SourcePane(props: &SourcePaneProps) -> Html {
    let SourcePaneProps { view, source, .. } = props;
    let (area, gutter) = (use_node_ref(), use_node_ref());
    let refused = &props.refused;
    let text = source.text.clone();
    {
        let (area, text) = (area.clone(), text.clone());
        use_effect_with(props.line, move |(line, times)| {
            if *times > 0 && *line > 0 {
                dom::go_to_line(&area, line_start(&text, *line), *line, LINE);
            }
        });
    }
    let oninput = {
        let source = source.dispatcher();
        Callback::from(move |event: InputEvent| {
            source.dispatch(SourceAction::Typed(dom::value_of(&event).into()))
        })
    };
    let onscroll = {
        let (area, gutter) = (area.clone(), gutter.clone());
        Callback::from(move |_: Event| {
            if let (Some(area), Some(gutter)) = (area.cast::<HtmlElement>(), gutter.cast::<HtmlElement>()) {
                gutter.set_scroll_top(area.scroll_top());
            }
        })
    };
    let lines = text.split('\n').count();
    let worst = |line: u32| {
        view.problems.iter().filter(|problem| problem.line == line).map(|problem| problem.severity).min()
    };
    let show_line = {
        let (area, text) = (area.clone(), text.clone());
        Callback::from(move |wish: PanelWish| {
            if let PanelWish::ShowLine(line) = wish {
                dom::go_to_line(&area, line_start(&text, line), line, LINE);
            }
        })
    };
    let errors = view.problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    let decide = |action: SourceAction| {
        let source = source.dispatcher();
        Callback::from(move |()| source.dispatch(action.clone()))
    };
    html! {
        <section class="source" aria-label={t!("Source")}>
            <header class="source-head">
                <h2>{ t!("Source") }</h2>
                <span class="muted" role="status">
                    { if source.other.is_some() { t!("Changed elsewhere") } else if source.is_ahead() { t!("Reading…") } else { t!("In step") } }
                </span>
                <span class="spring"></span>
                <Button name={t!("Close source")} icon={icons::CLOSE()} emphasis={Emphasis::Quiet} small=true on_press={props.on_close.clone()} />
            </header>
            if source.other.is_some() {
                <Banner tone={Tone::Bad} message={t!("The document was changed elsewhere while you were typing.")} hint={t!("Nothing is lost: yours is below, the other one is a step that undo keeps.")}>
                    <Button small=true on_press={decide(SourceAction::KeepMine)}>{ t!("Keep mine") }</Button>
                    <Button small=true on_press={decide(SourceAction::TakeOther)}>{ t!("Take the other") }</Button>
                </Banner>
            }
            if let Some(failure) = &**refused {
                <FailureBanner failure={failure.clone()}>
                    <Button small=true on_press={{
                        let (text, source) = (source.text.clone(), source.dispatcher());
                        let (send, refused) = (props.document.send.clone(), refused.setter());
                        Callback::from(move |()| send_text(text.clone(), &source, &send, &refused))
                    }}>{ t!("Try again") }</Button>
                </FailureBanner>
            }
            <div class="source-box">
                <div ref={gutter} class="source-gutter" aria-hidden="true">
                    { for (1..=u32::try_from(lines).unwrap_or(u32::MAX)).map(|line| {
                        let fault = worst(line).map(|severity| match severity {
                            Severity::Error => "has-error",
                            Severity::Warning | Severity::NotRunHere => "has-warning",
                        });
                        let chosen = props.chosen.is_some_and(|(first, last)| (first..=last).contains(&line));
                        html! { <span key={line} class={classes!(fault, chosen.then_some("is-chosen"))}>{ line }</span> }
                    }) }
                </div>
                <textarea ref={area} class="source-text" aria-label="YAML" value={text} {oninput} {onscroll} wrap="off" spellcheck="false"
                    autocapitalize="off" autocomplete="off" aria-describedby="source-problems" />
            </div>
            <div id="source-problems" class="source-problems" role="region" aria-label={t!("Problems")}>
                if view.problems.is_empty() {
                    <p class="muted">{ t!("No problems.") }</p>
                } else {
                    <p class="sr-only" role="status">{ t!("1 problem, errors: {errors}" | "{count} problems, errors: {errors}" % view.problems.len(), count = view.problems.len(), errors) }</p>
                    { for view.problems.iter().map(|problem| problem_line(problem, &show_line)) }
                }
            </div>
        </section>
    }
}

/// Sends the text as it stands.
pub fn send_text(
    text: AttrValue,
    source: &UseReducerDispatcher<Source>,
    send: &Callback<(Wish, Callback<Outcome>)>,
    refused: &UseStateSetter<Option<Failure>>,
) {
    source.dispatch(SourceAction::Sent(text.clone()));
    let (source, refused) = (source.clone(), refused.clone());
    let on_outcome = Callback::from(move |outcome: Outcome| match outcome {
        Ok(view) => {
            refused.set(None);
            source.dispatch(SourceAction::Arrived(view.text.clone().into()));
        }
        Err(failure) => {
            source.dispatch(SourceAction::Refused);
            // What it has become meanwhile is on its way, and is then to be decided on.
            refused.set((failure.code != Code::Conflict).then_some(failure));
        }
    });
    send.emit((Wish::Edit(Edit::ReplaceText { text: text.to_string() }), on_outcome));
}
