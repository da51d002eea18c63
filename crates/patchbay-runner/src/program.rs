//! A document, compiled: every expression once, every `then` to a place in its list.

mod compile;

use std::sync::Arc;
use std::time::Duration;

use jaq_json::Val;
use patchbay_core::workflow::outline::Pointer;
use serde_json::Value;

use crate::expression::{Expression, Template, with_stack};
use crate::schema::Schema;

/// A document that can be run.
#[derive(Debug, Clone)]
pub struct Program {
    pub(crate) document: Arc<Document>,
}

impl Program {
    /// Compiles a document.
    ///
    /// Tasks of a kind that is not run here are no error; a run that reaches one is refused there.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn new(document: Value) -> Result<Program, ProgramError> {
        let compiled = with_stack(|| compile::document(&document));
        let document = compiled.map_err(|error| ProgramError::at(&Pointer::from(""), error))??;
        Ok(Program { document: Arc::new(document) })
    }
}

/// Why a document cannot be run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem} ({pointer})")]
pub struct ProgramError {
    /// Where in the document.
    pub pointer: Pointer,
    /// What is wrong there.
    pub problem: String,
}

impl ProgramError {
    pub(crate) fn at(pointer: &Pointer, problem: impl ToString) -> Self {
        Self { pointer: pointer.clone(), problem: problem.to_string() }
    }
}

/// The document.
#[derive(Debug)]
pub(crate) struct Document {
    /// All of it, for `$workflow.definition`.
    pub(crate) definition: Val,
    /// `/namespace/name`, where events come from.
    pub(crate) source: String,
    pub(crate) input: Input,
    pub(crate) output: Output,
    pub(crate) timeout: Option<Span>,
    pub(crate) tasks: List,
}

/// Tasks, one after the other.
#[derive(Debug, Default)]
pub(crate) struct List(pub(crate) Vec<Arc<Task>>);

/// A task.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) name: Arc<str>,
    pub(crate) path: Pointer,
    /// What stands under its name, for `$task.definition`.
    pub(crate) definition: Val,
    /// `metadata.patchbay.role`.
    pub(crate) role: Option<String>,
    pub(crate) condition: Option<Arc<Expression>>,
    pub(crate) input: Input,
    pub(crate) output: Output,
    pub(crate) export: Output,
    pub(crate) timeout: Option<Span>,
    pub(crate) then: Then,
    pub(crate) kind: Kind,
}

/// What happens to what a task or the workflow is given.
#[derive(Debug, Default)]
pub(crate) struct Input {
    pub(crate) schema: Option<Schema>,
    pub(crate) from: Option<Template>,
}

/// What happens to what it gives, or exports.
#[derive(Debug, Default)]
pub(crate) struct Output {
    pub(crate) transform: Option<Template>,
    pub(crate) schema: Option<Schema>,
}

/// Where a list goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    Continue,
    Exit,
    End,
    /// At the task with this index.
    Task(usize),
}

/// A length of time.
#[derive(Debug)]
pub(crate) enum Span {
    Fixed(Duration),
    Expression(Arc<Expression>),
}

#[derive(Debug)]
pub(crate) enum Kind {
    Set(Template),
    Do(List),
    Http(Box<Http>),
    Switch(Vec<Case>),
    For(Box<For>),
    Fork {
        branches: Vec<Arc<Task>>,
        compete: bool,
    },
    Try(Box<Try>),
    Raise(Box<Raise>),
    Wait(Span),
    Emit(Template),
    /// Not run here; why, for people.
    Refused(String),
}

#[derive(Debug)]
pub(crate) struct Http {
    pub(crate) method: Template,
    pub(crate) uri: Template,
    pub(crate) authentication: Option<Authentication>,
    pub(crate) headers: Option<Template>,
    pub(crate) query: Option<Template>,
    pub(crate) body: Option<Template>,
    pub(crate) output: HttpOutput,
    pub(crate) redirect: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HttpOutput {
    Content,
    Response,
    Raw,
}

#[derive(Debug)]
pub(crate) enum Authentication {
    Named(String),
    Basic {
        username: Template,
        password: Template,
    },
    Digest {
        username: Template,
        password: Template,
    },
    Bearer {
        token: Template,
    },
    /// Not supported here; which scheme.
    Refused(String),
}

#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) when: Option<Arc<Expression>>,
    pub(crate) then: Then,
}

#[derive(Debug)]
pub(crate) struct For {
    pub(crate) each: Arc<str>,
    pub(crate) at: Arc<str>,
    pub(crate) items: Arc<Expression>,
    pub(crate) condition: Option<Arc<Expression>>,
    pub(crate) tasks: List,
}

#[derive(Debug)]
pub(crate) struct Try {
    pub(crate) tasks: List,
    pub(crate) filter: Filter,
    /// The name of the caught error.
    pub(crate) error: Arc<str>,
    pub(crate) when: Option<Arc<Expression>>,
    pub(crate) except_when: Option<Arc<Expression>>,
    pub(crate) retry: Option<Retry>,
    pub(crate) handler: Option<List>,
    pub(crate) then: Option<Then>,
}

/// `errors.with`.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    /// Compared by its last path segment.
    pub(crate) error_type: Option<String>,
    pub(crate) status: Option<u64>,
    pub(crate) instance: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) detail: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Retry {
    pub(crate) when: Option<Arc<Expression>>,
    pub(crate) except_when: Option<Arc<Expression>>,
    pub(crate) delay: Option<Span>,
    pub(crate) backoff: Backoff,
    pub(crate) most_retries: Option<u64>,
    pub(crate) attempt_duration: Option<Span>,
    pub(crate) duration: Option<Span>,
    pub(crate) jitter: Option<(Span, Span)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backoff {
    Constant,
    Linear,
    Exponential,
}

#[derive(Debug)]
pub(crate) struct Raise {
    pub(crate) error_type: Template,
    pub(crate) status: Template,
    pub(crate) title: Option<Template>,
    pub(crate) detail: Option<Template>,
    pub(crate) instance: Option<Template>,
}
