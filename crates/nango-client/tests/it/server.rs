//! A small HTTP server that answers whatever a test wants, well-formed or not.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use nango_client::{Client, Configuration, Limits};
use secrecy::SecretString;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use url::Url;

/// The key that recorded exchanges use.
pub(crate) const KEY: &str = "nango-secret-key";

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query as sent.
    pub(crate) target: String,
    /// Still encoded.
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// What the server does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// A proper answer; the connection stays open.
    Answer { status: u16, headers: Vec<(String, String)>, body: Vec<u8> },
    /// These bytes, then the connection is closed.
    Raw(Vec<u8>),
    /// A body that never ends, in pieces of this many bytes with this pause between.
    Endless { piece: usize, pause: Duration },
    /// Nothing, forever.
    Silence,
    /// The connection is reset.
    Reset,
}

impl Reply {
    pub(crate) fn json(status: u16, body: &str) -> Self {
        Self::with_type(status, "application/json; charset=utf-8", body)
    }

    pub(crate) fn with_type(status: u16, content_type: &str, body: &str) -> Self {
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        Self::Answer { status, headers, body: body.as_bytes().to_vec() }
    }

    pub(crate) fn and_header(self, name: &str, value: &str) -> Self {
        let Self::Answer { status, mut headers, body } = self else {
            panic!("only a proper answer has headers");
        };
        headers.push((name.to_owned(), value.to_owned()));
        Self::Answer { status, headers, body }
    }
}

/// The server. Stops when dropped.
pub(crate) struct Server {
    pub(crate) url: Url,
    received: Arc<Mutex<Vec<Request>>>,
    task: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start(respond: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let received = Arc::new(Mutex::new(Vec::new()));
        let respond = Arc::new(respond);
        let log = Arc::clone(&received);
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, Arc::clone(&respond), Arc::clone(&log)));
            }
        });
        Self { url, received, task }
    }

    /// Answers each request with the next reply, and the last one again and again.
    pub(crate) async fn replying(replies: Vec<Reply>) -> Self {
        let next = Mutex::new(0);
        Self::start(move |_| {
            let mut next = next.lock().unwrap();
            let reply = replies[(*next).min(replies.len() - 1)].clone();
            *next += 1;
            reply
        })
        .await
    }

    pub(crate) fn received(&self) -> Vec<Request> {
        self.received.lock().unwrap().clone()
    }

    pub(crate) fn client(&self) -> Client {
        self.client_with(|_| {})
    }

    pub(crate) fn client_with(&self, change: impl FnOnce(&mut Limits)) -> Client {
        client(self.url.clone(), KEY, change)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A client with time limits that are short but not so short that a busy machine trips over them.
pub(crate) fn client(base_url: Url, key: &str, change: impl FnOnce(&mut Limits)) -> Client {
    let mut limits = Limits { request_timeout: Duration::from_secs(20), ..Limits::default() };
    change(&mut limits);
    Client::new(Configuration { base_url, key: SecretString::from(key), limits }).unwrap()
}

async fn serve(
    mut stream: TcpStream,
    respond: Arc<impl Fn(&Request) -> Reply>,
    log: Arc<Mutex<Vec<Request>>>,
) {
    while let Some(request) = read_request(&mut stream).await {
        log.lock().unwrap().push(request.clone());
        match respond(&request) {
            Reply::Answer { status, headers, body } => {
                let mut answer = format!("HTTP/1.1 {status} Status\r\n");
                for (name, value) in headers {
                    answer.push_str(&format!("{name}: {value}\r\n"));
                }
                if status != 204 && status != 304 {
                    answer.push_str(&format!("content-length: {}\r\n", body.len()));
                }
                answer.push_str("\r\n");
                let mut bytes = answer.into_bytes();
                if request.method != "HEAD" {
                    bytes.extend(body);
                }
                if stream.write_all(&bytes).await.is_err() {
                    return;
                }
            }
            Reply::Raw(bytes) => {
                // The client may hang up first; that is its right.
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
                return;
            }
            Reply::Endless { piece, pause } => {
                let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n";
                let mut bytes = head.as_bytes().to_vec();
                while stream.write_all(&bytes).await.is_ok() {
                    bytes = vec![b' '; piece];
                    tokio::time::sleep(pause).await;
                }
                return;
            }
            Reply::Silence => std::future::pending().await,
            Reply::Reset => {
                stream.set_zero_linger().unwrap();
                return;
            }
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut body = bytes[end + 4..].to_vec();
    let mut lines = head.split("\r\n");
    let mut first = lines.next().unwrap().split(' ');
    let method = first.next().unwrap().to_owned();
    let target = first.next().unwrap().to_owned();
    let url = Url::parse(&format!("http://host{target}")).unwrap();
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length: usize = length.map_or(0, |(_, value)| value.parse().unwrap());
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    let query = url.query_pairs().into_owned().collect();
    Some(Request { method, target, path: url.path().to_owned(), query, headers, body })
}
