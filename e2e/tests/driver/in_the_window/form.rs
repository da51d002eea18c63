//! A connector without a browser: what it needs is typed into a form.

use anyhow::{Result, ensure};
use patchbay_e2e::application::{self, Application};
use patchbay_e2e::server::Server;
use patchbay_e2e::stage::scenario;
use patchbay_e2e::traces::{self, Secret};

use crate::steps::{begin, connect_to, finish, row, wait_connections};

/// What is typed as the provider's key.
const PROVIDER_KEY: &str = "sk-e2e-4f1c9a7be20d4e55";

#[tokio::test(flavor = "multi_thread")]
async fn an_api_key_is_given_in_a_form() -> Result<()> {
    scenario("form", async |stage| {
        let server = Server::start(None, &[])?;
        let application = Application::start(stage).await?;
        let window = application.window();
        connect_to(window, server.base_url().as_str(), server.api_key()).await?;
        begin(window, "SendGrid").await?;
        window.fill("API key", PROVIDER_KEY).await?;
        window.press("Connect").await?;
        finish(window).await?;
        row(window, "SendGrid").await?;
        wait_connections(&server, 1).await?;
        ensure!(stage.links.opened().is_empty(), "no browser was opened");
        let secrets = [Secret { what: "the provider's key", text: PROVIDER_KEY.to_owned() }];
        traces::search(stage.home().path(), &application::processes(stage)?, &secrets)?;
        application.close().await;
        Ok(())
    })
    .await
}
