//! The start of an attempt: session, websocket, the dance's first step; or what a restart found.

use std::collections::BTreeMap;

use futures_util::FutureExt;
use nango_client::{AuthMode, EndUser, FormCredentials, NewSession, SecretUrl, Socket};
use patchbay_core::attempt::{Attempt, Event, Kept, Method, Purpose, method_for};
use patchbay_core::callback::hash_state;
use patchbay_core::step::Step;
use patchbay_secrets::{EntryName, SecretError};
use secrecy::SecretString;

use super::renewal::renewal_session;
use super::{Driver, Message, Sent, Start};
use crate::asked::BASE_URL;
use crate::error::EngineError;
use crate::profiles::Nango;
use crate::{Engine, failure};

/// A connect session.
pub(super) struct Session {
    pub(super) token: SecretString,
    /// Whether what it makes carries the attempt's tag.
    pub(super) can_be_found: bool,
}

/// What the first step of a dance gave.
struct Begun {
    socket: Option<Socket>,
    session: SecretString,
    cookie: Option<SecretString>,
    page: SecretUrl,
    method: Method,
}

impl Driver {
    pub(super) async fn begin(&mut self, start: Start) -> Result<(), EngineError> {
        let (engine, nango, attempt) = (self.engine.clone(), self.nango.clone(), self.attempt.clone());
        match start {
            Start::Resumed => self.resume().await,
            Start::Browser { params } => {
                let dance = async move { begin_dance(&engine, &nango, &attempt, &params).await };
                match self.unless_cancelled(dance).await? {
                    Some(Ok(begun)) => {
                        self.socket = begun.socket;
                        self.session = Some(begun.session);
                        self.cookie = begun.cookie;
                        self.page = Some(begun.page);
                        self.apply(Event::AuthorizationBegun { method: begun.method }, None).await?;
                        self.schedule_look();
                        Ok(())
                    }
                    Some(Err(error)) => self.start_failed(&error).await,
                    None => Ok(()),
                }
            }
            Start::Form { mode, params, credentials } => {
                let named = params.iter().find(|(name, _)| name == BASE_URL);
                self.base_url = named.map(|(_, url)| url.clone());
                self.submit(Some((mode, credentials)), params).await
            }
            Start::Outbound { params } => self.submit(None, params).await,
        }
    }

    /// Does what takes a while before the first state is left, and lets a cancel interrupt it.
    async fn unless_cancelled<T>(
        &mut self,
        work: impl Future<Output = Result<T, EngineError>>,
    ) -> Result<Option<Result<T, EngineError>>, EngineError> {
        tokio::pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return Ok(Some(done)),
                message = self.inbox.recv() => match message {
                    None => return Err(EngineError::AttemptEnded),
                    Some((Message::Cancel, done)) => {
                        self.apply(Event::CancelRequested, None).await?;
                        done.send(()).ok();
                        return Ok(None);
                    }
                    // Nothing else can be done to an attempt that has not begun.
                    Some((_, done)) => drop(done.send(()).ok()),
                },
            }
        }
    }

    async fn start_failed(&mut self, error: &EngineError) -> Result<(), EngineError> {
        if matches!(error, EngineError::ConnectionGone) {
            return self.apply(Event::ConnectionGone, None).await;
        }
        tracing::info!(attempt = %self.attempt.id, ?error, "an attempt could not begin");
        let failure = failure::of(error);
        self.apply(Event::StartFailed { message: failure.message, hint: failure.hint }, None).await
    }

    /// Sends a form; without credentials, the wish to be installed from the provider's side.
    ///
    /// The state is saved before it goes out: after a crash Nango is asked, the form not sent again.
    async fn submit(
        &mut self,
        entered: Option<(AuthMode, FormCredentials)>,
        params: Vec<(String, String)>,
    ) -> Result<(), EngineError> {
        let (engine, nango, attempt) = (self.engine.clone(), self.nango.clone(), self.attempt.clone());
        let session = async move { make_session(&engine, &nango, &attempt).await };
        let token = match self.unless_cancelled(session).await? {
            Some(Ok(session)) => session.token,
            Some(Err(error)) => return self.start_failed(&error).await,
            None => return Ok(()),
        };
        self.apply(Event::FormSubmitted, Some(Step::FormSent.into())).await?;
        let (engine, nango) = (self.engine.clone(), self.nango.clone());
        let integration = self.attempt.integration.clone();
        self.under_way.push(
            async move {
                let (client, integration) = (&nango.client, integration.as_str());
                let awaits_approval = entered.is_none();
                let result = match &entered {
                    Some((mode, credentials)) => {
                        let call =
                            client.authorize_with_fields(mode, integration, &token, &params, credentials);
                        engine.call(&nango, call).await
                    }
                    None => engine.call(&nango, client.await_outbound(integration, &token, &params)).await,
                };
                Sent::Form { awaits_approval, result }
            }
            .boxed(),
        );
        Ok(())
    }

    /// Takes up what an earlier run left.
    async fn resume(&mut self) -> Result<(), EngineError> {
        let vault = &self.engine.0.vault;
        let id = self.attempt.id;
        let kept = async {
            Ok::<_, SecretError>((
                vault.get(EntryName::session(id)).await?,
                vault.get(EntryName::state_cookie(id)).await?,
                vault.get(EntryName::answer(id)).await?,
            ))
        };
        match kept.await {
            Ok((session, cookie, answer)) => {
                (self.session, self.cookie, self.answer) = (session, cookie, answer);
            }
            // A failed read is not an absent secret: the attempt stays as it is until the keyring answers.
            Err(error) => return Err(error.into()),
        }
        let kept = match (&self.answer, &self.session) {
            (Some(_), _) => Kept::Answer,
            (None, Some(_)) => Kept::Secrets,
            (None, None) => Kept::Nothing,
        };
        let can_look = self.nango.can_list();
        self.apply(Event::Resumed { can_look, kept }, Some(Step::Resumed.into())).await?;
        self.schedule_look();
        Ok(())
    }
}

async fn make_session(engine: &Engine, nango: &Nango, attempt: &Attempt) -> Result<Session, EngineError> {
    if let Purpose::Reconnect(connection) = &attempt.purpose {
        return renewal_session(engine, nango, attempt, connection).await;
    }
    let new = NewSession {
        end_user: Some(EndUser {
            id: nango.profile.user_id.clone(),
            email: None,
            display_name: nango.profile.user_name.clone(),
            tags: BTreeMap::new(),
        }),
        organization: None,
        // Whatever happens in between, the connection can be matched to its attempt.
        tags: BTreeMap::from([
            ("patchbay_attempt".to_owned(), attempt.id.to_string()),
            ("patchbay_instance".to_owned(), attempt.instance.to_string()),
        ]),
        allowed_integrations: vec![attempt.integration.to_string()],
        defaults: BTreeMap::new(),
    };
    let session = engine.call(nango, nango.client.create_connect_session(&new)).await?;
    Ok(Session { token: session.token, can_be_found: true })
}

async fn begin_dance(
    engine: &Engine,
    nango: &Nango,
    attempt: &Attempt,
    params: &[(String, String)],
) -> Result<Begun, EngineError> {
    let known_path = engine.0.store.websockets_path(nango.profile.id).await?;
    let open_known = async {
        match &known_path {
            Some(path) => nango.client.open_socket(path).await.ok(),
            None => None,
        }
    };
    let (session, opened) = tokio::join!(make_session(engine, nango, attempt), open_known);
    let session = session?;
    let opened = match opened {
        Some(opened) => Some(opened),
        None => open_socket(engine, nango, &session.token).await?,
    };
    if opened.is_none() && !(nango.can_list() && session.can_be_found) {
        return Err(EngineError::NoWayHome);
    }
    let (socket, client_id) = opened.unzip();

    let integration = attempt.integration.as_str();
    let begin = nango.client.begin_authorization(integration, &session.token, client_id.as_deref(), params);
    let begun = engine.call(nango, begin).await?;
    if let Some(redirect) = &begun.redirect_uri {
        // What an operator has to register with a provider for the next integration.
        engine.0.store.save_callback_url(nango.profile.id, redirect.to_string()).await?;
    }
    let method = match (&begun.redirect_uri, &begun.state) {
        (Some(redirect), Some(_)) => method_for(redirect, nango.profile.bridge_url.as_ref()),
        _ => Method::Browser,
    };
    let vault = &engine.0.vault;
    vault.set(EntryName::session(attempt.id), session.token.clone()).await?;
    let page = match (method, &begun.state) {
        (Method::DeepLink, Some(state)) => {
            if let Some(cookie) = &begun.cookie {
                vault.set(EntryName::state_cookie(attempt.id), cookie.clone()).await?;
            }
            engine.0.store.set_state_hash(attempt.id, hash_state(state)).await?;
            begun.location
        }
        // The browser does the whole dance, from its first step: the state cookie must be its own.
        _ => nango
            .client
            .authorization_url(integration, &session.token, client_id.as_deref(), params)
            .map_err(EngineError::Nango)?,
    };
    Ok(Begun { socket, session: session.token, cookie: begun.cookie, page, method })
}

/// Asks where the websocket is, keeps that for next time, and opens it. Nothing, if it does not open: there
/// are other ways home.
async fn open_socket(
    engine: &Engine,
    nango: &Nango,
    token: &SecretString,
) -> Result<Option<(Socket, String)>, EngineError> {
    let details = engine.call(nango, nango.client.session_details(token)).await?;
    let opened = nango.client.open_socket(&details.websockets_path).await.ok();
    if opened.is_some() {
        engine.0.store.save_websockets_path(nango.profile.id, details.websockets_path).await?;
    }
    Ok(opened)
}
