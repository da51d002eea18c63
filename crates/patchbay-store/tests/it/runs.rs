//! Runs: the log, the end, what a crash leaves, and whose they are.

use patchbay_core::id::{ProfileId, RunId, WorkflowId};
use patchbay_core::workflow::run::{RunState, TaskState};
use patchbay_store::{
    EntryEnd, EntryGiven, EntryRow, ExchangeRow, LastGiven, LogLine, RunEnd, RunFilter, RunRow, Store,
    StoreError,
};
use uuid::Uuid;

use crate::sample::{at, profile};

fn id(number: u128) -> RunId {
    Uuid::from_u128(number).into()
}

fn workflow() -> WorkflowId {
    Uuid::from_u128(77).into()
}

async fn begin(store: &Store, profile: ProfileId, number: u128) {
    let run = RunRow {
        id: id(number),
        workflow: workflow(),
        name: "Report".into(),
        state: RunState::Running,
        owner: "lock".into(),
        started_at: at(i64::try_from(number).expect("small")),
        ended_at: None,
        tasks_begun: 0,
        tasks_ended: 0,
        failure: None,
        error: None,
    };
    store.insert_run(profile, run, format!(r#"{{"number":{number}}}"#)).await.expect("kept");
}

fn end(state: RunState) -> RunEnd {
    RunEnd { state, at: at(9000), output: None, failure: None, error: None }
}

fn entry(number: u32) -> EntryRow {
    EntryRow {
        number,
        parent: number.checked_sub(1),
        path: format!("/do/{number}/task").into(),
        task: format!("task {number}"),
        state: TaskState::Running,
        started_at: at(100),
        ended_at: None,
        attempts: 1,
        connector: Some("github".into()),
        instance: Some(Uuid::from_u128(11).into()),
        connection_id: Some("c11".into()),
        summary: String::new(),
        reconnect: false,
        failure: None,
    }
}

fn exchange(status: u16) -> ExchangeRow {
    ExchangeRow {
        at: at(101),
        method: "GET".into(),
        url: "https://nango.test/proxy/user".into(),
        status: Some(status),
        took_ms: 12,
        problem: None,
        request_headers: vec![("Connection-Id".into(), "c11".into())],
        response_headers: Vec::new(),
        request_body: None,
        response_body: Some("{}".into()),
    }
}

fn began(number: u32) -> LogLine {
    LogLine::Began(
        Box::new(entry(number)),
        EntryGiven { input: Some("[1]".into()), variables: Some(r#"{"item":1}"#.into()) },
    )
}

#[tokio::test]
async fn a_log_is_read_back_as_it_was_written() {
    let store = Store::in_memory().await.expect("a store");
    let profile = profile(&store, 1).await;
    begin(&store, profile, 1).await;
    let called = |status| LogLine::Exchanged {
        entry: 0,
        summary: format!("GET /user → {status}"),
        exchange: Box::new(exchange(status)),
    };
    let ended = EntryEnd {
        number: 0,
        state: TaskState::Completed,
        at: at(102),
        summary: None,
        reconnect: false,
        failure: None,
        error: None,
        output: Some("[2]".into()),
    };
    let lines = vec![
        began(0),
        called(500),
        LogLine::Retrying { entry: 0, attempts: 2 },
        called(200),
        LogLine::Ended(Box::new(ended)),
        began(1),
    ];
    store.append_log(id(1), lines).await.expect("written");
    let (found, data, exchanges) = store.run_entry(profile, id(1), 0).await.expect("there");
    let expected = EntryRow {
        state: TaskState::Completed,
        ended_at: Some(at(102)),
        attempts: 2,
        summary: "GET /user → 200".into(),
        ..entry(0)
    };
    assert_eq!(found, expected);
    assert_eq!((data.input.as_deref(), data.output.as_deref()), (Some("[1]"), Some("[2]")));
    assert_eq!(exchanges, [exchange(500), exchange(200)]);
    let (entries, total) = store.run_entries(profile, id(1), 1).await.expect("read");
    assert_eq!((entries, total), (vec![expected], 2));
    let (run, input, _) = store.run(profile, id(1)).await.expect("there");
    assert_eq!((run.tasks_begun, run.tasks_ended, input.as_str()), (2, 1, r#"{"number":1}"#));
    let last = store.last_entry_input(profile, workflow(), "/do/1/task".into()).await.expect("read");
    let entry = EntryGiven { input: Some("[1]".into()), variables: Some(r#"{"item":1}"#.into()) };
    assert_eq!(last, Some(LastGiven { entry, run_input: r#"{"number":1}"#.into(), started_at: at(1) }));
}

#[tokio::test]
async fn a_run_ends_once_and_with_it_what_is_open() {
    let store = Store::in_memory().await.expect("a store");
    let profile = profile(&store, 1).await;
    for (number, state, task) in
        [(1, RunState::Interrupted, TaskState::Interrupted), (2, RunState::Cancelled, TaskState::Cancelled)]
    {
        begin(&store, profile, number).await;
        store.append_log(id(number), vec![began(0)]).await.expect("written");
        assert_eq!(store.running_runs().await.expect("read"), [(id(number), "lock".to_owned())]);
        store.end_run(id(number), end(state)).await.expect("ended");
        store.end_run(id(number), end(RunState::Completed)).await.expect("asked");
        let (run, ..) = store.run(profile, id(number)).await.expect("there");
        assert_eq!((run.state, run.tasks_begun, run.tasks_ended), (state, 1, 1));
        let (entries, _) = store.run_entries(profile, id(number), 10).await.expect("read");
        assert_eq!((entries[0].state, entries[0].ended_at), (task, Some(at(9000))));
    }
}

#[tokio::test]
async fn the_oldest_runs_go_and_what_runs_stays() {
    let store = Store::in_memory().await.expect("a store");
    let profile = profile(&store, 1).await;
    begin(&store, profile, 1).await;
    for number in 2..=203 {
        begin(&store, profile, number).await;
        store.end_run(id(number), end(RunState::Completed)).await.expect("ended");
    }
    let page = |workflow, state, limit| RunFilter { workflow, state, offset: 0, limit };
    let all = store.runs(profile, page(None, None, 500)).await.expect("read");
    assert_eq!((all.matching, all.rows[0].id), (201, id(203)), "the newest 200, and the one that runs");
    assert_eq!(all.rows[200].id, id(1));
    let running =
        store.runs(profile, page(Some(workflow()), Some(RunState::Running), 10)).await.expect("read");
    assert_eq!((running.matching, running.rows.len()), (1, 1));
    assert_eq!(
        store.runs(profile, page(Some(Uuid::nil().into()), None, 10)).await.expect("read").matching,
        0
    );
}

/// Every query about runs, asked as another profile.
#[tokio::test]
async fn two_profiles_never_meet() {
    let store = Store::in_memory().await.expect("a store");
    let (one, two) = (profile(&store, 1).await, profile(&store, 2).await);
    begin(&store, one, 1).await;
    store.append_log(id(1), vec![began(0)]).await.expect("written");
    assert!(matches!(store.run(two, id(1)).await, Err(StoreError::NotFound)));
    assert!(matches!(store.run_entry(two, id(1), 0).await, Err(StoreError::NotFound)));
    assert_eq!(store.run_entries(two, id(1), 10).await.expect("read"), (Vec::new(), 0));
    assert_eq!(
        store.runs(two, RunFilter { limit: 10, ..Default::default() }).await.expect("read").matching,
        0
    );
    assert!(store.last_runs(two, vec![workflow()]).await.expect("read").is_empty());
    assert_eq!(store.last_runs(one, vec![workflow()]).await.expect("read").len(), 1);
    assert_eq!(store.last_input(two, workflow()).await.expect("read"), None);
    let last = store.last_entry_input(two, workflow(), "/do/0/task".into()).await.expect("read");
    assert_eq!(last, None);
    let seen = crate::connections::seen(11, false);
    crate::connections::sync(&store, one, vec![seen], 1).await;
    let instance = Uuid::from_u128(11).into();
    store.mark_used(two, instance, at(5)).await.expect("nothing to do");
    assert_eq!(store.connection(one, instance).await.expect("there").last_used_at, None);
    store.mark_used(one, instance, at(5)).await.expect("noted");
    assert_eq!(store.connection(one, instance).await.expect("there").last_used_at, Some(at(5)));
    store.delete_profile(one).await.expect("forgotten");
    assert!(store.running_runs().await.expect("read").is_empty());
}
