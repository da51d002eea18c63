//! Patchbay's rows in SQLite. The only crate with SQL; decisions are the core's.
//!
//! A [`Store`] runs its queries on threads of its own: one writes, one reads (WAL lets them work at the same
//! time), and the caller awaits the answer. Every query about connections, attempts, offers, workflows or runs
//! names the profile it is for; the log of a run that is under way is written by its id alone.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod attempts;
mod backup;
mod bindings;
mod columns;
mod connections;
mod counts;
mod error;
mod migrate;
mod offers;
mod profiles;
mod providers;
mod replacements;
mod runs;
mod search;
mod settings;
mod sync;
mod word_index;
mod worker;
mod workflows;

use std::path::Path;
use std::sync::{Arc, Mutex};

pub use attempts::{AttemptStep, NewStep, Origin};
pub use backup::Recovered;
pub use bindings::{CastingCount, CastingRow, UseRow};
pub use connections::{CandidateRows, ConnectionEvent, ConnectionFilter, ConnectionRows, Removal, TagCount};
pub use counts::HealthCount;
pub use error::StoreError;
pub use migrate::SCHEMA_VERSION;
pub use offers::{Integration, Offers};
pub use providers::{KeptProvider, ListedProvider};
pub use runs::{
    EntryData, EntryEnd, EntryGiven, EntryRow, ExchangeRow, LastGiven, LogLine, RunEnd, RunFilter, RunRow,
    RunRows,
};
pub use settings::Setting;
pub use sync::{KnownConnections, SyncOutcome, SyncedConnection};
pub use workflows::{
    NewVersion, Reading, StoredWorkflow, VersionText, WorkflowCall, WorkflowRow, WorkflowRows,
};

use worker::Worker;

/// The database. Cheap to clone; the last clone closes it.
#[derive(Clone)]
pub struct Store {
    writer: Worker,
    reader: Worker,
    search: Arc<Mutex<search::SearchIndex>>,
    picked: Arc<Mutex<search::SearchIndex>>,
    counts: Arc<Mutex<counts::Counts>>,
    /// Nothing for one in memory.
    location: Option<backup::Location>,
}

impl Store {
    /// Opens the database file, makes it if it is not there, and brings its schema up to date.
    ///
    /// # Errors
    /// When it cannot be opened, or is newer than this application: then it is left as it is.
    pub async fn open(path: &Path) -> Result<Store, StoreError> {
        let for_writer = path.to_owned();
        let writer = Worker::start("store-writer", move || migrate::open(&for_writer)).await?;
        let for_reader = path.to_owned();
        let reader = Worker::start("store-reader", move || migrate::open_reader(&for_reader)).await?;
        Ok(Store::of(writer, reader, Some(backup::Location::of(path))))
    }

    fn of(writer: Worker, reader: Worker, location: Option<backup::Location>) -> Self {
        Self {
            writer,
            reader,
            search: Arc::default(),
            picked: Arc::default(),
            counts: Arc::default(),
            location,
        }
    }

    /// A database that lives as long as the store, for tests.
    ///
    /// # Errors
    /// When SQLite cannot make it.
    pub async fn in_memory() -> Result<Store, StoreError> {
        let worker = Worker::start("store-in-memory", migrate::open_in_memory).await?;
        Ok(Store::of(worker.clone(), worker, None))
    }

    /// Writes, in one transaction, off the caller's thread. What is written is on the disk when this returns: not
    /// even a power cut takes it away.
    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&rusqlite::Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.noting_damage(self.writer.call(move |connection| in_one(connection, work)).await)
    }

    /// The same, but the system may take its time to bring it to the disk. The end of this process takes nothing away,
    /// however it comes; a power cut may take the last of it, never a part of a transaction
    /// (SQLite, "PRAGMA synchronous": `NORMAL` with a write-ahead log).
    async fn write_without_sync<T: Send + 'static>(
        &self,
        work: impl FnOnce(&rusqlite::Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let written = self.writer.call(move |connection| {
            connection.pragma_update(None, "synchronous", "NORMAL")?;
            let written = in_one(connection, work);
            connection.pragma_update(None, "synchronous", "FULL")?;
            written
        });
        self.noting_damage(written.await)
    }

    /// Reads, off the caller's thread.
    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&rusqlite::Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.noting_damage(self.reader.call(move |connection| work(connection)).await)
    }

    /// Leaves a word for the next start where the database turns out to be damaged.
    fn noting_damage<T>(&self, outcome: Result<T, StoreError>) -> Result<T, StoreError> {
        if let (Err(StoreError::Damaged(_)), Some(location)) = (&outcome, &self.location) {
            location.suspect();
        }
        outcome
    }
}

fn in_one<T>(
    connection: &mut rusqlite::Connection,
    work: impl FnOnce(&rusqlite::Transaction<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    // Immediate: a transaction that reads first and writes later could otherwise fail half way.
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let value = work(&transaction)?;
    transaction.commit()?;
    Ok(value)
}
