//! Rows to test with.

use std::path::Path;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use patchbay_core::attempt::{Attempt, Method, Purpose, State};
use patchbay_core::connection::{Connection, Health, Tags};
use patchbay_core::id::ProfileId;
use patchbay_core::profile::{Profile, ProfileKind};
use patchbay_store::Store;
use uuid::Uuid;

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("a time")
}

pub(crate) async fn profile(store: &Store, number: u128) -> ProfileId {
    let id = Uuid::from_u128(number).into();
    store
        .save_profile(Profile {
            id,
            kind: ProfileKind::Nango,
            server_url: "https://nango.test/".parse().expect("a URL"),
            user_id: "alex".into(),
            user_name: None,
            bridge_url: None,
            enabled: true,
            check: None,
            last_synced_at: None,
            created_at: at(i64::try_from(number).expect("small")),
        })
        .await
        .expect("saved");
    id
}

pub(crate) fn attempt(profile: ProfileId, number: u128, state: State) -> Attempt {
    Attempt {
        id: Uuid::from_u128(number).into(),
        profile,
        purpose: Purpose::Connect,
        instance: Uuid::from_u128(number + 1000).into(),
        connector: Some("github".into()),
        provider: "github".into(),
        integration: "github".into(),
        label: format!("label {number}"),
        method: Method::DeepLink,
        ended_at: (!state.is_open()).then(|| at(50)),
        cleanup_due: !state.is_open(),
        state,
        started_at: at(i64::try_from(number).expect("small")),
        deadline_at: at(1000),
    }
}

pub(crate) fn connection(profile: ProfileId, number: u128) -> Connection {
    Connection {
        instance: Uuid::from_u128(number + 1000).into(),
        profile,
        connector: Some("github".into()),
        provider: "github".into(),
        integration: "github".into(),
        connection_id: format!("connection {number}").as_str().into(),
        label: format!("label {number}"),
        account: None,
        mismatch: None,
        health: Health::Works,
        health_learnt_at: Some(at(60)),
        created_at: at(i64::try_from(number).expect("small")),
        last_used_at: None,
        last_error: None,
        refusal_stands: false,
        awaits_approval: false,
        base_url: None,
        tags: Tags::new(),
    }
}

/// Brings everything into the file itself, so that there are no others beside it. The threads of a store that was
/// dropped may still be closing it.
pub(crate) fn checkpoint(file: &Path) {
    let deadline = Instant::now() + Duration::from_secs(30);
    let connection = rusqlite::Connection::open(file).expect("the database");
    while let Err(error) = connection.pragma_update(None, "journal_mode", "DELETE") {
        assert!(Instant::now() < deadline, "{error}");
        std::thread::yield_now();
    }
}
