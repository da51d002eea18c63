//! What tasks are given, what they give, and what expressions see.

use patchbay_core::workflow::run::TaskState;
use rstest::rstest;
use serde_json::{Value, json};

use crate::harness::{Bench, brief, program};

async fn check(document: &str, input: Value, output: Value) {
    assert_eq!(Bench::new().await.completes(document, input).await, output, "{document}");
}

#[rstest]
#[case::set_replaces("[{a: {set: {x: 1}}}]", json!({"y": 2}), json!({"x": 1}))]
#[case::set_from_one_expression("[{a: {set: '${ .list }'}}]", json!({"list": [1, 2]}), json!([1, 2]))]
#[case::expressions_in_depth("[{a: {set: {x: [{y: '${ .n + 1 }'}, plain]}}}]", json!({"n": 1}), json!({"x": [{"y": 2}, "plain"]}))]
#[case::text_around_is_no_expression("[{a: {set: {x: 'Hi ${ .n }'}}}]", json!({"n": 1}), json!({"x": "Hi ${ .n }"}))]
#[case::braces_inside("[{a: {set: {x: '${ {a: {b: .n}} }'}}}]", json!({"n": 1}), json!({"x": {"a": {"b": 1}}}))]
#[case::no_output_is_null("[{a: {set: {x: '${ empty }'}}}]", json!({}), json!({"x": null}))]
#[case::several_outputs_are_a_list("[{a: {set: {x: '${ .[] }'}}}]", json!([1, 2]), json!({"x": [1, 2]}))]
#[case::input_is_never_evaluated("[{a: {set: {x: '${ .e }'}}}, {b: {set: {y: '${ .x }'}}}]", json!({"e": "${ 1 + 1 }"}), json!({"y": "${ 1 + 1 }"}))]
#[case::input_from("[{a: {input: {from: .u}, set: {x: '${ . }', i: '${ $input }', raw: '${ $task.input.u.n }'}}}]",
    json!({"u": {"n": 1}}), json!({"x": {"n": 1}, "i": {"n": 1}, "raw": 1}))]
#[case::input_from_object("[{a: {input: {from: {m: '${ .n }'}}, set: {x: '${ .m }'}}}]", json!({"n": 1}), json!({"x": 1}))]
#[case::output_as("[{a: {set: {x: 1}, output: {as: '.x + $input.n'}}}]", json!({"n": 2}), json!(3))]
#[case::output_as_object("[{a: {set: {x: 1}, output: {as: {y: '${ .x }', raw: '${ $task.output }'}}}}]", json!({}), json!({"y": 1, "raw": {"x": 1}}))]
#[case::export_and_context("[{a: {set: {x: 1}, output: {as: .x}, export: {as: '{seen: ., out: $output}'}}}, {b: {set: {c: '${ $context }'}}}]",
    json!({}), json!({"c": {"seen": 1, "out": 1}}))]
#[case::context_is_null_at_first("[{a: {set: {c: '${ $context }'}}}]", json!({}), json!({"c": null}))]
#[case::workflow_input_is_raw("{input: {from: .a}, output: {as: '[., $workflow.input.a]'}, do: [{x: {set: {b: '${ . }'}}}]}",
    json!({"a": 1}), json!([{"b": 1}, 1]))]
#[case::task("[{a: {set: {n: '${ $task.name }', r: '${ $task.reference }', d: '${ $task.definition.metadata.m }', at: '${ $task.startedAt.epoch.seconds }'}, metadata: {m: 7}}}]",
    json!({}), json!({"n": "a", "r": "/do/0/a", "d": 7, "at": 0}))]
#[case::workflow("[{a: {set: {n: '${ $workflow.definition.document.name }', at: '${ $workflow.startedAt.iso8601 }', id: '${ $workflow.id | length }'}}}]",
    json!({}), json!({"n": "test", "at": "1970-01-01T00:00:00.000Z", "id": 36}))]
#[case::runtime("[{a: {set: {n: '${ $runtime.name }', a: '${ $authorization }'}}}]", json!({}), json!({"n": "patchbay", "a": null}))]
#[case::condition("[{a: {if: .no, set: {x: 1}}}, {b: {if: '${ .yes }', set: {y: '${ . }'}}}]",
    json!({"yes": true}), json!({"y": {"yes": true}}))]
#[case::null_input("[{a: {set: {x: '${ . }'}}}]", json!(null), json!({"x": null}))]
#[case::large_numbers("[{a: {set: {x: '${ .n }'}}}]", json!({"n": 9_007_199_254_740_993_i64}), json!({"x": 9_007_199_254_740_993_i64}))]
#[case::whole_numbers_look_whole("[{a: {set: {x: '${ 6 / 2 }', y: '${ 1 / 2 }'}}}]", json!({}), json!({"x": 3, "y": 0.5}))]
#[case::shadowing("[{a: {for: {each: input, in: '[1]'}, do: [{b: {set: {x: '${ $input }'}}}]}}]", json!({}), json!({"x": 1}))]
#[tokio::test]
async fn data_flows(#[case] document: &str, #[case] input: Value, #[case] output: Value) {
    check(document, input, output).await;
}

const SCHEMA: &str = "{document: {type: object, required: [n], properties: {n: {type: integer}}}}";

#[rstest]
#[case::workflow_input("{input: {schema: SCHEMA}, do: [{a: {set: {x: 1}}}]}", "")]
#[case::task_input("[{a: {input: {schema: SCHEMA}, set: {x: 1}}}]", "/do/0/a")]
#[case::task_output("[{a: {set: {n: 1.5}, output: {schema: SCHEMA}}}]", "/do/0/a")]
#[case::after_transformation("[{a: {set: {n: 1}, output: {as: .n, schema: SCHEMA}}}]", "/do/0/a")]
#[case::export("[{a: {set: {n: 1}, export: {as: '{}', schema: SCHEMA}}}]", "/do/0/a")]
#[case::workflow_output("{output: {schema: SCHEMA}, do: [{a: {set: {m: 1}}}]}", "")]
#[tokio::test]
async fn data_that_is_not_as_its_schema_is_a_validation_error(
    #[case] document: &str,
    #[case] instance: &str,
) {
    let fault = Bench::new().await.faults(&document.replace("SCHEMA", SCHEMA), json!({"n": "hidden"})).await;
    assert_eq!(brief(&fault.error), ("validation", 400, instance));
    assert!(!fault.error.detail.unwrap().contains("hidden"), "the data itself stays out of the error");
}

#[tokio::test]
async fn data_that_is_as_its_schema_passes() {
    let document = "[{a: {input: {schema: SCHEMA}, set: '${ . }', output: {schema: SCHEMA}, export: {schema: SCHEMA, as: .}}}]";
    check(&document.replace("SCHEMA", SCHEMA), json!({"n": 1}), json!({"n": 1})).await;
}

#[tokio::test]
async fn a_schema_that_stands_elsewhere_is_not_fetched() {
    let document =
        "[{a: {input: {schema: {resource: {endpoint: 'https://schemas.test/x.json'}}}, set: {x: 1}}}]";
    let bench = Bench::new().await;
    assert_eq!(brief(&bench.faults(document, json!({})).await.error), ("configuration", 400, "/do/0/a"));
    assert!(bench.log.exchanges.lock().unwrap().is_empty());
}

#[rstest]
#[case::a_failing_expression("[{a: {set: {x: '${ .n.m }'}}}]", ("expression", 400, "/do/0/a"))]
#[case::its_own_error("[{a: {if: 'error(\"no\")', set: {x: 1}}}]", ("expression", 400, "/do/0/a"))]
#[case::secrets("{use: {secrets: [s]}, do: [{a: {set: {x: '${ $secrets.s }'}}}]}", ("authorization", 403, "/do/0/a"))]
#[tokio::test]
async fn failing_expressions_are_errors(#[case] document: &str, #[case] error: (&str, u16, &str)) {
    let bench = Bench::new().await;
    let fault = bench.faults(document, json!({"n": 1})).await;
    assert_eq!(brief(&fault.error), error);
    assert_eq!(fault.entry, Some(0));
    assert_eq!(bench.log.states(), [("a".to_owned(), Some(TaskState::Faulted))]);
}

#[tokio::test]
async fn a_task_with_an_override_sees_its_own_connection() {
    let mut bench = Bench::new().await;
    bench.host.overrides.insert("second".to_owned(), "private".to_owned());
    let look = "{set: {seen: '${ [$context.seen[]?, $workflow.input.connections.mail] }'}, export: {as: .}, metadata: {patchbay: {role: mail}}}";
    let document = format!("[{{first: {look}}}, {{second: {look}}}, {{third: {look}}}]");
    let output = bench.completes(&document, json!({"connections": {"mail": "work", "other": "x"}})).await;
    assert_eq!(output, json!({"seen": ["work", "private", "work"]}));
}

#[rstest]
#[case::no_tasks("{document: {}}", "", "do is missing")]
#[case::bad_expression(
    "[{a: {set: {x: '${ .a | | }'}}}]",
    "/do/0/a/set",
    "this is not jq: expected term at character 6, before \"|\""
)]
#[case::unfinished(
    "[{a: {set: {x: '${ .a + }'}}}]",
    "/do/0/a/set",
    "this is not jq: expected term at the end"
)]
#[case::unknown_variable(
    "[{a: {if: $who, set: {}}}]",
    "/do/0/a/if",
    "this is not jq: variable $who is not defined"
)]
#[case::unknown_function(
    "[{a: {if: 'f(1)', set: {}}}]",
    "/do/0/a/if",
    "this is not jq: filter f is not defined"
)]
#[case::unknown_target("[{a: {set: {}, then: b}}]", "/do/0/a/then", "there is no task b in the same list")]
#[case::target_elsewhere(
    "[{a: {do: [{b: {set: {}, then: a}}]}}]",
    "/do/0/a/do/0/b/then",
    "there is no task a in the same list"
)]
#[case::no_duration("[{a: {wait: soon}}]", "/do/0/a/wait", "this is not a duration")]
#[case::unknown_policy("[{a: {try: [], catch: {retry: p}}}]", "/do/0/a/catch/retry", "use.retries has no p")]
#[case::unknown_error("[{a: {raise: {error: e}}}]", "/do/0/a/raise/error", "use.errors has no e")]
#[case::unknown_timeout("[{a: {set: {}, timeout: t}}]", "/do/0/a/timeout", "use.timeouts has no t")]
#[case::unknown_authentication(
    "[{a: {call: http, with: {method: get, endpoint: {uri: 'http://x', authentication: {use: n}}}}}]",
    "/do/0/a/with/endpoint/authentication",
    "use.authentications has no n"
)]
#[case::two_names("[{a: {set: {}}, b: {set: {}}}]", "/do/0", "an item of a list has one name")]
#[case::a_bad_schema(
    "[{a: {input: {schema: {document: {type: nonsense}}}, set: {}}}]",
    "/do/0/a/input/schema",
    ""
)]
#[test]
fn what_is_wrong_with_a_document_is_said_with_its_place(
    #[case] document: &str,
    #[case] at: &str,
    #[case] problem: &str,
) {
    let error = program(document).unwrap_err();
    assert_eq!(error.pointer.as_str(), at);
    assert!(problem.is_empty() || error.problem == problem, "{}", error.problem);
}
