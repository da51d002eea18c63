//! Opening the database: pragmas, the check of its version, and the migrations of `/migrations`.

use std::path::Path;

use include_dir::{Dir, include_dir};
use rusqlite::{Connection, OpenFlags};
use rusqlite_migration::Migrations;

use crate::StoreError;

static FOLDER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../migrations");

/// The newest schema this version knows, which is the number of the last folder in `/migrations`.
pub const SCHEMA_VERSION: u32 = 9;

/// Most memory for pages of the one connection that writes, in KiB. It is taken as it is needed.
const PAGES_KEPT_KB: i32 = 16 * 1024;
/// The same of the one that reads: as many as the rows of what one types in a long list lie on.
const PAGES_READ_KB: i32 = 8 * 1024;

/// How long a statement waits for another process that is writing.
const BUSY_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(5);

/// Opens for writing, and migrates.
pub(crate) fn open(path: &Path) -> Result<Connection, StoreError> {
    if path.exists() {
        // Looks at the version without changing anything, not even the journal mode.
        refuse_newer(&Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?)?;
    }
    let mut connection = Connection::open(path)?;
    prepare(&connection)?;
    // The file outlives a power cut at any instant: a commit has reached the disk when it returns.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // Pages of a large change stay in memory until it is whole, instead of going to the disk and back.
    connection.pragma_update(None, "cache_size", -PAGES_KEPT_KB)?;
    migrate(&mut connection)?;
    Ok(connection)
}

/// Opens for reading a database that [`open`] has prepared.
pub(crate) fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    prepare(&connection)?;
    connection.pragma_update(None, "cache_size", -PAGES_READ_KB)?;
    Ok(connection)
}

/// A database in memory, migrated.
pub(crate) fn open_in_memory() -> Result<Connection, StoreError> {
    let mut connection = Connection::open_in_memory()?;
    prepare(&connection)?;
    migrate(&mut connection)?;
    Ok(connection)
}

fn prepare(connection: &Connection) -> Result<(), StoreError> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// The version of a database's schema; 0 where it has none.
pub(crate) fn version(connection: &Connection) -> Result<u32, StoreError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Refuses a database that a newer version has made.
pub(crate) fn refuse_newer(connection: &Connection) -> Result<(), StoreError> {
    let found = version(connection)?;
    if found > SCHEMA_VERSION {
        return Err(StoreError::Newer { found, known: SCHEMA_VERSION });
    }
    Ok(())
}

fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let migrations = Migrations::from_directory(&FOLDER).map_err(StoreError::Migration)?;
    migrations.to_latest(connection).map_err(|error| match error {
        // What SQLite said counts, not when it said it.
        rusqlite_migration::Error::RusqliteError { err, .. } => err.into(),
        error => StoreError::Migration(error),
    })
}

#[cfg(test)]
mod tests {
    use rusqlite_migration::Migrations;

    use super::{FOLDER, SCHEMA_VERSION};

    #[test]
    fn the_migrations_are_valid_and_counted() {
        let migrations = Migrations::from_directory(&FOLDER).expect("readable migrations");
        migrations.validate().expect("migrations that apply");
        assert_eq!(FOLDER.dirs().count(), SCHEMA_VERSION as usize, "SCHEMA_VERSION follows the folders");
    }
}
