//! The engine against a real HTTP sandbox, a real database and a robot in place of the browser.

mod backup;
mod catalog;
mod catalogue;
mod connect;
mod connections;
mod faults;
mod harness;
mod identity;
mod licences;
mod many;
mod modes;
mod profiles;
mod reconnect;
mod restart;
mod runs;
mod surroundings;
mod ways_home;
mod workflows;
