//! Words for copies of the database, and for one that was damaged.

use jiff::Timestamp;
use patchbay_ipc::{Code, Failure, RecoveryView};
use patchbay_store::StoreError;

use super::{of_store, say};
use patchbay_texts::t;

/// A copy of the database could not be made.
pub(crate) fn of_backup(error: &StoreError) -> Failure {
    if matches!(error, StoreError::Damaged(_)) {
        return of_store(error);
    }
    Failure {
        detail: Some(error.to_string()),
        ..say(
            Code::Storage,
            t!("The daily copy of Patchbay's database could not be made."),
            t!(
                "Check that the disk has room and that the folder “backups” in the data folder can be written. It is tried again within the hour."
            ),
        )
    }
}

/// What was done about a damaged database, for its owner.
pub(crate) fn view(kept: Option<String>, from: Option<Timestamp>) -> RecoveryView {
    let found = match &kept {
        Some(_) => t!("Patchbay's database was damaged and has been put aside."),
        None => t!("Patchbay's database was gone."),
    };
    let (message, hint) = match from {
        Some(made) => (
            t!(
                "{found} The copy of {time} took its place.",
                found,
                time = made.strftime("%-d %B %Y, %H:%M UTC")
            ),
            t!(
                "Your accounts are still at Nango, and their list is being read again. Look at what you changed since that copy: workflows, which connection a step runs as, and labels."
            ),
        ),
        None => (
            t!("{found} There was no copy of it that can be used, so this one is new.", found),
            t!(
                "Your accounts are still at Nango. Enter the server and your key as before, then press Sync now: your connections come back. Workflows that you have exported can be imported."
            ),
        ),
    };
    RecoveryView { message, hint: hint.to_owned(), kept }
}
