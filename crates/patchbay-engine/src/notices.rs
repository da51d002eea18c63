//! Remarks that wait to be shown. Bounded: ten thousand hostile links make one remark, not ten thousand.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use patchbay_ipc::Notice;

/// How long the same words are not repeated.
const SILENCE: SignedDuration = SignedDuration::from_secs(10);

/// How many wait at most, and how many are remembered against repetition.
const MOST: usize = 32;

#[derive(Default)]
pub(crate) struct Notices {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    waiting: Vec<Notice>,
    said: Vec<(String, Timestamp)>,
}

impl Notices {
    /// Adds a notice; false if the same was said a moment ago or too many wait.
    pub(crate) fn add(&self, notice: Notice) -> bool {
        let mut inner = self.lock();
        inner.said.retain(|(_, at)| notice.at.duration_since(*at) < SILENCE);
        let repeats = inner.said.iter().any(|(message, _)| *message == notice.message)
            || inner.waiting.iter().any(|waiting| waiting.message == notice.message);
        if repeats || inner.waiting.len() >= MOST || inner.said.len() >= MOST {
            return false;
        }
        inner.said.push((notice.message.clone(), notice.at));
        inner.waiting.push(notice);
        true
    }

    pub(crate) fn take(&self) -> Vec<Notice> {
        std::mem::take(&mut self.lock().waiting)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use patchbay_ipc::{Notice, Tone};

    use super::Notices;

    #[test]
    fn the_same_words_are_said_once_in_a_while() {
        let notices = Notices::default();
        let say = |message: &str, second| {
            let at = Timestamp::from_second(second).expect("a time");
            notices.add(Notice { tone: Tone::Bad, message: message.into(), hint: None, at })
        };
        assert!(say("a", 0));
        assert!(!say("a", 1), "it still waits to be shown");
        assert_eq!(notices.take().len(), 1);
        assert!(!say("a", 2), "it was shown a moment ago");
        assert!(say("b", 2));
        assert!(say("a", 20));
    }
}
