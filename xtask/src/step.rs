//! Says what is being done and how long it took. The only place of this crate that prints.
#![expect(clippy::print_stdout, reason = "telling the person at the terminal is what this module is for")]

use std::fmt::Display;
use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::Result;

/// Prints one line.
pub fn say(line: impl Display) {
    println!("{line}");
    // A pipe is block-buffered; whoever watches wants to see the line before the work it announces. If
    // nobody reads any more, the work is still worth finishing.
    drop(std::io::stdout().flush());
}

/// Does one piece of work, announcing it before and telling its duration after.
///
/// # Errors
/// Whatever `work` fails with.
pub fn step<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    say(format_args!("▸ {what}"));
    let started = Instant::now();
    let result = work();
    let outcome = if result.is_ok() { "done in" } else { "failed after" };
    say(format_args!("  {outcome} {}", spelled(started.elapsed())));
    result
}

/// A duration as people read it: `0.4 s`, `12.0 s`, `3 min 20 s`.
#[must_use]
pub fn spelled(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 100.0 {
        format!("{seconds:.1} s")
    } else {
        let whole = duration.as_secs();
        format!("{} min {:02} s", whole / 60, whole % 60)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::spelled;

    #[test]
    fn durations_read_well() {
        assert_eq!(spelled(Duration::from_millis(440)), "0.4 s");
        assert_eq!(spelled(Duration::from_secs(99)), "99.0 s");
        assert_eq!(spelled(Duration::from_secs(200)), "3 min 20 s");
    }
}
