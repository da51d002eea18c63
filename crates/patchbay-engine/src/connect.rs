//! Attempts as the window sees them: start, cancel, ask, look at. What happens in between is the driver's.

use nango_client::FormCredentials;
use patchbay_core::attempt::{Attempt, Event, Method, Purpose, State, Transition};
use patchbay_core::auth_mode::Way;
use patchbay_core::form::{FieldPart, Form};
use patchbay_core::id::AttemptId;
use patchbay_core::label::{LabelError, clean_label};
use patchbay_core::step::Step;
use patchbay_ipc::{AttemptPage, AttemptView, FieldInput, StartAttempt};
use patchbay_store::AttemptStep;
use secrecy::SecretString;
use uuid::Uuid;

use crate::asked::Asked;
use crate::driver::{self, Message, Start};
use crate::error::EngineError;
use crate::profiles::Nango;
use crate::{Engine, failure, view};

/// What was entered into a form, sorted by where it goes.
pub(crate) struct Given {
    params: Vec<(String, String)>,
    credentials: FormCredentials,
}

/// Most attempts in one answer.
const LONGEST_PAGE: u32 = 200;

impl Engine {
    /// Begins an attempt. Answers as soon as it is kept; how it goes on is told by events.
    pub(crate) async fn start_attempt(&self, request: StartAttempt) -> Result<AttemptView, EngineError> {
        let nango = self.active_nango().await?;
        let profile = nango.profile.id;
        let (name, manifest) = self.named(profile, &request.target)?;
        let label = clean_label(&request.label)?;
        let labels = self.0.store.labels(profile, request.target.clone()).await?;
        if labels.iter().any(|taken| taken.to_lowercase() == label.to_lowercase()) {
            return Err(LabelError::Taken.into());
        }
        let integration = self
            .integrations_of(&nango, &request.target)
            .await?
            .into_iter()
            .find(|integration| integration.key == request.integration)
            .ok_or(EngineError::NotSetUp { connector: name })?;
        let asked = self.asked_by(&nango, &integration, manifest).await?;
        let given = filled_in(&asked.form, &request.fields)?;
        let now = self.now();
        let attempt = Attempt {
            id: Uuid::new_v4().into(),
            profile,
            purpose: Purpose::Connect,
            instance: Uuid::new_v4().into(),
            connector: manifest.map(|manifest| manifest.slug.clone()),
            provider: integration.provider,
            integration: integration.key,
            label,
            method: if asked.in_browser() { Method::Undecided } else { Method::Form },
            state: State::Starting,
            started_at: now,
            deadline_at: now.checked_add(self.0.timings.deadlines.browser).unwrap_or(now),
            ended_at: None,
            cleanup_due: false,
        };
        self.begin_attempt(attempt, nango, &asked, given).await
    }

    /// Keeps a new attempt and gives it its driver.
    pub(crate) async fn begin_attempt(
        &self,
        attempt: Attempt,
        nango: Nango,
        asked: &Asked,
        given: Given,
    ) -> Result<AttemptView, EngineError> {
        self.0.store.insert_attempt(attempt.clone()).await?;
        let id = attempt.id;
        let Given { params, credentials } = given;
        let start = match asked.way {
            Way::Browser => Start::Browser { params },
            Way::Form => Start::Form { mode: driver::wire_mode(&asked.mode), params, credentials },
            Way::Outbound => Start::Outbound { params },
        };
        self.drive(attempt, nango, start);
        self.attempt_changed(id);
        self.attempt_view(id).await
    }

    /// Cancels an attempt, at whatever point it is.
    pub(crate) async fn cancel_attempt(&self, id: AttemptId) -> Result<AttemptView, EngineError> {
        let profile = self.require_profile().await?.id;
        let attempt = self.0.store.attempt(profile, id).await?;
        if !attempt.state.is_open() {
            return self.attempt_view(id).await;
        }
        self.ensure_driven(attempt.clone()).await;
        if !self.tell(id, Message::Cancel).await {
            // Nothing drives it, because its server cannot be used at the moment: end it here.
            if let Transition::Next { attempt: next, .. } =
                attempt.on(Event::CancelRequested, self.now(), &self.0.timings.deadlines)
            {
                let step = Some(Step::Cancelled.into());
                self.0.store.advance_attempt(attempt.state, *next, step, self.now()).await?;
                self.forget_attempt_secrets(id).await;
                self.attempt_changed(id);
            }
        }
        self.attempt_view(id).await
    }

    /// Asks Nango now.
    pub(crate) async fn check_now(&self, id: AttemptId) -> Result<AttemptView, EngineError> {
        let profile = self.require_profile().await?.id;
        let attempt = self.0.store.attempt(profile, id).await?;
        if attempt.state.is_open() {
            let nango = self.nango_of(profile).await?;
            if !nango.can_list() {
                return Err(EngineError::CannotList);
            }
            self.ensure_driven(attempt).await;
            self.tell(id, Message::CheckNow).await;
        }
        self.attempt_view(id).await
    }

    /// Opens the consent page once more.
    pub(crate) async fn reopen_browser(&self, id: AttemptId) -> Result<AttemptView, EngineError> {
        let profile = self.require_profile().await?.id;
        let attempt = self.0.store.attempt(profile, id).await?;
        if !attempt.state.is_open() {
            return Err(EngineError::AttemptEnded);
        }
        self.ensure_driven(attempt).await;
        self.tell(id, Message::Reopen).await;
        self.attempt_view(id).await
    }

    /// One attempt of the active profile.
    pub(crate) async fn attempt_view(&self, id: AttemptId) -> Result<AttemptView, EngineError> {
        let profile = self.require_profile().await?.id;
        let attempt = self.0.store.attempt(profile, id).await?;
        let steps = self.0.store.attempt_steps(id).await?;
        Ok(self.view_of(attempt, steps))
    }

    /// A page of the active profile's attempts.
    pub(crate) async fn list_attempts(&self, offset: u32, limit: u32) -> Result<AttemptPage, EngineError> {
        let profile = self.require_profile().await?.id;
        let (rows, total) = self.0.store.attempts(profile, offset, limit.min(LONGEST_PAGE)).await?;
        let mut timelines = self.0.store.timelines(rows.iter().map(|attempt| attempt.id).collect()).await?;
        let attempts = rows.into_iter().map(|attempt| {
            let steps = timelines.remove(&attempt.id).unwrap_or_default();
            self.view_of(attempt, steps)
        });
        Ok(AttemptPage { attempts: attempts.collect(), total })
    }

    fn view_of(&self, attempt: Attempt, steps: Vec<AttemptStep>) -> AttemptView {
        let manifest = attempt.connector.as_ref().and_then(|slug| self.0.catalog.get(slug));
        let name = self.connector_name(attempt.profile, attempt.connector.as_ref(), &attempt.provider);
        view::attempt(attempt, steps, name, manifest)
    }

    /// Takes up what an earlier run left open, and clears away what it left behind.
    pub(crate) async fn resume_attempts(&self) -> Result<(), EngineError> {
        for attempt in self.0.store.unfinished_attempts().await? {
            if attempt.state.is_open() {
                self.ensure_driven(attempt).await;
            } else {
                self.drive_cleanup(attempt).await;
            }
        }
        Ok(())
    }

    /// Makes sure that an open attempt has a driver, if its server can be used.
    pub(crate) async fn ensure_driven(&self, attempt: Attempt) {
        if self.is_driven(attempt.id) {
            return;
        }
        match self.nango_of(attempt.profile).await {
            Ok(nango) => self.drive(attempt, nango, Start::Resumed),
            Err(error) => {
                tracing::info!(attempt = %attempt.id, %error, "an open attempt waits for its server");
                self.expire_undriven(attempt).await;
                if !matches!(error, EngineError::Disabled { .. }) {
                    self.notice_failure(failure::of(&error));
                }
            }
        }
    }

    /// An attempt whose server cannot be used still ends when its time has passed.
    async fn expire_undriven(&self, attempt: Attempt) {
        let deadlines = &self.0.timings.deadlines;
        let tick = attempt.on(Event::Tick { can_look: true }, self.now(), deadlines);
        let Transition::Next { attempt: next, .. } = tick else { return };
        let (id, step) = (attempt.id, driver::ending_step(&next.state));
        match self.0.store.advance_attempt(attempt.state, (*next).clone(), step, self.now()).await {
            Ok(_) => {
                self.forget_attempt_secrets(id).await;
                self.attempt_changed(id);
                self.attempt_ended(&next, false);
            }
            Err(error) => tracing::warn!(attempt = %id, ?error, "an expired attempt could not be ended"),
        }
    }
}

/// Checks a filled-in form and sorts its values.
pub(crate) fn filled_in(form: &Form, fields: &[FieldInput]) -> Result<Given, EngineError> {
    let inputs = fields.iter().map(|field| (field.part, field.name.as_str(), field.value.expose()));
    let mut given = Given { params: Vec::new(), credentials: FormCredentials::new() };
    for (part, name, value) in form.check(inputs).map_err(EngineError::Form)? {
        match part {
            FieldPart::ConnectionConfig => given.params.push((name.to_owned(), value.to_owned())),
            FieldPart::Credential => given.credentials.insert(name, SecretString::from(value)),
        }
    }
    Ok(given)
}
