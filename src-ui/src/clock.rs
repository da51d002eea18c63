//! The time now, and times in words.
//!
//! Exact times are written by the page, which knows the person's zone and customs; only the distance from now
//! is worded here.

use jiff::Timestamp;
use patchbay_texts::t;

/// The time now, read from the page. Off wasm there is no page: tests name the time they mean.
#[cfg(target_arch = "wasm32")]
#[must_use]
pub fn now() -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "whole milliseconds since 1970 fit")]
    let milliseconds = js_sys::Date::now() as i64;
    Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// The time now, read from the page. Off wasm there is no page: tests name the time they mean.
#[cfg(not(target_arch = "wasm32"))]
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

/// The exact time as the person writes it.
#[cfg(target_arch = "wasm32")]
#[must_use]
pub fn exact(at: Timestamp) -> String {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are far below 2^53")]
    let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(at.as_millisecond() as f64));
    String::from(date.to_locale_string("default", &wasm_bindgen::JsValue::UNDEFINED))
}

/// The exact time; off wasm in the one form that needs no zone.
#[cfg(not(target_arch = "wasm32"))]
#[must_use]
pub fn exact(at: Timestamp) -> String {
    at.to_string()
}

/// The time of day as the person writes it, for lines whose day is clear.
#[cfg(target_arch = "wasm32")]
#[must_use]
pub fn time_of_day(at: Timestamp) -> String {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are far below 2^53")]
    let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(at.as_millisecond() as f64));
    String::from(date.to_locale_time_string("default"))
}

/// The time of day; off wasm in the one form that needs no zone.
#[cfg(not(target_arch = "wasm32"))]
#[must_use]
pub fn time_of_day(at: Timestamp) -> String {
    at.to_string()
}

/// How long ago something was: `just now`, `5 minutes ago`, `3 days ago`.
#[must_use]
pub fn ago(at: Timestamp, now: Timestamp) -> String {
    let seconds = (now.as_second() - at.as_second()).max(0);
    match seconds {
        ..45 => t!("just now").to_owned(),
        45..3_600 => {
            let count = (seconds / 60).max(1);
            t!("1 minute ago" | "{count} minutes ago" % count, count)
        }
        3_600..86_400 => t!("1 hour ago" | "{count} hours ago" % seconds / 3_600, count = seconds / 3_600),
        86_400..2_592_000 => {
            t!("1 day ago" | "{count} days ago" % seconds / 86_400, count = seconds / 86_400)
        }
        2_592_000..31_536_000 => {
            t!("1 month ago" | "{count} months ago" % seconds / 2_592_000, count = seconds / 2_592_000)
        }
        _ => t!("1 year ago" | "{count} years ago" % seconds / 31_536_000, count = seconds / 31_536_000),
    }
}

/// How long something still lasts: `29:05`, or nothing once it is over.
#[must_use]
pub fn remaining(until: Timestamp, now: Timestamp) -> Option<String> {
    let seconds = until.as_second() - now.as_second();
    (seconds > 0).then(|| format!("{}:{:02}", seconds / 60, seconds % 60))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{ago, remaining};

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    #[test]
    fn distances_in_words() {
        let now = second(1_000_000_000);
        for (seconds_ago, expected) in [
            (-30, "just now"),
            (0, "just now"),
            (44, "just now"),
            (59, "1 minute ago"),
            (150, "2 minutes ago"),
            (3_600, "1 hour ago"),
            (90_000, "1 day ago"),
            (2_592_000 * 2, "2 months ago"),
            (31_536_000 * 3, "3 years ago"),
        ] {
            assert_eq!(ago(second(1_000_000_000 - seconds_ago), now), expected);
        }
    }

    #[test]
    fn time_left() {
        assert_eq!(remaining(second(165), second(100)).as_deref(), Some("1:05"));
        assert_eq!(remaining(second(100), second(100)), None);
    }
}
