//! Secrets, from async code: the keyring, or memory once the person has chosen it for this session.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use patchbay_ipc::{AppEvent, KeyringState, Topic};
use patchbay_secrets::{EntryName, Memory, SecretError, SecretStore};
use secrecy::SecretString;
use tokio::sync::broadcast;

/// How long the keyring may take before it is taken to be asking a person.
const ASKS_AFTER: Duration = Duration::from_secs(1);

pub(crate) struct Vault {
    store: RwLock<Arc<dyn SecretStore>>,
    state: Mutex<KeyringState>,
    events: broadcast::Sender<AppEvent>,
}

impl Vault {
    /// Where secrets are kept, and who hears when that changes.
    pub(crate) fn new(keyring: Arc<dyn SecretStore>, events: broadcast::Sender<AppEvent>) -> Self {
        Self { store: RwLock::new(keyring), state: Mutex::new(KeyringState::Available), events }
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
        let mut known = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::replace(&mut *known, state) != state {
            // Nobody listening is no error.
            drop(self.events.send(AppEvent::Stale(vec![Topic::Overview, Topic::Diagnostics])));
        }
    }

    /// Runs on a thread that may wait: a locked keyring asks a person, without a time limit.
    async fn on_store<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn SecretStore) -> Result<T, SecretError> + Send + 'static,
    ) -> Result<T, SecretError> {
        let store = Arc::clone(&self.store.read().unwrap_or_else(PoisonError::into_inner));
        let mut working = tokio::task::spawn_blocking(move || work(&*store));
        let result = match tokio::time::timeout(ASKS_AFTER, &mut working).await {
            Ok(result) => result,
            Err(_) => {
                if self.state() != KeyringState::MemoryByChoice {
                    self.set_state(KeyringState::Waiting);
                }
                working.await
            }
        };
        let result = result.unwrap_or(Err(SecretError::Failing));
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

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, channel};
    use std::sync::{Arc, Mutex};

    use patchbay_ipc::KeyringState;
    use patchbay_secrets::{EntryName, SecretError, SecretStore};
    use secrecy::SecretString;
    use tokio::sync::broadcast;

    use super::Vault;

    /// Answers once it is allowed to, as a keyring does that asks a person.
    struct Asking(Mutex<Receiver<()>>);

    impl SecretStore for Asking {
        fn get(&self, _name: &EntryName) -> Result<Option<SecretString>, SecretError> {
            self.0.lock().expect("not poisoned").recv().expect("allowed");
            Ok(None)
        }

        fn set(&self, _name: &EntryName, _secret: &SecretString) -> Result<(), SecretError> {
            Ok(())
        }

        fn delete(&self, _name: &EntryName) -> Result<(), SecretError> {
            Err(SecretError::Locked)
        }
    }

    #[tokio::test]
    async fn a_keyring_that_asks_a_person_is_waited_for_and_one_that_answers_is_not() {
        let (allow, allowed) = channel();
        let (events, mut heard) = broadcast::channel(8);
        let vault = Arc::new(Vault::new(Arc::new(Asking(Mutex::new(allowed))), events));
        let entry = EntryName::trial;
        vault.set(entry(), SecretString::from("a key")).await.expect("kept");
        assert!(heard.try_recv().is_err(), "nothing has changed");

        let asked = tokio::spawn({
            let (vault, entry) = (vault.clone(), entry());
            async move { vault.get(entry).await }
        });
        heard.recv().await.expect("it is said");
        assert_eq!(vault.state(), KeyringState::Waiting);
        allow.send(()).expect("it asks");
        assert!(asked.await.expect("answered").expect("read").is_none());
        heard.recv().await.expect("it is said that it is over");
        assert_eq!(vault.state(), KeyringState::Available);

        vault.delete(entry()).await.expect_err("locked");
        heard.recv().await.expect("it is said");
        assert_eq!(vault.state(), KeyringState::Locked);
    }
}
