//! The pages.

mod activity;
mod connections;
mod connectors;
mod first_run;
mod gallery;
mod run;
mod runs;
mod settings;
mod workflow;
mod workflows;

pub use activity::{ActivityPage, AttemptItem};
pub use connections::ConnectionsPage;
pub use connectors::ConnectorsPage;
pub use first_run::FirstRunPage;
pub use gallery::GalleryPage;
pub use run::{ComparePage, RunPage, compared};
pub use runs::{RunRow, RunsPage};
pub use settings::{DeepLinkSection, KeyringSection, Scopes, SettingsPage, link_test};
pub use workflow::WorkflowPage;
pub use workflows::{WorkflowRow, WorkflowsPage};
