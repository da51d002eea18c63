//! Sockets: one accept loop per port, each connection served by hyper, all of them cut at once on demand.
//! What is answered is the business of the handler that is passed in.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::Ipv4Addr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::Request;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::answer::{self, Answer};

/// What answers requests.
pub(crate) type Handler =
    Arc<dyn Fn(Request<Body>, Wire) -> Pin<Box<dyn Future<Output = Answer> + Send>> + Send + Sync>;

/// A listening server; dropping it cuts every connection, as killing a process would.
#[derive(Debug)]
pub(crate) struct Server {
    stop: watch::Sender<bool>,
    accepting: JoinHandle<()>,
}

/// The connection a request came on: lets a handler cut it.
#[derive(Debug, Clone)]
pub(crate) struct Wire {
    reset: Arc<AtomicBool>,
    cut: Arc<watch::Sender<bool>>,
    /// Becomes true when the whole server stops.
    pub(crate) stopped: watch::Receiver<bool>,
}

impl Wire {
    /// Ends the connection with a TCP reset.
    pub(crate) fn reset(&self) {
        self.reset.store(true, Ordering::Relaxed);
        self.close();
    }

    /// Whether the connection was cut.
    pub(crate) fn is_cut(&self) -> bool {
        *self.cut.borrow()
    }

    /// Ends the connection without another word.
    pub(crate) fn close(&self) {
        self.cut.send_replace(true);
    }
}

/// Waits until a flag is set; also ends when nobody can set it any more.
pub(crate) async fn set(flag: &mut watch::Receiver<bool>) {
    let _ = flag.wait_for(|value| *value).await;
}

/// Binds a port of the loopback interface; 0 takes any free one.
pub(crate) async fn bind(port: u16) -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await
}

impl Server {
    /// Starts to accept connections.
    pub(crate) fn start(listener: TcpListener, handler: Handler) -> Self {
        let (stop, stopped) = watch::channel(false);
        let accepting = tokio::spawn(accept(listener, handler, stopped));
        Self { stop, accepting }
    }

    /// Cuts every connection and waits until the port is free.
    pub(crate) async fn stop(mut self) {
        self.stop.send_replace(true);
        // The loop only ends because of the line above; a panic in it is of no interest any more.
        let _ = (&mut self.accepting).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, handler: Handler, mut stopped: watch::Receiver<bool>) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = set(&mut stopped) => return,
        };
        match accepted {
            Ok((stream, _)) => {
                tokio::spawn(serve(stream, handler.clone(), stopped.clone()));
            }
            Err(error) => {
                // Out of file descriptors, most likely: give the open connections a moment to end.
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        }
    }
}

async fn serve(stream: TcpStream, handler: Handler, mut stopped: watch::Receiver<bool>) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "cannot switch off Nagle's algorithm");
    }
    let (cut, mut is_cut) = watch::channel(false);
    let wire = Wire { reset: Arc::default(), cut: Arc::new(cut), stopped: stopped.clone() };
    let socket = TokioIo::new(Socket { stream, reset: wire.reset.clone() });
    let service = service_fn(move |request: Request<hyper::body::Incoming>| {
        let wire = wire.clone();
        let work = handler(request.map(Body::new), wire.clone());
        let (mut stopped, over) = (wire.stopped.clone(), wire.stopped.clone());
        async move {
            // A task of its own: a server finishes its work even when the client has gone away.
            let task = tokio::spawn(async move {
                tokio::select! {
                    answer = work => answer,
                    () = set(&mut stopped) => answer::empty(axum::http::StatusCode::SERVICE_UNAVAILABLE),
                }
            });
            let answer = task.await;
            if wire.is_cut() || *over.borrow() {
                // The connection is about to be dropped, and this with it: not a byte of an answer may go out.
                std::future::pending::<()>().await;
            }
            let failed =
                |_| answer::text(axum::http::StatusCode::INTERNAL_SERVER_ERROR, "the sandbox failed");
            Ok::<_, Infallible>(answer.unwrap_or_else(failed))
        }
    });
    let connection = http1::Builder::new().serve_connection(socket, service).with_upgrades();
    tokio::select! {
        // Its error is a client that went away: nothing to be done.
        _ = connection => {}
        () = set(&mut is_cut) => {}
        () = set(&mut stopped) => {}
    }
}

/// A TCP stream that can be told to end with a reset instead of an orderly close.
struct Socket {
    stream: TcpStream,
    reset: Arc<AtomicBool>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.reset.load(Ordering::Relaxed) {
            // Should it fail, the connection ends in the ordinary way, which is good enough for a fault.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
