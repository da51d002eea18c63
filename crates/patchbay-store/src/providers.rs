//! The table `providers`: the catalogue of a profile's server, as last told.

use patchbay_core::id::{ProfileId, ProviderKey};
use rusqlite::Transaction;

use crate::columns::{all, lines, one, parted};
use crate::{Store, StoreError};

/// What a list shows of a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedProvider {
    /// Its key.
    pub name: ProviderKey,
    /// What people call it.
    pub display_name: String,
    /// How it authorizes, by Nango's name.
    pub auth_mode: String,
    /// Nango's categories.
    pub categories: Vec<String>,
}

/// A provider with its definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptProvider {
    /// What a list shows of it.
    pub listed: ListedProvider,
    /// Its definition, as JSON.
    pub definition: String,
}

impl Store {
    /// The etag under which the catalogue was read, if it was.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn catalogue_etag(&self, profile: ProfileId) -> Result<Option<String>, StoreError> {
        self.read(move |connection| {
            let mut statement =
                connection.prepare_cached("SELECT catalogue_etag FROM profiles WHERE id = ?1")?;
            Ok(one(&mut statement, [profile.to_string()], |row| Ok(row.get(0)?))?.flatten())
        })
        .await
    }

    /// Replaces the catalogue, in one transaction. Of two of one name the first is kept.
    ///
    /// # Errors
    /// When the database cannot be written; then nothing has changed.
    pub async fn save_catalogue(
        &self,
        profile: ProfileId,
        etag: Option<String>,
        providers: Vec<KeptProvider>,
    ) -> Result<(), StoreError> {
        self.write(move |transaction| {
            let profile = profile.to_string();
            transaction.execute("DELETE FROM providers WHERE profile_id = ?1", [&profile])?;
            for provider in &providers {
                insert(transaction, &profile, provider, "DO NOTHING")?;
            }
            transaction.execute("UPDATE profiles SET catalogue_etag = ?2 WHERE id = ?1", (&profile, etag))?;
            Ok(())
        })
        .await
    }

    /// The catalogue, by name.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn providers(&self, profile: ProfileId) -> Result<Vec<ListedProvider>, StoreError> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT name, display_name, auth_mode, categories FROM providers
                 WHERE profile_id = ?1 ORDER BY display_name, name",
            )?;
            all(&mut statement, [profile.to_string()], |row| {
                Ok(ListedProvider {
                    name: row.get::<_, String>(0)?.into(),
                    display_name: row.get(1)?,
                    auth_mode: row.get(2)?,
                    categories: parted(&row.get::<_, String>(3)?),
                })
            })
        })
        .await
    }

    /// A provider's definition, as JSON, if it was kept.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn provider(
        &self,
        profile: ProfileId,
        name: ProviderKey,
    ) -> Result<Option<String>, StoreError> {
        self.read(move |connection| {
            let mut statement = connection
                .prepare_cached("SELECT definition FROM providers WHERE profile_id = ?1 AND name = ?2")?;
            one(&mut statement, (profile.to_string(), name.as_str()), |row| Ok(row.get(0)?))
        })
        .await
    }

    /// Keeps one provider beside those of the catalogue.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn save_provider(&self, profile: ProfileId, provider: KeptProvider) -> Result<(), StoreError> {
        self.write(move |transaction| {
            let update = "DO UPDATE SET display_name = excluded.display_name,
                auth_mode = excluded.auth_mode, categories = excluded.categories,
                definition = excluded.definition";
            insert(transaction, &profile.to_string(), &provider, update)
        })
        .await
    }
}

fn insert(
    transaction: &Transaction<'_>,
    profile: &str,
    provider: &KeptProvider,
    if_there: &str,
) -> Result<(), StoreError> {
    let ListedProvider { name, display_name, auth_mode, categories } = &provider.listed;
    transaction
        .prepare_cached(&format!(
            "INSERT INTO providers (profile_id, name, display_name, auth_mode, categories, definition)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (profile_id, name) {if_there}"
        ))?
        .execute((
            profile,
            name.as_str(),
            display_name,
            auth_mode,
            lines(categories),
            &provider.definition,
        ))?;
    Ok(())
}
