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
                "A link arrived that belongs to no attempt on this machine. Nothing was changed.",
                "If you were connecting an account, start again from Connectors.",
            )
        },
        EngineError::LinkTooLate => Failure {
            field: Some("link".to_owned()),
            ..say(
                Code::Conflict,
                "A link arrived for an attempt that has already ended. Nothing was changed.",
                "Activity shows how the attempt ended; start again from Connectors if you still need it.",
            )
        },
        EngineError::NoProfile => {
            say(Code::NoProfile, "No Nango is set up yet.", "Connect to your Nango, or try the sandbox.")
        }
        EngineError::Disabled { by_environment: true } => say(
            Code::Disabled,
            "The network is switched off for this run by NANGO_ENABLED.",
            "Start Patchbay without that variable to go online.",
        ),
        EngineError::Disabled { by_environment: false } => say(
            Code::Disabled,
            "The network is switched off for this profile.",
            "Switch it on in Settings to go online.",
        ),
        EngineError::NoKey => Failure {
            field: Some("api_key".to_owned()),
            ..say(
                Code::InvalidInput,
                "There is no API key for this Nango.",
                "Enter the environment's key; the keyring keeps it.",
            )
        },
        EngineError::MissingScopes(missing) => missing_scopes(missing),
        EngineError::CannotList => say(
            Code::MissingScope,
            "This key may not list connections, so Nango cannot be asked.",
            "Wait for the browser, or paste the link; or ask the operator for environment:connections:list.",
        ),
        EngineError::NoWayHome => say(
            Code::Unreachable,
            "Nango's live line did not open, and this key may not list connections: the result could not come back.",
            "Ask the operator to let websockets through, or for the scope environment:connections:list.",
        ),
        EngineError::NotSetUp { connector } => say(
            Code::NotSetUp,
            format!("This Nango has no integration for {connector}."),
            format!("Ask its operator to add one for {connector}, then refresh the connectors."),
        ),
        EngineError::MayNotSetUp => setup::cannot_set_up(),
        EngineError::DashboardOnly { connector } => setup::set_up_in_dashboard(connector),
        EngineError::Setup(problem) => setup::of_setup(*problem),
        EngineError::NotFound(what) => {
            say(Code::NotFound, format!("That {what} does not exist any more."), "Look at the list again.")
        }
        EngineError::AttemptEnded => {
            say(Code::Conflict, "The attempt has already ended.", "Start again from Connectors.")
        }
        EngineError::ConnectionGone => connection_gone(),
        EngineError::BeingDisconnected => say(
            Code::Conflict,
            "This connection is being disconnected.",
            "It goes away as soon as Nango can be reached; connect the account anew if you need it.",
        ),
        EngineError::ReconnectUnderWay => say(
            Code::Conflict,
            "This connection is being reconnected already.",
            "Finish that in the browser, or cancel it under Activity.",
        ),
        EngineError::SettingsUnreadable => say(
            Code::UnexpectedAnswer,
            "Nango does not tell the connection’s tags and settings at the moment; a reconnect would lose them.",
            "Try again in a minute.",
        ),
        EngineError::NoMismatch => say(
            Code::Conflict,
            "There is no other account to decide on any more.",
            "Look at the connection again.",
        ),
        EngineError::SyncUnderWay => {
            say(Code::Conflict, "A sync is already under way.", "Wait until it has ended, or cancel it.")
        }
        EngineError::SyncCancelled => say(
            Code::Conflict,
            "The sync was cancelled. Nothing was changed.",
            "Start it again when you like.",
        ),
        EngineError::ListUnsteady => say(
            Code::Conflict,
            "Connections were deleted at Nango faster than their list could be read. Nothing was changed.",
            "Sync again in a minute.",
        ),
        EngineError::TestsUnderWay => say(
            Code::Conflict,
            "Connections are being tested already.",
            "Wait until those tests have ended, or stop them.",
        ),
        EngineError::Browser(error) => Failure {
            detail: Some(bounded(&error.reason)),
            ..say(
                Code::Internal,
                "The system could not open the browser.",
                "Set a default browser, then choose “Open the browser again”.",
            )
        },
        EngineError::Sandbox(error) => Failure {
            detail: Some(bounded(&error.to_string())),
            ..say(
                Code::Internal,
                "The sandbox could not start on this machine.",
                "Close programs that block local ports, then try again.",
            )
        },
        EngineError::Manifest(detail) => Failure {
            detail: Some(bounded(detail)),
            ..say(
                Code::Internal,
                "Patchbay's own list of connectors is broken.",
                "Please install Patchbay again.",
            )
        },
        EngineError::Edit(error) => workflows::of_edit(error),
        EngineError::EditedMeanwhile => say(
            Code::Conflict,
            "The workflow has been changed meanwhile, so this was not done.",
            "Look at it as it is now, and do it again.",
        ),
        EngineError::NothingToUndo => {
            say(Code::Conflict, "There is nothing to undo.", "Change the workflow by hand.")
        }
        EngineError::NothingToRedo => {
            say(Code::Conflict, "There is nothing to do again.", "Change the workflow by hand.")
        }
        EngineError::OtherConnector { label, wanted } => say(
            Code::InvalidInput,
            format!("“{label}” is no {wanted} connection."),
            format!("Choose a {wanted} connection."),
        ),
        EngineError::SameConnection => say(
            Code::InvalidInput,
            "This is the connection that is to be replaced.",
            "Choose another one of the same connector.",
        ),
        EngineError::BoundOtherwise => say(
            Code::Conflict,
            "What the workflows are bound to has changed meanwhile. Nothing was done.",
            "Look at what would change now.",
        ),
        EngineError::Export(error) => Failure {
            detail: Some(bounded(&error.to_string())),
            ..say(
                Code::Storage,
                "The file could not be written to the downloads folder.",
                "Check the folder's rights and that the disk is not full, then try again.",
            )
        },
        EngineError::NoSuchName(what, name) => say(
            Code::NotFound,
            format!("There is no {what} called “{}”.", bounded(name)),
            "Check the name; the case does not count, everything else does.",
        ),
        EngineError::Ambiguous(what, name) => say(
            Code::Conflict,
            format!("There is more than one {what} called “{}”.", bounded(name)),
            "Give its id instead.",
        ),
        EngineError::NeverSaved(name) => say(
            Code::Conflict,
            format!("“{}” was never saved; what was saved last is what is run by name.", bounded(name)),
            "Save it in the window, then run it.",
        ),
        EngineError::CannotRun(obstacles) => runs::cannot_run(obstacles),
        EngineError::BadInput(why) => at_field(
            "input",
            format!("The input cannot be used: {}.", bounded(why)),
            "Give a JSON object, such as {\"repository\": \"hello-world\"}.",
        ),
        EngineError::RunsElsewhere => say(
            Code::Conflict,
            "This run belongs to another Patchbay, such as one on the command line.",
            "End it there.",
        ),
        EngineError::Owner(error) => Failure {
            detail: Some(bounded(&error.to_string())),
            ..say(
                Code::Storage,
                "Patchbay may not write its data folder, so that nothing can be run.",
                "Check the rights of the data folder shown in Settings, then try again.",
            )
        },
        EngineError::Fault => say(
            Code::Internal,
            "Patchbay had a fault of its own. Nothing was changed.",
            "Try again; report it if it goes on.",
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
                "Nango does not know this API key.",
                "Copy the key of the right environment from the Nango dashboard, and check the server address.",
            )
        },
        NangoError::MissingScope { required } => {
            let scopes = bounded(&required.join(" or "));
            Failure {
                field: Some("api_key".to_owned()),
                detail: Some(format!("403 {scopes}")),
                ..say(
                    Code::MissingScope,
                    format!("The API key may not do this: it lacks {scopes}."),
                    "Ask the operator to add that scope to the key.",
                )
            }
        }
        NangoError::RateLimited { retry_after } => {
            let wait = retry_after.map_or_else(
                || "in a minute".to_owned(),
                |after| format!("in {} seconds", after.as_secs().max(1)),
            );
            say(
                Code::RateLimited,
                "Nango has had too many calls this minute and asks to wait.",
                format!("Try again {wait}."),
            )
        }
        NangoError::UnexpectedBody { status, content_type, why } => {
            let kind = content_type.as_deref().map_or("no type".into(), bounded);
            let (message, hint) = match status {
                500.. => (
                    "The server, or one in front of it, had a fault of its own.",
                    "Try again in a minute; tell the operator if it goes on.",
                ),
                _ if kind.contains("json") => (
                    "Nango's answer cannot be read: it was cut short, or it is that of another version.",
                    "Try again; tell the operator if it goes on.",
                ),
                _ => (
                    "The server answered something that is not Nango's.",
                    "Check the server address; a proxy or a login page may stand in between.",
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
            detail: Some(format!("{status} to {}", to.as_deref().map_or("nowhere".into(), bounded))),
            ..say(
                Code::UnexpectedAnswer,
                "The server sends this request on to another address, which Patchbay does not follow.",
                "Enter the address it leads to, if you trust it.",
            )
        },
        NangoError::BodyTooLarge { limit } => Failure {
            detail: Some(format!("more than {limit} bytes")),
            ..say(
                Code::UnexpectedAnswer,
                "The server's answer is far too long, and was not read.",
                "Check the server address, and tell its operator if this goes on.",
            )
        },
        NangoError::NotFound { what } => {
            let what = match what {
                Resource::Connection => "connection",
                Resource::Integration => "integration",
                Resource::Provider => "provider",
                _ => "thing",
            };
            say(Code::NotFound, format!("Nango has no such {what}."), "Sync, then look at the list again.")
        }
        NangoError::AuthorizationRefused { message } => Failure {
            detail: message.as_deref().map(bounded),
            ..say(
                Code::Refused,
                "Nango could not begin: the integration is not completely set up, or something required is missing.",
                "Ask the operator to look at the integration's client id, secret and scopes.",
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
                    || "Nango had a fault of its own.".to_owned(),
                    |message| format!("Nango had a fault of its own: {}", quoted(message)),
                ),
                "Try again in a moment; tell the operator if it goes on.",
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
                    format!("Nango refused this: {}", quoted(&words)),
                    "Check what you entered; tell the operator if it should work.",
                )
            }
        }
        NangoError::Configuration { why } => Failure {
            detail: Some((*why).to_owned()),
            ..say(
                Code::InvalidInput,
                "The server address or the key cannot be used like this.",
                "Check both in Settings.",
            )
        },
        NangoError::InvalidArgument { why } => Failure {
            detail: Some((*why).to_owned()),
            ..say(
                Code::InvalidInput,
                "Nango cannot be asked for this.",
                "An id, an address or a value in it is nothing that a request can carry; the details say which.",
            )
        },
        _ => say(Code::Internal, "Nango answered something Patchbay does not understand.", "Try again."),
    }
}

fn of_transport(kind: TransportKind) -> Failure {
    let (message, hint) = match kind {
        TransportKind::Unreachable => (
            "No server answers at this address.",
            "Check that Nango is running and that the address and port are right.",
        ),
        TransportKind::Timeout => (
            "The server did not answer in time.",
            "Check your network, then try again; the server may be busy.",
        ),
        TransportKind::Tls => (
            "A secure connection to the server could not be made: its certificate is not trusted here.",
            "Check the address, or ask the operator for a valid certificate.",
        ),
        TransportKind::Reset => {
            ("The server cut the connection.", "Try again; a proxy or a firewall may be in the way.")
        }
        TransportKind::Dns => {
            ("The server's name is not known.", "Check the address for typing mistakes, and your network.")
        }
        _ => ("The server could not be reached.", "Check the address and your network, then try again."),
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
            "Nango accepts this key, but with it no account can be connected: it lacks scopes.",
            format!("Ask the operator to add these to the key: {}.", names.join(", ")),
        )
    }
}

fn of_store(error: &StoreError) -> Failure {
    let (message, hint) = match error {
        StoreError::Newer { .. } => (
            "Patchbay's data was written by a newer version. It was not touched.",
            "Install the newer version, or start with another data folder.",
        ),
        StoreError::Damaged(_) => (
            "Patchbay's database is damaged.",
            "Close Patchbay and open its window again: the damaged file is put aside and the newest copy takes its place. Your accounts are still at Nango.",
        ),
        StoreError::DiskFull(_) => {
            ("The disk is full; the change was not kept.", "Make room, then try again.")
        }
        StoreError::NotWritable(_) | StoreError::File(_) => (
            "Patchbay may not write its database.",
            "Check the rights of the data folder shown in Settings, then try again.",
        ),
        StoreError::Busy(_) => {
            ("Another program is using Patchbay's database.", "Close the other Patchbay, then try again.")
        }
        StoreError::NotFound => {
            return say(Code::NotFound, "That does not exist any more.", "Look at the list again.");
        }
        _ => ("Patchbay's database did not do what it should.", "Try again; restart Patchbay if it goes on."),
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
                "The secret is longer than this system's keyring takes.",
                "Check that you entered the key alone.",
            );
        }
    };
    say(Code::Keyring, view.message, view.hint.unwrap_or_default())
}

/// The keyring's state, for people.
pub(crate) fn keyring_view(state: KeyringState) -> KeyringView {
    let (message, hint) = match state {
        KeyringState::Available => ("Your keyring keeps Patchbay's secrets.", None),
        KeyringState::Waiting => (
            "Waiting for your keyring. It may be asking for its password in another window.",
            Some("Look for the keyring's window and answer it."),
        ),
        KeyringState::Missing => (
            "No keyring is running, so there is nowhere safe to keep secrets.",
            Some(
                "On Linux, install and start gnome-keyring or KWallet and log in again; then test the keyring in Settings.",
            ),
        ),
        KeyringState::Locked => (
            "Your keyring is locked, and could not ask you to unlock it.",
            Some("Unlock it with your desktop's password manager, then test it in Settings."),
        ),
        KeyringState::Dismissed => (
            "Your keyring asked for its password and was dismissed.",
            Some("Try again and enter the password."),
        ),
        KeyringState::Failing => (
            "Your keyring answered something unexpected.",
            Some("Test it in Settings; restart it or log in again if that fails."),
        ),
        KeyringState::MemoryByChoice => (
            "By your choice, secrets are kept in memory and are gone when Patchbay ends.",
            Some("Restart Patchbay once the keyring works."),
        ),
    };
    KeyringView { state, message: message.to_owned(), hint: hint.map(str::to_owned) }
}

/// Who gets our links, for people.
pub(crate) fn deep_link_view(owner: &LinkOwner) -> DeepLinkView {
    let (state, message, hint) = match owner {
        LinkOwner::ThisApplication => {
            (DeepLinkState::Registered, "Links from the browser come back to this Patchbay.".to_owned(), None)
        }
        LinkOwner::Another(name) => (
            DeepLinkState::RegisteredElsewhere,
            format!("Links from the browser go to another application: {}.", bounded(name)),
            Some("Register this Patchbay, or paste the link while connecting."),
        ),
        LinkOwner::Nobody => (
            DeepLinkState::NotRegistered,
            "Links from the browser do not come back to Patchbay.".to_owned(),
            Some("Register this Patchbay, or paste the link while connecting."),
        ),
        LinkOwner::Unknown => (
            DeepLinkState::Unknown,
            "The system does not tell where links from the browser go.".to_owned(),
            Some("If they do not arrive, paste the link while connecting."),
        ),
    };
    DeepLinkView { state, message, hint: hint.map(str::to_owned) }
}

fn of_profile(error: &ProfileError) -> Failure {
    match error {
        ProfileError::NotAUrl | ProfileError::NotHttp => at_field(
            "server_url",
            "This is not a server address.",
            "Enter one that begins with https:// (or http:// for a server of your own).",
        ),
        ProfileError::HoldsCredentials => at_field(
            "server_url",
            "The server address holds a user name or a password.",
            "Enter the address without them; the API key goes into its own field.",
        ),
        ProfileError::HoldsQuery => at_field(
            "server_url",
            "The server address goes on after a “?” or “#”.",
            "Enter only the part before that.",
        ),
        ProfileError::BadUserId => at_field(
            "user_id",
            "A user id is needed, of at most 255 characters.",
            "Enter how this Nango should know you, for example your e-mail address.",
        ),
        ProfileError::BadBridge => at_field(
            "bridge_url",
            "The bridge page must be an https address.",
            "Enter its full address, or leave the field empty.",
        ),
        ProfileError::BadKey => at_field(
            "api_key",
            "This does not look like a Nango API key.",
            "A key has 36 characters in five groups, like 6f9619ff-8b86-4d01-b42d-00cf4fc964ff.",
        ),
    }
}

fn of_label(error: LabelError) -> Failure {
    match error {
        LabelError::Empty => at_field("label", "A connection needs a label.", "Enter one, such as “work”."),
        LabelError::TooLong => at_field(
            "label",
            "The label is too long.",
            format!("Use at most {} characters.", patchbay_core::label::LONGEST_LABEL),
        ),
        LabelError::ControlCharacter => at_field(
            "label",
            "The label holds a character that cannot be shown.",
            "Type it instead of pasting.",
        ),
        LabelError::Taken => at_field(
            "label",
            "Another connection of this connector has this label.",
            "Choose another one, so that the two are never mistaken.",
        ),
    }
}

fn of_form(problems: &[FieldProblem]) -> Failure {
    let Some(problem) = problems.first() else {
        return say(Code::InvalidInput, "The form is not in order.", "Check what you entered.");
    };
    let title = bounded(&problem.title);
    let (message, hint) = match &problem.kind {
        FieldProblemKind::Missing => (format!("“{title}” is needed."), "Fill it in.".to_owned()),
        FieldProblemKind::TooLong => (format!("“{title}” is too long."), "Check what you pasted.".to_owned()),
        FieldProblemKind::NotAChoice => {
            (format!("“{title}” is not one of the choices."), "Choose one from the list.".to_owned())
        }
        FieldProblemKind::NotOfPattern(example) => (
            format!("“{title}” does not have the expected form."),
            example.as_deref().map_or_else(
                || "Check it for typing mistakes.".to_owned(),
                |example| format!("It should look like {}.", bounded(example)),
            ),
        ),
        FieldProblemKind::NotOfFormat(format) => {
            let expected = match format.as_str() {
                "hostname" => "a host name without https://, like example.com",
                "uri" => "a full address that begins with https://",
                "uuid" => "a UUID",
                "email" => "an e-mail address",
                _ => "of the expected form",
            };
            (format!("“{title}” does not have the expected form."), format!("It should be {expected}."))
        }
        FieldProblemKind::UnknownField => {
            (format!("This provider does not ask for “{title}”."), "Open the form again.".to_owned())
        }
    };
    at_field(&problem.name, message, hint)
}

fn of_link(error: CallbackError) -> Failure {
    let message = match error {
        CallbackError::TooLong => "A link arrived that is far too long. Nothing was changed.",
        CallbackError::NotAUrl | CallbackError::NotOurs => {
            "That is not a link for connecting an account. Nothing was changed."
        }
        CallbackError::BadState | CallbackError::BadOutcome => {
            "A link arrived that is incomplete. Nothing was changed."
        }
    };
    at_field("link", message, "Copy the whole address from the browser's address bar and paste it again.")
}

/// Why an attempt did not succeed; nothing for one that is open, connected or was cancelled.
pub(crate) fn of_attempt(attempt: &Attempt, connector: &str) -> Option<Failure> {
    let again = "Try again.";
    let renews = attempt.purpose != Purpose::Connect;
    Some(match &attempt.state {
        State::Refused(words) => Failure {
            detail: Some(bounded(words)),
            ..say(
                Code::Refused,
                format!("Access was not granted at {connector}: {}", bounded(words)),
                "Try again and approve, or choose another account there.",
            )
        },
        State::Expired => say(
            Code::Refused,
            "Nobody came back from the browser in time.",
            "Try again, and finish in the browser within half an hour.",
        ),
        State::Failed(reason) => match reason {
            FailureReason::Interrupted => say(
                Code::Conflict,
                "Patchbay ended before the browser was opened. No connection was made.",
                again,
            ),
            FailureReason::LostTrack if renews => say(
                Code::MissingScope,
                "Patchbay was closed meanwhile, and with this key there is no way to learn what became of it.",
                "Test the connection; reconnect it again if it does not work.",
            ),
            FailureReason::LostTrack => say(
                Code::MissingScope,
                "Patchbay was closed meanwhile, and with this key there is no way to learn what became of it.",
                "Try again; ask the operator to remove a connection nobody uses, or for environment:connections:list.",
            ),
            FailureReason::ConnectionGone => connection_gone(),
            FailureReason::NotMade if renews => {
                say(Code::Refused, "Nango was asked and has not renewed the connection.", again)
            }
            FailureReason::Unconfirmed if renews => say(
                Code::Unreachable,
                "Everything was sent, but Nango could not be asked what came of it.",
                "Test the connection once Nango can be reached; reconnect it again if it does not work.",
            ),
            FailureReason::NotMade => say(Code::Refused, "Nango was asked and made no connection.", again),
            FailureReason::Unconfirmed => say(
                Code::Unreachable,
                "Everything was sent, but Nango could not be asked what came of it.",
                "Sync once Nango can be reached: the connection appears if it was made.",
            ),
            FailureReason::NotStarted { message, hint } => {
                say(Code::Unreachable, message.clone(), hint.clone())
            }
            FailureReason::CallbackRefused(words) => Failure {
                detail: words.as_deref().map(bounded),
                ..say(
                    Code::Refused,
                    format!("Nango could not complete the connection with {connector}."),
                    "Try again; if it fails again, the operator should look at the integration.",
                )
            },
            FailureReason::Reported(words) => Failure {
                detail: Some(bounded(words)),
                ..say(
                    Code::Refused,
                    format!("Connecting {connector} failed: {}", bounded(words)),
                    "Try again; if it fails again, the operator should look at the integration.",
                )
            },
            FailureReason::NotVerified(words) => not_verified(words.as_deref()),
            FailureReason::SecretsLost => say(
                Code::Keyring,
                "The keyring did not keep what this attempt needs.",
                "Look at the keyring in Settings, then try again.",
            ),
        },
        _ => return None,
    })
}

fn connection_gone() -> Failure {
    say(
        Code::NotFound,
        "Nango does not have this connection any more: it was deleted elsewhere.",
        "Connect the account anew from Connectors.",
    )
}

fn not_verified(words: Option<&str>) -> Failure {
    Failure {
        detail: words.map(bounded),
        ..say(
            Code::Refused,
            "What you entered was not accepted.",
            "Check each field: a wrong key, address or missing setting all look the same from here.",
        )
    }
}

/// What Nango says by websocket about a failure, made fit to be shown.
pub(crate) fn provider_words(error_type: &str, description: &str) -> String {
    if description.contains("access_denied") {
        return "access was denied".to_owned();
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
