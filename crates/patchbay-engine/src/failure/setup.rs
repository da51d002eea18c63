//! The words for what stands in the way of setting something up on the server.

use patchbay_ipc::{Code, Failure};

use super::{at_field, bounded, say};
use crate::setup::SetupProblem;
use patchbay_texts::t;

/// The key lacks the scope for it.
pub(crate) fn cannot_set_up() -> Failure {
    say(
        Code::MissingScope,
        t!("Your API key may not add integrations to this Nango."),
        t!("Give the list below to whoever runs it; or ask for the scope environment:integrations:create."),
    )
}

/// It takes more than can be entered here.
pub(crate) fn set_up_in_dashboard(connector: &str) -> Failure {
    say(
        Code::NotSetUp,
        t!("An integration for {given} needs more than can be entered here.", given = bounded(connector)),
        t!("Whoever runs this Nango adds it in Nango’s dashboard; the list below says what."),
    )
}

/// What was entered is not in order.
pub(super) fn of_setup(problem: SetupProblem) -> Failure {
    match problem {
        SetupProblem::BadKey => at_field(
            "key",
            t!("This cannot be an integration’s id."),
            t!("Use letters without accents, digits, spaces and any of ~ : . @ _ -."),
        ),
        SetupProblem::KeyTaken => {
            at_field("key", t!("Another integration has this id."), t!("Choose another one."))
        }
        SetupProblem::NoClientId => at_field(
            "client_id",
            t!("The developer application’s client id is needed."),
            t!("The provider shows it where the application is registered."),
        ),
        SetupProblem::NoClientSecret => at_field(
            "client_secret",
            t!("The developer application’s client secret is needed."),
            t!("The provider shows it once, when the application is registered or the secret is made anew."),
        ),
    }
}
