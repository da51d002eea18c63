//! `try`: what is caught, how often it is tried, what becomes of the error.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use rstest::rstest;
use serde_json::{Value, json};

use crate::harness::{Bench, brief};

const ERROR: &str = "{type: 'https://open-workflow-specification.org/dsl/errors/types/communication', status: 503, title: T, detail: D}";

#[rstest]
#[case::everything("{}", true)]
#[case::type_by_last_segment(
    "{errors: {with: {type: 'https://serverlessworkflow.io/spec/1.0.0/errors/communication'}}}",
    true
)]
#[case::another_type(
    "{errors: {with: {type: 'https://open-workflow-specification.org/dsl/errors/types/timeout'}}}",
    false
)]
#[case::status("{errors: {with: {status: 503}}}", true)]
#[case::another_status("{errors: {with: {status: 500}}}", false)]
#[case::both("{errors: {with: {type: communication, status: 500}}}", false)]
#[case::title("{errors: {with: {title: T, detail: D, instance: /do/0/a/try/0/b}}}", true)]
#[case::another_detail("{errors: {with: {detail: T}}}", false)]
#[case::when("{when: $error.status == 503}", true)]
#[case::when_not("{when: '${ $error.status != 503 }'}", false)]
#[case::own_name("{as: e, when: $e.status == 503}", true)]
#[case::except_when("{exceptWhen: $error.status == 503}", false)]
#[case::except_when_not("{exceptWhen: $error.status == 500}", true)]
#[tokio::test]
async fn what_is_caught(#[case] catch: &str, #[case] is_caught: bool) {
    let document = format!("[{{a: {{try: [{{b: {{raise: {{error: {ERROR}}}}}}}], catch: {catch}}}}}]");
    let bench = Bench::new().await;
    if is_caught {
        assert_eq!(
            bench.completes(&document, json!({"x": 1})).await,
            json!({"x": 1}),
            "without do, what the try was given"
        );
    } else {
        assert_eq!(
            brief(&bench.faults(&document, json!({})).await.error),
            ("communication", 503, "/do/0/a/try/0/b")
        );
    }
}

#[rstest]
#[case::handler("{as: e, do: [{h: {set: {s: '${ $e.status }', i: '${ $e.instance }', x: '${ .x }'}}}]}", json!({"s": 503, "i": "/do/0/a/try/0/b", "x": 1}))]
#[case::then("{then: z}", json!({"z": 1}))]
#[case::handler_and_then("{do: [{h: {set: {y: 1}}}], then: z}", json!({"z": null}))]
#[case::handler_can_end("{do: [{h: {set: {y: 1}, then: end}}], then: z}", json!({"y": 1}))]
#[tokio::test]
async fn what_becomes_of_a_caught_error(#[case] catch: &str, #[case] output: Value) {
    let document = format!(
        "[{{a: {{try: [{{b: {{raise: {{error: {ERROR}}}}}}}], catch: {catch}, then: end}}}}, {{n: {{set: {{}}}}}}, {{z: {{set: {{z: '${{ .x }}'}}}}}}]"
    );
    assert_eq!(Bench::new().await.completes(&document, json!({"x": 1})).await, output);
}

#[tokio::test]
async fn an_error_in_the_handler_goes_up() {
    let document = format!(
        "[{{a: {{try: [{{b: {{raise: {{error: {ERROR}}}}}}}], catch: {{do: [{{h: {{raise: {{error: {{type: 'x/mine', status: 400, detail: '${{ $error.detail }}'}}}}}}}}]}}}}}}]"
    );
    let fault = Bench::new().await.faults(&document, json!({})).await;
    assert_eq!(brief(&fault.error), ("mine", 400, "/do/0/a/catch/do/0/h"));
    assert_eq!(fault.error.detail.as_deref(), Some("D"));
}

#[tokio::test]
async fn what_succeeds_is_not_caught() {
    let document = "[{a: {try: [{b: {set: {x: 1}}}], catch: {do: [{h: {set: {}}}]}, output: {as: .x}}}]";
    assert_eq!(Bench::new().await.completes(document, json!({})).await, json!(1));
}

/// A server that answers well from the n-th call on, with a pause to keep if it is said.
fn flaky(good_from: u32, retry_after: Option<&'static str>) -> (Router, Arc<AtomicU32>) {
    let calls = Arc::new(AtomicU32::new(0));
    let counted = calls.clone();
    let answer = move || {
        let call = counted.fetch_add(1, Ordering::SeqCst) + 1;
        async move {
            let status = if call >= good_from { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
            let headers = retry_after.map(|value| axum::response::AppendHeaders([("retry-after", value)]));
            (status, headers, format!("{call}"))
        }
    };
    (Router::new().route("/", get(answer)), calls)
}

fn trying(retry: &str) -> String {
    format!(
        "{{use: {{retries: {{p: {{limit: {{attempt: {{count: 2}}}}}}}}}}, do: [{{a: {{try: [{{b: {{call: http, with: {{method: get, endpoint: 'http://a.test/'}}}}}}], catch: {{errors: {{with: {{status: 503}}}}, retry: {retry}}}}}}}]}}"
    )
}

#[rstest]
#[case::until_it_works("{}", 4, Some(4))]
#[case::as_often_as_allowed("{limit: {attempt: {count: 2}}}", 9, None)]
#[case::exactly_often_enough("{limit: {attempt: {count: 2}}}", 3, Some(3))]
#[case::named("p", 9, None)]
#[case::when("{when: '$error.status == 500'}", 9, None)]
#[case::except_when("{exceptWhen: '$error.status == 503'}", 9, None)]
#[case::no_time("{delay: P1D, limit: {duration: PT1H}}", 9, None)]
#[tokio::test]
async fn how_often_it_is_tried(#[case] retry: &str, #[case] good_from: u32, #[case] works_at: Option<u32>) {
    let (server, calls) = flaky(good_from, None);
    let bench = Bench::with(server).await;
    match works_at {
        Some(call) => assert_eq!(bench.completes(&trying(retry), json!({})).await, json!(call.to_string())),
        None => assert_eq!(
            brief(&bench.faults(&trying(retry), json!({})).await.error),
            ("communication", 503, "/do/0/a/try/0/b")
        ),
    }
    let expected = match retry {
        "{}" => 4,
        "p" | "{limit: {attempt: {count: 2}}}" => 3,
        _ => 1,
    };
    assert_eq!(calls.load(Ordering::SeqCst), expected);
    let retries = bench.log.retries.lock().unwrap();
    let failed: Vec<u32> = retries.iter().map(|(_, retrying)| retrying.failed).collect();
    assert_eq!(failed, (1..expected).collect::<Vec<_>>());
    assert!(retries.iter().all(|(number, _)| *number == 0), "the entry is the try's");
}

#[rstest]
#[case::constant("{delay: {milliseconds: 2}, backoff: {constant: {}}}", &[2, 2, 2])]
#[case::linear("{delay: {milliseconds: 2}, backoff: {linear: {}}}", &[2, 4, 6])]
#[case::exponential("{delay: PT0.002S, backoff: {exponential: {}}}", &[2, 4, 8])]
#[case::computed("{delay: '${ \"PT0.003S\" }'}", &[3, 3, 3])]
#[tokio::test]
async fn pauses_between_attempts(#[case] retry: &str, #[case] milliseconds: &[u64]) {
    let (server, _) = flaky(4, None);
    let bench = Bench::with(server).await;
    bench.completes(&trying(retry), json!({})).await;
    let pauses: Vec<Duration> =
        bench.log.retries.lock().unwrap().iter().map(|(_, retrying)| retrying.after).collect();
    assert_eq!(pauses, milliseconds.iter().copied().map(Duration::from_millis).collect::<Vec<_>>());
}

#[tokio::test]
async fn jitter_is_added_within_its_bounds() {
    let (server, _) = flaky(9, None);
    let bench = Bench::with(server).await;
    bench.completes(&trying("{jitter: {from: {milliseconds: 2}, to: {milliseconds: 5}}}"), json!({})).await;
    for (_, retrying) in bench.log.retries.lock().unwrap().iter() {
        assert!((2..=5).contains(&retrying.after.as_millis()), "{:?}", retrying.after);
    }
}

#[tokio::test]
async fn a_retry_after_makes_the_pause_longer() {
    let (server, _) = flaky(2, Some("1"));
    let bench = Bench::with(server).await;
    bench.completes(&trying("{delay: {milliseconds: 5}}"), json!({})).await;
    assert_eq!(bench.log.retries.lock().unwrap()[0].1.after, Duration::from_secs(1));
}

#[tokio::test]
async fn an_exhausted_retry_is_handled_where_there_is_a_handler() {
    let document = format!(
        "[{{a: {{try: [{{b: {{raise: {{error: {ERROR}}}}}}}], catch: {{retry: {{limit: {{attempt: {{count: 1}}}}}}, do: [{{h: {{set: {{s: '${{ $error.status }}'}}}}}}]}}}}}}]"
    );
    let bench = Bench::new().await;
    assert_eq!(bench.completes(&document, json!({})).await, json!({"s": 503}));
    assert_eq!(bench.log.order(), ["a", "b", "b", "h"]);
}

#[tokio::test]
async fn an_attempt_that_takes_too_long_is_tried_again() {
    let document = "[{a: {try: [{b: {wait: P1D}}], catch: {errors: {with: {type: timeout}}, retry: {limit: {attempt: {count: 1, duration: {milliseconds: 5}}}}}}}]";
    let bench = Bench::new().await;
    assert_eq!(brief(&bench.faults(document, json!({})).await.error), ("timeout", 408, "/do/0/a"));
    assert_eq!(bench.log.order(), ["a", "b", "b"]);
}
