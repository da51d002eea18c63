//! The one place that reads the clock; everything else is told the time.

use jiff::Timestamp;

#[expect(clippy::disallowed_methods, reason = "the shell is where the clock is read")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}
