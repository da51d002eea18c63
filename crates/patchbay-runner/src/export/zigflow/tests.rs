use std::sync::Arc;

use jaq_json::Val;
use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::data;
use crate::expression::{Bounds, Expression};

/// The value of an exported `${ … }` with the variables the dialect has.
async fn value_there(exported: &str, variables: &Value, raw: &Value) -> Value {
    let known: Vec<Arc<str>> = ["data", "env"].map(Arc::from).into();
    let expression = Expression::compile(expression_in(exported).unwrap(), &known).unwrap();
    let bounds = Bounds { steps: 10_000, data: 100_000, turns: Arc::new(tokio::sync::Semaphore::new(1)) };
    let variable = |name: &str| variables.get(name).map_or(Val::Null, data::from_json);
    let stopped = std::future::pending();
    let value = Arc::new(expression).evaluate(&data::from_json(raw), variable, &bounds, stopped).await;
    data::to_json(&value.unwrap())
}

fn export(task: Value) -> (Value, Vec<Difference>) {
    let document = json!({
        "document": {"dsl": "1.0.3", "namespace": "ops", "name": "report", "version": "1.0.0"},
        "use": {
            "secrets": ["nango"],
            "authentications": {"nango": {"bearer": {"use": "nango"}}, "plain": {"basic": {"username": "u", "password": "${ .p }"}}},
            "errors": {"gone": {"type": "https://x.test/gone", "status": 410, "detail": "${ .why }"}},
            "retries": {"twice": {"delay": {"seconds": 3}, "backoff": {"exponential": {}}, "limit": {"attempt": {"count": 2}}}},
        },
        "do": [{"a": task}],
    });
    let (exported, differences) = zigflow(&document);
    (exported["do"][0]["a"].clone(), differences)
}

fn by_hand(differences: &[Difference]) -> Vec<&str> {
    differences
        .iter()
        .filter(|difference| difference.by_hand)
        .map(|difference| difference.what.as_str())
        .collect()
}

#[rstest]
#[case::the_last_tasks_output(json!({"set": {"x": "${ .n }"}}), json!({"output": {"n": 1}}), json!(1))]
#[case::or_the_workflows_input(json!({"set": {"x": "${ .n }"}}), json!({"input": {"n": 1}}), json!(1))]
#[case::workflow_input(json!({"set": {"x": "${ [$workflow.input.n, .n] }"}}), json!({"input": {"n": 1}, "output": {"n": 2}}), json!([1, 2]))]
#[case::task_input(json!({"set": {"x": "${ [$input.n, .n, $workflow.input.n] }"}}), json!({"input": {"n": 1}, "output": {"n": 2}}), json!([2, 2, 1]))]
#[case::context(json!({"set": {"x": "${ $context.n + .n }"}}), json!({"context": {"n": 1}, "output": {"n": 2}}), json!(3))]
#[case::task_name(json!({"set": {"x": "${ [$task.name, $task.reference] }"}}), json!({}), json!(["a", "/do/0/a"]))]
#[case::precedence(json!({"set": {"x": "${ .n, 2 | . + 1 }"}}), json!({"output": {"n": 1}}), json!([2, 3]))]
#[tokio::test]
async fn an_expression_has_its_value_there(
    #[case] task: Value,
    #[case] variables: Value,
    #[case] value: Value,
) {
    let (exported, _) = export(task);
    assert_eq!(
        value_there(exported["set"]["x"].as_str().unwrap(), &variables, &json!(null)).await,
        value,
        "{exported}"
    );
}

#[tokio::test]
async fn shapes_see_what_they_saw() {
    let (exported, _) =
        export(json!({"set": {}, "output": {"as": ".n"}, "export": {"as": "$context + {m: .}"}}));
    let variables = json!({"output": 7, "context": {"k": 1}, "input": {}});
    let raw = json!({"n": 7});
    assert_eq!(value_there(exported["output"]["as"].as_str().unwrap(), &variables, &raw).await, 7);
    assert_eq!(
        value_there(exported["export"]["as"].as_str().unwrap(), &variables, &raw).await,
        json!({"k": 1, "m": 7})
    );
}

#[tokio::test]
async fn addresses_and_credentials() {
    let (exported, differences) = export(json!({"call": "http", "with": {
        "method": "get", "endpoint": {"uri": "https://x.test/{id}?q=\"{s}", "authentication": {"use": "plain"}}, "headers": {"A": "b"},
    }}));
    let with = &exported["with"];
    let variables = json!({"input": {"id": 7, "s": "a b", "p": "secret"}});
    assert_eq!(
        value_there(with["endpoint"].as_str().unwrap(), &variables, &json!(null)).await,
        "https://x.test/7?q=\"a%20b"
    );
    let authorization = with["headers"]["Authorization"].as_str().unwrap();
    assert_eq!(value_there(authorization, &variables, &json!(null)).await, "Basic dTpzZWNyZXQ=");
    assert_eq!(with["headers"]["A"], "b");
    assert_eq!(by_hand(&differences), Vec::<&str>::new());
}

#[tokio::test]
async fn a_connectors_task_takes_the_key_from_the_environment() {
    let (exported, differences) = export(json!({
        "call": "http",
        "with": {
            "method": "get",
            "endpoint": {"uri": "${ \"\\($workflow.input.nango)/proxy/user\" }", "authentication": {"use": "nango"}},
            "headers": {"Provider-Config-Key": "github", "Connection-Id": "${ $workflow.input.connections.codeHost }"},
        },
        "timeout": {"after": {"minutes": 1}},
        "metadata": {"patchbay": {"role": "codeHost"}},
    }));
    let with = &exported["with"];
    let variables = json!({
        "input": {"nango": "https://nango.test", "connections": {"codeHost": "id-1"}},
        "output": {"nango": "of another task"},
        "env": {"NANGO_SECRET_KEY": "k"},
    });
    for (expression, value) in [
        (&with["endpoint"], "https://nango.test/proxy/user"),
        (&with["headers"]["Connection-Id"], "id-1"),
        (&with["headers"]["Authorization"], "Bearer k"),
    ] {
        assert_eq!(value_there(expression.as_str().unwrap(), &variables, &json!(null)).await, value);
    }
    assert_eq!(exported["metadata"]["patchbay"]["role"], "codeHost");
    assert_eq!(exported["metadata"]["activityOptions"], json!({"startToCloseTimeout": {"seconds": 60}}));
    assert!(differences.iter().any(|difference| difference.what.contains("ZIGGY_NANGO_SECRET_KEY")));
    assert_eq!(by_hand(&differences), Vec::<&str>::new());
}

#[tokio::test]
async fn loops_and_caught_errors_are_in_the_data() {
    let (exported, _) = export(json!({
        "for": {"each": "n", "in": ".list"}, "while": "$index < 2",
        "do": [{"b": {"try": [{"c": {"set": {"x": "${ $n }"}}}], "catch": {"as": "e", "do": [{"d": {"set": {"x": "${ $e.status + $n }"}}}]}}}],
    }));
    let variables = json!({"data": {"n": 1, "index": 0, "error": {"status": 404}}, "output": {"list": [1]}});
    let at = |pointer: &str| exported.pointer(pointer).unwrap().as_str().unwrap().to_owned();
    assert_eq!(value_there(&at("/for/in"), &variables, &json!(null)).await, json!([1]));
    assert_eq!(value_there(&at("/while"), &variables, &json!(null)).await, true);
    assert_eq!(value_there(&at("/do/0/b/try/0/c/set/x"), &variables, &json!(null)).await, 1);
    assert_eq!(value_there(&at("/do/0/b/catch/do/0/d/set/x"), &variables, &json!(null)).await, 405);
    assert_eq!(exported["for"]["at"], "index");
}

#[tokio::test]
async fn branches_give_a_list_again() {
    let (exported, _) = export(json!({
        "fork": {"branches": [{"one": {"set": {"x": 1}}}, {"two-b": {"set": {"x": 2}}}]}, "output": {"as": "map(.x)"},
    }));
    let raw = json!({"two-b": {"x": 2}, "one": {"x": 1}});
    assert_eq!(
        value_there(exported["output"]["as"].as_str().unwrap(), &json!({}), &raw).await,
        json!([1, 2])
    );
    assert_eq!(exported["fork"]["compete"], false);
}

#[test]
fn retries_go_to_the_calls() {
    let call = json!({"call": "http", "with": {"method": "get", "endpoint": "https://x.test"}});
    let (exported, differences) = export(json!({"try": [{"b": call}], "catch": {"retry": "twice"}}));
    let policy = json!({"initialInterval": {"seconds": 3}, "backoffCoefficient": 2.0, "maximumAttempts": 3});
    assert_eq!(exported["try"][0]["b"]["metadata"]["activityOptions"]["retryPolicy"], policy);
    assert_eq!(exported["catch"]["do"][0]["caught"]["set"], "${ ($output // $input) }");
    assert_eq!(by_hand(&differences), Vec::<&str>::new());
}

#[rstest]
#[case(json!({"wait": "PT1M30S"}), json!({"wait": {"seconds": 90}}))]
#[case(json!({"wait": {"milliseconds": 1500}}), json!({"wait": {"milliseconds": 1500}}))]
#[case(json!({"raise": {"error": "gone"}}),
    json!({"raise": {"error": {"type": "https://x.test/gone", "status": 410, "detail": "${ ($output // $input) | (.why) }"}}}))]
#[case(json!({"switch": [{"c": {"when": ".x", "then": "end"}}, {"d": {"then": "continue"}}], "then": "exit"}),
    json!({"switch": [{"c": {"when": "${ ($output // $input) | (.x) }", "then": "end"}}, {"d": {"then": "continue"}}], "then": "exit"}))]
#[case(json!({"emit": {"event": {"with": {"type": "t", "source": "https://s.test"}}}}),
    json!({"set": {"id": "${ uuid }", "specversion": "1.0", "time": "${ timestamp_iso8601 }", "type": "t", "source": "https://s.test"}}))]
#[test]
fn what_it_has_another_form_for(#[case] task: Value, #[case] expected: Value) {
    let (exported, differences) = export(task);
    assert_eq!(exported, expected);
    assert_eq!(by_hand(&differences), Vec::<&str>::new());
}

#[rstest]
#[case(json!({"set": {}, "input": {"from": ".x"}}), "input.from")]
#[case(json!({"set": {}, "timeout": {"after": "PT1S"}}), "timeout")]
#[case(json!({"set": {"x": "${ $secrets.s }"}}), "Secrets")]
#[case(json!({"try": [], "catch": {"errors": {"with": {"status": 404}}}}), "filter")]
#[case(json!({"try": [], "catch": {"when": "true"}}), "`when`")]
#[case(json!({"try": [], "catch": {"then": "end"}}), "`then`")]
#[case(json!({"wait": "${ .pause }"}), "computed pause")]
#[case(json!({"run": {"shell": {"command": "ls"}}}), "kind of task")]
#[case(json!({"call": "http", "with": {"method": "get", "endpoint": {"uri": "https://x.test", "authentication": {"oauth2": {}}}}}), "authenticate")]
#[case(json!({"set": {}, "output": {"schema": {"resource": {"endpoint": "https://x.test"}}}}), "schema")]
#[test]
fn what_it_cannot_say_is_reported_with_its_place(#[case] task: Value, #[case] named: &str) {
    let (_, differences) = export(task);
    let found = differences.iter().find(|difference| difference.by_hand && difference.what.contains(named));
    assert_eq!(found.unwrap_or_else(|| panic!("{differences:?}")).pointer.as_str(), "/do/0/a");
}

#[test]
fn the_head_has_the_dialects_names() {
    let (exported, _) = zigflow(
        &json!({"document": {"dsl": "1.0.3", "namespace": "ops", "name": "report", "version": "2.0.0", "title": "T"}}),
    );
    assert_eq!(exported["document"]["taskQueue"], "ops");
    assert_eq!(exported["document"]["workflowType"], "report");
    assert_eq!(exported["document"]["title"], "T");
    let policy = &exported["document"]["metadata"]["activityOptions"]["retryPolicy"];
    assert_eq!(policy["maximumAttempts"], 1, "a call is not repeated behind the author's back");
    assert_eq!(exported["do"], json!([]));
}

#[rstest]
#[case(json!(null))]
#[case(json!([1, "x"]))]
#[case(json!({"do": {"a": 1}, "use": [], "document": "x"}))]
#[case(json!({"do": [1, {"a": null}, {"b": {"for": 1, "do": 2}}, {"c": {"try": 1}}, {"d": {"fork": 1}}, {"e": {"raise": 1}}, {"f": {"call": "http"}}]}))]
#[test]
fn nonsense_does_not_panic(#[case] document: Value) {
    let _ = zigflow(&document);
}
