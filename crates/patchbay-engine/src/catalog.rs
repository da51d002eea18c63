//! What can be connected: the catalogue's manifests joined with what the server offers.

use include_dir::{Dir, include_dir};
use nango_client::{Field, Provider};
use patchbay_core::auth_mode::AuthMode;
use patchbay_core::catalog::Catalog;
use patchbay_core::connector::ConnectorManifest;
use patchbay_core::form::{FieldSpec, Form};
use patchbay_core::id::{ConnectorSlug, IntegrationKey, ProfileId, ProviderKey};
use patchbay_core::label::default_label;
use patchbay_ipc::{
    Availability, ConnectionPlan, ConnectorList, ConnectorView, Failure, IntegrationView, PlanConnection,
    Topic,
};
use patchbay_store::{Integration, Offers};

use crate::error::EngineError;
use crate::profiles::Nango;
use crate::{Engine, failure, view};

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

impl Engine {
    /// Every connector, from this machine alone.
    pub(crate) async fn list_connectors(&self) -> Result<ConnectorList, EngineError> {
        let profile = self.require_profile().await?.id;
        let offers = self.0.store.offers(profile).await?;
        let counts = self.0.store.connection_counts(profile).await?;
        let connectors = self.0.catalog.iter().map(|manifest| {
            let of_this = counts.iter().filter(|count| count.connector.as_ref() == Some(&manifest.slug));
            let (mut connected, mut needing_attention) = (0, 0);
            for count in of_this {
                connected += count.count;
                needing_attention += if view::needs_attention(count) { count.count } else { 0 };
            }
            ConnectorView {
                slug: manifest.slug.clone(),
                name: manifest.name.clone(),
                category: manifest.category.title().to_owned(),
                description: manifest.description.clone(),
                icon: manifest.icon.clone(),
                keywords: manifest.keywords.clone(),
                provider: manifest.provider.clone(),
                note: manifest.note.clone(),
                auth_mode: manifest.auth_mode.clone(),
                availability: availability(&offers, manifest),
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

    async fn learn_offers(&self, nango: &Nango) -> Result<(), EngineError> {
        let integrations = self.call(nango, nango.client.integrations()).await?;
        let integrations = integrations.into_iter().map(|integration| Integration {
            display_name: integration
                .display_name
                .filter(|name| !name.trim().is_empty())
                .unwrap_or_else(|| integration.unique_key.clone()),
            key: integration.unique_key.into(),
            provider: integration.provider.into(),
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
        let manifest = self.manifest(&request.connector)?;
        let nango = self.active_nango().await?;
        let integrations = self.integrations_of(&nango, manifest).await?;
        let integration = match &request.integration {
            Some(key) => integrations.iter().find(|integration| integration.key == *key),
            None => integrations.first(),
        };
        let integration =
            integration.ok_or_else(|| EngineError::NotSetUp { connector: manifest.name.clone() })?;
        let (mode, form) = self.form_of(&nango, &integration.provider).await?;
        let labels = self.0.store.labels(nango.profile.id, manifest.slug.clone()).await?;
        Ok(ConnectionPlan {
            connector: manifest.slug.clone(),
            connector_name: manifest.name.clone(),
            icon: manifest.icon.clone(),
            integration: integration.key.clone(),
            default_label: default_label(&manifest.name, labels.iter().map(String::as_str)),
            form,
            in_browser: mode.needs_browser(),
            integrations: integrations.into_iter().map(integration_view).collect(),
        })
    }

    pub(crate) fn manifest(&self, slug: &ConnectorSlug) -> Result<&ConnectorManifest, EngineError> {
        self.0.catalog.get(slug).ok_or(EngineError::NotFound("connector"))
    }

    /// What a connector is called; the provider's own name where Patchbay has no manifest for it.
    pub(crate) fn connector_name(&self, slug: Option<&ConnectorSlug>, provider: &ProviderKey) -> String {
        let manifest = slug.and_then(|slug| self.0.catalog.get(slug));
        manifest.map_or_else(|| provider.to_string(), |manifest| manifest.name.clone())
    }

    /// The integrations that serve a connector; the server is asked if it never was, or has none yet.
    pub(crate) async fn integrations_of(
        &self,
        nango: &Nango,
        manifest: &ConnectorManifest,
    ) -> Result<Vec<Integration>, EngineError> {
        let known = serving(&self.0.store.offers(nango.profile.id).await?, manifest);
        if !known.is_empty() {
            return Ok(known);
        }
        self.learn_offers(nango).await?;
        Ok(serving(&self.0.store.offers(nango.profile.id).await?, manifest))
    }

    /// How a provider authorizes and what it asks, from the kept definition or from the server.
    pub(crate) async fn form_of(
        &self,
        nango: &Nango,
        provider: &ProviderKey,
    ) -> Result<(AuthMode, Form), EngineError> {
        let kept = self.0.store.provider(nango.profile.id, provider.clone()).await?;
        let definition = match kept.as_deref().and_then(Provider::from_json) {
            Some(definition) => definition,
            None => {
                let definition = self.call(nango, nango.client.provider(provider.as_str())).await?;
                let raw = definition.raw().to_owned();
                self.0.store.save_provider(nango.profile.id, provider.clone(), raw).await?;
                definition
            }
        };
        let mode = AuthMode::from(definition.auth_mode.as_str());
        let credentials = definition.credentials.map(|fields| fields.into_iter().map(spec).collect());
        let config = definition.connection_config.unwrap_or_default().into_iter().map(spec).collect();
        let help = definition.docs_connect.as_deref();
        Ok((mode.clone(), Form::for_provider(&mode, credentials, config, help)))
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

fn serving(offers: &Offers, manifest: &ConnectorManifest) -> Vec<Integration> {
    let mut serving: Vec<Integration> =
        offers.integrations.iter().filter(|i| i.provider == manifest.provider).cloned().collect();
    serving.sort_by_key(|integration| integration.key.as_str() != manifest.slug.as_str());
    serving
}

fn availability(offers: &Offers, manifest: &ConnectorManifest) -> Availability {
    match offers.learnt_at {
        None => Availability::Unknown,
        Some(_) if offers.integrations.iter().any(|i| i.provider == manifest.provider) => Availability::Ready,
        Some(_) => Availability::NotSetUp,
    }
}

fn integration_view(integration: Integration) -> IntegrationView {
    IntegrationView { key: integration.key, name: integration.display_name }
}

fn spec((name, field): (String, Field)) -> FieldSpec {
    FieldSpec {
        name,
        title: field.title,
        description: field.description,
        example: field.example,
        pattern: field.pattern,
        format: field.format,
        choices: field.choices,
        default_value: field.default_value,
        prefix: field.prefix,
        suffix: field.suffix,
        order: field.order,
        optional: field.optional,
        hidden: field.hidden,
        automated: field.automated,
        secret: field.secret,
        doc_section: field.doc_section,
    }
}
