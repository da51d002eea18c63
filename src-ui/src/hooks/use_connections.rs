//! The list of connections, however long: the rows in sight, kept fresh.

use std::ops::Range;

use patchbay_ipc::{ListConnections, Narrowing, Topic};
use yew::platform::spawn_local;
use yew::prelude::*;

use super::use_app_event;
use crate::ipc;
use crate::state::pages::{Answer, Edition, PAGE, Pages};

/// The list as far as it is at hand.
#[derive(Clone, PartialEq)]
pub struct Connections {
    /// The rows at hand, and how many there are.
    pub pages: UseReducerHandle<Pages>,
    /// Whether rows in sight are on their way.
    pub is_loading: bool,
}

/// The connections under a narrowing, of which the rows in sight are fetched, and fetched again whenever
/// connections have changed.
#[hook]
pub fn use_connections(narrowing: Narrowing, in_sight: Range<u32>) -> Connections {
    let pages = use_reducer(Pages::default);
    let edition = use_state_eq(|| Edition(1));
    // What has been asked and not been answered, under which narrowing and edition.
    let asked = use_mut_ref(|| (Narrowing::default(), Edition(0), Vec::<u32>::new()));
    {
        // The newest edition, which the closure below may be older than.
        let newest = use_mut_ref(|| 1_u32);
        let edition = edition.clone();
        use_app_event(move |topics| {
            if topics.contains(&Topic::Connections) {
                let next = *newest.borrow() + 1;
                newest.replace(next);
                edition.set(Edition(next));
            }
        });
    }
    let wanted = pages.wanted(&in_sight, *edition, &narrowing);
    let is_loading = !wanted.is_empty() && pages.failure().is_none();
    {
        let dispatcher = pages.dispatcher();
        use_effect_with((wanted, *edition, narrowing), move |(wanted, edition, narrowing)| {
            for page in wanted {
                {
                    let mut asked = asked.borrow_mut();
                    if asked.0 != *narrowing || asked.1 != *edition {
                        *asked = (narrowing.clone(), *edition, Vec::new());
                    }
                    if asked.2.contains(page) {
                        continue;
                    }
                    asked.2.push(*page);
                }
                let (page, edition, narrowing) = (*page, *edition, narrowing.clone());
                let (asked, dispatcher) = (asked.clone(), dispatcher.clone());
                spawn_local(async move {
                    let request =
                        ListConnections { narrowing: narrowing.clone(), offset: page * PAGE, limit: PAGE };
                    let result = ipc::call(&request).await;
                    {
                        let mut asked = asked.borrow_mut();
                        if asked.0 != narrowing || asked.1 != edition {
                            return;
                        }
                        asked.2.retain(|waiting| *waiting != page);
                    }
                    dispatcher.dispatch(Answer { edition, narrowing, page, result });
                });
            }
        });
    }
    Connections { pages, is_loading }
}
