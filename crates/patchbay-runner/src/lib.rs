//! Interprets a workflow's document: the part of the Open Workflow Specification DSL 1.0.3 that Patchbay runs.
//!
//! [`Program::new`] compiles a document, every expression once; [`run`] executes it. What a run needs from
//! outside it gets from a [`Host`]: somebody who makes HTTP calls ([`Call`]) and somebody who remembers what
//! happened ([`RunLog`]). It knows neither Nango nor a database, and reads the time from the host.
//!
//! In reading order: `program` (a document, compiled), `expression` (jq, and what keeps it bounded), `run`
//! (one execution), `host` (the outside), `fault` (what goes wrong).
//!
//! What runs: `set`, `do`, `call: http`, `switch`, `for`, `try`, `raise`, `wait`, `fork`, `emit`. A task of
//! another kind is a configuration error when it is reached, before it does anything.
//!
//! Where the specification leaves room:
//! - An expression with no output is `null`, one with several is the array of them.
//! - `exit` ends the list of tasks it stands in: in a `for`, this iteration. `end` ends the run, from wherever.
//! - `catch` without `do` gives what the `try` was given. When a `retry` is exhausted, `do` handles the error;
//!   without `do` it is raised again. A `Retry-After` of the answer makes a pause longer, never shorter.
//! - A branch that fails does not win a `compete`; the task fails with the last error when all have failed.
//! - An answer outside 2xx (3xx with `redirect: true`) is an error of the type `communication` with the
//!   answer's status. Redirects are not followed.
//! - `$secrets` are never given to an expression; using them is an error of the type `authorization`.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod data;
mod duration;
pub mod export;
mod expression;
mod fault;
mod host;
mod program;
mod run;
mod schema;

pub use data::Data;
pub use expression::check_expression;
pub use fault::{CallFailure, CallFailureKind, Fault};
pub use host::{
    Auth, Call, EntryBegan, EntryEnded, Exchange, Host, HttpAnswer, HttpCall, Limits, NotSaved, Retrying,
    RunLog,
};
pub use program::{Program, ProgramError};
pub use run::{Outcome, run};
