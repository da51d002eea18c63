//! Doing something once, at a person's wish.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;

use patchbay_ipc::{Command, Failure};
use yew::platform::spawn_local;
use yew::prelude::*;

use crate::ipc;

/// Something that can be done, and how the last try went.
pub struct Action<C: Command> {
    /// Does it; nothing happens while it is being done.
    pub run: Callback<C>,
    /// Whether it is being done.
    pub busy: bool,
    /// Why the last try failed.
    pub failure: Option<Failure>,
}

/// Lets a component send a request; `on_done` hears the reply.
#[hook]
pub fn use_action<C: Command + 'static>(on_done: Callback<C::Reply>) -> Action<C> {
    use_action_or(on_done, Callback::noop())
}

/// The same, for work that outlasts the page it was begun on: `on_failed` hears of a failure even then.
#[hook]
pub fn use_action_or<C: Command + 'static>(
    on_done: Callback<C::Reply>,
    on_failed: Callback<Failure>,
) -> Action<C> {
    let progress = use_progress();
    let run = {
        let progress = progress.clone();
        Callback::from(move |request: C| {
            let on_done = on_done.clone();
            progress.start(
                on_failed.clone(),
                Box::pin(async move {
                    let reply = ipc::call(&request).await?;
                    on_done.emit(reply);
                    Ok(())
                }),
            );
        })
    };
    Action { run, busy: *progress.busy, failure: (*progress.failure).clone() }
}

/// How an action goes. The same code for all of them: there are many, and each copy would be shipped.
#[derive(Clone)]
struct Progress {
    busy: UseStateHandle<bool>,
    failure: UseStateHandle<Option<Failure>>,
    // The state of the last rendering is too old to tell a double click from a second wish.
    running: Rc<RefCell<bool>>,
}

#[hook]
fn use_progress() -> Progress {
    Progress { busy: use_state(|| false), failure: use_state(|| None), running: use_mut_ref(|| false) }
}

impl Progress {
    fn start(&self, on_failed: Callback<Failure>, work: Pin<Box<dyn Future<Output = Result<(), Failure>>>>) {
        if self.running.replace(true) {
            return;
        }
        self.busy.set(true);
        self.failure.set(None);
        let this = self.clone();
        spawn_local(async move {
            let result = work.await;
            this.running.replace(false);
            this.busy.set(false);
            if let Err(failure) = &result {
                on_failed.emit(failure.clone());
            }
            this.failure.set(result.err());
        });
    }
}
