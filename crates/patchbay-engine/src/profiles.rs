//! Profiles: which Nango, as whom, with which key; and the gate every call to Nango passes.

use std::fmt;
use std::sync::PoisonError;

use jiff::Timestamp;
use nango_client::{Client, Configuration, KeyState, Probe};
use patchbay_core::id::ProfileId;
use patchbay_core::profile::{self, CheckedScopes, Profile, ProfileKind, Scope, ScopeState};
use patchbay_ipc::{CheckReport, KeyPresence, KeyringState, NetworkView, Overview, SaveProfile, Topic};
use patchbay_secrets::EntryName;
use patchbay_store::{Setting, StoreError};
use patchbay_texts::mark;
use secrecy::SecretString;
use url::Url;
use uuid::Uuid;

use crate::error::EngineError;
use crate::{Engine, failure, view};

/// What the environment overrides for this run. It holds for profiles of a real Nango, not for the sandbox.
#[derive(Default)]
pub struct Overrides {
    /// `NANGO_BASE_URL`, if it is an address.
    pub(crate) server_url: Option<Url>,
    /// `NANGO_BASE_URL` is set but is not an address, and therefore ignored.
    pub(crate) server_url_ignored: bool,
    /// `NANGO_SECRET_KEY`.
    pub(crate) key: Option<SecretString>,
    /// `NANGO_ENABLED`.
    pub(crate) enabled: Option<bool>,
}

impl Overrides {
    /// Reads the three variables through `read`.
    #[must_use]
    pub fn from_environment(read: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| read(name).filter(|value| !value.trim().is_empty());
        let server_url = set("NANGO_BASE_URL").map(|text| profile::server_url(&text));
        Self {
            server_url_ignored: matches!(server_url, Some(Err(_))),
            server_url: server_url.and_then(Result::ok),
            key: set("NANGO_SECRET_KEY").map(|key| SecretString::from(key.trim())),
            enabled: match set("NANGO_ENABLED").as_deref().map(str::trim) {
                Some("false" | "0" | "no" | "off") => Some(false),
                Some("true" | "1" | "yes" | "on") => Some(true),
                _ => None,
            },
        }
    }
}

impl fmt::Debug for Overrides {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Overrides")
            .field("server_url", &self.server_url.as_ref().map(Url::as_str))
            .field("has_key", &self.key.is_some())
            .field("enabled", &self.enabled)
            .finish()
    }
}

/// A profile with the way to its server. Who holds one has passed the gate.
#[derive(Clone)]
pub(crate) struct Nango {
    pub(crate) profile: Profile,
    pub(crate) client: Client,
}

impl Nango {
    /// Whether connections can be listed; true until the server has said otherwise.
    pub(crate) fn can_list(&self) -> bool {
        self.profile
            .check
            .as_ref()
            .is_none_or(|check| check.state(Scope::ConnectionsList) != ScopeState::Missing)
    }
}

impl Engine {
    /// The active profile, as this run sees it; nothing on the first run.
    pub(crate) async fn active_profile(&self) -> Result<Option<Profile>, EngineError> {
        let Some(id) = self.0.store.setting(Setting::ActiveProfile).await? else {
            return Ok(None);
        };
        let Ok(id) = id.parse::<ProfileId>() else { return Ok(None) };
        Ok(self.0.store.profile(id).await?.map(|profile| self.overridden(profile)))
    }

    /// The active profile, which most of what one can ask for needs.
    pub(crate) async fn require_profile(&self) -> Result<Profile, EngineError> {
        self.active_profile().await?.ok_or(EngineError::NoProfile)
    }

    /// The active profile with the way to its server.
    pub(crate) async fn active_nango(&self) -> Result<Nango, EngineError> {
        let profile = self.require_profile().await?;
        self.nango(profile).await
    }

    /// The way to a profile's server, if the network may be used and there is a key.
    pub(crate) async fn nango_of(&self, id: ProfileId) -> Result<Nango, EngineError> {
        let profile = self.0.store.profile(id).await?.ok_or(EngineError::NotFound(mark!("profile")))?;
        self.nango(self.overridden(profile)).await
    }

    async fn nango(&self, mut profile: Profile) -> Result<Nango, EngineError> {
        if !profile.enabled {
            let by_environment = self.0.overrides.enabled == Some(false);
            return Err(EngineError::Disabled { by_environment });
        }
        let mut clients = self.0.clients.lock().await;
        if profile.kind == ProfileKind::Sandbox {
            let key = self.stored_key(profile.id).await?.ok_or(EngineError::NoKey)?;
            profile.server_url = self.0.sandbox.start(&key).await?;
        }
        if let Some(client) = clients.get(&profile.id) {
            return Ok(Nango { profile, client: client.clone() });
        }
        let key = match (&self.0.overrides.key, profile.kind) {
            (Some(key), ProfileKind::Nango) => key.clone(),
            _ => self.stored_key(profile.id).await?.ok_or(EngineError::NoKey)?,
        };
        let client = self.client(profile.server_url.clone(), key)?;
        clients.insert(profile.id, client.clone());
        Ok(Nango { profile, client })
    }

    fn client(&self, base_url: Url, key: SecretString) -> Result<Client, EngineError> {
        Client::new(Configuration { base_url, key, limits: self.0.timings.limits.clone() })
            .map_err(EngineError::Nango)
    }

    async fn stored_key(&self, profile: ProfileId) -> Result<Option<SecretString>, EngineError> {
        let key = self.0.vault.get(EntryName::api_key(profile)).await;
        let presence = match &key {
            Ok(Some(_)) => KeyPresence::Stored,
            Ok(None) => KeyPresence::Missing,
            Err(_) => KeyPresence::Unreadable,
        };
        if self.know_key(profile, presence) {
            self.stale([Topic::Overview, Topic::Diagnostics]);
        }
        Ok(key?)
    }

    fn overridden(&self, mut profile: Profile) -> Profile {
        let overrides = &self.0.overrides;
        if let (ProfileKind::Nango, Some(url)) = (profile.kind, &overrides.server_url) {
            profile.server_url = url.clone();
        }
        if let Some(enabled) = overrides.enabled {
            profile.enabled = enabled;
        }
        profile
    }

    /// What the window's frame shows.
    pub(crate) async fn overview(&self) -> Result<Overview, EngineError> {
        let profiles = self.0.store.profiles().await?;
        let active = self.active_profile().await?;
        let mut counts = (0, 0);
        let mut open_attempts = Vec::new();
        if let Some(profile) = &active {
            for count in self.0.store.connection_counts(profile.id).await? {
                counts.0 += count.count;
                counts.1 += if view::needs_attention(&count) { count.count } else { 0 };
            }
            open_attempts =
                self.0.store.open_attempts(profile.id).await?.into_iter().map(|attempt| attempt.id).collect();
        }
        let network = match &active {
            Some(profile) if !profile.enabled => {
                NetworkView::Disabled { by_environment: self.0.overrides.enabled == Some(false) }
            }
            Some(profile) => match self.0.network.outage() {
                Some(outage) if outage.profile == profile.id => {
                    NetworkView::Offline { since: outage.since, reason: outage.reason }
                }
                _ => NetworkView::Online,
            },
            None => NetworkView::Online,
        };
        let profile = active.map(|profile| {
            let key = self.key_presence(&profile);
            view::profile(profile, key, &self.0.overrides)
        });
        Ok(Overview {
            version: self.0.places.version.clone(),
            profile,
            profiles: profiles.iter().map(view::profile_summary).collect(),
            network,
            keyring: self.keyring_view(),
            deep_link: self.deep_link_view(),
            appearance: self.appearance().await?,
            language: patchbay_texts::language(),
            chosen_language: self.chosen_language().await?,
            open_attempts,
            connections: counts.0,
            connections_needing_attention: counts.1,
            recovery: self.recovery().await?,
        })
    }

    /// Whether there is a key, as far as is known: the window's frame never waits for the keyring, which may
    /// be waiting for a person. What is not known yet is found out meanwhile.
    fn key_presence(&self, profile: &Profile) -> KeyPresence {
        if self.0.overrides.key.is_some() && profile.kind == ProfileKind::Nango {
            return KeyPresence::FromEnvironment;
        }
        let known = self.0.keys.lock().unwrap_or_else(PoisonError::into_inner).get(&profile.id).copied();
        known.unwrap_or_else(|| {
            let (engine, id) = (self.clone(), profile.id);
            self.know_key(id, KeyPresence::Stored);
            self.spawn(async move { drop(engine.stored_key(id).await) });
            KeyPresence::Stored
        })
    }

    fn know_key(&self, profile: ProfileId, presence: KeyPresence) -> bool {
        let mut keys = self.0.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.insert(profile, presence) != Some(presence)
    }

    /// Saves a profile's settings after asking the server, see [`SaveProfile`].
    pub(crate) async fn save_profile(&self, request: SaveProfile) -> Result<Overview, EngineError> {
        let existing = match request.profile {
            Some(id) => Some(self.0.store.profile(id).await?.ok_or(EngineError::NotFound(mark!("profile")))?),
            None => None,
        };
        let is_sandbox = existing.as_ref().is_some_and(|profile| profile.kind == ProfileKind::Sandbox);
        let typed_key = request.api_key.as_ref().map(|key| key.expose().trim()).filter(|key| !key.is_empty());
        let mut profile = Profile {
            id: existing.as_ref().map_or_else(|| Uuid::new_v4().into(), |profile| profile.id),
            kind: existing.as_ref().map_or(ProfileKind::Nango, |profile| profile.kind),
            server_url: profile::server_url(&request.server_url)?,
            user_id: profile::user_id(&request.user_id)?,
            user_name: Some(request.user_name.trim().to_owned()).filter(|name| !name.is_empty()),
            bridge_url: profile::bridge_url(&request.bridge_url)?,
            enabled: request.enabled,
            check: None,
            last_synced_at: existing.as_ref().and_then(|profile| profile.last_synced_at),
            created_at: existing.as_ref().map_or_else(|| self.now(), |profile| profile.created_at),
        };
        if let (true, Some(existing)) = (is_sandbox, &existing) {
            // The sandbox is its own server with its own key.
            profile.server_url = existing.server_url.clone();
            profile.check = existing.check.clone();
            return self.store_profile(profile, None).await;
        }
        let new_key = typed_key.map(profile::api_key).transpose()?.map(SecretString::from);
        if profile.enabled && self.0.overrides.enabled != Some(false) {
            let key = match (&new_key, &self.0.overrides.key) {
                (Some(key), _) | (None, Some(key)) => key.clone(),
                (None, None) => self.stored_key(profile.id).await?.ok_or(EngineError::NoKey)?,
            };
            let client = self.client(profile.server_url.clone(), key)?;
            profile.check = self.judged(client.probe().await, request.accept_problems)?;
        } else if new_key.is_none() && existing.is_none() && self.0.overrides.key.is_none() {
            return Err(EngineError::NoKey);
        }
        self.store_profile(profile, new_key).await
    }

    /// What a probe means for saving: nothing is saved when the server refuses.
    fn judged(&self, probe: Probe, accept_problems: bool) -> Result<Option<CheckedScopes>, EngineError> {
        if let Err(error) = probe.reachable {
            return if accept_problems { Ok(None) } else { Err(EngineError::Nango(error)) };
        }
        let check = checked(&probe, self.now())?;
        let may_connect = check.state(Scope::ConnectSessionsWrite) != ScopeState::Missing;
        if !may_connect && !accept_problems {
            return Err(EngineError::MissingScopes(check.missing()));
        }
        Ok(Some(check))
    }

    /// The key first: a row without its key would be a profile that cannot work, a key without a row is
    /// nothing.
    async fn store_profile(
        &self,
        profile: Profile,
        new_key: Option<SecretString>,
    ) -> Result<Overview, EngineError> {
        let id = profile.id;
        let entry = EntryName::api_key(id);
        if let Some(key) = new_key {
            let before = self.0.vault.get(entry.clone()).await?;
            self.0.vault.set(entry.clone(), key).await?;
            if let Err(error) = self.0.store.save_profile(profile).await {
                let undone = match before {
                    Some(before) => self.0.vault.set(entry, before).await,
                    None => self.0.vault.delete(entry).await,
                };
                if undone.is_err() {
                    tracing::warn!(profile = %id, "the keyring did not take back a key that was not saved");
                }
                return Err(error.into());
            }
        } else {
            self.0.store.save_profile(profile).await?;
        }
        self.profile_changed(id).await;
        self.overview().await
    }

    /// Another server, key or profile is in use: nothing learnt before holds.
    async fn profile_changed(&self, profile: ProfileId) {
        self.0.clients.lock().await.remove(&profile);
        self.0.keys.lock().unwrap_or_else(PoisonError::into_inner).remove(&profile);
        self.forget_outage();
        self.stale([
            Topic::Overview,
            Topic::Connectors,
            Topic::Connections,
            Topic::Attempts,
            Topic::Diagnostics,
            Topic::Workflows,
            Topic::Runs,
        ]);
        self.spawn({
            let engine = self.clone();
            async move {
                // What waited for this server, or for its key, can go on.
                if let Err(error) = engine.resume_attempts().await {
                    engine.notice_failure(failure::of(&error));
                }
                engine.retry_queued_disconnects().await;
                engine.refresh_quietly().await;
            }
        });
    }

    /// Asks the server again what the active profile's key may do.
    pub(crate) async fn check_profile(&self) -> Result<CheckReport, EngineError> {
        let nango = self.active_nango().await?;
        let probe = self.call(&nango, async { Ok(nango.client.probe().await) }).await?;
        if let Err(error) = probe.reachable {
            return Err(EngineError::Nango(error));
        }
        let check = checked(&probe, self.now())?;
        self.0.store.save_check(nango.profile.id, check.clone()).await?;
        self.stale([Topic::Overview]);
        Ok(view::check_report(&check, nango.profile.kind))
    }

    /// Starts the sandbox and makes its profile, or takes up the one there is.
    pub(crate) async fn try_without_account(&self) -> Result<Overview, EngineError> {
        let known = self.0.store.profiles().await?.into_iter().find(|p| p.kind == ProfileKind::Sandbox);
        let (mut profile, key) = match known {
            Some(profile) => {
                let key = self.stored_key(profile.id).await?;
                (profile, key)
            }
            None => (sandbox_profile(self.now())?, None),
        };
        let is_new = key.is_none();
        let key = key.unwrap_or_else(|| SecretString::from(Uuid::new_v4().to_string()));
        if is_new {
            self.0.vault.set(EntryName::api_key(profile.id), key.clone()).await?;
        }
        profile.server_url = self.0.sandbox.start(&key).await?;
        let client = self.client(profile.server_url.clone(), key)?;
        profile.check = self.judged(client.probe().await, true)?;
        self.store_profile(profile, None).await
    }

    /// Makes another profile the active one.
    pub(crate) async fn switch_profile(&self, id: ProfileId) -> Result<Overview, EngineError> {
        self.0.store.profile(id).await?.ok_or(EngineError::NotFound(mark!("profile")))?;
        self.0.store.set_setting(Setting::ActiveProfile, id.to_string()).await?;
        self.profile_changed(id).await;
        self.overview().await
    }

    /// Forgets a profile on this machine: open attempts, rows and keys. Nothing is deleted at Nango.
    pub(crate) async fn delete_profile(&self, id: ProfileId) -> Result<Overview, EngineError> {
        let profile = self.0.store.profile(id).await?.ok_or(EngineError::NotFound(mark!("profile")))?;
        for attempt in self.0.store.open_attempts(id).await? {
            self.abandon(attempt.id).await;
        }
        self.0.vault.delete(EntryName::api_key(id)).await?;
        self.0.store.delete_profile(id).await?;
        if profile.kind == ProfileKind::Sandbox {
            self.0.sandbox.forget().await;
        }
        let active = self.0.store.setting(Setting::ActiveProfile).await?;
        if active.is_none()
            && let Some(next) = self.0.store.profiles().await?.first()
        {
            self.0.store.set_setting(Setting::ActiveProfile, next.id.to_string()).await?;
        }
        self.profile_changed(id).await;
        self.overview().await
    }

    /// Keeps secrets in memory until the process ends.
    pub(crate) fn use_memory(&self) {
        self.0.vault.use_memory();
        self.stale([Topic::Overview, Topic::Diagnostics]);
    }

    /// Whether secrets can be kept at the moment.
    pub(crate) fn keyring_state(&self) -> KeyringState {
        self.0.vault.state()
    }
}

fn checked(probe: &Probe, now: Timestamp) -> Result<CheckedScopes, EngineError> {
    if let KeyState::Refused(code) = &probe.key {
        return Err(EngineError::Nango(nango_client::Error::Unauthorized { code: code.clone() }));
    }
    let scopes = Scope::ALL.into_iter().map(|scope| {
        let state = match probe.scope(wire_scope(scope)) {
            nango_client::ScopeState::Granted => ScopeState::Granted,
            nango_client::ScopeState::Missing => ScopeState::Missing,
            nango_client::ScopeState::Unknown => ScopeState::Unknown,
        };
        (scope, state)
    });
    Ok(CheckedScopes { checked_at: now, scopes: scopes.collect() })
}

fn wire_scope(scope: Scope) -> nango_client::Scope {
    match scope {
        Scope::ConnectSessionsWrite => nango_client::Scope::ConnectSessionsWrite,
        Scope::ConnectionsRead => nango_client::Scope::ConnectionsRead,
        Scope::ConnectionsUpdate => nango_client::Scope::ConnectionsUpdate,
        Scope::ConnectionsDelete => nango_client::Scope::ConnectionsDelete,
        Scope::IntegrationsList => nango_client::Scope::IntegrationsList,
        Scope::Proxy => nango_client::Scope::Proxy,
        Scope::ConnectionsList => nango_client::Scope::ConnectionsList,
        Scope::ConnectionsReadCredentials => nango_client::Scope::ConnectionsReadCredentials,
        Scope::IntegrationsReadCredentials => nango_client::Scope::IntegrationsReadCredentials,
        Scope::IntegrationsCreate => nango_client::Scope::IntegrationsCreate,
        Scope::IntegrationsDelete => nango_client::Scope::IntegrationsDelete,
    }
}

fn sandbox_profile(now: Timestamp) -> Result<Profile, EngineError> {
    Ok(Profile {
        id: Uuid::new_v4().into(),
        kind: ProfileKind::Sandbox,
        server_url: Url::parse("http://127.0.0.1/").map_err(|_| StoreError::Unreadable("server_url"))?,
        user_id: "sandbox-user".to_owned(),
        user_name: Some("You".to_owned()),
        bridge_url: None,
        enabled: true,
        check: None,
        last_synced_at: None,
        created_at: now,
    })
}
