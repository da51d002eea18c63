//! Reads answers with a limit on their size while they arrive, and turns them into JSON.
//! Leaves the time limit to the HTTP library, which counts from the first byte sent to the last read.

use bytes::{Bytes, BytesMut};
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::transport;

/// Server texts (messages, codes) longer than this are cut.
const TEXT_LIMIT: usize = 500;

/// A complete answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The body was longer than allowed and has been cut. Only where the call asked for cutting.
    pub(crate) truncated: bool,
}

/// What to do with a body that is longer than allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Overflow {
    Refuse,
    Truncate,
}

/// Reads the whole body of a response, or as much as allowed.
pub(crate) async fn read(
    mut response: reqwest::Response,
    limit: usize,
    overflow: Overflow,
) -> Result<Answer, Error> {
    let status = response.status().as_u16();
    let headers = std::mem::take(response.headers_mut());
    let mut body = BytesMut::new();
    let mut truncated = false;
    while let Some(chunk) = response.chunk().await.map_err(transport::from_http)? {
        let room = limit.saturating_sub(body.len());
        if chunk.len() > room {
            if overflow == Overflow::Refuse {
                return Err(Error::BodyTooLarge { limit });
            }
            body.extend_from_slice(&chunk[..room]);
            truncated = true;
            break;
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, headers, body: body.freeze(), truncated })
}

impl Answer {
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as JSON of the given shape.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|error| {
            self.unexpected(match error.classify() {
                serde_json::error::Category::Eof => "the JSON ends too early",
                serde_json::error::Category::Data => "JSON of another shape",
                _ => "not JSON",
            })
        })
    }

    pub(crate) fn unexpected(&self, why: &'static str) -> Error {
        let content_type = self.header(CONTENT_TYPE.as_str()).map(short);
        Error::UnexpectedBody { status: self.status, content_type, why }
    }
}

/// A text of the server, cut to a harmless length and without control characters.
pub(crate) fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || *c == '\n').take(TEXT_LIMIT).collect()
}

/// A code of the server, reduced to the characters real codes have, so that it can be shown and
/// logged whatever a hostile server puts there.
pub(crate) fn code(text: &str) -> String {
    let harmless = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
    text.chars().filter(harmless).take(64).collect()
}
