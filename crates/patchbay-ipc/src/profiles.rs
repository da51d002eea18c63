//! Profiles: which Nango, as whom.

use jiff::Timestamp;
use patchbay_core::id::ProfileId;
use patchbay_core::profile::{Need, ProfileKind, Scope, ScopeState};
use patchbay_texts::Language;
use serde::{Deserialize, Serialize};

use crate::command::command;
use crate::{Appearance, DeepLinkView, Failure, KeyringView, RecoveryView, SecretInput};

/// Asks for what the window's frame shows; the first command after start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetOverview {}
command!(GetOverview, "get_overview", Overview);

/// What the window's frame shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Overview {
    /// The application's version.
    pub version: String,
    /// The active profile; nothing on the first run.
    pub profile: Option<ProfileView>,
    /// All profiles, by age.
    pub profiles: Vec<ProfileSummary>,
    /// Whether the network may be used, and can be.
    pub network: NetworkView,
    /// The state of the keyring.
    pub keyring: KeyringView,
    /// Whether links come back to this application.
    pub deep_link: DeepLinkView,
    /// Light, dark or as the system has it.
    pub appearance: Appearance,
    /// The language that is spoken.
    pub language: Language,
    /// The language that was chosen; nothing for the system's.
    pub chosen_language: Option<Language>,
    /// Attempts of the active profile that are still open, newest first.
    pub open_attempts: Vec<patchbay_core::id::AttemptId>,
    /// How many connections the active profile has.
    pub connections: u32,
    /// How many of them need attention.
    pub connections_needing_attention: u32,
    /// The database was damaged and put aside, until the person has read it.
    pub recovery: Option<RecoveryView>,
}

/// Whether the network is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NetworkView {
    /// The last call was answered, or none was made yet.
    Online,
    /// The last call found no server. Calls are still tried.
    Offline {
        /// Since when.
        since: Timestamp,
        /// Why, in words.
        reason: String,
    },
    /// Switched off; nothing touches the network.
    Disabled {
        /// By `NANGO_ENABLED=false` rather than in Settings.
        by_environment: bool,
    },
}

/// A profile in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileSummary {
    /// Its id.
    pub id: ProfileId,
    /// What its server is.
    pub kind: ProfileKind,
    /// What to call it: the server's host, or `Sandbox`.
    pub name: String,
    /// The end user.
    pub user_id: String,
}

/// The active profile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProfileView {
    /// Its id.
    pub id: ProfileId,
    /// What its server is.
    pub kind: ProfileKind,
    /// What to call it.
    pub name: String,
    /// The server's address in use.
    pub server_url: String,
    /// The end user's id.
    pub user_id: String,
    /// The end user's name, if given.
    pub user_name: Option<String>,
    /// The bridge page, if any.
    pub bridge_url: Option<String>,
    /// False: nothing touches the network.
    pub enabled: bool,
    /// Whether there is a key.
    pub key: KeyPresence,
    /// What the environment overrides for this run.
    pub overrides: Vec<OverrideView>,
    /// What the last check found.
    pub check: Option<CheckReport>,
    /// When the list of connections was last read from the server.
    pub last_synced_at: Option<Timestamp>,
}

/// Whether the profile's key is at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyPresence {
    /// In the keyring (or in memory, by choice).
    Stored,
    /// Given by the environment for this run.
    FromEnvironment,
    /// There is none.
    Missing,
    /// The keyring could not be asked; a failed read is not an absent secret.
    Unreadable,
}

/// One setting that the environment overrides for this run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverrideView {
    /// The variable: `NANGO_BASE_URL`, `NANGO_SECRET_KEY`, `NANGO_ENABLED`.
    pub variable: String,
    /// What it does, in words.
    pub effect: String,
}

/// Saves the active profile's settings, or makes a profile. The server is asked first; nothing is saved
/// when it refuses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SaveProfile {
    /// The profile to change; nothing makes a new one, which becomes the active one.
    pub profile: Option<ProfileId>,
    /// `https://api.nango.dev` or one's own.
    pub server_url: String,
    /// The key; nothing keeps the stored one.
    pub api_key: Option<SecretInput>,
    /// The end user's id at Nango.
    pub user_id: String,
    /// The end user's name; may be empty.
    pub user_name: String,
    /// The bridge page; may be empty.
    pub bridge_url: String,
    /// False: nothing touches the network.
    pub enabled: bool,
    /// Save although the server could not be asked or the key lacks scopes.
    pub accept_problems: bool,
}
command!(SaveProfile, "save_profile", Overview);

/// Asks the server again what the active profile's key may do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckProfile {}
command!(CheckProfile, "check_profile", CheckReport);

/// What a check found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckReport {
    /// When.
    pub checked_at: Timestamp,
    /// One sentence: all is well, or what is not.
    pub summary: String,
    /// Nothing required is missing and nothing unwanted granted.
    pub all_well: bool,
    /// Line by line.
    pub scopes: Vec<ScopeLine>,
    /// The same as a text to hand to the operator: which scopes a key should have, and what to change of this
    /// one.
    pub for_operator: String,
}

/// One scope in a check's table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScopeLine {
    /// Which.
    pub scope: Scope,
    /// Nango's name of it.
    pub name: String,
    /// How much it is wanted.
    pub need: Need,
    /// Whether the key has it.
    pub state: ScopeState,
    /// What it is for, or what follows from its being there or not.
    pub meaning: String,
}

/// Starts the sandbox inside the application and makes (or takes up) its profile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TryWithoutAccount {}
command!(TryWithoutAccount, "try_without_account", Overview);

/// Makes another profile the active one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SwitchProfile {
    /// Which.
    pub profile: ProfileId,
}
command!(SwitchProfile, "switch_profile", Overview);

/// Forgets a profile on this machine: its rows and its key. Nothing is deleted at Nango.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeleteProfile {
    /// Which.
    pub profile: ProfileId,
}
command!(DeleteProfile, "delete_profile", Overview);

/// A one-off remark for the person at the window, such as a link that matched nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// How serious.
    pub tone: Tone,
    /// What happened.
    pub message: String,
    /// What to do, if anything.
    pub hint: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// How serious a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// Something good happened.
    Good,
    /// For information.
    Neutral,
    /// Something did not go as it should.
    Bad,
}

/// Takes the notices that have not been shown yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TakeNotices {}
command!(TakeNotices, "take_notices", Vec<Notice>);

/// A failure that stands beside data, such as the reason why a list could not be refreshed.
pub type Problem = Failure;
