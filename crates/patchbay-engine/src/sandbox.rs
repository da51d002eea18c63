//! The sandbox inside the application: started when its profile is used, with what it held last time.

use std::path::PathBuf;
use std::sync::Arc;

use nango_sandbox::{IdentityPointers, Options, SampleOperation, Sandbox, SavedState};
use patchbay_core::attempt::SCHEME;
use patchbay_core::catalog::Catalog;
use patchbay_ipc::Failure;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, Notify};
use url::Url;
use uuid::Uuid;

use crate::error::EngineError;

/// What is kept between two runs: no key, token, state or code is among it.
#[derive(Serialize, Deserialize)]
struct Kept {
    nango_port: u16,
    provider_port: u16,
    state: SavedState,
}

pub(crate) struct Embedded {
    file: PathBuf,
    operations: Vec<SampleOperation>,
    running: Arc<Mutex<Option<Sandbox>>>,
    changed: Arc<Notify>,
    writer: Mutex<Option<tokio::task::JoinHandle<()>>>,
}

impl Embedded {
    pub(crate) fn new(file: PathBuf, catalog: &Catalog) -> Self {
        Self {
            file,
            operations: operations_of(catalog),
            running: Arc::default(),
            changed: Arc::default(),
            writer: Mutex::default(),
        }
    }

    /// Where the sandbox answers; starts it if it does not run yet.
    pub(crate) async fn start(&self, key: &SecretString) -> Result<Url, EngineError> {
        let mut running = self.running.lock().await;
        if let Some(sandbox) = running.as_ref() {
            return Ok(sandbox.base_url().clone());
        }
        let kept = self.read().await;
        let (nango_port, provider_port) =
            kept.as_ref().map_or((0, 0), |kept| (kept.nango_port, kept.provider_port));
        let state = kept.map(|kept| kept.state);
        let sandbox = match Sandbox::start(self.options(key, nango_port, provider_port, state)).await {
            // Somebody else has last time's port: any other will do.
            Err(nango_sandbox::StartError::Bind { .. }) => {
                let state = self.read().await.map(|kept| kept.state);
                Sandbox::start(self.options(key, 0, 0, state)).await
            }
            started => started,
        }
        .map_err(EngineError::Sandbox)?;
        let url = sandbox.base_url().clone();
        *running = Some(sandbox);
        drop(running);
        *self.writer.lock().await = Some(tokio::spawn(write_changes(
            self.file.clone(),
            Arc::clone(&self.running),
            Arc::clone(&self.changed),
        )));
        self.changed.notify_one();
        Ok(url)
    }

    /// Stops it, after keeping what it holds.
    pub(crate) async fn stop(&self) {
        if let Some(writer) = self.writer.lock().await.take() {
            writer.abort();
        }
        let Some(sandbox) = self.running.lock().await.take() else { return };
        write(&self.file, &sandbox).await;
        sandbox.stop().await;
    }

    /// Stops it and forgets what it held.
    pub(crate) async fn forget(&self) {
        self.stop().await;
        if let Err(error) = tokio::fs::remove_file(&self.file).await {
            tracing::debug!(%error, "the sandbox left no file");
        }
    }

    fn options(
        &self,
        key: &SecretString,
        nango_port: u16,
        provider_port: u16,
        state: Option<SavedState>,
    ) -> Options {
        let changed = Arc::clone(&self.changed);
        Options {
            nango_port,
            provider_port,
            callback_url: Some(format!("{SCHEME}://oauth/callback")),
            api_key: Some(key.expose_secret().to_owned()),
            account_key: Some(Uuid::new_v4().to_string()),
            state,
            on_change: Some(Box::new(move || changed.notify_one())),
            sample_operations: self.operations.clone(),
            ..Options::default()
        }
    }

    /// What an earlier run kept. A file that cannot be read any more is as good as none: the sandbox holds
    /// nothing of value.
    async fn read(&self) -> Option<Kept> {
        let text = tokio::fs::read(&self.file).await.ok()?;
        serde_json::from_slice(&text).ok()
    }
}

async fn write_changes(file: PathBuf, running: Arc<Mutex<Option<Sandbox>>>, changed: Arc<Notify>) {
    loop {
        changed.notified().await;
        match running.lock().await.as_ref() {
            Some(sandbox) => write(&file, sandbox).await,
            None => return,
        }
    }
}

async fn write(file: &PathBuf, sandbox: &Sandbox) {
    let port = |url: &Url| url.port().unwrap_or_default();
    let kept = Kept {
        nango_port: port(sandbox.base_url()),
        provider_port: port(sandbox.provider_url()),
        state: sandbox.saved_state(),
    };
    let half_written = file.with_extension("json.new");
    let written = match serde_json::to_vec(&kept) {
        Ok(text) => match tokio::fs::write(&half_written, text).await {
            Ok(()) => tokio::fs::rename(&half_written, file).await,
            Err(error) => Err(error),
        },
        Err(error) => Err(error.into()),
    };
    if let Err(error) = written {
        tracing::warn!(%error, "what the sandbox holds could not be kept");
    }
}

/// The operations of the application's catalogue, so that the API of a sandbox that somebody else starts can
/// answer for them.
///
/// # Errors
/// When a connector manifest is broken, which is a fault of the build.
pub fn sample_operations() -> Result<Vec<SampleOperation>, Failure> {
    Ok(operations_of(&crate::catalog::embedded()?))
}

fn operations_of(catalog: &Catalog) -> Vec<SampleOperation> {
    let whoamis = catalog.iter().filter_map(|manifest| {
        let whoami = manifest.whoami.as_ref()?;
        Some(SampleOperation {
            provider: manifest.provider.as_str().to_owned(),
            method: whoami.method.name().to_owned(),
            path: whoami.path.split('?').next().unwrap_or_default().to_owned(),
            identity: Some(IdentityPointers {
                id: whoami.id.clone(),
                name: whoami.name.as_ref().or(whoami.email.as_ref()).unwrap_or(&whoami.id).clone(),
                email: whoami.email.clone(),
            }),
            sample: None,
        })
    });
    let operations = catalog.iter().flat_map(|manifest| {
        manifest.operations.iter().map(|operation| SampleOperation {
            provider: manifest.provider.as_str().to_owned(),
            method: operation.method.name().to_owned(),
            path: operation.path.clone(),
            identity: None,
            sample: None,
        })
    });
    whoamis.chain(operations).collect()
}
