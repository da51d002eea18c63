//! Hearing what has become stale.

use std::rc::Rc;

use patchbay_ipc::Topic;
use yew::prelude::*;

use crate::bus;

/// Calls the latest handler given whenever something has become stale.
#[hook]
pub fn use_app_event(on_stale: impl Fn(&[Topic]) + 'static) {
    let latest = use_mut_ref(|| None::<Rc<dyn Fn(&[Topic])>>);
    *latest.borrow_mut() = Some(Rc::new(on_stale));
    use_effect_with((), move |()| {
        let subscription = bus::subscribe(move |topics| {
            let handler = latest.borrow().clone();
            if let Some(handler) = handler {
                handler(topics);
            }
        });
        move || drop(subscription)
    });
}
