//! Setting up on the server what it does not offer yet.

use patchbay_core::id::{ConnectTarget, ProviderKey};
use serde::{Deserialize, Serialize};

use crate::command::command;
use crate::{Failure, IntegrationView, SecretInput};

/// Asks what it takes to set something up on the server. Answered from this machine alone where the catalogue is
/// known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanSetup {
    /// What is to be connected once it is set up.
    pub target: ConnectTarget,
}
command!(PlanSetup, "plan_setup", SetupPlan);

/// What it takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SetupPlan {
    /// Nango's template.
    pub provider: ProviderKey,
    /// What the integration's key starts with.
    pub key: String,
    /// What has to be known of a developer application.
    pub app: AppNeed,
    /// The scopes to ask people for, as the provider proposes them; separated by spaces.
    pub scopes: String,
    /// Nango's page for operators on this provider.
    pub guide_url: Option<String>,
    /// What the developer application has to have as its callback, and how sure that is.
    pub callback: CallbackView,
    /// Why it cannot be set up from here.
    pub cannot: Option<Failure>,
    /// The same as a text to hand to the operator. Holds no secret.
    pub for_operator: String,
}

/// What an integration needs of a developer application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppNeed {
    /// There is none.
    Nothing,
    /// Client id, client secret and scopes.
    Client,
    /// More than can be entered here: Nango's dashboard asks for it.
    Dashboard,
}

/// Where providers send people back to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallbackView {
    /// The address.
    pub url: String,
    /// How it is known.
    pub words: String,
}

/// Sets it up. The secret goes straight to Nango and is not kept here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SetUpIntegration {
    /// What is to be connected once it is set up.
    pub target: ConnectTarget,
    /// The integration's key.
    pub key: String,
    /// The developer application's id; empty where there is none.
    pub client_id: String,
    /// Its secret; empty where there is none.
    pub client_secret: SecretInput,
    /// The scopes to ask people for, separated by spaces or commas.
    pub scopes: String,
}
command!(SetUpIntegration, "set_up_integration", IntegrationView);
