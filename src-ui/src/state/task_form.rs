//! What a form shows of a task: which members, as what kind of field, and how a text becomes a value and back.
//! What has a shape that no field can show stays as it is and is left to *Source*.

use patchbay_core::workflow::outline::TaskKind;
use patchbay_texts::{mark, t};
use serde_json::{Value, json};

/// What a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// Text.
    Text,
    /// A whole number.
    Number,
    /// A jq expression, with or without `${ }`.
    Expression,
    /// Anything: JSON, or else text.
    Any,
    /// A length of time: `PT30S`, or `30s`.
    Duration,
    /// One of these; the empty one takes the member away.
    Choice(&'static [(&'static str, &'static str)]),
    /// One of these, written as an object whose only member has that name; the empty one takes it away.
    Kind(&'static [(&'static str, &'static str)]),
    /// Yes, or not said.
    Flag,
    /// Names with anything as their values.
    Members,
}

/// A member of a task that a form shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Where it stands in the task.
    pub at: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// What it takes.
    pub entry: Entry,
    /// What to know about it.
    pub about: &'static str,
}

const fn member(at: &'static str, label: &'static str, entry: Entry, about: &'static str) -> Member {
    Member { at, label, entry, about }
}

const METHODS: Entry = Entry::Choice(&[
    ("get", "GET"),
    ("post", "POST"),
    ("put", "PUT"),
    ("patch", "PATCH"),
    ("delete", "DELETE"),
    ("head", "HEAD"),
]);
const OUTPUTS: Entry = Entry::Choice(&[
    ("", mark!("Content (default)")),
    ("content", mark!("Content")),
    ("response", mark!("Response")),
    ("raw", mark!("Raw")),
]);

const BACKOFFS: Entry = Entry::Kind(&[
    ("", mark!("Stay the same (default)")),
    ("constant", mark!("Stay the same")),
    ("linear", mark!("Grow evenly")),
    ("exponential", mark!("Double")),
]);

/// What a kind of the language has of its own. A connector's task has its operation's parameters instead.
#[must_use]
pub fn members(kind: TaskKind) -> &'static [Member] {
    const CALL: &[Member] = &[
        member("/with/method", mark!("Method"), METHODS, ""),
        member(
            "/with/endpoint",
            mark!("Address"),
            Entry::Text,
            mark!("Where it is sent; an expression in ${ } may be part of it."),
        ),
        member("/with/headers", mark!("Headers"), Entry::Members, ""),
        member("/with/query", mark!("Query"), Entry::Members, ""),
        member("/with/body", mark!("Body"), Entry::Any, mark!("JSON, text or an expression.")),
        member("/with/output", mark!("Gives"), OUTPUTS, ""),
    ];
    const SET: &[Member] = &[member("/set", mark!("Values"), Entry::Members, "")];
    const FOR: &[Member] = &[
        member("/for/in", mark!("Items"), Entry::Expression, mark!("What gives the list: .issues")),
        member(
            "/for/each",
            mark!("Item’s name"),
            Entry::Text,
            mark!("Inside, the item is $item unless another name is given."),
        ),
        member(
            "/for/at",
            mark!("Index’ name"),
            Entry::Text,
            mark!("Inside, the index is $index unless another name is given."),
        ),
        member("/while", mark!("While"), Entry::Expression, mark!("It goes on as long as this holds.")),
    ];
    const FORK: &[Member] = &[member(
        "/fork/compete",
        mark!("The first branch to end wins"),
        Entry::Flag,
        mark!("The others are stopped."),
    )];
    const WAIT: &[Member] =
        &[member("/wait", mark!("How long"), Entry::Duration, mark!("PT30S, or 30s, 5m, 1h30m."))];
    const RAISE: &[Member] = &[
        member(
            "/raise/error/type",
            mark!("Type"),
            Entry::Text,
            mark!("A URI; catch compares its last part."),
        ),
        member("/raise/error/status", mark!("Status"), Entry::Number, mark!("An HTTP status.")),
        member("/raise/error/title", mark!("Title"), Entry::Text, ""),
        member("/raise/error/detail", mark!("Detail"), Entry::Text, ""),
    ];
    const EMIT: &[Member] = &[
        member("/emit/event/with/type", mark!("Type"), Entry::Text, "com.example.issue.found"),
        member("/emit/event/with/source", mark!("Event source"), Entry::Text, mark!("A URI.")),
        member("/emit/event/with/data", mark!("Data"), Entry::Any, mark!("JSON, text or an expression.")),
    ];
    const TRY: &[Member] = &[
        member("/catch/errors/with/type", mark!("Catches type"), Entry::Text, mark!("Empty: every error.")),
        member("/catch/errors/with/status", mark!("Catches status"), Entry::Number, ""),
        member(
            "/catch/when",
            mark!("Catches when"),
            Entry::Expression,
            mark!("On $error, or the name given here:"),
        ),
        member(
            "/catch/as",
            mark!("Error’s name"),
            Entry::Text,
            mark!("Inside, the error is $error unless another name is given."),
        ),
        member(
            "/catch/retry/limit/attempt/count",
            mark!("Tries again at most"),
            Entry::Number,
            mark!("How often."),
        ),
        member(
            "/catch/retry/delay",
            mark!("Waits before"),
            Entry::Duration,
            mark!("PT3S, or 3s. Retry-After counts if it is longer."),
        ),
        member(
            "/catch/retry/backoff",
            mark!("The waits"),
            BACKOFFS,
            mark!("With each try: 3, 3, 3 s; 3, 6, 9 s; or 3, 6, 12 s."),
        ),
        member(
            "/catch/retry/jitter/from",
            mark!("Waits longer by at least"),
            Entry::Duration,
            mark!("By chance, from this…"),
        ),
        member(
            "/catch/retry/jitter/to",
            mark!("Waits longer by at most"),
            Entry::Duration,
            mark!("…to this."),
        ),
        member(
            "/catch/retry/limit/duration",
            mark!("Tries again for"),
            Entry::Duration,
            mark!("All tries together."),
        ),
        member("/catch/retry/limit/attempt/duration", mark!("Each try takes at most"), Entry::Duration, ""),
        member(
            "/catch/retry/when",
            mark!("Tries again when"),
            Entry::Expression,
            mark!("On $error; empty: whatever was caught."),
        ),
        member("/catch/retry/exceptWhen", mark!("But not when"), Entry::Expression, ""),
    ];
    match kind {
        TaskKind::CallHttp => CALL,
        TaskKind::Set => SET,
        TaskKind::For => FOR,
        TaskKind::Fork => FORK,
        TaskKind::Wait => WAIT,
        TaskKind::Raise => RAISE,
        TaskKind::Emit => EMIT,
        TaskKind::Try => TRY,
        TaskKind::Do
        | TaskKind::Switch
        | TaskKind::Listen
        | TaskKind::Run
        | TaskKind::CallOther
        | TaskKind::Unknown => &[],
    }
}

/// What every task has.
pub const COMMON: &[Member] = &[
    member(
        "/input/from",
        mark!("Input from"),
        Entry::Expression,
        mark!("What the task sees; empty: what the one before gave."),
    ),
    member(
        "/output/as",
        mark!("Output as"),
        Entry::Expression,
        mark!("What the task gives, made of its own result."),
    ),
    member("/export/as", mark!("Export as"), Entry::Expression, mark!("What $context becomes.")),
    member("/timeout/after", mark!("Timeout"), Entry::Duration, mark!("PT30S, or 30s.")),
];

/// What a field shows of a task.
#[derive(Debug, Clone, PartialEq)]
pub enum Shown {
    /// A text; empty where the member is not there.
    Text(String),
    /// Yes or no.
    Flag(bool),
    /// Names and their values, as texts.
    Members(Vec<(String, String)>),
    /// It is there in a shape this field cannot show.
    OnlyInSource,
}

impl Member {
    /// What the field shows of a task's members.
    #[must_use]
    pub fn shown(&self, task: &Value) -> Shown {
        let mut value = task.pointer(self.at);
        // An endpoint is a text, or has one.
        if self.at == "/with/endpoint" && value.is_some_and(Value::is_object) {
            value = task.pointer("/with/endpoint/uri");
        }
        if value.is_none() && self.is_named_elsewhere(task) {
            return Shown::OnlyInSource;
        }
        match (self.entry, value) {
            (Entry::Flag, None | Some(Value::Null)) => Shown::Flag(false),
            (Entry::Flag, Some(Value::Bool(flag))) => Shown::Flag(*flag),
            (Entry::Members, None | Some(Value::Null)) => Shown::Members(vec![]),
            (Entry::Members, Some(Value::Object(members))) => {
                Shown::Members(members.iter().map(|(name, value)| (name.clone(), text_of(value))).collect())
            }
            (Entry::Flag | Entry::Members, Some(_)) => Shown::OnlyInSource,
            (Entry::Kind(kinds), Some(Value::Object(members))) => match members.keys().next() {
                Some(name) if members.len() == 1 && kinds.iter().any(|(kind, _)| kind == name) => {
                    Shown::Text(name.clone())
                }
                _ => Shown::OnlyInSource,
            },
            (Entry::Kind(_), Some(Value::String(_))) => Shown::OnlyInSource,
            (_, None | Some(Value::Null)) => Shown::Text(String::new()),
            (Entry::Any, Some(value)) => Shown::Text(text_of(value)),
            (Entry::Duration, Some(Value::Object(members))) => match iso_of(members) {
                Some(text) => Shown::Text(text),
                None => Shown::OnlyInSource,
            },
            (_, Some(Value::String(text))) => Shown::Text(text.clone()),
            (_, Some(Value::Number(number))) => Shown::Text(number.to_string()),
            (_, Some(Value::Bool(flag))) => Shown::Text(flag.to_string()),
            (_, Some(Value::Array(_) | Value::Object(_))) => Shown::OnlyInSource,
        }
    }

    /// Whether something around the member is a text: the name of a policy or an error of `use`, or an expression.
    fn is_named_elsewhere(&self, task: &Value) -> bool {
        let around = self.at.match_indices('/').skip(1).map(|(end, _)| &self.at[..end]);
        around.filter_map(|at| task.pointer(at)).any(Value::is_string)
    }

    /// Where what was entered goes, below the task.
    #[must_use]
    pub fn target(&self, task: &Value) -> &'static str {
        let is_object = task.pointer(self.at).is_some_and(Value::is_object);
        if self.at == "/with/endpoint" && is_object { "/with/endpoint/uri" } else { self.at }
    }

    /// What is taken away so that the member is gone: also what would be left empty around it, though never what makes
    /// the task what it is.
    #[must_use]
    pub fn removed(&self, task: &Value) -> &'static str {
        let keeps = usize::from(!COMMON.contains(self));
        let mut at = self.target(task);
        while let Some((around, _)) = at.rsplit_once('/') {
            let is_alone =
                task.pointer(around).and_then(Value::as_object).is_some_and(|held| held.len() == 1);
            if around.matches('/').count() <= keeps || !is_alone {
                break;
            }
            at = around;
        }
        at
    }

    /// The value a text stands for; nothing takes the member away.
    ///
    /// # Errors
    /// What is wrong with it, in a sentence.
    pub fn entered(&self, text: &str) -> Result<Option<Value>, &'static str> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Ok(None);
        }
        let value = match self.entry {
            Entry::Any | Entry::Members => value_of(text),
            Entry::Number if !trimmed.starts_with("${") => {
                let number: u32 =
                    trimmed.parse().map_err(|_| t!("A whole number, or an expression in ${ }."))?;
                Value::from(number)
            }
            Entry::Kind(_) => json!({ trimmed: {} }),
            Entry::Duration if !trimmed.starts_with("${") => Value::String(iso_from(trimmed)?),
            _ => Value::String(text.to_owned()),
        };
        Ok(Some(value))
    }
}

/// A value as one types it: text as it is, everything else as JSON. A text that could be taken for JSON is quoted.
#[must_use]
pub fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) if serde_json::from_str::<Value>(text).is_err() => text.clone(),
        Value::Object(_) | Value::Array(_) => serde_json::to_string_pretty(value).unwrap_or_default(),
        other => other.to_string(),
    }
}

/// The value of a text as one types it.
#[must_use]
pub fn value_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

const UNITS: [(&str, char); 5] =
    [("days", 'D'), ("hours", 'H'), ("minutes", 'M'), ("seconds", 'S'), ("milliseconds", ' ')];

/// A duration that is written out, in the short form.
fn iso_of(members: &serde_json::Map<String, Value>) -> Option<String> {
    if members.keys().any(|name| !UNITS.iter().any(|(unit, _)| unit == name)) {
        return None;
    }
    let of = |unit: &str| members.get(unit).map_or(Some(0), Value::as_u64);
    let (days, hours, minutes) = (of("days")?, of("hours")?, of("minutes")?);
    let thousandths = of("seconds")?.checked_mul(1_000)?.checked_add(of("milliseconds")?)?;
    let mut text = String::from("P");
    let mut put = |count: u64, unit: char| {
        if count > 0 {
            text.push_str(&count.to_string());
            text.push(unit);
        }
    };
    put(days, 'D');
    let seconds = match (thousandths / 1_000, thousandths % 1_000) {
        (0, 0) => String::new(),
        (whole, 0) => format!("{whole}S"),
        (whole, part) => format!("{}S", format!("{whole}.{part:03}").trim_end_matches('0')),
    };
    let mut time = String::new();
    for (count, unit) in [(hours, 'H'), (minutes, 'M')] {
        if count > 0 {
            time.push_str(&format!("{count}{unit}"));
        }
    }
    time.push_str(&seconds);
    if !time.is_empty() {
        text.push('T');
        text.push_str(&time);
    }
    Some(if text == "P" { "PT0S".to_owned() } else { text })
}

/// A duration as people type it, in the short form of ISO 8601.
fn iso_from(text: &str) -> Result<String, &'static str> {
    let fault = t!("A duration such as PT30S or 30s, or an expression in ${ }.");
    if let Some(rest) = text.strip_prefix('P') {
        let is_one = rest.len() > 1
            && rest.chars().all(|c| c.is_ascii_digit() || "YMWDTHS.".contains(c))
            && rest.ends_with(['Y', 'M', 'W', 'D', 'H', 'S']);
        return if is_one { Ok(text.to_owned()) } else { Err(fault) };
    }
    let mut iso = String::from("PT");
    let mut digits = String::new();
    for letter in text.chars().filter(|c| !c.is_whitespace()) {
        match letter {
            '0'..='9' | '.' => digits.push(letter),
            'h' | 'm' | 's' if !digits.is_empty() => {
                iso.push_str(&digits);
                iso.push(letter.to_ascii_uppercase());
                digits.clear();
            }
            _ => return Err(fault),
        }
    }
    if digits.is_empty() && iso.len() > 2 { Ok(iso) } else { Err(fault) }
}

#[cfg(test)]
mod tests {
    use patchbay_core::workflow::outline::TaskKind;
    use serde_json::{Value, json};

    use super::{COMMON, Entry, Member, Shown, members, text_of, value_of};

    fn of(kind: TaskKind, at: &str) -> Member {
        *members(kind).iter().find(|member| member.at == at).expect("the form has it")
    }

    fn text(text: &str) -> Shown {
        Shown::Text(text.into())
    }

    #[test]
    fn what_a_field_shows() {
        let task = json!({
            "for": { "in": ".items" }, "wait": { "minutes": 1, "seconds": 30 },
            "with": { "endpoint": { "uri": "https://a.test", "authentication": { "use": "x" } } },
            "set": { "a": 1, "b": "${ .x }", "c": "1" }, "fork": { "compete": true },
            "raise": { "error": "named" }, "catch": { "errors": { "with": { "status": 404 } } },
        });
        assert_eq!(of(TaskKind::For, "/for/in").shown(&task), text(".items"));
        assert_eq!(of(TaskKind::For, "/for/each").shown(&task), text(""));
        assert_eq!(of(TaskKind::Wait, "/wait").shown(&task), text("PT1M30S"));
        assert_eq!(of(TaskKind::CallHttp, "/with/endpoint").shown(&task), text("https://a.test"));
        assert_eq!(of(TaskKind::CallHttp, "/with/endpoint").target(&task), "/with/endpoint/uri");
        assert_eq!(of(TaskKind::Fork, "/fork/compete").shown(&task), Shown::Flag(true));
        assert_eq!(of(TaskKind::Try, "/catch/errors/with/status").shown(&task), text("404"));
        let values = [("a", "1"), ("b", "${ .x }"), ("c", "\"1\"")];
        let values = values.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(of(TaskKind::Set, "/set").shown(&task), Shown::Members(values.to_vec()));
    }

    #[test]
    fn what_no_field_can_show_is_left_to_the_source() {
        let task = json!({
            "set": "${ .all }", "for": { "in": [1, 2] }, "wait": { "fortnights": 1 }, "raise": { "error": "named" },
            "catch": { "retry": "named" },
        });
        for (kind, at) in [
            (TaskKind::Set, "/set"),
            (TaskKind::For, "/for/in"),
            (TaskKind::Wait, "/wait"),
            (TaskKind::Raise, "/raise/error/type"),
            (TaskKind::Try, "/catch/retry/backoff"),
            (TaskKind::Try, "/catch/retry/limit/attempt/count"),
        ] {
            assert_eq!(of(kind, at).shown(&task), Shown::OnlyInSource, "{at}");
        }
    }

    #[test]
    fn a_backoff_is_an_object_of_its_name() {
        let backoff = of(TaskKind::Try, "/catch/retry/backoff");
        let task = |backoff: Value| json!({ "catch": { "retry": { "backoff": backoff } } });
        assert_eq!(backoff.shown(&task(json!({ "linear": {} }))), text("linear"));
        assert_eq!(backoff.shown(&json!({ "catch": {} })), text(""));
        assert_eq!(backoff.shown(&task(json!({ "other": {} }))), Shown::OnlyInSource);
        assert_eq!(backoff.entered("exponential"), Ok(Some(json!({ "exponential": {} }))));
        assert_eq!(backoff.entered(""), Ok(None));
    }

    #[test]
    fn nothing_is_left_empty_behind() {
        let task = json!({
            "timeout": { "after": "PT1S" }, "output": { "as": ".x", "schema": {} }, "fork": { "compete": true },
            "catch": { "retry": { "limit": { "attempt": { "count": 3 } } } },
        });
        let common = |at: &str| COMMON.iter().find(|member| member.at == at).expect("every task has it");
        assert_eq!(common("/timeout/after").removed(&task), "/timeout");
        assert_eq!(common("/output/as").removed(&task), "/output/as");
        assert_eq!(of(TaskKind::Try, "/catch/retry/limit/attempt/count").removed(&task), "/catch/retry");
        assert_eq!(of(TaskKind::Fork, "/fork/compete").removed(&task), "/fork/compete");
    }

    #[test]
    fn what_is_entered() {
        let wait = of(TaskKind::Wait, "/wait");
        for (entered, expected) in [
            ("PT30S", Ok(Some("PT30S"))),
            ("30s", Ok(Some("PT30S"))),
            ("1h 30m", Ok(Some("PT1H30M"))),
            ("1.5s", Ok(Some("PT1.5S"))),
            ("${ .pause }", Ok(Some("${ .pause }"))),
            ("  ", Ok(None)),
            ("soon", Err(())),
            ("30", Err(())),
            ("P", Err(())),
        ] {
            let value = wait.entered(entered).map_err(|_| ());
            assert_eq!(value, expected.map(|text| text.map(Value::from)), "{entered}");
        }
        let status = of(TaskKind::Raise, "/raise/error/status");
        assert_eq!(status.entered("404"), Ok(Some(json!(404))));
        assert!(status.entered("many").is_err());
        assert_eq!(of(TaskKind::For, "/for/in").entered("5"), Ok(Some(json!("5"))), "an expression is text");
    }

    #[test]
    fn a_value_comes_back_as_it_was() {
        for value in [
            json!("plain"),
            json!("5"),
            json!("null"),
            json!(5),
            json!(true),
            json!([1, "a"]),
            json!({"a": null}),
            json!(""),
        ] {
            assert_eq!(value_of(&text_of(&value)), value);
        }
    }

    #[test]
    fn no_two_fields_of_a_form_have_one_name() {
        let kinds = TaskKind::OFFERED;
        for kind in kinds {
            let mut names: Vec<&str> =
                members(kind).iter().chain(COMMON).map(|member| member.label).collect();
            names.sort_unstable();
            assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{kind:?}: {names:?}");
        }
        assert!(matches!(of(TaskKind::CallHttp, "/with/method").entry, Entry::Choice(_)));
    }
}
