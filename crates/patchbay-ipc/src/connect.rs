//! Connecting an account: the plan, the attempt, and what can be done to it.

use jiff::Timestamp;
use patchbay_core::attempt::Method;
use patchbay_core::form::{FieldPart, Form};
use patchbay_core::id::{AttemptId, ConnectTarget, ConnectorSlug, InstanceId, IntegrationKey, ProviderKey};
use serde::{Deserialize, Serialize};

use crate::command::command;
use crate::{Failure, IntegrationView, SecretInput};

/// Asks what the connect dialog should show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanConnection {
    /// What is to be connected.
    pub target: ConnectTarget,
    /// Through which integration, once the person has chosen among several.
    pub integration: Option<IntegrationKey>,
}
command!(PlanConnection, "plan_connection", ConnectionPlan);

/// What the connect dialog shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConnectionPlan {
    /// What is to be connected.
    pub target: ConnectTarget,
    /// Its name.
    pub connector_name: String,
    /// Its icon's name.
    pub icon: Option<String>,
    /// The integrations that serve it; more than one is a choice to offer.
    pub integrations: Vec<IntegrationView>,
    /// The one the plan is for.
    pub integration: IntegrationKey,
    /// What the label field starts with.
    pub default_label: String,
    /// What is asked before it can begin; an empty form asks nothing.
    pub form: Form,
    /// Whether consent is given in the browser. Otherwise the form is all there is.
    pub in_browser: bool,
}

/// Asks what the same dialog should show to reconnect a connection. Its label is the plan's `default_label`
/// and stays what it is; only what Nango does not remember is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanReconnect {
    /// Which.
    pub instance: InstanceId,
}
command!(PlanReconnect, "plan_reconnect", ConnectionPlan);

/// Begins an attempt that renews a connection. Until it has succeeded, the connection stays as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StartReconnect {
    /// Which.
    pub instance: InstanceId,
    /// The form's fields, if it has any.
    pub fields: Vec<FieldInput>,
}
command!(StartReconnect, "start_reconnect", AttemptView);

/// Begins an attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StartAttempt {
    /// What is to be connected.
    pub target: ConnectTarget,
    /// Through which integration.
    pub integration: IntegrationKey,
    /// The connection's label.
    pub label: String,
    /// The form's fields, if it has any.
    pub fields: Vec<FieldInput>,
}
command!(StartAttempt, "start_attempt", AttemptView);

/// One filled-in field. The value may be a secret and is treated as one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldInput {
    /// The field's name.
    pub name: String,
    /// Where it belongs.
    pub part: FieldPart,
    /// What was entered.
    pub value: SecretInput,
}

/// Cancels an attempt, at whatever point it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CancelAttempt {
    /// Which.
    pub attempt: AttemptId,
}
command!(CancelAttempt, "cancel_attempt", AttemptView);

/// Asks Nango now whether the connection has been made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckNow {
    /// Which attempt's.
    pub attempt: AttemptId,
}
command!(CheckNow, "check_now", AttemptView);

/// Opens the consent page in the browser once more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReopenBrowser {
    /// Which attempt's.
    pub attempt: AttemptId,
}
command!(ReopenBrowser, "reopen_browser", AttemptView);

/// Hands over a link that the system did not deliver.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PasteLink {
    /// The link; it may carry a code and is treated as a secret.
    pub link: SecretInput,
}
command!(PasteLink, "paste_link", LinkReceipt);

/// What became of a pasted link.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinkReceipt {
    /// The attempt it belongs to, as it is now.
    pub attempt: AttemptView,
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetAttempt {
    /// Which.
    pub attempt: AttemptId,
}
command!(GetAttempt, "get_attempt", AttemptView);

/// Attempts of the active profile, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListAttempts {
    /// How many to leave out.
    pub offset: u32,
    /// How many at most; up to 200.
    pub limit: u32,
}
command!(ListAttempts, "list_attempts", AttemptPage);

/// A page of attempts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttemptPage {
    /// The page.
    pub attempts: Vec<AttemptView>,
    /// How many there are in all.
    pub total: u32,
}

/// An attempt as the window shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttemptView {
    /// Its id.
    pub id: AttemptId,
    /// What is being connected; nothing if Patchbay has no manifest for it.
    pub connector: Option<ConnectorSlug>,
    /// Nango's template for it.
    pub provider: ProviderKey,
    /// Its name.
    pub connector_name: String,
    /// Its icon's name.
    pub icon: Option<String>,
    /// The label the connection has, or would have.
    pub label: String,
    /// The connection it is about.
    pub instance: InstanceId,
    /// Whether it renews that connection; otherwise it makes it. Trying again is [`StartReconnect`] then.
    pub is_reconnect: bool,
    /// It is connected, and an administrator at the provider has to approve it before it can be used.
    pub awaits_approval: bool,
    /// Where it stands.
    pub phase: Phase,
    /// The same in words: `Waiting for you in the browser`.
    pub words: String,
    /// A sentence that says what happens next or what one can do.
    pub explanation: String,
    /// How the answer comes back.
    pub method: Method,
    /// When it began.
    pub started_at: Timestamp,
    /// Until when it waits; nothing once it has ended.
    pub deadline_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// What happened, oldest first.
    pub steps: Vec<StepView>,
    /// Why it did not succeed.
    pub problem: Option<Failure>,
}

/// Where an attempt stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The session is being made.
    Starting,
    /// The person is at the provider.
    AwaitingBrowser,
    /// The answer is on its way to Nango.
    Forwarding,
    /// Nango is making the connection.
    AwaitingConnection,
    /// Done.
    Connected,
    /// The person or the provider said no.
    Refused,
    /// Nobody answered in time.
    Expired,
    /// Cancelled here.
    Cancelled,
    /// It did not work.
    Failed,
}

impl Phase {
    /// Whether something can still happen.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(
            self,
            Phase::Starting | Phase::AwaitingBrowser | Phase::Forwarding | Phase::AwaitingConnection
        )
    }
}

/// One line of an attempt's timeline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepView {
    /// When.
    pub at: Timestamp,
    /// What happened, in words.
    pub words: String,
    /// More about it, if there is more.
    pub detail: Option<String>,
}
