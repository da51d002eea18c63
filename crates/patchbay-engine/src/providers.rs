//! The server's own catalogue: read when it has changed, kept for when there is no network, and the names that
//! people know its providers by.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use nango_client::{Provider, ProvidersAnswer};
use patchbay_core::auth_mode::AuthMode;
use patchbay_core::catalog::Catalog;
use patchbay_core::connection::Connection;
use patchbay_core::connector::ConnectorManifest;
use patchbay_core::id::{ConnectTarget, ConnectorSlug, ProfileId, ProviderKey};
use patchbay_ipc::{ProviderList, ProviderView, Topic};
use patchbay_store::{KeptProvider, ListedProvider};

use crate::Engine;
use crate::catalog::{Counted, availability};
use crate::error::EngineError;
use crate::failure::bounded;
use crate::profiles::Nango;

/// More providers than this are not kept. Nango 0.71.4 has 987.
const MOST_PROVIDERS: usize = 5_000;

/// A longer definition is not kept, in bytes. Nango's longest has about 8 kB.
const LONGEST_DEFINITION: usize = 128 * 1024;

/// Longest key and longest name, in characters.
const LONGEST_KEY: usize = 255;
const LONGEST_NAME: usize = 60;

/// What providers are called, by profile. Views are made without waiting for the database.
#[derive(Default)]
pub(crate) struct Names(Mutex<HashMap<ProfileId, HashMap<ProviderKey, String>>>);

impl Names {
    fn of(&self, profile: ProfileId, provider: &ProviderKey) -> Option<String> {
        let names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        names.get(&profile)?.get(provider).cloned()
    }

    fn set(&self, profile: ProfileId, names: HashMap<ProviderKey, String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(profile, names);
    }
}

impl Engine {
    /// The server's catalogue without what is a connector already, from this machine alone.
    pub(crate) async fn list_providers(&self) -> Result<ProviderList, EngineError> {
        let profile = self.require_profile().await?.id;
        let store = &self.0.store;
        let (providers, offers, counts) = tokio::try_join!(
            store.providers(profile),
            store.offers(profile),
            store.connection_counts(profile)
        )?;
        let counted = Counted::of(&counts);
        let providers =
            providers.into_iter().filter(|provider| !is_connector(&self.0.catalog, &provider.name));
        let views = providers.map(|provider| {
            let (connected, needing_attention) =
                counted.of_target(&ConnectTarget::Provider(provider.name.clone()));
            ProviderView {
                availability: availability(&offers, &provider.name),
                provider: provider.name,
                name: provider.display_name,
                categories: provider.categories,
                auth_mode: AuthMode::from(provider.auth_mode.as_str()),
                connected,
                needing_attention,
            }
        });
        Ok(ProviderList { providers: views.collect() })
    }

    /// Reads the catalogue, unless it is the one that is kept.
    pub(crate) async fn learn_catalogue(&self, nango: &Nango) -> Result<(), EngineError> {
        let profile = nango.profile.id;
        let etag = self.0.store.catalogue_etag(profile).await?;
        let answer = self.call(nango, nango.client.providers(etag.as_deref())).await?;
        let ProvidersAnswer::Catalogue(catalogue) = answer else { return Ok(()) };
        if catalogue.skipped > 0 {
            tracing::warn!(skipped = catalogue.skipped, "the server's catalogue has entries that are none");
        }
        let kept = kept(&catalogue.providers, &self.0.catalog);
        self.0.store.save_catalogue(profile, catalogue.etag, kept).await?;
        self.learn_names(profile).await?;
        // Connections are listed under these names.
        self.connections_changed();
        Ok(())
    }

    /// A provider's definition, as kept or from the server.
    pub(crate) async fn definition(
        &self,
        nango: &Nango,
        provider: &ProviderKey,
    ) -> Result<Provider, EngineError> {
        let profile = nango.profile.id;
        let kept = self.0.store.provider(profile, provider.clone()).await?;
        if let Some(definition) = kept.as_deref().and_then(Provider::from_json) {
            return Ok(definition);
        }
        let definition = self.call(nango, nango.client.provider(provider.as_str())).await?;
        if definition.name == provider.as_str() && is_sound(&definition) {
            let one = kept_as(&definition, shown_name(&definition));
            self.0.store.save_provider(profile, one).await?;
            self.learn_names(profile).await?;
        }
        Ok(definition)
    }

    /// The same for every profile, at the start.
    pub(crate) async fn learn_all_names(&self) -> Result<(), EngineError> {
        for profile in self.0.store.profiles().await? {
            self.learn_names(profile.id).await?;
        }
        self.stale([Topic::Connections, Topic::Attempts]);
        Ok(())
    }

    /// Brings the names in memory up to date with what is kept.
    pub(crate) async fn learn_names(&self, profile: ProfileId) -> Result<(), EngineError> {
        let providers = self.0.store.providers(profile).await?;
        let names = providers.into_iter().map(|provider| (provider.name, provider.display_name));
        self.0.provider_names.set(profile, names.collect());
        Ok(())
    }

    /// What a connection's connector is called.
    pub(crate) fn name_of(&self, connection: &Connection) -> String {
        self.connector_name(connection.profile, connection.connector.as_ref(), &connection.provider)
    }

    /// What a connector is called; the provider's own name where Patchbay has no manifest for it.
    pub(crate) fn connector_name(
        &self,
        profile: ProfileId,
        slug: Option<&ConnectorSlug>,
        provider: &ProviderKey,
    ) -> String {
        match slug.and_then(|slug| self.0.catalog.get(slug)) {
            Some(manifest) => manifest.name.clone(),
            None => self.0.provider_names.of(profile, provider).unwrap_or_else(|| provider.to_string()),
        }
    }
}

/// Whether a connector is this very provider, and not only makes use of it for a server of its own.
fn is_connector(catalog: &Catalog, provider: &ProviderKey) -> bool {
    let is_plain = |manifest: &ConnectorManifest| {
        manifest.base_url_override.is_none() && !manifest.base_url_per_connection
    };
    catalog.by_provider(provider).any(is_plain)
}

/// What is kept of a catalogue: what makes sense, each under a name of its own.
fn kept(providers: &[Provider], catalog: &Catalog) -> Vec<KeptProvider> {
    let sound: Vec<&Provider> =
        providers.iter().filter(|provider| is_sound(provider)).take(MOST_PROVIDERS).collect();
    let mut taken: HashSet<String> = catalog.iter().map(|manifest| manifest.name.to_lowercase()).collect();
    let named = |provider: &Provider| {
        let name = shown_name(provider);
        let is_connector = is_connector(catalog, &provider.name.as_str().into());
        if is_connector || taken.insert(name.to_lowercase()) {
            return kept_as(provider, name);
        }
        kept_as(provider, format!("{name} ({})", bounded(&provider.name)))
    };
    sound.into_iter().map(named).collect()
}

/// Whether it can be kept and addressed at all.
fn is_sound(provider: &Provider) -> bool {
    let key = &provider.name;
    key.chars().count() <= LONGEST_KEY
        && !key.chars().any(char::is_control)
        && key.trim() == key
        && provider.raw().len() <= LONGEST_DEFINITION
}

fn kept_as(provider: &Provider, display_name: String) -> KeptProvider {
    KeptProvider {
        listed: ListedProvider {
            name: provider.name.as_str().into(),
            display_name,
            auth_mode: bounded(provider.auth_mode.as_str()),
            categories: provider.categories.iter().take(8).map(|category| bounded(category)).collect(),
        },
        definition: provider.raw().to_owned(),
    }
}

/// What a provider calls itself, on one line and short; its key, if that is nothing.
fn shown_name(provider: &Provider) -> String {
    let name: String = bounded(&provider.display_name).chars().take(LONGEST_NAME).collect();
    match name.trim() {
        "" => bounded(&provider.name),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use nango_client::Provider;

    use super::kept;

    /// What people read of a catalogue of these entries, beside the keys.
    fn names(entries: &[&str]) -> Vec<(String, String)> {
        let providers: Vec<Provider> =
            entries.iter().map(|json| Provider::from_json(json).expect("an object with a name")).collect();
        let catalog = crate::catalog::embedded().expect("sound manifests");
        let kept = kept(&providers, &catalog).into_iter();
        kept.map(|one| (one.listed.name.to_string(), one.listed.display_name)).collect()
    }

    #[test]
    fn no_two_are_called_the_same() {
        let named = names(&[
            r#"{"name": "github", "display_name": "GitHub"}"#,
            r#"{"name": "github-like", "display_name": "GITHUB"}"#,
            r#"{"name": "acme", "display_name": "Acme"}"#,
            r#"{"name": "acme-eu", "display_name": "Acme"}"#,
        ]);
        let shown: Vec<&str> = named.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(shown, ["GitHub", "GITHUB (github-like)", "Acme", "Acme (acme-eu)"]);
    }

    #[test]
    fn what_is_hostile_is_tamed_or_left_out() {
        let long = "x".repeat(5_000);
        let named = names(&[
            &format!(r#"{{"name": "long", "display_name": "{long}"}}"#),
            &format!(r#"{{"name": "{long}"}}"#),
            r#"{"name": "line\nbreak"}"#,
            r#"{"name": " outer "}"#,
            r#"{"name": "silent", "display_name": "\u0007 \n"}"#,
            r#"{"name": "odd", "display_name": 7, "auth_mode": {}, "categories": "x", "credentials": []}"#,
            &format!(r#"{{"name": "huge", "docs": "{}"}}"#, "x".repeat(200_000)),
        ]);
        let keys: Vec<&str> = named.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["long", "silent", "odd"]);
        assert_eq!(named[0].1.chars().count(), 60);
        assert_eq!((named[1].1.as_str(), named[2].1.as_str()), ("silent", "odd"));
    }
}
