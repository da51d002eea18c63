//! Remarks at the corner of the window: at most a few at once. A new one takes the place of the oldest that
//! reported nothing bad; bad ones stay until they are dismissed, and the rest waits.

use std::rc::Rc;

use patchbay_ipc::{Notice, Tone};
use yew::Reducible;

/// Remarks shown at once.
pub const SHOWN: usize = 3;

/// All remarks that have not been dismissed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Toasts {
    next: u32,
    all: Vec<(u32, Notice)>,
}

impl Toasts {
    /// Those to be shown, oldest first.
    #[must_use]
    pub fn shown(&self) -> &[(u32, Notice)] {
        &self.all[..self.all.len().min(SHOWN)]
    }

    /// How many wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.all.len().saturating_sub(SHOWN)
    }
}

/// What happens to remarks.
pub enum ToastAction {
    /// One more.
    Show(Notice),
    /// Away with one.
    Dismiss(u32),
}

impl Reducible for Toasts {
    type Action = ToastAction;

    fn reduce(self: Rc<Self>, action: ToastAction) -> Rc<Self> {
        let mut next = Self::clone(&self);
        match action {
            ToastAction::Show(notice) => {
                // The same remark twice is one remark.
                next.all.retain(|(_, held)| held.message != notice.message || held.hint != notice.hint);
                let harmless = next.all.iter().position(|(_, held)| held.tone != Tone::Bad);
                if let (true, Some(oldest)) = (next.all.len() >= SHOWN, harmless) {
                    next.all.remove(oldest);
                }
                next.all.push((next.next, notice));
                next.next += 1;
            }
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
        toasts.shown().iter().map(|(_, notice)| notice.message.as_str()).collect()
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
