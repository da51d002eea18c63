//! Where secrets live: the operating system's keyring, or memory when its owner says so. Never a file.
//!
//! Calls block, and a keyring may show a prompt and wait for a person without limit: call from a thread
//! that may wait.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod keyring;
mod memory;

use std::fmt;

use secrecy::SecretString;

pub use crate::keyring::Keyring;
pub use crate::memory::Memory;

/// What an entry is called in the keyring. Names hold ids, never secrets.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EntryName(String);

impl EntryName {
    /// A profile's API key.
    #[must_use]
    pub fn api_key(profile: impl fmt::Display) -> Self {
        Self(format!("profile/{profile}/api-key"))
    }

    /// An open attempt's session token.
    #[must_use]
    pub fn session(attempt: impl fmt::Display) -> Self {
        Self(format!("attempt/{attempt}/session"))
    }

    /// An open attempt's state cookie, which names its state.
    #[must_use]
    pub fn state_cookie(attempt: impl fmt::Display) -> Self {
        Self(format!("attempt/{attempt}/state-cookie"))
    }

    /// The provider's answer to an open attempt, while it is on its way to Nango.
    #[must_use]
    pub fn answer(attempt: impl fmt::Display) -> Self {
        Self(format!("attempt/{attempt}/answer"))
    }

    /// The entry with which the keyring is tried out.
    #[must_use]
    pub fn trial() -> Self {
        Self("trial".to_owned())
    }

    fn as_str(&self) -> &str {
        &self.0
    }
}

/// Keeps one short secret per entry.
pub trait SecretStore: Send + Sync {
    /// The secret, or nothing if none is stored under that name.
    ///
    /// # Errors
    /// When the store cannot be asked. That is not the same as an absent secret.
    fn get(&self, name: &EntryName) -> Result<Option<SecretString>, SecretError>;

    /// Stores the secret, in place of an earlier one.
    ///
    /// # Errors
    /// When it is not stored.
    fn set(&self, name: &EntryName, secret: &SecretString) -> Result<(), SecretError>;

    /// Deletes the secret; it is no error if there is none.
    ///
    /// # Errors
    /// When the store cannot be asked.
    fn delete(&self, name: &EntryName) -> Result<(), SecretError>;
}

/// Why a store could not be used. The system's own text is left out: it may be in any language and say
/// anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// No keyring service runs, or none can be reached.
    #[error("no keyring service can be reached")]
    Missing,
    /// There is a service, but no keyring has been made in it yet.
    #[error("the keyring service has no keyring to store into")]
    NoCollection,
    /// It is locked and nobody could be asked to unlock it.
    #[error("the keyring is locked")]
    Locked,
    /// The person dismissed the prompt.
    #[error("the keyring's prompt was dismissed")]
    Dismissed,
    /// The secret is longer than this keyring takes.
    #[error("the secret is longer than the keyring takes")]
    TooLong,
    /// It answered something unexpected.
    #[error("the keyring answered something unexpected")]
    Failing,
}

/// Writes, reads back and deletes a trial entry.
///
/// # Errors
/// What the store answered; `Failing` when it returns something other than what was written.
pub fn try_out(store: &dyn SecretStore) -> Result<(), SecretError> {
    use secrecy::ExposeSecret;

    let name = EntryName::trial();
    let secret = SecretString::from("Patchbay tries out the keyring");
    store.set(&name, &secret)?;
    let read = store.get(&name)?;
    store.delete(&name)?;
    match read {
        Some(read) if read.expose_secret() == secret.expose_secret() => Ok(()),
        _ => Err(SecretError::Failing),
    }
}
