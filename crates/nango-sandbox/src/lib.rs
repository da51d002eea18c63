//! A real HTTP server that answers as a self-hosted Nango 0.71.4 does, together with an OAuth provider
//! (a consent page for a browser) and a sample API that proxy calls reach.
//!
//! Modules in reading order: [`options`] and [`sandbox`] are what a caller touches; `app` is the shared
//! state; `server` owns sockets; `nango`, `provider` and `sample_api` are the three servers' answers;
//! [`fault`], [`record`] and [`saved`] are the controls a test or a demo has.
//!
//! The crate writes its JSON by hand and shares no types with any client, so that a shared mistake cannot
//! pass unnoticed.

#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod account;
mod answer;
mod app;
mod catalogue;
mod clock;
mod connection;
mod environment;
pub mod fault;
mod nango;
pub mod options;
mod provider;
mod random;
pub mod record;
mod sample_api;
pub mod sandbox;
pub mod saved;
mod seed;
mod server;
mod session;
mod time_text;
mod websocket;

pub use fault::{Fault, FaultAction, FaultMatcher};
pub use options::{IdentityPointers, Integrations, Options, SampleOperation, StartError};
pub use record::{ConnectionSummary, IntegrationSummary, RequestRecord};
pub use sandbox::Sandbox;
pub use saved::SavedState;
