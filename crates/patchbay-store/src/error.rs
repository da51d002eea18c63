//! Why the store could not do what it was asked.

/// A variant for each thing a caller can do differently.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A newer Patchbay made the database; it was not touched.
    #[error("the database has schema {found}, this version knows {known}")]
    Newer {
        /// The database's schema version.
        found: u32,
        /// The newest one this application knows.
        known: u32,
    },
    /// It is damaged, or not a database.
    #[error("the database is damaged")]
    Damaged(#[source] rusqlite::Error),
    /// The disk is full.
    #[error("the disk is full")]
    DiskFull(#[source] rusqlite::Error),
    /// It cannot be opened or written: rights, or a read-only disk.
    #[error("the database cannot be opened or written")]
    NotWritable(#[source] rusqlite::Error),
    /// Another process holds it.
    #[error("another process is using the database")]
    Busy(#[source] rusqlite::Error),
    /// What was named is not there.
    #[error("there is no such row")]
    NotFound,
    /// A row says something this version does not understand.
    #[error("column {0} holds something unexpected")]
    Unreadable(&'static str),
    /// Something else of SQLite's.
    #[error("SQLite failed")]
    Sqlite(#[source] rusqlite::Error),
    /// Bringing the schema up to date failed.
    #[error("the database could not be brought up to date")]
    Migration(#[source] rusqlite_migration::Error),
    /// A file beside the database cannot be written or moved.
    #[error("a file beside the database cannot be written or moved")]
    File(#[source] std::io::Error),
    /// The store's thread has ended.
    #[error("the store has stopped")]
    Stopped,
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;

        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Damaged(error),
            Some(ErrorCode::DiskFull) => StoreError::DiskFull(error),
            Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                StoreError::NotWritable(error)
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy(error),
            _ if matches!(error, rusqlite::Error::QueryReturnedNoRows) => StoreError::NotFound,
            _ => StoreError::Sqlite(error),
        }
    }
}
