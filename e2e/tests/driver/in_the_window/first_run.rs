//! From the first start to a connection and back, with nothing but the application and a browser.

use anyhow::{Result, ensure};
use patchbay_e2e::application::Application;
use patchbay_e2e::browser::Browser;
use patchbay_e2e::stage::scenario;
use patchbay_ipc::SyncConnections;

use crate::steps::{begin, finish, opened, row, stored};

#[tokio::test(flavor = "multi_thread")]
async fn without_an_account_one_connects_and_disconnects() -> Result<()> {
    scenario("first_run", async |stage| {
        let application = Application::start(stage).await?;
        let window = application.window();
        window.press("Try it without an account").await?;
        begin(window, "GitHub").await?;

        let page = opened(stage, 1).await?;
        stage.links.hand_over()?;
        let browser = Browser::start(stage, &page.parse()?).await?;
        browser.open(&page).await?;
        browser.decide("Sam Chen", "Approve").await?;
        finish(window).await?;
        browser.close().await;
        ensure!(stage.links.returned().len() == 1, "the browser handed exactly one link to the system");
        row(window, "GitHub").await?;

        application.kill().await?;
        let application = Application::start(stage).await?;
        let window = application.window();
        row(window, "GitHub").await?;

        window.press("Disconnect GitHub").await?;
        window.press("Disconnect").await?;
        window.wait_gone("row", patchbay_e2e::window::Name::Contains("GitHub")).await?;
        // The sandbox is asked for all it has: what still existed there would come back as a row.
        let report = window.ask(&SyncConnections {}).await?;
        ensure!(report.seen == 0, "the sandbox still has {} connections", report.seen);
        ensure!(stored(window).await?.is_empty(), "no connection is left here");
        application.close().await;
        Ok(())
    })
    .await
}
