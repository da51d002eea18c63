//! A sandbox in a process of its own, and its controls.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use hyper::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;
use xtask::desktop::Background;

use crate::http::{self, Answer};
use crate::programs;

/// The callback URL of an environment whose answers come to the application.
pub const DEEP_LINK: &str = "app.patchbay.desktop://oauth/callback";

/// A running sandbox.
#[derive(Debug)]
pub struct Server {
    _process: Background,
    announced: Announced,
}

/// What the sandbox says in its first line.
#[derive(Deserialize)]
struct Announced {
    base_url: Url,
    provider_url: Url,
    api_key: String,
    account_key: String,
}

/// Written by hand so that a failed assertion prints no key.
impl std::fmt::Debug for Announced {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Announced").field("base_url", &self.base_url.as_str()).finish_non_exhaustive()
    }
}

/// A connection, as the sandbox has it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Connected {
    /// Its connection id.
    pub id: String,
    /// Its integration.
    pub integration: String,
    /// Its tags.
    pub tags: std::collections::BTreeMap<String, String>,
}

/// A request, as the sandbox has heard it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Request {
    /// Its method.
    pub method: String,
    /// Its path, without the query.
    pub path: String,
    /// How long the answer took.
    pub duration: std::time::Duration,
}

impl Server {
    /// Starts one without a rate limit and waits until it listens. Without a callback URL the answers come
    /// to its own address: the browser does the whole dance.
    ///
    /// # Errors
    /// It has not been built or ends at once.
    pub fn start(callback_url: Option<&str>, further: &[&str]) -> Result<Self> {
        let mut command = Command::new(programs::sandbox()?);
        command.args(["--rate-limit", "0"]).args(further);
        if let Some(url) = callback_url {
            command.args(["--callback-url", url]);
        }
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = Background::start(&mut command)?;
        let output = process.child().stdout.take().context("the sandbox's output is a pipe")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let announced = serde_json::from_str(&line).context("the sandbox did not say where it listens")?;
        Ok(Self { _process: process, announced })
    }

    /// Where the imitated Nango is.
    #[must_use]
    pub fn base_url(&self) -> &Url {
        &self.announced.base_url
    }

    /// Where the consent page is.
    #[must_use]
    pub fn provider_url(&self) -> &Url {
        &self.announced.provider_url
    }

    /// The key of its environment.
    #[must_use]
    pub fn api_key(&self) -> &str {
        &self.announced.api_key
    }

    /// The connections it has.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn connections(&self) -> Result<Vec<Connected>> {
        let answer = self.control(Method::GET, "connections", None).await?;
        let mut value: Value = serde_json::from_str(&answer.body)?;
        Ok(serde_json::from_value(value["connections"].take())?)
    }

    /// The paths of the requests it has received, oldest first.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn requested_paths(&self) -> Result<Vec<String>> {
        Ok(self.requests().await?.into_iter().map(|request| request.path).collect())
    }

    /// The requests it has heard, oldest first.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn requests(&self) -> Result<Vec<Request>> {
        let answer = self.control(Method::GET, "requests", None).await?;
        let mut value: Value = serde_json::from_str(&answer.body)?;
        Ok(serde_json::from_value(value["requests"].take())?)
    }

    /// Gives it so many more connections of an integration.
    ///
    /// # Errors
    /// It does not know the integration.
    pub async fn seed(&self, count: usize, integration: &str, end_user: &str) -> Result<()> {
        let seed = json!({ "count": count, "integration": integration, "end_user_id": end_user });
        self.control(Method::POST, "seed", Some(seed)).await.map(drop)
    }

    /// Makes the next requests fail; see the sandbox's `Fault`.
    ///
    /// # Errors
    /// It does not understand them.
    pub async fn set_faults(&self, faults: Value) -> Result<()> {
        self.control(Method::POST, "faults", Some(faults)).await.map(drop)
    }

    /// Makes another key of the environment, with these scopes only.
    ///
    /// # Errors
    /// It does not know a scope.
    pub async fn key_with(&self, scopes: &[&str]) -> Result<String> {
        let answer = self.control(Method::POST, "api-keys", Some(json!({ "scopes": scopes }))).await?;
        let value: Value = serde_json::from_str(&answer.body)?;
        value["api_key"].as_str().map(str::to_owned).context("the sandbox answers with the key")
    }

    async fn control(&self, method: Method, name: &str, body: Option<Value>) -> Result<Answer> {
        let url = self.base_url().join("/_sandbox/")?.join(name)?;
        let authorization = format!("Bearer {}", self.announced.account_key);
        let headers = [("authorization", authorization.as_str()), ("content-type", "application/json")];
        let body = body.map(|value| value.to_string()).unwrap_or_default();
        let answer = http::send(method, url.as_str(), &headers, body).await?;
        if !answer.status.is_success() {
            bail!("the sandbox's control {name} answered {}: {}", answer.status, answer.body);
        }
        Ok(answer)
    }
}
