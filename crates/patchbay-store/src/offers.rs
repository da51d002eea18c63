//! The table `integrations`: what a profile's server offers, as last told.

use jiff::Timestamp;
use patchbay_core::id::{IntegrationKey, ProfileId, ProviderKey};

use crate::columns::{all, lines, millis, one, parted};
use crate::{Store, StoreError};

/// One of the operator's integrations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Integration {
    /// Its key.
    pub key: IntegrationKey,
    /// The provider it configures.
    pub provider: ProviderKey,
    /// What the operator calls it.
    pub display_name: String,
    /// Credentials that the operator has filled in and nobody is asked for.
    pub preconfigured: Vec<String>,
}

/// What a server offers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Offers {
    /// Its integrations, by key.
    pub integrations: Vec<Integration>,
    /// When it told them; nothing: never.
    pub learnt_at: Option<Timestamp>,
}

impl Store {
    /// What the profile's server offers, as last told.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn offers(&self, profile: ProfileId) -> Result<Offers, StoreError> {
        self.read(move |connection| {
            let profile = profile.to_string();
            let mut learnt =
                connection.prepare_cached("SELECT offers_learnt_at FROM profiles WHERE id = ?1")?;
            let learnt_at: Option<i64> =
                one(&mut learnt, [&profile], |row| Ok(row.get::<_, Option<i64>>(0)?))?.flatten();
            let mut statement = connection.prepare_cached(
                "SELECT key, provider, display_name, preconfigured FROM integrations
                 WHERE profile_id = ?1 ORDER BY key",
            )?;
            let integrations = all(&mut statement, [&profile], |row| {
                Ok(Integration {
                    key: row.get::<_, String>(0)?.into(),
                    provider: row.get::<_, String>(1)?.into(),
                    display_name: row.get(2)?,
                    preconfigured: parted(&row.get::<_, String>(3)?),
                })
            })?;
            Ok(Offers {
                integrations,
                learnt_at: learnt_at.and_then(|ms| Timestamp::from_millisecond(ms).ok()),
            })
        })
        .await
    }

    /// Replaces what the profile's server offers.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn save_offers(
        &self,
        profile: ProfileId,
        integrations: Vec<Integration>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(move |transaction| {
            let profile = profile.to_string();
            transaction.execute("DELETE FROM integrations WHERE profile_id = ?1", [&profile])?;
            let mut insert = transaction.prepare_cached(
                "INSERT OR IGNORE INTO integrations (profile_id, key, provider, display_name, preconfigured)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?;
            for integration in integrations {
                insert.execute((
                    &profile,
                    integration.key.as_str(),
                    integration.provider.as_str(),
                    &integration.display_name,
                    lines(&integration.preconfigured),
                ))?;
            }
            transaction.execute(
                "UPDATE profiles SET offers_learnt_at = ?2 WHERE id = ?1",
                (&profile, millis(now)),
            )?;
            Ok(())
        })
        .await
    }
}
