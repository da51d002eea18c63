//! From the engine's channel to the window.

use patchbay_engine::Engine;
use patchbay_ipc::{APP_EVENT, AppEvent, Topic};
use tauri::{AppHandle, Emitter, Runtime};
use tokio::sync::broadcast::error::RecvError;

/// Passes on what becomes stale until the engine is gone.
pub(crate) fn pass_on<R: Runtime>(app: &AppHandle<R>, engine: &Engine) {
    let mut events = engine.subscribe();
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        loop {
            let event = match events.recv().await {
                Ok(event) => event,
                // What was missed is not known, so everything is stale.
                Err(RecvError::Lagged(_)) => AppEvent::Stale(vec![
                    Topic::Overview,
                    Topic::Connectors,
                    Topic::Connections,
                    Topic::Attempts,
                    Topic::Notices,
                    Topic::Diagnostics,
                    Topic::Sync,
                    Topic::BulkTest,
                    Topic::Workflows,
                    Topic::Runs,
                ]),
                Err(RecvError::Closed) => return,
            };
            if let Err(error) = app.emit(APP_EVENT, event) {
                tracing::warn!(%error, "the window could not be told what is stale");
            }
        }
    });
}
