//! Copies of the database, and what is done when it is damaged.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use patchbay_store::{SCHEMA_VERSION, Store, StoreError};

use crate::sample;

const DAY: i64 = 86_400;

fn day(number: i64) -> Timestamp {
    sample::at(1_800_000_000 + number * DAY)
}

fn copies(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder.join("backups")) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

/// A database with a profile, a copy of it, and a second profile that the copy does not have.
async fn with_copy(folder: &Path) -> PathBuf {
    let file = folder.join("patchbay.db");
    let store = Store::open(&file).await.expect("a store");
    sample::profile(&store, 1).await;
    assert!(store.back_up_if_due(day(0)).await.expect("copied"));
    sample::profile(&store, 2).await;
    file
}

async fn profiles(store: &Store) -> usize {
    store.profiles().await.expect("profiles").len()
}

#[tokio::test]
async fn a_copy_is_made_once_a_day_and_seven_stay() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = with_copy(folder.path()).await;
    let store = Store::open(&file).await.expect("a store");
    assert!(!store.back_up_if_due(day(0)).await.expect("not due"));
    for number in 1..10 {
        assert!(store.back_up_if_due(day(number)).await.expect("copied"));
    }
    let copies = copies(folder.path());
    assert_eq!(copies.len(), 7, "{copies:?}");
    assert!(copies[6].ends_with("patchbay-20270124T080000Z.db"), "{copies:?}");
    let newest = Store::open(&copies[6]).await.expect("a whole database");
    assert_eq!(profiles(&newest).await, 2);
}

/// Each way in which a file may be damaged: what it is made into.
#[tokio::test]
async fn a_damaged_database_is_put_aside_and_the_copy_taken_back() {
    type Damage = fn(&Path);
    let damages: [(&str, Damage); 5] = [
        ("garbage", |file| std::fs::write(file, "no database, but a text of some length").expect("written")),
        ("empty", |file| std::fs::write(file, []).expect("written")),
        ("gone", |file| std::fs::remove_file(file).expect("removed")),
        ("torn schema", |file| overwrite(file, 100, 400)),
        ("cut short", |file| {
            let file = std::fs::File::options().write(true).open(file).expect("the file");
            let length = file.metadata().expect("its length").len();
            file.set_len(length / 2).expect("cut");
        }),
    ];
    for (name, damage) in damages {
        let folder = tempfile::tempdir().expect("a folder");
        let file = with_copy(folder.path()).await;
        sample::checkpoint(&file);
        damage(&file);
        let damaged = std::fs::read(&file).unwrap_or_default();
        let (store, recovered) = Store::open_or_recover(&file, day(1)).await.expect(name);
        // What is cut short or torn is found when the part is read that is missing.
        let (store, recovered) = match recovered {
            Some(recovered) => (store, recovered),
            None => {
                let error = store.back_up_if_due(day(2)).await.expect_err(name);
                assert!(matches!(error, StoreError::Damaged(_)), "{name}: {error:?}");
                drop(store);
                let (store, recovered) = Store::open_or_recover(&file, day(2)).await.expect(name);
                (store, recovered.expect(name))
            }
        };
        assert_eq!(recovered.from, Some(day(0)), "{name}");
        assert_eq!(profiles(&store).await, 1, "{name}: as of the copy");
        match &recovered.kept {
            Some(kept) => assert_eq!(std::fs::read(kept).expect("kept"), damaged, "{name}: as it was"),
            None => assert_eq!(name, "gone"),
        }
        drop(store);
        let (store, again) = Store::open_or_recover(&file, day(3)).await.expect(name);
        assert_eq!(again, None, "{name}: once");
        drop(store);
    }
}

#[tokio::test]
async fn a_copy_that_is_damaged_too_is_passed_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = with_copy(folder.path()).await;
    let store = Store::open(&file).await.expect("a store");
    assert!(store.back_up_if_due(day(1)).await.expect("copied"));
    drop(store);
    let copies = copies(folder.path());
    sample::checkpoint(&file);
    std::fs::write(&copies[1], "torn").expect("written");
    std::fs::write(&file, "torn").expect("written");
    let (store, recovered) = Store::open_or_recover(&file, day(2)).await.expect("a store");
    assert_eq!(recovered.expect("recovered").from, Some(day(0)));
    assert_eq!(profiles(&store).await, 1);
}

#[tokio::test]
async fn without_a_copy_the_database_is_a_new_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("patchbay.db");
    std::fs::write(&file, "no database, but a text of some length").expect("written");
    let (store, recovered) = Store::open_or_recover(&file, day(0)).await.expect("a store");
    let recovered = recovered.expect("recovered");
    assert_eq!(recovered.from, None);
    assert!(recovered.kept.expect("kept").exists());
    assert_eq!(profiles(&store).await, 0);
}

#[tokio::test]
async fn what_only_seemed_damaged_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = with_copy(folder.path()).await;
    std::fs::write(folder.path().join("patchbay.db.damaged"), []).expect("a word of warning");
    let (store, recovered) = Store::open_or_recover(&file, day(1)).await.expect("a store");
    assert_eq!((recovered, profiles(&store).await), (None, 2));
    assert!(!folder.path().join("patchbay.db.damaged").exists());
}

#[tokio::test]
async fn a_newer_database_is_neither_copied_nor_put_aside() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = with_copy(folder.path()).await;
    let connection = rusqlite::Connection::open(&file).expect("the database");
    connection.pragma_update(None, "user_version", SCHEMA_VERSION + 1).expect("set");
    drop(connection);
    let refused = Store::open_or_recover(&file, day(9)).await.err().expect("refused");
    assert!(matches!(refused, StoreError::Newer { .. }), "{refused:?}");
    assert_eq!(copies(folder.path()).len(), 1);
}

/// Every version of the schema there was, with a profile in it, is upgraded, and copied before.
#[tokio::test]
async fn each_former_schema_is_copied_and_brought_up_to_date() {
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(migrations).expect("migrations").map(|entry| entry.expect("one").path()).collect();
    folders.sort();
    assert_eq!(folders.len(), SCHEMA_VERSION as usize);
    for version in 1..folders.len() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("patchbay.db");
        let connection = rusqlite::Connection::open(&file).expect("a database");
        for migration in &folders[..version] {
            let sql = std::fs::read_to_string(migration.join("up.sql")).expect("its text");
            connection.execute_batch(&sql).expect("applied");
        }
        connection
            .execute(
                "INSERT INTO profiles (id, kind, server_url, user_id, enabled, created_at)
                 VALUES (?1, 'nango', 'https://nango.test/', 'alex', 1, 0)",
                [uuid::Uuid::from_u128(1).to_string()],
            )
            .expect("a row");
        connection
            .pragma_update(None, "user_version", u32::try_from(version).expect("small"))
            .expect("its version");
        drop(connection);
        let (store, recovered) = Store::open_or_recover(&file, day(0)).await.expect("upgraded");
        assert_eq!((recovered, profiles(&store).await), (None, 1), "version {version}");
        let copies = copies(folder.path());
        let copy = rusqlite::Connection::open(&copies[0]).expect("the copy");
        let kept: u32 = copy.pragma_query_value(None, "user_version", |row| row.get(0)).expect("a version");
        assert_eq!((copies.len(), kept as usize), (1, version), "as it was before");
    }
}

fn overwrite(file: &Path, from: usize, length: usize) {
    let mut bytes = std::fs::read(file).expect("the file");
    bytes[from..from + length].fill(0xFF);
    std::fs::write(file, bytes).expect("written");
}
