//! Starting WebDriver servers and sessions.

use std::net::{Ipv4Addr, TcpListener};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value};
use xtask::desktop::Background;

use crate::wait::{PATIENTLY, until};

/// How long a session may take to close before its driver is ended all the same.
const CLOSE_LIMIT: Duration = Duration::from_secs(5);

/// How long a session may take to begin. A program that ends before it has shown itself leaves WebKit's driver
/// waiting for ever.
const SESSION_LIMIT: Duration = Duration::from_secs(30);

/// A driver program and the session it holds.
#[derive(Debug)]
pub struct Driver {
    process: Mutex<Background>,
    client: Client,
}

impl Driver {
    /// Starts a driver program (`port_option` followed by a port makes it listen there) and a session with it.
    ///
    /// # Errors
    /// The program is missing, or the session cannot be made.
    pub async fn start(
        mut program: Command,
        port_option: &str,
        capabilities: Map<String, Value>,
    ) -> Result<Self> {
        let port = free_port()?;
        program.arg(format!("{port_option}={port}")).stdout(Stdio::null()).stderr(Stdio::null());
        let mut process = Background::start(&mut program)?;
        until("the driver to listen", PATIENTLY, async || {
            if !process.is_running() {
                bail!("the driver program ended");
            }
            Ok(tokio::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.ok())
        })
        .await?;
        let address = format!("http://127.0.0.1:{port}");
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let session = builder.capabilities(capabilities).connect(&address);
        let client = tokio::time::timeout(SESSION_LIMIT, session)
            .await
            .context("the driver says nothing")?
            .context("the driver made no session")?;
        Ok(Self { process: Mutex::new(process), client })
    }

    /// The session.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Ends the session, and with it the program that it drives.
    pub async fn close(&self) {
        // A session whose program has ended already cannot be closed, and need not be.
        drop(tokio::time::timeout(CLOSE_LIMIT, self.client.clone().close()).await);
        self.process.lock().unwrap_or_else(PoisonError::into_inner).end();
    }

    /// Whether the driver program still runs.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.process.lock().unwrap_or_else(PoisonError::into_inner).is_running()
    }
}

/// A port that was free a moment ago.
///
/// # Errors
/// There is none.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
