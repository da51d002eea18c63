//! The runner over real sockets: the conformance kit, then table by table what it leaves out.
#![expect(clippy::unwrap_used, reason = "what cannot be unwrapped here fails the test")]

mod bounds;
mod calls;
mod cancel;
mod conformance;
mod data_flow;
mod elsewhere;
mod harness;
mod tasks;
mod trying;
