//! What can be connected: the catalogue's manifests joined with what the server offers.

use std::collections::HashMap;

use include_dir::{Dir, include_dir};
use patchbay_core::catalog::Catalog;
use patchbay_core::connector::{ConnectorManifest, Operation};
use patchbay_core::id::{ConnectTarget, ConnectorSlug, IntegrationKey, ProfileId, ProviderKey};
use patchbay_core::label::default_label;
use patchbay_ipc::{
    Availability, ConnectionPlan, ConnectorList, ConnectorOperations, ConnectorView, Failure,
    GetConnectorOperations, IntegrationView, OperationList, OperationTitle, OperationsOf, PlanConnection,
    Topic,
};
use patchbay_store::{HealthCount, Integration, Offers};

use crate::error::EngineError;
use crate::profiles::Nango;
use crate::{Engine, failure, view};
use patchbay_texts::{mark, text};

static MANIFESTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../connectors");

/// The catalogue that is part of the application.
pub(crate) fn embedded() -> Result<Catalog, Failure> {
    let manifests = MANIFESTS.files().filter_map(|file| {
        let slug = file.path().file_stem()?.to_str()?;
        Some((slug, file.contents_utf8()?))
    });
    Catalog::from_manifests(manifests).map_err(|errors| {
        let first = errors.first().map(ToString::to_string).unwrap_or_default();
        failure::of(&EngineError::Manifest(first))
    })
}

/// How many connections there are of each target, and how many of them need attention.
pub(crate) struct Counted<'a>(HashMap<&'a ConnectTarget, (u32, u32)>);

impl<'a> Counted<'a> {
    pub(crate) fn of(counts: &'a [HealthCount]) -> Self {
        let mut counted = HashMap::new();
        for count in counts {
            let (connected, needing_attention) = counted.entry(&count.target).or_insert((0, 0));
            *connected += count.count;
            *needing_attention += if view::needs_attention(count) { count.count } else { 0 };
        }
        Self(counted)
    }

    pub(crate) fn of_target(&self, target: &ConnectTarget) -> (u32, u32) {
        self.0.get(target).copied().unwrap_or_default()
    }
}

impl Engine {
    /// Every connector, from this machine alone.
    pub(crate) async fn list_connectors(&self) -> Result<ConnectorList, EngineError> {
        let profile = self.require_profile().await?.id;
        let offers = self.0.store.offers(profile).await?;
        let counts = self.0.store.connection_counts(profile).await?;
        let counted = Counted::of(&counts);
        let connectors = self.0.catalog.iter().map(|manifest| {
            let (connected, needing_attention) =
                counted.of_target(&ConnectTarget::Connector(manifest.slug.clone()));
            ConnectorView {
                slug: manifest.slug.clone(),
                name: manifest.name.clone(),
                category: text(manifest.category.title()).to_owned(),
                description: manifest.description.clone(),
                icon: manifest.icon.clone(),
                keywords: manifest.keywords.clone(),
                provider: manifest.provider.clone(),
                note: manifest.note.clone(),
                auth_mode: manifest.auth_mode.clone(),
                availability: availability(&offers, &manifest.provider),
                connected,
                needing_attention,
            }
        });
        Ok(ConnectorList {
            connectors: connectors.collect(),
            offers_learnt_at: offers.learnt_at,
            problem: self.offers_problem(profile),
        })
    }

    /// The operations of one connector, with what each takes.
    pub(crate) fn connector_operations(
        &self,
        request: GetConnectorOperations,
    ) -> Result<ConnectorOperations, EngineError> {
        let operations = self.manifest(&request.connector)?.operations.clone();
        Ok(ConnectorOperations { connector: request.connector, operations })
    }

    /// Every operation there is, by name alone. Connectors without any are left out.
    pub(crate) fn list_operations(&self) -> OperationList {
        let with_operations = self.0.catalog.iter().filter(|manifest| !manifest.operations.is_empty());
        let connectors = with_operations.map(|manifest| OperationsOf {
            connector: manifest.slug.clone(),
            name: manifest.name.clone(),
            icon: manifest.icon.clone(),
            operations: manifest.operations.iter().map(title_of).collect(),
        });
        OperationList { connectors: connectors.collect() }
    }

    /// Reads the server's integrations again.
    pub(crate) async fn refresh_connectors(&self) -> Result<ConnectorList, EngineError> {
        let nango = self.active_nango().await?;
        let learnt = self.learn_offers(&nango).await;
        let problem = learnt.as_ref().err().map(failure::of);
        self.set_offers_problem(nango.profile.id, problem);
        learnt?;
        self.list_connectors().await
    }

    /// Learns what a new or changed profile's server has, without anybody waiting for it.
    pub(crate) async fn refresh_quietly(&self) {
        let Ok(nango) = self.active_nango().await else { return };
        let problem = self.learn_offers(&nango).await.err().map(|error| failure::of(&error));
        self.set_offers_problem(nango.profile.id, problem);
        if nango.can_list() && nango.profile.last_synced_at.is_none() {
            match self.sync().await {
                Ok(_) | Err(EngineError::SyncUnderWay | EngineError::SyncCancelled) => {}
                Err(error) => self.notice_failure(failure::of(&error)),
            }
        }
    }

    /// The integrations, and the catalogue they are made from if that has changed.
    async fn learn_offers(&self, nango: &Nango) -> Result<(), EngineError> {
        self.learn_integrations(nango).await?;
        self.learn_catalogue(nango).await
    }

    pub(crate) async fn learn_integrations(&self, nango: &Nango) -> Result<(), EngineError> {
        let integrations = self.call(nango, nango.client.integrations()).await?;
        let integrations = integrations.into_iter().map(|integration| Integration {
            display_name: integration
                .display_name
                .filter(|name| !name.trim().is_empty())
                .unwrap_or_else(|| integration.unique_key.clone()),
            key: integration.unique_key.into(),
            provider: integration.provider.into(),
            preconfigured: integration.preconfigured_credentials,
        });
        self.0.store.save_offers(nango.profile.id, integrations.collect(), self.now()).await?;
        self.stale([Topic::Connectors]);
        Ok(())
    }

    fn offers_problem(&self, profile: ProfileId) -> Option<Failure> {
        let problems = self.0.offers_problem.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        problems.get(&profile).cloned()
    }

    fn set_offers_problem(&self, profile: ProfileId, problem: Option<Failure>) {
        let mut problems = self.0.offers_problem.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match problem {
            Some(problem) => drop(problems.insert(profile, problem)),
            None => drop(problems.remove(&profile)),
        }
        drop(problems);
        self.stale([Topic::Connectors]);
    }

    /// What the connect dialog shows.
    pub(crate) async fn plan_connection(
        &self,
        request: PlanConnection,
    ) -> Result<ConnectionPlan, EngineError> {
        let nango = self.active_nango().await?;
        let integrations = self.integrations_of(&nango, &request.target).await?;
        let integration = match &request.integration {
            Some(key) => integrations.iter().find(|integration| integration.key == *key),
            None => integrations.first(),
        };
        let (name, manifest) = self.named(nango.profile.id, &request.target)?;
        let integration = integration.ok_or_else(|| EngineError::NotSetUp { connector: name.clone() })?;
        let asked = self.asked_by(&nango, integration, manifest).await?;
        let labels = self.0.store.labels(nango.profile.id, request.target.clone()).await?;
        Ok(ConnectionPlan {
            target: request.target,
            icon: manifest.and_then(|manifest| manifest.icon.clone()),
            integration: integration.key.clone(),
            default_label: default_label(&name, labels.iter().map(String::as_str)),
            in_browser: asked.in_browser(),
            form: asked.form,
            connector_name: name,
            integrations: integrations.into_iter().map(integration_view).collect(),
        })
    }

    /// What something is called, and its manifest if it has one.
    pub(crate) fn named(
        &self,
        profile: ProfileId,
        target: &ConnectTarget,
    ) -> Result<(String, Option<&ConnectorManifest>), EngineError> {
        match target {
            ConnectTarget::Connector(slug) => {
                let manifest = self.manifest(slug)?;
                Ok((manifest.name.clone(), Some(manifest)))
            }
            ConnectTarget::Provider(key) => Ok((self.connector_name(profile, None, key), None)),
        }
    }

    pub(crate) fn manifest(&self, slug: &ConnectorSlug) -> Result<&ConnectorManifest, EngineError> {
        self.0.catalog.get(slug).ok_or(EngineError::NotFound(mark!("connector")))
    }

    /// The integrations that serve a connector or provider; the server is asked if it never was, or has none
    /// yet.
    pub(crate) async fn integrations_of(
        &self,
        nango: &Nango,
        target: &ConnectTarget,
    ) -> Result<Vec<Integration>, EngineError> {
        let provider = match target {
            ConnectTarget::Connector(slug) => &self.manifest(slug)?.provider,
            ConnectTarget::Provider(key) => key,
        };
        let known = serving(&self.0.store.offers(nango.profile.id).await?, provider, target);
        if !known.is_empty() {
            return Ok(known);
        }
        self.learn_integrations(nango).await?;
        Ok(serving(&self.0.store.offers(nango.profile.id).await?, provider, target))
    }

    /// The connector a connection belongs to, as far as its provider and integration tell.
    pub(crate) fn connector_of(
        &self,
        provider: &ProviderKey,
        integration: &IntegrationKey,
    ) -> Option<&ConnectorManifest> {
        let mut candidates = self.0.catalog.by_provider(provider);
        let first = candidates.next()?;
        if candidates.next().is_none() {
            return Some(first);
        }
        // Several connectors share a generic provider; the operator may have named the integration after one.
        self.0.catalog.by_provider(provider).find(|manifest| manifest.slug.as_str() == integration.as_str())
    }
}

/// What a connector's own integration is called first, where several serve its provider.
fn serving(offers: &Offers, provider: &ProviderKey, target: &ConnectTarget) -> Vec<Integration> {
    let mut serving: Vec<Integration> =
        offers.integrations.iter().filter(|i| i.provider == *provider).cloned().collect();
    serving.sort_by_key(|integration| integration.key.as_str() != target.as_str());
    serving
}

pub(crate) fn availability(offers: &Offers, provider: &ProviderKey) -> Availability {
    match offers.learnt_at {
        None => Availability::Unknown,
        Some(_) if offers.integrations.iter().any(|i| i.provider == *provider) => Availability::Ready,
        Some(_) => Availability::NotSetUp,
    }
}
fn title_of(operation: &Operation) -> OperationTitle {
    OperationTitle {
        id: operation.id.clone(),
        title: operation.title.clone(),
        method: operation.method,
        path: operation.path.clone(),
    }
}

pub(crate) fn integration_view(integration: Integration) -> IntegrationView {
    IntegrationView { key: integration.key, name: integration.display_name }
}
