//! Drives one attempt from its start to its end: performs the effects the core decides, and tells the core
//! what happened. One task per open attempt; what it holds in memory can be lost at any instant.
//!
//! An attempt that renews a connection differs in its session (`renewal`) and in what is recorded at its end;
//! whatever else it ends with, the connection stays as it was.

mod begin;
mod cleanup;
mod effects;
pub(crate) mod renewal;

use std::sync::PoisonError;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use nango_client::{AuthMode, CallbackOutcome, Completion, Created, FormCredentials, SecretUrl, Socket};
use patchbay_core::attempt::{Attempt, Cleanup, Effect, Event, Method, State, Transition};
use patchbay_core::callback::{Callback, Outcome};
use patchbay_core::id::AttemptId;
use patchbay_core::step::Step;
use patchbay_store::NewStep;
use secrecy::SecretString;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::error::EngineError;
use crate::profiles::Nango;
use crate::{Engine, failure};

/// How an attempt's driver begins.
pub(crate) enum Start {
    /// A new attempt through the browser.
    Browser { params: Vec<(String, String)> },
    /// A new attempt by a filled-in form.
    Form { mode: AuthMode, params: Vec<(String, String)>, credentials: FormCredentials },
    /// A new attempt that somebody at the provider finishes from there.
    Outbound { params: Vec<(String, String)> },
    /// One that an earlier run left open.
    Resumed,
}

/// What the window or the system asks of an attempt.
pub(crate) enum Message {
    /// A link with its state arrived.
    Link(Callback),
    /// The query of a link whose state only Nango knows, for an attempt that the browser began.
    LinkOfBrowser(SecretString),
    /// Ask Nango now.
    CheckNow,
    /// Open the consent page once more.
    Reopen,
    /// End it.
    Cancel,
}

/// The way to a running driver.
pub(crate) struct Handle {
    inbox: mpsc::Sender<(Message, oneshot::Sender<()>)>,
    stop: CancellationToken,
}

/// What came of something that was sent.
enum Sent {
    Forward { again: bool, result: Result<CallbackOutcome, EngineError> },
    LinkOfBrowser(Result<CallbackOutcome, EngineError>),
    Form { awaits_approval: bool, result: Result<Created, EngineError> },
    Look { asked_by_person: bool, result: Result<Option<Found>, EngineError> },
}

/// A connection found by the attempt's tag.
struct Found {
    connection_id: String,
    created_at: jiff::Timestamp,
}

struct Driver {
    engine: Engine,
    nango: Nango,
    attempt: Attempt,
    inbox: mpsc::Receiver<(Message, oneshot::Sender<()>)>,
    socket: Option<Socket>,
    /// The page that was opened in the browser. Holds the state or the session token: memory only.
    page: Option<SecretUrl>,
    session: Option<SecretString>,
    cookie: Option<SecretString>,
    /// The provider's answer, once it has arrived.
    answer: Option<SecretString>,
    under_way: FuturesUnordered<BoxFuture<'static, Sent>>,
    next_look: Option<Instant>,
    look_pause: Duration,
    looking: bool,
    /// A restart found the answer unsent, perhaps: it is forwarded if a look finds nothing.
    forward_after_look: bool,
    /// Nango's own time of the connection, when a look found it.
    found_at: Option<jiff::Timestamp>,
    /// An administrator at the provider has to approve what was made.
    awaits_approval: bool,
    /// Links passed on whose state only Nango knows.
    links_of_browser: u32,
    /// Where the connection's own server answers, if that was asked.
    base_url: Option<String>,
    cleanup: Option<Cleanup>,
    outage_noted: bool,
}

impl Engine {
    pub(crate) fn is_driven(&self, id: AttemptId) -> bool {
        self.0.attempts.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&id)
    }

    /// Gives an attempt its driver, unless it has one.
    pub(crate) fn drive(&self, attempt: Attempt, nango: Nango, start: Start) {
        let id = attempt.id;
        let (inbox, messages) = mpsc::channel(16);
        let stop = CancellationToken::new();
        {
            let mut attempts = self.0.attempts.lock().unwrap_or_else(PoisonError::into_inner);
            if attempts.contains_key(&id) {
                return;
            }
            attempts.insert(id, Handle { inbox, stop: stop.clone() });
        }
        let driver = Driver {
            engine: self.clone(),
            nango,
            attempt,
            inbox: messages,
            socket: None,
            page: None,
            session: None,
            cookie: None,
            answer: None,
            under_way: FuturesUnordered::new(),
            next_look: None,
            look_pause: self.0.timings.look_first,
            looking: false,
            forward_after_look: false,
            found_at: None,
            awaits_approval: false,
            links_of_browser: 0,
            base_url: None,
            cleanup: None,
            outage_noted: false,
        };
        let engine = self.clone();
        self.spawn(async move {
            tokio::select! {
                () = driver.run(start) => {}
                () = stop.cancelled() => {}
            }
            engine.0.attempts.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        });
    }

    /// Sends a message to an attempt's driver and waits until it has been acted on. False if there is none.
    pub(crate) async fn tell(&self, id: AttemptId, message: Message) -> bool {
        let inbox = {
            let attempts = self.0.attempts.lock().unwrap_or_else(PoisonError::into_inner);
            attempts.get(&id).map(|handle| handle.inbox.clone())
        };
        let Some(inbox) = inbox else { return false };
        let (done, is_done) = oneshot::channel();
        inbox.send((message, done)).await.is_ok() && is_done.await.is_ok()
    }

    /// Stops an attempt's driver where it is and forgets its secrets; its row is about to go.
    pub(crate) async fn abandon(&self, id: AttemptId) {
        let handle = self.0.attempts.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        if let Some(handle) = handle {
            handle.stop.cancel();
        }
        self.forget_attempt_secrets(id).await;
    }
}

impl Driver {
    async fn run(mut self, start: Start) {
        if let Err(error) = self.begin(start).await {
            self.engine.notice_failure(failure::of(&error));
            return;
        }
        while self.attempt.state.is_open() {
            if let Err(error) = self.turn().await {
                // The database cannot be written. The row still says where things stood; the next start, or
                // the next thing the person does with the attempt, takes it up from there.
                tracing::error!(attempt = %self.attempt.id, ?error, "an attempt could not be kept");
                self.engine.notice_failure(failure::of(&error));
                return;
            }
        }
        let cleanup = self.cleanup.take();
        self.clean_up(cleanup).await;
    }

    /// Waits for the next thing that happens, and acts on it.
    async fn turn(&mut self) -> Result<(), EngineError> {
        enum Happened {
            Message(Message, oneshot::Sender<()>),
            Sent(Sent),
            Socket(Completion),
            Woke,
            Abandoned,
        }
        let wake = self.wake_at();
        let happened = tokio::select! {
            message = self.inbox.recv() => match message {
                Some((message, done)) => Happened::Message(message, done),
                None => Happened::Abandoned,
            },
            Some(sent) = self.under_way.next(), if !self.under_way.is_empty() => Happened::Sent(sent),
            completion = next_completion(&mut self.socket) => Happened::Socket(completion),
            () = tokio::time::sleep_until(wake) => Happened::Woke,
        };
        match happened {
            Happened::Message(message, done) => {
                self.on_message(message).await?;
                // Whoever asked may have stopped waiting.
                done.send(()).ok();
                Ok(())
            }
            Happened::Sent(sent) => self.on_sent(sent).await,
            Happened::Socket(completion) => self.on_completion(completion).await,
            Happened::Woke => self.on_wake().await,
            Happened::Abandoned => Err(EngineError::AttemptEnded),
        }
    }

    async fn on_message(&mut self, message: Message) -> Result<(), EngineError> {
        match message {
            Message::Cancel => self.apply(Event::CancelRequested, None).await,
            Message::CheckNow => {
                self.look(true);
                Ok(())
            }
            Message::Reopen => self.open_browser().await,
            Message::Link(callback) => self.on_link(callback).await,
            Message::LinkOfBrowser(query) => self.on_link_of_browser(query).await,
        }
    }

    async fn on_link(&mut self, callback: Callback) -> Result<(), EngineError> {
        let waits = self.attempt.state == State::AwaitingBrowser && self.attempt.method == Method::DeepLink;
        if !waits {
            return self.engine.note_late_link(self.attempt.id).await;
        }
        self.answer = Some(callback.query.clone());
        match callback.outcome {
            Outcome::Refused(reason) => self.apply(Event::CallbackRefused(reason), None).await,
            Outcome::Granted => {
                self.keep_answer(callback.query).await;
                self.apply(Event::CallbackGranted, Some(Step::LinkArrived.into())).await
            }
        }
    }

    async fn on_completion(&mut self, completion: Completion) -> Result<(), EngineError> {
        match completion {
            Completion::Success { connection_id, provider_config_key, is_pending } => {
                self.socket = None;
                if provider_config_key != self.attempt.integration.as_str() {
                    tracing::warn!("Nango reported a connection of another integration; ignored");
                    return Ok(());
                }
                if is_pending {
                    self.note_approval_awaited().await?;
                }
                self.apply(Event::Completed(connection_id.into()), None).await
            }
            Completion::Failed { error_type, error_description, .. } => {
                self.socket = None;
                let description = error_description.unwrap_or_default();
                let refused = description.contains("access_denied");
                let text = failure::provider_words(&error_type, &description);
                self.apply(Event::ReportedFailure { refused, text }, None).await
            }
            Completion::Closed => {
                self.socket = None;
                self.note(Step::SocketLost).await?;
                self.look_pause = self.engine.0.timings.look_first;
                self.schedule_look();
                Ok(())
            }
        }
    }

    async fn on_wake(&mut self) -> Result<(), EngineError> {
        self.apply(Event::Tick { can_look: self.nango.can_list() }, None).await?;
        if self.attempt.state.is_open() && self.next_look.is_some_and(|at| at <= Instant::now()) {
            self.look(false);
        }
        Ok(())
    }

    async fn on_sent(&mut self, sent: Sent) -> Result<(), EngineError> {
        match sent {
            Sent::Forward { again, result } => self.on_forwarded(again, result).await,
            Sent::LinkOfBrowser(result) => self.on_link_of_browser_sent(result).await,
            Sent::Form { awaits_approval, result } => self.on_form_answered(awaits_approval, result).await,
            Sent::Look { asked_by_person, result } => self.on_looked(asked_by_person, result).await,
        }
    }

    /// Tells the core, saves what it decides, then performs the effects.
    async fn apply(&mut self, event: Event, step: Option<NewStep>) -> Result<(), EngineError> {
        let transition = self.attempt.on(event, self.engine.now(), &self.engine.0.timings.deadlines);
        self.follow(transition, step).await
    }

    async fn follow(&mut self, transition: Transition, step: Option<NewStep>) -> Result<(), EngineError> {
        let Transition::Next { attempt: next, effects } = transition else { return Ok(()) };
        let from = std::mem::replace(&mut self.attempt.state, next.state.clone());
        let saved = if effects.contains(&Effect::RecordConnection) {
            self.record(from.clone(), (*next).clone()).await
        } else {
            let step = ending_step(&next.state).or(step);
            let now = self.engine.now();
            self.engine.0.store.advance_attempt(from.clone(), (*next).clone(), step, now).await
        };
        match saved {
            Ok(true) => self.attempt = *next,
            Ok(false) => {
                // Another process moved it on: it is that one's to finish.
                tracing::warn!(attempt = %self.attempt.id, "the attempt was moved on elsewhere");
                return Err(EngineError::AttemptEnded);
            }
            Err(error) => {
                self.attempt.state = from;
                return Err(error.into());
            }
        }
        tracing::info!(
            attempt = %self.attempt.id,
            method = self.attempt.method.as_str(),
            from = from.as_str(),
            to = self.attempt.state.as_str(),
            "an attempt moved on"
        );
        self.engine.attempt_changed(self.attempt.id);
        self.engine.attempt_ended(&self.attempt, self.awaits_approval);
        if matches!(self.attempt.state, State::Connected(_)) {
            self.engine.connections_changed();
            self.engine.learn_account(&self.nango, self.attempt.instance);
        }
        for effect in effects {
            self.perform(effect).await?;
        }
        Ok(())
    }

    async fn note_approval_awaited(&mut self) -> Result<(), EngineError> {
        self.awaits_approval = true;
        self.note(Step::PendingApproval).await
    }

    /// Adds a line to the timeline.
    async fn note(&mut self, step: Step) -> Result<(), EngineError> {
        self.engine.0.store.add_step(self.attempt.id, self.engine.now(), step.into()).await?;
        self.engine.attempt_changed(self.attempt.id);
        Ok(())
    }

    fn wake_at(&self) -> Instant {
        let give_up = self.attempt.give_up_at(self.nango.can_list(), &self.engine.0.timings.deadlines);
        let left = give_up.duration_since(self.engine.now());
        // The next moment, when it is over already: the core is asked again on every turn.
        let left = Duration::try_from(left).unwrap_or(Duration::ZERO).max(Duration::from_millis(20));
        let give_up = Instant::now() + left.min(Duration::from_secs(3600));
        self.next_look.map_or(give_up, |look| look.min(give_up))
    }
}

async fn next_completion(socket: &mut Option<Socket>) -> Completion {
    match socket {
        Some(socket) => socket.next().await,
        None => std::future::pending().await,
    }
}

/// The line with which a timeline ends.
pub(crate) fn ending_step(state: &State) -> Option<NewStep> {
    let (step, detail) = match state {
        State::Refused(words) => (Step::Refused, Some(words.clone())),
        State::Expired => (Step::Expired, None),
        State::Cancelled => (Step::Cancelled, None),
        State::Failed(_) => (Step::Failed, None),
        _ => return None,
    };
    Some(NewStep { step, detail })
}

/// The client's name of an auth mode.
pub(crate) fn wire_mode(mode: &patchbay_core::auth_mode::AuthMode) -> AuthMode {
    AuthMode::from(mode.name())
}
