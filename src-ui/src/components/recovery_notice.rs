//! What is to be said about a database that was damaged.

use patchbay_ipc::{DismissRecovery, Failure, Tone};
use patchbay_texts::t;
use yew::prelude::*;

use super::{Banner, Button};
use crate::hooks::use_action_or;
use crate::shell::use_shell;

/// Stays, also over a restart, until the person has read it.
#[component]
pub fn RecoveryNotice() -> Html {
    let shell = use_shell();
    let on_failed = {
        let shell = shell.clone();
        Callback::from(move |failure: Failure| shell.notify_failure(&failure))
    };
    let dismiss = use_action_or::<DismissRecovery>(Callback::noop(), on_failed);
    let Some(recovery) = &shell.overview.recovery else { return Html::default() };
    html! {
        <div class="recovery-notice">
            <Banner tone={Tone::Bad} message={recovery.message.clone()} hint={recovery.hint.clone()}
                detail={recovery.kept.as_ref().map(|kept| AttrValue::from(t!("The damaged file: {kept}", kept)))}>
                <Button small=true busy={dismiss.busy} on_press={dismiss.run.reform(|()| DismissRecovery {})}>{ t!("I have read this") }</Button>
            </Banner>
        </div>
    }
}
