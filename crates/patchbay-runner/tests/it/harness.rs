//! A real server, a caller that leads every host to it, and a log that remembers.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::Router;
use jiff::Timestamp;
use patchbay_core::workflow::run::{DslError, TaskState};
use patchbay_runner::{
    Auth, Call, CallFailure, CallFailureKind, EntryBegan, EntryEnded, Exchange, Fault, Host, HttpAnswer,
    HttpCall, Limits, NotSaved, Outcome, Program, Retrying, RunLog, run,
};
use secrecy::ExposeSecret;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

/// Everything a run needs, and what it left behind.
pub(crate) struct Bench {
    pub(crate) log: Arc<Log>,
    pub(crate) host: Host,
}

impl Bench {
    /// A bench on which every call ends at `server`.
    pub(crate) async fn with(server: Router) -> Bench {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, server).await });
        rustls::crypto::ring::default_provider().install_default().ok();
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        let caller = ToServer { http: http.build().unwrap(), base: format!("http://{address}") };
        let log = Arc::new(Log::default());
        let host = Host {
            caller: Arc::new(caller),
            log: log.clone(),
            now: || Timestamp::UNIX_EPOCH,
            limits: Limits::default(),
            overrides: HashMap::new(),
        };
        Bench { log, host }
    }

    /// A bench for documents that call nobody.
    pub(crate) async fn new() -> Bench {
        Bench::with(Router::new()).await
    }

    pub(crate) async fn run(&self, document: &str, input: Value) -> Outcome {
        let program = program(document).unwrap();
        run(&program, input, &self.host, CancellationToken::new()).await
    }

    pub(crate) async fn completes(&self, document: &str, input: Value) -> Value {
        match self.run(document, input).await {
            Outcome::Completed(output) => output,
            other => panic!("the run should complete: {other:?}\n{}", self.log.story()),
        }
    }

    pub(crate) async fn faults(&self, document: &str, input: Value) -> Fault {
        match self.run(document, input).await {
            Outcome::Faulted(fault) => fault,
            other => panic!("the run should fault: {other:?}\n{}", self.log.story()),
        }
    }
}

/// YAML as version 1.2 has it: `n` and `off` are texts.
pub(crate) fn yaml(text: &str) -> Result<Value, String> {
    let options = serde_saphyr::options! { strict_booleans: true };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| error.to_string())
}

/// The program of a document, or of its tasks alone.
pub(crate) fn program(document: &str) -> Result<Program, patchbay_runner::ProgramError> {
    let mut value = yaml(document).unwrap();
    if let Value::Array(tasks) = value {
        value = serde_json::json!({ "do": tasks });
    }
    if let Value::Object(members) = &mut value {
        let head =
            serde_json::json!({"dsl": "1.0.3", "namespace": "test", "name": "test", "version": "1.0.0"});
        members.entry("document").or_insert(head);
    }
    Program::new(value)
}

/// The last segment of an error's type, its status, where it comes from.
pub(crate) fn brief(error: &DslError) -> (&str, u16, &str) {
    (error.r#type.rsplit('/').next().unwrap(), error.status, &error.instance)
}

/// Leads the calls to any host to one server. The host they were for is the header `X-Host`.
struct ToServer {
    http: reqwest::Client,
    base: String,
}

#[async_trait]
impl Call for ToServer {
    async fn call(&self, call: HttpCall) -> Result<HttpAnswer, CallFailure> {
        let host = call.url.host_str().unwrap();
        if host == "broken.test" {
            return Err(CallFailure::new(
                CallFailureKind::ConnectionBroken,
                "The connection needs a reconnect.",
            ));
        }
        let query = call.url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let url = format!("{}{}{query}", self.base, call.url.path());
        let mut request = self.http.request(call.method.parse().unwrap(), url).header("X-Host", host);
        for (name, value) in call.headers {
            request = request.header(name, value);
        }
        request = match call.authentication {
            None => request,
            Some(Auth::Named(name)) => request.bearer_auth(format!("the secret of {name}")),
            Some(Auth::Bearer { token }) => request.bearer_auth(token.expose_secret()),
            Some(Auth::Basic { username, password } | Auth::Digest { username, password }) => {
                request.basic_auth(username, Some(password.expose_secret()))
            }
        };
        if let Some(body) = call.body {
            request = request.body(body);
        }
        answer_of(request, call.response_limit).await
    }
}

/// Sends a request and reads its answer.
pub(crate) async fn answer_of(
    request: reqwest::RequestBuilder,
    limit: usize,
) -> Result<HttpAnswer, CallFailure> {
    let network = |error: reqwest::Error| CallFailure::new(CallFailureKind::Network, error.to_string());
    let response = request.send().await.map_err(network)?;
    let status = response.status().as_u16();
    let text = |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
        (name.to_string(), value.to_str().unwrap().to_owned())
    };
    let headers = response.headers().iter().map(text).collect();
    let body = response.bytes().await.map_err(network)?;
    let truncated = body.len() > limit;
    Ok(HttpAnswer { status, headers, body, truncated })
}

/// Remembers everything.
#[derive(Default)]
pub(crate) struct Log {
    pub(crate) began: Mutex<Vec<EntryBegan>>,
    pub(crate) ended: Mutex<Vec<EntryEnded>>,
    pub(crate) exchanges: Mutex<Vec<(u32, Exchange)>>,
    pub(crate) retries: Mutex<Vec<(u32, Retrying)>>,
    /// The log fails from the entry with this number on.
    pub(crate) full_from: Mutex<Option<u32>>,
    pub(crate) has_begun: tokio::sync::Notify,
}

#[async_trait]
impl RunLog for Log {
    async fn began(&self, entry: EntryBegan) -> Result<(), NotSaved> {
        if self.full_from.lock().unwrap().is_some_and(|first| entry.number >= first) {
            return Err(NotSaved("the disk is full".to_owned()));
        }
        self.began.lock().unwrap().push(entry);
        self.has_begun.notify_waiters();
        Ok(())
    }

    async fn exchanged(&self, number: u32, exchange: Exchange) -> Result<(), NotSaved> {
        self.exchanges.lock().unwrap().push((number, exchange));
        Ok(())
    }

    async fn retrying(&self, number: u32, retrying: Retrying) -> Result<(), NotSaved> {
        self.retries.lock().unwrap().push((number, retrying));
        Ok(())
    }

    async fn ended(&self, entry: EntryEnded) -> Result<(), NotSaved> {
        self.ended.lock().unwrap().push(entry);
        Ok(())
    }
}

impl Log {
    /// The names of the tasks in the order they began.
    pub(crate) fn order(&self) -> Vec<String> {
        self.began.lock().unwrap().iter().map(|entry| entry.name.to_string()).collect()
    }

    /// Each entry and what it came to, by number.
    pub(crate) fn states(&self) -> Vec<(String, Option<TaskState>)> {
        let mut began = self.began.lock().unwrap().clone();
        began.sort_by_key(|entry| entry.number);
        let ended = self.ended.lock().unwrap();
        let state = |number| ended.iter().find(|entry| entry.number == number).map(|entry| entry.state);
        began.iter().map(|entry| (entry.name.to_string(), state(entry.number))).collect()
    }

    pub(crate) fn story(&self) -> String {
        let mut story = String::new();
        for entry in self.began.lock().unwrap().iter() {
            writeln!(story, "{} {} began with {}", entry.number, entry.path, entry.input.text(200)).unwrap();
        }
        for entry in self.ended.lock().unwrap().iter() {
            writeln!(story, "{} {:?} {:?} {:?}", entry.number, entry.state, entry.output, entry.error)
                .unwrap();
        }
        story
    }

    /// Waits until the task of this name has begun.
    pub(crate) async fn begun(&self, name: &str) {
        loop {
            let notified = self.has_begun.notified();
            tokio::pin!(notified);
            notified.as_mut().enable();
            if self.began.lock().unwrap().iter().any(|entry| &*entry.name == name) {
                return;
            }
            notified.await;
        }
    }
}
