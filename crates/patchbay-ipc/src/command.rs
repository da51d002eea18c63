//! What makes a request a command.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A request the window can make. The struct is the command: it goes over as the argument `request`, and
/// comes back as `Reply` or as a [`Failure`](crate::Failure).
pub trait Command: Serialize + DeserializeOwned {
    /// The name under which the shell registers it, in snake case.
    const NAME: &'static str;
    /// What it answers.
    type Reply: Serialize + DeserializeOwned;
}

/// Names a request and its reply.
macro_rules! command {
    ($request:ident, $name:literal, $reply:ty) => {
        impl crate::Command for $request {
            const NAME: &'static str = $name;
            type Reply = $reply;
        }
    };
}
pub(crate) use command;
