//! The table `profiles`.

use patchbay_core::id::ProfileId;
use patchbay_core::profile::{CheckedScopes, Profile, ProfileKind};
use rusqlite::{Row, named_params};

use crate::columns::{all, millis, one, optional_parsed, optional_time, parsed, time};
use crate::settings::{self, Setting};
use crate::{Store, StoreError};

impl Store {
    /// Every profile, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn profiles(&self) -> Result<Vec<Profile>, StoreError> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT * FROM profiles ORDER BY created_at, id")?;
            all(&mut statement, [], profile)
        })
        .await
    }

    /// One profile.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn profile(&self, id: ProfileId) -> Result<Option<Profile>, StoreError> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached("SELECT * FROM profiles WHERE id = ?1")?;
            one(&mut statement, [id.to_string()], profile)
        })
        .await
    }

    /// Inserts a profile or updates the one of its id, and makes it the active one.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn save_profile(&self, profile: Profile) -> Result<(), StoreError> {
        self.write(move |transaction| {
            let checked = checked_column(profile.check.as_ref())?;
            // What was learnt of another server is worth nothing here.
            for table in ["integrations", "providers"] {
                transaction
                    .prepare_cached(&format!(
                        "DELETE FROM {table} WHERE profile_id = ?1
                             AND EXISTS (SELECT 1 FROM profiles WHERE id = ?1 AND server_url <> ?2)"
                    ))?
                    .execute((profile.id.to_string(), profile.server_url.as_str()))?;
            }
            transaction
                .prepare_cached(
                    "INSERT INTO profiles (id, kind, server_url, user_id, user_name, bridge_url, enabled,
                         checked, last_synced_at, created_at)
                     VALUES (:id, :kind, :server_url, :user_id, :user_name, :bridge_url, :enabled,
                         :checked, :last_synced_at, :created_at)
                     ON CONFLICT (id) DO UPDATE SET
                         websockets_path = CASE WHEN server_url = excluded.server_url
                             THEN websockets_path END,
                         callback_url = CASE WHEN server_url = excluded.server_url THEN callback_url END,
                         catalogue_etag = CASE WHEN server_url = excluded.server_url
                             THEN catalogue_etag END,
                         offers_learnt_at = CASE WHEN server_url = excluded.server_url
                             THEN offers_learnt_at END,
                         server_url = excluded.server_url, user_id = excluded.user_id,
                         user_name = excluded.user_name, bridge_url = excluded.bridge_url,
                         enabled = excluded.enabled, checked = excluded.checked",
                )?
                .execute(named_params! {
                    ":id": profile.id.to_string(),
                    ":kind": kind_name(profile.kind),
                    ":server_url": profile.server_url.as_str(),
                    ":user_id": profile.user_id,
                    ":user_name": profile.user_name,
                    ":bridge_url": profile.bridge_url.as_ref().map(url::Url::as_str),
                    ":enabled": profile.enabled,
                    ":checked": checked,
                    ":last_synced_at": profile.last_synced_at.map(millis),
                    ":created_at": millis(profile.created_at),
                })?;
            settings::set(transaction, Setting::ActiveProfile, &profile.id.to_string())
        })
        .await
    }

    /// Keeps what a check of the key found.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn save_check(&self, id: ProfileId, check: CheckedScopes) -> Result<(), StoreError> {
        self.write(move |transaction| {
            transaction
                .prepare_cached("UPDATE profiles SET checked = ?2 WHERE id = ?1")?
                .execute((id.to_string(), checked_column(Some(&check))?))?;
            Ok(())
        })
        .await
    }

    /// Forgets a profile and every row that belongs to it.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn delete_profile(&self, id: ProfileId) -> Result<(), StoreError> {
        self.write(move |transaction| {
            transaction.execute("DELETE FROM profiles WHERE id = ?1", [id.to_string()])?;
            transaction.execute(
                "DELETE FROM settings WHERE name = 'active_profile' AND value = ?1",
                [id.to_string()],
            )?;
            Ok(())
        })
        .await
    }

    /// Where the profile's server has its websocket, if it was learnt.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn websockets_path(&self, id: ProfileId) -> Result<Option<String>, StoreError> {
        self.read(move |connection| {
            let mut statement =
                connection.prepare_cached("SELECT websockets_path FROM profiles WHERE id = ?1")?;
            Ok(one(&mut statement, [id.to_string()], |row| Ok(row.get(0)?))?.flatten())
        })
        .await
    }

    /// Where providers send people back to, as the last dance told; nothing if none has begun yet.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn callback_url(&self, id: ProfileId) -> Result<Option<String>, StoreError> {
        self.read(move |connection| {
            let mut statement =
                connection.prepare_cached("SELECT callback_url FROM profiles WHERE id = ?1")?;
            Ok(one(&mut statement, [id.to_string()], |row| Ok(row.get(0)?))?.flatten())
        })
        .await
    }

    /// Keeps where providers send people back to.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn save_callback_url(&self, id: ProfileId, url: String) -> Result<(), StoreError> {
        self.write(move |transaction| {
            transaction
                .prepare_cached(
                    "UPDATE profiles SET callback_url = ?2 WHERE id = ?1 AND callback_url IS NOT ?2",
                )?
                .execute((id.to_string(), url))?;
            Ok(())
        })
        .await
    }

    /// Keeps where the profile's server has its websocket.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn save_websockets_path(&self, id: ProfileId, path: String) -> Result<(), StoreError> {
        self.write(move |transaction| {
            transaction
                .prepare_cached("UPDATE profiles SET websockets_path = ?2 WHERE id = ?1")?
                .execute((id.to_string(), path))?;
            Ok(())
        })
        .await
    }
}

fn checked_column(check: Option<&CheckedScopes>) -> Result<Option<String>, StoreError> {
    check.map(serde_json::to_string).transpose().map_err(|_| StoreError::Unreadable("checked"))
}

fn kind_name(kind: ProfileKind) -> &'static str {
    match kind {
        ProfileKind::Nango => "nango",
        ProfileKind::Sandbox => "sandbox",
    }
}

fn profile(row: &Row<'_>) -> Result<Profile, StoreError> {
    let kind = match row.get::<_, String>("kind")?.as_str() {
        "nango" => ProfileKind::Nango,
        "sandbox" => ProfileKind::Sandbox,
        _ => return Err(StoreError::Unreadable("kind")),
    };
    Ok(Profile {
        id: parsed(row, "id")?,
        kind,
        server_url: parsed(row, "server_url")?,
        user_id: row.get("user_id")?,
        user_name: row.get("user_name")?,
        bridge_url: optional_parsed(row, "bridge_url")?,
        enabled: row.get("enabled")?,
        // A check that cannot be read any more is as good as none: the next one replaces it.
        check: row
            .get::<_, Option<String>>("checked")?
            .and_then(|text| serde_json::from_str::<CheckedScopes>(&text).ok()),
        last_synced_at: optional_time(row, "last_synced_at")?,
        created_at: time(row, "created_at")?,
    })
}
