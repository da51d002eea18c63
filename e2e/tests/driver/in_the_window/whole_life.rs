//! A connection's whole life: two accounts of one connector and a key, one revoked, renewed as somebody else,
//! then as the right one; disconnected without a network; and out of sight in another profile.

use anyhow::{Context, Result, ensure};
use patchbay_core::connection::Health;
use patchbay_e2e::application::{self, Application};
use patchbay_e2e::robot::{self, Decision};
use patchbay_e2e::stage::{Stage, scenario};
use patchbay_e2e::wait::{PATIENTLY, until};
use patchbay_e2e::window::{Name, Window};
use patchbay_ipc::{ConnectionView, SyncConnections};

use crate::steps::{begin, connect_to, fill_profile, finish, new_sandbox, opened, row, stored};

/// Approves the `count`th page that was opened, and has the link come back.
async fn approve(stage: &Stage, count: usize, login: &str) -> Result<()> {
    let page = opened(stage, count).await?;
    let link = robot::decide(&page, login, Decision::Approve).await?;
    application::deliver(stage, &link).await
}

/// Waits until the stored connection of that label is as wanted.
async fn until_it(
    window: &Window,
    label: &str,
    what: &str,
    is_so: impl Fn(&ConnectionView) -> bool,
) -> Result<ConnectionView> {
    until(&format!("{label:?} to be {what}"), PATIENTLY, async || {
        let found = stored(window).await?.into_iter().find(|connection| connection.label == label);
        Ok(found.filter(&is_so))
    })
    .await
}

fn is_account(connection: &ConnectionView, name: &str) -> bool {
    connection.account.as_ref().is_some_and(|account| account.name == name)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_tested_renewed_disconnected_and_kept_apart() -> Result<()> {
    scenario("whole_life", async |stage| {
        let mut sandbox = new_sandbox().await?;
        let application = Application::start(stage).await?;
        let window = application.window();
        connect_to(window, sandbox.base_url().as_str(), sandbox.api_key()).await?;

        // Two accounts of one connector, and a key.
        begin(window, "GitHub").await?;
        approve(stage, 1, "alex").await?;
        finish(window).await?;
        let first = until_it(window, "GitHub", "Alex", |c| is_account(c, "Alex Rivera")).await?;
        begin(window, "GitHub").await?;
        approve(stage, 2, "sam").await?;
        finish(window).await?;
        until_it(window, "GitHub 2", "Sam", |c| is_account(c, "Sam Chen")).await?;
        begin(window, "OpenAI").await?;
        window.fill("API key", "sk-whole-life").await?;
        window.press("Connect").await?;
        finish(window).await?;
        row(window, "OpenAI").await?;

        // Revoked at the provider: a test finds out, and a sync agrees.
        sandbox.revoke_grants(first.connection_id.as_str());
        window.press("Test GitHub").await?;
        until_it(window, "GitHub", "broken", |c| c.health == Health::NeedsReconnect).await?;
        window.ask(&SyncConnections {}).await?;
        until_it(window, "GitHub", "still broken", |c| c.health == Health::NeedsReconnect).await?;
        window.wait("row", Name::Contains("Needs reconnect")).await?;

        // Renewed as somebody else: that is said, and decided by the person.
        window.press("Reconnect GitHub").await?;
        window.press("Continue").await?;
        approve(stage, 3, "sam").await?;
        until_it(window, "GitHub", "somebody else", |c| c.mismatch.is_some()).await?;
        window.press("It should be Alex Rivera").await?;
        until_it(window, "GitHub", "refused as Sam", |c| {
            c.mismatch.is_none() && c.health == Health::NeedsReconnect && is_account(c, "Alex Rivera")
        })
        .await?;

        // Renewed as the right one: it works, and is still the same connection.
        put_away_dialog(window).await?;
        window.press("Reconnect GitHub").await?;
        window.press("Continue").await?;
        approve(stage, 4, "alex").await?;
        window.wait_within("status", Name::Contains("Reconnected"), PATIENTLY).await?;
        window.press("Done").await?;
        let renewed = until_it(window, "GitHub", "working again", |c| c.health == Health::Works).await?;
        ensure!(renewed.connection_id == first.connection_id, "a reconnect keeps the connection's id");
        ensure!(renewed.instance == first.instance, "and its place here");
        ensure!(is_account(&renewed, "Alex Rivera"), "and its account");

        // Offline: everything can be read, and a disconnect waits.
        sandbox.stop_nango().await;
        row(window, "GitHub 2").await?;
        window.press("Disconnect GitHub 2").await?;
        window.press("Disconnect").await?;
        until_it(window, "GitHub 2", "queued", |c| c.health == Health::Disconnecting).await?;
        sandbox.restart_nango().await.context("the sandbox starts again")?;
        window.wait_gone("row", Name::Contains("GitHub 2")).await?;
        let left = sandbox.connections().len();
        ensure!(left == 2, "{left} connections are left at Nango");

        // Another profile sees nothing of it.
        let other = new_sandbox().await?;
        window.follow("Settings").await?;
        window.press("New profile").await?;
        fill_profile(window, other.base_url().as_str(), other.api_key()).await?;
        window.press("Save and check").await?;
        until("the other profile to be in use", PATIENTLY, async || {
            Ok(stored(window).await?.is_empty().then_some(()))
        })
        .await?;
        window.follow("Connections").await?;
        window.wait_gone("row", Name::Contains("GitHub")).await?;
        application.close().await;
        Ok(())
    })
    .await
}

/// The dialog of a reconnect that ended as somebody else may still be open.
async fn put_away_dialog(window: &Window) -> Result<()> {
    if window.find("button", "Done").await?.is_some() {
        window.press("Done").await?;
    }
    Ok(())
}
