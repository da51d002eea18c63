//! Everything the two servers share: the state behind one lock, and the parts that have locks of their own.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use url::Url;

use crate::catalogue::Catalogue;
use crate::clock::{Clock, Millis};
use crate::environment::Environment;
use crate::fault::FaultBook;
use crate::nango::rate_limit::RateLimits;
use crate::options::SampleOperation;
use crate::provider::ProviderSide;
use crate::record::RequestLog;
use crate::session::{Dance, Session};
use crate::websocket::Sockets;

/// How many connections may refresh at the same time without waiting for one another.
const REFRESH_LOCKS: usize = 64;

/// What both servers share.
pub(crate) struct App {
    pub(crate) clock: Clock,
    /// The configured address of the Nango side, without a slash at the end.
    pub(crate) base_url: String,
    /// The address of the provider side, without a slash at the end.
    pub(crate) provider_url: String,
    pub(crate) provider_port: u16,
    pub(crate) catalogue: Catalogue,
    pub(crate) limits: RateLimits,
    pub(crate) sockets: Sockets,
    pub(crate) provider: ProviderSide,
    pub(crate) nango_faults: FaultBook,
    pub(crate) provider_faults: FaultBook,
    pub(crate) log: RequestLog,
    pub(crate) http: reqwest::Client,
    pub(crate) account_key: String,
    pub(crate) session_lifetime: Millis,
    pub(crate) sample_operations: Vec<SampleOperation>,
    pub(crate) enforce_cookie: AtomicBool,
    pub(crate) block_loopback: AtomicBool,
    pub(crate) token_lifetime: AtomicI64,
    /// How real waits are shortened: the bits of an `f64`, 1.0 for none.
    pub(crate) time_scale: AtomicU64,
    /// One refresh at a time per connection, since refresh tokens rotate.
    pub(crate) refresh_locks: [tokio::sync::Mutex<()>; REFRESH_LOCKS],
    pub(crate) state: Mutex<State>,
    pub(crate) on_change: Option<Box<dyn Fn() + Send + Sync>>,
}

/// What Nango keeps in its database.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) environments: BTreeMap<u64, Environment>,
    pub(crate) default_environment: u64,
    /// API keys by secret.
    pub(crate) keys: HashMap<String, ApiKey>,
    /// Connect sessions by token.
    pub(crate) sessions: HashMap<String, Session>,
    /// Pending dances by state.
    pub(crate) dances: HashMap<String, Dance>,
    last_connection: u64,
    last_key: u64,
    last_environment: u64,
}

/// An API key.
#[derive(Debug, Clone)]
pub(crate) struct ApiKey {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) scopes: Vec<String>,
    /// `None` is an account key.
    pub(crate) environment: Option<u64>,
    pub(crate) created: Millis,
    pub(crate) last_used: Option<Millis>,
}

impl State {
    /// The environment with this number.
    pub(crate) fn environment(&self, id: u64) -> Option<&Environment> {
        self.environments.get(&id)
    }

    /// The environment with this number, to be changed.
    pub(crate) fn environment_mut(&mut self, id: u64) -> Option<&mut Environment> {
        self.environments.get_mut(&id)
    }

    /// The number of the next connection.
    pub(crate) fn next_connection(&mut self) -> u64 {
        self.last_connection += 1;
        self.last_connection
    }

    /// Makes sure that no later connection gets a number up to this one.
    pub(crate) fn reserve_connection(&mut self, id: u64) {
        self.last_connection = self.last_connection.max(id);
    }

    /// Adds an empty environment.
    pub(crate) fn add_environment(
        &mut self,
        name: &str,
        is_production: bool,
        now: Millis,
    ) -> &mut Environment {
        self.last_environment += 1;
        let id = self.last_environment;
        self.environments.entry(id).or_insert_with(|| Environment::new(id, name, is_production, now))
    }

    /// Adds a key and returns it.
    pub(crate) fn add_key(
        &mut self,
        secret: &str,
        name: &str,
        scopes: &[&str],
        environment: Option<u64>,
        now: Millis,
    ) -> ApiKey {
        self.last_key += 1;
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let key = ApiKey {
            id: self.last_key,
            name: name.to_owned(),
            scopes,
            environment,
            created: now,
            last_used: None,
        };
        self.keys.insert(secret.to_owned(), key.clone());
        key
    }
}

impl App {
    /// The state, locked. Never held across a wait.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the owner that what is saved has changed. Not to be called with the state locked.
    pub(crate) fn changed(&self) {
        if let Some(on_change) = &self.on_change {
            on_change();
        }
    }

    /// How long the provider's next access tokens live.
    pub(crate) fn token_lifetime(&self) -> Millis {
        self.token_lifetime.load(Ordering::Relaxed)
    }

    /// A wait of the imitated server, shortened as the sandbox was told.
    pub(crate) async fn wait(&self, duration: Duration) {
        let scale = f64::from_bits(self.time_scale.load(Ordering::Relaxed));
        tokio::time::sleep(duration.mul_f64(scale)).await;
    }

    /// Whether a URL leads to this sandbox's provider side, under whichever loopback name.
    pub(crate) fn is_provider(&self, url: &Url) -> bool {
        is_loopback(url) && url.port_or_known_default() == Some(self.provider_port)
    }

    /// The callback URL of an environment.
    pub(crate) fn callback_url(&self, environment: &Environment) -> String {
        environment.callback_url.clone().unwrap_or_else(|| format!("{}/oauth/callback", self.base_url))
    }
}

/// Whether a URL leads to this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Written by hand: it holds keys.
impl fmt::Debug for App {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("App").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}
