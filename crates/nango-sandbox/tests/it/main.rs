//! The sandbox over real sockets: the recorded exchanges, then what the recordings cannot show.

mod exchanges;
mod faults;
mod harness;
mod oauth;
mod program;
mod replay;
mod sample_api;
mod state;
