//! From a document's JSON to a program.

use std::collections::HashMap;
use std::sync::Arc;

use patchbay_core::workflow::outline::Pointer;
use serde_json::{Map, Value};

use super::{
    Authentication, Backoff, Case, Document, Filter, For, Http, HttpOutput, Input, Kind, List, Output,
    ProgramError, Raise, Retry, Span, Task, Then, Try,
};
use crate::data::{self, DEEPEST};
use crate::duration;
use crate::expression::{Expression, Template, expression_in};
use crate::schema::Schema;

type Result<T> = std::result::Result<T, ProgramError>;
type Members = Map<String, Value>;

pub(super) fn document(value: &Value) -> Result<Document> {
    let root = Pointer::from("");
    if !is_flat_enough(value, DEEPEST) {
        return Err(ProgramError::at(&root, "the document is nested too deeply"));
    }
    let members = object(value, &root)?;
    let text =
        |name: &str| value.pointer(&format!("/document/{name}")).and_then(Value::as_str).unwrap_or("default");
    let mut compiler = Compiler {
        reusable: members.get("use").and_then(Value::as_object),
        expressions: HashMap::new(),
        scope: Vec::new(),
    };
    let list = required(members, "do", &root)?;
    Ok(Document {
        definition: data::from_json(value),
        source: format!("/{}/{}", text("namespace"), text("name")),
        input: compiler.input(members, &root)?,
        output: compiler.output(members, "output", &root)?,
        timeout: compiler.timeout(members, &root)?,
        tasks: compiler.list(list, &root.child("do"))?,
    })
}

struct Compiler<'d> {
    /// `use`.
    reusable: Option<&'d Members>,
    /// Every expression so far, by its text and what it can use.
    expressions: HashMap<(String, Vec<Arc<str>>), Arc<Expression>>,
    /// The variables of the loops and caught errors around.
    scope: Vec<Arc<str>>,
}

impl Compiler<'_> {
    fn list(&mut self, value: &Value, at: &Pointer) -> Result<List> {
        let names = names(value, at)?;
        let task = |(index, item): (usize, &Value)| {
            let (name, definition, path) = single(item, &at.child(index))?;
            self.task(name, definition, &path, &names)
        };
        let tasks = array(value, at)?.iter().enumerate().map(task);
        Ok(List(tasks.collect::<Result<_>>()?))
    }

    fn task(&mut self, name: &str, value: &Value, at: &Pointer, siblings: &[&str]) -> Result<Arc<Task>> {
        let members = object(value, at)?;
        Ok(Arc::new(Task {
            name: Arc::from(name),
            path: at.clone(),
            definition: data::from_json(value),
            role: value.pointer("/metadata/patchbay/role").and_then(Value::as_str).map(str::to_owned),
            condition: self.optional_expression(members, "if", at)?,
            input: self.input(members, at)?,
            output: self.output(members, "output", at)?,
            export: self.output(members, "export", at)?,
            timeout: self.timeout(members, at)?,
            then: then(members, at, siblings)?.unwrap_or(Then::Continue),
            kind: self.kind(members, at, siblings)?,
        }))
    }

    fn kind(&mut self, members: &Members, at: &Pointer, siblings: &[&str]) -> Result<Kind> {
        const KINDS: [&str; 12] = [
            "call", "set", "switch", "for", "try", "fork", "raise", "wait", "emit", "listen", "run",
            // A `for` has a `do` as well.
            "do",
        ];
        let Some(kind) = KINDS.into_iter().find(|kind| members.contains_key(*kind)) else {
            return Ok(Kind::Refused("A task of an unknown kind is not run here.".to_owned()));
        };
        let (value, place) = (&members[kind], at.child(kind));
        Ok(match kind {
            "call" => match value.as_str() {
                Some("http") => self.http(members, at)?,
                called => {
                    let called = called.unwrap_or("something else");
                    Kind::Refused(format!("`call: {called}` is not run here, only `call: http` is."))
                }
            },
            "set" => Kind::Set(self.template(value, &place)?),
            "switch" => Kind::Switch(self.cases(value, &place, siblings)?),
            "for" => self.each(members, value, at)?,
            "try" => self.attempt(members, value, at, siblings)?,
            "fork" => {
                let fork = object(value, &place)?;
                let place = place.child("branches");
                let branch = |(index, item): (usize, &Value)| {
                    let (name, definition, path) = single(item, &place.child(index))?;
                    self.task(name, definition, &path, &[])
                };
                let branches =
                    array(required(fork, "branches", &place)?, &place)?.iter().enumerate().map(branch);
                let branches = branches.collect::<Result<_>>()?;
                Kind::Fork { branches, compete: boolean(fork, "compete", &place)? }
            }
            "raise" => self.raise(object(value, &place)?, &place)?,
            "wait" => Kind::Wait(self.span(value, &place)?),
            "emit" => {
                let event = value.pointer("/event/with").filter(|event| event.is_object());
                let event = event.ok_or_else(|| ProgramError::at(&place, "emit has an event.with"))?;
                Kind::Emit(self.template(event, &place.child("event").child("with"))?)
            }
            "do" => Kind::Do(self.list(value, &place)?),
            _ => Kind::Refused(format!("`{kind}` is not run here.")),
        })
    }

    fn http(&mut self, members: &Members, at: &Pointer) -> Result<Kind> {
        let place = at.child("with");
        let with = object(required(members, "with", at)?, &place)?;
        let endpoint = required(with, "endpoint", &place)?;
        let endpoint_place = place.child("endpoint");
        let (uri, authentication) = match endpoint {
            Value::Object(endpoint) => {
                (required(endpoint, "uri", &endpoint_place)?, endpoint.get("authentication"))
            }
            text => (text, None),
        };
        let output = match with.get("output").map(|output| output.as_str()) {
            None | Some(Some("content")) => HttpOutput::Content,
            Some(Some("response")) => HttpOutput::Response,
            Some(Some("raw")) => HttpOutput::Raw,
            Some(_) => {
                return Err(ProgramError::at(&place.child("output"), "output is raw, content or response"));
            }
        };
        Ok(Kind::Http(Box::new(Http {
            method: self.template(required(with, "method", &place)?, &place.child("method"))?,
            uri: self.template(uri, &endpoint_place)?,
            authentication: authentication
                .map(|policy| self.authentication(policy, &endpoint_place.child("authentication")))
                .transpose()?,
            headers: self.optional_template(with, "headers", &place)?,
            query: self.optional_template(with, "query", &place)?,
            body: self.optional_template(with, "body", &place)?,
            output,
            redirect: boolean(with, "redirect", &place)?,
        })))
    }

    /// A policy that comes from a secret stays a name: the secret is added by the one who makes the call.
    fn authentication(&mut self, value: &Value, at: &Pointer) -> Result<Authentication> {
        let policy = object(value, at)?;
        let Some(name) = policy.get("use").and_then(Value::as_str) else {
            return self.policy(policy, at);
        };
        let reusable = self.reusable.and_then(|reusable| reusable.get("authentications"));
        let Some(Value::Object(policy)) = reusable.and_then(|policies| policies.get(name)) else {
            return Err(ProgramError::at(at, format!("use.authentications has no {name}")));
        };
        let is_from_secret =
            policy.values().any(|scheme| scheme.get("use").is_some() || mentions_secrets(scheme));
        match is_from_secret {
            true => Ok(Authentication::Named(name.to_owned())),
            // It is evaluated where it is used, but no loop's variable is its own.
            false => {
                let around = std::mem::take(&mut self.scope);
                let policy = self.policy(policy, &Pointer::from("/use/authentications").child(name));
                self.scope = around;
                policy
            }
        }
    }

    fn policy(&mut self, policy: &Members, at: &Pointer) -> Result<Authentication> {
        let Some((scheme, value)) = policy.iter().next() else {
            return Err(ProgramError::at(at, "an authentication has a scheme"));
        };
        let at = at.child(scheme);
        let members = object(value, &at)?;
        if members.contains_key("use") {
            return Ok(Authentication::Refused(format!(
                "{scheme} from a secret outside use.authentications"
            )));
        }
        let mut template = |name| self.template(required(members, name, &at)?, &at.child(name));
        Ok(match scheme.as_str() {
            "basic" => {
                Authentication::Basic { username: template("username")?, password: template("password")? }
            }
            "digest" => {
                Authentication::Digest { username: template("username")?, password: template("password")? }
            }
            "bearer" => Authentication::Bearer { token: template("token")? },
            other => Authentication::Refused(other.to_owned()),
        })
    }

    fn cases(&mut self, value: &Value, at: &Pointer, siblings: &[&str]) -> Result<Vec<Case>> {
        let case = |(index, item): (usize, &Value)| {
            let (_, value, place) = single(item, &at.child(index))?;
            let members = object(value, &place)?;
            let then = then(members, &place, siblings)?;
            Ok(Case {
                when: self.optional_expression(members, "when", &place)?,
                then: then.ok_or_else(|| ProgramError::at(&place, "a case has a then"))?,
            })
        };
        array(value, at)?.iter().enumerate().map(case).collect()
    }

    fn each(&mut self, members: &Members, value: &Value, at: &Pointer) -> Result<Kind> {
        let place = at.child("for");
        let each = object(value, &place)?;
        let name = |key, default| -> Result<Arc<str>> { variable(each.get(key), default, &place.child(key)) };
        let (item, index) = (name("each", "item")?, name("at", "index")?);
        let items = text(required(each, "in", &place)?, &place.child("in"))?;
        let items = self.expression(items, &place.child("in"))?;
        let outside = self.scope.len();
        self.scope.extend([item.clone(), index.clone()]);
        let condition = self.optional_expression(members, "while", at);
        let tasks = required(members, "do", at).and_then(|tasks| self.list(tasks, &at.child("do")));
        self.scope.truncate(outside);
        Ok(Kind::For(Box::new(For { each: item, at: index, items, condition: condition?, tasks: tasks? })))
    }

    fn attempt(&mut self, members: &Members, value: &Value, at: &Pointer, siblings: &[&str]) -> Result<Kind> {
        let tasks = self.list(value, &at.child("try"))?;
        let place = at.child("catch");
        let catch = object(required(members, "catch", at)?, &place)?;
        let filter = catch.get("errors").and_then(|errors| errors.get("with"));
        let member = |name: &str| filter.and_then(|filter| filter.get(name)?.as_str()).map(str::to_owned);
        let filter = Filter {
            error_type: member("type"),
            status: filter.and_then(|filter| filter.get("status")?.as_u64()),
            instance: member("instance"),
            title: member("title"),
            detail: member("detail"),
        };
        let error = variable(catch.get("as"), "error", &place.child("as"))?;
        self.scope.push(error.clone());
        let caught = self.caught(catch, &place);
        self.scope.pop();
        let (when, except_when, retry, handler) = caught?;
        let then = then(catch, &place, siblings)?;
        Ok(Kind::Try(Box::new(Try { tasks, filter, error, when, except_when, retry, handler, then })))
    }

    /// What in a `catch` can use the error.
    #[expect(clippy::type_complexity, reason = "taken apart at once")]
    fn caught(
        &mut self,
        catch: &Members,
        at: &Pointer,
    ) -> Result<(Option<Arc<Expression>>, Option<Arc<Expression>>, Option<Retry>, Option<List>)> {
        let retry = match catch.get("retry") {
            None => None,
            Some(Value::String(name)) => {
                let named = self.reusable.and_then(|reusable| reusable.get("retries")?.get(name));
                let place = at.child("retry");
                let policy =
                    named.ok_or_else(|| ProgramError::at(&place, format!("use.retries has no {name}")))?;
                Some(self.retry(policy, &Pointer::from("/use/retries").child(name))?)
            }
            Some(policy) => Some(self.retry(policy, &at.child("retry"))?),
        };
        let handler = catch.get("do").map(|tasks| self.list(tasks, &at.child("do"))).transpose()?;
        let when = self.optional_expression(catch, "when", at)?;
        Ok((when, self.optional_expression(catch, "exceptWhen", at)?, retry, handler))
    }

    fn retry(&mut self, value: &Value, at: &Pointer) -> Result<Retry> {
        let policy = object(value, at)?;
        let backoff = policy.get("backoff");
        let has = |kind: &str| backoff.is_some_and(|backoff| backoff.get(kind).is_some());
        let mut span = |pointer: &str| {
            let place = Pointer::from(format!("{at}{pointer}"));
            value.pointer(pointer).map(|span| self.span(span, &place)).transpose()
        };
        Ok(Retry {
            delay: span("/delay")?,
            attempt_duration: span("/limit/attempt/duration")?,
            duration: span("/limit/duration")?,
            jitter: span("/jitter/from")?.zip(span("/jitter/to")?),
            most_retries: value.pointer("/limit/attempt/count").and_then(Value::as_u64),
            backoff: match () {
                () if has("exponential") => Backoff::Exponential,
                () if has("linear") => Backoff::Linear,
                () => Backoff::Constant,
            },
            when: self.optional_expression(policy, "when", at)?,
            except_when: self.optional_expression(policy, "exceptWhen", at)?,
        })
    }

    fn raise(&mut self, members: &Members, at: &Pointer) -> Result<Kind> {
        let place = at.child("error");
        let (error, place) = match required(members, "error", at)? {
            Value::String(name) => {
                let named = self.reusable.and_then(|reusable| reusable.get("errors")?.get(name));
                let error =
                    named.ok_or_else(|| ProgramError::at(&place, format!("use.errors has no {name}")))?;
                (error, Pointer::from("/use/errors").child(name))
            }
            error => (error, place),
        };
        let error = object(error, &place)?;
        Ok(Kind::Raise(Box::new(Raise {
            error_type: self.template(required(error, "type", &place)?, &place.child("type"))?,
            status: self.template(required(error, "status", &place)?, &place.child("status"))?,
            title: self.optional_template(error, "title", &place)?,
            detail: self.optional_template(error, "detail", &place)?,
            instance: self.optional_template(error, "instance", &place)?,
        })))
    }

    fn input(&mut self, members: &Members, at: &Pointer) -> Result<Input> {
        let Some(value) = members.get("input") else {
            return Ok(Input::default());
        };
        let place = at.child("input");
        let input = object(value, &place)?;
        Ok(Input { schema: schema(input, &place)?, from: self.transform(input, "from", &place)? })
    }

    /// `output` or `export`.
    fn output(&mut self, members: &Members, name: &str, at: &Pointer) -> Result<Output> {
        let Some(value) = members.get(name) else {
            return Ok(Output::default());
        };
        let place = at.child(name);
        let output = object(value, &place)?;
        Ok(Output { schema: schema(output, &place)?, transform: self.transform(output, "as", &place)? })
    }

    /// `from` or `as`: a text is an expression, with or without `${ }`.
    fn transform(&mut self, members: &Members, name: &str, at: &Pointer) -> Result<Option<Template>> {
        let place = at.child(name);
        Ok(match members.get(name) {
            None => None,
            Some(Value::String(text)) => Some(Template::Expression(self.expression(text, &place)?)),
            Some(value) => Some(self.template(value, &place)?),
        })
    }

    fn timeout(&mut self, members: &Members, at: &Pointer) -> Result<Option<Span>> {
        let place = at.child("timeout");
        let timeout = match members.get("timeout") {
            None => return Ok(None),
            Some(Value::String(name)) => {
                let named = self.reusable.and_then(|reusable| reusable.get("timeouts")?.get(name));
                named.ok_or_else(|| ProgramError::at(&place, format!("use.timeouts has no {name}")))?
            }
            Some(timeout) => timeout,
        };
        let after = required(object(timeout, &place)?, "after", &place)?;
        self.span(after, &place.child("after")).map(Some)
    }

    fn span(&mut self, value: &Value, at: &Pointer) -> Result<Span> {
        if let Some(expression) = value.as_str().and_then(expression_in) {
            return Ok(Span::Expression(self.expression(expression, at)?));
        }
        let fixed = duration::parse(value).map(Span::Fixed);
        fixed.ok_or_else(|| ProgramError::at(at, "this is not a duration"))
    }

    fn optional_template(&mut self, members: &Members, name: &str, at: &Pointer) -> Result<Option<Template>> {
        members.get(name).map(|value| self.template(value, &at.child(name))).transpose()
    }

    fn template(&mut self, value: &Value, at: &Pointer) -> Result<Template> {
        Template::new(value, &mut |text| self.expression(text, at))
    }

    fn optional_expression(
        &mut self,
        members: &Members,
        name: &str,
        at: &Pointer,
    ) -> Result<Option<Arc<Expression>>> {
        let place = at.child(name);
        let compile = |value| self.expression(text(value, &place)?, &place);
        members.get(name).map(compile).transpose()
    }

    fn expression(&mut self, text: &str, at: &Pointer) -> Result<Arc<Expression>> {
        let text = expression_in(text).unwrap_or(text);
        let key = (text.to_owned(), self.scope.clone());
        if let Some(known) = self.expressions.get(&key) {
            return Ok(known.clone());
        }
        let compiled = Expression::compile(text, &self.scope);
        let compiled =
            Arc::new(compiled.map_err(|problem| ProgramError::at(at, format!("this is not jq: {problem}")))?);
        self.expressions.insert(key, compiled.clone());
        Ok(compiled)
    }
}

fn schema(members: &Members, at: &Pointer) -> Result<Option<Schema>> {
    let schema = members.get("schema").map(Schema::new).transpose();
    schema.map_err(|problem| ProgramError::at(&at.child("schema"), problem))
}

/// The names of the tasks of a list.
fn names<'v>(value: &'v Value, at: &Pointer) -> Result<Vec<&'v str>> {
    let name = |(index, item)| single(item, &at.child(index)).map(|(name, ..)| name);
    array(value, at)?.iter().enumerate().map(name).collect()
}

fn then(members: &Members, at: &Pointer, siblings: &[&str]) -> Result<Option<Then>> {
    let Some(value) = members.get("then") else {
        return Ok(None);
    };
    let place = at.child("then");
    Ok(Some(match text(value, &place)? {
        "continue" => Then::Continue,
        "exit" => Then::Exit,
        "end" => Then::End,
        name => {
            let index = siblings.iter().position(|sibling| *sibling == name);
            let missing = || ProgramError::at(&place, format!("there is no task {name} in the same list"));
            Then::Task(index.ok_or_else(missing)?)
        }
    }))
}

/// The name of a variable, which may be written with `$`.
fn variable(value: Option<&Value>, default: &str, at: &Pointer) -> Result<Arc<str>> {
    let name = value.map_or(Ok(default), |value| text(value, at))?;
    let name = name.strip_prefix('$').unwrap_or(name);
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if is_name {
        Ok(Arc::from(name))
    } else {
        Err(ProgramError::at(at, format!("{name:?} is not a variable's name")))
    }
}

/// The one member of an item of a list of tasks.
fn single<'v>(item: &'v Value, at: &Pointer) -> Result<(&'v str, &'v Value, Pointer)> {
    match item.as_object().map(|members| (members.len(), members.iter().next())) {
        Some((1, Some((name, value)))) => Ok((name, value, at.child(name))),
        _ => Err(ProgramError::at(at, "an item of a list has one name")),
    }
}

fn required<'v>(members: &'v Members, name: &str, at: &Pointer) -> Result<&'v Value> {
    members.get(name).ok_or_else(|| ProgramError::at(at, format!("{name} is missing")))
}

fn object<'v>(value: &'v Value, at: &Pointer) -> Result<&'v Members> {
    value.as_object().ok_or_else(|| ProgramError::at(at, "an object is expected"))
}

fn array<'v>(value: &'v Value, at: &Pointer) -> Result<&'v Vec<Value>> {
    value.as_array().ok_or_else(|| ProgramError::at(at, "a list is expected"))
}

fn text<'v>(value: &'v Value, at: &Pointer) -> Result<&'v str> {
    value.as_str().ok_or_else(|| ProgramError::at(at, "a text is expected"))
}

fn boolean(members: &Members, name: &str, at: &Pointer) -> Result<bool> {
    match members.get(name) {
        None => Ok(false),
        Some(Value::Bool(truth)) => Ok(*truth),
        Some(_) => Err(ProgramError::at(&at.child(name), "true or false is expected")),
    }
}

fn mentions_secrets(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains("$secrets"),
        Value::Array(items) => items.iter().any(mentions_secrets),
        Value::Object(members) => members.values().any(mentions_secrets),
        _ => false,
    }
}

fn is_flat_enough(value: &Value, depth: usize) -> bool {
    match value {
        Value::Array(items) => depth > 0 && items.iter().all(|item| is_flat_enough(item, depth - 1)),
        Value::Object(members) => {
            depth > 0 && members.values().all(|member| is_flat_enough(member, depth - 1))
        }
        _ => true,
    }
}
