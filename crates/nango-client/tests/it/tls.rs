//! Certificates nobody vouches for.

use std::sync::Arc;

use nango_client::{Error, Limits, Socket, TransportKind};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use url::Url;

use crate::server::{KEY, Reply, Server, client};

/// A server with a self-signed certificate. The task counts the handshakes that succeeded.
async fn self_signed() -> (Url, JoinHandle<()>) {
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let task = tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            assert!(acceptor.accept(stream).await.is_err(), "no client may trust this");
        }
    });
    (Url::parse(&format!("https://localhost:{port}")).unwrap(), task)
}

fn is_tls<T: std::fmt::Debug>(result: Result<T, Error>) {
    match result {
        Err(error @ Error::Transport { kind: TransportKind::Tls, .. }) => assert!(!error.is_retryable()),
        other => panic!("the handshake fails: {other:?}"),
    }
}

#[tokio::test]
async fn a_self_signed_certificate_is_refused() {
    let (url, server) = self_signed().await;
    is_tls(client(url.clone(), KEY, |_| {}).integrations().await);
    is_tls(Socket::open(&url, "/", &Limits::default()).await);
    assert!(!server.is_finished(), "no handshake succeeded");
}

#[tokio::test]
async fn plain_http_where_tls_was_expected_is_refused() {
    let server = Server::replying(vec![Reply::json(200, r#"{"data":[]}"#)]).await;
    // What the client says is no HTTP, so this server waits for more until the client gives up.
    let mut url = server.url.clone();
    url.set_scheme("https").unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    url.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
    tokio::spawn(async move {
        use tokio::io::AsyncWriteExt;
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        }
    });
    is_tls(client(url, KEY, |_| {}).integrations().await);
}
