//! An engine on a sandbox. Every wait polls with a deadline.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use nango_sandbox::{Options, Sandbox};
use patchbay_core::attempt::Deadlines;
use patchbay_core::id::{AttemptId, ConnectTarget, InstanceId};
use patchbay_engine::{
    Answers, BrowserError, Engine, OpenBrowser, Overrides, Parts, Places, Platform, Timings,
};
use patchbay_ipc::*;
use patchbay_secrets::{Memory, SecretStore};
use patchbay_store::Store;
use url::Url;

pub(crate) const DEEP_LINK: &str = "app.patchbay.desktop://oauth/callback";
const PATIENCE: Duration = Duration::from_secs(20);

/// Waits until `look` finds something.
pub(crate) async fn until<T, Look, Looking>(what: &str, mut look: Look) -> T
where
    Look: FnMut() -> Looking,
    Looking: Future<Output = Option<T>>,
{
    let started = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "waited too long for {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The browser: remembers the pages it was to open. A test decides what the person there does.
#[derive(Default)]
pub(crate) struct Browser {
    pages: Mutex<Vec<Url>>,
}

impl OpenBrowser for Browser {
    fn open(&self, url: &Url) -> Result<(), BrowserError> {
        self.pages.lock().expect("no panic").push(url.clone());
        Ok(())
    }
}

impl Browser {
    pub(crate) fn pages(&self) -> Vec<Url> {
        self.pages.lock().expect("no panic").clone()
    }
}

/// What the person at the consent page does.
#[derive(Clone, Copy)]
pub(crate) enum Decision {
    Approve(&'static str),
    Deny,
}

/// Follows a page as a browser would, cookies included, decides there, and returns where the browser ends:
/// an address of our scheme, or the last page's.
pub(crate) async fn decide(page: &Url, decision: Decision) -> Url {
    let http = robot();
    let mut cookies: Vec<String> = Vec::new();
    let mut at = page.clone();
    loop {
        let answer = http.get(at.clone()).header("Cookie", cookies.join("; ")).send().await.expect("a page");
        for cookie in answer.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().expect("a cookie");
            cookies.push(cookie.split(';').next().unwrap_or_default().to_owned());
        }
        let next = match answer.headers().get("location") {
            Some(location) => at.join(location.to_str().expect("text")).expect("an address"),
            None if at.path() == "/authorize" => consent(&http, &at, decision).await,
            None => return at,
        };
        if !next.scheme().starts_with("http") {
            return next;
        }
        at = next;
    }
}

async fn consent(http: &reqwest::Client, page: &Url, decision: Decision) -> Url {
    let mut form: Vec<(String, String)> =
        page.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    match decision {
        Decision::Approve(account) => {
            form.push(("account".into(), account.into()));
            form.push(("decision".into(), "approve".into()));
        }
        Decision::Deny => form.push(("decision".into(), "deny".into())),
    }
    let mut target = page.clone();
    target.set_query(None);
    let answer = http.post(target).form(&form).send().await.expect("an answer");
    let location = answer.headers().get("location").expect("the consent page sends back");
    page.join(location.to_str().expect("text")).expect("an address")
}

fn robot() -> reqwest::Client {
    // The client under test installs its own; the robot takes the process's default.
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .expect("a client")
}

pub(crate) struct Harness {
    pub(crate) engine: Engine,
    pub(crate) browser: Arc<Browser>,
    pub(crate) secrets: Arc<Memory>,
    pub(crate) timings: Timings,
    folder: tempfile::TempDir,
}

#[expect(clippy::disallowed_methods, reason = "a test reads the clock where the shell would")]
fn now() -> Timestamp {
    Timestamp::now()
}

pub(crate) fn quick() -> Timings {
    Timings {
        deadlines: Deadlines {
            browser: SignedDuration::from_secs(60),
            settling: SignedDuration::from_millis(600),
        },
        look_beside_socket: Duration::from_millis(300),
        look_first: Duration::from_millis(50),
        look_longest: Duration::from_millis(200),
        socket_lag: Duration::from_millis(300),
        forward_again: Duration::from_millis(50),
        provider: Duration::from_secs(20),
        cleanup: Duration::from_secs(5),
        disconnect_again: Duration::from_millis(100),
        reconnect_first: Duration::from_millis(50),
        link_test: Duration::from_millis(200),
        first_backup: Duration::from_secs(3600),
        limits: nango_client::Limits { calls_per_minute: None, retries: 0, ..Default::default() },
    }
}

impl Harness {
    /// An engine without a profile.
    pub(crate) async fn new() -> Harness {
        Self::with(quick()).await
    }

    pub(crate) async fn with(timings: Timings) -> Harness {
        let folder = tempfile::tempdir().expect("a folder");
        let browser = Arc::new(Browser::default());
        let secrets = Arc::new(Memory::default());
        let engine = engine(folder.path(), &secrets, &browser, timings.clone()).await;
        engine.resume().await;
        Harness { engine, browser, secrets, timings, folder }
    }

    /// An engine whose profile points at the sandbox.
    pub(crate) async fn on(sandbox: &Sandbox) -> Harness {
        let harness = Self::new().await;
        harness.save(sandbox.base_url(), sandbox.api_key()).await.expect("a profile");
        harness
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.folder.path().join("patchbay.db")
    }

    /// Ends the engine as a crash would, without a word, and starts another one on the same data.
    pub(crate) async fn crash_and_start(&mut self) {
        self.engine.stop().await;
        self.engine = engine(self.folder.path(), &self.secrets, &self.browser, self.timings.clone()).await;
        self.engine.resume().await;
    }

    /// Another engine on the same data, as of another process.
    pub(crate) async fn beside(&self) -> Engine {
        engine(self.folder.path(), &self.secrets, &self.browser, self.timings.clone()).await
    }

    pub(crate) async fn save(&self, url: &Url, key: &str) -> Result<Overview, Failure> {
        self.engine.answer(profile_form(url.as_str(), key)).await
    }

    pub(crate) async fn start(&self, connector: &str) -> AttemptView {
        self.start_with(connector, &[]).await.expect("an attempt")
    }

    pub(crate) async fn start_with(
        &self,
        connector: &str,
        fields: &[(&str, &str)],
    ) -> Result<AttemptView, Failure> {
        let plan = self
            .engine
            .answer(PlanConnection { target: target(connector), integration: None })
            .await
            .expect("a plan");
        let request = StartAttempt {
            target: target(connector),
            fields: filled_in(&plan, fields),
            integration: plan.integration,
            label: plan.default_label,
        };
        self.engine.answer(request).await
    }

    pub(crate) async fn start_reconnect(
        &self,
        instance: InstanceId,
        fields: &[(&str, &str)],
    ) -> Result<AttemptView, Failure> {
        let plan = self.engine.answer(PlanReconnect { instance }).await?;
        self.engine.answer(StartReconnect { instance, fields: filled_in(&plan, fields) }).await
    }

    /// Reconnects from start to end, by deep link.
    pub(crate) async fn reconnect(&self, instance: InstanceId, account: &'static str) -> AttemptView {
        let attempt = self.start_reconnect(instance, &[]).await.expect("an attempt");
        let page = self.page(attempt.id).await;
        let link = decide(&page, Decision::Approve(account)).await;
        self.engine.on_deep_link(link.as_str()).await;
        self.reaches(attempt.id, Phase::Connected).await
    }

    /// The only connection there is.
    pub(crate) async fn connection(&self) -> ConnectionView {
        let mut connections = self.connections().await;
        assert_eq!(connections.len(), 1, "{connections:?}");
        connections.remove(0)
    }

    /// Connects an account and waits until it is known whose it is.
    pub(crate) async fn connect_known(&self, connector: &str, account: &'static str) -> ConnectionView {
        self.connect(connector, account).await;
        self.settles("whose account it is", |connection| connection.account.is_some()).await
    }

    /// Waits until the only connection is as described.
    pub(crate) async fn settles(
        &self,
        what: &str,
        is_so: impl Fn(&ConnectionView) -> bool,
    ) -> ConnectionView {
        until(what, || async { Some(self.connection().await).filter(&is_so) }).await
    }

    pub(crate) async fn test(&self, instance: InstanceId) -> TestReport {
        self.engine.answer(TestConnection { instance }).await.expect("a report")
    }

    pub(crate) async fn attempt(&self, id: AttemptId) -> AttemptView {
        self.engine.answer(GetAttempt { attempt: id }).await.expect("the attempt")
    }

    /// Waits until the attempt is in a phase, and fails if it ends in another.
    pub(crate) async fn reaches(&self, id: AttemptId, phase: Phase) -> AttemptView {
        until(&format!("{phase:?}"), || async {
            let view = self.attempt(id).await;
            assert!(view.phase == phase || view.phase.is_open(), "it ended otherwise: {view:#?}");
            (view.phase == phase).then_some(view)
        })
        .await
    }

    /// Waits until the attempt waits for the browser, and returns the page that was opened.
    pub(crate) async fn page(&self, id: AttemptId) -> Url {
        self.reaches(id, Phase::AwaitingBrowser).await;
        until("the browser", || async {
            let view = self.attempt(id).await;
            let is_open = view.steps.iter().any(|step| step.words == "Opened the browser");
            is_open.then(|| self.browser.pages().last().cloned()).flatten()
        })
        .await
    }

    /// Connects an account from start to end, by deep link.
    pub(crate) async fn connect(&self, connector: &str, account: &'static str) -> AttemptView {
        let attempt = self.start(connector).await;
        let page = self.page(attempt.id).await;
        let link = decide(&page, Decision::Approve(account)).await;
        self.engine.on_deep_link(link.as_str()).await;
        self.reaches(attempt.id, Phase::Connected).await
    }

    pub(crate) async fn connections(&self) -> Vec<ConnectionView> {
        self.engine.answer(all_connections()).await.expect("a list").connections
    }

    /// Waits until nothing of any attempt is left in the keyring.
    pub(crate) async fn secrets_are_cleared(&self) {
        until("the keyring to be cleared", || async {
            self.secrets.names().iter().all(|name| name.ends_with("/api-key")).then_some(())
        })
        .await;
    }
}

/// A connector by its slug, or one of the server's other providers as `provider:<key>`.
pub(crate) fn target(named: &str) -> ConnectTarget {
    match named.strip_prefix("provider:") {
        Some(key) => ConnectTarget::Provider(key.into()),
        None => ConnectTarget::Connector(named.into()),
    }
}

fn filled_in(plan: &ConnectionPlan, fields: &[(&str, &str)]) -> Vec<FieldInput> {
    let part = |name: &str| {
        plan.form.fields.iter().find(|field| field.name == name).expect("the form has the field").part
    };
    let input = |(name, value): &(&str, &str)| FieldInput {
        name: (*name).to_owned(),
        part: part(name),
        value: SecretInput::from((*value).to_owned()),
    };
    fields.iter().map(input).collect()
}

async fn engine(folder: &Path, secrets: &Arc<Memory>, browser: &Arc<Browser>, timings: Timings) -> Engine {
    Engine::new(Parts {
        store: Store::open(&folder.join("patchbay.db")).await.expect("a database"),
        recovered: None,
        keyring: Arc::clone(secrets) as Arc<dyn SecretStore>,
        browser: Arc::clone(browser) as Arc<dyn OpenBrowser>,
        timings,
        now,
        overrides: Overrides::default(),
        places: Places {
            data: folder.to_owned(),
            log: folder.to_owned(),
            downloads: folder.join("downloads"),
            version: "0.0.0".into(),
            platform: Platform::LinuxDesktop,
            language: Default::default(),
        },
    })
    .expect("an engine")
}

pub(crate) fn profile_form(url: &str, key: &str) -> SaveProfile {
    SaveProfile {
        profile: None,
        server_url: url.to_owned(),
        api_key: Some(SecretInput::from(key.to_owned())),
        user_id: "alex".to_owned(),
        user_name: "Alex".to_owned(),
        bridge_url: String::new(),
        enabled: true,
        accept_problems: false,
    }
}

pub(crate) fn all_connections() -> ListConnections {
    ListConnections { narrowing: Narrowing::default(), offset: 0, limit: 500 }
}

/// A sandbox whose callbacks come by deep link.
pub(crate) async fn sandbox() -> Sandbox {
    sandbox_with(Options { callback_url: Some(DEEP_LINK.to_owned()), ..Options::default() }).await
}

pub(crate) async fn sandbox_with(options: Options) -> Sandbox {
    let sample_operations = patchbay_engine::sample_operations().expect("a catalogue");
    let options = Options { rate_limit_per_minute: None, sample_operations, ..options };
    Sandbox::start(options).await.expect("a sandbox")
}

/// A client of the sandbox's Nango, for what is done elsewhere.
pub(crate) fn elsewhere(sandbox: &Sandbox) -> nango_client::Client {
    nango_client::Client::new(nango_client::Configuration {
        base_url: sandbox.base_url().clone(),
        key: sandbox.api_key().into(),
        limits: quick().limits,
    })
    .expect("a client")
}

/// How many requests of that method and path beginning the sandbox has received.
pub(crate) fn count(sandbox: &Sandbox, method: &str, path: &str) -> usize {
    sandbox.requests().iter().filter(|r| r.method == method && r.path.starts_with(path)).count()
}

/// How many connections were asked to be deleted; the probe of the key's scopes does not count.
pub(crate) fn deletions(sandbox: &Sandbox) -> usize {
    count(sandbox, "DELETE", "/connections/") - count(sandbox, "DELETE", "/connections/patchbay-scope-probe")
}
