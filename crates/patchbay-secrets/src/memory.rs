//! Memory, for tests and for people whose keyring is out of order and who choose so.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use secrecy::SecretString;

use crate::{EntryName, SecretError, SecretStore};

/// Forgets everything when the process ends.
#[derive(Default)]
pub struct Memory {
    secrets: Mutex<HashMap<EntryName, SecretString>>,
}

impl Memory {
    /// The names of what is stored, for tests that nothing is left behind.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.lock().keys().map(|name| name.as_str().to_owned()).collect();
        names.sort();
        names
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<EntryName, SecretString>> {
        // A map is whole after every operation, so a panic elsewhere cannot have left it half changed.
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SecretStore for Memory {
    fn get(&self, name: &EntryName) -> Result<Option<SecretString>, SecretError> {
        Ok(self.lock().get(name).cloned())
    }

    fn set(&self, name: &EntryName, secret: &SecretString) -> Result<(), SecretError> {
        self.lock().insert(name.clone(), secret.clone());
        Ok(())
    }

    fn delete(&self, name: &EntryName) -> Result<(), SecretError> {
        self.lock().remove(name);
        Ok(())
    }
}
