//! Taking the list of connections elsewhere, as a file.

use patchbay_ipc::{Choice, ExportConnections, ExportFormat, ExportReport, Narrowing, Notice, Tone};
use patchbay_texts::t;
use yew::prelude::*;

use super::{Button, Dialog, Emphasis, FailureBanner};
use crate::count::grouped;
use crate::hooks::use_action;
use crate::shell::use_shell;
use crate::state::toasts::Offer;
use crate::{clock, dom};

/// Properties of [`ExportDialog`].
#[derive(Properties, PartialEq)]
pub struct ExportDialogProps {
    /// The connections in question, and what they are called: `3 chosen`. The whole list is always offered.
    pub some: Option<(Choice, AttrValue)>,
    /// How many there are in all.
    pub total: u32,
    /// It is over.
    pub on_close: Callback<()>,
}

/// Asks which connections and in which form, and writes the file.
#[component]
pub fn ExportDialog(props: &ExportDialogProps) -> Html {
    let shell = use_shell();
    let format = use_state_eq(|| ExportFormat::Csv);
    let only_some = use_state_eq(|| props.some.is_some());
    let on_done = {
        let (shell, on_close) = (shell.clone(), props.on_close.clone());
        Callback::from(move |report: ExportReport| {
            let notice = Notice {
                tone: Tone::Good,
                message: t!("{count} connections were written into a file.", count = grouped(report.count)),
                hint: Some(report.path.clone()),
                at: clock::now(),
            };
            let on_take = Callback::from(move |()| dom::copy(&report.path, |_| ()));
            shell.on_offer.emit((notice, Offer { words: t!("Copy"), on_take }));
            on_close.emit(());
        })
    };
    let export = use_action::<ExportConnections>(on_done);
    let onsubmit = {
        let (run, some, format, only_some) =
            (export.run.clone(), props.some.clone(), format.clone(), only_some.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let some = some.clone().filter(|_| *only_some).map(|(choice, _)| choice);
            let choice = some.unwrap_or_else(|| Choice::Matching(Narrowing::default()));
            run.emit(ExportConnections { choice, format: *format });
        })
    };
    let set_some = |value: bool| {
        let only_some = only_some.clone();
        move |_: Event| only_some.set(value)
    };
    let formats =
        [(ExportFormat::Csv, t!("CSV, for spreadsheets")), (ExportFormat::Json, t!("JSON, for programs"))];
    html! {
        <Dialog title={t!("Export connections")} on_close={props.on_close.clone()}>
            <form class="dialog-body" {onsubmit}>
                <p class="muted">{ t!("A new file in your downloads folder. It holds labels, accounts, health, tags and ids, and no secrets.") }</p>
                if let Some((_, words)) = &props.some {
                    <div class="radios" role="radiogroup" aria-label={t!("Which")}>
                        <label class="radio"><input type="radio" name="which" checked={*only_some} onchange={set_some(true)} /><span>{ words.clone() }</span></label>
                        <label class="radio"><input type="radio" name="which" checked={!*only_some} onchange={set_some(false)} /><span>{ t!("All {count}", count = grouped(props.total)) }</span></label>
                    </div>
                }
                <div class="radios" role="radiogroup" aria-label={t!("Form")}>
                    { for formats.into_iter().map(|(value, words)| {
                        let onchange = { let format = format.clone(); move |_: Event| format.set(value) };
                        html! {
                            <label key={words} class="radio"><input type="radio" name="form" checked={*format == value} {onchange} /><span>{ words }</span></label>
                        }
                    }) }
                </div>
                if let Some(failure) = &export.failure { <FailureBanner failure={failure.clone()} /> }
                <div class="buttons">
                    <Button emphasis={Emphasis::Primary} submit=true busy={export.busy}>{ t!("Export") }</Button>
                    <Button on_press={props.on_close.clone()}>{ t!("Cancel") }</Button>
                </div>
            </form>
        </Dialog>
    }
}
