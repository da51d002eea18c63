//! One execution of a program.
//!
//! A run is cancelled by its token alone: whatever waits (a call, a pause, an evaluation) waits for the token
//! too, and every task between there and the top ends its own entry in the log as cancelled. Nothing is
//! dropped half-way. A task with a time limit and the branches of a `fork` have tokens of their own.

mod control;
mod frame;
mod http;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jaq_json::Val;
use jiff::Timestamp;
use patchbay_core::workflow::outline::Pointer;
use patchbay_core::workflow::run::TaskState;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::data::{self, Data};
use crate::expression::Bounds;
use crate::fault::{ErrorType, Fault, Raised, Stop};
use crate::host::{EntryBegan, EntryEnded, Host};
use crate::program::{Document, Kind, List, Program, Raise, Span, Task, Then};
use frame::Frame;

/// How many long evaluations of a run go on at the same time.
const EVALUATIONS: usize = 2;

/// What a run came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It ended well, with this output.
    Completed(Value),
    /// A task failed and nothing caught it.
    Faulted(Fault),
    /// It was cancelled.
    Cancelled,
}

/// Runs a program to its end. `input` is its input; what is in it is data and never evaluated.
///
/// Ends within moments of `cancel`, apart from what the host's own log takes.
pub async fn run(program: &Program, input: Value, host: &Host, cancel: CancellationToken) -> Outcome {
    let run = Arc::new(Run::new(program, &input, host));
    let scope = Scope { parent: None, cancel, variables: Arc::default() };
    match run.workflow(data::from_json(&input), &scope).await {
        Ok(output) => Outcome::Completed(data::to_json(&output)),
        Err(Stop::Raised(raised) | Stop::Broken(raised)) => Outcome::Faulted(Fault::from(*raised)),
        Err(Stop::Cancelled) => Outcome::Cancelled,
    }
}

/// What all tasks of a run share.
struct Run {
    document: Arc<Document>,
    host: Host,
    bounds: Bounds,
    /// `$workflow`.
    workflow: Val,
    /// `$context`.
    context: Mutex<Val>,
    /// Held while an export reads the context and writes it, so that branches do not lose each other's.
    export: tokio::sync::Mutex<()>,
    /// The number of the next entry.
    next: AtomicU32,
}

/// What is around a task.
#[derive(Clone)]
struct Scope {
    parent: Option<u32>,
    cancel: CancellationToken,
    /// Variables of loops and caught errors, the innermost last.
    variables: Arc<Vec<(Arc<str>, Val)>>,
}

impl Scope {
    fn with_variables(&self, more: impl IntoIterator<Item = (Arc<str>, Val)>) -> Scope {
        let variables = self.variables.iter().cloned().chain(more).collect();
        Scope { variables: Arc::new(variables), ..self.clone() }
    }

    fn with_own_cancel(&self) -> Scope {
        Scope { cancel: self.cancel.child_token(), ..self.clone() }
    }

    /// What `work` gives, unless the run or this part of it is cancelled first.
    async fn until_cancelled<T>(&self, work: impl Future<Output = T>) -> Result<T, Stop> {
        self.cancel.run_until_cancelled(work).await.ok_or(Stop::Cancelled)
    }
}

/// Why something with a time limit has no result.
enum Ended {
    Stop(Stop),
    InTime,
}

/// Does something in a scope of its own, for so long at most.
async fn in_time<T, F>(
    limit: Option<Duration>,
    scope: &Scope,
    work: impl FnOnce(Scope) -> F,
) -> Result<T, Ended>
where
    F: Future<Output = Result<T, Stop>>,
{
    let own = if limit.is_some() { scope.with_own_cancel() } else { scope.clone() };
    let mut work = std::pin::pin!(work(own.clone()));
    if let Some(limit) = limit {
        tokio::select! {
            result = &mut work => return result.map_err(Ended::Stop),
            () = tokio::time::sleep(limit) => own.cancel.cancel(),
        }
    }
    match work.await {
        Err(Stop::Cancelled) if limit.is_some() && !scope.cancel.is_cancelled() => Err(Ended::InTime),
        result => result.map_err(Ended::Stop),
    }
}

/// What a task has done.
struct Done {
    output: Val,
    /// Where it leads, if it says so itself: a `switch`, an error's handler, something inside that ends the run.
    then: Option<Then>,
}

impl From<Val> for Done {
    fn from(output: Val) -> Self {
        Done { output, then: None }
    }
}

impl Run {
    fn new(program: &Program, input: &Value, host: &Host) -> Run {
        let limits = &host.limits;
        let id = uuid::Builder::from_random_bytes(rand::random()).into_uuid();
        let workflow = data::object([
            ("id", data::text(id.to_string())),
            ("definition", program.document.definition.clone()),
            ("input", data::from_json(input)),
            ("startedAt", frame::moment((host.now)())),
        ]);
        Run {
            document: program.document.clone(),
            bounds: Bounds {
                steps: limits.steps,
                data: limits.data,
                turns: Arc::new(Semaphore::new(EVALUATIONS)),
            },
            host: host.clone(),
            workflow,
            context: Mutex::default(),
            export: tokio::sync::Mutex::default(),
            next: AtomicU32::new(0),
        }
    }

    fn context(&self) -> std::sync::MutexGuard<'_, Val> {
        self.context.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What expressions can name here besides what every task has.
    fn variables(&self, scope: &Scope) -> Option<Data> {
        let context = self.context().clone();
        let around = scope.variables.iter().map(|(name, value)| (data::text(name.as_ref()), value.clone()));
        let context = (context != Val::Null).then(|| (data::text("context"), context));
        let all: jaq_json::Map = around.chain(context).collect();
        (!all.is_empty()).then(|| Data(Val::obj(all)))
    }

    async fn workflow(self: &Arc<Self>, raw: Val, scope: &Scope) -> Result<Val, Stop> {
        let root = Pointer::from("");
        let frame = Frame::of_workflow(self, scope, &root);
        if scope.cancel.is_cancelled() {
            return Err(Stop::Cancelled);
        }
        frame.bounded(&raw)?;
        let limit = frame.optional_span(self.document.timeout.as_ref(), &raw).await?;
        let result = in_time(limit, scope, async |scope| {
            let frame = Frame::of_workflow(self, &scope, &root);
            let input = frame.input(&self.document.input, raw).await?;
            let (output, _) = self.list(&self.document.tasks, input, &scope).await?;
            frame.output(&self.document.output, output).await
        });
        result.await.map_err(|ended| match ended {
            Ended::Stop(stop) => stop,
            Ended::InTime => {
                ErrorType::Timeout.raise(&root, None, "The workflow took longer than its timeout.").into()
            }
        })
    }

    /// Runs a list. Gives its output, and whether the run ends here.
    async fn list(self: &Arc<Self>, list: &List, input: Val, scope: &Scope) -> Result<(Val, bool), Stop> {
        let (mut index, mut current) = (0, input);
        while let Some(task) = list.0.get(index) {
            let (output, then) = self.task(task.clone(), current, scope.clone()).await?;
            current = output;
            match then {
                Then::Continue => index += 1,
                Then::Exit => break,
                Then::End => return Ok((current, true)),
                Then::Task(next) => index = next,
            }
        }
        Ok((current, false))
    }

    /// Runs a task. Boxed, since tasks contain tasks.
    fn task(
        self: &Arc<Self>,
        task: Arc<Task>,
        raw: Val,
        scope: Scope,
    ) -> BoxFuture<'static, Result<(Val, Then), Stop>> {
        self.clone().logged(task, raw, scope).boxed()
    }

    async fn logged(self: Arc<Self>, task: Arc<Task>, raw: Val, scope: Scope) -> Result<(Val, Then), Stop> {
        if scope.cancel.is_cancelled() {
            return Err(Stop::Cancelled);
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        if number >= self.host.limits.entries {
            let detail = format!("A run executes {} tasks at most.", self.host.limits.entries);
            return Err(Stop::Broken(Box::new(ErrorType::Runtime.raise(&task.path, None, detail))));
        }
        // A loop that waits for nothing would not let anybody else onto this thread.
        if number % 32 == 31 {
            tokio::task::yield_now().await;
        }
        let began = EntryBegan {
            number,
            parent: scope.parent,
            path: task.path.clone(),
            name: task.name.clone(),
            input: Data(raw.clone()),
            variables: self.variables(&scope),
        };
        let frame = Frame::of_task(&self, &task, number, &scope, raw.clone());
        frame.saved(self.host.log.began(began).await)?;
        let result = self.limited(&frame, &task, raw, &scope).await;
        let (state, output, error) = match &result {
            Ok(Some((output, _))) => (TaskState::Completed, Some(Data(output.clone())), None),
            Ok(None) => (TaskState::Skipped, None, None),
            Err(Stop::Raised(raised) | Stop::Broken(raised)) => {
                (TaskState::Faulted, None, Some(raised.error.clone()))
            }
            Err(Stop::Cancelled) => (TaskState::Cancelled, None, None),
        };
        let ended = self.host.log.ended(EntryEnded { number, state, output, error }).await;
        let done = result?;
        frame.saved(ended)?;
        Ok(done.unwrap_or((frame.raw, Then::Continue)))
    }

    /// Runs a task within its time limit. Nothing: its condition is not met.
    async fn limited(
        self: &Arc<Self>,
        frame: &Frame<'_>,
        task: &Arc<Task>,
        raw: Val,
        scope: &Scope,
    ) -> Result<Option<(Val, Then)>, Stop> {
        if let Some(condition) = &task.condition
            && !frame.is_true(condition, &raw).await?
        {
            return Ok(None);
        }
        if let Kind::Refused(reason) = &task.kind {
            return Err(frame.error(ErrorType::Configuration, reason.clone()));
        }
        let limit = frame.optional_span(task.timeout.as_ref(), &raw).await?;
        let work = async |scope: Scope| {
            let mut frame = frame.in_scope(&scope);
            let input = frame.input(&task.input, raw).await?;
            frame.input = input.clone();
            let inside = Scope { parent: Some(frame.number()), ..scope.clone() };
            let Done { output, then } = self.perform(&frame, task, input, &inside).await?;
            frame.raw_output = output.clone();
            let output = frame.output(&task.output, output).await?;
            if task.export.transform.is_some() || task.export.schema.is_some() {
                frame.output = output.clone();
                let _one_at_a_time = self.export.lock().await;
                let exported = match &task.export.transform {
                    Some(transform) => frame.template(transform, &output).await?,
                    None => self.context().clone(),
                };
                frame.check(task.export.schema.as_ref(), &exported)?;
                *self.context() = exported;
            }
            Ok((output, then.unwrap_or(task.then)))
        };
        match in_time(limit, scope, work).await {
            Ok(done) => Ok(Some(done)),
            Err(Ended::Stop(stop)) => Err(stop),
            Err(Ended::InTime) => {
                Err(frame.error(ErrorType::Timeout, "The task took longer than its timeout."))
            }
        }
    }

    async fn perform(
        self: &Arc<Self>,
        frame: &Frame<'_>,
        task: &Task,
        input: Val,
        inside: &Scope,
    ) -> Result<Done, Stop> {
        match &task.kind {
            Kind::Set(template) => Ok(frame.template(template, &input).await?.into()),
            Kind::Do(list) => {
                let (output, ends) = self.list(list, input, inside).await?;
                Ok(Done { output, then: ends.then_some(Then::End) })
            }
            Kind::Http(http) => Ok(self.http(frame, http, &input).await?.into()),
            Kind::Switch(cases) => {
                let mut default = None;
                for case in cases {
                    match &case.when {
                        Some(when) if frame.is_true(when, &input).await? => {
                            return Ok(Done { output: input, then: Some(case.then) });
                        }
                        Some(_) => {}
                        None => default = default.or(Some(case.then)),
                    }
                }
                Ok(Done { output: input, then: default })
            }
            Kind::For(each) => self.each(frame, each, input, inside).boxed().await,
            Kind::Fork { branches, compete: false } => {
                self.fork(frame, branches, input, inside).boxed().await
            }
            Kind::Fork { branches, compete: true } => {
                self.compete(frame, branches, input, inside).boxed().await
            }
            Kind::Try(attempt) => self.attempt(frame, attempt, input, inside).boxed().await,
            Kind::Raise(raise) => Err(self.raise(frame, raise, &input).await?.into()),
            Kind::Wait(span) => {
                let pause = frame.span(span, &input).await?;
                inside.until_cancelled(tokio::time::sleep(pause)).await?;
                Ok(input.into())
            }
            Kind::Emit(template) => {
                let event = frame.template(template, &input).await?;
                Ok(self.event(frame, event)?.into())
            }
            Kind::Refused(reason) => Err(frame.error(ErrorType::Configuration, reason.clone())),
        }
    }

    async fn raise(&self, frame: &Frame<'_>, raise: &Raise, input: &Val) -> Result<Raised, Stop> {
        let error_type = data::text_of(&frame.template(&raise.error_type, input).await?);
        let status = data::to_json(&frame.template(&raise.status, input).await?);
        let status = status.as_u64().or_else(|| status.as_str()?.parse().ok());
        let status = status.and_then(|status| u16::try_from(status).ok());
        let status =
            status.ok_or_else(|| frame.error(ErrorType::Configuration, "An error's status is a number."))?;
        let mut raised = ErrorType::Runtime.raise(frame.path, frame.number, "");
        (raised.error.r#type, raised.error.status) = (error_type, status);
        raised.error.title = frame.optional_text(raise.title.as_ref(), input).await?.unwrap_or_default();
        raised.error.detail = frame.optional_text(raise.detail.as_ref(), input).await?;
        if let Some(instance) = frame.optional_text(raise.instance.as_ref(), input).await? {
            raised.error.instance = instance;
        }
        Ok(raised)
    }

    /// A CloudEvent: what the document gives, and what every event has.
    fn event(&self, frame: &Frame<'_>, given: Val) -> Result<Val, Stop> {
        if data::member(&given, "type") == Val::Null {
            return Err(frame.error(ErrorType::Configuration, "An event has a type."));
        }
        let id: Uuid = uuid::Builder::from_random_bytes(rand::random()).into_uuid();
        let defaults = [
            ("id", data::text(id.to_string())),
            ("specversion", data::text("1.0")),
            ("time", data::text(moment_text((self.host.now)()))),
            ("source", data::text(self.document.source.as_str())),
        ];
        Ok(defaults.into_iter().fold(given, |event, (name, value)| match data::member(&event, name) {
            Val::Null => data::with_member(&event, name, value),
            _ => event,
        }))
    }
}

fn moment_text(moment: Timestamp) -> String {
    format!("{moment:.3}")
}

/// A length of time that stands in the document, or is computed.
impl Frame<'_> {
    async fn optional_span(&self, span: Option<&Span>, input: &Val) -> Result<Option<Duration>, Stop> {
        match span {
            Some(span) => self.span(span, input).await.map(Some),
            None => Ok(None),
        }
    }

    async fn span(&self, span: &Span, input: &Val) -> Result<Duration, Stop> {
        match span {
            Span::Fixed(duration) => Ok(*duration),
            Span::Expression(expression) => {
                let value = data::to_json(&self.evaluate(expression, input).await?);
                let duration = crate::duration::parse(&value);
                duration.ok_or_else(|| {
                    self.error(ErrorType::Expression, "The expression does not give a duration.")
                })
            }
        }
    }
}
