//! Telling the window what is stale.

use patchbay_core::attempt::{Attempt, State};
use patchbay_core::id::AttemptId;
use patchbay_ipc::{AppEvent, Failure, Notice, Tone, Topic};

use crate::{Engine, view};

/// How an attempt ended, for whoever does not look at the window. It holds no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// Which attempt.
    pub attempt: AttemptId,
    /// What it was about and how it ended, in a few words.
    pub title: String,
    /// A sentence more.
    pub words: String,
}

impl Engine {
    /// Says that these are no longer what they were. Nobody listening is no error.
    pub(crate) fn stale(&self, topics: impl Into<Vec<Topic>>) {
        drop(self.0.events.send(AppEvent::Stale(topics.into())));
    }

    pub(crate) fn attempt_changed(&self, attempt: AttemptId) {
        self.stale([Topic::Attempt(attempt), Topic::Attempts, Topic::Overview]);
    }

    /// Says how an attempt ended. What the person did here is no news.
    pub(crate) fn attempt_ended(&self, attempt: &Attempt, awaits_approval: bool) {
        if attempt.state.is_open() || attempt.state == State::Cancelled {
            return;
        }
        let name = self.connector_name(attempt.profile, attempt.connector.as_ref(), &attempt.provider);
        // Nobody listening is no error.
        drop(self.0.endings.send(view::ending(attempt, &name, awaits_approval)));
    }

    pub(crate) fn connections_changed(&self) {
        // What is bound to them is shown with their health.
        self.stale([Topic::Connections, Topic::Connectors, Topic::Overview, Topic::Workflows]);
    }

    /// Remarks something to the person at the window; false if the same was remarked a moment ago.
    pub(crate) fn notice(&self, tone: Tone, message: impl Into<String>, hint: Option<String>) -> bool {
        let notice = Notice { tone, message: message.into(), hint, at: self.now() };
        let is_new = self.0.notices.add(notice);
        if is_new {
            self.stale([Topic::Notices]);
        }
        is_new
    }

    pub(crate) fn notice_failure(&self, failure: Failure) {
        self.notice(Tone::Bad, failure.message, Some(failure.hint));
    }

    /// Takes the notices that have not been shown yet.
    #[must_use]
    pub fn take_notices(&self) -> Vec<Notice> {
        self.0.notices.take()
    }
}
