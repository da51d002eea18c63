//! The table `settings`: what belongs to the machine rather than to a profile.

use rusqlite::OptionalExtension;

use crate::{Store, StoreError};

/// What is kept there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// The active profile's id.
    ActiveProfile,
    /// `system`, `light` or `dark`.
    Appearance,
    /// The code of a language; unset or unknown for the system's.
    Language,
    /// `on` or `off`.
    Notifications,
    /// What was done about a damaged database, until its owner has read it.
    Recovery,
}

impl Setting {
    fn name(self) -> &'static str {
        match self {
            Setting::ActiveProfile => "active_profile",
            Setting::Appearance => "appearance",
            Setting::Language => "language",
            Setting::Notifications => "notifications",
            Setting::Recovery => "recovery",
        }
    }
}

impl Store {
    /// A setting's value, if it was ever set.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn setting(&self, setting: Setting) -> Result<Option<String>, StoreError> {
        self.read(move |connection| {
            Ok(connection
                .prepare_cached("SELECT value FROM settings WHERE name = ?1")?
                .query_row([setting.name()], |row| row.get(0))
                .optional()?)
        })
        .await
    }

    /// Sets a setting.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn set_setting(&self, setting: Setting, value: String) -> Result<(), StoreError> {
        self.write(move |transaction| set(transaction, setting, &value)).await
    }

    /// Forgets a setting.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn clear_setting(&self, setting: Setting) -> Result<(), StoreError> {
        self.write(move |transaction| {
            transaction.prepare_cached("DELETE FROM settings WHERE name = ?1")?.execute([setting.name()])?;
            Ok(())
        })
        .await
    }
}

pub(crate) fn set(
    transaction: &rusqlite::Transaction<'_>,
    setting: Setting,
    value: &str,
) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "INSERT INTO settings (name, value) VALUES (?1, ?2)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        )?
        .execute([setting.name(), value])?;
    Ok(())
}
