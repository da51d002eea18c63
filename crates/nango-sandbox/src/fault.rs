//! Faults on demand: what a network, a proxy or a tired server does to a client.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue};
use axum::http::{Method, Response, StatusCode};
use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream;
use serde::{Deserialize, Serialize};

use crate::answer::{self, Answer};
use crate::server::Wire;

/// How much of a huge body is sent at a time.
const CHUNK: usize = 64 * 1024;
/// How long the first half of a body gets to leave before its connection is cut.
const FLUSH: Duration = Duration::from_millis(50);

/// One fault, until it has happened often enough.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Which requests it happens to.
    pub matcher: FaultMatcher,
    /// How many times; `None` is for ever.
    #[serde(default)]
    pub times: Option<u32>,
    /// What happens.
    pub action: FaultAction,
}

/// Which requests a fault happens to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultMatcher {
    /// The HTTP method, in any case; `None` is all of them.
    #[serde(default)]
    pub method: Option<String>,
    /// How the path begins, without the query; empty is every path.
    #[serde(default)]
    pub path_prefix: String,
}

/// What happens to a request. In JSON: `{"delay": 500}`, `"reset_connection"`,
/// `{"status": {"code": 503, "body": "", "headers": {}}}` and so on; durations are milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultAction {
    /// The answer comes later.
    Delay(#[serde(with = "milliseconds")] Duration),
    /// Another answer comes instead; nothing is done.
    Status {
        /// The HTTP status.
        code: u16,
        /// The body. Its content type is JSON, or HTML if it starts with `<`, unless a header says otherwise.
        #[serde(default)]
        body: String,
        /// Further headers, such as `Retry-After`.
        #[serde(default)]
        headers: BTreeMap<String, String>,
    },
    /// The request is handled, and the second half of the body is missing. HTTP itself is in order.
    TruncatedJson,
    /// The request is handled, and the connection ends in the middle of the announced body.
    TruncatedBody,
    /// The connection is held that long without a word, then closed; nothing is done.
    Silence(#[serde(with = "milliseconds")] Duration),
    /// A JSON text of about this many bytes comes instead.
    HugeBody(u64),
    /// The connection ends with a TCP reset; nothing is done.
    ResetConnection,
    /// Every open websocket is cut, then the request is handled.
    DropWebsocket,
    /// The request is handled, and the websocket message it would cause is lost.
    NoWebsocketMessage,
}

/// The faults in force on one side.
#[derive(Debug, Default)]
pub(crate) struct FaultBook {
    faults: Mutex<Vec<Fault>>,
}

/// What the faults of one request leave to be done.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    /// An answer that replaces the real one.
    pub(crate) instead: Option<Answer>,
    /// The websocket message is lost.
    pub(crate) no_message: bool,
    /// Open websockets are cut first.
    pub(crate) drop_websockets: bool,
    /// The real answer is shortened.
    pub(crate) cut: Option<Cut>,
}

/// How an answer is shortened.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cut {
    /// Its body is half as long; HTTP is in order.
    Text,
    /// The connection ends in the middle of the announced body.
    Wire,
}

impl FaultBook {
    /// Replaces all faults.
    pub(crate) fn set(&self, faults: Vec<Fault>) {
        *self.faults.lock().unwrap_or_else(PoisonError::into_inner) = faults;
    }

    /// Lets the faults that match a request happen. May wait, and may cut the connection.
    pub(crate) async fn strike(&self, method: &Method, path: &str, wire: &Wire) -> Verdict {
        let mut verdict = Verdict::default();
        for action in self.take(method, path) {
            match action {
                FaultAction::Delay(wait) => tokio::time::sleep(wait).await,
                FaultAction::Status { code, body, headers } => {
                    verdict.instead = Some(other_answer(code, body, &headers))
                }
                FaultAction::TruncatedJson => verdict.cut = Some(Cut::Text),
                FaultAction::TruncatedBody => verdict.cut = Some(Cut::Wire),
                FaultAction::Silence(wait) => {
                    tokio::time::sleep(wait).await;
                    wire.close();
                    verdict.instead = Some(answer::empty(StatusCode::SERVICE_UNAVAILABLE));
                }
                FaultAction::HugeBody(bytes) => verdict.instead = Some(huge(bytes)),
                FaultAction::ResetConnection => {
                    wire.reset();
                    verdict.instead = Some(answer::empty(StatusCode::SERVICE_UNAVAILABLE));
                }
                FaultAction::DropWebsocket => verdict.drop_websockets = true,
                FaultAction::NoWebsocketMessage => verdict.no_message = true,
            }
            if verdict.instead.is_some() {
                break;
            }
        }
        verdict
    }

    fn take(&self, method: &Method, path: &str) -> Vec<FaultAction> {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        let mut actions = Vec::new();
        for fault in faults.iter_mut() {
            let method_matches = fault
                .matcher
                .method
                .as_ref()
                .is_none_or(|wanted| wanted.eq_ignore_ascii_case(method.as_str()));
            if method_matches && path.starts_with(&fault.matcher.path_prefix) && fault.times != Some(0) {
                fault.times = fault.times.map(|times| times - 1);
                actions.push(fault.action.clone());
            }
        }
        faults.retain(|fault| fault.times != Some(0));
        actions
    }
}

/// Shortens an answer if a fault says so.
pub(crate) async fn shorten(cut: Option<Cut>, answer: Answer) -> Answer {
    let Some(cut) = cut else {
        return answer;
    };
    let (mut parts, body) = answer.into_parts();
    let Ok(whole) = axum::body::to_bytes(body, usize::MAX).await else {
        return Response::from_parts(parts, Body::empty());
    };
    let half = whole.slice(..whole.len() / 2);
    match cut {
        Cut::Text => {
            parts.headers.remove(CONTENT_LENGTH);
            Response::from_parts(parts, Body::from(half))
        }
        Cut::Wire => {
            parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(whole.len()));
            // Without a pause the connection would end before the first half is on its way.
            let end = async {
                tokio::time::sleep(FLUSH).await;
                Err(std::io::Error::other("cut by a fault"))
            };
            let pieces = stream::iter([Ok(half)]).chain(stream::once(end));
            Response::from_parts(parts, Body::from_stream(pieces))
        }
    }
}

fn other_answer(code: u16, body: String, headers: &BTreeMap<String, String>) -> Answer {
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let content_type =
        if body.starts_with('<') { "text/html; charset=utf-8" } else { "application/json; charset=utf-8" };
    let mut answer = answer::typed(status, content_type, body);
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            answer.headers_mut().insert(name, value);
        }
    }
    answer
}

/// A JSON object with one long text, made as it is sent, so that the sandbox itself stays small.
fn huge(bytes: u64) -> Answer {
    let chunk = Bytes::from(vec![b'x'; CHUNK]);
    let whole_chunks = bytes / CHUNK as u64;
    let rest = usize::try_from(bytes % CHUNK as u64).unwrap_or_default();
    let start = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"{\"data\":\""))]);
    let middle = stream::iter((0..whole_chunks).map({
        let chunk = chunk.clone();
        move |_| Ok(chunk.clone())
    }));
    let end = stream::iter([Ok(chunk.slice(..rest)), Ok(Bytes::from_static(b"\"}"))]);
    let pieces = start.chain(middle).chain(end);
    let mut answer = Response::new(Body::from_stream(pieces));
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    answer
}

/// Durations as whole milliseconds.
mod milliseconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_millis)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_written_in_json_as_the_documentation_says() {
        let text = r#"[{"matcher":{"method":"GET","path_prefix":"/connections"},"times":2,"action":{"delay":500}},
            {"matcher":{"path_prefix":""},"action":"reset_connection"},
            {"matcher":{},"action":{"status":{"code":503}}}]"#;
        let faults: Vec<Fault> = serde_json::from_str(text).unwrap();
        assert_eq!(faults[0].action, FaultAction::Delay(Duration::from_millis(500)));
        assert_eq!(faults[0].times, Some(2));
        assert_eq!(faults[1].action, FaultAction::ResetConnection);
        let again: Vec<Fault> = serde_json::from_str(&serde_json::to_string(&faults).unwrap()).unwrap();
        assert_eq!(again, faults);
    }
}
