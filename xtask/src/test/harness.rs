//! Runs cargo's test harness and counts what it reports.

use std::io::{BufRead, BufReader};
use std::ops::AddAssign;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::process;
use crate::step::say;

/// How many tests there were, by outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Passed.
    pub(super) passed: u64,
    /// Failed. A test program that broke down without a result counts as one.
    pub(super) failed: u64,
    /// Not run, because they are marked so.
    pub(super) ignored: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
    }
}

/// Runs a `cargo test`, shows what it prints, and sums up its result lines.
///
/// # Errors
/// It cannot be started or listened to. Failing tests are no error here; they are counted.
pub(super) fn run(command: &mut Command) -> Result<Counts> {
    let shown = process::shown(command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("`{shown}` could not be started"))?;
    let output = child.stdout.take().context("the output of cargo is a pipe")?;
    let mut counts = Counts::default();
    for line in BufReader::new(output).split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        if let Some(result) = parse(&line) {
            counts += result;
        }
        say(line);
    }
    let status = child.wait()?;
    if !status.success() && counts.failed == 0 {
        say(format_args!("`{shown}` ended with {status} although no test was reported to have failed"));
        counts.failed = 1;
    }
    Ok(counts)
}

/// The counts of a line such as `test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; …`.
fn parse(line: &str) -> Option<Counts> {
    let (_, numbers) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let mut counts = Counts::default();
    let mut named = 0;
    for part in numbers.split("; ") {
        let Some((number, name)) = part.split_once(' ') else { continue };
        let counter = match name {
            "passed" => &mut counts.passed,
            "failed" => &mut counts.failed,
            "ignored" => &mut counts.ignored,
            _ => continue,
        };
        *counter = number.parse().ok()?;
        named += 1;
    }
    (named == 3).then_some(counts)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::{Counts, parse, run};

    #[test]
    fn result_lines_are_read() {
        let check = |line: &str, expected: Option<(u64, u64, u64)>| {
            let expected = expected.map(|(passed, failed, ignored)| Counts { passed, failed, ignored });
            assert_eq!(parse(line), expected, "{line}");
        };
        check(
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            Some((3, 0, 1)),
        );
        check(
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1s",
            Some((3, 2, 0)),
        );
        check("test result: ok", None);
        check("test tests::adds ... ok", None);
        check("    test result: ok. 3 passed; 0 failed; 1 ignored", None);
    }

    #[test]
    fn a_test_program_that_breaks_down_is_a_failure() {
        let counts = run(Command::new("sh").args(["-c", "echo 'running 3 tests'; exit 101"])).unwrap();
        assert_eq!(counts, Counts { passed: 0, failed: 1, ignored: 0 });
    }

    #[test]
    fn results_of_several_programs_add_up() {
        let line = "test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out";
        let counts = run(Command::new("sh").args(["-c", "echo \"$0\"; echo \"$0\"", line])).unwrap();
        assert_eq!(counts, Counts { passed: 4, failed: 0, ignored: 2 });
    }
}
