//! Testing many connections: a few at once, no quicker than leaves room for others, until all are tested or the
//! person has seen enough.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use patchbay_core::connection::Connection;
use patchbay_core::id::{InstanceId, ProfileId};
use patchbay_ipc::{BulkTest, Choice, TestOutcome, Topic, Trouble};
use patchbay_texts::{mark, t};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::connections::chosen;
use crate::error::EngineError;
use crate::profiles::Nango;
use crate::{Engine, failure};

/// Tests under way at once: one that waits for its provider does not hold up the others.
const AT_ONCE: usize = 4;

/// Troubles that are told one by one.
const MOST_TROUBLES: usize = 500;

/// Nango's own pause is waited for so often before a connection counts as not tested.
const PAUSES: u32 = 3;

/// The latest tests of many connections.
#[derive(Default)]
pub(crate) struct Bulk(Mutex<Option<Tests>>);

struct Tests {
    profile: ProfileId,
    progress: BulkTest,
    cancel: CancellationToken,
}

impl Bulk {
    fn with<T>(&self, work: impl FnOnce(&mut Option<Tests>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Engine {
    /// Begins to test many connections.
    pub(crate) async fn test_connections(&self, choice: Choice) -> Result<BulkTest, EngineError> {
        let nango = self.active_nango().await?;
        let profile = nango.profile.id;
        let connections = chosen(&self.0.store, profile, choice).await?;
        let cancel = CancellationToken::new();
        let pace = Pace::of(&self.0.timings.limits);
        let progress = BulkTest {
            running: !connections.is_empty(),
            total: u32::try_from(connections.len()).unwrap_or(u32::MAX),
            tested: 0,
            works: 0,
            fails: 0,
            cannot_be_tested: 0,
            summary: String::new(),
            pace: None,
            testing: Vec::new(),
            troubles: Vec::new(),
        };
        let progress = worded(progress, pace.a_minute, Ending::None);
        let started = self.0.bulk.with(|tests| {
            if tests.as_ref().is_some_and(|tests| tests.progress.running) {
                return false;
            }
            *tests = Some(Tests { profile, progress: progress.clone(), cancel: cancel.clone() });
            true
        });
        if !started {
            return Err(EngineError::TestsUnderWay);
        }
        self.stale([Topic::BulkTest]);
        self.spawn({
            let engine = self.clone();
            async move { engine.test_all(nango, connections, pace, cancel).await }
        });
        Ok(progress)
    }

    /// Ends the tests after those under way.
    pub(crate) fn cancel_tests(&self) {
        self.0.bulk.with(|tests| {
            if let Some(tests) = tests {
                tests.cancel.cancel();
            }
        });
    }

    /// How the tests go, if they are of the active profile.
    pub(crate) async fn bulk_test(&self) -> Result<Option<BulkTest>, EngineError> {
        let profile = self.require_profile().await?.id;
        Ok(self.0.bulk.with(|tests| {
            tests.as_ref().filter(|tests| tests.profile == profile).map(|tests| tests.progress.clone())
        }))
    }

    async fn test_all(
        &self,
        nango: Nango,
        connections: Vec<Connection>,
        pace: Pace,
        cancel: CancellationToken,
    ) {
        let a_minute = pace.a_minute;
        let stopped = Mutex::new(None);
        let one = |connection: Connection| {
            let (nango, pace, cancel, stopped) = (&nango, &pace, &cancel, &stopped);
            async move {
                tokio::select! {
                    () = pace.slot() => {}
                    () = cancel.cancelled() => return,
                }
                if cancel.is_cancelled() {
                    return;
                }
                self.update_tests(a_minute, |progress| progress.testing.push(connection.instance));
                match self.test_patiently(nango, connection.instance).await {
                    Ok(result) => {
                        self.update_tests(a_minute, |progress| count(progress, &connection, result))
                    }
                    Err(error) => {
                        // The next ones would end the same way.
                        let failure = failure::of(&error);
                        stopped.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(failure.message);
                        cancel.cancel();
                    }
                }
            }
        };
        let mut under_way = stream::iter(connections).map(one).buffer_unordered(AT_ONCE);
        while under_way.next().await.is_some() {}
        drop(under_way);
        let reason = stopped.into_inner().unwrap_or_else(PoisonError::into_inner);
        let ending = match reason {
            Some(reason) => Ending::Stopped(reason),
            None if cancel.is_cancelled() => Ending::Cancelled,
            None => Ending::Done,
        };
        self.0.bulk.with(|tests| {
            if let Some(tests) = tests {
                let ended = BulkTest { running: false, testing: Vec::new(), ..tests.progress.clone() };
                tests.progress = worded(ended, a_minute, ending);
            }
        });
        self.stale([Topic::BulkTest]);
    }

    /// The outer error says nothing of this connection, and holds for the others as well.
    async fn test_patiently(
        &self,
        nango: &Nango,
        instance: InstanceId,
    ) -> Result<(TestOutcome, String), EngineError> {
        for _ in 0..PAUSES {
            match self.test_at(nango, instance).await {
                Ok(report) => return Ok((report.outcome, report.sentence)),
                Err(EngineError::Nango(nango_client::Error::RateLimited { retry_after })) => {
                    tokio::time::sleep(retry_after.unwrap_or(Duration::from_secs(5))).await;
                }
                Err(error @ EngineError::BeingDisconnected) => {
                    return Ok((TestOutcome::CannotBeTested, failure::of(&error).message));
                }
                Err(EngineError::Store(patchbay_store::StoreError::NotFound)) => {
                    let error = EngineError::NotFound(mark!("connection"));
                    return Ok((TestOutcome::CannotBeTested, failure::of(&error).message));
                }
                Err(error) => return Err(error),
            }
        }
        Err(EngineError::Nango(nango_client::Error::RateLimited { retry_after: None }))
    }

    fn update_tests(&self, a_minute: Option<u32>, change: impl FnOnce(&mut BulkTest)) {
        self.0.bulk.with(|tests| {
            if let Some(tests) = tests {
                change(&mut tests.progress);
                tests.progress = worded(tests.progress.clone(), a_minute, Ending::None);
            }
        });
        self.stale([Topic::BulkTest]);
    }
}

fn count(progress: &mut BulkTest, connection: &Connection, (outcome, sentence): (TestOutcome, String)) {
    progress.testing.retain(|instance| *instance != connection.instance);
    progress.tested += 1;
    match outcome {
        TestOutcome::Works => progress.works += 1,
        TestOutcome::Fails => progress.fails += 1,
        TestOutcome::CannotBeTested => progress.cannot_be_tested += 1,
    }
    if outcome != TestOutcome::Works && progress.troubles.len() < MOST_TROUBLES {
        let label = connection.label.clone();
        progress.troubles.push(Trouble { instance: connection.instance, label, outcome, sentence });
    }
}

enum Ending {
    None,
    Done,
    Cancelled,
    Stopped(String),
}

/// The progress with its words.
fn worded(mut progress: BulkTest, a_minute: Option<u32>, ending: Ending) -> BulkTest {
    let BulkTest { total, tested, works, fails, cannot_be_tested, .. } = progress;
    let found = t!(
        "{works} work, {fails} do not, {cannot_be_tested} cannot be tested",
        works,
        fails,
        cannot_be_tested
    );
    progress.pace = None;
    progress.summary = match ending {
        Ending::None if total == 0 => t!("There is nothing to test.").to_owned(),
        Ending::None => {
            progress.pace = a_minute.map(|a_minute| pace_words(a_minute, total - tested));
            t!("{tested} of {total} tested: {found}.", tested, total, found)
        }
        Ending::Done => t!("All {total} tested: {found}.", total, found),
        Ending::Cancelled => t!("Stopped after {tested} of {total}: {found}.", tested, total, found),
        Ending::Stopped(reason) => {
            t!("Ended after {tested} of {total}: {found}. {reason}", tested, total, found, reason)
        }
    };
    progress
}

fn pace_words(a_minute: u32, left: u32) -> String {
    let limit =
        t!("At most {a_minute} a minute, because Nango limits calls and others need theirs", a_minute);
    match left.div_ceil(a_minute) {
        0 | 1 => format!("{limit}."),
        minutes => t!(
            "{limit}: about one minute left." | "{limit}: about {minutes} minutes left." % minutes,
            limit,
            minutes
        ),
    }
}

/// Two thirds of what the client may call in a minute, so that the window can be used meanwhile.
struct Pace {
    a_minute: Option<u32>,
    window: Duration,
    begun: tokio::sync::Mutex<VecDeque<Instant>>,
}

impl Pace {
    fn of(limits: &nango_client::Limits) -> Pace {
        let a_minute = limits.calls_per_minute.map(|calls| (calls * 2 / 3).max(1));
        Pace { a_minute, window: limits.budget_window, begun: tokio::sync::Mutex::default() }
    }

    /// Waits until one more may begin.
    async fn slot(&self) {
        let Some(most) = self.a_minute else { return };
        let mut begun = self.begun.lock().await;
        if begun.len() >= most as usize
            && let Some(first) = begun.pop_front()
        {
            tokio::time::sleep_until(first + self.window).await;
        }
        begun.push_back(Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use patchbay_ipc::BulkTest;

    use super::{Ending, Pace, worded};

    fn progress(total: u32, tested: u32) -> BulkTest {
        BulkTest {
            running: true,
            total,
            tested,
            works: tested,
            fails: 0,
            cannot_be_tested: 0,
            summary: String::new(),
            pace: None,
            testing: Vec::new(),
            troubles: Vec::new(),
        }
    }

    #[test]
    fn it_says_how_far_it_is_and_why_it_takes_so_long() {
        let told = worded(progress(130, 10), Some(40), Ending::None);
        assert_eq!(told.summary, "10 of 130 tested: 10 work, 0 do not, 0 cannot be tested.");
        let pace = "At most 40 a minute, because Nango limits calls and others need theirs";
        assert_eq!(told.pace, Some(format!("{pace}: about 3 minutes left.")));
        assert_eq!(worded(progress(30, 10), Some(40), Ending::None).pace, Some(format!("{pace}.")));
        let ended = worded(progress(30, 10), Some(40), Ending::Cancelled);
        assert_eq!(ended.summary, "Stopped after 10 of 30: 10 work, 0 do not, 0 cannot be tested.");
        assert_eq!(ended.pace, None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_third_of_the_budget_is_left_to_others() {
        let pace = Pace::of(&nango_client::Limits::default());
        let started = tokio::time::Instant::now();
        for _ in 0..40 {
            pace.slot().await;
        }
        assert_eq!(started.elapsed().as_secs(), 0);
        pace.slot().await;
        assert_eq!(started.elapsed().as_secs(), 60, "the forty-first waits for the first to be a minute old");
    }
}
