//! A workflow that is being edited: one wish after the other, each on the version the last one made.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use patchbay_core::id::{InstanceId, WorkflowId};
use patchbay_core::workflow::binding::Slot;
use patchbay_core::workflow::edit::Edit;
use patchbay_ipc::{
    Bind, BindAll, Code, EditWorkflow, Failure, GetWorkflow, RedoEdit, SaveWorkflow, Topic, UndoEdit,
    WorkflowView,
};
use yew::platform::spawn_local;
use yew::prelude::*;

use super::use_app_event;
use crate::ipc;

/// Something that is wanted of a workflow.
#[derive(Debug, Clone, PartialEq)]
pub enum Wish {
    /// A change of the document.
    Edit(Edit),
    /// The last change taken back.
    Undo,
    /// The change that was taken back, again.
    Redo,
    /// Saved as it stands.
    Save,
    /// A role or one task bound, or no longer.
    Bind(Slot, Option<InstanceId>),
    /// A role bound, and nothing of its own for its tasks.
    BindAll(String, InstanceId),
}

/// What became of a wish.
pub type Outcome = Result<Rc<WorkflowView>, Failure>;

/// A workflow, and how to change it.
#[derive(Clone, PartialEq)]
pub struct Document {
    /// The workflow as it was told last.
    pub view: Option<Rc<WorkflowView>>,
    /// Why it could not be read.
    pub failure: Option<Failure>,
    /// Whether a wish is under way.
    pub is_busy: bool,
    /// Sends a wish; the second hears what became of it.
    pub send: Callback<(Wish, Callback<Outcome>)>,
}

#[derive(Default)]
struct Queue {
    wishes: VecDeque<(Wish, Callback<Outcome>)>,
    /// The workflow as it was told last, which is kept when it cannot be read again.
    view: Option<Rc<WorkflowView>>,
    is_running: bool,
    is_stale: bool,
}

#[derive(Clone, PartialEq, Default)]
struct Held {
    view: Option<Rc<WorkflowView>>,
    failure: Option<Failure>,
}

/// A workflow by its id.
#[hook]
pub fn use_document(workflow: WorkflowId) -> Document {
    let held = use_state_eq(Held::default);
    let is_busy = use_state_eq(|| false);
    let queue = use_mut_ref(Queue::default);
    let send = {
        let (held, is_busy, queue) = (held.setter(), is_busy.setter(), queue.clone());
        use_callback(workflow, move |(wish, on_outcome): (Wish, Callback<Outcome>), workflow| {
            queue.borrow_mut().wishes.push_back((wish, on_outcome));
            work(*workflow, &queue, held.clone(), is_busy.clone());
        })
    };
    let refresh = {
        let (held, is_busy, queue) = (held.setter(), is_busy.setter(), queue.clone());
        move || {
            queue.borrow_mut().is_stale = true;
            work(workflow, &queue, held.clone(), is_busy.clone());
        }
    };
    {
        let refresh = refresh.clone();
        use_effect_with(workflow, move |_| refresh());
    }
    use_app_event(move |topics| {
        if topics.contains(&Topic::Workflow(workflow)) || topics.contains(&Topic::Connections) {
            refresh();
        }
    });
    Document { view: held.view.clone(), failure: held.failure.clone(), is_busy: *is_busy, send }
}

/// Does everything that waits, then reads the workflow again if it has become stale meanwhile.
fn work(
    workflow: WorkflowId,
    queue: &Rc<RefCell<Queue>>,
    held: UseStateSetter<Held>,
    is_busy: UseStateSetter<bool>,
) {
    if std::mem::replace(&mut queue.borrow_mut().is_running, true) {
        return;
    }
    let queue = queue.clone();
    spawn_local(async move {
        loop {
            let next = queue.borrow_mut().wishes.pop_front();
            if let Some((wish, on_outcome)) = next {
                is_busy.set(true);
                let version = queue.borrow().view.as_ref().map_or(0, |view| view.version);
                match perform(workflow, version, wish).await {
                    Ok(view) => {
                        let view = Rc::new(view);
                        queue.borrow_mut().view = Some(view.clone());
                        held.set(Held { view: Some(view.clone()), failure: None });
                        on_outcome.emit(Ok(view));
                    }
                    Err(failure) => {
                        if failure.code == Code::Conflict {
                            queue.borrow_mut().is_stale = true;
                        }
                        on_outcome.emit(Err(failure));
                    }
                }
            } else if std::mem::take(&mut queue.borrow_mut().is_stale) {
                match ipc::call(&GetWorkflow { workflow }).await {
                    // What was changed here meanwhile is newer than this answer.
                    Ok(view) if queue.borrow().wishes.is_empty() => {
                        let view = Some(Rc::new(view));
                        queue.borrow_mut().view.clone_from(&view);
                        held.set(Held { view, failure: None });
                    }
                    Ok(_) => queue.borrow_mut().is_stale = true,
                    Err(failure) => {
                        let view = queue.borrow().view.clone();
                        held.set(Held { view, failure: Some(failure) });
                    }
                }
            } else {
                break;
            }
        }
        queue.borrow_mut().is_running = false;
        is_busy.set(false);
    });
}

async fn perform(workflow: WorkflowId, version: u32, wish: Wish) -> Result<WorkflowView, Failure> {
    match wish {
        Wish::Edit(edit) => ipc::call(&EditWorkflow { workflow, version, edit }).await,
        Wish::Undo => ipc::call(&UndoEdit { workflow }).await,
        Wish::Redo => ipc::call(&RedoEdit { workflow }).await,
        Wish::Save => ipc::call(&SaveWorkflow { workflow }).await,
        Wish::Bind(slot, instance) => ipc::call(&Bind { workflow, slot, instance }).await,
        Wish::BindAll(role, instance) => ipc::call(&BindAll { workflow, role, instance }).await,
    }
}
