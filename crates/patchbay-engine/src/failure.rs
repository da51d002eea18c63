//! The only file that words errors for people: what happened, why as far as known, what to do next.

pub(crate) mod recovery;
pub(crate) mod runs;
mod setup;
pub(crate) mod surroundings;
pub(crate) mod whoami;
pub(crate) mod workflows;

use nango_client::{Error as NangoError, Resource, TransportKind};
use patchbay_core::attempt::{Attempt, FailureReason, Purpose, State};
use patchbay_core::callback::CallbackError;
use patchbay_core::form::{FieldProblem, FieldProblemKind};
use patchbay_core::label::LabelError;
use patchbay_core::profile::{ProfileError, Scope};
use patchbay_ipc::{Code, DeepLinkState, DeepLinkView, Failure, KeyringState, KeyringView};
use patchbay_secrets::SecretError;
use patchbay_store::StoreError;

pub(crate) use self::setup::{cannot_set_up, set_up_in_dashboard};
use crate::error::EngineError;
use crate::links::LinkOwner;
use patchbay_texts::{t, text};

/// Longest text of somebody else's that is repeated, in characters.
const LONGEST_FOREIGN_TEXT: usize = 300;

fn say(code: Code, message: impl Into<String>, hint: impl Into<String>) -> Failure {
    Failure { code, message: message.into(), hint: hint.into(), detail: None, field: None }
}

fn at_field(field: &str, message: impl Into<String>, hint: impl Into<String>) -> Failure {
    Failure { field: Some(field.to_owned()), ..say(Code::InvalidInput, message, hint) }
}

/// A failure, for people.
pub(crate) fn of(error: &EngineError) -> Failure {
    match error {
        EngineError::Store(error) => of_store(error),
        EngineError::Secret(error) => of_secret(*error),
        EngineError::Nango(error) => of_nango(error),
        EngineError::Profile(error) => of_profile(error),
        EngineError::Label(error) => of_label(*error),
        EngineError::Form(problems) => of_form(problems),
        EngineError::Link(error) => of_link(*error),
        EngineError::LinkOfNobody => Failure {
            field: Some("link".to_owned()),
            ..say(
                Code::NotFound,
                t!("A link arrived that belongs to no attempt on this machine. Nothing was changed."),
                t!("If you were connecting an account, start again from Connectors."),
            )
        },
        EngineError::LinkTooLate => Failure {
            field: Some("link".to_owned()),
            ..say(
                Code::Conflict,
                t!("A link arrived for an attempt that has already ended. Nothing was changed."),
                t!("Activity shows how the attempt ended; start again from Connectors if you still need it."),
            )
        },
        EngineError::NoProfile => say(
            Code::NoProfile,
            t!("No Nango is set up yet."),
            t!("Connect to your Nango, or try the sandbox."),
        ),
        EngineError::Disabled { by_environment: true } => say(
            Code::Disabled,
            t!("The network is switched off for this run by NANGO_ENABLED."),
            t!("Start Patchbay without that variable to go online."),
        ),
        EngineError::Disabled { by_environment: false } => say(
            Code::Disabled,
            t!("The network is switched off for this profile."),
            t!("Switch it on in Settings to go online."),
        ),
        EngineError::NoKey => Failure {
            field: Some("api_key".to_owned()),
            ..say(
                Code::InvalidInput,
                t!("There is no API key for this Nango."),
                t!("Enter the environment's key; the keyring keeps it."),
            )
        },
        EngineError::MissingScopes(missing) => missing_scopes(missing),
        EngineError::CannotList => say(
            Code::MissingScope,
            t!("This key may not list connections, so Nango cannot be asked."),
            t!(
                "Wait for the browser, or paste the link; or ask the operator for environment:connections:list."
            ),
        ),
        EngineError::NoWayHome => say(
            Code::Unreachable,
            t!(
                "Nango's live line did not open, and this key may not list connections: the result could not come back."
            ),
            t!("Ask the operator to let websockets through, or for the scope environment:connections:list."),
        ),
        EngineError::NotSetUp { connector } => say(
            Code::NotSetUp,
            t!("This Nango has no integration for {connector}.", connector),
            t!("Ask its operator to add one for {connector}, then refresh the connectors.", connector),
        ),
        EngineError::MayNotSetUp => setup::cannot_set_up(),
        EngineError::DashboardOnly { connector } => setup::set_up_in_dashboard(connector),
        EngineError::Setup(problem) => setup::of_setup(*problem),
        EngineError::NotFound(what) => say(
            Code::NotFound,
            t!("That {what} does not exist any more.", what = text(what)),
            t!("Look at the list again."),
        ),
        EngineError::AttemptEnded => {
            say(Code::Conflict, t!("The attempt has already ended."), t!("Start again from Connectors."))
        }
        EngineError::ConnectionGone => connection_gone(),
        EngineError::BeingDisconnected => say(
            Code::Conflict,
            t!("This connection is being disconnected."),
            t!("It goes away as soon as Nango can be reached; connect the account anew if you need it."),
        ),
        EngineError::ReconnectUnderWay => say(
            Code::Conflict,
            t!("This connection is being reconnected already."),
            t!("Finish that in the browser, or cancel it under Activity."),
        ),
        EngineError::SettingsUnreadable => say(
            Code::UnexpectedAnswer,
            t!(
                "Nango does not tell the connection’s tags and settings at the moment; a reconnect would lose them."
            ),
            t!("Try again in a minute."),
        ),
        EngineError::NoMismatch => say(
            Code::Conflict,
            t!("There is no other account to decide on any more."),
            t!("Look at the connection again."),
        ),
        EngineError::SyncUnderWay => say(
            Code::Conflict,
            t!("A sync is already under way."),
            t!("Wait until it has ended, or cancel it."),
        ),
        EngineError::SyncCancelled => say(
            Code::Conflict,
            t!("The sync was cancelled. Nothing was changed."),
            t!("Start it again when you like."),
        ),
        EngineError::ListUnsteady => say(
            Code::Conflict,
            t!(
                "Connections were deleted at Nango faster than their list could be read. Nothing was changed."
            ),
            t!("Sync again in a minute."),
        ),
        EngineError::TestsUnderWay => say(
            Code::Conflict,
            t!("Connections are being tested already."),
            t!("Wait until those tests have ended, or stop them."),
        ),
        EngineError::Browser(error) => Failure {
            detail: Some(bounded(&error.reason)),
            ..say(
                Code::Internal,
                t!("The system could not open the browser."),
                t!("Set a default browser, then choose “Open the browser again”."),
            )
        },
        EngineError::Sandbox(error) => Failure {
            detail: Some(bounded(&error.to_string())),
            ..say(
                Code::Internal,
                t!("The sandbox could not start on this machine."),
                t!("Close programs that block local ports, then try again."),
            )
        },
        EngineError::Manifest(detail) => Failure {
            detail: Some(bounded(detail)),
            ..say(
                Code::Internal,
                t!("Patchbay's own list of connectors is broken."),
                t!("Please install Patchbay again."),
            )
        },
        EngineError::Edit(error) => workflows::of_edit(error),
        EngineError::EditedMeanwhile => say(
            Code::Conflict,
            t!("The workflow has been changed meanwhile, so this was not done."),
            t!("Look at it as it is now, and do it again."),
        ),
        EngineError::NothingToUndo => {
            say(Code::Conflict, t!("There is nothing to undo."), t!("Change the workflow by hand."))
        }
        EngineError::NothingToRedo => {
            say(Code::Conflict, t!("There is nothing to do again."), t!("Change the workflow by hand."))
        }
        EngineError::OtherConnector { label, wanted } => say(
            Code::InvalidInput,
            t!("“{label}” is no {wanted} connection.", label, wanted),
            t!("Choose a {wanted} connection.", wanted),
        ),
        EngineError::SameConnection => say(
            Code::InvalidInput,
            t!("This is the connection that is to be replaced."),
            t!("Choose another one of the same connector."),
        ),
        EngineError::BoundOtherwise => say(
            Code::Conflict,
            t!("What the workflows are bound to has changed meanwhile. Nothing was done."),
            t!("Look at what would change now."),
        ),
        EngineError::Export(error) => Failure {
            detail: Some(bounded(&error.to_string())),
            ..say(
                Code::Storage,
                t!("The file could not be written to the downloads folder."),
                t!("Check the folder's rights and that the disk is not full, then try again."),
            )
        },
        EngineError::NoSuchName(what, name) => say(
            Code::NotFound,
            t!("There is no {what} called “{given}”.", what = text(what), given = bounded(name)),
            t!("Check the name; the case does not count, everything else does."),
        ),
        EngineError::Ambiguous(what, name) => say(
            Code::Conflict,
            t!("There is more than one {what} called “{given}”.", what = text(what), given = bounded(name)),
            t!("Give its id instead."),
        ),
        EngineError::NeverSaved(name) => say(
            Code::Conflict,
            t!(
                "“{given}” was never saved; what was saved last is what is run by name.",
                given = bounded(name)
            ),
            t!("Save it in the window, then run it."),
        ),
        EngineError::CannotRun(obstacles) => runs::cannot_run(obstacles),
        EngineError::BadInput(why) => at_field(
            "input",
            t!("The input cannot be used: {given}.", given = bounded(why)),
            t!("Give a JSON object, such as {\"repository\": \"hello-world\"}."),
        ),
        EngineError::RunsElsewhere => say(
            Code::Conflict,
            t!("This run belongs to another Patchbay, such as one on the command line."),
            t!("End it there."),
        ),
        EngineError::Owner(error) => Failure {
            detail: Some(bounded(&error.to_string())),
            ..say(
                Code::Storage,
                t!("Patchbay may not write its data folder, so that nothing can be run."),
                t!("Check the rights of the data folder shown in Settings, then try again."),
            )
        },
        EngineError::Fault => say(
            Code::Internal,
            t!("Patchbay had a fault of its own. Nothing was changed."),
            t!("Try again; report it if it goes on."),
        ),
    }
}

/// What Nango, or the way to it, answered.
pub(crate) fn of_nango(error: &NangoError) -> Failure {
    match error {
        NangoError::Transport { kind, .. } => of_transport(*kind),
        NangoError::Unauthorized { code } => Failure {
            field: Some("api_key".to_owned()),
            detail: Some(format!("401 {}", bounded(code))),
            ..say(
                Code::KeyRefused,
                t!("Nango does not know this API key."),
                t!(
                    "Copy the key of the right environment from the Nango dashboard, and check the server address."
                ),
            )
        },
        NangoError::MissingScope { required } => {
            let scopes = bounded(&required.join(t!(" or ")));
            Failure {
                field: Some("api_key".to_owned()),
                detail: Some(format!("403 {scopes}")),
                ..say(
                    Code::MissingScope,
                    t!("The API key may not do this: it lacks {scopes}.", scopes),
                    t!("Ask the operator to add that scope to the key."),
                )
            }
        }
        NangoError::RateLimited { retry_after } => {
            let wait = retry_after.map_or_else(
                || t!("in a minute").to_owned(),
                |after| t!("in {seconds} seconds", seconds = after.as_secs().max(1)),
            );
            say(
                Code::RateLimited,
                t!("Nango has had too many calls this minute and asks to wait."),
                t!("Try again {wait}.", wait),
            )
        }
        NangoError::UnexpectedBody { status, content_type, why } => {
            let kind = content_type.as_deref().map_or(t!("no type").into(), bounded);
            let (message, hint) = match status {
                500.. => (
                    t!("The server, or one in front of it, had a fault of its own."),
                    t!("Try again in a minute; tell the operator if it goes on."),
                ),
                _ if kind.contains("json") => (
                    t!("Nango's answer cannot be read: it was cut short, or it is that of another version."),
                    t!("Try again; tell the operator if it goes on."),
                ),
                _ => (
                    t!("The server answered something that is not Nango's."),
                    t!("Check the server address; a proxy or a login page may stand in between."),
                ),
            };
            Failure {
                field: Some("server_url".to_owned()),
                detail: Some(format!("{status}, {kind}: {why}")),
                ..say(Code::UnexpectedAnswer, message, hint)
            }
        }
        NangoError::Redirected { status, to } => Failure {
            field: Some("server_url".to_owned()),
            detail: Some(t!(
                "{status} to {place}",
                status,
                place = to.as_deref().map_or("nowhere".into(), bounded)
            )),
            ..say(
                Code::UnexpectedAnswer,
                t!("The server sends this request on to another address, which Patchbay does not follow."),
                t!("Enter the address it leads to, if you trust it."),
            )
        },
        NangoError::BodyTooLarge { limit } => Failure {
            detail: Some(t!("more than {limit} bytes", limit)),
            ..say(
                Code::UnexpectedAnswer,
                t!("The server's answer is far too long, and was not read."),
                t!("Check the server address, and tell its operator if this goes on."),
            )
        },
        NangoError::NotFound { what } => {
            let what = match what {
                Resource::Connection => t!("connection"),
                Resource::Integration => t!("integration"),
                Resource::Provider => t!("provider"),
                _ => t!("thing"),
            };
            say(
                Code::NotFound,
                t!("Nango has no such {what}.", what),
                t!("Sync, then look at the list again."),
            )
        }
        NangoError::AuthorizationRefused { message } => Failure {
            detail: message.as_deref().map(bounded),
            ..say(
                Code::Refused,
                t!(
                    "Nango could not begin: the integration is not completely set up, or something required is missing."
                ),
                t!("Ask the operator to look at the integration's client id, secret and scopes."),
            )
        },
        NangoError::VerificationFailed { message, code } => {
            Failure { detail: Some(bounded(code)), ..not_verified(message.as_deref()) }
        }
        NangoError::Rejected { status, code, message, .. } if *status >= 500 => Failure {
            detail: Some(format!("{status} {}", bounded(code))),
            ..say(
                Code::UnexpectedAnswer,
                message.as_deref().map_or_else(
                    || t!("Nango had a fault of its own.").to_owned(),
                    |message| t!("Nango had a fault of its own: {given}", given = quoted(message)),
                ),
                t!("Try again in a moment; tell the operator if it goes on."),
            )
        },
        NangoError::Rejected { status, code, message, errors, .. } => {
            let words = message
                .as_deref()
                .or_else(|| errors.first().map(|error| error.message.as_str()))
                .map_or_else(|| code.clone(), str::to_owned);
            Failure {
                detail: Some(format!("{status} {}", bounded(code))),
                ..say(
                    Code::UnexpectedAnswer,
                    t!("Nango refused this: {given}", given = quoted(&words)),
                    t!("Check what you entered; tell the operator if it should work."),
                )
            }
        }
        NangoError::Configuration { why } => Failure {
            detail: Some((*why).to_owned()),
            ..say(
                Code::InvalidInput,
                t!("The server address or the key cannot be used like this."),
                t!("Check both in Settings."),
            )
        },
        NangoError::InvalidArgument { why } => Failure {
            detail: Some((*why).to_owned()),
            ..say(
                Code::InvalidInput,
                t!("Nango cannot be asked for this."),
                t!(
                    "An id, an address or a value in it is nothing that a request can carry; the details say which."
                ),
            )
        },
        _ => say(
            Code::Internal,
            t!("Nango answered something Patchbay does not understand."),
            t!("Try again."),
        ),
    }
}

fn of_transport(kind: TransportKind) -> Failure {
    let (message, hint) = match kind {
        TransportKind::Unreachable => (
            t!("No server answers at this address."),
            t!("Check that Nango is running and that the address and port are right."),
        ),
        TransportKind::Timeout => (
            t!("The server did not answer in time."),
            t!("Check your network, then try again; the server may be busy."),
        ),
        TransportKind::Tls => (
            t!("A secure connection to the server could not be made: its certificate is not trusted here."),
            t!("Check the address, or ask the operator for a valid certificate."),
        ),
        TransportKind::Reset => {
            (t!("The server cut the connection."), t!("Try again; a proxy or a firewall may be in the way."))
        }
        TransportKind::Dns => (
            t!("The server's name is not known."),
            t!("Check the address for typing mistakes, and your network."),
        ),
        _ => (
            t!("The server could not be reached."),
            t!("Check the address and your network, then try again."),
        ),
    };
    Failure { field: Some("server_url".to_owned()), ..say(Code::Unreachable, message, hint) }
}

fn missing_scopes(missing: &[Scope]) -> Failure {
    let names: Vec<&str> = missing.iter().map(|scope| scope.name()).collect();
    Failure {
        field: Some("api_key".to_owned()),
        detail: Some(names.join(", ")),
        ..say(
            Code::MissingScope,
            t!("Nango accepts this key, but with it no account can be connected: it lacks scopes."),
            t!("Ask the operator to add these to the key: {scopes}.", scopes = names.join(", ")),
        )
    }
}

fn of_store(error: &StoreError) -> Failure {
    let (message, hint) = match error {
        StoreError::Newer { .. } => (
            t!("Patchbay's data was written by a newer version. It was not touched."),
            t!("Install the newer version, or start with another data folder."),
        ),
        StoreError::Damaged(_) => (
            t!("Patchbay's database is damaged."),
            t!(
                "Close Patchbay and open its window again: the damaged file is put aside and the newest copy takes its place. Your accounts are still at Nango."
            ),
        ),
        StoreError::DiskFull(_) => {
            (t!("The disk is full; the change was not kept."), t!("Make room, then try again."))
        }
        StoreError::NotWritable(_) | StoreError::File(_) => (
            t!("Patchbay may not write its database."),
            t!("Check the rights of the data folder shown in Settings, then try again."),
        ),
        StoreError::Busy(_) => (
            t!("Another program is using Patchbay's database."),
            t!("Close the other Patchbay, then try again."),
        ),
        StoreError::NotFound => {
            return say(Code::NotFound, t!("That does not exist any more."), t!("Look at the list again."));
        }
        _ => (
            t!("Patchbay's database did not do what it should."),
            t!("Try again; restart Patchbay if it goes on."),
        ),
    };
    Failure { detail: Some(error.to_string()), ..say(Code::Storage, message, hint) }
}

fn of_secret(error: SecretError) -> Failure {
    let view = match error {
        SecretError::Missing | SecretError::NoCollection => keyring_view(KeyringState::Missing),
        SecretError::Locked => keyring_view(KeyringState::Locked),
        SecretError::Dismissed => keyring_view(KeyringState::Dismissed),
        SecretError::Failing => keyring_view(KeyringState::Failing),
        SecretError::TooLong => {
            return at_field(
                "api_key",
                t!("The secret is longer than this system's keyring takes."),
                t!("Check that you entered the key alone."),
            );
        }
    };
    say(Code::Keyring, view.message, view.hint.unwrap_or_default())
}

/// The keyring's state, for people.
pub(crate) fn keyring_view(state: KeyringState) -> KeyringView {
    let (message, hint) = match state {
        KeyringState::Available => (t!("Your keyring keeps Patchbay's secrets."), None),
        KeyringState::Waiting => (
            t!("Waiting for your keyring. It may be asking for its password in another window."),
            Some(t!("Look for the keyring's window and answer it.")),
        ),
        KeyringState::Missing => (
            t!("No keyring is running, so there is nowhere safe to keep secrets."),
            Some(t!(
                "On Linux, install and start gnome-keyring or KWallet and log in again; then test the keyring in Settings."
            )),
        ),
        KeyringState::Locked => (
            t!("Your keyring is locked, and could not ask you to unlock it."),
            Some(t!("Unlock it with your desktop's password manager, then test it in Settings.")),
        ),
        KeyringState::Dismissed => (
            t!("Your keyring asked for its password and was dismissed."),
            Some(t!("Try again and enter the password.")),
        ),
        KeyringState::Failing => (
            t!("Your keyring answered something unexpected."),
            Some(t!("Test it in Settings; restart it or log in again if that fails.")),
        ),
        KeyringState::MemoryByChoice => (
            t!("By your choice, secrets are kept in memory and are gone when Patchbay ends."),
            Some(t!("Restart Patchbay once the keyring works.")),
        ),
    };
    KeyringView { state, message: message.to_owned(), hint: hint.map(str::to_owned) }
}

/// Who gets our links, for people.
pub(crate) fn deep_link_view(owner: &LinkOwner) -> DeepLinkView {
    let (state, message, hint) = match owner {
        LinkOwner::ThisApplication => (
            DeepLinkState::Registered,
            t!("Links from the browser come back to this Patchbay.").to_owned(),
            None,
        ),
        LinkOwner::Another(name) => (
            DeepLinkState::RegisteredElsewhere,
            t!("Links from the browser go to another application: {given}.", given = bounded(name)),
            Some(t!("Register this Patchbay, or paste the link while connecting.")),
        ),
        LinkOwner::Nobody => (
            DeepLinkState::NotRegistered,
            t!("Links from the browser do not come back to Patchbay.").to_owned(),
            Some(t!("Register this Patchbay, or paste the link while connecting.")),
        ),
        LinkOwner::Unknown => (
            DeepLinkState::Unknown,
            t!("The system does not tell where links from the browser go.").to_owned(),
            Some(t!("If they do not arrive, paste the link while connecting.")),
        ),
    };
    DeepLinkView { state, message, hint: hint.map(str::to_owned) }
}

fn of_profile(error: &ProfileError) -> Failure {
    match error {
        ProfileError::NotAUrl | ProfileError::NotHttp => at_field(
            "server_url",
            t!("This is not a server address."),
            t!("Enter one that begins with https:// (or http:// for a server of your own)."),
        ),
        ProfileError::HoldsCredentials => at_field(
            "server_url",
            t!("The server address holds a user name or a password."),
            t!("Enter the address without them; the API key goes into its own field."),
        ),
        ProfileError::HoldsQuery => at_field(
            "server_url",
            t!("The server address goes on after a “?” or “#”."),
            t!("Enter only the part before that."),
        ),
        ProfileError::BadUserId => at_field(
            "user_id",
            t!("A user id is needed, of at most 255 characters."),
            t!("Enter how this Nango should know you, for example your e-mail address."),
        ),
        ProfileError::BadBridge => at_field(
            "bridge_url",
            t!("The bridge page must be an https address."),
            t!("Enter its full address, or leave the field empty."),
        ),
        ProfileError::BadKey => at_field(
            "api_key",
            t!("This does not look like a Nango API key."),
            t!("A key has 36 characters in five groups, like 6f9619ff-8b86-4d01-b42d-00cf4fc964ff."),
        ),
    }
}

fn of_label(error: LabelError) -> Failure {
    match error {
        LabelError::Empty => {
            at_field("label", t!("A connection needs a label."), t!("Enter one, such as “work”."))
        }
        LabelError::TooLong => at_field(
            "label",
            t!("The label is too long."),
            t!("Use at most {limit} characters.", limit = patchbay_core::label::LONGEST_LABEL),
        ),
        LabelError::ControlCharacter => at_field(
            "label",
            t!("The label holds a character that cannot be shown."),
            t!("Type it instead of pasting."),
        ),
        LabelError::Taken => at_field(
            "label",
            t!("Another connection of this connector has this label."),
            t!("Choose another one, so that the two are never mistaken."),
        ),
    }
}

fn of_form(problems: &[FieldProblem]) -> Failure {
    let Some(problem) = problems.first() else {
        return say(Code::InvalidInput, t!("The form is not in order."), t!("Check what you entered."));
    };
    let title = bounded(&problem.title);
    let (message, hint) = match &problem.kind {
        FieldProblemKind::Missing => (t!("“{title}” is needed.", title), t!("Fill it in.").to_owned()),
        FieldProblemKind::TooLong => {
            (t!("“{title}” is too long.", title), t!("Check what you pasted.").to_owned())
        }
        FieldProblemKind::NotAChoice => {
            (t!("“{title}” is not one of the choices.", title), t!("Choose one from the list.").to_owned())
        }
        FieldProblemKind::NotOfPattern(example) => (
            t!("“{title}” does not have the expected form.", title),
            example.as_deref().map_or_else(
                || t!("Check it for typing mistakes.").to_owned(),
                |example| t!("It should look like {given}.", given = bounded(example)),
            ),
        ),
        FieldProblemKind::NotOfFormat(format) => {
            let expected = match format.as_str() {
                "hostname" => t!("a host name without https://, like example.com"),
                "uri" => t!("a full address that begins with https://"),
                "uuid" => t!("a UUID"),
                "email" => t!("an e-mail address"),
                _ => t!("of the expected form"),
            };
            (
                t!("“{title}” does not have the expected form.", title),
                t!("It should be {expected}.", expected),
            )
        }
        FieldProblemKind::UnknownField => {
            (t!("This provider does not ask for “{title}”.", title), t!("Open the form again.").to_owned())
        }
    };
    at_field(&problem.name, message, hint)
}

fn of_link(error: CallbackError) -> Failure {
    let message = match error {
        CallbackError::TooLong => t!("A link arrived that is far too long. Nothing was changed."),
        CallbackError::NotAUrl | CallbackError::NotOurs => {
            t!("That is not a link for connecting an account. Nothing was changed.")
        }
        CallbackError::BadState | CallbackError::BadOutcome => {
            t!("A link arrived that is incomplete. Nothing was changed.")
        }
    };
    at_field("link", message, t!("Copy the whole address from the browser's address bar and paste it again."))
}

/// Why an attempt did not succeed; nothing for one that is open, connected or was cancelled.
pub(crate) fn of_attempt(attempt: &Attempt, connector: &str) -> Option<Failure> {
    let again = t!("Try again.");
    let renews = attempt.purpose != Purpose::Connect;
    Some(match &attempt.state {
        State::Refused(words) => Failure {
            detail: Some(bounded(words)),
            ..say(
                Code::Refused,
                t!("Access was not granted at {connector}: {given}", connector, given = bounded(words)),
                t!("Try again and approve, or choose another account there."),
            )
        },
        State::Expired => say(
            Code::Refused,
            t!("Nobody came back from the browser in time."),
            t!("Try again, and finish in the browser within half an hour."),
        ),
        State::Failed(reason) => match reason {
            FailureReason::Interrupted => say(
                Code::Conflict,
                t!("Patchbay ended before the browser was opened. No connection was made."),
                again,
            ),
            FailureReason::LostTrack if renews => say(
                Code::MissingScope,
                t!(
                    "Patchbay was closed meanwhile, and with this key there is no way to learn what became of it."
                ),
                t!("Test the connection; reconnect it again if it does not work."),
            ),
            FailureReason::LostTrack => say(
                Code::MissingScope,
                t!(
                    "Patchbay was closed meanwhile, and with this key there is no way to learn what became of it."
                ),
                t!(
                    "Try again; ask the operator to remove a connection nobody uses, or for environment:connections:list."
                ),
            ),
            FailureReason::ConnectionGone => connection_gone(),
            FailureReason::NotMade if renews => {
                say(Code::Refused, t!("Nango was asked and has not renewed the connection."), again)
            }
            FailureReason::Unconfirmed if renews => say(
                Code::Unreachable,
                t!("Everything was sent, but Nango could not be asked what came of it."),
                t!("Test the connection once Nango can be reached; reconnect it again if it does not work."),
            ),
            FailureReason::NotMade => {
                say(Code::Refused, t!("Nango was asked and made no connection."), again)
            }
            FailureReason::Unconfirmed => say(
                Code::Unreachable,
                t!("Everything was sent, but Nango could not be asked what came of it."),
                t!("Sync once Nango can be reached: the connection appears if it was made."),
            ),
            FailureReason::NotStarted { message, hint } => {
                say(Code::Unreachable, message.clone(), hint.clone())
            }
            FailureReason::CallbackRefused(words) => Failure {
                detail: words.as_deref().map(bounded),
                ..say(
                    Code::Refused,
                    t!("Nango could not complete the connection with {connector}.", connector),
                    t!("Try again; if it fails again, the operator should look at the integration."),
                )
            },
            FailureReason::Reported(words) => Failure {
                detail: Some(bounded(words)),
                ..say(
                    Code::Refused,
                    t!("Connecting {connector} failed: {given}", connector, given = bounded(words)),
                    t!("Try again; if it fails again, the operator should look at the integration."),
                )
            },
            FailureReason::NotVerified(words) => not_verified(words.as_deref()),
            FailureReason::SecretsLost => say(
                Code::Keyring,
                t!("The keyring did not keep what this attempt needs."),
                t!("Look at the keyring in Settings, then try again."),
            ),
        },
        _ => return None,
    })
}

fn connection_gone() -> Failure {
    say(
        Code::NotFound,
        t!("Nango does not have this connection any more: it was deleted elsewhere."),
        t!("Connect the account anew from Connectors."),
    )
}

fn not_verified(words: Option<&str>) -> Failure {
    Failure {
        detail: words.map(bounded),
        ..say(
            Code::Refused,
            t!("What you entered was not accepted."),
            t!("Check each field: a wrong key, address or missing setting all look the same from here."),
        )
    }
}

/// What Nango says by websocket about a failure, made fit to be shown.
pub(crate) fn provider_words(error_type: &str, description: &str) -> String {
    if description.contains("access_denied") {
        return t!("access was denied").to_owned();
    }
    let words = if description.trim().is_empty() { error_type } else { description };
    bounded(words)
}

/// Somebody else's text as the end of a sentence of ours.
fn quoted(text: &str) -> String {
    format!("“{}”.", bounded(text).trim_end_matches(['.', ' ']))
}

/// Somebody else's text, bounded and on one line.
pub(crate) fn bounded(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() > LONGEST_FOREIGN_TEXT {
        text = text.chars().take(LONGEST_FOREIGN_TEXT).chain(['…']).collect();
    }
    text
}

/// Why the application cannot start, for the dialog that says so.
#[must_use]
pub fn startup_failure(error: &StoreError) -> Failure {
    of_store(error)
}
