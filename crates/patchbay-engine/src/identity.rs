//! Who a connection is at its provider: asked in the background when one was made or renewed, and by a test that
//! a person wants.
//!
//! The question is the `whoami` call of the connector's manifest, made through Nango's proxy. What an answer
//! changes is decided in the core, its words are in `failure::whoami`.

use std::sync::Arc;
use std::time::Duration;

use nango_client::{Error, ProxyBody, ProxyFailure, ProxyRequest, ReadConnection, RefreshMode};
use patchbay_core::connection::{Account, Connection, Finding, Health};
use patchbay_core::connector::{ConnectorManifest, Whoami};
use patchbay_core::id::InstanceId;
use patchbay_core::identity::read_account;
use patchbay_core::profile::{self, Scope, ScopeState};
use patchbay_ipc::{TestOutcome, TestReport};
use url::Url;

use crate::asked::BASE_URL;
use crate::driver::renewal::{is_pending, present_settings};
use crate::error::EngineError;
use crate::excerpt::excerpt;
use crate::failure::whoami;
use crate::profiles::Nango;
use crate::{Engine, failure};

/// Bytes of the answer that are read.
const LONGEST_ANSWER: usize = 256 * 1024;

/// How often it is asked in the background while the provider or Nango is not up to it.
const TRIES: u32 = 4;

/// Why nobody could be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotAsked {
    /// The connector has no such call, or there is no manifest.
    NoCall,
    /// The connection is to a server of its own, and nobody has said where that answers.
    OwnServer,
    /// An administrator at the provider has not approved it yet.
    AwaitsApproval,
    /// The key may not call services.
    NoScope,
}

/// What was answered, by the provider or by Nango in its place.
#[derive(Debug)]
pub(crate) enum Answer {
    /// This account.
    Account(Account),
    /// A success that names no account. Some services put their errors into one.
    NoAccount { status: u16, excerpt: Option<String> },
    /// The provider's own error.
    Status { status: u16, excerpt: Option<String> },
    /// Nango could not pass the call on. Never [`ProxyFailure::Nango`].
    Failure(ProxyFailure),
}

impl Answer {
    /// Whether Nango has not got fresh credentials.
    fn is_unrenewed(&self) -> bool {
        matches!(self, Answer::Failure(ProxyFailure::BrokenCredentials { .. } | ProxyFailure::BackingOff))
    }

    /// Whether asking again soon may give another answer.
    fn is_passing(&self) -> bool {
        match self {
            Answer::Status { status, .. } => *status == 429 || *status >= 500,
            Answer::Failure(failure) => {
                matches!(failure, ProxyFailure::BackingOff | ProxyFailure::ProviderUnreachable { .. })
            }
            Answer::Account(_) | Answer::NoAccount { .. } => false,
        }
    }
}

/// The question, ready to be asked.
struct Question<'a> {
    whoami: &'a Whoami,
    base_url: Option<Url>,
}

impl Question<'_> {
    /// The call as a person reads it: `GET /user`.
    fn words(&self) -> String {
        let base = self.base_url.as_ref().map_or("", |url| url.as_str().trim_end_matches('/'));
        format!("{} {base}{}", self.whoami.method.name(), self.whoami.path)
    }

    fn request(&self, connection: &Connection, timeout: Duration) -> Result<ProxyRequest, EngineError> {
        let (path, query) = self.whoami.path.split_once('?').unwrap_or((&self.whoami.path, ""));
        let body = self.whoami.body.as_ref().map(|text| ProxyBody {
            bytes: text.clone().into(),
            content_type: "application/json".to_owned(),
        });
        let method = self.whoami.method.name();
        Ok(ProxyRequest {
            method: method.parse().map_err(|_| EngineError::Manifest(format!("{method} is no method")))?,
            path: path.to_owned(),
            query: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            connection_id: connection.connection_id.to_string(),
            integration: connection.integration.to_string(),
            headers: self.whoami.headers.clone().into_iter().collect(),
            body,
            base_url_override: self.base_url.clone(),
            retries: 0,
            timeout,
            response_limit: LONGEST_ANSWER,
        })
    }
}

impl Engine {
    /// Asks in the background whose account a connection is that was just made or renewed. What cannot be
    /// learnt stays unknown until a test.
    pub(crate) fn learn_account(&self, nango: &Nango, instance: InstanceId) {
        let (engine, nango) = (self.clone(), nango.clone());
        self.spawn(async move {
            let mut pause = engine.0.timings.look_first;
            for _ in 0..TRIES {
                match engine.learn_now(&nango, instance).await {
                    Ok(true) => return,
                    Ok(false) => {}
                    Err(error) => tracing::info!(%instance, ?error, "an account could not be asked for"),
                }
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
        });
    }

    /// Whether the answer settles it.
    async fn learn_now(&self, nango: &Nango, instance: InstanceId) -> Result<bool, EngineError> {
        let connection = match self.0.store.connection(nango.profile.id, instance).await {
            Err(patchbay_store::StoreError::NotFound) => return Ok(true),
            connection => connection?,
        };
        if connection.awaits_approval {
            return Ok(true);
        }
        let Ok(question) = self.question(nango, &connection).await? else { return Ok(true) };
        let asked_at = self.now();
        let Ok(answer) = self.ask(nango, &connection, &question).await? else { return Ok(true) };
        let name = self.name_of(&connection);
        match whoami::finding(&answer, &name) {
            // What does not work once is no news: nobody has asked for it to be tried.
            Finding::Nothing | Finding::Failed(_) => {}
            finding => {
                let now = self.now();
                let decide = move |connection: &Connection| {
                    // A slow answer may be that of the credentials before a reconnect.
                    let is_old = connection.health_learnt_at.is_some_and(|learnt_at| learnt_at > asked_at);
                    (!is_old).then(|| connection.after(finding, now))
                };
                self.0.store.change_connection(nango.profile.id, instance, name, now, decide).await?;
                self.connections_changed();
            }
        }
        Ok(!answer.is_passing())
    }

    /// Tries a connection out, because a person wants to know.
    pub(crate) async fn test_connection(&self, instance: InstanceId) -> Result<TestReport, EngineError> {
        self.test_at(&self.active_nango().await?, instance).await
    }

    /// The same at a certain server.
    pub(crate) async fn test_at(
        &self,
        nango: &Nango,
        instance: InstanceId,
    ) -> Result<TestReport, EngineError> {
        let connection = self.0.store.connection(nango.profile.id, instance).await?;
        if connection.health == Health::Disconnecting {
            return Err(EngineError::BeingDisconnected);
        }
        let name = self.name_of(&connection);
        let Some(connection) = self.unless_pending(nango, &connection).await? else {
            return Ok(self.untested(connection, NotAsked::AwaitsApproval, &name));
        };
        let question = match self.question(nango, &connection).await? {
            Ok(question) => question,
            Err(reason) => return Ok(self.untested(connection, reason, &name)),
        };
        let mut asked = self.ask(nango, &connection, &question).await?;
        // A revoked grant and a provider that is down look the same to Nango, and after one failure it tries no
        // renewal for a while. Where the key allows it, it is told to try now.
        if asked.as_ref().is_ok_and(Answer::is_unrenewed) && self.renews(nango, &connection).await? {
            asked = self.ask(nango, &connection, &question).await?;
        }
        let answer = match asked {
            Ok(answer) => answer,
            Err(reason) => return Ok(self.untested(connection, reason, &name)),
        };
        let now = self.now();
        let finding = whoami::finding(&answer, &name);
        let answered = whoami::answered(&answer);
        let told = Arc::new(answer);
        let decide = {
            let (told, name) = (Arc::clone(&told), name.clone());
            move |connection: &Connection| {
                let change = connection.after(finding, now);
                let (_, sentence) = whoami::report(&told, &name, &change.connection);
                Some(change.by_test(now, sentence))
            }
        };
        let changed = self.0.store.change_connection(nango.profile.id, instance, name.clone(), now, decide);
        let connection = changed.await?.unwrap_or(connection);
        self.connections_changed();
        let (outcome, sentence) = whoami::report(&told, &name, &connection);
        Ok(TestReport {
            outcome,
            sentence,
            asked: Some(question.words()),
            answered,
            connection: self.connection_view(connection),
        })
    }

    /// Whether the credentials could be renewed at this moment. A key that may not read credentials cannot ask for
    /// it, and should not be able to.
    async fn renews(&self, nango: &Nango, connection: &Connection) -> Result<bool, EngineError> {
        let check = nango.profile.check.as_ref();
        if check.is_none_or(|check| check.state(Scope::ConnectionsReadCredentials) != ScopeState::Granted) {
            return Ok(false);
        }
        let (id, integration) = (connection.connection_id.as_str(), connection.integration.as_str());
        match self.call(nango, nango.client.connection(id, integration, RefreshMode::Force)).await {
            Ok(read) => Ok(matches!(read, ReadConnection::Found(_))),
            // The scopes may be others by now; what was answered before stands.
            Err(EngineError::Nango(Error::MissingScope { .. } | Error::NotFound { .. })) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn untested(&self, connection: Connection, reason: NotAsked, name: &str) -> TestReport {
        TestReport {
            outcome: TestOutcome::CannotBeTested,
            sentence: failure::whoami::not_asked(reason, name),
            asked: None,
            answered: None,
            connection: self.connection_view(connection),
        }
    }

    /// The connection, once Nango says that it does not wait for an approval (any more).
    async fn unless_pending(
        &self,
        nango: &Nango,
        connection: &Connection,
    ) -> Result<Option<Connection>, EngineError> {
        if !connection.awaits_approval {
            return Ok(Some(connection.clone()));
        }
        let present = present_settings(self, nango, &connection.integration, &connection.connection_id);
        match present.await {
            Ok(present) if is_pending(&present) => return Ok(None),
            Ok(_) => {}
            // The question itself finds that out, and says it.
            Err(EngineError::ConnectionGone) => return Ok(Some(connection.clone())),
            Err(error) => return Err(error),
        }
        let (profile, instance, name) = (connection.profile, connection.instance, self.name_of(connection));
        let changed =
            self.0.store.change_connection(profile, instance, name, self.now(), Connection::approved);
        let approved = changed.await?;
        self.connections_changed();
        Ok(Some(approved.unwrap_or_else(|| connection.clone())))
    }

    /// Where the connection's own server answers: as it was entered here, or as Nango keeps it.
    async fn own_server(&self, nango: &Nango, connection: &Connection) -> Result<Option<Url>, EngineError> {
        // Where Nango got it from is not known here: nothing but a plain address is called.
        let plain = |text: &str| profile::server_url(text).ok();
        match &connection.base_url {
            Some(text) => Ok(plain(text)),
            None => {
                let (integration, id) = (&connection.integration, &connection.connection_id);
                let present = match present_settings(self, nango, integration, id).await {
                    Ok(present) => present,
                    Err(EngineError::ConnectionGone) => {
                        self.mark_gone(connection.profile, connection.instance).await?;
                        return Err(EngineError::ConnectionGone);
                    }
                    Err(EngineError::Nango(Error::MissingScope { .. })) => return Ok(None),
                    Err(error) => return Err(error),
                };
                let kept = present.connection_config.get(BASE_URL).and_then(|url| url.as_str());
                let Some(url) = kept.and_then(plain) else { return Ok(None) };
                let (profile, instance, name) =
                    (connection.profile, connection.instance, self.name_of(connection));
                let text = url.to_string();
                let decide = move |connection: &Connection| connection.with_base_url(text);
                self.0.store.change_connection(profile, instance, name, self.now(), decide).await?;
                Ok(Some(url))
            }
        }
    }

    async fn question(
        &self,
        nango: &Nango,
        connection: &Connection,
    ) -> Result<Result<Question<'_>, NotAsked>, EngineError> {
        let manifest = connection.connector.as_ref().and_then(|slug| self.0.catalog.get(slug));
        let Some((manifest, whoami)) =
            manifest.and_then(|manifest| Some((manifest, manifest.whoami.as_ref()?)))
        else {
            return Ok(Err(NotAsked::NoCall));
        };
        let check = nango.profile.check.as_ref();
        if check.is_some_and(|check| check.state(Scope::Proxy) == ScopeState::Missing) {
            return Ok(Err(NotAsked::NoScope));
        }
        let mut base_url = base_url(manifest, whoami)?;
        if base_url.is_none() && manifest.base_url_per_connection {
            base_url = self.own_server(nango, connection).await?;
            if base_url.is_none() {
                return Ok(Err(NotAsked::OwnServer));
            }
        }
        Ok(Ok(Question { whoami, base_url }))
    }

    /// The inner error is a reason why the connection cannot be asked for; the outer one says nothing of it.
    async fn ask(
        &self,
        nango: &Nango,
        connection: &Connection,
        question: &Question<'_>,
    ) -> Result<Result<Answer, NotAsked>, EngineError> {
        let answer =
            match self.call_provider(nango, question.request(connection, self.0.timings.provider)?).await {
                Ok(answer) => answer,
                Err(ProxyFailure::Nango(Error::MissingScope { .. })) => return Ok(Err(NotAsked::NoScope)),
                Err(ProxyFailure::Nango(error)) => return Err(EngineError::Nango(error)),
                Err(failure) => return Ok(Ok(Answer::Failure(failure))),
            };
        let status = answer.status;
        let said = || excerpt(&answer.body);
        Ok(Ok(match status {
            200..300 => {
                let json = serde_json::from_slice(&answer.body).ok();
                match json.and_then(|json| read_account(question.whoami, &json)) {
                    Some(account) => Answer::Account(account),
                    None => Answer::NoAccount { status, excerpt: said() },
                }
            }
            _ => Answer::Status { status, excerpt: said() },
        }))
    }
}

fn base_url(manifest: &ConnectorManifest, whoami: &Whoami) -> Result<Option<Url>, EngineError> {
    let base = manifest.base_url_override_for(whoami.base_url.as_deref());
    let wrong = |_| EngineError::Manifest(format!("{}: the base of whoami is no address", manifest.slug));
    base.map(Url::parse).transpose().map_err(wrong)
}
