//! Words for copies of the database, and for one that was damaged.

use std::path::Path;

use jiff::Timestamp;
use patchbay_ipc::{Code, Failure, RecoveryView};
use patchbay_store::StoreError;

use super::{of_store, say};

/// A copy of the database could not be made.
pub(crate) fn of_backup(error: &StoreError) -> Failure {
    if matches!(error, StoreError::Damaged(_)) {
        return of_store(error);
    }
    Failure {
        detail: Some(error.to_string()),
        ..say(
            Code::Storage,
            "The daily copy of Patchbay's database could not be made.",
            "Check that the disk has room and that the folder “backups” in the data folder can be written. It is tried again within the hour.",
        )
    }
}

/// What was done about a damaged database, for its owner.
pub(crate) fn view(kept: &Path, from: Option<Timestamp>) -> RecoveryView {
    let (message, hint) = match from {
        Some(made) => (
            format!(
                "Patchbay's database was damaged. It was put aside, and the copy of {} took its place.",
                made.strftime("%-d %B %Y, %H:%M UTC")
            ),
            "Your accounts are still at Nango, and their list is being read again. Look at what you changed since that copy: workflows, which connection a step runs as, and labels.",
        ),
        None => (
            "Patchbay's database was damaged. It was put aside; there was no copy of it yet, so this one is new."
                .to_owned(),
            "Your accounts are still at Nango. Enter the server and your key as before, then press Sync now: your connections come back. Workflows that you have exported can be imported.",
        ),
    };
    RecoveryView { message, hint: hint.to_owned(), kept: kept.display().to_string() }
}
