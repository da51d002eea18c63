//! Polling with a deadline: nothing here or in the tests assumes how long something takes.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// How long a test waits for something that should happen at once. Generous, because the machine may be
/// building something else meanwhile.
pub const SOON: Duration = Duration::from_secs(20);
/// The same for what involves a server, a browser, or the start of a program.
pub const PATIENTLY: Duration = Duration::from_secs(60);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(40);

/// Looks until `look` finds something. An error is taken as "not yet": a page that is being redrawn, a
/// server that is still starting.
///
/// # Errors
/// The deadline has passed; the error says what was awaited and what the last look found instead.
pub async fn until<T>(
    what: &str,
    within: Duration,
    mut look: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    let deadline = Instant::now() + within;
    loop {
        let last = match look().await {
            Ok(Some(found)) => return Ok(found),
            Ok(None) => None,
            Err(problem) => Some(problem),
        };
        if Instant::now() > deadline {
            return match last {
                Some(problem) => {
                    Err(problem).with_context(|| format!("waited {} s for {what}", within.as_secs()))
                }
                None => bail!("waited {} s in vain for {what}", within.as_secs()),
            };
        }
        tokio::time::sleep(PAUSE).await;
    }
}
