//! After an attempt's end: its secrets leave the keyring, a pending dance is burnt, an unwanted connection
//! is deleted again.

use std::time::Duration;

use futures_util::StreamExt;
use nango_client::Completion;
use patchbay_core::attempt::{Attempt, Cleanup, Method, State};
use patchbay_core::id::AttemptId;
use patchbay_core::step::Step;
use patchbay_secrets::EntryName;
use secrecy::{ExposeSecret, SecretString};

use super::effects::find;
use super::renewal::note_if_gone;
use super::{Driver, next_completion};
use crate::Engine;
use crate::profiles::Nango;

/// How often an unwanted connection is looked for after a cancel.
const LOOKS: u32 = 3;

impl Driver {
    pub(super) async fn clean_up(mut self, cleanup: Option<Cleanup>) {
        let id = self.attempt.id;
        self.engine.forget_attempt_secrets(id).await;
        let limit = self.engine.0.timings.cleanup;
        if let Some(cleanup) = cleanup {
            if cleanup.burn_state {
                let burn = burn(&self.engine, &self.nango, self.answer.take(), self.cookie.take());
                drop(tokio::time::timeout(limit, burn).await);
            }
            if cleanup.discard_connection {
                self.discard().await;
            }
        }
        if self.attempt.method == Method::Browser
            && matches!(self.attempt.state, State::Connected(_))
            && let Some(token) = self.session.take()
        {
            // It stands in the browser's history and could connect further accounts until it expires.
            let deleted = self.engine.call(&self.nango, self.nango.client.delete_session(&token)).await;
            if let Err(error) = deleted {
                tracing::debug!(?error, "the spent session was not deleted");
            }
        }
        note_if_gone(&self.engine, &self.nango, &self.attempt).await;
        self.engine.cleanup_done(id).await;
    }

    /// Deletes at Nango the connection that is made although the attempt was cancelled.
    async fn discard(&mut self) {
        let limit = self.engine.0.timings.cleanup;
        // What was sent before the cancel is answered first, else the look could come too early.
        drop(tokio::time::timeout(limit, async { while self.under_way.next().await.is_some() {} }).await);
        if self.attempt.method == Method::Browser && self.socket.is_some() {
            // The consent page is still open somewhere; only its answer or its deadline ends that.
            let left = self.attempt.deadline_at.duration_since(self.engine.now());
            let left = Duration::try_from(left).unwrap_or(Duration::ZERO);
            let told = tokio::time::timeout(left, next_completion(&mut self.socket)).await;
            if !matches!(told, Ok(Completion::Success { .. } | Completion::Closed)) {
                return;
            }
        }
        discard(&self.engine, &self.nango, &self.attempt).await;
    }
}

impl Engine {
    /// Clears away after an attempt that ended in an earlier run.
    pub(crate) async fn drive_cleanup(&self, attempt: Attempt) {
        let id = attempt.id;
        let cookie = self.0.vault.get(EntryName::state_cookie(id)).await.ok().flatten();
        self.forget_attempt_secrets(id).await;
        let Ok(nango) = self.nango_of(attempt.profile).await else { return };
        let cleanup = attempt.cleanup_after_restart();
        let engine = self.clone();
        self.spawn(async move {
            let work = async {
                if cleanup.burn_state && cookie.is_some() {
                    burn(&engine, &nango, None, cookie).await;
                }
                if cleanup.discard_connection {
                    discard(&engine, &nango, &attempt).await;
                }
            };
            drop(tokio::time::timeout(engine.0.timings.cleanup, work).await);
            engine.cleanup_done(id).await;
        });
    }

    /// Deletes an attempt's entries from the keyring.
    pub(crate) async fn forget_attempt_secrets(&self, id: AttemptId) {
        for entry in [EntryName::session(id), EntryName::state_cookie(id), EntryName::answer(id)] {
            if let Err(error) = self.0.vault.delete(entry).await {
                tracing::warn!(attempt = %id, %error, "a spent secret is still in the keyring");
            }
        }
    }

    async fn cleanup_done(&self, id: AttemptId) {
        if let Err(error) = self.0.store.cleanup_done(id).await {
            tracing::warn!(attempt = %id, ?error, "what was cleared away could not be noted");
        }
    }
}

/// Ends the dance at Nango: the provider's own refusal where there is one, else one of ours.
async fn burn(engine: &Engine, nango: &Nango, refusal: Option<SecretString>, cookie: Option<SecretString>) {
    let query = match (refusal, &cookie) {
        (Some(refusal), _) => refusal,
        (None, Some(cookie)) => {
            let name = cookie.expose_secret().split('=').next().unwrap_or_default();
            let Some(state) = name.strip_prefix("oauth2-") else { return };
            SecretString::from(format!("error=access_denied&error_description=cancelled&state={state}"))
        }
        (None, None) => return,
    };
    let forwarded = engine.call(nango, nango.client.forward_callback(&query, cookie.as_ref())).await;
    if let Err(error) = forwarded {
        tracing::debug!(?error, "a pending dance was not ended at Nango");
    }
}

async fn discard(engine: &Engine, nango: &Nango, attempt: &Attempt) {
    if !nango.can_list() {
        return;
    }
    for _ in 0..LOOKS {
        match find(engine, nango, attempt).await {
            Ok(Some(found)) => {
                let integration = attempt.integration.as_str();
                let delete = nango.client.delete_connection(&found.connection_id, integration);
                match engine.call(nango, delete).await {
                    Ok(_) => {
                        let noted =
                            engine.0.store.add_step(attempt.id, engine.now(), Step::Discarded.into()).await;
                        if let Err(error) = noted {
                            tracing::warn!(?error, "a discarded connection could not be noted");
                        }
                        engine.attempt_changed(attempt.id);
                    }
                    Err(error) => tracing::warn!(?error, "an unwanted connection was not deleted"),
                }
                return;
            }
            Ok(None) => tokio::time::sleep(engine.0.timings.look_first).await,
            Err(error) => tracing::debug!(?error, "Nango could not be asked for an unwanted connection"),
        }
    }
}
