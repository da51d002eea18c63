//! What the DSL's own schema forbids, in sentences.
//!
//! The schema says "one of twelve kinds of task", and the answer to a mistake inside of one would be that none
//! of the twelve fits; besides, tasks inside of tasks are tried by several kinds each, so that the work doubles
//! with every level. So each task is held against the schema of its own kind, which the member tells that says
//! what it does, and lists of tasks are followed here. Taken together that accepts and refuses what the whole
//! schema does; a test compares the two.

mod words;

pub(super) use words::nearest;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jsonschema::Validator;
use patchbay_core::workflow::outline::Pointer;
use patchbay_core::workflow::problem::Severity;
use serde_json::{Value, json};

use super::Problems;
use patchbay_texts::t;

/// The schema as it is published, without what is for people. `examples/schema.rs` makes it.
const PUBLISHED: &str = include_str!("schema-1.0.3.json");

/// The members that say what a task does, each with the name of its schema.
const KINDS: [(&str, &str); 12] = [
    ("call", "callTask"),
    ("do", "doTask"),
    ("emit", "emitTask"),
    ("for", "forTask"),
    ("fork", "forkTask"),
    ("listen", "listenTask"),
    ("raise", "raiseTask"),
    ("run", "runTask"),
    ("set", "setTask"),
    ("switch", "switchTask"),
    ("try", "tryTask"),
    ("wait", "waitTask"),
];

/// A part of the schema, ready to be used.
struct Part {
    /// The text it was made of, for the names that it knows.
    schema: Value,
    validator: Validator,
}

struct Schema {
    /// The document without its tasks.
    document: Part,
    /// By the member that says what the task does.
    kinds: BTreeMap<&'static str, Part>,
    /// By what is called; the empty text is any other function.
    calls: BTreeMap<String, Part>,
}

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    let mut whole: Value = serde_json::from_str(PUBLISHED).unwrap_or_default();
    let item = json!({ "type": "object", "minProperties": 1, "maxProperties": 1 });
    whole["$defs"]["taskList"] = json!({ "type": "array", "items": item });
    whole["$defs"]["task"] = json!({ "type": "object" });
    let part = |pointer: &str| {
        let mut schema = json!({ "$schema": whole["$schema"], "$defs": whole["$defs"] });
        schema["$ref"] = json!(format!("#{pointer}"));
        Part::of(schema)
    };
    let kinds = KINDS.iter().map(|(member, name)| (*member, part(&format!("/$defs/{name}")))).collect();
    let alternatives = whole["$defs"]["callTask"]["oneOf"].as_array().map_or(0, Vec::len);
    let calls = (0..alternatives)
        .map(|index| {
            let pointer = format!("/$defs/callTask/oneOf/{index}");
            let call = whole.pointer(&format!("{pointer}/allOf/1/properties/call/const"));
            (call.and_then(Value::as_str).unwrap_or_default().to_owned(), part(&pointer))
        })
        .collect();
    Schema { document: Part::of(whole.clone()), kinds, calls }
});

impl Part {
    fn of(schema: Value) -> Self {
        let validator = jsonschema::draft202012::new(&schema).expect("the DSL's schema is a schema");
        Self { schema, validator }
    }
}

pub(super) fn check(problems: &mut Problems<'_>) {
    let Some(value) = problems.document.value() else { return };
    if !value.is_object() {
        let message = if value.is_null() {
            t!("The document is empty. It begins with “document:” and has its tasks under “do:”.")
        } else {
            t!("A workflow is a mapping: it begins with “document:” and has its tasks under “do:”.")
        };
        problems.about(Severity::Error, &Pointer::default(), message.to_owned());
        return;
    }
    report(problems, &SCHEMA.document, value, &Pointer::default(), t!("The workflow"));
    for (pointer, list) in lists(value) {
        check_list(problems, list, &pointer);
    }
    let functions = value.pointer("/use/functions").and_then(Value::as_object);
    for (name, function) in functions.into_iter().flatten() {
        check_task(problems, function, &Pointer::from("/use/functions").child(name));
    }
}

/// The lists of tasks that a document has outside of tasks.
fn lists(value: &Value) -> Vec<(Pointer, &Value)> {
    let mut lists: Vec<_> = value.get("do").map(|list| (Pointer::from("/do"), list)).into_iter().collect();
    let extensions = value.pointer("/use/extensions").and_then(Value::as_array);
    for (index, extension) in extensions.into_iter().flatten().enumerate() {
        for (name, extension) in extension.as_object().into_iter().flatten() {
            let pointer = Pointer::from("/use/extensions").child(index).child(name);
            for when in ["before", "after"] {
                lists.extend(extension.get(when).map(|list| (pointer.child(when), list)));
            }
        }
    }
    lists
}

fn check_list(problems: &mut Problems<'_>, list: &Value, pointer: &Pointer) {
    for (index, item) in list.as_array().into_iter().flatten().enumerate() {
        for (name, task) in item.as_object().into_iter().flatten() {
            check_task(problems, task, &pointer.child(index).child(name));
        }
    }
}

fn check_task(problems: &mut Problems<'_>, task: &Value, pointer: &Pointer) {
    let Some(body) = task.as_object() else {
        let message = t!("A task is a mapping that says what it does, such as “set:” or “call:”.");
        problems.about(Severity::Error, pointer, message.to_owned());
        return;
    };
    let mut kinds: Vec<_> =
        KINDS.iter().map(|(member, _)| *member).filter(|each| body.contains_key(*each)).collect();
    if kinds.contains(&"for") {
        kinds.retain(|kind| *kind != "do");
    }
    let kind = match kinds.as_slice() {
        [kind] => *kind,
        [] => {
            let known: Vec<_> = KINDS.iter().map(|(member, _)| *member).collect();
            let near = body.keys().find_map(|name| words::nearest(name, &known));
            let hint =
                near.map(|near| format!(" {}", t!("Did you mean “{near}”?", near))).unwrap_or_default();
            let all = known.join(", ");
            let message =
                format!("{}{hint}", t!("This task does not say what it does: it has none of {all}.", all));
            problems.about(Severity::Error, pointer, message);
            return;
        }
        [first, second, ..] => {
            let message = t!("A task does one thing; this one says “{first}” and “{second}”.", first, second);
            problems.about(Severity::Error, &pointer.child(second), message);
            return;
        }
    };
    let part = match kind {
        "call" => {
            let call = body.get("call").and_then(Value::as_str).unwrap_or_default();
            SCHEMA.calls.get(call).or_else(|| SCHEMA.calls.get(""))
        }
        kind => SCHEMA.kinds.get(kind),
    };
    if let Some(part) = part {
        report(problems, part, task, pointer, t!("The task"));
    }
    const INNER: [&[&str]; 7] = [
        &["do"],
        &["try"],
        &["catch", "do"],
        &["fork", "branches"],
        &["foreach", "do"],
        &["with", "foreach", "do"],
        &["with", "subscription", "foreach", "do"],
    ];
    for steps in INNER {
        if let Some(list) = steps.iter().try_fold(task, |value, step| value.get(step)) {
            let inner = steps.iter().fold(pointer.clone(), |pointer, step| pointer.child(step));
            check_list(problems, list, &inner);
        }
    }
}

fn report(problems: &mut Problems<'_>, part: &Part, value: &Value, pointer: &Pointer, whole: &str) {
    for error in part.validator.iter_errors(value) {
        if problems.is_full() {
            return;
        }
        for sentence in words::sentences(&error, &part.schema, whole) {
            let at = Pointer::from(format!("{pointer}{}", sentence.at));
            problems.about(Severity::Error, &at, sentence.message);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::{PUBLISHED, Part, SCHEMA};
    use crate::document::Document;
    use crate::problems::Problems;

    /// The whole schema at once, which is right and slow.
    static WHOLE: LazyLock<Part> =
        LazyLock::new(|| Part::of(serde_json::from_str(PUBLISHED).expect("the schema is JSON")));

    #[test]
    fn the_parts_are_all_there() {
        assert_eq!(SCHEMA.kinds.len(), 12);
        let calls: Vec<_> = SCHEMA.calls.keys().map(String::as_str).collect();
        assert_eq!(calls, ["", "a2a", "asyncapi", "grpc", "http", "mcp", "openapi"]);
    }

    /// A task of any kind, right or wrong in places.
    fn task(depth: u32) -> BoxedStrategy<Value> {
        let odd = prop_oneof![
            Just(json!(1)),
            Just(json!(null)),
            Just(json!([])),
            Just(json!({})),
            Just(json!("PT1S")),
            Just(json!("${ .a }")),
            Just(json!({ "seconds": 1 })),
            Just(json!({ "event": { "with": { "type": "a" } } })),
            Just(json!({ "in": ".a" })),
            Just(json!({ "error": { "type": "https://a.b/c", "status": 1 } })),
            Just(json!({ "shell": { "command": "ls" } })),
            Just(json!({ "method": "get", "endpoint": { "uri": "https://a.b" } })),
            Just(json!([{ "a": { "then": "end" } }])),
            Just(json!({ "to": { "one": { "with": { "type": "a" } } } })),
        ];
        let name = prop::sample::select(vec![
            "call", "do", "emit", "for", "fork", "listen", "raise", "run", "set", "switch", "try", "wait",
            "with", "catch", "if", "then", "timeout", "metadata", "x",
        ]);
        let call = prop::sample::select(vec!["http", "grpc", "other"]).prop_map(|call| json!(call));
        let member = (name, prop_oneof![4 => odd, 1 => call]);
        let members = prop::collection::vec(member, 0..3).prop_map(|members| {
            members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Value>()
        });
        if depth == 0 {
            return members.boxed();
        }
        let inner = list(depth - 1);
        let shape = prop::sample::select(vec![
            json!({ "do": 0 }),
            json!({ "for": { "in": ".a" }, "do": 0 }),
            json!({ "try": 0, "catch": {} }),
            json!({ "try": [], "catch": { "do": 0 } }),
            json!({ "fork": { "branches": 0 } }),
            json!({ "listen": { "to": { "one": { "with": { "type": "a" } } } }, "foreach": { "do": 0 } }),
            json!({ "set": { "a": 0 } }),
            json!({ "call": "http", "with": { "method": "get", "endpoint": "https://a.b" }, "do": 0 }),
        ]);
        let nested = (shape, inner).prop_map(|(shape, list)| filled(&shape, &list));
        prop_oneof![1 => members, 2 => nested].boxed()
    }

    fn filled(shape: &Value, list: &Value) -> Value {
        match shape {
            Value::Number(_) => list.clone(),
            Value::Object(members) => {
                members.iter().map(|(name, member)| (name.clone(), filled(member, list))).collect()
            }
            Value::Array(items) => items.iter().map(|item| filled(item, list)).collect(),
            other => other.clone(),
        }
    }

    fn list(depth: u32) -> BoxedStrategy<Value> {
        let item = prop_oneof![
            9 => task(depth).prop_map(|task| json!({ "a": task })),
            1 => Just(json!({})),
            1 => task(0).prop_map(|task| json!({ "a": task, "b": { "wait": "PT1S" } })),
        ];
        prop::collection::vec(item, 0..3).prop_map(Value::Array).boxed()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_parts_refuse_what_the_whole_refuses(tasks in list(2), function in task(1)) {
            let mut value = json!({
                "document": { "dsl": "1.0.3", "namespace": "a", "name": "a", "version": "1.0.0" },
                "do": tasks,
            });
            for with_function in [false, true] {
                if with_function {
                    value["use"] = json!({ "functions": { "f": function } });
                }
                let document = Document::parse(value.to_string());
                let mut problems = Problems::of(&document);
                super::check(&mut problems);
                prop_assert_eq!(
                    problems.found.is_empty(),
                    WHOLE.validator.is_valid(&value),
                    "{:?} about {}",
                    problems.found,
                    value
                );
            }
        }
    }
}
