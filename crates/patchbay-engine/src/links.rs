//! Links of our scheme: who gets them, and what becomes of one that arrives.

use patchbay_core::attempt::{Attempt, Method, State, method_for};
use patchbay_core::callback::Callback;
use patchbay_core::step::Step;
use patchbay_ipc::{DeepLinkView, LinkReceipt, Tone, Topic};
use url::Url;

use crate::error::EngineError;
use crate::link_test::number_of;
use crate::{Engine, failure};

/// Who is registered for our scheme, as far as the host found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkOwner {
    /// This application.
    ThisApplication,
    /// Another one, by the name the system gives it.
    Another(String),
    /// Nobody.
    Nobody,
    /// The system did not tell.
    Unknown,
}

impl Engine {
    /// The host tells who is registered for our scheme.
    pub fn set_link_owner(&self, owner: LinkOwner) {
        *self.0.links.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = owner;
        self.stale([Topic::Overview, Topic::Diagnostics]);
    }

    pub(crate) fn deep_link_view(&self) -> DeepLinkView {
        let owner = self.0.links.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        let view = failure::deep_link_view(&owner);
        match failure::surroundings::mend_links(view.state, self.0.places.platform) {
            Some(hint) => DeepLinkView { hint: Some(hint.to_owned()), ..view },
            None => view,
        }
    }

    /// A link that the system delivered, whoever sent it. Whatever it holds, nothing changes unless it
    /// carries the state of an attempt that waits for it.
    pub async fn on_deep_link(&self, link: &str) {
        if let Some(number) = number_of(link) {
            return self.on_test_link(number);
        }
        let outcome = match Callback::parse(link) {
            Ok(callback) => self.deliver(callback).await,
            Err(error) => Err(EngineError::Link(error)),
        };
        let Err(error) = outcome else { return };
        let tone = match error {
            EngineError::LinkOfNobody | EngineError::LinkTooLate => Tone::Neutral,
            _ => Tone::Bad,
        };
        let failure = failure::of(&error);
        // A page that sends ten thousand makes neither ten thousand remarks nor as many lines in the log.
        if self.notice(tone, failure.message, Some(failure.hint)) {
            tracing::info!(%error, "a link came that changes nothing");
        }
    }

    /// A link that a person pasted.
    pub(crate) async fn paste_link(&self, link: &str) -> Result<LinkReceipt, EngineError> {
        let profile = self.require_profile().await?;
        let bridge: Option<&Url> = profile.bridge_url.as_ref();
        let callback = Callback::parse_pasted(link, bridge)?;
        let attempt = self.deliver(callback).await?;
        Ok(LinkReceipt { attempt: self.attempt_view(attempt).await? })
    }

    /// Hands a callback to the attempt whose state it carries.
    async fn deliver(&self, callback: Callback) -> Result<patchbay_core::id::AttemptId, EngineError> {
        let Some(attempt) = self.0.store.attempt_by_state(callback.state_hash()).await? else {
            return self.deliver_of_browser(callback).await;
        };
        if !attempt.state.is_open() {
            self.note_late_link(attempt.id).await?;
            return Err(EngineError::LinkTooLate);
        }
        let id = attempt.id;
        self.ensure_driven(attempt).await;
        self.tell(id, crate::driver::Message::Link(callback)).await;
        Ok(id)
    }

    /// A dance that the browser began carries a state that only Nango knows: OAuth 1.0a and installations begin
    /// so, and come back here where the environment's callback is ours. Nango alone can tell whose the link is,
    /// so it is passed on beside the attempt that waits; what comes of it is told by websocket or found by tag.
    async fn deliver_of_browser(
        &self,
        callback: Callback,
    ) -> Result<patchbay_core::id::AttemptId, EngineError> {
        let profile = self.require_profile().await?;
        let ours = self.0.store.callback_url(profile.id).await?;
        let ours = ours.as_deref().map(Url::parse).transpose().ok().flatten();
        if ours.is_some_and(|url| method_for(&url, profile.bridge_url.as_ref()) != Method::DeepLink) {
            return Err(EngineError::LinkOfNobody);
        }
        let waits =
            |attempt: &Attempt| attempt.state == State::AwaitingBrowser && attempt.method == Method::Browser;
        let open = self.0.store.open_attempts(profile.id).await?;
        let attempt = open.into_iter().find(waits).ok_or(EngineError::LinkOfNobody)?;
        let id = attempt.id;
        self.ensure_driven(attempt).await;
        self.tell(id, crate::driver::Message::LinkOfBrowser(callback.query)).await;
        Ok(id)
    }

    /// Once per attempt: a page that sends ten thousand links does not fill the timeline.
    pub(crate) async fn note_late_link(&self, id: patchbay_core::id::AttemptId) -> Result<(), EngineError> {
        let noted = self.0.store.attempt_steps(id).await?.iter().any(|step| step.step == Step::LateLink);
        if !noted {
            self.0.store.add_step(id, self.now(), Step::LateLink.into()).await?;
            self.attempt_changed(id);
        }
        Ok(())
    }
}
