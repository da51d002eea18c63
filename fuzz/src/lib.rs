//! What the fuzz targets share.

use std::path::Path;
use std::sync::LazyLock;

use patchbay_core::catalog::Catalog;

/// The shipped catalogue.
pub fn catalog() -> &'static Catalog {
    static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../connectors");
        let manifests: Vec<_> = std::fs::read_dir(folder)
            .expect("connectors/ can be listed")
            .filter_map(|entry| {
                let path = entry.expect("connectors/ can be listed").path();
                let slug = path.file_name()?.to_str()?.strip_suffix(".toml")?.to_owned();
                Some((slug, std::fs::read_to_string(&path).expect("a manifest can be read")))
            })
            .collect();
        Catalog::from_manifests(manifests).expect("the manifests are right")
    });
    &CATALOG
}
