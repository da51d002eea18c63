//! Documents and data from strangers: everything has an end.

use patchbay_core::workflow::run::TaskState;
use rstest::rstest;
use serde_json::{Value, json};

use crate::harness::{Bench, brief, program};

#[rstest]
#[case::a_loop("[{a: {set: {}, then: a}}]")]
#[case::a_loop_that_catches("[{a: {try: [{b: {set: {}, then: b}}], catch: {retry: {}}}}]")]
#[case::a_loop_in_a_branch(
    "[{a: {fork: {compete: true, branches: [{b: {wait: P1D}}, {c: {do: [{d: {set: {}, then: d}}]}}]}}}]"
)]
#[tokio::test]
async fn loops_end_at_the_limit_whatever_catches(#[case] document: &str) {
    let mut bench = Bench::new().await;
    bench.host.limits.entries = 200;
    let fault = bench.faults(document, json!({})).await;
    assert_eq!(brief(&fault.error).0, "runtime");
    assert_eq!(bench.log.order().len(), 200);
}

#[tokio::test]
async fn what_cannot_be_remembered_ends_the_run() {
    let bench = Bench::new().await;
    *bench.log.full_from.lock().unwrap() = Some(2);
    let fault = bench
        .faults("[{a: {try: [{b: {set: {}}}, {c: {set: {}}}], catch: {do: [{h: {set: {}}}]}}}]", json!({}))
        .await;
    assert_eq!(brief(&fault.error), ("runtime", 500, "/do/0/a/try/1/c"));
    assert!(fault.error.detail.unwrap().contains("the disk is full"));
    assert_eq!(bench.log.states()[0].1, Some(TaskState::Faulted), "nothing caught it");
}

#[rstest]
#[case::recursion("def f: 1 + f; f")]
#[case::loops_that_catch("def f: try error catch f; f")]
#[case::doubled_text("reduce range(100) as $i (\"ab\"; . + .)")]
#[case::doubled_text_in_a_variable(
    "def f($x; $n): if $n == 0 then $x else f($x + $x; $n - 1) end; f(\"ab\"; 100)"
)]
#[case::doubled_text_inside("reduce range(100) as $i (\"ab\"; \"\\(.)\\(.)\")")]
#[case::repeated_text("\"ab\" * 1000000000000")]
#[case::repeated_by_assignment("{a: \"ab\"} | .a *= 1000000000000")]
#[case::huge_numbers("reduce range(100) as $i (10; . * .)")]
#[case::doubled_lists("reduce range(100) as $i ([1]; . + .)")]
#[case::shared_lists("reduce range(100) as $i ([1]; [., .])")]
#[case::deep_lists("reduce range(1000000) as $i (0; [[[[.]]]])")]
#[case::deep_lists_in_a_variable("def f($x; $n): if $n == 0 then $x else f([$x]; $n - 1) end; f(0; 1000000)")]
#[case::deep_result("reduce range(300) as $i (0; [.])")]
#[case::shallow_and_deep("reduce range(400) as $i (0; [[[[[[.]]]]]])")]
#[case::deep_json("reduce range(20) as $i (\"[\"; . + .) | fromjson")]
#[case::many_outputs("range(1000000)")]
#[case::long_lists("[range(100000000)]")]
#[case::a_long_way("last(range(1000000000000))")]
#[case::halt("halt_error")]
#[tokio::test]
async fn jq_is_bounded(#[case] expression: &str) {
    let document = json!([{"a": {"set": format!("${{ {expression} }}")}}]).to_string();
    match program(&document) {
        Ok(_) => {
            let mut bench = Bench::new().await;
            bench.host.limits.steps = 200_000;
            let fault = bench.faults(&document, json!({})).await;
            assert_eq!(brief(&fault.error), ("expression", 400, "/do/0/a"), "{:?}", fault.error.detail);
        }
        Err(error) => assert!(error.problem.contains("not defined"), "{}", error.problem),
    }
}

#[rstest]
#[case("$ENV")]
#[case("env")]
#[case("input")]
#[case("inputs")]
#[case("halt")]
#[case("input_filename")]
#[case("get_search_list")]
#[case("include \"x\"; .")]
#[test]
fn jq_does_not_look_outside(#[case] expression: &str) {
    let document = json!([{"a": {"if": expression, "set": {}}}]).to_string();
    assert!(program(&document).is_err(), "{expression}");
}

/// What the guards touch still does what jq says.
#[rstest]
#[case("[range(3)]", json!([0, 1, 2]))]
#[case("[range(0; 10; 4)]", json!([0, 4, 8]))]
#[case("[limit(3; repeat(1))]", json!([1, 1, 1]))]
#[case("[.a[] | select(. > 1) | . * 2]", json!([4, 6]))]
#[case(".a |= map(. + 1) | .a", json!([2, 3, 4]))]
#[case("(.a[] | select(. == 2)) |= . * 10 | .a", json!([1, 20, 3]))]
#[case(".a[0] *= 5 | .a", json!([5, 2, 3]))]
#[case("[paths]", json!([["a"], ["a", 0], ["a", 1], ["a", 2], ["s"]]))]
#[case("path(.a | .[1])", json!(["a", 1]))]
#[case("del(.a[0]) | .a", json!([2, 3]))]
#[case("to_entries | map(.key)", json!(["a", "s"]))]
#[case("with_entries(.value |= length) | .s", json!(3))]
#[case("reduce .a[] as $x (0; . + $x)", json!(6))]
#[case("[foreach .a[] as $x (0; . + $x; [$x, .])]", json!([[1, 1], [2, 3], [3, 6]]))]
#[case(".s | test(\"b\")", json!(true))]
#[case(".s | sub(\"b\"; \"x\")", json!("axc"))]
#[case("\"\\(.s)-\\(.a | length)\"", json!("abc-3"))]
#[case("@base64 \"\\(.s)\"", json!("YWJj"))]
#[case(".s | @uri", json!("abc"))]
#[case("{a, s: .s} == .", json!(true))]
#[case(".a as [$x, $y] | $x + $y", json!(3))]
#[case(". as {a: [$x], $s} | [$x, $s]", json!([1, "abc"]))]
#[case("[.a[] as $x | $x * $x]", json!([1, 4, 9]))]
#[case("(1, 2) * 3", json!([3, 6]))]
#[case("\"ab\" * 2", json!("abab"))]
#[case("try error(\"x\") catch .", json!("x"))]
#[case(".a[5]? // \"none\"", json!("none"))]
#[case("[.a[] | if . > 2 then \"big\" elif . > 1 then \"mid\" else \"small\" end]", json!(["small", "mid", "big"]))]
#[case("label $out | foreach .a[] as $x (0; . + $x; if . > 2 then ., break $out else empty end)", json!(3))]
#[case("def f(g): [.[] | g]; .a | f(. + 1)", json!([2, 3, 4]))]
#[case("def fac: if . <= 1 then 1 else . * (. - 1 | fac) end; 5 | fac", json!(120))]
#[case("[.. | numbers]", json!([1, 2, 3]))]
#[case("\"[1, {\\\"x\\\": null}]\" | fromjson", json!([1, {"x": null}]))]
#[case(".a | tojson", json!("[1,2,3]"))]
#[case("\"1970-01-01T00:00:10Z\" | fromdate", json!(10))]
#[case("[.a[] | tostring] | join(\",\")", json!("1,2,3"))]
#[case(".a | [first, last, min, max, add, length]", json!([1, 3, 1, 3, 6, 3]))]
#[case(".a | sort_by(-.) | group_by(. > 1) | map(length)", json!([1, 2]))]
#[case("[range(2000)] | map(. * 2) | add", json!(3_998_000))]
#[case("debug | .s", json!("abc"))]
#[tokio::test]
async fn jq_does_what_it_should(#[case] expression: &str, #[case] expected: Value) {
    let document = json!([{"a": {"set": format!("${{ {expression} }}")}}]).to_string();
    let output = Bench::new().await.completes(&document, json!({"a": [1, 2, 3], "s": "abc"})).await;
    assert_eq!(output, expected, "{expression}");
}

#[tokio::test]
async fn data_has_a_size() {
    let mut bench = Bench::new().await;
    bench.host.limits.data = 2_000;
    let document = "[{a: {set: {x: '${ \"x\" * 900 }', y: '${ \"y\" * 900 }', z: '${ \"z\" * 900 }'}}}]";
    assert_eq!(brief(&bench.faults(document, json!({})).await.error), ("runtime", 500, "/do/0/a"));
    let fault = bench.faults("[{a: {set: {}}}]", json!({"x": "x".repeat(3_000)})).await;
    assert_eq!(brief(&fault.error), ("runtime", 500, ""));
}

#[test]
fn documents_are_not_nested_for_ever() {
    let value = |levels: usize| (0..levels).fold(json!({}), |inner, _| json!([inner]));
    assert!(patchbay_runner::Program::new(json!({"do": [{"a": {"set": {"x": value(100)}}}]})).is_ok());
    assert!(patchbay_runner::Program::new(json!({"do": [{"a": {"set": {"x": value(200)}}}]})).is_err());
    let expression = format!("{}1{}", "[".repeat(20_000), "]".repeat(20_000));
    assert!(
        program(&json!([{"a": {"if": expression, "set": {}}}]).to_string()).is_ok(),
        "it is compiled with enough stack"
    );
    let expression = format!("1{}", " | .".repeat(20_000));
    assert!(program(&json!([{"a": {"if": expression, "set": {}}}]).to_string()).is_err(), "it is too long");
}

#[rstest]
#[case::sequences(|inner: Value| json!({"do": [{"t": inner}]}))]
#[case::attempts(|inner: Value| json!({"try": [{"t": inner}], "catch": {"retry": {}}}))]
#[case::handlers(|inner: Value| json!({"try": [{"t": {"set": "${ error }"}}], "catch": {"do": [{"t": inner}]}}))]
#[case::loops(|inner: Value| json!({"for": {"in": "[1]"}, "do": [{"t": inner}]}))]
#[case::branches(|inner: Value| json!({"fork": {"branches": [{"t": inner}]}}))]
#[case::limited(|inner: Value| json!({"do": [{"t": inner}], "timeout": {"after": "P1D"}}))]
#[tokio::test(flavor = "multi_thread")]
async fn the_deepest_document_fits_the_stack(#[case] around: fn(Value) -> Value) {
    let nested = |levels: usize| {
        let last = json!({"set": {"x": "${ [range(20)] | map(. * 2) | add }"}});
        let task = (1..levels).fold(last, |inner, _| around(inner));
        patchbay_runner::Program::new(json!({"do": [{"t": task}]}))
    };
    let deepest = (1..100).take_while(|levels| nested(*levels).is_ok()).count();
    assert!((20..100).contains(&deepest), "the document's own depth bounds that of its tasks: {deepest}");
    let bench = Bench::new().await;
    let (host, program) = (bench.host.clone(), nested(deepest).unwrap());
    let cancel = tokio_util::sync::CancellationToken::new();
    // On a thread of the runtime, whose stack is smaller than a test's.
    let run = tokio::spawn(async move { patchbay_runner::run(&program, json!({}), &host, cancel).await });
    let outcome = run.await.unwrap();
    assert!(matches!(outcome, patchbay_runner::Outcome::Completed(_)), "{outcome:?}");
}
