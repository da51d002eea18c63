//! Finds out what a key may do, since nothing in Nango's API tells.
//!
//! Each probe is a request that is refused after the scope has been checked and before anything is
//! done, so nothing is created, changed, renewed or shown. That works because the server checks the
//! scope in front of every handler (read: its public routes put the scope check before the handler,
//! and each handler validates its input first), so a key without the scope gets a 403 naming it and
//! any other answer means that the key has it.

use std::collections::BTreeMap;

use reqwest::Method;
use reqwest::header::CONTENT_LENGTH;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use crate::body::Answer;
use crate::call::Call;
use crate::client::Client;
use crate::error::Error;
use crate::rejection;

/// An id that belongs to no connection and no integration.
const NOBODY: &str = "patchbay-scope-probe";

/// The scopes Patchbay needs or can use, and some it is better off without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// To connect and reconnect.
    ConnectSessionsWrite,
    /// To find connections by tag and to sync. Optional.
    ConnectionsList,
    /// To look at one connection.
    ConnectionsRead,
    /// To change tags and metadata.
    ConnectionsUpdate,
    /// To disconnect.
    ConnectionsDelete,
    /// To know what can be connected.
    IntegrationsList,
    /// To call providers.
    Proxy,
    /// To set up what the server does not offer yet. Optional.
    IntegrationsCreate,
    /// Over-powerful: shows tokens. Allows a forced renewal.
    ConnectionsReadCredentials,
    /// Over-powerful: shows the secrets of developer applications.
    IntegrationsReadCredentials,
    /// Over-powerful: an integration's deletion takes all its connections along.
    IntegrationsDelete,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::ConnectSessionsWrite,
        Self::ConnectionsList,
        Self::ConnectionsRead,
        Self::ConnectionsUpdate,
        Self::ConnectionsDelete,
        Self::IntegrationsList,
        Self::Proxy,
        Self::IntegrationsCreate,
        Self::ConnectionsReadCredentials,
        Self::IntegrationsReadCredentials,
        Self::IntegrationsDelete,
    ];

    /// Nango's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ConnectSessionsWrite => "environment:connect_sessions:write",
            Self::ConnectionsList => "environment:connections:list",
            Self::ConnectionsRead => "environment:connections:read",
            Self::ConnectionsUpdate => "environment:connections:update",
            Self::ConnectionsDelete => "environment:connections:delete",
            Self::IntegrationsList => "environment:integrations:list",
            Self::Proxy => "environment:proxy",
            Self::ConnectionsReadCredentials => "environment:connections:read_credentials",
            Self::IntegrationsReadCredentials => "environment:integrations:read_credentials",
            Self::IntegrationsCreate => "environment:integrations:create",
            Self::IntegrationsDelete => "environment:integrations:delete",
        }
    }
}

/// Whether a key has a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScopeState {
    /// It has.
    Granted,
    /// It has not.
    Missing,
    /// It could not be told.
    Unknown,
}

/// Whether the server accepts the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyState {
    /// It does.
    Accepted,
    /// It does not, with Nango's code.
    Refused(String),
    /// The server was not asked or did not say.
    Unknown,
}

/// What a key can do at a server.
#[derive(Debug)]
pub struct Probe {
    /// Whether a healthy Nango answers at the base URL, also to what is asked with the key; otherwise why not.
    /// The key is sent only to a healthy one.
    pub reachable: Result<(), Error>,
    /// Whether it accepts the key.
    pub key: KeyState,
    /// Every scope of [`Scope::ALL`].
    pub scopes: BTreeMap<Scope, ScopeState>,
    /// The first answer that said nothing of the key.
    unclear: Option<Error>,
}

impl Probe {
    fn new(reachable: Result<(), Error>) -> Self {
        let scopes = Scope::ALL.into_iter().map(|scope| (scope, ScopeState::Unknown)).collect();
        Self { reachable, key: KeyState::Unknown, scopes, unclear: None }
    }

    /// The state of one scope.
    #[must_use]
    pub fn scope(&self, scope: Scope) -> ScopeState {
        self.scopes.get(&scope).copied().unwrap_or(ScopeState::Unknown)
    }

    /// Enters the answer to a probe for one scope. Nothing, when asking on is pointless.
    fn note(&mut self, scope: Scope, answer: Result<Answer, Error>) -> Option<()> {
        let state = match self.refusal(answer)? {
            Refusal::Scope(_) => ScopeState::Missing,
            Refusal::Input => ScopeState::Granted,
            Refusal::Unclear => return Some(()),
        };
        self.scopes.insert(scope, state);
        Some(())
    }

    /// The same for the probe that tells about reading and about reading credentials.
    fn note_reading(&mut self, answer: Result<Answer, Error>) -> Option<()> {
        let (read, credentials) = match self.refusal(answer)? {
            Refusal::Input => (ScopeState::Granted, ScopeState::Granted),
            Refusal::Scope(required)
                if required.iter().any(|scope| scope == Scope::ConnectionsRead.as_str()) =>
            {
                (ScopeState::Missing, ScopeState::Missing)
            }
            Refusal::Scope(_) => (ScopeState::Granted, ScopeState::Missing),
            Refusal::Unclear => return Some(()),
        };
        self.scopes.insert(Scope::ConnectionsRead, read);
        self.scopes.insert(Scope::ConnectionsReadCredentials, credentials);
        Some(())
    }

    /// What an answer says, noting what it means for server and key. Nothing, when asking on is pointless: the
    /// key was refused, or the server, which was healthy a moment ago, does not let itself be asked. Each
    /// further question would only wait for its own time limit.
    fn refusal(&mut self, answer: Result<Answer, Error>) -> Option<Refusal> {
        let cannot_be_asked = matches!(answer, Err(Error::Transport { .. } | Error::RateLimited { .. }));
        let error = match answer {
            // A page that stands in between answers with a success too.
            Ok(answer) if answer.is_success() => match answer.json::<IgnoredAny>() {
                Ok(_) => return self.accepted(Refusal::Input),
                Err(error) => error,
            },
            Ok(answer) => rejection::error_of(&answer),
            Err(error) => error,
        };
        match error {
            Error::Unauthorized { code } => {
                self.key = KeyState::Refused(code);
                None
            }
            Error::MissingScope { required } => self.accepted(Refusal::Scope(required)),
            Error::Rejected { status: 400 | 404, .. } => self.accepted(Refusal::Input),
            error => {
                // The first thing that goes wrong is the reason; what follows follows from it.
                let first = self.unclear.take().unwrap_or(error);
                if cannot_be_asked {
                    self.reachable = Err(first);
                    return None;
                }
                self.unclear = Some(first);
                Some(Refusal::Unclear)
            }
        }
    }

    fn accepted(&mut self, refusal: Refusal) -> Option<Refusal> {
        self.key = KeyState::Accepted;
        Some(refusal)
    }
}

/// What an answer to a probe says.
enum Refusal {
    /// The scope is lacking; which ones would do.
    Scope(Vec<String>),
    /// The scope was enough, the input was not (or even that was).
    Input,
    /// Neither: overload, a page, a fault.
    Unclear,
}

impl Client {
    /// Probes server, key and scopes with at most twelve calls, one after the other. Harmless: see each
    /// call. Probes that fail leave their scope unknown.
    pub async fn probe(&self) -> Probe {
        // 1. Without the key, so that a wrong address does not get to see it.
        let mut probe = Probe::new(self.health().await);
        if probe.reachable.is_ok() {
            self.probe_key(&mut probe).await;
            if let (KeyState::Unknown, Some(error)) = (&probe.key, probe.unclear.take()) {
                probe.reachable = Err(error);
            }
        }
        probe
    }

    /// Asks with the key, until that is pointless.
    async fn probe_key(&self, probe: &mut Probe) -> Option<()> {
        // 2. Reads what any user of the key sees anyway, and gives an integration to ask about below.
        let integrations = self.probe_call(Method::GET, &["integrations"], |call| call).await;
        let unique_key = integrations.as_ref().ok().and_then(first_integration);
        probe.note(Scope::IntegrationsList, integrations)?;
        // 3. A page has at least one row, so this lists nothing.
        let answer = self.probe_call(Method::GET, &["connections"], |call| call.query("limit", "0")).await;
        probe.note(Scope::ConnectionsList, answer)?;
        // 4. Of a connection and an integration that do not exist. The wish to renew is checked before
        //    the look-up (read) and has a refusal of its own, so one call tells two scopes.
        let wish = |call: Call<'static>| {
            call.query("provider_config_key", NOBODY).query("force_refresh", "true").once()
        };
        let answer = self.probe_call(Method::GET, &["connections", NOBODY], wish).await;
        probe.note_reading(answer)?;
        // 5. Names no connection.
        let empty = |call: Call<'static>| call.json(&json!({}));
        let answer = self.probe_call(Method::PATCH, &["connections", "metadata"], empty).await;
        probe.note(Scope::ConnectionsUpdate, answer)?;
        // 6. Lacks the required integration, and the connection does not exist.
        let answer = self.probe_call(Method::DELETE, &["connections", NOBODY], |call| call).await;
        probe.note(Scope::ConnectionsDelete, answer)?;
        // 7. Lacks both end user and tags.
        let answer = self.probe_call(Method::POST, &["connect", "sessions"], empty).await;
        probe.note(Scope::ConnectSessionsWrite, answer)?;
        // 8. Names no connection, so no provider is called.
        let answer = self.probe_call(Method::GET, &["proxy", NOBODY], Call::once).await;
        probe.note(Scope::Proxy, answer)?;
        // 9. Names neither provider nor key.
        let answer = self.probe_call(Method::POST, &["integrations"], empty).await;
        probe.note(Scope::IntegrationsCreate, answer);
        // 10. Of an integration that does not exist.
        let answer = self.probe_call(Method::DELETE, &["integrations", NOBODY], |call| call).await;
        probe.note(Scope::IntegrationsDelete, answer);
        if let Some(key) = unique_key
            && let Ok(state) = self.reads_integration_credentials(&key).await
        {
            probe.scopes.insert(Scope::IntegrationsReadCredentials, state);
        }
        Some(())
    }

    async fn probe_call(
        &self,
        method: Method,
        segments: &[&str],
        fill: impl FnOnce(Call<'static>) -> Call<'static>,
    ) -> Result<Answer, Error> {
        self.answer(fill(Call::new(method, self.url(segments)?))).await
    }

    /// A key that may read integrations but not their credentials gets no error for wishing to see
    /// them, only an answer without them, so the answer's length tells. Calls 11 and 12 are HEAD
    /// requests, without and with the wish: no secret travels. A key that is refused already without
    /// the wish may read neither.
    async fn reads_integration_credentials(&self, unique_key: &str) -> Result<ScopeState, Error> {
        let path = ["integrations", unique_key];
        let plain = self.probe_call(Method::HEAD, &path, |call| call).await?;
        if plain.status == 403 {
            return Ok(ScopeState::Missing);
        }
        let wish = |call: Call<'static>| call.query("include", "credentials");
        let wished = self.probe_call(Method::HEAD, &path, wish).await?;
        if !plain.is_success() || !wished.is_success() {
            return Ok(ScopeState::Unknown);
        }
        let length = |answer: &Answer| answer.header(CONTENT_LENGTH.as_str())?.parse::<u64>().ok();
        Ok(match (length(&plain), length(&wished)) {
            (Some(plain), Some(wished)) if wished > plain => ScopeState::Granted,
            (Some(plain), Some(wished)) if wished == plain => ScopeState::Missing,
            _ => ScopeState::Unknown,
        })
    }
}

fn first_integration(answer: &Answer) -> Option<String> {
    let list: Value = answer.json().ok()?;
    Some(list.get("data")?.get(0)?.get("unique_key")?.as_str()?.to_owned())
}
