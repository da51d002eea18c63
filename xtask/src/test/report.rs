//! What the steps of a test run came to, and how it is told at the end.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::harness::Counts;
use crate::step::{say, spelled};

/// The steps so far.
#[derive(Debug)]
pub(super) struct Report {
    began: Instant,
    steps: Vec<Step>,
    counts: Counts,
}

#[derive(Debug)]
struct Step {
    name: &'static str,
    took: Duration,
    outcome: String,
    failed: bool,
}

impl Report {
    /// An empty one.
    pub(super) fn begin() -> Self {
        Self { began: Instant::now(), steps: Vec::new(), counts: Counts::default() }
    }

    /// A step without which the others make no sense.
    ///
    /// # Errors
    /// The step's own.
    pub(super) fn required<T>(&mut self, name: &'static str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let (took, result) = timed(name, work);
        self.note(
            name,
            took,
            result.as_ref().map(|_| "ok".to_owned()).map_err(|problem| format!("{problem:#}")),
        );
        result
    }

    /// A step whose failure does not keep the others from running.
    pub(super) fn check(&mut self, name: &'static str, work: impl FnOnce() -> Result<()>) {
        let (took, result) = timed(name, work);
        self.note(name, took, result.map(|()| "ok".to_owned()).map_err(|problem| format!("{problem:#}")));
    }

    /// A step that runs tests.
    pub(super) fn tests(&mut self, name: &'static str, work: impl FnOnce() -> Result<Counts>) {
        let (took, result) = timed(name, work);
        let outcome = match result {
            Ok(counts) => {
                self.counts += counts;
                let text = format!("{} passed, {} failed", counts.passed, counts.failed);
                if counts.failed == 0 { Ok(text) } else { Err(text) }
            }
            Err(problem) => {
                self.counts.failed += 1;
                Err(format!("{problem:#}"))
            }
        };
        self.note(name, took, outcome);
    }

    fn note(&mut self, name: &'static str, took: Duration, outcome: Result<String, String>) {
        let failed = outcome.is_err();
        let outcome = outcome.unwrap_or_else(|problem| format!("FAILED: {problem}"));
        if failed {
            say(format_args!("{outcome}"));
        }
        self.steps.push(Step { name, took, outcome, failed });
    }

    /// Whether anything failed.
    pub(super) fn has_failures(&self) -> bool {
        self.steps.iter().any(|step| step.failed)
    }

    /// Prints the table of steps and, last, how many tests there were.
    pub(super) fn print(&self) {
        say("\n═══ what was checked");
        for line in self.lines() {
            say(line);
        }
    }

    fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self
            .steps
            .iter()
            .map(|step| format!("{:>13}  {:<18}{}", spelled(step.took), step.name, step.outcome))
            .collect();
        lines.push(format!("{:>13}  in all", spelled(self.began.elapsed())));
        let failed: Vec<&str> = self.steps.iter().filter(|step| step.failed).map(|step| step.name).collect();
        if !failed.is_empty() {
            lines.push(format!("FAILED: {}", failed.join(", ")));
        }
        let Counts { passed, failed, ignored } = self.counts;
        lines.push(format!("{} tests ran", passed + failed));
        lines.push(format!("tests: {passed} passed, {failed} failed, {ignored} skipped"));
        lines
    }
}

fn timed<T>(name: &str, work: impl FnOnce() -> T) -> (Duration, T) {
    say(format_args!("\n═══ {name}"));
    let started = Instant::now();
    let result = work();
    (started.elapsed(), result)
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::Report;
    use crate::test::harness::Counts;

    #[test]
    fn the_last_line_sums_up_all_tests() {
        let mut report = Report::begin();
        report.tests("unit tests", || Ok(Counts { passed: 3, failed: 0, ignored: 1 }));
        report.check("format", || Ok(()));
        report.tests("driver tests", || Ok(Counts { passed: 2, failed: 0, ignored: 0 }));
        assert!(!report.has_failures());
        assert_eq!(report.lines().last().unwrap(), "tests: 5 passed, 0 failed, 1 skipped");
    }

    #[test]
    fn any_failed_step_fails_the_run() {
        let mut report = Report::begin();
        report.tests("unit tests", || Ok(Counts { passed: 3, failed: 0, ignored: 0 }));
        report.check("format", || bail!("two files differ"));
        assert!(report.has_failures());
        assert!(report.lines().contains(&"FAILED: format".to_owned()));
    }

    #[test]
    fn a_failed_test_fails_the_run() {
        let mut report = Report::begin();
        report.tests("unit tests", || Ok(Counts { passed: 3, failed: 1, ignored: 0 }));
        assert!(report.has_failures());
    }

    #[test]
    fn a_harness_that_does_not_start_counts_as_a_failed_test() {
        let mut report = Report::begin();
        report.tests("unit tests", || bail!("no cargo"));
        assert_eq!(report.lines().last().unwrap(), "tests: 0 passed, 1 failed, 0 skipped");
    }
}
