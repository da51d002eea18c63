//! Kinds of tasks and the ways through a list.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use patchbay_core::workflow::run::TaskState;
use rstest::rstest;
use serde_json::{Value, json};

use crate::harness::{Bench, brief};

#[rstest]
#[case::then_forwards("[{a: {set: {x: 1}, then: c}}, {b: {set: {x: 2}}}, {c: {set: {y: '${ .x }'}}}]", json!({"y": 1}), &["a", "c"])]
#[case::then_backwards("[{a: {set: {n: '${ .n + 1 }'}}}, {b: {if: '.n < 3', set: '${ . }', then: a}}]",
    json!({"n": 3}), &["a", "b", "a", "b", "a", "b"])]
#[case::a_skipped_task_leads_nowhere("[{a: {if: 'false', set: {}, then: end}}, {b: {set: {x: 1}}}]", json!({"x": 1}), &["a", "b"])]
#[case::end_inside_ends_all("[{a: {do: [{b: {set: {x: 1}, then: end}}, {c: {set: {}}}]}}, {d: {set: {}}}]", json!({"x": 1}), &["a", "b"])]
#[case::exit_ends_the_list("[{a: {do: [{b: {set: {x: 1}, then: exit}}, {c: {set: {}}}]}}, {d: {set: {y: '${ .x }'}}}]", json!({"y": 1}), &["a", "b", "d"])]
#[case::exit_at_the_top("[{a: {set: {x: 1}, then: exit}}, {b: {set: {}}}]", json!({"x": 1}), &["a"])]
#[case::continue_is_the_next("[{a: {set: {x: 1}, then: continue}}, {b: {set: {y: '${ .x }'}}}]", json!({"y": 1}), &["a", "b"])]
#[case::switch_continue("[{s: {switch: [{c: {when: .n == null, then: continue}}], then: end}}, {a: {set: {x: 1}}}]", json!({"x": 1}), &["s", "a"])]
#[case::switch_end("[{s: {switch: [{c: {then: end}}]}}, {a: {set: {x: 1}}}]", json!({}), &["s"])]
#[case::switch_first_match("[{s: {switch: [{d: {then: end}}, {m: {when: 'true', then: b}}, {n: {when: 'true', then: end}}]}}, {a: {set: {}}}, {b: {set: {x: 1}}}]",
    json!({"x": 1}), &["s", "b"])]
#[case::an_empty_list("[]", json!({}), &[])]
#[tokio::test]
async fn ways_through_a_list(#[case] document: &str, #[case] output: Value, #[case] order: &[&str]) {
    let bench = Bench::new().await;
    assert_eq!(bench.completes(document, json!({})).await, output);
    assert_eq!(bench.log.order(), order);
}

#[rstest]
#[case::names("{for: {in: .l}, do: [{b: {set: {l: null, s: '${ [.s[]?, [$index, $item]] }'}}}]}", json!({"l": null, "s": [[0, "a"], [1, "b"]]}))]
#[case::own_names("{for: {each: $x, at: i, in: '${ .l }'}, do: [{b: {set: {s: '${ [.s[]?, $i, $x] }'}}}]}", json!({"s": [0, "a", 1, "b"]}))]
#[case::while_looks_at_the_data("{for: {in: .l}, while: '.n < 1', do: [{b: {set: {n: '${ .n + 1 }'}}}]}", json!({"n": 1}))]
#[case::while_sees_the_item("{for: {in: .l}, while: '$item != \"b\"', do: [{b: {set: {i: '${ $item }'}}}]}", json!({"i": "a"}))]
#[case::nothing_to_do("{for: {in: '[]'}, do: [{b: {set: {}}}]}", json!({"l": ["a", "b"]}))]
#[case::exit_ends_one_round("{for: {in: .l}, do: [{b: {set: {s: '${ [.s[]?, $item] }'}, then: exit}}, {c: {set: {}}}]}", json!({"s": ["a", "b"]}))]
#[case::end_ends_the_run("{for: {in: .l}, do: [{b: {set: {s: '${ $item }'}, then: end}}]}", json!({"s": "a"}))]
#[case::nested("{for: {each: x, in: .l}, do: [{m: {for: {each: y, in: '[1, 2]'}, do: [{b: {set: {s: '${ [.s[]?, \"\\($x)\\($y)\"] }'}}}]}}]}",
    json!({"s": ["a1", "a2", "b1", "b2"]}))]
#[tokio::test]
async fn loops(#[case] task: &str, #[case] output: Value) {
    let bench = Bench::new().await;
    let document = format!("[{{loop: {task}}}]");
    assert_eq!(bench.completes(&document, json!({"l": ["a", "b"]})).await, output);
}

#[tokio::test]
async fn what_is_no_list_is_not_gone_through() {
    let document = "[{a: {for: {in: .n}, do: [{b: {set: {}}}]}}]";
    let fault = Bench::new().await.faults(document, json!({"n": 1})).await;
    assert_eq!(brief(&fault.error), ("expression", 400, "/do/0/a"));
}

#[tokio::test]
async fn a_loops_entries_know_their_loop() {
    let bench = Bench::new().await;
    bench.completes("[{a: {for: {in: '[1, 2]'}, do: [{b: {set: {}}}]}}, {c: {set: {}}}]", json!({})).await;
    let began = bench.log.began.lock().unwrap();
    let tree: Vec<_> = began.iter().map(|entry| (entry.number, entry.parent, entry.path.as_str())).collect();
    assert_eq!(
        tree,
        [
            (0, None, "/do/0/a"),
            (1, Some(0), "/do/0/a/do/0/b"),
            (2, Some(0), "/do/0/a/do/0/b"),
            (3, None, "/do/1/c")
        ]
    );
}

#[rstest]
#[case::inline(
    "[{a: {raise: {error: {type: 'https://x.test/errors/gone', status: 410, title: '${ .t }', detail: '${ \"of \\(.t)\" }'}}}}]"
)]
#[case::named(
    "{use: {errors: {e: {type: 'https://x.test/errors/gone', status: 410, title: T, detail: of T}}}, do: [{a: {raise: {error: e}}}]}"
)]
#[tokio::test]
async fn raised_errors(#[case] document: &str) {
    let fault = Bench::new().await.faults(document, json!({"t": "T"})).await;
    let error = serde_json::to_value(&fault.error).unwrap();
    let expected = json!({"type": "https://x.test/errors/gone", "status": 410, "title": "T", "detail": "of T", "instance": "/do/0/a"});
    assert_eq!((error, fault.entry, fault.cause), (expected, Some(0), None));
}

#[tokio::test]
async fn an_event_has_what_every_event_has() {
    let bench = Bench::new().await;
    let event = bench
        .completes("[{a: {emit: {event: {with: {type: greeted, data: {n: '${ .n }'}}}}}}]", json!({"n": 1}))
        .await;
    assert_eq!(event["specversion"], "1.0");
    assert_eq!((&event["type"], &event["data"]["n"]), (&json!("greeted"), &json!(1)));
    assert_eq!(
        (&event["source"], &event["time"]),
        (&json!("/test/test"), &json!("1970-01-01T00:00:00.000Z"))
    );
    assert_eq!(event["id"].as_str().unwrap().len(), 36);
}

#[rstest]
#[case("{call: openapi, with: {document: {endpoint: 'https://x.test'}, operationId: a}}", "`call: openapi`")]
#[case("{call: grpc, with: {}}", "`call: grpc`")]
#[case("{call: asyncapi, with: {}}", "`call: asyncapi`")]
#[case("{call: mcp, with: {}}", "`call: mcp`")]
#[case("{call: 'log:1.0.0@global', with: {}}", "`call: log:1.0.0@global`")]
#[case("{run: {shell: {command: 'touch /tmp/never'}}}", "`run`")]
#[case("{listen: {to: {any: []}}}", "`listen`")]
#[case("{dance: {}}", "unknown kind")]
#[tokio::test]
async fn other_kinds_are_refused_when_they_are_reached(#[case] task: &str, #[case] named: &str) {
    let bench = Bench::new().await;
    let document = format!("[{{before: {{set: {{x: 1}}}}}}, {{skipped: {task}}}, {{other: {task}}}]")
        .replacen(task, &task.replacen('{', "{if: 'false', ", 1), 1);
    let fault = bench.faults(&document, json!({})).await;
    assert_eq!(brief(&fault.error), ("configuration", 400, "/do/2/other"));
    assert!(fault.error.detail.as_ref().unwrap().contains(named), "{:?}", fault.error);
    let states: Vec<_> = bench.log.states().into_iter().map(|(_, state)| state.unwrap()).collect();
    assert_eq!(states, [TaskState::Completed, TaskState::Skipped, TaskState::Faulted]);
}

#[tokio::test]
async fn branches_are_given_the_same_and_give_a_list() {
    let bench = Bench::new().await;
    let document = "[{f: {fork: {branches: [{a: {set: {a: '${ .n }'}}}, {b: {do: [{c: {set: {b: '${ .n }'}, then: exit}}, {d: {set: {}}}]}}, {e: {if: 'false', set: {}}}]}}}]";
    assert_eq!(bench.completes(document, json!({"n": 1})).await, json!([{"a": 1}, {"b": 1}, {"n": 1}]));
    let began = bench.log.began.lock().unwrap();
    let path = |name: &str| began.iter().find(|entry| &*entry.name == name).unwrap().path.to_string();
    assert_eq!(path("c"), "/do/0/f/fork/branches/1/b/do/0/c");
}

/// A server that answers only when as many calls as branches have arrived.
fn meeting(calls: usize) -> Router {
    let barrier = Arc::new(tokio::sync::Barrier::new(calls));
    let meet = move || async move {
        barrier.wait().await;
        "met"
    };
    Router::new().route("/meet", get(meet))
}

#[tokio::test]
async fn branches_run_at_the_same_time() {
    let branches: Vec<Value> = (0..16)
        .map(|index| json!({format!("b{index}"): {"call": "http", "with": {"method": "get", "endpoint": "http://x.test/meet"}}}))
        .collect();
    let document = json!([{"f": {"fork": {"branches": branches}}}]).to_string();
    let output = Bench::with(meeting(16)).await.completes(&document, json!({})).await;
    assert_eq!(output, json!(vec!["met"; 16]));
}

#[tokio::test]
async fn exports_of_branches_do_not_lose_each_other() {
    let branches: Vec<Value> = (0..16)
        .map(|index| json!({format!("b{index}"): {"set": {"x": 1}, "export": {"as": "$context + 1"}}}))
        .collect();
    let document =
        json!([{"f": {"fork": {"branches": branches}}}, {"c": {"set": {"n": "${ $context }"}}}]).to_string();
    assert_eq!(Bench::new().await.completes(&document, json!({})).await, json!({"n": 16}));
}

#[tokio::test]
async fn the_first_competitor_wins_and_the_others_are_stopped() {
    let bench = Bench::with(meeting(2)).await;
    let call = "{call: http, with: {method: get, endpoint: 'http://x.test/meet'}}";
    let document = format!(
        "[{{f: {{fork: {{compete: true, branches: [{{slow: {call}}}, {{late: {{do: [{{wait: {{wait: P1D}}}}]}}}}, {{bad: {{set: '${{ error }}'}}}}, {{quick: {{set: {{x: 1}}}}}}]}}}}}}]"
    );
    assert_eq!(bench.completes(&document, json!({})).await, json!({"x": 1}));
    let mut states = bench.log.states();
    states.retain(|(name, _)| name != "bad" && name != "wait");
    for (name, state) in states {
        let expected =
            if matches!(&*name, "f" | "quick") { TaskState::Completed } else { TaskState::Cancelled };
        assert_eq!(state, Some(expected), "{name}");
    }
}

#[tokio::test]
async fn competitors_that_all_fail_fail_together() {
    let document =
        "[{f: {fork: {compete: true, branches: [{a: {set: '${ error }'}}, {b: {set: '${ error }'}}]}}}]";
    assert_eq!(brief(&Bench::new().await.faults(document, json!({})).await.error).0, "expression");
}

#[tokio::test]
async fn a_branch_that_fails_stops_the_others() {
    let bench = Bench::new().await;
    let document = "[{f: {fork: {branches: [{late: {wait: P1D}}, {bad: {raise: {error: {type: 'x/y', status: 418}}}}]}}}]";
    let fault = bench.faults(document, json!({})).await;
    assert_eq!(brief(&fault.error), ("y", 418, "/do/0/f/fork/branches/1/bad"));
    let states = bench.log.states();
    let late = states.iter().find(|(name, _)| name == "late");
    assert!(late.is_none_or(|(_, state)| *state == Some(TaskState::Cancelled)), "{states:?}");
}

#[tokio::test]
async fn a_branch_can_end_the_run() {
    let bench = Bench::new().await;
    let document = "[{f: {fork: {branches: [{late: {wait: P1D}}, {last: {set: {x: 1}, then: end}}]}}}, {never: {set: {}}}]";
    assert_eq!(bench.completes(document, json!({})).await, json!({"x": 1}));
    assert!(!bench.log.order().contains(&"never".to_owned()));
}

#[tokio::test]
async fn a_wait_passes_its_input_on() {
    let document =
        "[{a: {wait: {milliseconds: 1}}}, {b: {wait: '${ \"PT0.001S\" }'}}, {c: {set: {y: '${ .x }'}}}]";
    assert_eq!(Bench::new().await.completes(document, json!({"x": 1})).await, json!({"y": 1}));
}
