//! The handle of a running sandbox: starts and stops both servers, and has the controls of a test or a demo.

pub(crate) mod controls;

use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use url::Url;
use uuid::Uuid;

use crate::app::{App, State};
use crate::catalogue::Catalogue;
use crate::clock::{Clock, millis};
use crate::fault::{Fault, FaultBook};
use crate::nango;
use crate::nango::rate_limit::RateLimits;
use crate::options::{Integrations, Options, StartError};
use crate::provider::{self, ProviderSide};
use crate::random;
use crate::record::{ConnectionSummary, IntegrationSummary, RequestLog, RequestRecord};
use crate::saved::{self, SavedState};
use crate::seed;
use crate::server::{self, Handler, Server};
use crate::websocket::Sockets;

/// The environment whose key the options name.
const DEFAULT_ENVIRONMENT: &str = "dev";

/// A running sandbox. Dropping it stops everything at once.
pub struct Sandbox {
    app: Arc<App>,
    base_url: Url,
    provider_url: Url,
    api_key: String,
    nango: Option<Server>,
    provider: Server,
}

impl Sandbox {
    /// Starts both servers. When this returns they are listening.
    ///
    /// # Errors
    /// When a port cannot be bound, or a key or the callback URL has the wrong form.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let api_key = checked_key(options.api_key.clone(), "the API key")?;
        let account_key = checked_key(options.account_key.clone(), "the account key")?;
        if let Some(url) = &options.callback_url {
            Url::parse(url).map_err(StartError::CallbackUrl)?;
        }
        let bind = async |port| server::bind(port).await.map_err(|source| StartError::Bind { port, source });
        let (nango_listener, provider_listener) =
            (bind(options.nango_port).await?, bind(options.provider_port).await?);
        let local = |listener: &tokio::net::TcpListener, port| {
            listener
                .local_addr()
                .map(|address| address.port())
                .map_err(|source| StartError::Bind { port, source })
        };
        let base_url = loopback(local(&nango_listener, options.nango_port)?);
        let provider_url = loopback(local(&provider_listener, options.provider_port)?);
        let app = Arc::new(build(options, &api_key, account_key, &base_url, &provider_url)?);

        let nango_app = app.clone();
        let nango = Server::start(
            nango_listener,
            handler(move |request, wire| nango::serve(nango_app.clone(), request, wire)),
        );
        let provider_app = app.clone();
        let provider_handler =
            handler(move |request, wire| provider::serve(provider_app.clone(), request, wire));
        let provider = Server::start(provider_listener, provider_handler);
        Ok(Self { app, base_url, provider_url, api_key, nango: Some(nango), provider })
    }

    /// The address of the imitated Nango, such as `http://127.0.0.1:40123/`.
    pub fn base_url(&self) -> &Url {
        &self.base_url
    }

    /// The address of the OAuth provider and the sample API.
    pub fn provider_url(&self) -> &Url {
        &self.provider_url
    }

    /// The default environment's key, which may do everything.
    pub fn api_key(&self) -> &str {
        &self.api_key
    }

    /// The account key: environments, the dashboard's password, the control routes.
    pub fn account_key(&self) -> &str {
        &self.app.account_key
    }

    /// The default environment's integrations.
    pub fn integrations(&self) -> Vec<IntegrationSummary> {
        controls::integrations(&self.app)
    }

    /// The default environment's connections, newest first.
    pub fn connections(&self) -> Vec<ConnectionSummary> {
        controls::connections(&self.app)
    }

    /// Sets the default environment's callback URL for dances that start from now on.
    pub fn set_callback_url(&self, url: &str) {
        controls::set_callback_url(&self.app, url);
    }

    /// Whether `/oauth/callback` insists on the state cookie.
    pub fn set_cookie_enforcement(&self, on: bool) {
        controls::set_cookie_enforcement(&self.app, on);
    }

    /// Whether the outbound policy refuses providers on this machine, as Nango's default does. Off from the
    /// start, since the sandbox's own provider is one.
    pub fn set_loopback_blocked(&self, on: bool) {
        self.app.block_loopback.store(on, Ordering::Relaxed);
    }

    /// A key of the default environment with exactly these scopes.
    pub fn create_api_key(&self, scopes: &[&str]) -> String {
        controls::create_api_key(&self.app, scopes)
    }

    /// A further environment without integrations; returns its key. A name that is taken gives that environment
    /// another key.
    pub fn create_environment(&self, name: &str, callback_url: Option<&str>) -> String {
        let now = self.app.clock.now();
        let mut state = self.app.state();
        let known =
            state.environments.values().find(|environment| environment.name == name).map(|found| found.id);
        let id = known.unwrap_or_else(|| state.add_environment(name, false, now).id);
        if let (Some(environment), Some(url)) = (state.environment_mut(id), callback_url) {
            environment.callback_url = Some(url.to_owned());
        }
        let secret = random::uuid();
        let key_name = format!("{name} {}", state.keys.len());
        state.add_key(&secret, &key_name, &["environment:*"], Some(id), now);
        secret
    }

    /// Replaces the faults of the Nango side.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.app.nango_faults.set(faults);
    }

    /// Replaces the faults of the provider side: a token endpoint that is down, an API that answers slowly.
    pub fn set_provider_faults(&self, faults: Vec<Fault>) {
        self.app.provider_faults.set(faults);
    }

    /// Ends all faults of both sides.
    pub fn clear_faults(&self) {
        self.app.nango_faults.set(Vec::new());
        self.app.provider_faults.set(Vec::new());
    }

    /// Everything received on the Nango side, oldest first; the control routes are left out.
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.app.log.all()
    }

    /// Takes back, at the provider, what a connection stands on: its refresh token stops working and its access
    /// token is expired. A key or password that was entered stops working too.
    pub fn revoke_grants(&self, connection_id: &str) {
        controls::revoke_grants(&self.app, connection_id);
    }

    /// Approves a connection that waits for an administrator at the provider.
    pub fn approve(&self, connection_id: &str) {
        controls::approve(&self.app, connection_id);
    }

    /// Takes back, at the provider, everything an account (`alex`, `sam`, `work-team`) granted.
    pub fn revoke_account(&self, login: &str) {
        controls::revoke_account(&self.app, login);
    }

    /// Marks a connection as one whose refreshes failed on too many days.
    pub fn exhaust_refresh(&self, connection_id: &str) {
        let mut state = self.app.state();
        for environment in state.environments.values_mut() {
            let numbers: Vec<u64> = environment
                .newest_first()
                .filter(|connection| connection.connection_id == connection_id)
                .map(|connection| connection.id)
                .collect();
            for number in numbers {
                if let Some(connection) = environment.numbered_mut(number) {
                    connection.health.exhausted = true;
                }
            }
        }
        drop(state);
        self.app.changed();
    }

    /// Cuts every open websocket.
    pub fn drop_websockets(&self) {
        self.app.sockets.drop_all();
    }

    /// Adds `count` working connections of an integration of the default environment. Returns how many were
    /// made: 0 if the integration does not exist.
    pub fn seed_connections(&self, count: usize, integration: &str, end_user_id: &str) -> usize {
        seed::connections(&self.app, count, integration, end_user_id)
    }

    /// Moves the sandbox's clock forward: sessions and tokens expire, the limiter's window ends.
    pub fn advance_clock(&self, by: Duration) {
        self.app.clock.advance(by);
    }

    /// How long the access tokens live that the provider issues from now on.
    pub fn set_access_token_lifetime(&self, lifetime: Duration) {
        self.app.token_lifetime.store(millis(lifetime), Ordering::Relaxed);
    }

    /// Shortens the real waits of the imitated servers (pauses between retries, slow answers): 0.1 makes them
    /// ten times quicker. Delays of faults stay as they are.
    pub fn set_time_scale(&self, scale: f64) {
        self.app.time_scale.store(scale.clamp(0.0, 10.0).to_bits(), Ordering::Relaxed);
    }

    /// What a later sandbox can be started with. Holds no secret: see [`crate::saved`].
    pub fn saved_state(&self) -> SavedState {
        saved::save(&self.app)
    }

    /// Stops everything like a killed process and waits until the ports are free.
    pub async fn stop(mut self) {
        self.stop_nango().await;
        self.provider.stop().await;
    }

    /// Stops the Nango side only, like a killed process. Connecting to it is refused until
    /// [`Sandbox::restart_nango`].
    pub async fn stop_nango(&mut self) {
        if let Some(server) = self.nango.take() {
            server.stop().await;
        }
    }

    /// Stops the Nango side, if it runs, and starts it again on the same port with the same data. Sessions,
    /// dances under way and keys survive; every socket is cut.
    ///
    /// # Errors
    /// When somebody else took the port meanwhile.
    pub async fn restart_nango(&mut self) -> Result<(), StartError> {
        self.stop_nango().await;
        let port = self.base_url.port().unwrap_or_default();
        let failed = |source| StartError::Bind { port, source };
        let listener = server::bind(port).await.map_err(failed)?;
        let app = self.app.clone();
        let server =
            Server::start(listener, handler(move |request, wire| nango::serve(app.clone(), request, wire)));
        self.nango = Some(server);
        Ok(())
    }
}

/// Written by hand so that the key is never printed.
impl fmt::Debug for Sandbox {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.base_url.as_str();
        formatter.debug_struct("Sandbox").field("base_url", &address).finish_non_exhaustive()
    }
}

fn handler<F, Work>(serve: F) -> Handler
where
    F: Fn(axum::http::Request<axum::body::Body>, server::Wire) -> Work + Send + Sync + 'static,
    Work: Future<Output = crate::answer::Answer> + Send + 'static,
{
    Arc::new(move |request, wire| Box::pin(serve(request, wire)))
}

fn loopback(port: u16) -> Url {
    let mut url = Url::parse("http://127.0.0.1/").unwrap_or_else(|_| unreachable!("a constant URL"));
    // Cannot fail for a URL with a host.
    let _ = url.set_port(Some(port));
    url
}

fn checked_key(key: Option<String>, which: &'static str) -> Result<String, StartError> {
    let Some(key) = key else {
        return Ok(random::uuid());
    };
    let is_uuid = Uuid::parse_str(&key).is_ok_and(|uuid| uuid.get_version_num() == 4);
    if is_uuid { Ok(key) } else { Err(StartError::KeyFormat(which)) }
}

fn build(
    options: Options,
    api_key: &str,
    account_key: String,
    base_url: &Url,
    provider_url: &Url,
) -> Result<App, StartError> {
    // The client only ever calls http, but it wants to know how it would speak TLS. Installing twice is no error.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().build().map_err(StartError::Client)?;
    let base = base_url.as_str().trim_end_matches('/').to_owned();
    let catalogue = Catalogue::load(&base, provider_url).map_err(StartError::Catalogue)?;
    let app = App {
        clock: Clock::default(),
        base_url: base,
        provider_url: provider_url.as_str().trim_end_matches('/').to_owned(),
        provider_port: provider_url.port().unwrap_or_default(),
        catalogue,
        limits: RateLimits::new(options.rate_limit_per_minute),
        sockets: Sockets::new(),
        provider: ProviderSide::default(),
        nango_faults: FaultBook::default(),
        provider_faults: FaultBook::default(),
        log: RequestLog::default(),
        http,
        account_key,
        session_lifetime: millis(options.connect_session_lifetime),
        sample_operations: options.sample_operations,
        enforce_cookie: AtomicBool::new(options.enforce_state_cookie),
        block_loopback: AtomicBool::new(false),
        token_lifetime: AtomicI64::new(millis(options.access_token_lifetime)),
        time_scale: AtomicU64::new(1.0_f64.to_bits()),
        refresh_locks: std::array::from_fn(|_| tokio::sync::Mutex::new(())),
        state: Mutex::new(State::default()),
        on_change: options.on_change,
    };
    populate(&app, api_key, options.callback_url, options.integrations);
    if let Some(state) = options.state {
        saved::restore(&app, state);
    }
    Ok(app)
}

/// The environments, keys and integrations there are from the start.
fn populate(app: &App, api_key: &str, callback_url: Option<String>, integrations: Integrations) {
    let now = app.clock.now();
    let mut state = app.state();
    let production = state.add_environment("prod", true, now).id;
    state.add_key(&random::uuid(), "Default - Full access", &["environment:*"], Some(production), now);
    let environment = state.add_environment(DEFAULT_ENVIRONMENT, false, now);
    environment.callback_url = callback_url;
    if integrations == Integrations::Demo {
        for provider in app.catalogue.demo() {
            let integration = seed::integration(provider, now);
            environment.integrations.insert(integration.unique_key.clone(), integration);
        }
    }
    let id = environment.id;
    state.default_environment = id;
    state.add_key(api_key, "Default - Full access", &["environment:*"], Some(id), now);
    state.add_key(&app.account_key, "account", &["account:*"], None, now);
}
