//! A Nango that receives the provider's answer itself: the browser does the whole dance, and the connection
//! is learnt by websocket or by asking.

use anyhow::{Result, ensure};
use patchbay_core::attempt::Method;
use patchbay_e2e::application::Application;
use patchbay_e2e::robot::{self, Decision};
use patchbay_e2e::server::Server;
use patchbay_e2e::stage::scenario;
use patchbay_ipc::{CheckNow, Phase};
use serde_json::{Value, json};

use crate::steps::{begin, connect_to, finish, opened, row, wait_connections, wait_phase};

#[tokio::test(flavor = "multi_thread")]
async fn the_websocket_tells_of_the_connection() -> Result<()> {
    browser_dance("websocket", json!([])).await
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_tells_of_the_connection_when_the_websocket_is_silent() -> Result<()> {
    let silent =
        json!([{ "matcher": { "path_prefix": "/oauth/callback" }, "action": "no_websocket_message" }]);
    browser_dance("silent_websocket", silent).await
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_tells_of_the_connection_when_the_websocket_is_cut() -> Result<()> {
    let cut = json!([{ "matcher": { "path_prefix": "/oauth/callback" }, "action": "drop_websocket" }]);
    browser_dance("cut_websocket", cut).await
}

/// Connects through a browser that goes all the way, under the faults given.
async fn browser_dance(name: &str, faults: Value) -> Result<()> {
    scenario(name, async |stage| {
        let server = Server::start(None, &[])?;
        server.set_faults(faults.clone()).await?;
        let application = Application::start(stage).await?;
        let window = application.window();
        connect_to(window, server.base_url().as_str(), server.api_key()).await?;
        begin(window, "GitHub").await?;
        let page = opened(stage, 1).await?;
        let attempt = wait_phase(window, Phase::AwaitingBrowser).await?;
        ensure!(attempt.method == Method::Browser, "Nango's own callback means that the browser does it all");
        let callback = robot::decide(&page, "sam", Decision::Approve).await?;
        robot::open(&callback).await?;
        wait_connections(&server, 1).await?;
        if faults.as_array().is_some_and(|faults| !faults.is_empty()) {
            // What the button `Check now` does; the application asks by itself too, but more rarely.
            window.ask(&CheckNow { attempt: attempt.id }).await?;
        }
        finish(window).await?;
        row(window, "GitHub").await?;
        application.close().await;
        Ok(())
    })
    .await
}
