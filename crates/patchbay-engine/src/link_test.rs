//! Whether links of our scheme come home: one is sent through the system as a browser would send it, and waited
//! for. Such a link changes nothing else, whoever sends it.

use std::sync::{Mutex, PoisonError};

use patchbay_core::attempt::SCHEME;
use patchbay_ipc::{LinkTestOutcome, LinkTestReport};
use tokio::sync::oneshot;
use url::Url;
use uuid::Uuid;

use crate::error::EngineError;
use crate::links::LinkOwner;
use crate::{Engine, failure};

/// What stands before the number in such a link.
const PREFIX: &str = "://selftest/";

/// The link that is waited for, if one is.
#[derive(Default)]
pub(crate) struct Awaited(Mutex<Option<(Uuid, oneshot::Sender<()>)>>);

/// A link on its way. [`Engine::finish_link_test`] waits for it.
pub struct LinkTest {
    /// What the host hands to the system.
    pub link: Url,
    arrived: oneshot::Receiver<()>,
}

/// The number of a link that is only sent to see whether it arrives.
pub(crate) fn number_of(link: &str) -> Option<Uuid> {
    let number = link.strip_prefix(SCHEME)?.strip_prefix(PREFIX)?;
    number.trim_end_matches('/').parse().ok()
}

impl Engine {
    /// Makes a link that nobody can have seen before. An earlier test is over.
    ///
    /// # Errors
    /// When the link is no address, which is a fault of the build.
    pub fn begin_link_test(&self) -> Result<LinkTest, patchbay_ipc::Failure> {
        let number = Uuid::new_v4();
        let link = Url::parse(&format!("{SCHEME}{PREFIX}{number}"))
            .map_err(|error| failure::of(&EngineError::Manifest(error.to_string())))?;
        let (sender, arrived) = oneshot::channel();
        *self.0.awaited_link.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((number, sender));
        Ok(LinkTest { link, arrived })
    }

    /// Waits for the link, if it could be sent.
    pub async fn finish_link_test(&self, test: LinkTest, was_sent: bool) -> LinkTestReport {
        let arrived = was_sent
            && matches!(tokio::time::timeout(self.0.timings.link_test, test.arrived).await, Ok(Ok(())));
        let owner = self.0.links.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let outcome = match owner {
            _ if arrived => LinkTestOutcome::Arrived,
            LinkOwner::Another(_) => LinkTestOutcome::TakenElsewhere,
            _ if was_sent => LinkTestOutcome::NothingArrived,
            _ => LinkTestOutcome::NotSent,
        };
        failure::surroundings::link_test(outcome, &owner, self.0.places.platform)
    }

    /// A link of a test arrived. One that is not waited for is nothing at all.
    pub(crate) fn on_test_link(&self, number: Uuid) {
        let mut awaited = self.0.awaited_link.0.lock().unwrap_or_else(PoisonError::into_inner);
        if awaited.as_ref().is_some_and(|(expected, _)| *expected == number)
            && let Some((_, arrived)) = awaited.take()
        {
            // The test may have ended meanwhile, which is no matter.
            arrived.send(()).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::number_of;

    #[test]
    fn only_links_with_a_number_are_tests() {
        let number = "67e55044-10b1-426f-9247-bb680e5fe0c8";
        let is_test = |link: &str| number_of(link).is_some();
        assert!(is_test(&format!("app.patchbay.desktop://selftest/{number}")));
        assert!(is_test(&format!("app.patchbay.desktop://selftest/{number}/")), "some systems add the slash");
        for other in [
            "app.patchbay.desktop://selftest/".to_owned(),
            "app.patchbay.desktop://selftest/x".to_owned(),
            format!("app.patchbay.desktop://oauth/callback?state={number}"),
            format!("app.patchbay.desktop://selftest/{number}?code=1"),
            format!("other://selftest/{number}"),
        ] {
            assert!(!is_test(&other), "{other}");
        }
    }
}
