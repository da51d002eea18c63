//! Remarks at the corner of the window: at most a few at once. A new one takes the place of the oldest that
//! reported nothing bad; bad ones stay until they are dismissed, and the rest waits.

use std::rc::Rc;

use patchbay_ipc::{Notice, Tone};
use yew::{Callback, Reducible};

/// Remarks shown at once.
pub const SHOWN: usize = 3;

/// A remark, and what can be done about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Toast {
    /// What it says.
    pub notice: Notice,
    /// What it offers.
    pub offer: Option<Offer>,
}

/// Something that a remark offers to do: taking back what it speaks of.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// The button's words.
    pub words: &'static str,
    /// It was taken.
    pub on_take: Callback<()>,
}

/// All remarks that have not been dismissed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Toasts {
    next: u32,
    all: Vec<(u32, Toast)>,
}

impl Toasts {
    /// Those to be shown, oldest first.
    #[must_use]
    pub fn shown(&self) -> &[(u32, Toast)] {
        &self.all[..self.all.len().min(SHOWN)]
    }

    /// How many wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.all.len().saturating_sub(SHOWN)
    }

    fn show(&mut self, toast: Toast) {
        // The same remark twice is one remark.
        let said = (&toast.notice.message, &toast.notice.hint);
        self.all.retain(|(_, held)| (&held.notice.message, &held.notice.hint) != said);
        let harmless = self.all.iter().position(|(_, held)| held.notice.tone != Tone::Bad);
        if let (true, Some(oldest)) = (self.all.len() >= SHOWN, harmless) {
            self.all.remove(oldest);
        }
        self.all.push((self.next, toast));
        self.next += 1;
    }
}

/// What happens to remarks.
pub enum ToastAction {
    /// One more.
    Show(Notice),
    /// One more, that offers something.
    Offer(Notice, Offer),
    /// Away with one.
    Dismiss(u32),
}

impl Reducible for Toasts {
    type Action = ToastAction;

    fn reduce(self: Rc<Self>, action: ToastAction) -> Rc<Self> {
        let mut next = Self::clone(&self);
        match action {
            ToastAction::Show(notice) => next.show(Toast { notice, offer: None }),
            ToastAction::Offer(notice, offer) => next.show(Toast { notice, offer: Some(offer) }),
            ToastAction::Dismiss(id) => next.all.retain(|(held, _)| *held != id),
        }
        Rc::new(next)
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use jiff::Timestamp;
    use patchbay_ipc::{Notice, Tone};
    use yew::Reducible;

    use super::{ToastAction, Toasts};

    fn showing(remarks: &[(&str, Tone)]) -> Rc<Toasts> {
        remarks.iter().fold(Rc::new(Toasts::default()), |toasts, (message, tone)| {
            toasts.reduce(ToastAction::Show(Notice {
                tone: *tone,
                message: (*message).to_owned(),
                hint: None,
                at: Timestamp::UNIX_EPOCH,
            }))
        })
    }

    fn shown(toasts: &Toasts) -> Vec<&str> {
        toasts.shown().iter().map(|(_, toast)| toast.notice.message.as_str()).collect()
    }

    #[test]
    fn a_new_remark_takes_the_place_of_the_oldest_harmless_one() {
        use Tone::{Bad, Good, Neutral};
        let toasts = showing(&[("a", Bad), ("b", Good), ("c", Neutral), ("c", Neutral), ("d", Good)]);
        assert_eq!((shown(&toasts), toasts.waiting()), (vec!["a", "c", "d"], 0));
    }

    #[test]
    fn bad_remarks_wait_for_their_turn() {
        let toasts = showing(&[("a", Tone::Bad), ("b", Tone::Bad), ("c", Tone::Bad), ("d", Tone::Bad)]);
        assert_eq!((shown(&toasts), toasts.waiting()), (vec!["a", "b", "c"], 1));
        let first = toasts.shown()[0].0;
        let toasts = toasts.reduce(ToastAction::Dismiss(first));
        assert_eq!(shown(&toasts), ["b", "c", "d"], "a dismissed one makes room");
    }
}
