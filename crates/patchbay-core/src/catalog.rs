//! The checked set of manifests: lookup, a stable order, and search as one types.
//!
//! Leaves out where the manifests come from (texts are arguments) and which of the connectors a server offers.

mod search;

use std::collections::HashMap;

use crate::connector::{ConnectorManifest, ManifestError, ManifestProblem};
use crate::id::{ConnectorSlug, ProviderKey};

/// Every connector Patchbay knows, each checked, no slug twice.
#[derive(Debug, Clone)]
pub struct Catalog {
    /// In display order: by category, then by name.
    entries: Vec<Entry>,
    positions: HashMap<ConnectorSlug, usize>,
}

/// A manifest beside the folded texts that search reads, made once so that a keystroke costs little.
#[derive(Debug, Clone)]
struct Entry {
    manifest: ConnectorManifest,
    searched: search::Searched,
}

impl Catalog {
    /// Reads and checks manifests given as pairs of slug and TOML text.
    ///
    /// # Errors
    /// Every manifest that is wrong, not only the first; also one whose slug another has already.
    pub fn from_manifests<Slug, Text>(
        manifests: impl IntoIterator<Item = (Slug, Text)>,
    ) -> Result<Self, Vec<ManifestError>>
    where
        Slug: AsRef<str>,
        Text: AsRef<str>,
    {
        let mut entries = Vec::new();
        let mut errors = Vec::new();
        for (slug, text) in manifests {
            match ConnectorManifest::parse(slug.as_ref(), text.as_ref()) {
                Ok(manifest) => {
                    let searched = search::Searched::of(&manifest);
                    entries.push(Entry { manifest, searched });
                }
                Err(error) => errors.push(error),
            }
        }
        entries.sort_by(|one, other| one.display_order().cmp(&other.display_order()));

        let mut positions = HashMap::new();
        for (position, entry) in entries.iter().enumerate() {
            let slug = entry.manifest.slug.clone();
            if positions.insert(slug.clone(), position).is_some() {
                errors.push(ManifestError { slug, problem: ManifestProblem::Repeated });
            }
        }
        if errors.is_empty() { Ok(Self { entries, positions }) } else { Err(errors) }
    }

    /// The connector of that slug.
    #[must_use]
    pub fn get(&self, slug: &ConnectorSlug) -> Option<&ConnectorManifest> {
        self.positions.get(slug).and_then(|position| self.entries.get(*position)).map(|entry| &entry.manifest)
    }

    /// The connectors that go through one of Nango's providers: several where that is a general one, such as
    /// `private-api-bearer`.
    pub fn by_provider(&self, provider: &ProviderKey) -> impl Iterator<Item = &ConnectorManifest> {
        self.iter().filter(move |manifest| manifest.provider == *provider)
    }

    /// All connectors, by category and then by name.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &ConnectorManifest> {
        self.entries.iter().map(|entry| &entry.manifest)
    }

    /// How many connectors there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The connectors that a person who typed `query` may mean, the likeliest first.
    ///
    /// Case and diacritics do not count. Every word of the query has to occur in the name, or to begin a word of
    /// the keywords, the category, the provider or the slug. An empty query means all of them in display order.
    #[must_use]
    pub fn search(&self, query: &str) -> Vec<&ConnectorManifest> {
        if query.trim().is_empty() {
            return self.iter().collect();
        }
        let query = search::Query::new(query);
        let mut found: Vec<_> =
            self.entries.iter().filter_map(|entry| Some((query.rank(&entry.searched)?, entry))).collect();
        found.sort_by(|(rank, entry), (other_rank, other)| {
            (rank, entry.searched.name()).cmp(&(other_rank, other.searched.name()))
        });
        found.into_iter().map(|(_, entry)| &entry.manifest).collect()
    }
}

impl Entry {
    fn display_order(&self) -> impl Ord {
        (self.manifest.category, self.searched.name(), self.manifest.slug.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Catalog;
    use crate::connector::ManifestProblem;
    use crate::id::{ConnectorSlug, ProviderKey};

    /// Slug, name, category, provider, keywords.
    const SERVICES: [(&str, &str, &str, &str, &str); 9] = [
        ("google-drive", "Google Drive", "File Storage & Cloud", "google-drive", "files,docs"),
        ("onedrive", "OneDrive", "File Storage & Cloud", "one-drive", "files"),
        ("gmail", "Gmail", "Communication & Collaboration", "google-mail", "email,inbox"),
        ("google-calendar", "Google Calendar", "Calendar & Scheduling", "google-calendar", "events"),
        ("drive", "Drive", "Analytics & Data", "drive", ""),
        ("monday-com", "Monday.com", "CRM & Sales", "monday", "board"),
        ("stripe", "Stripe", "Payments", "stripe", "card"),
        ("imgur", "Imgur", "File Storage & Cloud", "private-api-bearer", "images"),
        ("cohere", "Cohere", "AI & Machine Learning", "private-api-bearer", "llm"),
    ];

    fn manifest(name: &str, category: &str, provider: &str, keywords: &str) -> String {
        let keywords: Vec<_> = keywords.split(',').filter(|word| !word.is_empty()).collect();
        format!(
            "name = {name:?}\ncategory = {category:?}\ndescription = \"Does things.\"\n\
             provider = {provider:?}\nauth_mode = \"OAUTH2\"\nkeywords = {keywords:?}\n"
        )
    }

    fn manifests() -> [(&'static str, String); SERVICES.len()] {
        SERVICES.map(|(slug, name, category, provider, keywords)| {
            (slug, manifest(name, category, provider, keywords))
        })
    }

    /// A small catalogue, which the tests of search use too.
    pub(super) fn catalog() -> Catalog {
        Catalog::from_manifests(manifests()).unwrap()
    }

    #[test]
    fn an_empty_query_means_all_in_display_order() {
        let catalog = catalog();
        let all: Vec<_> = catalog.iter().map(|manifest| manifest.slug.as_str()).collect();
        let expected = [
            "gmail",
            "google-calendar",
            "google-drive",
            "imgur",
            "onedrive",
            "monday-com",
            "stripe",
            "drive",
            "cohere",
        ];
        assert_eq!(all, expected, "by category, then by name");
        let found: Vec<_> = catalog.search("  ").iter().map(|manifest| manifest.slug.as_str()).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_order_does_not_depend_on_how_manifests_came() {
        let mut manifests = manifests();
        manifests.reverse();
        let reversed = Catalog::from_manifests(manifests).unwrap();
        assert!(reversed.iter().eq(catalog().iter()));
    }

    #[test]
    fn lookup_is_by_slug_and_by_provider() {
        let catalog = catalog();
        assert_eq!(catalog.len(), SERVICES.len());
        assert!(!catalog.is_empty());
        assert_eq!(catalog.get(&ConnectorSlug::from("imgur")).unwrap().name, "Imgur");
        assert!(catalog.get(&ConnectorSlug::from("Imgur")).is_none(), "a slug is exact");
        let shared: Vec<_> = catalog
            .by_provider(&ProviderKey::from("private-api-bearer"))
            .map(|each| each.name.as_str())
            .collect();
        assert_eq!(shared, ["Imgur", "Cohere"]);
        assert_eq!(catalog.by_provider(&ProviderKey::from("private")).count(), 0, "a provider is exact");
    }

    #[test]
    fn every_wrong_manifest_is_reported() {
        let good = manifest("Imgur", "File Storage & Cloud", "imgur", "");
        let manifests = [("one", "name ="), ("imgur", good.as_str()), ("imgur", good.as_str()), ("two", "")];
        let errors = Catalog::from_manifests(manifests).unwrap_err();
        let slugs: Vec<_> = errors.iter().map(|error| error.slug.as_str()).collect();
        assert_eq!(slugs, ["one", "two", "imgur"]);
        assert_eq!(errors[2].problem, ManifestProblem::Repeated);
    }
}
