//! Copies of the database while the engine runs. What follows when one is taken back is shown in the built window.

use std::time::Duration;

use crate::harness::{Harness, until};

#[tokio::test]
async fn the_database_is_copied_soon_after_the_start() {
    let mut harness = Harness::new().await;
    harness.timings.first_backup = Duration::from_millis(1);
    harness.crash_and_start().await;
    let folder = harness.database().with_file_name("backups");
    until("a copy", || async {
        let entries = std::fs::read_dir(&folder).ok()?;
        entries.flatten().find(|entry| entry.file_name() != "unfinished")
    })
    .await;
}

#[tokio::test]
async fn a_copy_that_cannot_be_made_is_said() {
    let mut harness = Harness::new().await;
    // Where the folder should be.
    std::fs::write(harness.database().with_file_name("backups"), "a file").expect("written");
    harness.timings.first_backup = Duration::from_millis(1);
    harness.crash_and_start().await;
    let notice = until("a remark", || async { harness.engine.take_notices().into_iter().next() }).await;
    assert_eq!(notice.message, "The daily copy of Patchbay's database could not be made.");
    assert!(notice.hint.is_some_and(|hint| hint.contains("backups")));
}
