//! Replaying recorded exchanges: what was recorded, how it is translated, prepared for, sent and compared.

mod prepare;
pub(crate) mod recorded;
mod send;
mod shape;
mod socket;
mod translate;

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use nango_sandbox::Options;
use serde_json::Value;

use crate::harness::{Harness, Socket, Started};
use crate::replay::recorded::Exchange;
use crate::replay::translate::Translation;

const RECORDED_BASE: &str = "http://localhost:3003";
const RECORDED_PROVIDER: &str = "http://localhost:4010";
/// After so many calls the limiter's window is ended by moving the clock.
const CALLS_PER_WINDOW: u32 = 150;

/// A replay under way.
pub(crate) struct Replay {
    harness: Harness,
    known: Translation,
    /// Dances by recorded state.
    dances: BTreeMap<String, Started>,
    /// Sockets by recorded client id.
    sockets: BTreeMap<String, Socket>,
    acknowledgement: Value,
    calls: u32,
}

impl Replay {
    pub(crate) async fn start(options: Options) -> Self {
        let harness = Harness::start(options).await;
        harness.sandbox.set_time_scale(0.01);
        let mut known = Translation::default();
        let address = |url: &url::Url| url.as_str().trim_end_matches('/').to_owned();
        let (base, provider) = (address(harness.sandbox.base_url()), address(harness.sandbox.provider_url()));
        known.set(RECORDED_BASE, &base);
        known.set(RECORDED_PROVIDER, &provider);
        known.set(":4010", &format!(":{}", harness.sandbox.provider_url().port().expect("a port")));
        known.set("nango-secret-key", harness.sandbox.api_key());
        known.set("nango-public-key", "22222222-2222-4222-8222-222222222222");
        known.set("nango-secret-key-env-prod", &harness.sandbox.create_environment("prod", None));
        let dashboard = STANDARD.encode(format!("sandbox:{}", harness.sandbox.account_key()));
        known.set("Basic dashboard-credentials", &format!("Basic {dashboard}"));
        Self {
            harness,
            known,
            dances: BTreeMap::new(),
            sockets: BTreeMap::new(),
            acknowledgement: Value::Null,
            calls: 0,
        }
    }

    /// Replays one exchange; returns what differs.
    pub(crate) async fn exchange(&mut self, exchange: &Exchange) -> Vec<String> {
        self.keep_under_the_limit();
        self.before(exchange).await;
        self.general_needs(exchange).await;
        let differences = match exchange.request.method.as_str() {
            "WEBSOCKET" => self.websocket(exchange).await,
            _ if exchange.name == "provider.redirect.custom_scheme" => self.provider_redirect(exchange).await,
            _ => self.http(exchange).await,
        };
        self.after(exchange);
        differences
    }

    fn keep_under_the_limit(&mut self) {
        self.calls += 4;
        if self.calls > CALLS_PER_WINDOW {
            self.next_window();
        }
    }

    /// Ends the limiter's window.
    fn next_window(&mut self) {
        self.harness.sandbox.advance_clock(Duration::from_secs(61));
        self.calls = 0;
    }
}
