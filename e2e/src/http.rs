//! Plain HTTP to the sandbox: no redirects followed, no cookies kept.

use anyhow::{Context, Result};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::{HeaderMap, Method, Request, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use crate::wait::PATIENTLY;

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: String,
}

/// Sends one request.
///
/// # Errors
/// There is no server, it does not answer in time, or its answer is not HTTP.
pub async fn send(method: Method, url: &str, headers: &[(&str, &str)], body: String) -> Result<Answer> {
    let client: Client<HttpConnector, Full<Bytes>> =
        Client::builder(TokioExecutor::new()).build(HttpConnector::new());
    let mut request = Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(Bytes::from(body)))?;
    let exchange = async {
        let (parts, body) = client.request(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        let body = String::from_utf8_lossy(&body).into_owned();
        anyhow::Ok(Answer { status: parts.status, headers: parts.headers, body })
    };
    let answer = tokio::time::timeout(PATIENTLY, exchange).await.map_err(anyhow::Error::from);
    answer.flatten().with_context(|| format!("{} does not answer", stripped(url)))
}

/// A URL without its query, which may hold a token.
fn stripped(url: &str) -> &str {
    url.split('?').next().unwrap_or(url)
}
