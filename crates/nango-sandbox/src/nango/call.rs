//! A request as the handlers read it, and what is learnt about it on the way.

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use crate::nango::rate_limit::Rate;
use crate::nango::refusal::Refusal;
use crate::nango::validate::Issues;

/// The largest request body that is read.
const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// One request.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    /// The path as sent.
    pub(crate) path: String,
    /// The query as sent.
    pub(crate) raw_query: Option<String>,
    /// The path's segments, decoded; a slash at the end makes no difference.
    pub(crate) segments: Vec<String>,
    /// The query, decoded, in order.
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The body, once parsed; an absent body is an empty object.
    pub(crate) json: Value,
    /// Set by the limiter.
    pub(crate) rate: Option<Rate>,
    /// The name of the key that was used.
    pub(crate) caller: Option<String>,
    /// Connection id and integration of a proxy call.
    pub(crate) proxied: Option<(String, String)>,
    /// A fault suppresses the websocket message.
    pub(crate) no_message: bool,
}

impl Call {
    /// Reads a request with its body.
    pub(crate) async fn read(parts: Parts, body: Body) -> Result<Self, Refusal> {
        let mut call = Self::without_body(&parts);
        call.body = axum::body::to_bytes(body, BODY_LIMIT).await.map_err(|_| {
            Refusal::message(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", "request entity too large")
        })?;
        Ok(call)
    }

    /// The request without its body, where that does not matter.
    pub(crate) fn without_body(parts: &Parts) -> Self {
        let path = parts.uri.path().to_owned();
        let decode = |segment: &str| percent_decode_str(segment).decode_utf8_lossy().into_owned();
        let trimmed = path.strip_prefix('/').unwrap_or(&path);
        let trimmed = trimmed.strip_suffix('/').unwrap_or(trimmed);
        let segments = trimmed.split('/').map(decode).collect();
        let raw_query = parts.uri.query().map(str::to_owned);
        let pairs = url::form_urlencoded::parse(raw_query.as_deref().unwrap_or_default().as_bytes());
        Self {
            method: parts.method.clone(),
            segments,
            query: pairs.into_owned().collect(),
            raw_query,
            path,
            headers: parts.headers.clone(),
            body: Bytes::new(),
            json: json!({}),
            rate: None,
            caller: None,
            proxied: None,
            no_message: false,
        }
    }

    /// A header as text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The first value of a query member.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The members `group[name]=value` of the query.
    pub(crate) fn query_group(&self, group: &str) -> Map<String, Value> {
        let member = |(key, value): &(String, String)| {
            let name = key.strip_prefix(group)?.strip_prefix('[')?.strip_suffix(']')?;
            Some((name.to_owned(), json!(value)))
        };
        self.query.iter().filter_map(member).collect()
    }

    /// Refuses query members other than these; `group` stands for `group[..]` too.
    pub(crate) fn check_query(&self, known: &[&str], issues: &mut Issues) {
        let mut unknown: Vec<&str> = Vec::new();
        for (key, _) in &self.query {
            let group = key.split('[').next().unwrap_or_default();
            if !known.contains(&group) && !unknown.contains(&group) {
                unknown.push(group);
            }
        }
        issues.unrecognized(&unknown, &[]);
    }

    /// Refuses every query member.
    pub(crate) fn no_query(&self) -> Result<(), Refusal> {
        let mut issues = Issues::default();
        self.check_query(&[], &mut issues);
        issues.refuse("invalid_query_params")
    }

    /// Parses the body, if there is one.
    pub(crate) fn parse_json(&mut self) -> Result<(), Refusal> {
        if self.body.is_empty() {
            return Ok(());
        }
        let content_type = self.header("content-type").unwrap_or_default().to_ascii_lowercase();
        if !content_type.contains("json") {
            return Err(Refusal::message(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "invalid_content_type",
                "Content-Type header must be application/json",
            ));
        }
        self.json = serde_json::from_slice(&self.body).map_err(|error| {
            let message = if error.is_eof() {
                "Unexpected end of JSON input".to_owned()
            } else {
                format!("Unexpected token: {error}")
            };
            Refusal::message(StatusCode::BAD_REQUEST, "invalid_json", &message)
        })?;
        Ok(())
    }
}
