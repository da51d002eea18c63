//! A wire between the application and the sandbox that remembers what went over it, and can hold it up.
//!
//! It is how a test knows the secrets to search for, and how it stops an attempt in a state long enough to
//! kill the application in exactly that state: a held *request* has not reached Nango, a held *answer* has
//! been acted on there already.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use url::Url;

use crate::traces::Secret;

/// What is held up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// Nothing.
    Nothing,
    /// Requests in which this occurs.
    Requests(String),
    /// Answers on connections whose last request has this in it; nothing in particular means all of them,
    /// messages on websockets too.
    Answers(String),
}

/// The two ways of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// From the application.
    There,
    /// From the server.
    Back,
}

impl Held {
    /// Whether a connection with this last request is held up on this way.
    fn holds(&self, way: Way, last_request: &[u8]) -> bool {
        let (held, path) = match self {
            Held::Nothing => return false,
            Held::Requests(path) => (Way::There, path),
            Held::Answers(path) => (Way::Back, path),
        };
        held == way && memchr::memmem::find(last_request, path.as_bytes()).is_some()
    }
}

/// The wire.
#[derive(Debug)]
pub struct Wiretap {
    address: Url,
    held: watch::Sender<Held>,
    heard: Arc<Mutex<Vec<u8>>>,
    listener: JoinHandle<()>,
}

impl Wiretap {
    /// Puts one before a server.
    ///
    /// # Errors
    /// No port is free.
    pub async fn before(server: &Url) -> Result<Self> {
        let target = (Ipv4Addr::LOCALHOST, server.port().context("the sandbox's address has a port")?);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let mut address = server.clone();
        address.set_port(Some(listener.local_addr()?.port())).ok().context("the address takes a port")?;
        let (held, watched) = watch::channel(Held::Nothing);
        let heard = Arc::new(Mutex::new(Vec::new()));
        let ears = Arc::clone(&heard);
        let listener = tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let (watched, ears) = (watched.clone(), Arc::clone(&ears));
                tokio::spawn(async move {
                    if let Ok(far) = TcpStream::connect(target).await {
                        join(near, far, &watched, &ears).await;
                    }
                });
            }
        });
        Ok(Self { address, held, heard, listener })
    }

    /// Where the application finds the server.
    #[must_use]
    pub fn address(&self) -> &Url {
        &self.address
    }

    /// Holds something up from now on, or lets it all go.
    pub fn hold(&self, held: Held) {
        self.held.send_replace(held);
    }

    /// Whether a text has gone into the wire; what is held counts.
    #[must_use]
    pub fn has_heard(&self, text: &str) -> bool {
        let heard = locked(&self.heard);
        memchr::memmem::find(&heard, text.as_bytes()).is_some()
    }

    /// Forgets what was heard.
    pub fn forget(&self) {
        locked(&self.heard).clear();
    }

    /// The secrets of authorization that were heard, each once.
    #[must_use]
    pub fn secrets(&self) -> Vec<Secret> {
        let heard = locked(&self.heard);
        let text = String::from_utf8_lossy(&heard);
        let mut secrets = Vec::new();
        for (what, before) in [
            ("session token", "connect_session_token="),
            ("session token", "\"token\":\""),
            ("state", "state="),
            ("code", "code="),
            ("state cookie", "oauth2-"),
        ] {
            for (start, _) in text.match_indices(before) {
                let value: String = text[start + before.len()..]
                    .chars()
                    .take_while(|letter| letter.is_ascii_alphanumeric() || "-_.~".contains(*letter))
                    .collect();
                // Shorter ones are words of the protocol, such as a response type.
                if value.len() >= 16 {
                    secrets.push(Secret { what, text: value });
                }
            }
        }
        secrets.sort();
        secrets.dedup();
        secrets
    }
}

impl Drop for Wiretap {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

async fn join(near: TcpStream, far: TcpStream, held: &watch::Receiver<Held>, heard: &Mutex<Vec<u8>>) {
    let (near_read, near_write) = near.into_split();
    let (far_read, far_write) = far.into_split();
    let last_request = Mutex::new(Vec::new());
    tokio::join!(
        carry(Way::There, near_read, far_write, held.clone(), heard, &last_request),
        carry(Way::Back, far_read, near_write, held.clone(), heard, &last_request),
    );
}

/// How long it may take until the end of a sender is noticed.
const NOTICED_WITHIN: std::time::Duration = std::time::Duration::from_millis(200);

/// Carries bytes one way until either end closes.
async fn carry(
    way: Way,
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut held: watch::Receiver<Held>,
    heard: &Mutex<Vec<u8>>,
    last_request: &Mutex<Vec<u8>>,
) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(count) = from.read(&mut buffer).await {
        if count == 0 {
            break;
        }
        let mut bytes = buffer[..count].to_vec();
        locked(heard).extend_from_slice(&bytes);
        if way == Way::There && begins_request(&bytes) {
            *locked(last_request) = bytes.clone();
        }
        let is_held = held.borrow().holds(way, &locked(last_request));
        let let_go = loop {
            tokio::select! {
                biased;
                // The rest of a request that is held up waits with it, and all of it is lost with its sender.
                more = from.read(&mut buffer), if way == Way::There && is_held => match more {
                    Ok(0) | Err(_) => break false,
                    Ok(count) => {
                        locked(heard).extend_from_slice(&buffer[..count]);
                        bytes.extend_from_slice(&buffer[..count]);
                    }
                },
                let_go = async { held.wait_for(|now| !now.holds(way, &locked(last_request))).await.is_ok() } => {
                    if way == Way::Back || !is_held {
                        break let_go;
                    }
                    // A sender that has just been killed takes its request with it, also where nobody has noticed yet.
                    match tokio::time::timeout(NOTICED_WITHIN, from.read(&mut buffer)).await {
                        Ok(Ok(0) | Err(_)) => break false,
                        Ok(Ok(count)) => {
                            locked(heard).extend_from_slice(&buffer[..count]);
                            bytes.extend_from_slice(&buffer[..count]);
                            break let_go;
                        }
                        Err(_) => break let_go,
                    }
                }
            }
        };
        if !let_go || to.write_all(&bytes).await.is_err() {
            break;
        }
    }
    // The other end may have closed first; then there is nobody left to be told.
    drop(to.shutdown().await);
}

/// Whether bytes are the begin of a request rather than the rest of one: a method and a space.
fn begins_request(bytes: &[u8]) -> bool {
    let method = bytes.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    method > 0 && bytes.get(method) == Some(&b' ')
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
