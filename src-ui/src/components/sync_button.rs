//! Reading the list of connections from the server.

use patchbay_ipc::{CancelSync, Failure, GetSyncProgress, SyncConnections, SyncReport, Tone};
use patchbay_texts::t;
use yew::prelude::*;

use super::{Button, Emphasis};
use crate::count::grouped;
use crate::hooks::{use_action, use_action_or, use_announced, use_command};
use crate::icons;
use crate::shell::use_shell;

/// The button that reads the server's list, how far it has come, and the button that stops it.
#[component]
pub fn SyncButton() -> Html {
    let shell = use_shell();
    let progress = use_command(GetSyncProgress {});
    let on_synced = {
        let shell = shell.clone();
        Callback::from(move |report: SyncReport| shell.notify(Tone::Good, report.summary, None))
    };
    let on_failed = {
        let shell = shell.clone();
        Callback::from(move |failure: Failure| shell.notify(Tone::Bad, failure.message, Some(failure.hint)))
    };
    let sync = use_action_or::<SyncConnections>(on_synced, on_failed);
    let stop = use_action::<CancelSync>(Callback::noop());
    let running = progress.latest().filter(|progress| progress.running);
    let is_running = running.is_some() || sync.busy;
    // How far it is would be too much to listen to; its end is a remark.
    use_announced(if is_running { t!("Reading the list of connections") } else { "" });
    html! {
        <span class="sync">
            if is_running {
                <span class="muted sync-progress">
                    { running.map_or_else(|| t!("Reading…").to_owned(), |progress| t!("{count} read so far", count = grouped(progress.read))) }
                </span>
                <Button emphasis={Emphasis::Quiet} small=true busy={stop.busy} on_press={stop.run.reform(|()| CancelSync {})}>{ t!("Stop") }</Button>
            }
            <Button icon={icons::REFRESH()} busy={is_running} unavailable={shell.network_is_off().map(AttrValue::from)}
                on_press={sync.run.reform(|()| SyncConnections {})}>{ t!("Sync now") }</Button>
        </span>
    }
}
