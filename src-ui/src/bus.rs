//! Passes on what has become stale, from the one subscription at the shell to every component that shows it.
//!
//! [`publish`] may also be called by a component: asking anew after a failure is then the same thing as being
//! told that something has changed.

use std::cell::RefCell;
use std::rc::Rc;

use patchbay_ipc::Topic;

type Handler = Rc<dyn Fn(&[Topic])>;

#[derive(Default)]
struct Subscribers {
    next: u32,
    handlers: Vec<(u32, Handler)>,
}

thread_local! {
    static SUBSCRIBERS: RefCell<Subscribers> = RefCell::default();
}

/// Keeps a handler registered until it is dropped.
pub struct Subscription(u32);

impl Drop for Subscription {
    fn drop(&mut self) {
        SUBSCRIBERS.with_borrow_mut(|all| all.handlers.retain(|(id, _)| *id != self.0));
    }
}

/// Registers a handler.
pub fn subscribe(handler: impl Fn(&[Topic]) + 'static) -> Subscription {
    SUBSCRIBERS.with_borrow_mut(|all| {
        all.next += 1;
        all.handlers.push((all.next, Rc::new(handler)));
        Subscription(all.next)
    })
}

/// Tells everybody what is stale.
pub fn publish(topics: &[Topic]) {
    // A handler may subscribe or unsubscribe others, so the list is not borrowed while they run.
    let handlers: Vec<Handler> =
        SUBSCRIBERS.with_borrow(|all| all.handlers.iter().map(|(_, handler)| handler.clone()).collect());
    for handler in handlers {
        handler(topics);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use patchbay_ipc::Topic;

    use super::{publish, subscribe};

    #[test]
    fn a_dropped_subscription_hears_nothing() {
        let heard = Rc::new(Cell::new(0));
        let first = {
            let heard = heard.clone();
            subscribe(move |topics| heard.set(heard.get() + topics.len()))
        };
        publish(&[Topic::Sync, Topic::Overview]);
        assert_eq!(heard.get(), 2);
        drop(first);
        publish(&[Topic::Sync]);
        assert_eq!(heard.get(), 2);
    }
}
