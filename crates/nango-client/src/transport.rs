//! Sorts what the HTTP library, the websocket library and the operating system report into
//! [`TransportKind`]. Leaves out everything that HTTP says by status.

use std::error::Error as StdError;
use std::io;

use crate::error::{Error, TransportKind};

/// Turns an error of the HTTP library into ours, dropping the URL it may hold: its query can contain
/// a session token.
pub(crate) fn from_http(error: reqwest::Error) -> Error {
    let error = error.without_url();
    let kind = if error.is_timeout() {
        TransportKind::Timeout
    } else if error.is_dns() {
        TransportKind::Dns
    } else {
        match kind_of_chain(&error) {
            TransportKind::Other if error.is_connect() => TransportKind::Unreachable,
            kind => kind,
        }
    };
    Error::Transport { kind, source: Some(Box::new(error)) }
}

/// Turns an error of the websocket library into ours.
pub(crate) fn from_socket(error: tokio_tungstenite::tungstenite::Error) -> Error {
    let kind = kind_of_chain(&error);
    Error::Transport { kind, source: Some(Box::new(error)) }
}

/// The first thing in a chain of causes that tells the kind. The first, because a TLS failure is
/// wrapped in an I/O error whose own kind says little.
fn kind_of_chain(error: &(dyn StdError + 'static)) -> TransportKind {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<rustls::Error>() {
            return TransportKind::Tls;
        }
        if let Some(error) = error.downcast_ref::<hyper::Error>()
            && (error.is_incomplete_message() || error.is_closed())
        {
            return TransportKind::Reset;
        }
        if let Some(error) = error.downcast_ref::<io::Error>() {
            // `source` of an I/O error skips the error it wraps, so that one is asked directly.
            if let Some(inner) = error.get_ref() {
                let kind = kind_of_chain(inner);
                if kind != TransportKind::Other {
                    return kind;
                }
            }
            if let Some(kind) = kind_of_io(error.kind()) {
                return kind;
            }
        }
        next = error.source();
    }
    TransportKind::Other
}

fn kind_of_io(kind: io::ErrorKind) -> Option<TransportKind> {
    use io::ErrorKind as Io;
    match kind {
        Io::ConnectionRefused
        | Io::HostUnreachable
        | Io::NetworkUnreachable
        | Io::NetworkDown
        | Io::AddrNotAvailable => Some(TransportKind::Unreachable),
        Io::TimedOut => Some(TransportKind::Timeout),
        Io::ConnectionReset
        | Io::ConnectionAborted
        | Io::BrokenPipe
        | Io::UnexpectedEof
        | Io::NotConnected => Some(TransportKind::Reset),
        _ => None,
    }
}
