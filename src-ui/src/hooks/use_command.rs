//! Asking for something and asking again whenever it has become stale.

use std::cell::RefCell;
use std::rc::Rc;

use patchbay_ipc::{
    Command, CompareRuns, GetAttempt, GetBulkTest, GetConnection, GetConnectionFacets,
    GetConnectorOperations, GetDiagnostics, GetOverview, GetRun, GetRunEntry, GetSyncProgress, GetTask,
    ListAttempts, ListConnections, ListConnectors, ListLicences, ListOperations, ListProviders, ListRuns,
    ListUses, ListWorkflows, PlanDisconnect, PlanImport, PlanReplacement, PlanRun, Topic,
};
use yew::platform::spawn_local;
use yew::prelude::*;

use super::use_app_event;
use crate::ipc;
use crate::state::loadable::{Loadable, LoadableAction};

/// A request that only reads, and so can be repeated whenever its answer is stale.
pub trait Read: Command + Clone + PartialEq + 'static {
    /// Whether this makes the answer stale.
    fn is_stale_on(&self, topic: &Topic) -> bool;
}

macro_rules! read {
    ($request:ty, $($topic:pat_param)|+) => {
        impl Read for $request {
            fn is_stale_on(&self, topic: &Topic) -> bool {
                matches!(topic, $($topic)|+)
            }
        }
    };
}

read!(GetOverview, Topic::Overview);
read!(ListConnectors, Topic::Connectors);
read!(ListProviders, Topic::Connectors);
read!(ListAttempts, Topic::Attempts | Topic::Attempt(_));
read!(GetDiagnostics, Topic::Diagnostics);
read!(GetSyncProgress, Topic::Sync);
read!(ListConnections, Topic::Connections);
read!(PlanDisconnect, Topic::Connections);
read!(GetConnection, Topic::Connections);
read!(GetConnectionFacets, Topic::Connections);
read!(GetBulkTest, Topic::BulkTest);

read!(ListWorkflows, Topic::Workflows | Topic::Workflow(_) | Topic::Connections | Topic::Runs);
read!(ListOperations, Topic::Connectors);
read!(GetConnectorOperations, Topic::Connectors);
read!(ListUses, Topic::Workflows | Topic::Workflow(_));
read!(PlanReplacement, Topic::Workflows | Topic::Workflow(_) | Topic::Connections);
read!(PlanImport, Topic::Connections);
read!(ListRuns, Topic::Runs | Topic::Run(_));
read!(CompareRuns, Topic::Runs);

// It never changes.
impl Read for ListLicences {
    fn is_stale_on(&self, _topic: &Topic) -> bool {
        false
    }
}

impl Read for PlanRun {
    fn is_stale_on(&self, topic: &Topic) -> bool {
        *topic == Topic::Workflow(self.workflow) || *topic == Topic::Connections
    }
}

impl Read for GetTask {
    fn is_stale_on(&self, topic: &Topic) -> bool {
        *topic == Topic::Workflow(self.workflow)
    }
}

impl Read for GetRun {
    fn is_stale_on(&self, topic: &Topic) -> bool {
        *topic == Topic::Run(self.run)
    }
}

impl Read for GetRunEntry {
    fn is_stale_on(&self, topic: &Topic) -> bool {
        *topic == Topic::Run(self.run)
    }
}

impl Read for GetAttempt {
    fn is_stale_on(&self, topic: &Topic) -> bool {
        *topic == Topic::Attempt(self.attempt)
    }
}

/// Which question is the latest.
#[derive(Default)]
struct Ticket {
    latest: u32,
    busy: bool,
    again: bool,
}

/// What the engine answers to a request, kept fresh.
///
/// The last answer stays in sight while another request is under way. A request is never asked twice at a
/// time: if it becomes stale meanwhile, it is asked once more afterwards.
#[hook]
pub fn use_command<C: Read>(request: C) -> Loadable<C::Reply> {
    let answer = use_reducer(Loadable::<C::Reply>::default);
    let ticket = use_mut_ref(Ticket::default);
    {
        let (answer, ticket) = (answer.dispatcher(), ticket.clone());
        use_effect_with(request.clone(), move |request| {
            answer.dispatch(LoadableAction::Asked);
            ask(request.clone(), &ticket, answer);
        });
    }
    {
        let answer = answer.dispatcher();
        use_app_event(move |topics| {
            if !topics.iter().any(|topic| request.is_stale_on(topic)) {
                return;
            }
            let busy = ticket.borrow().busy;
            if busy {
                ticket.borrow_mut().again = true;
            } else {
                ask(request.clone(), &ticket, answer.clone());
            }
        });
    }
    (*answer).clone()
}

fn ask<C: Read>(request: C, ticket: &Rc<RefCell<Ticket>>, answer: UseReducerDispatcher<Loadable<C::Reply>>) {
    let mine = {
        let mut ticket = ticket.borrow_mut();
        *ticket = Ticket { latest: ticket.latest + 1, busy: true, again: false };
        ticket.latest
    };
    let ticket = ticket.clone();
    spawn_local(async move {
        loop {
            let result = ipc::call(&request).await;
            if ticket.borrow().latest != mine {
                return;
            }
            answer.dispatch(LoadableAction::Answered(result));
            let mut ticket = ticket.borrow_mut();
            if !ticket.again {
                ticket.busy = false;
                return;
            }
            ticket.again = false;
        }
    });
}
