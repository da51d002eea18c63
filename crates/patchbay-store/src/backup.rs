//! Copies of the database, and what is done when the database is damaged: it is put aside, and the best copy taken back.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use patchbay_core::backup;
use rusqlite::{Connection, OpenFlags};

use crate::{SCHEMA_VERSION, Store, StoreError, migrate};

/// How the time stands in a copy's name: sorted by name they are sorted by time.
const STAMP: &str = "%Y%m%dT%H%M%SZ";
const PREFIX: &str = "patchbay-";
const SUFFIX: &str = ".db";

/// The database's file and what lies beside it.
#[derive(Debug, Clone)]
pub(crate) struct Location {
    database: PathBuf,
}

/// What was done about a damaged database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovered {
    /// Where the damaged file lies now; nothing if there was no file any more.
    pub kept: Option<PathBuf>,
    /// When the copy was made that took its place; nothing if there was none, and the database is a new one.
    pub from: Option<Timestamp>,
}

impl Location {
    pub(crate) fn of(database: &Path) -> Self {
        Self { database: database.to_owned() }
    }

    fn backups(&self) -> PathBuf {
        self.database.with_file_name("backups")
    }

    /// Lies beside the database once it was found damaged, so that the next start looks at it closely.
    fn suspicion(&self) -> PathBuf {
        with_end(&self.database, ".damaged")
    }

    fn copy(&self, made: Timestamp) -> PathBuf {
        self.backups().join(format!("{PREFIX}{}{SUFFIX}", made.strftime(STAMP)))
    }

    /// When the copies were made that there are.
    fn copies(&self) -> Vec<Timestamp> {
        let Ok(entries) = fs::read_dir(self.backups()) else { return Vec::new() };
        entries.flatten().filter_map(|entry| made_at(&entry.file_name())).collect()
    }

    /// Notes that the database is damaged, for the next start. Where that cannot be written, the next start finds out by
    /// itself or not at all.
    pub(crate) fn suspect(&self) {
        drop(fs::write(self.suspicion(), []));
    }
}

fn made_at(name: &OsString) -> Option<Timestamp> {
    let stamp = name.to_str()?.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
    jiff::civil::DateTime::strptime(STAMP, stamp)
        .ok()?
        .to_zoned(jiff::tz::TimeZone::UTC)
        .ok()
        .map(|at| at.timestamp())
}

impl Store {
    /// Opens a database that nobody else is using, as [`Store::open`] does. One that is damaged is put aside, with
    /// everything that belongs to it; the newest copy that is whole takes its place, or where there is none, an empty
    /// database. Before an upgrade of the schema a copy is made.
    ///
    /// # Errors
    /// When it cannot be opened for another reason, or cannot be put aside.
    pub async fn open_or_recover(
        path: &Path,
        now: Timestamp,
    ) -> Result<(Store, Option<Recovered>), StoreError> {
        let here = Location::of(path);
        let is_damaged = blocking(move || {
            let is_damaged = is_damaged(&here);
            if !is_damaged {
                copy_before_upgrade(&here, now)?;
            }
            Ok(is_damaged)
        })
        .await?;
        if !is_damaged {
            match Store::open(path).await {
                Err(StoreError::Damaged(_)) => {}
                opened => return Ok((opened?, None)),
            }
        }
        let here = Location::of(path);
        let recovered = blocking(move || recover(&here, now)).await?;
        Ok((Store::open(path).await?, Some(recovered)))
    }

    /// Makes a copy if one is due, and takes away those that are too many. Says whether it made one. The database can be
    /// read and written meanwhile.
    ///
    /// # Errors
    /// When the database is damaged, which the next start will mend, or the copy cannot be written.
    pub async fn back_up_if_due(&self, now: Timestamp) -> Result<bool, StoreError> {
        let Some(location) = self.location.clone() else { return Ok(false) };
        let outcome = blocking(move || {
            if !backup::is_due(&location.copies(), now) {
                return Ok(false);
            }
            let connection = migrate::open_reader(&location.database)?;
            check(&connection)?;
            copy(&connection, &location, now)?;
            Ok(true)
        })
        .await;
        self.noting_damage(outcome)
    }
}

/// Off the threads that wait for the network: it may take as long as the disk does.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| StoreError::Stopped)?
}

/// Whether there is a database that is surely no good, without opening it for writing.
fn is_damaged(location: &Location) -> bool {
    // None at all, or nothing in it, beside copies: something took it away.
    if fs::metadata(&location.database).map_or(0, |metadata| metadata.len()) == 0 {
        return !location.copies().is_empty();
    }
    if !location.suspicion().exists() {
        return false;
    }
    let found = Connection::open_with_flags(&location.database, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .map_err(StoreError::from)
        .and_then(|connection| check(&connection));
    let is_damaged = matches!(found, Err(StoreError::Damaged(_)));
    if !is_damaged {
        drop(fs::remove_file(location.suspicion()));
    }
    is_damaged
}

/// Looks at every page.
fn check(connection: &Connection) -> Result<(), StoreError> {
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found == "ok" {
        return Ok(());
    }
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
    Err(StoreError::Damaged(rusqlite::Error::SqliteFailure(code, Some(found))))
}

fn copy_before_upgrade(location: &Location, now: Timestamp) -> Result<(), StoreError> {
    if !location.database.exists() {
        return Ok(());
    }
    let connection = Connection::open_with_flags(&location.database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    match migrate::version(&connection) {
        Ok(version) if (1..SCHEMA_VERSION).contains(&version) => copy(&connection, location, now),
        // A newer one is refused when it is opened, and so is one that is damaged.
        Ok(_) | Err(StoreError::Damaged(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Writes a copy beside the others, whole or not at all.
fn copy(connection: &Connection, location: &Location, now: Timestamp) -> Result<(), StoreError> {
    fs::create_dir_all(location.backups()).map_err(StoreError::File)?;
    let unfinished = location.backups().join("unfinished");
    remove(&unfinished)?;
    connection.execute("VACUUM INTO ?1", [unfinished.to_string_lossy()])?;
    publish(&unfinished, &location.copy(now))?;
    for made in backup::to_remove(location.copies(), now) {
        remove(&location.copy(made))?;
    }
    Ok(())
}

fn remove(file: &Path) -> Result<(), StoreError> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(StoreError::File(error)),
        _ => Ok(()),
    }
}

/// Puts the database aside and the best copy in its place.
fn recover(location: &Location, now: Timestamp) -> Result<Recovered, StoreError> {
    let database = &location.database;
    let folder = database.with_file_name(format!("damaged-{}", now.strftime(STAMP)));
    let kept = folder.join(database.file_name().unwrap_or_default());
    let is_there = database.exists();
    fs::create_dir_all(folder).map_err(StoreError::File)?;
    // The log belongs to the file: beside another one it would be taken for that one's.
    for end in ["", "-wal", "-shm"] {
        let (from, to) = (with_end(database, end), with_end(&kept, end));
        match fs::rename(from, to) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(StoreError::File(error));
            }
            _ => {}
        }
    }
    let mut from = None;
    for made in backup::best_first(location.copies(), now) {
        if take_back(&location.copy(made), database).is_ok() {
            from = Some(made);
            break;
        }
    }
    remove(&location.suspicion())?;
    Ok(Recovered { kept: is_there.then_some(kept), from })
}

/// Puts a copy in the database's place if it is whole and this version can read it. The copy stays.
fn take_back(copy: &Path, database: &Path) -> Result<(), StoreError> {
    let connection = Connection::open_with_flags(copy, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    check(&connection)?;
    migrate::refuse_newer(&connection)?;
    let unfinished = with_end(database, "-unfinished");
    remove(&unfinished)?;
    connection.execute("VACUUM INTO ?1", [unfinished.to_string_lossy()])?;
    publish(&unfinished, database)
}

/// Gives a file its name once all of it is on the disk.
fn publish(unfinished: &Path, name: &Path) -> Result<(), StoreError> {
    let file = fs::File::open(unfinished).map_err(StoreError::File)?;
    file.sync_all().and_then(|()| fs::rename(unfinished, name)).map_err(StoreError::File)
}

fn with_end(file: &Path, end: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}
