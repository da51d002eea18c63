//! The first run: connect to one's Nango, or try without an account.

use patchbay_ipc::{Overview, Topic, TryWithoutAccount};
use patchbay_texts::t;
use yew::prelude::*;

use crate::bus;
use crate::components::{Button, Emphasis, FailureBanner, Mark, ProfileFormView, RecoveryNotice};
use crate::dom;
use crate::hooks::use_action;
use crate::icons;

/// The page shown while there is no profile.
#[component]
pub fn FirstRunPage() -> Html {
    use_effect_with((), |()| dom::set_title(t!("Welcome – Patchbay")));
    let refresh = Callback::from(|_: Overview| bus::publish(&[Topic::Overview]));
    let sandbox = use_action::<TryWithoutAccount>(refresh.clone());
    html! {
        <main class="first-run">
            <header class="first-run-head">
                <Mark />
                <h1>{ t!("Welcome to Patchbay") }</h1>
                <p class="muted">
                    { t!("Connect each of your accounts once, and choose which one every workflow step runs as. ") }
                    { t!("Nango keeps the tokens; Patchbay never sees them.") }
                </p>
            </header>
            <RecoveryNotice />
            <div class="first-run-choices">
                <section class="panel" aria-labelledby="choice-nango">
                    <h2 id="choice-nango">{ t!("Connect to your Nango") }</h2>
                    <p class="muted">{ t!("The operator of your Nango environment gives you its address and a key.") }</p>
                    <ProfileFormView on_saved={refresh} />
                </section>
                <section class="panel panel-quiet" aria-labelledby="choice-sandbox">
                    <h2 id="choice-sandbox">{ t!("Just looking") }</h2>
                    <p class="muted">
                        { t!("Starts a small imitation of Nango and of its services on this computer, so that you can connect pretended accounts and see how everything works.") }
                    </p>
                    <ul class="ticks">
                        <li>{ t!("Nothing leaves this computer") }</li>
                        <li>{ t!("No account and no key") }</li>
                        <li>{ t!("Add your own Nango at any time") }</li>
                    </ul>
                    if let Some(failure) = &sandbox.failure { <FailureBanner failure={failure.clone()} /> }
                    <Button icon={icons::SANDBOX()} emphasis={Emphasis::Secondary} busy={sandbox.busy}
                        on_press={sandbox.run.reform(|()| TryWithoutAccount {})}>{ t!("Try it without an account") }</Button>
                </section>
            </div>
        </main>
    }
}
