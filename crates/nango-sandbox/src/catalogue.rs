//! The providers the sandbox knows. `data/providers.json` holds their definitions: those seen on a real
//! server, those the connectors of Patchbay need, and at least one for every auth mode.

use std::collections::BTreeMap;

use fancy_regex::Regex;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use url::Url;

/// All providers, by name.
#[derive(Debug)]
pub(crate) struct Catalogue {
    providers: BTreeMap<String, Provider>,
    demo: Vec<String>,
}

/// One provider.
#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) name: String,
    pub(crate) display_name: String,
    pub(crate) auth_mode: String,
    /// The definition, URLs of the OAuth provider filled in.
    pub(crate) json: Value,
    /// The same as the API shows it: forms follow the order of the members, which `json` does not keep.
    pub(crate) text: Box<RawValue>,
}

#[derive(Deserialize)]
struct File {
    demo: Vec<String>,
    providers: Vec<Box<RawValue>>,
}

impl Catalogue {
    /// Reads the data, putting the addresses of this sandbox in.
    pub(crate) fn load(base_url: &str, provider_url: &Url) -> Result<Self, serde_json::Error> {
        let provider_address = provider_url.as_str().trim_end_matches('/');
        let port = provider_url.port().unwrap_or(80).to_string();
        let text = include_str!("../data/providers.json")
            .replace("{provider}", provider_address)
            .replace("{provider_port}", &port);
        let file: File = serde_json::from_str(&text)?;
        let mut providers = BTreeMap::new();
        for definition in file.providers {
            let json: Value = serde_json::from_str(definition.get())?;
            let member = |name: &str| json.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            let (name, display_name, auth_mode) =
                (member("name"), member("display_name"), member("auth_mode"));
            let logo = json!(format!("{base_url}/images/template-logos/{name}.svg"));
            let members = definition.get().trim_end();
            let members = members.strip_suffix('}').unwrap_or(members);
            let text = RawValue::from_string(format!("{members}, \"logo_url\": {logo}}}"))?;
            providers.insert(name.clone(), Provider { name, display_name, auth_mode, json, text });
        }
        Ok(Self { providers, demo: file.demo })
    }

    /// The provider with this name.
    pub(crate) fn get(&self, name: &str) -> Option<&Provider> {
        self.providers.get(name)
    }

    /// All providers, or those whose name matches the case-insensitive pattern.
    pub(crate) fn search(&self, pattern: Option<&str>) -> Vec<&RawValue> {
        let Some(pattern) = pattern else {
            return self.providers.values().map(|provider| &*provider.text).collect();
        };
        let Ok(pattern) = Regex::new(&format!("(?i){pattern}")) else {
            return Vec::new();
        };
        let matching =
            self.providers.values().filter(|provider| pattern.is_match(&provider.name).unwrap_or(false));
        matching.map(|provider| &*provider.text).collect()
    }

    /// The providers that get an integration in a demo.
    pub(crate) fn demo(&self) -> impl Iterator<Item = &Provider> {
        self.demo.iter().filter_map(|name| self.get(name))
    }
}

impl Provider {
    /// A text at this JSON pointer of the definition.
    pub(crate) fn text(&self, pointer: &str) -> Option<&str> {
        self.json.pointer(pointer).and_then(Value::as_str)
    }

    /// An object at this JSON pointer of the definition; empty when absent.
    pub(crate) fn object(&self, pointer: &str) -> Map<String, Value> {
        self.json.pointer(pointer).and_then(Value::as_object).cloned().unwrap_or_default()
    }

    /// Whether the definition was recorded together with a toy API of its own, served at the root of the
    /// provider side. The API of every other provider is served below `/api/<name>`.
    pub(crate) fn is_local(&self) -> bool {
        self.name.starts_with("local-")
    }

    /// Whether credentials are tried out before they are stored.
    pub(crate) fn has_verification(&self) -> bool {
        self.json.pointer("/proxy/verification").is_some()
    }
}
