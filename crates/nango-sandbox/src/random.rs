//! Unguessable names: ids, keys, tokens, the PKCE verifier.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A random UUID (version 4): API keys, connection ids, websocket clients.
pub(crate) fn uuid() -> String {
    Uuid::new_v4().to_string()
}

/// A time-based UUID (version 1): the form of an OAuth `state`.
pub(crate) fn state() -> String {
    Uuid::now_v1(&rand::random()).to_string()
}

/// `bytes` random bytes in lower-case hexadecimal.
pub(crate) fn hex(bytes: usize) -> String {
    (0..bytes).map(|_| format!("{:02x}", rand::random::<u8>())).collect()
}

/// A PKCE verifier of 43 characters.
pub(crate) fn verifier() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// The S256 challenge of a PKCE verifier.
pub(crate) fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

/// The id of an entry in Nango's log: the moment and eight characters.
pub(crate) fn log_id(now: crate::clock::Millis) -> String {
    let tail = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 6]>());
    format!("{now}_{tail}")
}
