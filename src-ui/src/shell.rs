//! What every component may need of the window's frame, handed down as a context.

use std::rc::Rc;

use jiff::Timestamp;
use patchbay_ipc::{Failure, NetworkView, Notice, Overview, Tone};
use patchbay_texts::t;
use yew::prelude::*;

use crate::clock;
use crate::state::connect::Target;
use crate::state::toasts::Offer;

/// The window's frame as a page sees it.
#[derive(Clone, PartialEq)]
pub struct Shell {
    /// The latest overview.
    pub overview: Rc<Overview>,
    /// Opens the connect dialog.
    pub on_connect: Callback<Target>,
    /// Shows a remark.
    pub on_notice: Callback<Notice>,
    /// Shows a remark that offers something.
    pub on_offer: Callback<(Notice, Offer)>,
    /// Opens the import of a file's text.
    pub on_import: Callback<Rc<str>>,
}

impl Shell {
    /// Why nothing may touch the network, if so.
    #[must_use]
    pub fn network_is_off(&self) -> Option<&'static str> {
        match &self.overview.network {
            NetworkView::Disabled { by_environment: true } => {
                Some(t!("Switched off by NANGO_ENABLED=false for this run."))
            }
            NetworkView::Disabled { by_environment: false } => {
                Some(t!("This profile does not use the network. Switch it on in Settings."))
            }
            NetworkView::Online | NetworkView::Offline { .. } => None,
        }
    }

    /// Shows a remark made here and now.
    pub fn notify(&self, tone: Tone, message: impl Into<String>, hint: Option<String>) {
        self.on_notice.emit(Notice { tone, message: message.into(), hint, at: clock::now() });
    }

    /// Says that something was done, and offers to take it back.
    pub fn offer_undo(&self, message: impl Into<String>, on_take: Callback<()>) {
        let notice = Notice { tone: Tone::Good, message: message.into(), hint: None, at: clock::now() };
        self.on_offer.emit((notice, Offer { words: t!("Undo"), on_take }));
    }

    /// Shows a failure as a remark.
    pub fn notify_failure(&self, failure: &Failure) {
        let hint = (!failure.hint.is_empty()).then(|| failure.hint.clone());
        self.notify(Tone::Bad, failure.message.clone(), hint);
    }
}

/// The frame's context.
///
/// # Panics
/// Outside of the frame, which would be a mistake in this crate.
#[hook]
pub fn use_shell() -> Shell {
    use_context::<Shell>().expect("pages are only shown inside the frame")
}

/// The time as the window last looked at the clock; it looks every half minute.
#[derive(Clone, Copy, PartialEq)]
pub struct Now(pub Timestamp);

/// The time as the window last looked at the clock.
#[hook]
pub fn use_now() -> Timestamp {
    use_context::<Now>().map_or_else(clock::now, |now| now.0)
}
