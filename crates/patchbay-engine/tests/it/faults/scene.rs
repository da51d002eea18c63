//! Where the faults happen: an engine whose profile is at a sandbox, and a server that nobody can trust.

use std::sync::Arc;
use std::time::Duration;

use nango_sandbox::{Fault, FaultMatcher, Sandbox};
use patchbay_core::id::ProfileId;
use patchbay_engine::Answers;
use patchbay_ipc::*;
use rustls::pki_types::PrivateKeyDer;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use url::Url;

use super::trouble::Trouble;
use crate::harness::{Harness, profile_form, quick, sandbox, until};

/// What stands for the application's own patience with a silent server. Long enough for every other call on a
/// busy machine.
const SHORT: Duration = Duration::from_secs(2);

pub(super) struct Scene {
    pub(super) sandbox: Sandbox,
    pub(super) harness: Harness,
    profile: ProfileId,
    untrusted: Url,
}

impl Scene {
    pub(super) async fn set_up() -> Scene {
        let sandbox = sandbox().await;
        let harness = Harness::on(&sandbox).await;
        until("the first sync", || async { synced(&harness).await.then_some(()) }).await;
        let overview = harness.engine.answer(GetOverview {}).await.expect("an overview");
        let profile = overview.profile.expect("a profile").id;
        Scene { sandbox, harness, profile, untrusted: untrusted().await }
    }

    /// Lets the trouble begin, for requests to these paths.
    pub(super) async fn afflict(&mut self, trouble: Trouble, paths: &[&str]) {
        match trouble {
            Trouble::Silence => {
                let mut timings = quick();
                timings.limits.request_timeout = SHORT;
                timings.provider = SHORT;
                self.harness.timings = timings;
                self.harness.crash_and_start().await;
            }
            Trouble::Untrusted => self.move_to(&self.untrusted).await,
            _ => {}
        }
        let fault = |action: &nango_sandbox::FaultAction, path: &&str| Fault {
            matcher: FaultMatcher { method: None, path_prefix: (*path).to_owned() },
            times: None,
            action: action.clone(),
        };
        if let Some(action) = trouble.action() {
            self.sandbox.set_faults(paths.iter().map(|path| fault(&action, path)).collect());
        }
    }

    /// Ends it.
    pub(super) async fn heal(&mut self, trouble: Trouble) {
        self.sandbox.clear_faults();
        match trouble {
            // The engine keeps to the pause that was asked for; another one knows nothing of it.
            Trouble::Silence | Trouble::RateLimited => {
                self.harness.timings = quick();
                self.harness.crash_and_start().await;
            }
            Trouble::Untrusted => self.move_to(self.sandbox.base_url()).await,
            _ => {}
        }
    }

    /// The form with which a new profile is made, at the address where the trouble is.
    pub(super) fn form(&self, trouble: Trouble) -> SaveProfile {
        let url = if trouble == Trouble::Untrusted { &self.untrusted } else { self.sandbox.base_url() };
        profile_form(url.as_str(), self.sandbox.api_key())
    }

    /// As if the server had moved, or its certificate had run out.
    async fn move_to(&self, url: &Url) {
        let form = SaveProfile {
            profile: Some(self.profile),
            accept_problems: true,
            ..profile_form(url.as_str(), self.sandbox.api_key())
        };
        self.harness.engine.answer(form).await.expect("the profile has moved");
    }
}

async fn synced(harness: &Harness) -> bool {
    let overview = harness.engine.answer(GetOverview {}).await.expect("an overview");
    overview.profile.is_some_and(|profile| profile.last_synced_at.is_some())
}

/// A server whose certificate it has signed itself.
async fn untrusted() -> Url {
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("protocol versions")
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .expect("a configuration");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // The client ends the handshake.
            tokio::spawn(acceptor.accept(stream));
        }
    });
    Url::parse(&format!("https://localhost:{port}/")).expect("a URL")
}
