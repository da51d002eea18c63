//! Testing connections: each by itself, so that none waits for another.

use std::rc::Rc;

use patchbay_core::id::InstanceId;
use patchbay_ipc::{ConnectionView, TestConnection};
use patchbay_texts::t;
use yew::platform::spawn_local;
use yew::prelude::*;

use crate::clock;
use crate::dom;
use crate::ipc;
use crate::shell::use_shell;
use crate::state::trials::{Trial, TrialAction, Trials, remark};

/// The tests under way and their answers, and how to begin one.
pub struct Testing {
    /// The latest test of each connection.
    pub trials: UseReducerHandle<Trials>,
    /// Tests a connection; nothing happens while it is being tested.
    pub run: Callback<ConnectionView>,
}

/// Lets a page test connections. An answer about a connection other than the one in sight is a remark.
#[hook]
pub fn use_trials(in_sight: Option<InstanceId>) -> Testing {
    let shell = use_shell();
    let trials = use_reducer(Trials::default);
    // What is in sight when the answer comes, which may not be what was when it was asked for.
    let latest_in_sight = use_mut_ref(|| None);
    *latest_in_sight.borrow_mut() = in_sight;
    {
        let latest_in_sight = latest_in_sight.clone();
        use_effect_with((), move |()| move || *latest_in_sight.borrow_mut() = None);
    }
    let run = {
        let trials = trials.clone();
        Callback::from(move |connection: ConnectionView| {
            let instance = connection.instance;
            if trials.is_running(instance) {
                return;
            }
            let dispatcher = trials.dispatcher();
            dispatcher.dispatch(TrialAction { instance, trial: Some(Trial::Running) });
            dom::announce(&t!("Testing {label}", label = connection.label));
            let (shell, latest_in_sight) = (shell.clone(), latest_in_sight.clone());
            spawn_local(async move {
                let answer = ipc::call(&TestConnection { instance }).await;
                if *latest_in_sight.borrow() != Some(instance) {
                    shell.on_notice.emit(remark(&connection.label, &answer, clock::now()));
                } else if let Ok(report) = &answer {
                    dom::announce(&report.sentence);
                }
                let trial = match answer {
                    Ok(report) => Trial::Found(Rc::new(report)),
                    Err(failure) => Trial::Failed(failure),
                };
                dispatcher.dispatch(TrialAction { instance, trial: Some(trial) });
            });
        })
    };
    Testing { trials, run }
}
