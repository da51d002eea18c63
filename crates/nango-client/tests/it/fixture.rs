//! Recorded exchanges: what a real server was sent and what it answered.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::Value;

use crate::server::{Reply, Request, Server};

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Exchange {
    pub(crate) request: RecordedRequest,
    pub(crate) response: RecordedResponse,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct RecordedRequest {
    method: String,
    path: String,
    query: Vec<(String, String)>,
    headers: BTreeMap<String, String>,
    body: Value,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct RecordedResponse {
    pub(crate) status: u16,
    headers: BTreeMap<String, String>,
    pub(crate) body: Value,
}

/// Reads an exchange of a fixture file by its name.
pub(crate) fn exchange(file: &str, name: &str) -> Exchange {
    let path = format!("{}/tests/it/fixtures/{file}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut exchanges: BTreeMap<String, Exchange> = serde_json::from_str(&text).unwrap();
    exchanges.remove(name).unwrap_or_else(|| panic!("{path} has {name}"))
}

impl RecordedResponse {
    pub(crate) fn reply(&self) -> Reply {
        let body = match &self.body {
            Value::String(text) => text.clone().into_bytes(),
            other => other.to_string().into_bytes(),
        };
        let headers = self.headers.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        Reply::Answer { status: self.status, headers, body }
    }
}

/// A server that gives one recorded answer and then checks what it was asked.
pub(crate) struct Replay {
    pub(crate) server: Server,
    exchange: Exchange,
}

impl Replay {
    pub(crate) async fn of(file: &str, name: &str) -> Self {
        let exchange = exchange(file, name);
        let server = Server::replying(vec![exchange.response.reply()]).await;
        Self { server, exchange }
    }

    /// Asserts that exactly one request came and that it was the recorded one. Members of `extra` may
    /// be in its query in addition.
    pub(crate) fn assert_asked_with(&self, extra: &[&str]) {
        let received = self.server.received();
        assert_eq!(received.len(), 1, "one request is made: {received:?}");
        let Request { method, path, mut query, body, .. } = received[0].clone();
        let recorded = &self.exchange.request;
        assert_eq!(method, recorded.method);
        let decoded = |path: &str| percent_decode_str(path).decode_utf8().unwrap().into_owned();
        assert_eq!(decoded(&path), decoded(&recorded.path));
        query.retain(|(name, _)| !extra.contains(&name.as_str()));
        query.sort();
        let mut expected = recorded.query.clone();
        expected.retain(|(name, _)| !extra.contains(&name.as_str()));
        expected.sort();
        assert_eq!(query, expected);
        for (name, value) in &recorded.headers {
            assert_eq!(received[0].header(name), Some(value.as_str()), "header {name}");
        }
        if !recorded.headers.contains_key("authorization") {
            assert_eq!(received[0].header("authorization"), None, "the key does not belong here");
        }
        match &recorded.body {
            Value::Null => assert!(body.is_empty(), "no body is sent"),
            Value::String(text) => assert_eq!(body, text.as_bytes()),
            json => assert_eq!(&serde_json::from_slice::<Value>(&body).unwrap(), json),
        }
    }

    pub(crate) fn assert_asked(&self) {
        self.assert_asked_with(&[]);
    }

    /// A member of the recorded query, for tests that have to send it.
    pub(crate) fn recorded_query(&self, name: &str) -> String {
        let member = self.exchange.request.query.iter().find(|(key, _)| key == name);
        member.unwrap_or_else(|| panic!("{name} was sent")).1.clone()
    }

    pub(crate) fn recorded_header(&self, name: &str) -> String {
        self.exchange.request.headers[name].clone()
    }
}
