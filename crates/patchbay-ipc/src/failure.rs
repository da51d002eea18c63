//! A failure as the window receives it: already worded for people.

use serde::{Deserialize, Serialize};

/// What went wrong, for people. The engine words it; the window branches on `code` alone and never
/// composes or matches the texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What the window may react to.
    pub code: Code,
    /// What happened, and why as far as known: one or two sentences.
    pub message: String,
    /// What to do next: one sentence.
    pub hint: String,
    /// For the curious and for bug reports: status, Nango's code. Never a secret.
    pub detail: Option<String>,
    /// The name of the input at fault, where one is: `server_url`, `api_key`, `user_id`, `bridge_url`,
    /// `label`, `link`, or the name of a form's field.
    pub field: Option<String>,
}

/// Kinds of failure the window reacts to differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// An input is wrong; `field` names it.
    InvalidInput,
    /// The server cannot be reached. Saving a profile may be repeated with `accept_problems`.
    Unreachable,
    /// The server does not know the key.
    KeyRefused,
    /// The key lacks a scope. Saving a profile may be repeated with `accept_problems`.
    MissingScope,
    /// The server answered something that is not Nango's.
    UnexpectedAnswer,
    /// Too many calls; worth another try later.
    RateLimited,
    /// The network is switched off for this profile, or by the environment.
    Disabled,
    /// The keyring is missing, locked or was dismissed: Settings shows how to mend it, and
    /// [`UseMemoryForSession`](crate::UseMemoryForSession) is the way on without it.
    Keyring,
    /// Nobody has set up a profile yet.
    NoProfile,
    /// What was named does not exist (any more).
    NotFound,
    /// The integration does not exist at the server.
    NotSetUp,
    /// It clashes with something that exists or is going on.
    Conflict,
    /// The provider or the person there refused.
    Refused,
    /// Reading or writing this machine's data failed.
    Storage,
    /// A fault of Patchbay's own.
    Internal,
}
