//! What goes wrong in a run: errors of the DSL, and how a call fails.

use std::time::Duration;

use jaq_json::Val;
use patchbay_core::workflow::outline::Pointer;
use patchbay_core::workflow::run::DslError;

use crate::data;

/// Where the types of the specification's own errors stand.
const TYPES: &str = "https://open-workflow-specification.org/dsl/errors/types/";

/// An error of the DSL that nothing caught.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The error.
    pub error: DslError,
    /// The execution of the task that raised it; nothing: the workflow itself did.
    pub entry: Option<u32>,
    /// The call that failed, where one did and its provider did not answer. An answer with an error status is
    /// no such failure.
    pub cause: Option<CallFailure>,
}

/// Why a call has no answer of the one it was meant for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct CallFailure {
    /// Who failed.
    pub kind: CallFailureKind,
    /// A status that tells more than the kind does, where there is one.
    pub status: Option<u16>,
    /// What happened, for people. Without secrets.
    pub detail: String,
    /// How long not to try again, where that was said.
    pub retry_after: Option<Duration>,
}

/// Who failed. Each is an error type of the DSL, by which a document can catch it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CallFailureKind {
    /// The connection's credentials do not work and cannot be renewed: reconnect it. `authentication`, 401.
    ConnectionBroken,
    /// Nango does not accept the key. `authentication`, 401.
    KeyRefused,
    /// Nango's key may not do this, or Patchbay does not let the document do it. `authorization`, 403.
    Forbidden,
    /// The call cannot be made as it is written, or what it names does not exist. `configuration`, 400.
    Configuration,
    /// Nango could not reach the provider. `communication`, 502.
    ProviderUnreachable,
    /// Too many calls. `communication`, 429.
    RateLimited,
    /// No answer in time. `timeout`, 408.
    Timeout,
    /// The address could not be reached, or the connection was lost. `communication`, 503.
    Network,
    /// The answer is not what it should be. `communication`, 502.
    BadAnswer,
    /// Something else. `runtime`, 500.
    Runtime,
}

impl CallFailure {
    /// A failure without a status or a pause of its own.
    #[must_use]
    pub fn new(kind: CallFailureKind, detail: impl Into<String>) -> Self {
        Self { kind, status: None, detail: detail.into(), retry_after: None }
    }

    pub(crate) fn into_raised(self, at: &Pointer, entry: u32) -> Raised {
        use CallFailureKind as Kind;
        let (error_type, status) = match self.kind {
            Kind::ConnectionBroken | Kind::KeyRefused => (ErrorType::Authentication, 401),
            Kind::Forbidden => (ErrorType::Authorization, 403),
            Kind::Configuration => (ErrorType::Configuration, 400),
            Kind::ProviderUnreachable | Kind::BadAnswer => (ErrorType::Communication, 502),
            Kind::RateLimited => (ErrorType::Communication, 429),
            Kind::Timeout => (ErrorType::Timeout, 408),
            Kind::Network => (ErrorType::Communication, 503),
            Kind::Runtime => (ErrorType::Runtime, 500),
        };
        let mut raised = error_type.raise(at, Some(entry), self.detail.clone());
        raised.error.status = self.status.unwrap_or(status);
        raised.retry_after = self.retry_after;
        raised.cause = Some(self);
        raised
    }
}

/// The types of errors that the specification names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorType {
    Configuration,
    Validation,
    Expression,
    Authentication,
    Authorization,
    Timeout,
    Communication,
    Runtime,
}

impl ErrorType {
    /// Its last path segment, its status where nothing better is known, its title.
    fn row(self) -> (&'static str, u16, &'static str) {
        match self {
            Self::Configuration => ("configuration", 400, "Configuration Error"),
            Self::Validation => ("validation", 400, "Validation Error"),
            Self::Expression => ("expression", 400, "Expression Error"),
            Self::Authentication => ("authentication", 401, "Authentication Error"),
            Self::Authorization => ("authorization", 403, "Authorization Error"),
            Self::Timeout => ("timeout", 408, "Timeout Error"),
            Self::Communication => ("communication", 500, "Communication Error"),
            Self::Runtime => ("runtime", 500, "Runtime Error"),
        }
    }

    pub(crate) fn raise(self, at: &Pointer, entry: Option<u32>, detail: impl Into<String>) -> Raised {
        let (segment, status, title) = self.row();
        let error = DslError {
            r#type: format!("{TYPES}{segment}"),
            status,
            title: title.to_owned(),
            detail: Some(detail.into()),
            instance: at.as_str().to_owned(),
        };
        Raised { error, entry, cause: None, retry_after: None }
    }
}

/// An error on its way up through the tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Raised {
    pub(crate) error: DslError,
    pub(crate) entry: Option<u32>,
    pub(crate) cause: Option<CallFailure>,
    /// How long the one who failed asked to be left alone.
    pub(crate) retry_after: Option<Duration>,
}

impl From<Raised> for Fault {
    fn from(raised: Raised) -> Self {
        Fault { error: raised.error, entry: raised.entry, cause: raised.cause }
    }
}

/// Why a task does not go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stop {
    /// An error, which a `try` may catch.
    Raised(Box<Raised>),
    /// An error that ends the run whatever would catch it: it has done all it may, or cannot be remembered.
    Broken(Box<Raised>),
    /// It was stopped from outside: the run was cancelled, its time was up, a competitor had won.
    Cancelled,
}

impl From<Raised> for Stop {
    fn from(raised: Raised) -> Self {
        Stop::Raised(Box::new(raised))
    }
}

/// The last path segment of a type, by which types are compared, since the specification has changed its host.
pub(crate) fn last_segment(uri: &str) -> &str {
    uri.trim_end_matches('/').rsplit(['/', '#']).next().unwrap_or(uri)
}

/// An error as expressions see it.
pub(crate) fn to_val(error: &DslError) -> Val {
    data::object([
        ("type", data::text(error.r#type.as_str())),
        ("status", Val::from(usize::from(error.status))),
        ("title", data::text(error.title.as_str())),
        ("detail", error.detail.as_deref().map_or(Val::Null, data::text)),
        ("instance", data::text(error.instance.as_str())),
    ])
}
