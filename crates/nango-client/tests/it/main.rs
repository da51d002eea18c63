//! The client over real loopback connections: against recorded exchanges, against servers that
//! misbehave, and against the sandbox.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod fixture;
mod server;

mod authorize;
mod catalogue;
mod connections;
mod hostile;
mod integrations;
mod keymodes;
mod proxy;
mod redaction;
mod refusals;
mod sandbox;
mod scopes;
mod sessions;
mod socket;
mod tls;
