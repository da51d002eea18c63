//! For zigflow, which runs a dialect of the DSL on Temporal.
//!
//! The dialect's expressions know `$input` (the workflow's), `$output` (the last task's), `$context`, `$data` and
//! `$env`, and have no `.` in a task's arguments. So an expression is kept as it is, behind a few words of jq
//! that give it what it expects. What the dialect cannot say is left out and reported.

use patchbay_core::workflow::outline::Pointer;
use serde_json::{Map, Value, json};

use super::Difference;
use crate::duration;
use crate::expression::expression_in;

type Members = Map<String, Value>;

/// A task's input: what the last task gave, or what the workflow was given.
const GIVEN: &str = "($output // $input)";

/// A document of the dialect, and where it is not the original. Never fails: what is not understood is left out.
#[must_use]
pub fn zigflow(document: &Value) -> (Value, Vec<Difference>) {
    let root = Pointer::from("");
    let reusable = document.get("use").and_then(Value::as_object).cloned().unwrap_or_default();
    let mut export = Export { reusable, differences: Vec::new(), variables: Vec::new(), retry: None };
    let mut members = Members::new();
    members.insert("document".to_owned(), export.head(document));
    if let Some(schema) = export.schema(document.pointer("/input/schema"), &Pointer::from("/input/schema")) {
        members.insert("input".to_owned(), json!({ "schema": schema }));
    }
    if let Some(schema) = export.schema(document.pointer("/output/schema"), &Pointer::from("/output/schema"))
    {
        members.insert("output".to_owned(), json!({ "schema": schema }));
    }
    for (pointer, advice) in [
        ("/input/from", "Transform the input before the workflow is started: the dialect has no input.from."),
        ("/output/as", "Give the last task this output.as: the dialect ignores the workflow's."),
        ("/timeout", "Give the time limit when the workflow is started (--execution-timeout)."),
        ("/schedule", "Schedules are not carried over."),
    ] {
        if document.pointer(pointer).is_some() {
            export.by_hand(&Pointer::from(pointer), advice);
        }
    }
    let tasks = export.list(document.get("do"), &root.child("do"));
    members.insert("do".to_owned(), tasks);
    (Value::Object(members), export.differences)
}

struct Export {
    /// `use`.
    reusable: Members,
    differences: Vec<Difference>,
    /// Variables of loops and caught errors, and where the dialect has them.
    variables: Vec<(String, String)>,
    /// The retry policy that the calls inside a `try` get.
    retry: Option<Value>,
}

/// What an expression is evaluated on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum On {
    /// The task's input.
    Input,
    /// The task's raw output, which the dialect has as `.` too.
    Output,
    /// The task's output after `output.as`.
    Export,
}

impl Export {
    fn note(&mut self, pointer: &Pointer, what: impl Into<String>) {
        self.differences.push(Difference { pointer: pointer.clone(), what: what.into(), by_hand: false });
    }

    fn by_hand(&mut self, pointer: &Pointer, what: impl Into<String>) {
        self.differences.push(Difference { pointer: pointer.clone(), what: what.into(), by_hand: true });
    }

    fn head(&mut self, document: &Value) -> Value {
        let empty = Members::new();
        let head = document.get("document").and_then(Value::as_object).unwrap_or(&empty);
        let text =
            |name: &str, default: &str| head.get(name).and_then(Value::as_str).unwrap_or(default).to_owned();
        let mut made = Members::new();
        made.insert("dsl".to_owned(), text("dsl", "1.0.3").into());
        made.insert("taskQueue".to_owned(), text("namespace", "default").into());
        made.insert("workflowType".to_owned(), text("name", "workflow").into());
        made.insert("version".to_owned(), text("version", "0.1.0").into());
        for name in ["title", "summary", "tags"] {
            if let Some(value) = head.get(name) {
                made.insert(name.to_owned(), value.clone());
            }
        }
        // The engine tries each call five times by itself, with 15 seconds each; the original does not.
        let mut metadata = head.get("metadata").and_then(Value::as_object).cloned().unwrap_or_default();
        let options = json!({"startToCloseTimeout": {"minutes": 2}, "retryPolicy": {"maximumAttempts": 1}});
        metadata.entry("activityOptions").or_insert(options);
        made.insert("metadata".to_owned(), Value::Object(metadata));
        Value::Object(made)
    }

    fn list(&mut self, list: Option<&Value>, at: &Pointer) -> Value {
        let items = list.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let mut made = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            for (name, task) in item.as_object().into_iter().flatten() {
                let path = at.child(index).child(name);
                made.push(json!({ name: self.task(name, task, &path) }));
            }
        }
        Value::Array(made)
    }

    fn task(&mut self, name: &str, task: &Value, at: &Pointer) -> Value {
        let place = Place { name, path: at };
        let mut made = Members::new();
        if let Some(condition) = task.get("if").and_then(Value::as_str) {
            made.insert("if".to_owned(), self.condition(condition, &place));
        }
        if task.pointer("/input/from").is_some() {
            self.by_hand(at, "The dialect has no input.from: put it into the expressions of the task.");
        }
        if let Some(schema) = self.schema(task.pointer("/input/schema"), at) {
            made.insert("input".to_owned(), json!({ "schema": schema }));
        }
        for (member, on) in [("output", On::Output), ("export", On::Export)] {
            if let Some(value) = task.get(member) {
                let mut shape = Members::new();
                if let Some(transform) = value.get("as") {
                    shape.insert("as".to_owned(), self.transform(transform, &place, on));
                }
                if let Some(schema) = self.schema(value.get("schema"), at) {
                    shape.insert("schema".to_owned(), schema);
                }
                made.insert(member.to_owned(), Value::Object(shape));
            }
        }
        for member in ["then", "metadata"] {
            if let Some(value) = task.get(member) {
                made.insert(member.to_owned(), value.clone());
            }
        }
        let is_http = task.get("call").is_some_and(|call| call == "http");
        if task.get("timeout").is_some() && !is_http {
            self.by_hand(at, "The dialect limits the time of calls only: this task's timeout is left out.");
        }
        self.kind(task, &place, &mut made);
        Value::Object(made)
    }

    fn kind(&mut self, task: &Value, place: &Place<'_>, made: &mut Members) {
        let at = place.path;
        if task.get("call").is_some_and(|call| call == "http") {
            made.insert("call".to_owned(), "http".into());
            let with = self.http(task.get("with").unwrap_or(&Value::Null), place);
            made.insert("with".to_owned(), with);
            self.options(task, place, made);
        } else if let Some(set) = task.get("set") {
            made.insert("set".to_owned(), self.template(set, place, On::Input));
        } else if let Some(cases) = task.get("switch").and_then(Value::as_array) {
            let mut kept = Vec::new();
            for case in cases {
                for (name, case) in case.as_object().into_iter().flatten() {
                    let mut case = case.clone();
                    if let Some(when) = case.get("when").and_then(Value::as_str).map(str::to_owned) {
                        case["when"] = self.condition(&when, place);
                    }
                    kept.push(json!({ name: case }));
                }
            }
            made.insert("switch".to_owned(), Value::Array(kept));
        } else if task.get("for").is_some() {
            self.each(task, place, made);
        } else if task.get("try").is_some() {
            self.attempt(task, place, made);
        } else if let Some(fork) = task.get("fork") {
            self.fork(fork, place, made);
        } else if let Some(raise) = task.get("raise") {
            let error = match raise.get("error") {
                Some(Value::String(name)) => {
                    self.reusable.get("errors").and_then(|errors| errors.get(name)).cloned()
                }
                error => error.cloned(),
            };
            let error = self.template(&error.unwrap_or_default(), place, On::Input);
            if !error["status"].is_i64() {
                self.by_hand(at, "An error's status has to be a number here, not an expression.");
            }
            made.insert("raise".to_owned(), json!({ "error": error }));
        } else if let Some(wait) = task.get("wait") {
            match span(wait) {
                Some(span) => made.insert("wait".to_owned(), span),
                None => {
                    self.by_hand(at, "A computed pause is not carried over: one second stands in its place.");
                    made.insert("wait".to_owned(), json!({ "seconds": 1 }))
                }
            };
        } else if let Some(event) = task.pointer("/emit/event/with") {
            self.note(at, "The dialect has no emit: a set makes the same event as the task's output.");
            let mut set = json!({"id": "${ uuid }", "specversion": "1.0", "time": "${ timestamp_iso8601 }"});
            let event = self.template(event, place, On::Input);
            for (name, value) in event.as_object().into_iter().flatten() {
                set[name] = value.clone();
            }
            made.insert("set".to_owned(), set);
        } else if task.get("do").is_some() {
            made.insert("do".to_owned(), self.list(task.get("do"), &at.child("do")));
        } else {
            self.by_hand(at, "This kind of task is left as it is; Patchbay does not run it either.");
            for (name, value) in task.as_object().into_iter().flatten() {
                made.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
    }

    fn http(&mut self, with: &Value, place: &Place<'_>) -> Value {
        let mut made = Members::new();
        let endpoint = with.get("endpoint").unwrap_or(&Value::Null);
        let uri = endpoint.get("uri").unwrap_or(endpoint).as_str().unwrap_or_default();
        let uri = match (expression_in(uri), uri.contains('{')) {
            (Some(expression), _) => self.expression(expression, place, On::Input),
            (None, true) => self.expression(&uri_expression(uri), place, On::Input),
            (None, false) => uri.to_owned(),
        };
        made.insert("endpoint".to_owned(), uri.into());
        let mut headers = with.get("headers").map(|headers| self.template(headers, place, On::Input));
        if let Some(policy) = endpoint.get("authentication") {
            headers = self.authorize(policy, headers, place);
        }
        if let Some(headers) = headers {
            made.insert("headers".to_owned(), headers);
        }
        for name in ["method", "query", "body"] {
            if let Some(value) = with.get(name) {
                made.insert(name.to_owned(), self.template(value, place, On::Input));
            }
        }
        for name in ["output", "redirect"] {
            if let Some(value) = with.get(name) {
                made.insert(name.to_owned(), value.clone());
            }
        }
        if with.get("redirect").is_some_and(|redirect| *redirect == true) {
            self.note(place.path, "Redirects are followed there, not given back.");
        }
        Value::Object(made)
    }

    /// The headers with the policy's `Authorization`.
    fn authorize(&mut self, policy: &Value, headers: Option<Value>, place: &Place<'_>) -> Option<Value> {
        let named = policy.get("use").and_then(Value::as_str);
        let used = match named {
            Some(name) => {
                self.reusable.get("authentications").and_then(|policies| policies.get(name)).cloned()
            }
            None => Some(policy.clone()),
        };
        let used = used.unwrap_or_default();
        let name = named.unwrap_or("http").to_ascii_uppercase().replace('-', "_");
        let is_secret =
            |scheme: &Value| scheme.get("use").is_some() || scheme.to_string().contains("$secrets");
        // Whatever names the activity is evaluated by it, and so stays out of the workflow's recorded history.
        let from_env = |value: &str| format!("${{ $data.activity | {value} }}");
        let value = match (used.get("bearer"), used.get("basic")) {
            (Some(bearer), _) if is_secret(bearer) => {
                let variable = format!("{name}_SECRET_KEY");
                let what = format!("The key is read from the worker's environment: ZIGGY_{variable}.");
                self.note(place.path, what);
                from_env(&format!("\"Bearer \" + $env.{variable}"))
            }
            (Some(bearer), _) => {
                let token = operand(&bearer["token"]);
                self.expression(&format!("\"Bearer \" + {token}"), place, On::Input)
            }
            (None, Some(basic)) if is_secret(basic) => {
                let what = format!(
                    "User and password are read from ZIGGY_{name}_USERNAME and ZIGGY_{name}_PASSWORD."
                );
                self.note(place.path, what);
                from_env(&format!(
                    "\"Basic \" + (\"\\($env.{name}_USERNAME):\\($env.{name}_PASSWORD)\" | @base64)"
                ))
            }
            (None, Some(basic)) => {
                let (user, password) = (operand(&basic["username"]), operand(&basic["password"]));
                let pair = format!("\"Basic \" + ({user} + \":\" + {password} | @base64)");
                self.expression(&pair, place, On::Input)
            }
            (None, None) => {
                self.by_hand(place.path, "This way to authenticate is not carried over.");
                return headers;
            }
        };
        Some(match headers {
            Some(Value::String(expression)) => {
                let expression = expression_in(&expression).unwrap_or_default().to_owned();
                let value = expression_in(&value).unwrap_or_default().to_owned();
                format!("${{ ({expression}) + {{Authorization: ({value})}} }}").into()
            }
            headers => {
                let mut headers =
                    headers.and_then(|headers| headers.as_object().cloned()).unwrap_or_default();
                headers.insert("Authorization".to_owned(), value.into());
                Value::Object(headers)
            }
        })
    }

    /// Time limit and retries of a call.
    fn options(&mut self, task: &Value, place: &Place<'_>, made: &mut Members) {
        let mut options = Members::new();
        let timeout = match task.get("timeout") {
            Some(Value::String(name)) => {
                self.reusable.get("timeouts").and_then(|timeouts| timeouts.get(name)).cloned()
            }
            timeout => timeout.cloned(),
        };
        if let Some(timeout) = timeout {
            match timeout.get("after").and_then(span) {
                Some(span) => {
                    options.insert("startToCloseTimeout".to_owned(), span);
                }
                None => self.by_hand(place.path, "A computed timeout is not carried over."),
            }
        }
        if let Some(retry) = &self.retry {
            options.insert("retryPolicy".to_owned(), retry.clone());
        }
        if options.is_empty() {
            return;
        }
        let metadata = made.entry("metadata").or_insert_with(|| json!({}));
        if let Some(metadata) = metadata.as_object_mut() {
            metadata.insert("activityOptions".to_owned(), Value::Object(options));
        }
    }

    fn each(&mut self, task: &Value, place: &Place<'_>, made: &mut Members) {
        let each = &task["for"];
        let name = |member: &str, default: &str| {
            each.get(member).and_then(Value::as_str).unwrap_or(default).trim_start_matches('$').to_owned()
        };
        let (item, index) = (name("each", "item"), name("at", "index"));
        let items = self.condition(each.get("in").and_then(Value::as_str).unwrap_or_default(), place);
        made.insert("for".to_owned(), json!({ "each": item, "at": index, "in": items }));
        let outside = self.variables.len();
        self.variables.extend([item, index].map(|name| (name.clone(), format!("$data.{name}"))));
        if let Some(condition) = task.get("while").and_then(Value::as_str) {
            made.insert("while".to_owned(), self.condition(condition, place));
        }
        made.insert("do".to_owned(), self.list(task.get("do"), &place.path.child("do")));
        self.variables.truncate(outside);
        self.note(
            place.path,
            "What a for gives after its last round may differ there: check what follows it.",
        );
    }

    fn attempt(&mut self, task: &Value, place: &Place<'_>, made: &mut Members) {
        let catch = &task["catch"];
        for (pointer, what) in [
            ("/errors", "Every error is caught there: a filter has to become a switch on $data.error."),
            ("/when", "Every error is caught there: `when` has to become a switch on $data.error."),
            (
                "/exceptWhen",
                "Every error is caught there: `exceptWhen` has to become a switch on $data.error.",
            ),
            ("/then", "The dialect has no `then` of a catch: what comes next needs a switch."),
        ] {
            if catch.pointer(pointer).is_some() {
                self.by_hand(place.path, what);
            }
        }
        let outside = self.retry.clone();
        if let Some(policy) = catch.get("retry") {
            self.retry = self.retry_policy(policy, place).or(outside.clone());
        }
        made.insert("try".to_owned(), self.list(task.get("try"), &place.path.child("try")));
        self.retry = outside;
        let error =
            catch.get("as").and_then(Value::as_str).unwrap_or("error").trim_start_matches('$').to_owned();
        self.variables.push((error, "$data.error".to_owned()));
        let handler = match catch.get("do") {
            Some(tasks) => self.list(Some(tasks), &place.path.child("catch").child("do")),
            None => json!([{ "caught": { "set": format!("${{ {GIVEN} }}") } }]),
        };
        self.variables.pop();
        made.insert("catch".to_owned(), json!({ "do": handler }));
    }

    /// A retry policy of Temporal's.
    fn retry_policy(&mut self, policy: &Value, place: &Place<'_>) -> Option<Value> {
        let policy = match policy {
            Value::String(name) => {
                self.reusable.get("retries").and_then(|retries| retries.get(name)).cloned()?
            }
            policy => policy.clone(),
        };
        self.note(place.path, "Calls are tried again one by one there, not all that is tried together.");
        let mut made = Members::new();
        if let Some(delay) = policy.get("delay").and_then(span) {
            made.insert("initialInterval".to_owned(), delay);
        }
        let backoff = policy.get("backoff").unwrap_or(&Value::Null);
        if backoff.get("linear").is_some() {
            self.by_hand(place.path, "A linear backoff is not possible there: the pauses stay the same.");
        }
        let coefficient = if backoff.get("exponential").is_some() { 2.0 } else { 1.0 };
        made.insert("backoffCoefficient".to_owned(), coefficient.into());
        // Nothing said means for ever, there and here.
        let attempts =
            policy.pointer("/limit/attempt/count").and_then(Value::as_u64).map_or(0, |count| count + 1);
        made.insert("maximumAttempts".to_owned(), attempts.into());
        for pointer in ["/when", "/exceptWhen", "/limit/duration", "/limit/attempt/duration", "/jitter"] {
            if policy.pointer(pointer).is_some() {
                self.by_hand(place.path, format!("The retry's {} is not carried over.", &pointer[1..]));
            }
        }
        Some(Value::Object(made))
    }

    fn fork(&mut self, fork: &Value, place: &Place<'_>, made: &mut Members) {
        let at = place.path.child("fork").child("branches");
        let branches = self.list(fork.get("branches"), &at);
        let names =
            branches.as_array().into_iter().flatten().filter_map(|branch| branch.as_object()?.keys().next());
        let names: Vec<String> = names.map(|name| format!(".[{}]", json!(name))).collect();
        let compete = fork.get("compete").is_some_and(|compete| *compete == true);
        made.insert("fork".to_owned(), json!({ "compete": compete, "branches": branches }));
        if compete {
            self.note(place.path, "The first branch that ends decides there, even if it fails.");
            return;
        }
        // There the output is an object by the branches' names; here it is a list in their order.
        let list = format!("[{}]", names.join(", "));
        let output = made.entry("output").or_insert_with(|| json!({}));
        output["as"] = match output.get("as") {
            None => format!("${{ {list} }}").into(),
            Some(Value::String(text)) => {
                format!("${{ {list} | ({}) }}", expression_in(text).unwrap_or(text)).into()
            }
            Some(object) => {
                let object = object.clone();
                self.by_hand(
                    place.path,
                    format!("Its output is an object there; {list} is the list it was."),
                );
                object
            }
        };
    }

    fn schema(&mut self, schema: Option<&Value>, at: &Pointer) -> Option<Value> {
        let schema = schema?;
        if schema.get("document").is_none() {
            self.by_hand(at, "A schema that stands elsewhere is not carried over.");
            return None;
        }
        Some(schema.clone())
    }

    /// A text that is an expression with or without `${ }`.
    fn condition(&mut self, text: &str, place: &Place<'_>) -> Value {
        self.expression(expression_in(text).unwrap_or(text), place, On::Input).into()
    }

    fn transform(&mut self, value: &Value, place: &Place<'_>, on: On) -> Value {
        match value {
            Value::String(text) => self.expression(expression_in(text).unwrap_or(text), place, on).into(),
            value => self.template(value, place, on),
        }
    }

    fn template(&mut self, value: &Value, place: &Place<'_>, on: On) -> Value {
        match value {
            Value::String(text) => match expression_in(text) {
                Some(expression) => self.expression(expression, place, on).into(),
                None => value.clone(),
            },
            Value::Array(items) => items.iter().map(|item| self.template(item, place, on)).collect(),
            Value::Object(members) => {
                let member = |(name, value): (&String, _)| (name.clone(), self.template(value, place, on));
                Value::Object(members.iter().map(member).collect())
            }
            value => value.clone(),
        }
    }

    /// The expression behind what gives it the variables and the `.` it expects.
    fn expression(&mut self, expression: &str, place: &Place<'_>, on: On) -> String {
        let mut before = String::new();
        if uses(expression, "workflow") {
            before.push_str("{input: $input} as $workflow | ");
            if ["id", "definition", "startedAt"]
                .iter()
                .any(|member| expression.contains(&format!("$workflow.{member}")))
            {
                self.by_hand(place.path, "Of $workflow only the input is there; see $data.workflow.");
            }
        }
        if uses(expression, "task") {
            let task = json!({"name": place.name, "reference": place.path.as_str()});
            before.push_str(&format!("{task} as $task | "));
            self.by_hand(place.path, "Of $task only name and reference are there.");
        }
        for (name, value) in [("runtime", "{name: \"zigflow\"}"), ("authorization", "null")] {
            if uses(expression, name) {
                before.push_str(&format!("{value} as ${name} | "));
            }
        }
        if uses(expression, "secrets") {
            self.by_hand(place.path, "Secrets are not given to expressions; use $env.");
            before.push_str("{} as $secrets | ");
        }
        for (name, value) in self.variables.iter().filter(|(name, _)| uses(expression, name)) {
            before.push_str(&format!("{value} as ${name} | "));
        }
        let is_hidden = self.variables.iter().any(|(name, _)| name == "input");
        if uses(expression, "input") && !is_hidden {
            if on == On::Export {
                self.by_hand(place.path, "An export does not see the task's input there.");
            }
            before.push_str(&format!("{GIVEN} as $input | "));
        }
        before.push_str(match on {
            On::Input if uses(expression, "input") && !is_hidden => "$input | ",
            On::Input => "($output // $input) | ",
            On::Output => "",
            On::Export => "$output | ",
        });
        if before.is_empty() {
            format!("${{ {expression} }}")
        } else {
            format!("${{ {before}({expression}) }}")
        }
    }
}

/// The task an expression stands in.
struct Place<'t> {
    name: &'t str,
    path: &'t Pointer,
}

/// Whether an expression uses a variable; sometimes yes where it does not.
fn uses(expression: &str, name: &str) -> bool {
    let word = format!("${name}");
    expression.match_indices(&word).any(|(start, _)| {
        let after = expression[start + word.len()..].chars().next();
        !after.is_some_and(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    })
}

/// A value as an operand in jq.
fn operand(value: &Value) -> String {
    match value.as_str().and_then(expression_in) {
        Some(expression) => format!("({expression})"),
        None => value.to_string(),
    }
}

/// `{name}` in an address as the string interpolation of jq.
fn uri_expression(uri: &str) -> String {
    let quoted = |text: &str| {
        let text = json!(text).to_string();
        text[1..text.len() - 1].to_owned()
    };
    let (mut made, mut rest) = (String::from("\""), uri);
    while let Some((before, (name, after))) =
        rest.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    {
        made.push_str(&quoted(before));
        made.push_str(&format!("\\(.[{}]? // \"\" | tostring | @uri)", json!(name)));
        rest = after;
    }
    made + &quoted(rest) + "\""
}

/// A fixed duration in the one form that is understood there.
fn span(value: &Value) -> Option<Value> {
    let milliseconds = u64::try_from(duration::parse(value)?.as_millis()).ok()?;
    Some(match milliseconds % 1_000 {
        0 => json!({ "seconds": milliseconds / 1_000 }),
        _ => json!({ "milliseconds": milliseconds }),
    })
}

#[cfg(test)]
mod tests;
