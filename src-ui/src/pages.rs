//! The pages.

mod activity;
mod connections;
mod connectors;
mod first_run;
mod gallery;
mod settings;

pub use activity::{ActivityPage, AttemptItem};
pub use connections::ConnectionsPage;
pub use connectors::ConnectorsPage;
pub use first_run::FirstRunPage;
pub use gallery::GalleryPage;
pub use settings::{DeepLinkSection, KeyringSection, Scopes, SettingsPage};
