//! The client's own limit on calls per minute, and the pause Nango asked for.
//!
//! Nango allows 200 calls a minute for all keys of an account together, so one desktop must leave
//! room for others. Calls with a session token are counted elsewhere by Nango and so have a budget
//! of their own here.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::error::Error;

/// A server may ask for any pause; longer ones than this are not believed.
const LONGEST_PAUSE: Duration = Duration::from_secs(120);

/// Slots for calls within any stretch of a window's length.
#[derive(Debug)]
pub(crate) struct Budget {
    calls_per_minute: Option<u32>,
    window: Duration,
    /// Pauses longer than this are reported instead of waited for.
    longest_wait: Duration,
    /// Callers queue here, so that slots are given in the order they were asked for.
    turn: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    calls: VecDeque<Instant>,
    not_before: Option<Instant>,
}

enum Slot {
    Taken,
    FreeAt(Instant),
    PausedUntil(Instant),
}

impl Budget {
    pub(crate) fn new(calls_per_minute: Option<u32>, window: Duration, longest_wait: Duration) -> Self {
        Self {
            calls_per_minute,
            window,
            longest_wait,
            turn: tokio::sync::Mutex::default(),
            state: Mutex::default(),
        }
    }

    /// Waits for a free slot and takes it. Dropping the future leaves the queue without taking one.
    ///
    /// # Errors
    /// [`Error::RateLimited`] when the server asked for a pause that is longer than worth waiting.
    pub(crate) async fn slot(&self) -> Result<(), Error> {
        let _turn = self.turn.lock().await;
        loop {
            match self.try_slot(Instant::now()) {
                Slot::Taken => return Ok(()),
                Slot::FreeAt(instant) => tokio::time::sleep_until(instant).await,
                Slot::PausedUntil(instant) => {
                    let left = instant.saturating_duration_since(Instant::now());
                    if left > self.longest_wait {
                        return Err(Error::RateLimited { retry_after: Some(left) });
                    }
                    tokio::time::sleep_until(instant).await;
                }
            }
        }
    }

    /// Notes that the server wants no call for a while.
    pub(crate) fn pause(&self, length: Duration) {
        let until = Instant::now() + length.min(LONGEST_PAUSE);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.not_before = state.not_before.max(Some(until));
    }

    fn try_slot(&self, now: Instant) -> Slot {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(instant) = state.not_before.filter(|instant| *instant > now) {
            return Slot::PausedUntil(instant);
        }
        let Some(limit) = self.calls_per_minute else {
            return Slot::Taken;
        };
        while state.calls.front().is_some_and(|call| *call + self.window <= now) {
            state.calls.pop_front();
        }
        match state.calls.front() {
            Some(first) if state.calls.len() >= limit.max(1) as usize => Slot::FreeAt(*first + self.window),
            _ => {
                state.calls.push_back(now);
                Slot::Taken
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Duration = Duration::from_secs(60);
    const SHORT: Duration = Duration::from_secs(10);

    #[tokio::test(start_paused = true)]
    async fn calls_beyond_the_budget_wait_for_the_window_to_move() {
        let budget = Budget::new(Some(3), WINDOW, SHORT);
        let started = Instant::now();
        for _ in 0..3 {
            budget.slot().await.unwrap();
        }
        assert_eq!(started.elapsed(), Duration::ZERO, "the budget is free at first");
        budget.slot().await.unwrap();
        assert_eq!(started.elapsed(), WINDOW, "the fourth call waits until the first is a minute old");
    }

    #[tokio::test(start_paused = true)]
    async fn a_dropped_wait_takes_no_slot() {
        let budget = Budget::new(Some(1), WINDOW, SHORT);
        budget.slot().await.unwrap();
        let dropped = tokio::time::timeout(Duration::from_secs(1), budget.slot()).await;
        assert!(dropped.is_err(), "no slot is free within a second");
        let started = Instant::now();
        budget.slot().await.unwrap();
        assert_eq!(started.elapsed(), WINDOW - Duration::from_secs(1), "the slot is still there");
    }

    #[tokio::test(start_paused = true)]
    async fn a_short_pause_is_waited_for_and_a_long_one_reported() {
        let budget = Budget::new(None, WINDOW, SHORT);
        let started = Instant::now();
        budget.pause(Duration::from_secs(4));
        budget.pause(Duration::from_secs(1));
        budget.slot().await.unwrap();
        assert_eq!(started.elapsed(), Duration::from_secs(4), "the longest pause asked for counts");
        budget.pause(Duration::from_secs(1_000_000));
        match budget.slot().await {
            Err(Error::RateLimited { retry_after: Some(left) }) => assert_eq!(left, LONGEST_PAUSE),
            other => panic!("a long pause is reported: {other:?}"),
        }
    }
}
