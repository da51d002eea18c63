//! Stopping: by the person, by a time limit.

use std::time::{Duration, Instant};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use patchbay_core::workflow::run::TaskState;
use patchbay_runner::{Outcome, run};
use rstest::rstest;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::harness::{Bench, brief, program};

fn silence() -> Router {
    Router::new().route("/", get(async || std::future::pending::<StatusCode>().await))
}

#[rstest]
#[case::a_pause("[{last: {wait: P1D}}]")]
#[case::a_call("[{last: {call: http, with: {method: get, endpoint: 'http://a.test/'}}}]")]
#[case::deep_inside(
    "[{a: {do: [{b: {try: [{c: {for: {in: '[1]'}, do: [{last: {wait: P1D}}]}}], catch: {}}}]}}]"
)]
#[case::branches(
    "[{a: {fork: {branches: [{b: {wait: P1D}}, {last: {call: http, with: {method: get, endpoint: 'http://a.test/'}}}]}}}]"
)]
#[case::competitors("[{a: {fork: {compete: true, branches: [{b: {wait: P1D}}, {last: {wait: P1D}}]}}}]")]
#[case::between_attempts("[{a: {try: [{last: {set: '${ error }'}}], catch: {retry: {delay: P1D}}}}]")]
#[case::attempts_without_end("[{a: {try: [{last: {set: '${ error }'}}], catch: {retry: {}}}}]")]
#[case::a_loop_without_end("[{last: {set: {}, then: last}}]")]
#[case::jq_without_end("[{last: {set: '${ def f: f; f }'}}]")]
#[case::jq_that_never_gives("[{last: {set: '${ last(repeat(1)) }'}}]")]
#[case::jq_with_a_timeout_around("[{last: {set: '${ [range(infinite)] | length }', timeout: {after: P1D}}}]")]
#[tokio::test]
async fn a_run_can_be_cancelled_wherever_it_is(#[case] document: &str) {
    let mut bench = Bench::with(silence()).await;
    (bench.host.limits.steps, bench.host.limits.entries) = (u64::MAX, u32::MAX);
    let (program, cancel) = (program(document).unwrap(), CancellationToken::new());
    let stop = async {
        bench.log.begun("last").await;
        cancel.cancel();
        Instant::now()
    };
    let (outcome, cancelled_at) = tokio::join!(run(&program, json!({}), &bench.host, cancel.clone()), stop);
    assert_eq!(outcome, Outcome::Cancelled);
    assert!(
        cancelled_at.elapsed() < Duration::from_secs(1),
        "the promise is a second: {:?}",
        cancelled_at.elapsed()
    );
    let states = bench.log.states();
    assert!(states.iter().all(|(_, state)| state.is_some()), "nothing is left open: {states:?}");
    let (first, state) = &states[0];
    assert!(*state == Some(TaskState::Cancelled) || first == "last", "{states:?}");
}

#[tokio::test]
async fn a_run_that_is_cancelled_before_does_nothing() {
    let bench = Bench::new().await;
    let cancel = CancellationToken::new();
    cancel.cancel();
    let outcome = run(&program("[{a: {set: {}}}]").unwrap(), json!({}), &bench.host, cancel).await;
    assert_eq!((outcome, bench.log.order()), (Outcome::Cancelled, vec![]));
}

#[tokio::test]
async fn a_call_that_was_dropped_is_in_the_log() {
    let bench = Bench::with(silence()).await;
    let program = program(
        "[{a: {call: http, with: {method: get, endpoint: 'http://a.test/'}, timeout: {after: {milliseconds: 20}}}}]",
    );
    run(&program.unwrap(), json!({}), &bench.host, CancellationToken::new()).await;
    let exchanges = bench.log.exchanges.lock().unwrap();
    assert_eq!(exchanges.len(), 1, "whether it arrived is not known, that it was sent is");
    assert!(exchanges[0].1.answer.is_err());
}

#[rstest]
#[case::of_a_task("[{a: {wait: P1D, timeout: {after: {milliseconds: 5}}}}]", "/do/0/a")]
#[case::named("{use: {timeouts: {t: {after: PT0.005S}}}, do: [{a: {wait: P1D, timeout: t}}]}", "/do/0/a")]
#[case::computed("[{a: {wait: P1D, timeout: {after: '${ \"PT0.00\\(.n)S\" }'}}}]", "/do/0/a")]
#[case::of_a_task_around("[{a: {do: [{b: {wait: P1D}}], timeout: {after: {milliseconds: 5}}}}]", "/do/0/a")]
#[case::the_inner_one_first(
    "[{a: {do: [{b: {wait: P1D, timeout: {after: {milliseconds: 5}}}}], timeout: {after: P1D}}}]",
    "/do/0/a/do/0/b"
)]
#[case::of_jq("[{a: {set: '${ last(repeat(1)) }', timeout: {after: {milliseconds: 20}}}}]", "/do/0/a")]
#[case::of_the_workflow("{timeout: {after: {milliseconds: 5}}, do: [{a: {wait: P1D}}]}", "")]
#[tokio::test]
async fn what_takes_too_long_is_a_timeout(#[case] document: &str, #[case] instance: &str) {
    let mut bench = Bench::new().await;
    bench.host.limits.steps = u64::MAX;
    let fault = bench.faults(document, json!({"n": 5})).await;
    assert_eq!(brief(&fault.error), ("timeout", 408, instance));
}

#[tokio::test]
async fn a_timeout_can_be_caught() {
    let document = "[{a: {try: [{b: {wait: P1D, timeout: {after: {milliseconds: 5}}}}], catch: {errors: {with: {type: timeout, status: 408}}, do: [{h: {set: {x: 1}}}]}}}]";
    let bench = Bench::new().await;
    assert_eq!(bench.completes(document, json!({})).await, json!({"x": 1}));
    assert_eq!(bench.log.states()[1], ("b".to_owned(), Some(TaskState::Faulted)));
}

#[tokio::test]
async fn what_ends_in_time_is_not_touched_by_its_limit() {
    let document = "{timeout: {after: P1D}, do: [{a: {set: {x: 1}, timeout: {after: P1D}}}]}";
    assert_eq!(Bench::new().await.completes(document, json!({})).await, json!({"x": 1}));
}
