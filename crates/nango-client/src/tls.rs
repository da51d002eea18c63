//! The TLS policy shared by HTTP calls and websockets: rustls with the ring provider, trusting what
//! the operating system trusts.

use std::sync::{Arc, OnceLock};

use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;

use crate::error::Error;

/// The configuration that verifies certificates as the operating system does. Reading the system's
/// certificates takes a while, so it happens once and only when something needs TLS.
///
/// A system without any certificates is not an error here: each handshake fails instead, which the
/// user can understand.
pub(crate) fn verifying() -> Result<Arc<ClientConfig>, Error> {
    static VERIFYING: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    if let Some(config) = VERIFYING.get() {
        return Ok(Arc::clone(config));
    }
    let config = match builder()?.with_platform_verifier() {
        Ok(builder) => Arc::new(builder.with_no_client_auth()),
        Err(_) => trusting_nobody()?,
    };
    Ok(Arc::clone(VERIFYING.get_or_init(|| config)))
}

/// A configuration with which no handshake succeeds, for clients that only ever speak plain HTTP.
pub(crate) fn trusting_nobody() -> Result<Arc<ClientConfig>, Error> {
    Ok(Arc::new(builder()?.with_root_certificates(RootCertStore::empty()).with_no_client_auth()))
}

fn builder() -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, Error> {
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| Error::Configuration { why: "the TLS library offers no usable protocol version" })
}
