//! One process to one data folder. The single-instance plugin needs a session bus; without one this lock is
//! what keeps two processes from working on one database.

use std::fs::{File, TryLockError};
use std::path::Path;

/// Held as long as the process lives; the system lets go of it when the process ends, however that happens.
pub(crate) struct Exclusive(#[expect(dead_code, reason = "holding it is its use")] File);

/// Why the folder cannot be had.
pub(crate) enum Refused {
    /// Another process has it.
    Taken,
    /// It cannot be written.
    Unusable,
}

/// Takes the folder for this process.
pub(crate) fn take(folder: &Path) -> Result<Exclusive, Refused> {
    std::fs::create_dir_all(folder).map_err(|_| Refused::Unusable)?;
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(folder.join("patchbay.lock"))
        .map_err(|_| Refused::Unusable)?;
    match file.try_lock() {
        Ok(()) => Ok(Exclusive(file)),
        Err(TryLockError::WouldBlock) => Err(Refused::Taken),
        Err(TryLockError::Error(_)) => Err(Refused::Unusable),
    }
}

#[cfg(test)]
mod tests {
    use super::{Refused, take};

    #[test]
    fn a_folder_is_had_by_one_at_a_time() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        let held = take(&data).ok().expect("nobody has it");
        assert!(matches!(take(&data), Err(Refused::Taken)));
        drop(held);
        assert!(take(&data).is_ok(), "it was let go of");
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_told_from_one_that_is_taken() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("data");
        std::fs::write(&file, "where the folder should be").expect("written");
        assert!(matches!(take(&file), Err(Refused::Unusable)));
    }
}
