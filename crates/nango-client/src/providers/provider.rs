//! One entry of the catalogue, read leniently and with the order of its fields kept.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::{AuthMode, Field};

/// A service Nango has a template for.
///
/// Members that are absent or of a wrong type are empty; unknown ones are in [`Provider::raw`].
#[derive(Debug, Clone)]
pub struct Provider {
    /// The key, such as `github`.
    pub name: String,
    /// For people; the name when the server gives none.
    pub display_name: String,
    /// How one gets in.
    pub auth_mode: AuthMode,
    /// Such as `dev-tools`.
    pub categories: Vec<String>,
    /// On the server's own host. May point to nothing.
    pub logo_url: Option<String>,
    /// Documentation for developers.
    pub docs: Option<String>,
    /// Documentation for the person who connects.
    pub docs_connect: Option<String>,
    /// Documentation for the operator.
    pub setup_guide_url: Option<String>,
    /// Scopes asked for unless the integration says otherwise.
    pub default_scopes: Vec<String>,
    /// `outbound` for providers that are installed from their own side.
    pub installation: Option<String>,
    /// Secret fields in the catalogue's order. `None` means that the mode implies them.
    pub credentials: Option<Vec<(String, Field)>>,
    /// Other fields in the catalogue's order.
    pub connection_config: Option<Vec<(String, Field)>>,
    raw: Box<RawValue>,
}

impl Provider {
    /// Reads a provider from the JSON text [`Provider::raw`] gave, for instance from a cache.
    /// `None` when it is not an object with a `name`.
    #[must_use]
    pub fn from_json(text: &str) -> Option<Self> {
        Self::from_raw(RawValue::from_string(text.to_owned()).ok()?)
    }

    /// The JSON text this was read from, unchanged.
    #[must_use]
    pub fn raw(&self) -> &str {
        self.raw.get()
    }

    pub(super) fn from_raw(raw: Box<RawValue>) -> Option<Self> {
        let Ordered(members) = serde_json::from_str::<Ordered<Box<RawValue>>>(raw.get()).ok()?;
        let member = |name: &str| members.iter().find(|(key, _)| key == name).map(|(_, value)| value.get());
        let text = |name: &str| member(name).and_then(|json| serde_json::from_str::<String>(json).ok());
        let texts = |name: &str| -> Vec<String> {
            let values = member(name).and_then(|json| serde_json::from_str::<Vec<Value>>(json).ok());
            values.unwrap_or_default().iter().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let name = text("name").filter(|name| !name.is_empty())?;
        Some(Self {
            display_name: text("display_name").unwrap_or_else(|| name.clone()),
            auth_mode: AuthMode::from(text("auth_mode").unwrap_or_default().as_str()),
            categories: texts("categories"),
            logo_url: text("logo_url"),
            docs: text("docs"),
            docs_connect: text("docs_connect"),
            setup_guide_url: text("setup_guide_url"),
            default_scopes: texts("default_scopes"),
            installation: text("installation"),
            credentials: member("credentials").and_then(fields),
            connection_config: member("connection_config").and_then(fields),
            name,
            raw,
        })
    }
}

/// Reads a map of fields; a field that is not an object is left out.
fn fields(json: &str) -> Option<Vec<(String, Field)>> {
    let Ordered(entries) = serde_json::from_str::<Ordered<Value>>(json).ok()?;
    let field = |(name, value): (String, Value)| -> Option<(String, Field)> {
        let members: &Map<String, Value> = value.as_object()?;
        Some((name, Field::from_members(members)))
    };
    Some(entries.into_iter().filter_map(field).collect())
}

/// A JSON object with its members in the order of the text, which a map type would lose.
struct Ordered<T>(Vec<(String, T)>);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Ordered<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);
        impl<'de, T: DeserializeOwned> Visitor<'de> for Members<T> {
            type Value = Ordered<T>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Ordered(members))
            }
        }
        deserializer.deserialize_map(Members(PhantomData))
    }
}
