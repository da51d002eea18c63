//! The recorded exchanges as they are on disk.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Map, Value};

/// The environment variable with the folder of the recordings.
pub(crate) const FOLDER: &str = "PATCHBAY_SHARED";

/// One exchange.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Exchange {
    pub(crate) name: String,
    pub(crate) request: Request,
    pub(crate) response: Answer,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Map<String, Value>,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Value,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Value,
}

/// Where the recordings should be.
pub(crate) fn file() -> PathBuf {
    let workspace = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = std::env::var_os(FOLDER).filter(|folder| !folder.is_empty());
    let folder = folder.map_or_else(|| workspace.join("../shared"), PathBuf::from);
    folder.join("nango/exchanges.json")
}

/// The recordings; `None` if they are not there.
pub(crate) fn load() -> Option<Vec<Exchange>> {
    let text = std::fs::read(file()).ok()?;
    Some(serde_json::from_slice(&text).expect("the recordings are readable"))
}
