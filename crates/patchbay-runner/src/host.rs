//! What a run needs from outside.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use patchbay_core::workflow::outline::Pointer;
use patchbay_core::workflow::run::{DslError, TaskState};
use secrecy::SecretString;
use url::Url;

use crate::data::Data;
use crate::fault::CallFailure;

/// The outside of a run.
#[derive(Clone)]
pub struct Host {
    /// Who makes the calls.
    pub caller: Arc<dyn Call>,
    /// Who remembers what happened.
    pub log: Arc<dyn RunLog>,
    /// The time of day.
    pub now: fn() -> Timestamp,
    /// How much a run may take.
    pub limits: Limits,
    /// Connection ids by the names of tasks that run as another connection than their role's: in the arguments
    /// of such a task `$workflow.input.connections.<role>` is this id. The role is `metadata.patchbay.role`.
    pub overrides: HashMap<String, String>,
}

/// How much a run may take. What goes beyond is an error of the DSL, not a crash.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Executions of tasks, so that a loop without end has one.
    pub entries: u32,
    /// For one call, from sending to the end of its answer.
    pub call: Duration,
    /// Bytes of one answer.
    pub answer: usize,
    /// Bytes of one task's data, roughly as JSON.
    pub data: usize,
    /// Steps of one jq evaluation, roughly function calls, pipes and iterations.
    pub steps: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            entries: 100_000,
            call: Duration::from_secs(120),
            answer: 16 * 1024 * 1024,
            data: 64 * 1024 * 1024,
            steps: 5_000_000,
        }
    }
}

/// Makes HTTP calls. Dropping the future drops the call.
#[async_trait]
pub trait Call: Send + Sync {
    /// Makes one call, once, and follows no redirect. An answer with an error status is an answer.
    ///
    /// # Errors
    /// [`CallFailure`] when there is no answer, or it is not from the one it was meant for.
    async fn call(&self, call: HttpCall) -> Result<HttpAnswer, CallFailure>;
}

/// A call to make.
#[derive(Clone)]
pub struct HttpCall {
    /// The task that makes it.
    pub task: Pointer,
    /// In capitals: `GET`.
    pub method: String,
    /// Where; http or https, the query included.
    pub url: Url,
    /// Headers as the document has them, in its order, not checked.
    pub headers: Vec<(String, String)>,
    /// The body. Its type is among the headers.
    pub body: Option<Bytes>,
    /// As whom.
    pub authentication: Option<Auth>,
    /// Whether a redirect (3xx) counts as a good answer. It is not followed either way.
    pub redirect: bool,
    /// For the whole call. The runner drops the call when it is over.
    pub timeout: Duration,
    /// Bytes of the answer to keep.
    pub response_limit: usize,
}

impl fmt::Debug for HttpCall {
    /// Leaves out query, headers and body, in which all sorts of things stand.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("HttpCall")
            .field("task", &self.task)
            .field("method", &self.method)
            .field("path", &self.url.path())
            .finish_non_exhaustive()
    }
}

/// As whom a call is made.
#[derive(Debug, Clone)]
pub enum Auth {
    /// As `use.authentications` of the document has it under this name, from a secret. The document never
    /// sees the secret; whether it is given away for this address is decided by the one who makes the call.
    Named(String),
    /// Basic authentication.
    Basic {
        /// The user's name.
        username: String,
        /// The password.
        password: SecretString,
    },
    /// A bearer token.
    Bearer {
        /// The token.
        token: SecretString,
    },
    /// Digest authentication.
    Digest {
        /// The user's name.
        username: String,
        /// The password.
        password: SecretString,
    },
}

/// The answer to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpAnswer {
    /// The status.
    pub status: u16,
    /// The headers, as far as they are text.
    pub headers: Vec<(String, String)>,
    /// As much of the body as was asked for.
    pub body: Bytes,
    /// Whether the body was longer.
    pub truncated: bool,
}

impl HttpAnswer {
    /// The value of a header, whatever the case of its name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(candidate, _)| candidate.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// Remembers what happens. Each call is awaited before the run goes on with that branch, so what it returns
/// from should be safe; branches that run at the same time call at the same time.
#[async_trait]
pub trait RunLog: Send + Sync {
    /// A task begins. It has done nothing yet.
    ///
    /// # Errors
    /// When it cannot be remembered. The run ends then, with an error that nothing catches.
    async fn began(&self, entry: EntryBegan) -> Result<(), NotSaved>;

    /// A call of a task has ended.
    ///
    /// # Errors
    /// As above.
    async fn exchanged(&self, number: u32, exchange: Exchange) -> Result<(), NotSaved>;

    /// What a `try` tried has failed and will be tried again.
    ///
    /// # Errors
    /// As above.
    async fn retrying(&self, number: u32, retrying: Retrying) -> Result<(), NotSaved>;

    /// A task has ended.
    ///
    /// # Errors
    /// As above.
    async fn ended(&self, entry: EntryEnded) -> Result<(), NotSaved>;
}

/// What happened could not be saved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotSaved(
    /// Why.
    pub String,
);

/// The begin of one execution of one task.
#[derive(Debug, Clone)]
pub struct EntryBegan {
    /// Its place in the run, the first being 0. Branches of a `fork` may begin in another order.
    pub number: u32,
    /// The execution it is inside of.
    pub parent: Option<u32>,
    /// The task.
    pub path: Pointer,
    /// Its name.
    pub name: Arc<str>,
    /// What it was given.
    pub input: Data,
    /// An object of `context` and of the variables of the loops and caught errors around it; nothing where there are
    /// none.
    pub variables: Option<Data>,
}

/// A request and what came of it.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// When it was sent.
    pub at: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// The request. What a document writes into its headers, query and body may be secret.
    pub call: HttpCall,
    /// The answer.
    pub answer: Result<HttpAnswer, CallFailure>,
}

/// The end of a failed attempt that is not the last one.
#[derive(Debug, Clone)]
pub struct Retrying {
    /// How many attempts have failed, this one included.
    pub failed: u32,
    /// The pause until the next.
    pub after: Duration,
    /// Why it failed.
    pub error: DslError,
}

/// The end of one execution of one task.
#[derive(Debug, Clone)]
pub struct EntryEnded {
    /// Which.
    pub number: u32,
    /// What it came to; never running or interrupted.
    pub state: TaskState,
    /// What it gave, where it completed.
    pub output: Option<Data>,
    /// Why it failed, where it did.
    pub error: Option<DslError>,
}
