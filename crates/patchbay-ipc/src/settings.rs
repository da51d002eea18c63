//! Settings and self-tests: appearance, keyring, deep link, where things are.

use patchbay_texts::{Language, Text};
use serde::{Deserialize, Serialize};

use crate::command::command;

/// Light, dark, or as the system has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Appearance {
    /// As the system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// Chooses the appearance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SetAppearance {
    /// The choice.
    pub appearance: Appearance,
}
command!(SetAppearance, "set_appearance", ());

/// Chooses the language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SetLanguage {
    /// The choice; nothing for the system's.
    pub language: Option<Language>,
}
command!(SetLanguage, "set_language", ());

/// Asks for the texts of a language, of which the window brings the English ones alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetTexts {
    /// The language.
    pub language: Language,
}
command!(GetTexts, "get_texts", Vec<Text>);

/// What is to be said about a database that was damaged or gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryView {
    /// What happened, and what was taken back.
    pub message: String,
    /// What to do next.
    pub hint: String,
    /// Where the damaged file lies; nothing if there was none any more.
    pub kept: Option<String>,
}

/// The person has read what was said about the damaged database.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DismissRecovery {}
command!(DismissRecovery, "dismiss_recovery", ());

/// Asks for the state of everything around the application.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetDiagnostics {}
command!(GetDiagnostics, "get_diagnostics", Diagnostics);

/// The state of everything around the application.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Diagnostics {
    /// The keyring.
    pub keyring: KeyringView,
    /// The link's way back.
    pub deep_link: DeepLinkView,
    /// Whether the system is asked to tell how an attempt ended while the window is elsewhere.
    pub notifications: bool,
    /// The application's version.
    pub version: String,
    /// Where the database is.
    pub data_folder: String,
    /// Where the log is.
    pub log_folder: String,
    /// The database's schema version.
    pub schema_version: u32,
}

/// Asks what the application is made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListLicences {}
command!(ListLicences, "list_licences", Vec<Licence>);

/// A package of others that is in the application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Licence {
    /// The package.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its licence, as an SPDX expression where its author gives one.
    pub licence: String,
}

/// The keyring's state, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyringView {
    /// The state.
    pub state: KeyringState,
    /// What it is, in a sentence.
    pub message: String,
    /// How to mend it; nothing when there is nothing to mend.
    pub hint: Option<String>,
}

/// What the keyring is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyringState {
    /// It keeps and returns secrets.
    Available,
    /// An operation is under way, perhaps waiting for the person at a prompt of the system.
    Waiting,
    /// No keyring service runs.
    Missing,
    /// It is locked and cannot ask.
    Locked,
    /// The person dismissed its prompt.
    Dismissed,
    /// It answered something unexpected.
    Failing,
    /// By the person's choice secrets are in memory until the application ends.
    MemoryByChoice,
}

/// Writes, reads and deletes a test entry, after trying to open the keyring anew.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TestKeyring {}
command!(TestKeyring, "test_keyring", KeyringView);

/// Keeps secrets in memory until the application ends, because the keyring cannot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UseMemoryForSession {}
command!(UseMemoryForSession, "use_memory_for_session", KeyringView);

/// Whether links of our scheme come to this application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeepLinkView {
    /// The state.
    pub state: DeepLinkState,
    /// What it is, in a sentence.
    pub message: String,
    /// How to mend it; nothing when there is nothing to mend.
    pub hint: Option<String>,
}

/// Who is registered for our scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeepLinkState {
    /// This application.
    Registered,
    /// Another application.
    RegisteredElsewhere,
    /// Nobody.
    NotRegistered,
    /// The system did not tell.
    Unknown,
}

/// Registers this application for its scheme.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RegisterDeepLink {}
command!(RegisterDeepLink, "register_deep_link", DeepLinkView);

/// Sends a link to this application through the system, as a browser would, and waits for it to arrive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TestDeepLink {}
command!(TestDeepLink, "test_deep_link", LinkTestReport);

/// What became of a link that was sent to see whether it arrives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkTestReport {
    /// The answer.
    pub outcome: LinkTestOutcome,
    /// The same in a sentence.
    pub message: String,
    /// What to do next; nothing when there is nothing to do.
    pub hint: Option<String>,
}

/// Whether a link arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkTestOutcome {
    /// It did.
    Arrived,
    /// It did not, and nobody else is known to have got it.
    NothingArrived,
    /// Another program is registered for it, and it did not arrive here.
    TakenElsewhere,
    /// The system could not be given the link.
    NotSent,
}

/// Whether the system tells how an attempt ended while the window is elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SetNotifications {
    /// On or off.
    pub on: bool,
}
command!(SetNotifications, "set_notifications", ());
