//! What the core asks to be done, and what came of it.

use std::time::Duration;

use futures_util::FutureExt;
use nango_client::{CallbackOutcome, Created, Error, ListQuery, Resource, TransportKind};
use patchbay_core::attempt::{Attempt, Effect, Event, Method, Purpose, State};
use patchbay_core::connection::{Connection, Health, Tags};
use patchbay_core::step::Step;
use patchbay_secrets::EntryName;
use patchbay_store::{NewStep, StoreError};
use secrecy::SecretString;
use tokio::time::Instant;

use super::renewal::found_pending;
use super::{Driver, Found, Sent};
use crate::error::EngineError;
use crate::profiles::Nango;
use crate::{Engine, failure};

/// More links than this whose state only Nango knows are not passed on for one attempt.
const MOST_LINKS_OF_BROWSER: u32 = 5;

impl Driver {
    pub(super) async fn perform(&mut self, effect: Effect) -> Result<(), EngineError> {
        match effect {
            Effect::OpenBrowser => self.open_browser().await,
            Effect::ForwardCallback => {
                self.forward(false, false);
                Ok(())
            }
            Effect::LookThenForward => {
                self.forward_after_look = true;
                self.look(false);
                Ok(())
            }
            Effect::Look => {
                if self.socket.is_some() {
                    // The websocket speaks a moment before or after the answer; asking would be in vain.
                    self.next_look = Some(Instant::now() + self.engine.0.timings.socket_lag);
                } else {
                    self.look(false);
                }
                Ok(())
            }
            Effect::MarkGone => self.engine.mark_gone(self.attempt.profile, self.attempt.instance).await,
            Effect::CleanUp(cleanup) => {
                self.cleanup = Some(cleanup);
                Ok(())
            }
            // Done before, together with saving.
            Effect::RecordConnection | Effect::SubmitForm => Ok(()),
        }
    }

    pub(super) async fn open_browser(&mut self) -> Result<(), EngineError> {
        let Some(page) = self.page_to_open() else { return self.note(Step::BrowserNotOpened).await };
        let browser = std::sync::Arc::clone(&self.engine.0.browser);
        let opened = tokio::task::spawn_blocking(move || browser.open(page.expose())).await;
        match opened {
            Ok(Ok(())) => self.note(Step::BrowserOpened).await,
            Ok(Err(error)) => {
                self.engine.notice_failure(failure::of(&error.into()));
                self.note(Step::BrowserNotOpened).await
            }
            Err(_) => self.note(Step::BrowserNotOpened).await,
        }
    }

    /// In memory; after a restart it can be made again only where the browser begins the dance itself.
    fn page_to_open(&mut self) -> Option<nango_client::SecretUrl> {
        if self.page.is_none() && self.attempt.method == Method::Browser {
            let integration = self.attempt.integration.as_str();
            let session = self.session.as_ref()?;
            self.page = self.nango.client.authorization_url(integration, session, None, &[]).ok();
        }
        self.page.clone()
    }

    /// Keeps the answer where a crash cannot reach it, before the state says that it is being forwarded.
    pub(super) async fn keep_answer(&mut self, answer: SecretString) {
        let kept = self.engine.0.vault.set(EntryName::answer(self.attempt.id), answer).await;
        if let Err(error) = kept {
            // It goes on from memory; only a crash in the next moment would lose it.
            tracing::warn!(%error, "the keyring did not keep the answer");
        }
    }

    /// Sends the answer to Nango; after a pause, when Nango could not be reached before.
    fn forward(&self, again: bool, after_pause: bool) {
        let Some(answer) = self.answer.clone() else { return };
        let (engine, nango, cookie) = (self.engine.clone(), self.nango.clone(), self.cookie.clone());
        let pause = after_pause.then_some(engine.0.timings.forward_again);
        self.under_way.push(
            async move {
                if let Some(pause) = pause {
                    tokio::time::sleep(pause).await;
                }
                let call = nango.client.forward_callback(&answer, cookie.as_ref());
                Sent::Forward { again, result: engine.call(&nango, call).await }
            }
            .boxed(),
        );
    }

    pub(super) async fn on_forwarded(
        &mut self,
        again: bool,
        result: Result<CallbackOutcome, EngineError>,
    ) -> Result<(), EngineError> {
        if self.attempt.state != State::Forwarding {
            return Ok(());
        }
        match result {
            Ok(CallbackOutcome::Accepted) => {
                self.apply(Event::ForwardAccepted, Some(Step::Forwarded.into())).await
            }
            // Sent a second time after a restart: a refusal may only mean that the first one counted.
            Ok(CallbackOutcome::Refused { .. }) if again => {
                self.apply(Event::ForwardUnanswered, Some(Step::Forwarded.into())).await
            }
            Ok(CallbackOutcome::Refused { message }) => {
                self.apply(Event::ForwardRefused(message.map(|m| failure::bounded(&m))), None).await
            }
            Err(EngineError::Nango(error)) if was_not_sent(&error) => {
                if !self.outage_noted {
                    self.outage_noted = true;
                    self.note(Step::ForwardWaiting).await?;
                }
                self.forward(again, true);
                Ok(())
            }
            Err(error) => {
                tracing::info!(?error, "Nango did not answer a forwarded link");
                self.apply(Event::ForwardUnanswered, Some(Step::ForwardUnanswered.into())).await
            }
        }
    }

    /// Passes a link on without a cookie, which dances of this kind do not have, and without touching the
    /// attempt: whoever sends links can neither end nor complete one.
    pub(super) async fn on_link_of_browser(&mut self, query: SecretString) -> Result<(), EngineError> {
        if self.links_of_browser >= MOST_LINKS_OF_BROWSER {
            return Ok(());
        }
        self.links_of_browser += 1;
        let (engine, nango) = (self.engine.clone(), self.nango.clone());
        self.under_way.push(
            async move {
                let call = nango.client.forward_callback(&query, None);
                Sent::LinkOfBrowser(engine.call(&nango, call).await)
            }
            .boxed(),
        );
        Ok(())
    }

    pub(super) async fn on_link_of_browser_sent(
        &mut self,
        result: Result<CallbackOutcome, EngineError>,
    ) -> Result<(), EngineError> {
        match result {
            Ok(CallbackOutcome::Accepted) => {
                self.note(Step::Forwarded).await?;
                if self.socket.is_none() {
                    self.look(false);
                }
                Ok(())
            }
            Ok(CallbackOutcome::Refused { .. }) => self.note(Step::LinkNotTaken).await,
            Err(error) => {
                tracing::info!(?error, "a link of the browser's could not be passed on");
                self.note(Step::LinkNotTaken).await
            }
        }
    }

    pub(super) async fn on_form_answered(
        &mut self,
        awaits_approval: bool,
        result: Result<Created, EngineError>,
    ) -> Result<(), EngineError> {
        if awaits_approval && result.is_ok() {
            self.note_approval_awaited().await?;
        }
        match result {
            Ok(created) => self.apply(Event::Completed(created.connection_id.into()), None).await,
            Err(EngineError::Nango(Error::NotFound { what: Resource::Connection }))
                if self.attempt.purpose != Purpose::Connect =>
            {
                self.apply(Event::ConnectionGone, None).await
            }
            Err(EngineError::Nango(Error::VerificationFailed { message, .. })) => {
                let words = message.map(|message| failure::bounded(&message));
                self.apply(Event::VerificationFailed(words), None).await
            }
            Err(EngineError::Nango(error)) if !may_have_been_made(&error) => {
                let failure = failure::of_nango(&error);
                let event = match error {
                    Error::Rejected { .. } => Event::VerificationFailed(Some(failure.message)),
                    // What was entered has not been looked at.
                    _ => Event::StartFailed { message: failure.message, hint: failure.hint },
                };
                self.apply(event, None).await
            }
            Err(error) => {
                tracing::info!(?error, "Nango did not answer a form");
                self.apply(Event::FormUnanswered, None).await
            }
        }
    }

    /// Asks Nango by tag, unless that is under way or not possible with this key.
    pub(super) fn look(&mut self, asked_by_person: bool) {
        if self.looking || !self.nango.can_list() {
            self.next_look = None;
            return;
        }
        self.looking = true;
        self.next_look = None;
        let (engine, nango, attempt) = (self.engine.clone(), self.nango.clone(), self.attempt.clone());
        self.under_way.push(
            async move { Sent::Look { asked_by_person, result: find(&engine, &nango, &attempt).await } }
                .boxed(),
        );
    }

    pub(super) async fn on_looked(
        &mut self,
        asked_by_person: bool,
        result: Result<Option<Found>, EngineError>,
    ) -> Result<(), EngineError> {
        self.looking = false;
        match result {
            Ok(Some(found)) => {
                self.found_at = Some(found.created_at);
                let (engine, nango, attempt) =
                    (self.engine.clone(), self.nango.clone(), self.attempt.clone());
                if found_pending(&engine, &nango, &attempt, &found.connection_id).await {
                    self.note_approval_awaited().await?;
                }
                return self.apply(Event::Completed(found.connection_id.into()), None).await;
            }
            Ok(None) => {
                self.outage_noted = false;
                if std::mem::take(&mut self.forward_after_look) {
                    self.forward(true, false);
                }
                if asked_by_person {
                    self.note(Step::NotThereYet).await?;
                }
                let transition = self.attempt.on_nothing_found(self.engine.now());
                self.follow(transition, None).await?;
            }
            Err(error) => {
                tracing::info!(?error, "Nango could not be asked for a connection");
                if asked_by_person || !self.outage_noted {
                    self.outage_noted = true;
                    let step = NewStep { step: Step::LookFailed, detail: Some(failure::of(&error).message) };
                    let store = &self.engine.0.store;
                    store.add_step(self.attempt.id, self.engine.now(), step).await?;
                    self.engine.attempt_changed(self.attempt.id);
                }
            }
        }
        if self.attempt.state.is_open() {
            self.schedule_look();
        }
        Ok(())
    }

    /// When Nango is asked next: seldom beside a websocket, ever less often without one, and not at all
    /// while nothing can have been made yet.
    pub(super) fn schedule_look(&mut self) {
        let timings = &self.engine.0.timings;
        let may_be_made = match self.attempt.state {
            State::AwaitingBrowser => self.attempt.method == Method::Browser,
            State::AwaitingConnection => true,
            State::Forwarding => self.forward_after_look,
            _ => false,
        };
        if !may_be_made || self.looking {
            return;
        }
        let pause = if self.socket.is_some() && self.attempt.state == State::AwaitingBrowser {
            timings.look_beside_socket
        } else {
            let pause = self.look_pause;
            self.look_pause = (pause * 2).min(timings.look_longest);
            pause
        };
        // The look that may end the wait comes when its time has passed, not some pause later.
        let left = self.attempt.deadline_at.duration_since(self.engine.now());
        let left = Duration::try_from(left).ok().filter(|left| !left.is_zero());
        let pause = left.map_or(pause, |left| pause.min(left + Duration::from_millis(10)));
        let at = Instant::now() + pause;
        self.next_look = Some(self.next_look.map_or(at, |planned| planned.min(at)));
    }

    /// Saves the attempt's end together with the connection it made or renewed.
    pub(super) async fn record(&mut self, from: State, to: Attempt) -> Result<bool, StoreError> {
        let State::Connected(connection_id) = &to.state else { return Ok(false) };
        let now = self.engine.now();
        // A dance ends with a token that Nango has just fetched; what a form holds was checked only where
        // the provider offers a way to.
        let (health, learnt_at) = match to.method {
            Method::Form => (Health::Unknown, None),
            _ if self.awaits_approval => (Health::Unknown, None),
            _ => (Health::Works, Some(now)),
        };
        let connection = Connection {
            instance: to.instance,
            profile: to.profile,
            connector: to.connector.clone(),
            provider: to.provider.clone(),
            integration: to.integration.clone(),
            connection_id: connection_id.clone(),
            label: to.label.clone(),
            account: None,
            mismatch: None,
            health,
            health_learnt_at: learnt_at,
            created_at: self.found_at.unwrap_or(now),
            last_used_at: None,
            last_error: None,
            refusal_stands: false,
            awaits_approval: self.awaits_approval,
            base_url: self.base_url.clone(),
            tags: Tags::new(),
        };
        let connector_name = self.engine.name_of(&connection);
        self.engine.0.store.complete_attempt(from, to, connection, connector_name, now).await
    }
}

/// The connection that carries the attempt's tag, if Nango has it.
pub(super) async fn find(
    engine: &Engine,
    nango: &Nango,
    attempt: &Attempt,
) -> Result<Option<Found>, EngineError> {
    let query = ListQuery {
        limit: 10,
        tags: [("patchbay_attempt".to_owned(), attempt.id.to_string())].into(),
        ..ListQuery::default()
    };
    let listed = engine.call(nango, nango.client.list_connections(&query)).await?;
    let found = listed.into_iter().find(|c| c.provider_config_key == attempt.integration.as_str());
    Ok(found.map(|c| Found { connection_id: c.connection_id, created_at: c.created }))
}

/// The server was not reached, or turned the call away at the door: the answer is still unspent.
fn was_not_sent(error: &Error) -> bool {
    matches!(
        error,
        Error::Transport { kind: TransportKind::Unreachable | TransportKind::Dns | TransportKind::Tls, .. }
            | Error::RateLimited { .. }
    )
}

/// Whether a form that was answered like this may have made a connection all the same.
fn may_have_been_made(error: &Error) -> bool {
    match error {
        Error::Transport { .. } => !was_not_sent(error),
        Error::UnexpectedBody { .. } | Error::BodyTooLarge { .. } => true,
        Error::Rejected { status, .. } => *status >= 500,
        _ => false,
    }
}
