//! Secrets, from async code: the keyring, or memory once the person has chosen it for this session.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use patchbay_ipc::KeyringState;
use patchbay_secrets::{EntryName, Memory, SecretError, SecretStore};
use secrecy::SecretString;

pub(crate) struct Vault {
    store: RwLock<Arc<dyn SecretStore>>,
    state: Mutex<KeyringState>,
}

impl Vault {
    pub(crate) fn new(keyring: Arc<dyn SecretStore>) -> Self {
        Self { store: RwLock::new(keyring), state: Mutex::new(KeyringState::Available) }
    }

    pub(crate) async fn get(&self, name: EntryName) -> Result<Option<SecretString>, SecretError> {
        self.on_store(move |store| store.get(&name)).await
    }

    pub(crate) async fn set(&self, name: EntryName, secret: SecretString) -> Result<(), SecretError> {
        self.on_store(move |store| store.set(&name, &secret)).await
    }

    pub(crate) async fn delete(&self, name: EntryName) -> Result<(), SecretError> {
        self.on_store(move |store| store.delete(&name)).await
    }

    /// Writes, reads and deletes a trial entry.
    pub(crate) async fn try_out(&self) -> Result<(), SecretError> {
        self.on_store(|store| patchbay_secrets::try_out(store)).await
    }

    /// From now on, and until the process ends, secrets are kept in memory.
    pub(crate) fn use_memory(&self) {
        *self.store.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Memory::default());
        self.set_state(KeyringState::MemoryByChoice);
    }

    /// What the last operation found.
    pub(crate) fn state(&self) -> KeyringState {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_state(&self, state: KeyringState) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }

    /// Runs on a thread that may wait: a locked keyring asks a person, without a time limit.
    async fn on_store<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn SecretStore) -> Result<T, SecretError> + Send + 'static,
    ) -> Result<T, SecretError> {
        let by_choice = self.state() == KeyringState::MemoryByChoice;
        if !by_choice {
            self.set_state(KeyringState::Waiting);
        }
        let store = Arc::clone(&self.store.read().unwrap_or_else(PoisonError::into_inner));
        let result = match tokio::task::spawn_blocking(move || work(&*store)).await {
            Ok(result) => result,
            Err(_) => Err(SecretError::Failing),
        };
        if self.state() != KeyringState::MemoryByChoice {
            self.set_state(match &result {
                Ok(_) | Err(SecretError::TooLong) => KeyringState::Available,
                Err(SecretError::Missing | SecretError::NoCollection) => KeyringState::Missing,
                Err(SecretError::Locked) => KeyringState::Locked,
                Err(SecretError::Dismissed) => KeyringState::Dismissed,
                Err(SecretError::Failing) => KeyringState::Failing,
            });
        }
        result
    }
}
