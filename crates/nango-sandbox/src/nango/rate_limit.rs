//! The limiter: so many calls per minute and bucket, counted after authentication.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde_json::json;

use crate::clock::Millis;
use crate::nango::refusal::Refusal;

/// The length of a window.
const WINDOW: Millis = 60_000;

/// Who is counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Bucket {
    /// All keys of the account, whatever their environment, proxy calls included.
    Account,
    /// Connect session tokens.
    Session,
    /// The user of the dashboard.
    Dashboard,
}

/// The windows under way.
#[derive(Debug)]
pub(crate) struct RateLimits {
    per_minute: Option<u32>,
    windows: Mutex<HashMap<Bucket, Window>>,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    ends: Millis,
    used: u32,
}

/// The limiter's figures after one call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    limit: u32,
    remaining: u32,
    ends: Millis,
}

impl Rate {
    /// The three headers.
    pub(crate) fn headers(self) -> [(&'static str, i64); 3] {
        [
            ("x-ratelimit-limit", i64::from(self.limit)),
            ("x-ratelimit-remaining", i64::from(self.remaining)),
            ("x-ratelimit-reset", (self.ends + 999) / 1000),
        ]
    }
}

impl RateLimits {
    /// A limiter; `None` switches it off.
    pub(crate) fn new(per_minute: Option<u32>) -> Self {
        Self { per_minute, windows: Mutex::default() }
    }

    /// Counts one call. The figures are for the headers; the flag says whether the call may go on.
    pub(crate) fn count(&self, bucket: Bucket, now: Millis) -> Option<(Rate, bool)> {
        let limit = self.per_minute?;
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let window = windows.entry(bucket).or_insert(Window { ends: now + WINDOW, used: 0 });
        if window.ends <= now {
            *window = Window { ends: now + WINDOW, used: 0 };
        }
        window.used = window.used.saturating_add(1);
        let rate = Rate { limit, remaining: limit.saturating_sub(window.used), ends: window.ends };
        Some((rate, window.used <= limit))
    }
}

/// The answer of a limiter that has had enough.
pub(crate) fn too_many(method: &str, path: &str, rate: Rate, now: Millis) -> Refusal {
    let body = json!({ "error": { "code": "too_many_request", "method": method, "path": path } });
    Refusal::TooMany { body, retry_after: (rate.ends - now) / 1000 }
}
