//! The catalogue that ships: every manifest in `connectors/`, against the list of services it has to cover.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use patchbay_core::auth_mode::AuthMode;
use patchbay_core::catalog::Catalog;
use patchbay_core::connector::{ConnectorManifest, ParameterKind};
use patchbay_core::id::{ConnectorSlug, ProviderKey};

/// How many services the catalogue has to cover.
const CONNECTORS: usize = 99;
/// With fewer operations than this, a manifest owes people a note.
const FEW_OPERATIONS: usize = 3;

fn workspace_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn shipped() -> Catalog {
    let folder = workspace_root().join("connectors");
    let entries = std::fs::read_dir(&folder).expect("the manifests lie beside the crates");
    let manifests = entries.map(|entry| {
        let path = entry.expect("the folder can be listed").path();
        assert_eq!(path.extension(), Some(OsStr::new("toml")), "only manifests lie here: {}", path.display());
        let slug = path.file_stem().and_then(OsStr::to_str).expect("a manifest has a plain name").to_owned();
        (slug, std::fs::read_to_string(&path).expect("a manifest can be read"))
    });
    Catalog::from_manifests(manifests).unwrap_or_else(|errors| {
        let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
        panic!("{} manifests are wrong:\n{}", errors.len(), errors.join("\n"))
    })
}

#[test]
fn every_manifest_is_right() {
    let catalog = shipped();
    assert_eq!(catalog.len(), CONNECTORS);

    let with_whoami = catalog.iter().filter(|each| each.whoami.is_some()).count();
    let with_operations = catalog.iter().filter(|each| each.operations.len() >= FEW_OPERATIONS).count();
    let operations: usize = catalog.iter().map(|each| each.operations.len()).sum();
    println!(
        "{} connectors: {with_whoami} with a whoami, {with_operations} with {FEW_OPERATIONS} or more operations, \
         {operations} operations in all",
        catalog.len()
    );

    let silent: Vec<_> = catalog
        .iter()
        .filter(|each| each.whoami.is_none() || each.operations.len() < FEW_OPERATIONS)
        .filter(|each| each.note.is_none())
        .map(|each| each.slug.as_str())
        .collect();
    assert_eq!(silent, <[&str; 0]>::default(), "without a whoami or operations, a note has to say why");
}

/// The core does not read JSON, so what manifests hold of it is checked here.
#[test]
fn every_json_text_in_a_manifest_is_json() {
    let catalog = shipped();
    let mut wrong = Vec::new();
    for manifest in catalog.iter() {
        for (place, text) in json_texts(manifest) {
            if let Err(error) = serde_json::from_str::<serde_json::Value>(text) {
                wrong.push(format!("{} {place}: {error}: {text}", manifest.slug));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn json_texts(manifest: &ConnectorManifest) -> Vec<(String, &str)> {
    let mut texts = Vec::new();
    if let Some(body) = manifest.whoami.as_ref().and_then(|whoami| whoami.body.as_deref()) {
        texts.push(("whoami".to_owned(), body));
    }
    for operation in &manifest.operations {
        for parameter in &operation.parameters {
            if matches!(parameter.kind, ParameterKind::Object | ParameterKind::Array) {
                let values = parameter.example.iter().chain(&parameter.default);
                texts.extend(
                    values.map(|value| (format!("{} {}", operation.id, parameter.name), value.as_str())),
                );
            }
        }
    }
    texts
}

#[test]
fn typing_finds_what_is_meant() {
    let catalog = shipped();
    for (query, slug) in [
        ("git", "github"),
        ("gmail", "gmail"),
        ("google cal", "google-calendar"),
        ("k8s", "kubernetes"),
        ("tweets", "twitter"),
        ("to do", "microsoft-to-do"),
        ("amazon s3", "amazon-s3"),
        ("qqq", ""),
    ] {
        let first = catalog.search(query).first().map_or("", |manifest| manifest.slug.as_str());
        assert_eq!(first, slug, "for {query:?}");
    }
}

/// The list of services is not part of this repository; `PATCHBAY_SHARED` names the folder that has it.
#[test]
fn the_catalogue_covers_the_list() {
    let folder =
        std::env::var_os("PATCHBAY_SHARED").map_or_else(|| workspace_root().join("../shared"), PathBuf::from);
    let path = folder.join("connectors.csv");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("NOT RUN: the_catalogue_covers_the_list, because {} cannot be read", path.display());
        return;
    };
    let list = read_list(&text);
    assert_eq!(list.len(), CONNECTORS);
    let catalog = shipped();
    for (slug, row) in &list {
        let manifest = catalog
            .get(&ConnectorSlug::from(*slug))
            .unwrap_or_else(|| panic!("there is no connectors/{slug}.toml"));
        let actual = [manifest.name.as_str(), manifest.category.title()];
        assert_eq!(actual, [row.name, row.category], "{slug}");
        assert_eq!(manifest.provider, ProviderKey::from(row.provider), "{slug}");
        assert_eq!(manifest.auth_mode, AuthMode::from(row.auth_mode), "{slug}");
        let per_connection = row.base_url_override == "(per connection)";
        assert_eq!(manifest.base_url_per_connection, per_connection, "{slug}");
        let fixed = (!per_connection && !row.base_url_override.is_empty()).then_some(row.base_url_override);
        assert_eq!(manifest.base_url_override.as_deref(), fixed, "{slug}");
    }
}

struct Row<'a> {
    name: &'a str,
    category: &'a str,
    provider: &'a str,
    auth_mode: &'a str,
    base_url_override: &'a str,
}

/// No value of the list holds a comma or a quote, so a line is its commas.
fn read_list(text: &str) -> BTreeMap<&str, Row<'_>> {
    let mut lines = text.lines();
    assert_eq!(
        lines.next(),
        Some("slug,name,category,nango_provider,auth_mode,provider_base_url,base_url_override")
    );
    lines
        .map(|line| match line.split(',').collect::<Vec<_>>()[..] {
            [slug, name, category, provider, auth_mode, _, base_url_override] => {
                (slug, Row { name, category, provider, auth_mode, base_url_override })
            }
            _ => panic!("not seven values: {line}"),
        })
        .collect()
}
