//! The session that renews a connection.
//!
//! Nango (0.71.4, recorded) empties the tags of a reconnected connection and forgets its `connection_config`
//! unless both are sent again. So they are read just before, and sent back with the tag of the new attempt, by
//! which the renewed connection is found exactly as a new one is.

use std::collections::BTreeMap;

use nango_client::{
    ConnectionDetails, EndUser, EndUserView, Error, IntegrationDefaults, ReadConnection, Reconnect,
    RefreshMode,
};
use patchbay_core::attempt::{Attempt, FailureReason, Purpose, State};
use patchbay_core::auth_mode::AuthMode;
use patchbay_core::id::{ConnectionId, IntegrationKey};

use super::begin::Session;
use crate::Engine;
use crate::error::EngineError;
use crate::profiles::Nango;

/// What Nango notes in the parameters of a connection that waits for an approval, and with it.
const PENDING: &str = "pending";
const PENDING_LOG: &str = "pendingLog";

/// Nango takes no more tags than this in one session.
const MOST_TAGS: usize = 10;

/// Makes the session of a reconnect.
pub(super) async fn renewal_session(
    engine: &Engine,
    nango: &Nango,
    attempt: &Attempt,
    connection: &ConnectionId,
) -> Result<Session, EngineError> {
    let present = present_settings(engine, nango, &attempt.integration, connection).await?;
    let reconnect = renewal_of(present, attempt);
    let can_be_found = reconnect.tags.contains_key("patchbay_attempt");
    let made = engine.call(nango, nango.client.create_reconnect_session(&reconnect)).await;
    let session = made.map_err(gone)?;
    Ok(Session { token: session.token, can_be_found })
}

/// The connection as Nango has it now.
pub(crate) async fn present_settings(
    engine: &Engine,
    nango: &Nango,
    integration: &IntegrationKey,
    connection: &ConnectionId,
) -> Result<ConnectionDetails, EngineError> {
    let (id, integration) = (connection.as_str(), integration.as_str());
    // A key that may read credentials makes Nango renew them, and a renewal that fails is the usual reason
    // for being here; the answer holds the connection all the same. Only in the pause after a failure might
    // it not, and then asking for a renewal tells.
    for refresh in [RefreshMode::None, RefreshMode::Force] {
        let read = engine.call(nango, nango.client.connection(id, integration, refresh)).await;
        match read.map_err(gone)? {
            ReadConnection::Found(details) => return Ok(*details),
            ReadConnection::BrokenCredentials(broken) => {
                if let Some(details) = broken.connection {
                    return Ok(details);
                }
            }
        }
    }
    Err(EngineError::SettingsUnreadable)
}

/// Whether a connection that a look has found waits for an approval: the websocket would have told. No, if
/// nobody says.
pub(super) async fn found_pending(
    engine: &Engine,
    nango: &Nango,
    attempt: &Attempt,
    connection: &str,
) -> bool {
    let asked = async {
        let definition = engine.definition(nango, &attempt.provider).await?;
        if !AuthMode::from(definition.auth_mode.as_str()).may_await_approval() {
            return Ok(false);
        }
        let present = present_settings(engine, nango, &attempt.integration, &connection.into()).await?;
        Ok::<_, EngineError>(is_pending(&present))
    };
    asked.await.unwrap_or_else(|error| {
        tracing::info!(?error, "whether a connection waits for an approval is not known");
        false
    })
}

/// Whether Nango says of a connection that it waits for an approval.
pub(crate) fn is_pending(present: &ConnectionDetails) -> bool {
    present.connection_config.get(PENDING) == Some(&true.into())
}

/// Finds out whether a renewal failed because its connection was deleted meanwhile: a refused callback does not
/// tell.
pub(super) async fn note_if_gone(engine: &Engine, nango: &Nango, attempt: &Attempt) {
    let (Purpose::Reconnect(connection), State::Failed(reason)) = (&attempt.purpose, &attempt.state) else {
        return;
    };
    if !matches!(reason, FailureReason::CallbackRefused(_) | FailureReason::Reported(_)) {
        return;
    }
    let found = present_settings(engine, nango, &attempt.integration, connection).await;
    if matches!(found, Err(EngineError::ConnectionGone))
        && let Err(error) = engine.mark_gone(attempt.profile, attempt.instance).await
    {
        tracing::warn!(?error, "a connection that is gone could not be noted");
    }
}

fn gone(error: EngineError) -> EngineError {
    match error {
        EngineError::Nango(Error::NotFound { .. }) => EngineError::ConnectionGone,
        error => error,
    }
}

fn renewal_of(present: ConnectionDetails, attempt: &Attempt) -> Reconnect {
    // Nango keeps an end user that is not named. One of an organization is not, since what is named replaces
    // what was there, and a reconnect of this client cannot name the organization.
    let end_user = present.end_user.filter(|user| user.organization.is_none()).map(named);
    let ours =
        [("patchbay_attempt", attempt.id.to_string()), ("patchbay_instance", attempt.instance.to_string())];
    let mut tags = present.tags;
    if tags.len() + ours.len() > MOST_TAGS {
        // Nango makes these again from the end user.
        let generated = end_user.as_ref().map(tags_of).unwrap_or_default();
        tags.retain(|name, value| generated.get(name) != Some(value));
    }
    for (name, value) in ours {
        // Somebody else's tags are not pushed out by ours.
        if tags.len() < MOST_TAGS || tags.contains_key(name) {
            tags.insert(name.to_owned(), value);
        }
    }
    let mut defaults = BTreeMap::new();
    // Whether the renewed one waits is for Nango to say.
    let mut connection_config = present.connection_config;
    connection_config.retain(|name, _| name != PENDING && name != PENDING_LOG);
    if !connection_config.is_empty() {
        let given = IntegrationDefaults { connection_config, ..Default::default() };
        defaults.insert(attempt.integration.to_string(), given);
    }
    Reconnect {
        connection_id: present.connection_id,
        integration: attempt.integration.to_string(),
        end_user,
        tags,
        defaults,
    }
}

fn named(user: EndUserView) -> EndUser {
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    EndUser {
        id: user.id,
        email: filled(user.email),
        display_name: filled(user.display_name),
        tags: user.tags,
    }
}

/// The tags that Nango makes from an end user.
fn tags_of(user: &EndUser) -> BTreeMap<String, String> {
    let named = [
        ("end_user_id", Some(&user.id)),
        ("end_user_email", user.email.as_ref()),
        ("end_user_display_name", user.display_name.as_ref()),
    ];
    let tags = named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.clone())));
    tags.collect()
}
