//! Performs what the core decides: talks to Nango, the store, the keyring and the browser, and tells the
//! window what became stale. It knows no Tauri; [`Parts`] is everything it needs from a host.
//!
//! In reading order: `profiles` (which Nango, as whom), `catalog` and `providers` (what can be connected),
//! `asked` (what that asks of a person), `setup` (what is not offered yet), `connect` and `driver` (an attempt from
//! start to end), `connections`, `walk` and `sync` (what became of it), `identity` and `bulk` (whose account it is),
//! `reconnect` (how it is mended); then `workflows` (documents), `bindings` (as whom their tasks run),
//! `replacement` and `import_export`, `runs` with `run_log` and `nango_caller`, `preview`, `command_line`.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod answers;
mod asked;
mod backup;
mod bindings;
mod browser;
mod bulk;
mod catalog;
mod command_line;
mod connect;
mod connections;
mod driver;
mod error;
mod events;
mod excerpt;
mod export;
mod failure;
mod identity;
mod import_export;
mod languages;
mod licences;
mod link_test;
mod links;
mod nango_caller;
mod network;
mod notices;
mod platform;
mod preview;
mod profiles;
mod providers;
mod reconnect;
mod redact;
mod replacement;
mod run_log;
mod run_owner;
mod runs;
mod sandbox;
mod settings;
mod setup;
mod sync;
mod vault;
mod view;
mod walk;
mod workflows;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use patchbay_core::attempt::Deadlines;
use patchbay_core::catalog::Catalog;
use patchbay_core::id::{AttemptId, ProfileId};
use patchbay_ipc::{AppEvent, Failure};
use patchbay_secrets::SecretStore;
use patchbay_store::{Recovered, Store};
use patchbay_texts::Language;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use answers::Answers;
pub use browser::{BrowserError, OpenBrowser};
pub use command_line::Runnable;
pub use events::Ending;
pub use failure::startup_failure;
pub use languages::speak;
pub use link_test::LinkTest;
pub use links::LinkOwner;
pub use platform::Platform;
pub use profiles::Overrides;
pub use sandbox::sample_operations;

/// What the engine needs from its host.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// What was done about a damaged one when it was opened.
    pub recovered: Option<Recovered>,
    /// Where secrets live unless the person chooses memory.
    pub keyring: Arc<dyn SecretStore>,
    /// How a page is opened in the system browser.
    pub browser: Arc<dyn OpenBrowser>,
    /// How long things wait.
    pub timings: Timings,
    /// Reads the clock.
    pub now: fn() -> Timestamp,
    /// What the environment overrides for this run.
    pub overrides: Overrides,
    /// Where the host keeps things.
    pub places: Places,
}

/// Where the host keeps things, and what it runs on.
#[derive(Debug, Clone)]
pub struct Places {
    /// The folder of the database and of the sandbox's own data.
    pub data: PathBuf,
    /// The folder of the log.
    pub log: PathBuf,
    /// Where exported files go.
    pub downloads: PathBuf,
    /// The application's version.
    pub version: String,
    /// Which system this is, for advice that depends on it.
    pub platform: Platform,
    /// The language of the system.
    pub language: Language,
}

/// How long things wait. Tests shorten them.
#[derive(Debug, Clone)]
pub struct Timings {
    /// How long an attempt waits in its states.
    pub deadlines: Deadlines,
    /// How often Nango is asked for a connection by tag while a websocket is open: a safety net.
    pub look_beside_socket: Duration,
    /// The first pause between two such questions without a websocket; it doubles up to the longest.
    pub look_first: Duration,
    /// The longest pause.
    pub look_longest: Duration,
    /// How long the websocket may lag behind Nango's answer to a forwarded link before Nango is asked.
    pub socket_lag: Duration,
    /// Pause between tries to forward a link while Nango cannot be reached.
    pub forward_again: Duration,
    /// How long a provider may take to say whose account a connection is.
    pub provider: Duration,
    /// How long clearing away after an attempt may take.
    pub cleanup: Duration,
    /// The pause before a queued disconnect is tried again at a server that answers, but not as it should.
    pub disconnect_again: Duration,
    /// The first pause before an unreachable server is tried again; it doubles up to a minute.
    pub reconnect_first: Duration,
    /// How long a link may take that is sent to see whether it arrives.
    pub link_test: Duration,
    /// How long after the start it is first looked whether the database has to be copied.
    pub first_backup: Duration,
    /// Limits of the calls to Nango.
    pub limits: nango_client::Limits,
}

impl Default for Timings {
    fn default() -> Self {
        Self {
            deadlines: Deadlines::default(),
            look_beside_socket: Duration::from_secs(20),
            look_first: Duration::from_secs(2),
            look_longest: Duration::from_secs(30),
            socket_lag: Duration::from_secs(1),
            forward_again: Duration::from_secs(3),
            provider: Duration::from_secs(20),
            cleanup: Duration::from_secs(20),
            disconnect_again: Duration::from_secs(30),
            reconnect_first: Duration::from_secs(5),
            link_test: Duration::from_secs(10),
            first_backup: Duration::from_secs(10),
            limits: nango_client::Limits::default(),
        }
    }
}

/// The engine. Cheap to clone; all clones are the same one.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    store: Store,
    recovered: Mutex<Option<Recovered>>,
    vault: vault::Vault,
    browser: Arc<dyn OpenBrowser>,
    timings: Timings,
    now: fn() -> Timestamp,
    overrides: Overrides,
    places: Places,
    catalog: Catalog,
    events: broadcast::Sender<AppEvent>,
    endings: broadcast::Sender<Ending>,
    notices: notices::Notices,
    network: network::Network,
    links: Mutex<LinkOwner>,
    awaited_link: link_test::Awaited,
    clients: tokio::sync::Mutex<HashMap<ProfileId, nango_client::Client>>,
    keys: Mutex<HashMap<ProfileId, patchbay_ipc::KeyPresence>>,
    attempts: Mutex<HashMap<AttemptId, driver::Handle>>,
    offers_problem: Mutex<HashMap<ProfileId, Failure>>,
    provider_names: providers::Names,
    sync: sync::Running,
    running: runs::Running,
    owner: run_owner::Owner,
    disconnects_due: AtomicBool,
    bulk: bulk::Bulk,
    sandbox: sandbox::Embedded,
    tasks: TaskTracker,
    stopping: CancellationToken,
}

impl Engine {
    /// Puts the engine together. Nothing is read or sent yet; [`Engine::resume`] takes up what an earlier
    /// run left.
    ///
    /// # Errors
    /// When a connector manifest is broken, which is a fault of the build.
    pub fn new(parts: Parts) -> Result<Engine, Failure> {
        let catalog = catalog::embedded()?;
        let (events, _) = broadcast::channel(256);
        let (endings, _) = broadcast::channel(16);
        Ok(Engine(Arc::new(Inner {
            vault: vault::Vault::new(parts.keyring, events.clone()),
            owner: run_owner::Owner::new(parts.places.data.join("runs")),
            sandbox: sandbox::Embedded::new(parts.places.data.join("sandbox.json"), &catalog),
            store: parts.store,
            recovered: Mutex::new(parts.recovered),
            browser: parts.browser,
            timings: parts.timings,
            now: parts.now,
            overrides: parts.overrides,
            places: parts.places,
            catalog,
            events,
            endings,
            notices: notices::Notices::default(),
            network: network::Network::default(),
            links: Mutex::new(LinkOwner::Unknown),
            awaited_link: link_test::Awaited::default(),
            clients: tokio::sync::Mutex::default(),
            keys: Mutex::default(),
            attempts: Mutex::default(),
            offers_problem: Mutex::default(),
            provider_names: providers::Names::default(),
            sync: sync::Running::default(),
            running: runs::Running::default(),
            disconnects_due: AtomicBool::new(false),
            bulk: bulk::Bulk::default(),
            tasks: TaskTracker::new(),
            stopping: CancellationToken::new(),
        })))
    }

    /// What becomes stale from now on.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<AppEvent> {
        self.0.events.subscribe()
    }

    /// How attempts end from now on, unless the person ended them here.
    #[must_use]
    pub fn endings(&self) -> broadcast::Receiver<Ending> {
        self.0.endings.subscribe()
    }

    /// Takes up what an earlier run left: open attempts, what ended ones left behind, queued disconnects.
    /// Links that are delivered before it returns wait for it.
    pub async fn resume(&self) {
        self.take_note_of_recovery().await;
        if let Err(error) = self.learn_all_names().await {
            self.notice_failure(failure::of(&error));
        }
        for result in [self.close_abandoned_runs().await, self.resume_attempts().await] {
            if let Err(error) = result {
                self.notice_failure(failure::of(&error));
            }
        }
        self.spawn({
            let engine = self.clone();
            async move { engine.retry_queued_disconnects().await }
        });
        self.spawn({
            let engine = self.clone();
            async move { engine.keep_backups().await }
        });
    }

    /// Stops every task and waits until they have. What was under way is taken up by the next start.
    pub async fn stop(&self) {
        self.0.stopping.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
        self.0.owner.release();
        self.0.sandbox.stop().await;
    }

    /// Runs a task that `stop` ends.
    fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let stopping = self.0.stopping.clone();
        self.0.tasks.spawn(async move {
            tokio::select! {
                () = work => {}
                () = stopping.cancelled() => {}
            }
        });
    }

    fn now(&self) -> Timestamp {
        (self.0.now)()
    }
}
