//! The operating system's keyring: Secret Service on Linux, Keychain on macOS, Credential Manager on
//! Windows. The only file that names them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use keyring_core::{Entry, Error};
use secrecy::{ExposeSecret, SecretString};

use crate::{EntryName, SecretError, SecretStore};

/// The service under which every entry is filed.
const SERVICE: &str = "app.patchbay.desktop";

/// A prompt that ends sooner than this was not answered by a person, unless it is known that one was shown.
const QUICKEST_DISMISSAL: Duration = Duration::from_millis(400);

/// The operating system's keyring. It is opened on first use; where that failed, the next use tries again,
/// so that a person can start the missing service and go on.
#[derive(Default)]
pub struct Keyring {
    opened: AtomicBool,
}

impl Keyring {
    fn entry(&self, name: &EntryName) -> Result<Entry, SecretError> {
        self.open()?;
        Entry::new(SERVICE, name.as_str()).map_err(|error| reason(&error, Duration::MAX))
    }

    /// The `keyring` crate opens the native store once per process and remembers a failure; after one, the
    /// store is opened here and handed to keyring-core.
    fn open(&self) -> Result<(), SecretError> {
        if self.opened.load(Ordering::Acquire) {
            return Ok(());
        }
        if keyring::Entry::store_status().is_err() {
            let store = native_store().map_err(|error| reason(&error, Duration::MAX))?;
            keyring_core::set_default_store(store);
        }
        self.opened.store(true, Ordering::Release);
        Ok(())
    }

    /// Performs one operation, and lets a later one open the store anew when this one found it gone.
    fn on<T>(
        &self,
        name: &EntryName,
        operation: impl FnOnce(&Entry) -> Result<T, Error>,
    ) -> Result<Option<T>, SecretError> {
        let entry = self.entry(name)?;
        let started = Instant::now();
        match operation(&entry) {
            Ok(value) => Ok(Some(value)),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => {
                let reason = reason(&error, started.elapsed());
                if reason == SecretError::Missing
                    && let Ok(store) = native_store()
                {
                    // The service came back under another connection.
                    keyring_core::set_default_store(store);
                }
                Err(reason)
            }
        }
    }
}

impl SecretStore for Keyring {
    fn get(&self, name: &EntryName) -> Result<Option<SecretString>, SecretError> {
        Ok(self.on(name, Entry::get_password)?.map(SecretString::from))
    }

    fn set(&self, name: &EntryName, secret: &SecretString) -> Result<(), SecretError> {
        self.on(name, |entry| entry.set_password(secret.expose_secret()))?.ok_or(SecretError::Failing)
    }

    fn delete(&self, name: &EntryName) -> Result<(), SecretError> {
        self.on(name, Entry::delete_credential).map(|_| ())
    }
}

#[cfg(target_os = "macos")]
fn native_store() -> Result<std::sync::Arc<apple_native_keyring_store::keychain::Store>, Error> {
    apple_native_keyring_store::keychain::Store::new()
}

#[cfg(target_os = "windows")]
fn native_store() -> Result<std::sync::Arc<windows_native_keyring_store::Store>, Error> {
    windows_native_keyring_store::Store::new()
}

#[cfg(all(unix, not(target_os = "macos")))]
fn native_store() -> Result<std::sync::Arc<zbus_secret_service_keyring_store::Store>, Error> {
    zbus_secret_service_keyring_store::Store::new()
}

/// What an error means for the person at the keyring.
fn reason(error: &Error, took: Duration) -> SecretError {
    match error {
        Error::NoDefaultStore => SecretError::Missing,
        Error::TooLong(..) => SecretError::TooLong,
        Error::NoStorageAccess(cause) | Error::PlatformFailure(cause) => platform_reason(&**cause, took),
        _ => SecretError::Failing,
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
fn platform_reason(cause: &(dyn std::error::Error + Send + Sync + 'static), took: Duration) -> SecretError {
    use secret_service::Error as ServiceError;

    match cause.downcast_ref::<ServiceError>() {
        Some(ServiceError::Locked) => SecretError::Locked,
        // The Secret Service answers the same whether the person dismissed the prompt or there was no way to show
        // one. gnome-keyring's prompter stays on the bus for a while after it has shown one; where it is not
        // there, and for keyrings that show their prompts themselves, the time it took has to tell.
        Some(ServiceError::Prompt | ServiceError::PromptDisconnected)
            if took < QUICKEST_DISMISSAL && !prompter_is_there() =>
        {
            SecretError::Locked
        }
        Some(ServiceError::Prompt | ServiceError::PromptDisconnected) => SecretError::Dismissed,
        Some(ServiceError::NoResult) => SecretError::NoCollection,
        Some(ServiceError::Unavailable | ServiceError::Zbus(_) | ServiceError::ZbusFdo(_)) => {
            SecretError::Missing
        }
        _ => SecretError::Failing,
    }
}

/// Whether the program that shows gnome-keyring's prompts runs in this session.
#[cfg(all(unix, not(target_os = "macos")))]
fn prompter_is_there() -> bool {
    let asked = zbus::blocking::Connection::session().and_then(|bus| {
        let bus = zbus::blocking::fdo::DBusProxy::new(&bus)?;
        Ok(bus.name_has_owner("org.gnome.keyring.SystemPrompter".try_into()?)?)
    });
    asked.unwrap_or(false)
}

#[cfg(any(target_os = "macos", windows))]
fn platform_reason(_cause: &(dyn std::error::Error + Send + Sync + 'static), took: Duration) -> SecretError {
    if took < QUICKEST_DISMISSAL { SecretError::Locked } else { SecretError::Dismissed }
}
