//! A connection as the sandbox holds it, and the JSON a server makes of it in each place.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::clock::Millis;
use crate::time_text;

/// One account of one integration.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    /// Nango's number; newer connections have larger ones.
    pub(crate) id: u64,
    pub(crate) connection_id: String,
    pub(crate) integration: String,
    pub(crate) provider: String,
    pub(crate) end_user: Option<EndUser>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) metadata: Value,
    pub(crate) connection_config: Map<String, Value>,
    pub(crate) created: Millis,
    pub(crate) updated: Millis,
    pub(crate) last_fetched: Option<Millis>,
    pub(crate) credentials: Credentials,
    pub(crate) health: Health,
}

/// Who the connection was made for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EndUser {
    pub(crate) id: String,
    pub(crate) email: Option<String>,
    pub(crate) display_name: Option<String>,
    pub(crate) tags: Option<BTreeMap<String, String>>,
    pub(crate) organization: Option<Organization>,
}

/// The organisation of an end user.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Organization {
    pub(crate) id: String,
    pub(crate) display_name: Option<String>,
}

/// What a connection authenticates with.
#[derive(Debug, Clone)]
pub(crate) enum Credentials {
    /// Tokens of an authorization code grant.
    OAuth2 {
        access_token: String,
        refresh_token: Option<String>,
        expires_at: Option<Millis>,
        raw: Map<String, Value>,
    },
    /// A token fetched with something the user entered: client credentials, two-step.
    Fetched {
        kind: &'static str,
        token: String,
        expires_at: Option<Millis>,
        fields: Map<String, Value>,
        raw: Map<String, Value>,
    },
    /// What the user entered, as it is shown; `token` is what the sample API knows the caller by, for modes
    /// whose real signature is not imitated.
    Entered { kind: String, fields: Map<String, Value>, token: Option<String> },
    /// No credentials at all.
    Nothing,
}

/// What is known about a connection's credentials.
#[derive(Debug, Clone, Default)]
pub(crate) struct Health {
    /// The log entry of the last failure, if it has not been mended.
    pub(crate) error: Option<String>,
    /// When the last refresh failed.
    pub(crate) failed_at: Option<Millis>,
    /// The days (since the epoch) with failures since the last success.
    pub(crate) failed_days: BTreeSet<i64>,
    /// No more automatic attempts.
    pub(crate) exhausted: bool,
}

impl EndUser {
    /// The tags Nango derives from an end user.
    pub(crate) fn as_tags(&self) -> BTreeMap<String, String> {
        let mut tags = BTreeMap::from([("end_user_id".to_owned(), self.id.clone())]);
        let mut add = |name: &str, value: &Option<String>| {
            if let Some(value) = value {
                tags.insert(name.to_owned(), value.clone());
            }
        };
        add("end_user_email", &self.email);
        add("end_user_display_name", &self.display_name);
        if let Some(organization) = &self.organization {
            add("organization_id", &Some(organization.id.clone()));
            add("organization_display_name", &organization.display_name);
        }
        tags
    }

    /// As shown in connections and sessions.
    pub(crate) fn json(&self) -> Value {
        json!({
            "id": self.id,
            "display_name": self.display_name,
            "email": self.email,
            "tags": self.tags,
            "organization": self.organization.as_ref().map(Organization::json),
        })
    }
}

impl Organization {
    fn json(&self) -> Value {
        json!({ "id": self.id, "display_name": self.display_name })
    }
}

impl Credentials {
    /// As shown to somebody who may read credentials.
    pub(crate) fn json(&self, with_refresh_token: bool) -> Value {
        match self {
            Self::OAuth2 { access_token, refresh_token, expires_at, raw } => {
                let mut raw = raw.clone();
                let mut shown = Map::new();
                shown.insert("type".into(), json!("OAUTH2"));
                shown.insert("access_token".into(), json!(access_token));
                if with_refresh_token && let Some(token) = refresh_token {
                    shown.insert("refresh_token".into(), json!(token));
                    raw.insert("refresh_token".into(), json!(token));
                }
                if let Some(expires_at) = expires_at {
                    shown.insert("expires_at".into(), json!(time_text::zulu(*expires_at)));
                    raw.insert("expires_at".into(), json!(time_text::zulu(*expires_at)));
                }
                shown.insert("raw".into(), Value::Object(raw));
                Value::Object(shown)
            }
            Self::Fetched { kind, token, expires_at, fields, raw } => {
                let mut shown = fields.clone();
                shown.insert("type".into(), json!(kind));
                shown.insert("token".into(), json!(token));
                if let Some(expires_at) = expires_at {
                    shown.insert("expires_at".into(), json!(time_text::zulu(*expires_at)));
                }
                shown.insert("raw".into(), Value::Object(raw.clone()));
                Value::Object(shown)
            }
            Self::Entered { kind, fields, .. } => {
                let mut shown = fields.clone();
                shown.insert("type".into(), json!(kind));
                Value::Object(shown)
            }
            Self::Nothing => json!({}),
        }
    }

    /// When the token stops working, for those that have one which does.
    pub(crate) fn expires_at(&self) -> Option<Millis> {
        match self {
            Self::OAuth2 { expires_at, .. } | Self::Fetched { expires_at, .. } => *expires_at,
            Self::Entered { .. } | Self::Nothing => None,
        }
    }

    /// Makes the token look expired from `now` on; credentials that do not expire stay as they are.
    pub(crate) fn expire(&mut self, now: Millis) {
        match self {
            Self::OAuth2 { expires_at, .. } | Self::Fetched { expires_at, .. } => *expires_at = Some(now),
            Self::Entered { .. } | Self::Nothing => {}
        }
    }
}

/// Which of the two full forms of a connection is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `GET /connections/{id}`: moments end in `+00:00`.
    Read,
    /// `POST /connections`: moments end in `Z`.
    Imported,
}

impl Connection {
    /// An entry of the connection list.
    pub(crate) fn list_item(&self) -> ListItem<'_> {
        ListItem {
            id: self.id,
            connection_id: &self.connection_id,
            provider_config_key: &self.integration,
            provider: &self.provider,
            errors: self.health.error.iter().map(|log_id| ListError { kind: "auth", log_id }).collect(),
            end_user: self.end_user.as_ref().map(EndUser::json),
            tags: &self.tags,
            metadata: &self.metadata,
            created: time_text::offset_short(self.created),
        }
    }

    /// One connection with `credentials` as given.
    pub(crate) fn full(&self, form: Form, credentials: Value) -> Value {
        let moment = |moment: Millis| match form {
            Form::Read => time_text::offset(moment),
            Form::Imported => time_text::zulu(moment),
        };
        let errors: Vec<Value> =
            self.health.error.iter().map(|log_id| json!({ "type": "auth", "log_id": log_id })).collect();
        json!({
            "id": self.id,
            "connection_id": self.connection_id,
            "provider_config_key": self.integration,
            "provider": self.provider,
            "errors": errors,
            "end_user": self.end_user.as_ref().map(EndUser::json),
            "tags": self.tags,
            "metadata": self.metadata,
            "connection_config": self.connection_config,
            "webhook_url_override": null,
            "created_at": moment(self.created),
            "updated_at": moment(self.updated),
            "last_fetched_at": self.last_fetched.map(moment),
            "credentials": credentials,
        })
    }
}

/// An entry of the list; serialised straight from the connection, because lists have thousands of them.
#[derive(Debug, Serialize)]
pub(crate) struct ListItem<'a> {
    id: u64,
    connection_id: &'a str,
    provider_config_key: &'a str,
    provider: &'a str,
    errors: Vec<ListError<'a>>,
    end_user: Option<Value>,
    tags: &'a BTreeMap<String, String>,
    metadata: &'a Value,
    created: String,
}

#[derive(Debug, Serialize)]
struct ListError<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    log_id: &'a str,
}
