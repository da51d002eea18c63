//! The connections a picker offers, as one types: the newest question counts, and no more than one is under way.

use std::rc::Rc;

use patchbay_core::id::ConnectorSlug;
use patchbay_ipc::{CandidatePage, ConnectionView, Failure, ListCandidates, Topic};
use yew::platform::spawn_local;
use yew::prelude::*;

use super::use_app_event;
use crate::ipc;

/// Rows asked for at once.
const ROWS: u32 = 64;
/// The rows asked for begin at a multiple of this.
const STEP: u32 = 32;

/// What a picker offers, as far as it is at hand.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Candidates {
    /// The latest answer.
    pub page: Option<Rc<CandidatePage>>,
    /// The place of its first row.
    offset: u32,
    /// Why there is none.
    pub failure: Option<Failure>,
}

impl Candidates {
    /// How many there are to choose from.
    #[must_use]
    pub fn matching(&self) -> u32 {
        self.page.as_ref().map_or(0, |page| page.matching)
    }

    /// One of them, if it is at hand.
    #[must_use]
    pub fn row(&self, index: u32) -> Option<&ConnectionView> {
        self.page.as_ref()?.connections.get(index.checked_sub(self.offset)? as usize)
    }
}

/// What the effect and its tasks share.
#[derive(Default)]
struct Asking {
    wanted: Option<ListCandidates>,
    is_busy: bool,
    edition: u32,
}

/// The connections of a connector in which a search is found, around the first row in sight.
#[hook]
pub fn use_candidates(connector: &ConnectorSlug, search: &str, first: u32) -> Candidates {
    let candidates = use_state_eq(Candidates::default);
    let asking = use_mut_ref(Asking::default);
    let edition = use_state_eq(|| 0_u32);
    let offset = (first.saturating_sub(STEP / 2) / STEP) * STEP;
    let request = ListCandidates {
        connector: connector.clone(),
        search: search.trim().to_owned(),
        offset,
        limit: ROWS,
    };
    {
        let (asking, edition) = (asking.clone(), edition.clone());
        use_app_event(move |topics| {
            if topics.contains(&Topic::Connections) {
                asking.borrow_mut().edition += 1;
                edition.set(asking.borrow().edition);
            }
        });
    }
    {
        let candidates = candidates.clone();
        use_effect_with((request, *edition), move |(request, _)| {
            asking.borrow_mut().wanted = Some(request.clone());
            if asking.borrow().is_busy {
                return;
            }
            asking.borrow_mut().is_busy = true;
            spawn_local(async move {
                loop {
                    let Some(request) = asking.borrow_mut().wanted.take() else { break };
                    let answer = ipc::call(&request).await;
                    // What has been typed meanwhile is what counts.
                    if asking.borrow().wanted.is_none() {
                        candidates.set(match answer {
                            Ok(page) => Candidates {
                                page: Some(Rc::new(page)),
                                offset: request.offset,
                                failure: None,
                            },
                            Err(failure) => Candidates { failure: Some(failure), ..Candidates::default() },
                        });
                    }
                }
                asking.borrow_mut().is_busy = false;
            });
        });
    }
    (*candidates).clone()
}
