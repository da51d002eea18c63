//! Comparing a live answer with a recorded one: member names and types everywhere, values where they are words
//! of the protocol.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use url::Url;

/// What the recording says about provider definitions that were shortened.
const SHORTENED: &str = "_shape_only";

/// Differences in shape between two JSON values, each with its path.
pub(crate) fn compare(recorded: &Value, live: &Value, path: &str, differences: &mut Vec<String>) {
    match (recorded, live) {
        (Value::Object(recorded), Value::Object(live)) => objects(recorded, live, path, differences),
        (Value::Array(recorded), Value::Array(live)) => arrays(recorded, live, path, differences),
        _ if kind(recorded) == kind(live) => {}
        _ => differences.push(format!("{path}: recorded {}, got {}", kind(recorded), kind(live))),
    }
}

fn objects(
    recorded: &Map<String, Value>,
    live: &Map<String, Value>,
    path: &str,
    differences: &mut Vec<String>,
) {
    let left_out: BTreeSet<&str> = recorded
        .get(SHORTENED)
        .and_then(Value::as_str)
        .and_then(|note| note.split_once("left out: "))
        .map(|(_, names)| names.split(", ").collect())
        .unwrap_or_default();
    for (name, value) in recorded.iter().filter(|(name, _)| *name != SHORTENED) {
        match live.get(name) {
            Some(new) => compare(value, new, &format!("{path}.{name}"), differences),
            None => differences.push(format!("{path}.{name} is missing")),
        }
    }
    for name in live.keys() {
        if !recorded.contains_key(name) && !left_out.contains(name.as_str()) {
            differences.push(format!("{path}.{name} is not in the recording"));
        }
    }
}

/// Each element of one side has an element of the same shape on the other. A list that the recording shortened
/// says so in a text at its end; then the live list may have further shapes.
fn arrays(recorded: &[Value], live: &[Value], path: &str, differences: &mut Vec<String>) {
    if recorded.is_empty() != live.is_empty() {
        differences.push(format!("{path}: recorded {} elements, got {}", recorded.len(), live.len()));
        return;
    }
    let is_note = |value: &&Value| value.as_str().is_some_and(|text| text.starts_with("... "));
    let shortened = recorded.iter().any(|value| is_note(&value));
    let recorded: Vec<&Value> = recorded.iter().filter(|value| !is_note(value)).collect();
    let fits = |recorded: &Value, live: &Value| {
        let mut found = Vec::new();
        compare(recorded, live, path, &mut found);
        found
    };
    for (index, element) in recorded.iter().enumerate() {
        let closest = live.iter().map(|new| fits(element, new)).min_by_key(Vec::len).unwrap_or_default();
        differences.extend(closest.into_iter().map(|difference| format!("[recorded {index}] {difference}")));
    }
    if !shortened {
        for (index, new) in live.iter().enumerate() {
            let closest =
                recorded.iter().map(|element| fits(element, new)).min_by_key(Vec::len).unwrap_or_default();
            differences.extend(closest.into_iter().map(|difference| format!("[live {index}] {difference}")));
        }
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Differences in the words of an error: its code, and the list of validation errors with texts and paths.
pub(crate) fn compare_error(recorded: &Value, live: &Value, differences: &mut Vec<String>) {
    for pointer in ["/error/code", "/error/errors", "/success"] {
        if recorded.pointer(pointer) != live.pointer(pointer) {
            differences.push(format!(
                "{pointer}: recorded {:?}, got {:?}",
                recorded.pointer(pointer),
                live.pointer(pointer)
            ));
        }
    }
}

/// What a callback page says, in the form the recording has.
pub(crate) fn page(html: &str) -> Value {
    let between = |start: &str, end: &str| {
        html.split_once(start).and_then(|(_, rest)| rest.split_once(end)).map(|(text, _)| text)
    };
    let error = between("window.__nangoOAuthError = ", ";\n")
        .and_then(|text| serde_json::from_str::<Value>(text).ok());
    let marker =
        ["Successful connection", "Connection failed"].into_iter().find(|marker| html.contains(marker));
    json!({
        "title": between("<title>", "</title>"),
        "window.__nangoOAuthError": error,
        "visible_marker": marker,
        "_html_trimmed": true,
    })
}

/// Scheme, path and names of the query of a redirect: what a client relies on.
pub(crate) fn location(text: &str) -> (String, String, BTreeSet<String>) {
    let url = Url::parse(text).unwrap_or_else(|_| panic!("{text} is not a URL"));
    let names = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    (url.scheme().to_owned(), url.path().to_owned(), names)
}

/// The attributes of a state cookie without what differs every time.
pub(crate) fn cookie(text: &str) -> Vec<String> {
    let is_stable = |part: &&str| !part.starts_with("Expires=");
    let mut parts: Vec<String> = text.split("; ").filter(is_stable).map(str::to_owned).collect();
    if let Some(first) = parts.first_mut() {
        let is_state = first.starts_with("oauth2-") && first.ends_with("=1");
        *first = if is_state { "oauth2-<state>=1".to_owned() } else { first.clone() };
    }
    parts
}
