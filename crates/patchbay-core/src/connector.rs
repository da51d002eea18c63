//! A connector's manifest: what Patchbay knows of a service before any server is asked.
//!
//! Owns the manifest's vocabulary and its reading from TOML; the rules a manifest has to keep are in
//! `connector::check`. Leaves out which manifests there are (`catalog`), where the files lie, and whether an
//! icon of that name exists: icons belong to the window.

mod check;

use std::collections::BTreeMap;

use patchbay_texts::mark;
use serde::{Deserialize, Serialize};

use crate::auth_mode::AuthMode;
use crate::id::{ConnectorSlug, ProviderKey};

/// A service Patchbay knows, as its manifest describes it.
///
/// [`ConnectorManifest::parse`] is the way to make one: it checks. Deserializing is for values that were
/// checked before, such as those the engine sends to the window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectorManifest {
    /// The connector's short name, which is also the name of its file.
    pub slug: ConnectorSlug,
    /// The service's name as people know it.
    pub name: String,
    /// Where it stands in the catalogue.
    pub category: Category,
    /// One plain sentence that says what one does with it.
    pub description: String,
    /// Nango's template for the service.
    pub provider: ProviderKey,
    /// How that provider authorizes an account.
    pub auth_mode: AuthMode,
    /// Name of the drawing in the window's icon set. Without one, letters are drawn.
    pub icon: Option<String>,
    /// Further words people search it by, in lower case.
    pub keywords: Vec<String>,
    /// Base of every call, in place of the provider's own: for services that share a general provider.
    pub base_url_override: Option<String>,
    /// Whether each connection names its own base, as for a server that people run themselves.
    pub base_url_per_connection: bool,
    /// The service's public API reference.
    pub docs: Option<String>,
    /// What a person should know of the connector's limits.
    pub note: Option<String>,
    /// The call that says whose account a connection is.
    pub whoami: Option<Whoami>,
    /// Calls offered to a workflow author. Any other call can be written by hand.
    pub operations: Vec<Operation>,
}

impl ConnectorManifest {
    /// Reads and checks the manifest of the connector `slug`.
    ///
    /// # Errors
    /// The first thing that is wrong with it: the text is no TOML, a member is unknown, missing or of the wrong
    /// kind, or a rule of the format is broken.
    pub fn parse(slug: &str, text: &str) -> Result<Self, ManifestError> {
        let fail = |problem| ManifestError { slug: ConnectorSlug::from(slug), problem };
        let file: ManifestFile =
            toml::from_str(text).map_err(|error| fail(ManifestProblem::Unreadable(Box::new(error))))?;
        let manifest = file.named(slug);
        check::manifest(&manifest).map_err(fail)?;
        Ok(manifest)
    }

    /// The operation called `id`, if the manifest has it.
    #[must_use]
    pub fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }

    /// The base to call in place of the provider's own, for the call whose own `base_url` is given: that one
    /// first, then the connector's. `None` leaves it to the provider.
    #[must_use]
    pub fn base_url_override_for<'a>(&'a self, call_base_url: Option<&'a str>) -> Option<&'a str> {
        call_base_url.or(self.base_url_override.as_deref())
    }
}

/// The text of a manifest: everything but the slug, which is the file's name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ManifestFile {
    name: String,
    category: Category,
    description: String,
    provider: ProviderKey,
    auth_mode: AuthMode,
    icon: Option<String>,
    #[serde(default)]
    keywords: Vec<String>,
    base_url_override: Option<String>,
    #[serde(default)]
    base_url_per_connection: bool,
    docs: Option<String>,
    note: Option<String>,
    whoami: Option<Whoami>,
    #[serde(default, rename = "operation")]
    operations: Vec<Operation>,
}

impl ManifestFile {
    fn named(self, slug: &str) -> ConnectorManifest {
        ConnectorManifest {
            slug: ConnectorSlug::from(slug),
            name: self.name,
            category: self.category,
            description: self.description,
            provider: self.provider,
            auth_mode: self.auth_mode,
            icon: self.icon,
            keywords: self.keywords,
            base_url_override: self.base_url_override,
            base_url_per_connection: self.base_url_per_connection,
            docs: self.docs,
            note: self.note,
            whoami: self.whoami,
            operations: self.operations,
        }
    }
}

/// The shelf of the catalogue a connector stands on, in the order shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Category {
    /// Mail, chat, calls, support desks.
    #[serde(rename = "Communication & Collaboration")]
    Communication,
    /// Calendars and appointments.
    #[serde(rename = "Calendar & Scheduling")]
    Calendar,
    /// Notes and small helpers of the day.
    #[serde(rename = "Productivity & Notes")]
    Productivity,
    /// Tasks, boards, plans.
    #[serde(rename = "Project Management")]
    ProjectManagement,
    /// Files and objects.
    #[serde(rename = "File Storage & Cloud")]
    FileStorage,
    /// Code, builds, deployments.
    #[serde(rename = "Development & Code")]
    Development,
    /// Contacts, deals, accounts.
    #[serde(rename = "CRM & Sales")]
    Sales,
    /// Shops, invoices, subscriptions.
    #[serde(rename = "E-commerce & Payments")]
    Commerce,
    /// Payments alone.
    #[serde(rename = "Payments")]
    Payments,
    /// Posts, pages, channels.
    #[serde(rename = "Social Media")]
    SocialMedia,
    /// Measurements, warehouses, reports.
    #[serde(rename = "Analytics & Data")]
    Analytics,
    /// Models and predictions.
    #[serde(rename = "AI & Machine Learning")]
    ArtificialIntelligence,
}

impl Category {
    /// Every category, in the order shown.
    pub const ALL: [Category; 12] = [
        Category::Communication,
        Category::Calendar,
        Category::Productivity,
        Category::ProjectManagement,
        Category::FileStorage,
        Category::Development,
        Category::Sales,
        Category::Commerce,
        Category::Payments,
        Category::SocialMedia,
        Category::Analytics,
        Category::ArtificialIntelligence,
    ];

    /// The title in English, by which a manifest names the category. Whoever shows it looks it up with
    /// [`patchbay_texts::text`].
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Category::Communication => mark!("Communication & Collaboration"),
            Category::Calendar => mark!("Calendar & Scheduling"),
            Category::Productivity => mark!("Productivity & Notes"),
            Category::ProjectManagement => mark!("Project Management"),
            Category::FileStorage => mark!("File Storage & Cloud"),
            Category::Development => mark!("Development & Code"),
            Category::Sales => mark!("CRM & Sales"),
            Category::Commerce => mark!("E-commerce & Payments"),
            Category::Payments => mark!("Payments"),
            Category::SocialMedia => mark!("Social Media"),
            Category::Analytics => mark!("Analytics & Data"),
            Category::ArtificialIntelligence => mark!("AI & Machine Learning"),
        }
    }
}

/// The methods an operation can have: those that Nango's proxy passes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Reads.
    Get,
    /// Creates or asks.
    Post,
    /// Replaces.
    Put,
    /// Changes in part.
    Patch,
    /// Removes.
    Delete,
}

impl Method {
    /// The method as HTTP spells it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }
}

/// The call that says whose account a connection is, and where in its JSON answer that stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Whoami {
    /// How it is asked.
    pub method: Method,
    /// Base of this call, where the service keeps it on another host than the provider's.
    pub base_url: Option<String>,
    /// Path below the base URL, with the query if the call needs one.
    pub path: String,
    /// Headers the service asks for beyond those of the provider, such as a version. Never a secret.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// JSON text to send, where the call takes a body.
    pub body: Option<String>,
    /// JSON pointer (RFC 6901) to what identifies the account: a text or a number that does not change.
    pub id: String,
    /// JSON pointer to the name people know the account by.
    pub name: Option<String>,
    /// JSON pointer to the account's email address.
    pub email: Option<String>,
}

/// One call of the service's public API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// Name within the manifest, in kebab case; workflows hold it, so it does not change.
    pub id: String,
    /// What the call does, for people.
    pub title: String,
    /// How it is asked.
    pub method: Method,
    /// Base of this call, where the service keeps it on another host than the provider's.
    pub base_url: Option<String>,
    /// Path below the base URL, with `{name}` where a path parameter goes.
    pub path: String,
    /// How body parameters are written, if the call has any.
    pub body: Option<BodyFormat>,
    /// What the call takes, in the order shown.
    #[serde(default, rename = "parameter")]
    pub parameters: Vec<Parameter>,
}

/// How body parameters become a request body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BodyFormat {
    /// Members of one JSON object.
    Json,
    /// Fields of a form, URL-encoded.
    Form,
}

/// One thing an operation takes.
///
/// `example`, `default` and the values of `choices` are texts as a person would type them; those of an object or
/// an array are JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Name as the API spells it.
    pub name: String,
    /// Where it goes in the request.
    #[serde(rename = "in")]
    pub place: ParameterPlace,
    /// Name for people.
    pub title: String,
    /// Whether the call fails without it.
    #[serde(default)]
    pub required: bool,
    /// What kind of value it takes.
    #[serde(default, rename = "type")]
    pub kind: ParameterKind,
    /// A value that shows the form.
    pub example: Option<String>,
    /// What to know about it.
    pub description: Option<String>,
    /// The only values it may have; empty if there is no such list.
    #[serde(default, rename = "enum")]
    pub choices: Vec<String>,
    /// The value a new task starts with.
    pub default: Option<String>,
}

/// Where in a request a parameter goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ParameterPlace {
    /// In place of `{name}` in the path.
    Path,
    /// In the query.
    Query,
    /// A header of that name.
    Header,
    /// A member or field of the body.
    Body,
}

/// The kind of value a parameter takes, in the words of JSON Schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ParameterKind {
    /// Text.
    #[default]
    String,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A JSON object.
    Object,
    /// A JSON array.
    Array,
}

/// A manifest that cannot be used: which one, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("connectors/{slug}.toml: {problem}")]
pub struct ManifestError {
    /// The connector whose manifest it is.
    pub slug: ConnectorSlug,
    /// What is wrong with it.
    pub problem: ManifestProblem,
}

/// What can be wrong with a manifest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestProblem {
    /// It is no TOML, or a member is unknown, missing or of the wrong kind. The text names the line.
    #[error("{0}")]
    Unreadable(Box<toml::de::Error>),
    /// A rule of the format is broken.
    #[error("{place}: {rule}")]
    Broken {
        /// The member, such as `operation list-issues, parameter owner`.
        place: String,
        /// The rule, as what the member does wrong.
        rule: &'static str,
    },
    /// Another manifest has this slug.
    #[error("there is a second manifest of this name")]
    Repeated,
}
