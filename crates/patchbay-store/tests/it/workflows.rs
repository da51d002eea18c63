//! Workflows: versions and the way between them, bindings, replacements, what a list and a picker read.

use patchbay_core::connection::Health;
use patchbay_core::id::{InstanceId, ProfileId, WorkflowId};
use patchbay_core::workflow::binding::{Binding, CastingState, Slot};
use patchbay_store::{NewVersion, Reading, Removal, Store, StoreError, StoredWorkflow, WorkflowCall};
use uuid::Uuid;

use crate::connections::{seen, sync};
use crate::sample::{at, profile};

fn id(number: u128) -> WorkflowId {
    Uuid::from_u128(number).into()
}

fn instance(number: u128) -> InstanceId {
    Uuid::from_u128(number).into()
}

fn role(name: &str) -> Slot {
    Slot::Role(name.to_owned())
}

fn task(name: &str) -> Slot {
    Slot::Task(name.to_owned())
}

/// A version whose tasks are GitHub's, given as task and role.
fn version(text: &str, calls: &[(&str, &str)]) -> NewVersion {
    let call = |(index, (task, role)): (usize, &(&str, &str))| WorkflowCall {
        path: format!("/do/{index}/{task}").into(),
        task: (*task).to_owned(),
        connector: "github".into(),
        role: (*role).to_owned(),
    };
    NewVersion {
        text: text.to_owned(),
        words: format!("Make {text}"),
        reading: Some(Reading {
            name: format!("Name of {text}"),
            tasks: 5,
            calls: calls.iter().enumerate().map(call).collect(),
            search_words: "GitHub".to_owned(),
        }),
        errors: 0,
        renames: Vec::new(),
    }
}

fn unreadable(text: &str) -> NewVersion {
    NewVersion { reading: None, errors: 1, ..version(text, &[]) }
}

async fn insert(store: &Store, profile: ProfileId, number: u128, first: NewVersion, bindings: Vec<Binding>) {
    let inserted = store.insert_workflow(profile, id(number), first, bindings, false, at(1)).await;
    inserted.expect("kept");
}

async fn append(store: &Store, profile: ProfileId, base: u32, version: NewVersion) -> bool {
    store.append_version(profile, id(1), base, version, at(2)).await.expect("asked")
}

async fn get(store: &Store, profile: ProfileId) -> StoredWorkflow {
    store.workflow(profile, id(1)).await.expect("there")
}

/// Who runs as whom: task, bound to, whether by itself.
async fn cast(store: &Store, profile: ProfileId, number: u128) -> Vec<(String, Option<InstanceId>, bool)> {
    let castings = store.castings(profile, id(number)).await.expect("read");
    castings.into_iter().map(|casting| (casting.task, casting.instance, casting.is_override)).collect()
}

#[tokio::test]
async fn an_edit_takes_a_number_that_never_was() {
    let store = Store::in_memory().await.expect("a store");
    let profile = profile(&store, 1).await;
    insert(&store, profile, 1, version("a", &[]), Vec::new()).await;
    assert!(append(&store, profile, 1, version("b", &[])).await);
    let b = get(&store, profile).await;
    assert_eq!((b.version, b.text.as_str(), b.name.as_str()), (2, "b", "Name of b"));
    assert_eq!((b.undo, b.redo), (Some(("Make b".to_owned(), 1)), None));

    let back = |from, to, text: &'static str| {
        store.step_version(profile, id(1), from, to, version(text, &[]).reading, 0, at(3))
    };
    assert!(back(2, 1, "a").await.expect("undone"));
    let a = get(&store, profile).await;
    assert_eq!((a.version, a.text.as_str(), a.name.as_str()), (1, "a", "Name of a"));
    assert_eq!((a.undo, a.redo), (None, Some(("Make b".to_owned(), 2))));

    assert!(append(&store, profile, 1, version("c", &[])).await);
    let c = get(&store, profile).await;
    assert_eq!((c.version, c.text.as_str(), &c.redo), (3, "c", &None), "2 was another text");
    assert!(!append(&store, profile, 2, version("late", &[])).await, "made on a version that is no more");
    assert!(!back(2, 1, "a").await.expect("asked"));
    assert_eq!(get(&store, profile).await, c);
}

#[tokio::test]
async fn what_was_saved_outlives_its_version() {
    let store = Store::in_memory().await.expect("a store");
    let profile = profile(&store, 1).await;
    insert(&store, profile, 1, version("a", &[]), Vec::new()).await;
    assert_eq!(get(&store, profile).await.saved_text, None);
    assert!(append(&store, profile, 1, version("b", &[])).await);
    store.save_workflow(profile, id(1)).await.expect("saved");
    store.step_version(profile, id(1), 2, 1, None, 0, at(3)).await.expect("undone");
    assert!(append(&store, profile, 1, version("c", &[])).await);
    assert_eq!(get(&store, profile).await.saved_text.as_deref(), Some("b"));
}

#[tokio::test]
async fn a_text_that_cannot_be_read_leaves_what_was_read_before() {
    let store = Store::in_memory().await.expect("a store");
    let profile = profile(&store, 1).await;
    insert(&store, profile, 1, version("a", &[("one", "host")]), Vec::new()).await;
    assert!(append(&store, profile, 1, unreadable("{")).await);
    assert!(append(&store, profile, 2, unreadable("{{")).await);
    let found = get(&store, profile).await;
    assert_eq!((found.text.as_str(), found.readable_text.as_deref()), ("{{", Some("a")));
    assert_eq!(cast(&store, profile, 1).await, [("one".to_owned(), None, false)]);
    let row = &store.workflows(profile, String::new(), 0, 10).await.expect("read").rows[0];
    assert_eq!((row.name.as_str(), row.errors, row.tasks), ("Name of a", 1, 5));
}

#[tokio::test]
async fn far_history_goes_and_the_way_back_stays() {
    let store = Store::in_memory().await.expect("a store");
    let profile = profile(&store, 1).await;
    insert(&store, profile, 1, version("1", &[]), Vec::new()).await;
    for number in 1..520 {
        assert!(append(&store, profile, number, version(&(number + 1).to_string(), &[])).await);
    }
    let first_kept = store.workflow_version(profile, id(1), 21).await.expect("the 500th");
    assert_eq!(first_kept.text, "21");
    assert!(matches!(store.workflow_version(profile, id(1), 20).await, Err(StoreError::NotFound)));
    // Two texts of 20 MiB are more than is kept, but the last edit can always be undone.
    let long = "x".repeat(20 * 1024 * 1024);
    assert!(append(&store, profile, 520, version(&long, &[])).await);
    assert!(append(&store, profile, 521, version(&format!("{long}y"), &[])).await);
    assert_eq!(get(&store, profile).await.undo.map(|(_, number)| number), Some(521));
    assert!(matches!(store.workflow_version(profile, id(1), 520).await, Err(StoreError::NotFound)));
}

#[tokio::test]
async fn a_task_may_run_as_another_than_its_role() {
    let store = Store::in_memory().await.expect("a store");
    let profile = profile(&store, 1).await;
    sync(&store, profile, vec![seen(11, false), seen(12, false)], 1).await;
    let calls = [("one", "host"), ("two", "host"), ("three", "other")];
    insert(&store, profile, 1, version("a", &calls), Vec::new()).await;
    let bind = |slot, to| store.bind(profile, id(1), slot, to);
    bind(role("host"), Some(instance(11))).await.expect("bound");
    bind(task("two"), Some(instance(12))).await.expect("bound");
    let named =
        |task: &str, bound: Option<u128>, by_itself| (task.to_owned(), bound.map(instance), by_itself);
    assert_eq!(
        cast(&store, profile, 1).await,
        [named("one", Some(11), false), named("two", Some(12), true), named("three", None, false)]
    );
    let nobody = bind(role("other"), Some(instance(99))).await;
    assert!(matches!(nobody, Err(StoreError::NotFound)), "only what this profile has can be bound");

    let uses = store.uses(profile, instance(12)).await.expect("read");
    assert_eq!(uses.len(), 1);
    assert_eq!((&uses[0].slot, uses[0].task.as_deref()), (&task("two"), Some("two")));

    store.bind_all(profile, id(1), "host".into(), instance(12)).await.expect("bound");
    assert_eq!(
        cast(&store, profile, 1).await,
        [named("one", Some(12), false), named("two", Some(12), false), named("three", None, false)]
    );
    bind(role("host"), None).await.expect("taken away");
    assert!(store.bindings(profile, id(1)).await.expect("read").is_empty());
}

#[tokio::test]
async fn a_rename_takes_its_binding_along_there_and_back() {
    let store = Store::in_memory().await.expect("a store");
    let profile = profile(&store, 1).await;
    let bound = |slot, to| Binding { slot, instance: instance(to) };
    let before = vec![bound(role("host"), 11), bound(task("one"), 12)];
    insert(&store, profile, 1, version("a", &[("one", "host")]), before.clone()).await;
    let renamed = NewVersion {
        renames: vec![(task("one"), task("uno")), (role("host"), role("server"))],
        ..version("b", &[("uno", "server")])
    };
    assert!(append(&store, profile, 1, renamed.clone()).await);
    let after = [bound(role("server"), 11), bound(task("uno"), 12)];
    assert_eq!(store.bindings(profile, id(1)).await.expect("read"), after);
    let there = |from, to, version: NewVersion| {
        store.step_version(profile, id(1), from, to, version.reading, 0, at(3))
    };
    there(2, 1, version("a", &[("one", "host")])).await.expect("undone");
    assert_eq!(store.bindings(profile, id(1)).await.expect("read"), before);
    there(1, 2, renamed).await.expect("done again");
    assert_eq!(store.bindings(profile, id(1)).await.expect("read"), after);
}

/// Two tasks of one name in different lists share a binding; when one is renamed both keep it.
#[tokio::test]
async fn a_namesake_keeps_its_binding() {
    let store = Store::in_memory().await.expect("a store");
    let profile = profile(&store, 1).await;
    let before = vec![Binding { slot: task("one"), instance: instance(12) }];
    insert(&store, profile, 1, version("a", &[("one", "host"), ("one", "host")]), before).await;
    let renamed = NewVersion {
        renames: vec![(task("one"), task("uno"))],
        ..version("b", &[("one", "host"), ("uno", "host")])
    };
    assert!(append(&store, profile, 1, renamed).await);
    let slots: Vec<Slot> =
        store.bindings(profile, id(1)).await.expect("read").into_iter().map(|binding| binding.slot).collect();
    assert_eq!(slots, [task("one"), task("uno")]);
}

/// Every row of every table, in a form that can be compared.
fn rows(file: &std::path::Path) -> Vec<String> {
    let database = rusqlite::Connection::open(file).expect("the database");
    let names = |sql: &str| -> Vec<String> {
        let mut statement = database.prepare(sql).expect("a query");
        statement.query_map([], |row| row.get(0)).expect("rows").map(|name| name.expect("a name")).collect()
    };
    let mut found = Vec::new();
    for table in names("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name") {
        let mut statement =
            database.prepare(&format!("SELECT * FROM {table} ORDER BY 1, 2")).expect("a query");
        let columns = statement.column_count();
        let mut rows = statement.query([]).expect("rows");
        while let Some(row) = rows.next().expect("a row") {
            let values: Vec<rusqlite::types::Value> =
                (0..columns).map(|column| row.get(column).expect("a value")).collect();
            found.push(format!("{table} {values:?}"));
        }
    }
    found
}

#[tokio::test]
async fn a_replacement_undone_leaves_every_row_as_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("patchbay.db");
    let store = Store::open(&file).await.expect("a store");
    let profile = profile(&store, 1).await;
    let list = vec![seen(11, false), seen(12, false), seen(13, false)];
    sync(&store, profile, list, 1).await;
    let bound = |slot, to| Binding { slot, instance: instance(to) };
    let calls = [("one", "host"), ("two", "host")];
    insert(&store, profile, 1, version("a", &calls), vec![bound(role("host"), 11)]).await;
    let second = vec![bound(role("host"), 13), bound(task("two"), 11), bound(role("left over"), 11)];
    insert(&store, profile, 2, version("b", &calls), second).await;
    insert(&store, profile, 3, version("c", &calls), vec![bound(role("host"), 11), bound(task("one"), 12)])
        .await;
    let before = rows(&file);

    let changes =
        vec![(id(1), role("host")), (id(2), task("two")), (id(2), role("left over")), (id(3), role("host"))];
    let replace =
        |changes: Vec<_>| store.replace_connection(profile, instance(11), instance(12), changes, at(9));
    let too_much = [changes.clone(), vec![(id(2), role("host"))]].concat();
    assert_eq!(replace(too_much).await.expect("asked"), None, "one of them was not bound to it");
    assert_eq!(rows(&file), before, "all or nothing");

    let number = replace(changes).await.expect("done").expect("as reviewed");
    assert_ne!(rows(&file), before);
    assert!(store.uses(profile, instance(11)).await.expect("read").is_empty());
    let undone = store.undo_replacement(profile, number).await.expect("undone");
    assert_eq!(undone, Some(vec![id(1), id(2), id(3)]));
    assert_eq!(rows(&file), before);
}

#[tokio::test]
async fn a_replacement_is_not_undone_over_a_later_choice() {
    let store = Store::in_memory().await.expect("a store");
    let profile = profile(&store, 1).await;
    let list = vec![seen(11, false), seen(12, false), seen(13, false)];
    sync(&store, profile, list, 1).await;
    let bindings = vec![Binding { slot: role("host"), instance: instance(11) }];
    insert(&store, profile, 1, version("a", &[("one", "host")]), bindings).await;
    let changes = vec![(id(1), role("host"))];
    let done = store.replace_connection(profile, instance(11), instance(12), changes, at(9)).await;
    let number = done.expect("done").expect("as reviewed");
    store.bind(profile, id(1), role("host"), Some(instance(13))).await.expect("bound");
    assert_eq!(store.undo_replacement(profile, number).await.expect("asked"), None);
    assert_eq!(cast(&store, profile, 1).await[0].1, Some(instance(13)));
}

#[tokio::test]
async fn a_list_counts_what_cannot_run_without_reading_a_document() {
    let store = Store::in_memory().await.expect("a store");
    let profile = profile(&store, 1).await;
    sync(&store, profile, vec![seen(11, false), seen(12, false)], 1).await;
    let calls = [("one", "host"), ("two", "host"), ("three", "other")];
    let bindings = vec![
        Binding { slot: role("host"), instance: instance(11) },
        Binding { slot: task("two"), instance: instance(99) },
    ];
    insert(&store, profile, 1, version("a", &calls), bindings).await;
    insert(&store, profile, 2, version("zeta", &[]), Vec::new()).await;
    let page = store.workflows(profile, "NAME github".into(), 0, 10).await.expect("read");
    assert_eq!((page.matching, page.total), (2, 2));
    let row = page.rows.iter().find(|row| row.id == id(1)).expect("it is listed");
    assert_eq!(row.connectors, ["github".into()]);
    let mut states: Vec<(CastingState, u32)> = row
        .castings
        .iter()
        .map(|count| (CastingState::decide(count.is_bound, count.bound_to.as_ref()), count.count))
        .collect();
    states.sort_by_key(|(state, _)| format!("{state:?}"));
    assert_eq!(
        states,
        [(CastingState::Gone, 1), (CastingState::NeverChecked, 1), (CastingState::Unbound, 1)]
    );
    let other = store.workflows(profile, "of zeta".into(), 0, 10).await.expect("read");
    assert_eq!((other.matching, other.total, other.rows[0].id), (1, 2, id(2)));
}

#[tokio::test]
async fn a_connection_that_a_workflow_binds_is_kept_when_it_is_gone() {
    let store = Store::in_memory().await.expect("a store");
    let profile = profile(&store, 1).await;
    sync(&store, profile, vec![seen(11, false)], 1).await;
    let bindings = vec![Binding { slot: role("host"), instance: instance(11) }];
    insert(&store, profile, 1, version("a", &[("one", "host")]), bindings).await;
    let kept = store.remove_connection(profile, instance(11), at(5)).await.expect("asked");
    assert_eq!(kept, Removal::KeptAsGone);
    let connection = store.connection(profile, instance(11)).await.expect("still there");
    assert_eq!((connection.health, connection.health_learnt_at), (Health::Gone, Some(at(5))));
    store.bind(profile, id(1), role("host"), None).await.expect("unbound");
    let removed = store.remove_connection(profile, instance(11), at(6)).await.expect("asked");
    assert_eq!(removed, Removal::Removed);
}

#[tokio::test]
async fn what_was_put_away_comes_back_with_its_bindings() {
    let store = Store::in_memory().await.expect("a store");
    let profile = profile(&store, 1).await;
    let bindings = vec![Binding { slot: role("host"), instance: instance(11) }];
    insert(&store, profile, 1, version("a", &[("one", "host")]), bindings.clone()).await;
    store.put_workflow_away(profile, id(1), Some(at(5))).await.expect("put away");
    assert!(matches!(store.workflow(profile, id(1)).await, Err(StoreError::NotFound)));
    assert_eq!(store.workflows(profile, String::new(), 0, 10).await.expect("read").total, 0);
    assert!(store.uses(profile, instance(11)).await.expect("read").is_empty());
    store.put_workflow_away(profile, id(1), None).await.expect("back");
    assert_eq!(store.bindings(profile, id(1)).await.expect("read"), bindings);
}

#[tokio::test]
async fn a_picker_searches_label_and_account_of_one_connector() {
    let store = Store::in_memory().await.expect("a store");
    let profile = profile(&store, 1).await;
    let named =
        |number, label: &str| patchbay_store::SyncedConnection { label: label.into(), ..seen(number, false) };
    let gitlab = patchbay_store::SyncedConnection {
        connector: Some("gitlab".into()),
        provider: "gitlab".into(),
        integration: "gitlab".into(),
        connector_name: "GitLab".into(),
        ..named(4, "work")
    };
    let list = vec![named(1, "work"), named(2, "Ölberg GitHub"), named(3, "Arbeit"), gitlab];
    sync(&store, profile, list, 1).await;
    let pick = |search: &str, offset| {
        let (store, search) = (store.clone(), search.to_owned());
        async move {
            let page = store.candidates(profile, "github".into(), "GitHub".into(), search, offset, 2).await;
            let page = page.expect("read");
            let labels: Vec<String> = page.rows.into_iter().map(|row| row.label).collect();
            (labels, page.matching, page.total)
        }
    };
    let expected = |labels: &[&str], matching| {
        (labels.iter().map(|label| (*label).to_owned()).collect::<Vec<_>>(), matching, 3)
    };
    assert_eq!(pick("", 0).await, expected(&["Arbeit", "work"], 3));
    assert_eq!(pick("", 2).await, expected(&["Ölberg GitHub"], 3));
    assert_eq!(pick("WORK", 0).await, expected(&["work"], 1));
    assert_eq!(pick("github", 0).await, expected(&["Ölberg GitHub"], 1), "not by the connector's own name");
    assert_eq!(pick("ölberg git", 0).await, expected(&["Ölberg GitHub"], 1));
    assert_eq!(pick("nobody", 0).await, expected(&[], 0));

    let other = crate::sample::profile(&store, 2).await;
    assert!(store.is_connected_elsewhere(other, "github".into()).await.expect("read"));
    assert!(!store.is_connected_elsewhere(profile, "github".into()).await.expect("read"));
}

/// Every query that names a workflow, asked as another profile.
#[tokio::test]
async fn two_profiles_never_meet() {
    let store = Store::in_memory().await.expect("a store");
    let (one, two) = (profile(&store, 1).await, profile(&store, 2).await);
    sync(&store, one, vec![seen(11, false), seen(12, false)], 1).await;
    let foreign = patchbay_store::SyncedConnection { instance: instance(21), ..seen(1, false) };
    sync(&store, two, vec![foreign], 1).await;
    let bindings = vec![Binding { slot: role("host"), instance: instance(11) }];
    insert(&store, one, 1, version("a", &[("one", "host")]), bindings).await;
    assert!(append(&store, one, 1, version("b", &[("one", "host")])).await);
    let changes = vec![(id(1), role("host"))];
    let done = store.replace_connection(one, instance(11), instance(12), changes.clone(), at(9)).await;
    let number = done.expect("done").expect("as reviewed");
    let before = (get(&store, one).await, cast(&store, one, 1).await);

    fn is_missing<T: std::fmt::Debug>(result: Result<T, StoreError>) {
        assert!(matches!(result, Err(StoreError::NotFound)), "{result:?}");
    }
    is_missing(store.workflow(two, id(1)).await);
    is_missing(store.workflow_version(two, id(1), 1).await);
    is_missing(store.append_version(two, id(1), 2, version("c", &[]), at(9)).await);
    is_missing(store.step_version(two, id(1), 2, 1, None, 0, at(9)).await);
    is_missing(store.save_workflow(two, id(1)).await);
    is_missing(store.put_workflow_away(two, id(1), Some(at(9))).await);
    is_missing(store.castings(two, id(1)).await);
    is_missing(store.bindings(two, id(1)).await);
    is_missing(store.bind(two, id(1), role("host"), None).await);
    is_missing(store.bind_all(two, id(1), "host".into(), instance(21)).await);
    is_missing(store.bind(one, id(1), role("host"), Some(instance(21))).await);
    is_missing(store.bind_all(one, id(1), "host".into(), instance(21)).await);
    is_missing(store.replace_connection(two, instance(12), instance(21), changes.clone(), at(9)).await);
    is_missing(store.replace_connection(one, instance(12), instance(21), changes, at(9)).await);
    is_missing(store.undo_replacement(two, number).await);
    assert!(store.uses(two, instance(12)).await.expect("read").is_empty());
    assert!(store.workflow_names(two).await.expect("read").is_empty());
    assert_eq!(store.workflows(two, String::new(), 0, 10).await.expect("read").total, 0);
    let picked = store.candidates(two, "github".into(), "GitHub".into(), String::new(), 0, 10).await;
    assert_eq!(picked.expect("read").total, 1);
    assert_eq!((get(&store, one).await, cast(&store, one, 1).await), before);
}
