//! Whether Nango can be reached: learnt from every call, and tried again quietly while it cannot.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use nango_client::{ProxyFailure, ProxyRequest, ProxyResponse, TransportKind};
use patchbay_core::id::ProfileId;
use patchbay_ipc::Topic;
use std::time::Duration;

use crate::error::EngineError;
use crate::profiles::Nango;
use crate::{Engine, failure};

/// The longest pause between two tries to reach a server.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// What is known of the active profile's server.
#[derive(Default)]
pub(crate) struct Network {
    outage: Mutex<Option<Outage>>,
}

/// The server could not be reached.
#[derive(Debug, Clone)]
pub(crate) struct Outage {
    pub(crate) profile: ProfileId,
    pub(crate) since: Timestamp,
    pub(crate) reason: String,
}

impl Network {
    pub(crate) fn outage(&self) -> Option<Outage> {
        self.outage.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, outage: Option<Outage>) -> Option<Outage> {
        std::mem::replace(&mut *self.outage.lock().unwrap_or_else(PoisonError::into_inner), outage)
    }
}

impl Engine {
    /// Makes a call to Nango and learns from it whether the server can be reached.
    pub(crate) async fn call<T>(
        &self,
        nango: &Nango,
        call: impl Future<Output = Result<T, nango_client::Error>>,
    ) -> Result<T, EngineError> {
        let result = call.await;
        match &result {
            Err(error @ nango_client::Error::Transport { .. }) => self.lost(nango, error),
            _ => self.found(nango.profile.id),
        }
        result.map_err(EngineError::Nango)
    }

    /// Makes a call to a provider through Nango and learns the same from it. One that takes too long says
    /// nothing of Nango: it waits for the provider without a limit of its own.
    pub(crate) async fn call_provider(
        &self,
        nango: &Nango,
        request: ProxyRequest,
    ) -> Result<ProxyResponse, ProxyFailure> {
        let result = nango.client.proxy(request).await;
        match &result {
            Err(ProxyFailure::Nango(nango_client::Error::Transport {
                kind: TransportKind::Timeout, ..
            })) => {}
            Err(ProxyFailure::Nango(error @ nango_client::Error::Transport { .. })) => {
                self.lost(nango, error)
            }
            _ => self.found(nango.profile.id),
        }
        result
    }

    fn lost(&self, nango: &Nango, error: &nango_client::Error) {
        let known = self.0.network.outage().filter(|outage| outage.profile == nango.profile.id);
        if known.is_some() {
            return;
        }
        self.0.network.set(Some(Outage {
            profile: nango.profile.id,
            since: self.now(),
            reason: failure::of_nango(error).message,
        }));
        self.stale([Topic::Overview]);
        self.spawn({
            let (engine, nango) = (self.clone(), nango.clone());
            async move { engine.wait_for_server(nango).await }
        });
    }

    fn found(&self, profile: ProfileId) {
        let ended = self.0.network.outage().is_some_and(|outage| outage.profile == profile);
        if ended {
            self.0.network.set(None);
            self.stale([Topic::Overview]);
            self.spawn({
                let engine = self.clone();
                async move { engine.retry_queued_disconnects().await }
            });
        }
    }

    /// Forgets an outage, because another server is meant now.
    pub(crate) fn forget_outage(&self) {
        self.0.network.set(None);
    }

    /// Asks the server's health, which needs no key and counts nowhere, until it answers.
    async fn wait_for_server(&self, nango: Nango) {
        let mut pause = self.0.timings.reconnect_first;
        loop {
            tokio::time::sleep(pause).await;
            let still = self.0.network.outage().is_some_and(|outage| outage.profile == nango.profile.id);
            if !still {
                return;
            }
            if nango.client.health().await.is_ok() {
                self.found(nango.profile.id);
                return;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}
