//! The same file, unchanged, in this runner and in an engine that shares no code with it.

use std::sync::Arc;

use async_trait::async_trait;
use nango_sandbox::{Options, Sandbox};
use patchbay_runner::{Auth, Call, CallFailure, CallFailureKind, HttpAnswer, HttpCall, Outcome};
use serde_json::{Value, json};
use swf_core::models::workflow::WorkflowDefinition;
use swf_runtime::WorkflowRunner;
use swf_runtime::secret::MapSecretManager;

use crate::harness::{Bench, answer_of, yaml};

/// Two roles of one connector and one of another; calls in a row, in a loop, at the same time, on a way that
/// is not gone, and one that fails and is caught.
const FILE: &str = r#"
document: { dsl: '1.0.3', namespace: test, name: elsewhere, version: '1.0.0' }
use:
  secrets: [ nango ]
  authentications:
    nango: { bearer: { use: nango } }
do:
  - readItems:
      call: http
      with:
        method: get
        endpoint:
          uri: ${ "\($workflow.input.nango)/proxy/items" }
          authentication: { use: nango }
        headers:
          Provider-Config-Key: github
          Connection-Id: ${ $workflow.input.connections.codeHost }
        query: { state: open, page: '${ .firstPage }' }
      metadata: { patchbay: { connector: github, operation: list, role: codeHost } }
      output: { as: '{ numbers: [ 1, 2, 3 ] }' }
  - eachNumber:
      for: { each: number, in: .numbers }
      do:
        - writeItem:
            call: http
            with:
              method: post
              endpoint:
                uri: ${ "\($workflow.input.nango)/proxy/echo/\($number)" }
                authentication: { use: nango }
              headers:
                Provider-Config-Key: github
                Connection-Id: ${ $workflow.input.connections.mirror }
              body: { title: '${ "number \($number)" }', labels: [ a, b ] }
            output: { as: '{ last: $number }' }
  - tell:
      switch:
        - done: { when: .last == 3, then: missing }
        - other: { then: never }
  - never:
      call: http
      with:
        method: delete
        endpoint:
          uri: ${ "\($workflow.input.nango)/proxy/echo/never" }
          authentication: { use: nango }
        headers:
          Provider-Config-Key: gitlab
          Connection-Id: ${ $workflow.input.connections.chat }
      then: end
  - missing:
      try:
        - lookUp:
            call: http
            with:
              method: get
              endpoint:
                uri: ${ "\($workflow.input.nango)/proxy/404" }
                authentication: { use: nango }
              headers:
                Provider-Config-Key: gitlab
                Connection-Id: ${ $workflow.input.connections.chat }
      catch:
        errors: { with: { status: 404 } }
        as: problem
        do:
          - remember: { set: { status: '${ $problem.status }' } }
"#;

#[tokio::test(flavor = "multi_thread")]
async fn another_engine_makes_the_same_calls() {
    let here = calls_of(here).await;
    let elsewhere = calls_of(elsewhere).await;
    assert_eq!(here.0, json!({"status": 404}));
    assert_eq!(elsewhere.0, here.0, "the same output");
    assert_eq!(here.1.len(), 5, "{:#?}", here.1);
    assert_eq!(elsewhere.1, here.1, "the same calls, in the same order, as the same connections");
}

/// One call as Nango saw it, connections by their place in the input.
type Seen = (String, String, Vec<(String, String)>, Option<usize>, Option<String>);

/// What an engine makes of the file at a fresh sandbox: its output, and the calls that arrived.
async fn calls_of<F: Future<Output = Value>>(engine: fn(Value, String) -> F) -> (Value, Vec<Seen>) {
    rustls::crypto::ring::default_provider().install_default().ok();
    let sandbox =
        Sandbox::start(Options { rate_limit_per_minute: None, ..Options::default() }).await.unwrap();
    assert_eq!(
        sandbox.seed_connections(2, "github", "user") + sandbox.seed_connections(1, "gitlab", "user"),
        3
    );
    let connections = sandbox.connections();
    let of = |integration| connections.iter().filter(move |connection| connection.integration == integration);
    let ids: Vec<&str> = of("github").chain(of("gitlab")).map(|connection| connection.id.as_str()).collect();
    let input = json!({
        "nango": sandbox.base_url().as_str().trim_end_matches('/'),
        "connections": { "codeHost": ids[0], "mirror": ids[1], "chat": ids[2] },
        "firstPage": "1",
    });
    let output = engine(input, sandbox.api_key().to_owned()).await;
    let place = |id: &str| ids.iter().position(|known| *known == id);
    let mut calls = Vec::new();
    for request in sandbox.requests() {
        let connection = request.connection_id.as_deref().and_then(place);
        let mut query = request.query;
        query.sort();
        calls.push((request.method, request.path, query, connection, request.provider_config_key));
    }
    (output, calls)
}

async fn here(input: Value, key: String) -> Value {
    let mut bench = Bench::new().await;
    let base = format!("{}/proxy/", input["nango"].as_str().unwrap());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    bench.host.caller = Arc::new(ToProxy { http, base, key });
    match bench.run(FILE, input).await {
        Outcome::Completed(output) => output,
        other => panic!("{other:?}\n{}", bench.log.story()),
    }
}

async fn elsewhere(input: Value, key: String) -> Value {
    let definition: WorkflowDefinition = serde_json::from_value(yaml(FILE).unwrap()).unwrap();
    let secrets = MapSecretManager::new().with_secret("nango", json!({"token": key}));
    let runner = WorkflowRunner::new(definition).unwrap().with_secret_manager(Arc::new(secrets));
    runner.run(input).await.unwrap()
}

/// Gives the key away to the proxy, and to nobody else.
struct ToProxy {
    http: reqwest::Client,
    base: String,
    key: String,
}

#[async_trait]
impl Call for ToProxy {
    async fn call(&self, call: HttpCall) -> Result<HttpAnswer, CallFailure> {
        let is_for_proxy = call.url.as_str().starts_with(&self.base);
        if !is_for_proxy || !matches!(&call.authentication, Some(Auth::Named(name)) if name == "nango") {
            return Err(CallFailure::new(CallFailureKind::Forbidden, "This is no call to the proxy."));
        }
        let mut request = self.http.request(call.method.parse().unwrap(), call.url).bearer_auth(&self.key);
        for (name, value) in call.headers {
            request = request.header(name, value);
        }
        if let Some(body) = call.body {
            request = request.body(body);
        }
        answer_of(request, call.response_limit).await
    }
}
