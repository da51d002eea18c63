//! The sandbox's own clock: the machine's clock plus an offset that tests push forward.
//! Owns "what time is it" for everything that expires; real waiting (delays, retry pauses) is not here.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// Milliseconds since the Unix epoch, as the sandbox sees them.
pub(crate) type Millis = i64;

/// A clock that can be moved forward, never back.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    offset: AtomicI64,
}

impl Clock {
    /// The present moment.
    pub(crate) fn now(&self) -> Millis {
        machine_now() + self.offset.load(Ordering::Relaxed)
    }

    /// Moves every later reading forward by `by`.
    pub(crate) fn advance(&self, by: Duration) {
        self.offset.fetch_add(millis(by), Ordering::Relaxed);
    }
}

/// A duration in whole milliseconds, capped at what fits.
pub(crate) fn millis(duration: Duration) -> Millis {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4)
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place of the crate that reads the machine's clock"
)]
fn machine_now() -> Millis {
    jiff::Timestamp::now().as_millisecond()
}
