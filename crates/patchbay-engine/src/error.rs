//! What can go wrong in the engine, before it is worded for people.

use patchbay_core::callback::CallbackError;
use patchbay_core::form::FieldProblem;
use patchbay_core::label::LabelError;
use patchbay_core::profile::{ProfileError, Scope};
use patchbay_core::workflow::edit::EditError;
use patchbay_secrets::SecretError;
use patchbay_store::StoreError;

use crate::setup::SetupProblem;

/// One variant for each thing that people are told differently.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EngineError {
    #[error("the store failed")]
    Store(#[from] StoreError),
    #[error("the keyring failed")]
    Secret(#[from] SecretError),
    #[error("Nango failed")]
    Nango(#[source] nango_client::Error),
    #[error("the profile's form is not in order")]
    Profile(#[from] ProfileError),
    #[error("the label is not in order")]
    Label(#[from] LabelError),
    #[error("the form is not in order")]
    Form(Vec<FieldProblem>),
    #[error("the link is not in order")]
    Link(#[from] CallbackError),
    #[error("the link belongs to no attempt of this machine")]
    LinkOfNobody,
    #[error("the link's attempt has ended")]
    LinkTooLate,
    #[error("there is no profile")]
    NoProfile,
    #[error("the network is switched off")]
    Disabled { by_environment: bool },
    #[error("the profile has no key")]
    NoKey,
    #[error("the key lacks required scopes")]
    MissingScopes(Vec<Scope>),
    #[error("Nango's connections cannot be listed with this key")]
    CannotList,
    #[error("the websocket does not open and connections cannot be listed")]
    NoWayHome,
    #[error("the server has no integration for this connector")]
    NotSetUp { connector: String },
    #[error("the key may not set up integrations")]
    MayNotSetUp,
    #[error("the integration can only be set up in the dashboard")]
    DashboardOnly { connector: String },
    #[error("what was entered to set an integration up is not in order")]
    Setup(SetupProblem),
    #[error("there is no such {0}")]
    NotFound(&'static str),
    #[error("the attempt has ended")]
    AttemptEnded,
    #[error("Nango does not have the connection any more")]
    ConnectionGone,
    #[error("the connection is being disconnected")]
    BeingDisconnected,
    #[error("another attempt renews the connection")]
    ReconnectUnderWay,
    #[error("Nango does not tell what a reconnect has to keep")]
    SettingsUnreadable,
    #[error("there is no mismatch to decide on")]
    NoMismatch,
    #[error("another sync is under way")]
    SyncUnderWay,
    #[error("the sync was cancelled")]
    SyncCancelled,
    #[error("the list at Nango changes too quickly to be read")]
    ListUnsteady,
    #[error("other tests of many connections are under way")]
    TestsUnderWay,
    #[error("the browser did not open")]
    Browser(#[from] crate::BrowserError),
    #[error("the sandbox did not start")]
    Sandbox(#[source] nango_sandbox::StartError),
    #[error("a connector manifest is broken: {0}")]
    Manifest(String),
    #[error("the edit is refused")]
    Edit(#[from] EditError),
    #[error("the workflow is another by now")]
    EditedMeanwhile,
    #[error("there is nothing to undo")]
    NothingToUndo,
    #[error("there is nothing to redo")]
    NothingToRedo,
    #[error("the connection is of another connector")]
    OtherConnector { label: String, wanted: String },
    #[error("a connection cannot replace itself")]
    SameConnection,
    #[error("the bindings are others by now")]
    BoundOtherwise,
    #[error("the file could not be written")]
    Export(#[source] std::io::Error),
    #[error("there is no {0} called {1}")]
    NoSuchName(&'static str, String),
    #[error("there are several of the kind {0} called {1}")]
    Ambiguous(&'static str, String),
    #[error("{0} was never saved")]
    NeverSaved(String),
    #[error("the run may not begin")]
    CannotRun(Vec<String>),
    #[error("the input cannot be used: {0}")]
    BadInput(String),
    #[error("another process runs it")]
    RunsElsewhere,
    #[error("the lock of this process's runs cannot be had")]
    Owner(#[source] std::io::Error),
    #[error("a task of the application itself failed")]
    Fault,
}
