//! One's own Nango whose answers come back as links, and that no secret stays anywhere.

use anyhow::{Context, Result, ensure};
use patchbay_e2e::application::{self, Application};
use patchbay_e2e::browser::Browser;
use patchbay_e2e::robot::{self, Decision};
use patchbay_e2e::server::{DEEP_LINK, Server};
use patchbay_e2e::stage::{Stage, scenario};
use patchbay_e2e::traces::{self, Secret};
use patchbay_e2e::wait::{PATIENTLY, until};
use patchbay_e2e::window::Name;
use patchbay_e2e::wiretap::Wiretap;
use patchbay_ipc::{Notice, Phase, TakeNotices};
use xtask::step::say;

use crate::steps::{attempts, begin, connect_to, finish, opened, row, stored, wait_connections, wait_phase};

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_finds_the_application_closed_starts_it_and_is_not_lost() -> Result<()> {
    scenario("cold_start", async |stage| {
        let server = Server::start(Some(DEEP_LINK), &[])?;
        let wire = Wiretap::before(server.base_url()).await?;
        let application = Application::start(stage).await?;
        connect_to(application.window(), wire.address().as_str(), server.api_key()).await?;
        begin(application.window(), "GitHub").await?;
        let page = opened(stage, 1).await?;
        wait_phase(application.window(), Phase::AwaitingBrowser).await?;
        application.kill().await?;

        let browser = Browser::start(stage, &page.parse()?).await?;
        browser.open(&page).await?;
        browser.decide("Sam Chen", "Approve").await?;
        let link =
            until("the link from the browser", PATIENTLY, async || Ok(stage.links.returned().pop())).await?;
        browser.close().await;

        let application = Application::start_with(stage, &[&link], &[]).await?;
        let window = application.window();
        wait_phase(window, Phase::Connected).await?;
        row(window, "GitHub").await?;
        let connections = wait_connections(&server, 1).await?;
        ensure!(
            stored(window).await?[0].connection_id.as_str() == connections[0].id,
            "the row is the connection that Nango has"
        );
        // This process was started with the link, so that its own command line holds it; the next was not.
        application.kill().await?;
        no_traces(stage, &server, &wire).await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_stays_after_an_ordinary_connection() -> Result<()> {
    scenario("warm_traces", async |stage| {
        let server = Server::start(Some(DEEP_LINK), &[])?;
        let wire = Wiretap::before(server.base_url()).await?;
        let application = Application::start(stage).await?;
        let window = application.window();
        connect_to(window, wire.address().as_str(), server.api_key()).await?;
        begin(window, "GitHub").await?;
        let link = robot::decide(&opened(stage, 1).await?, "sam", Decision::Approve).await?;
        // While the attempt is open its secrets are in the keyring, and nowhere else either.
        search(stage, &server, &wire)?;
        application::deliver(stage, &link).await?;
        finish(window).await?;
        search(stage, &server, &wire)?;
        application.close().await;
        no_traces(stage, &server, &wire).await
    })
    .await
}

/// Starts the application once more and searches its files and processes, now for the code too.
async fn no_traces(stage: &Stage, server: &Server, wire: &Wiretap) -> Result<()> {
    let application = Application::start(stage).await?;
    row(application.window(), "GitHub").await?;
    ensure!(wire.secrets().iter().any(|secret| secret.what == "code"), "no code was heard on the wire");
    search(stage, server, wire)?;
    application.close().await;
    Ok(())
}

fn search(stage: &Stage, server: &Server, wire: &Wiretap) -> Result<()> {
    let mut secrets = wire.secrets();
    for what in ["session token", "state", "state cookie"] {
        ensure!(secrets.iter().any(|secret| secret.what == what), "no {what} was heard on the wire");
    }
    secrets.push(Secret { what: "API key", text: server.api_key().to_owned() });
    let extent = traces::search(stage.home().path(), &application::processes(stage)?, &secrets)?;
    ensure!(extent.files > 10 && extent.bytes > 10_000, "hardly anything was searched: {extent:?}");
    say(format_args!(
        "{} secrets searched for in {} files, {} bytes",
        secrets.len(),
        extent.files,
        extent.bytes
    ));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_shown_and_nothing_is_stored() -> Result<()> {
    scenario("deny", async |stage| {
        let server = Server::start(Some(DEEP_LINK), &[])?;
        let application = Application::start(stage).await?;
        let window = application.window();
        connect_to(window, server.base_url().as_str(), server.api_key()).await?;
        begin(window, "GitHub").await?;
        let page = opened(stage, 1).await?;
        stage.links.hand_over()?;
        let browser = Browser::start(stage, &page.parse()?).await?;
        browser.open(&page).await?;
        browser.decide("Sam Chen", "Deny").await?;
        let attempt = wait_phase(window, Phase::Refused).await?;
        window.wait("status", Name::Contains(&attempt.words)).await?;
        browser.close().await;
        ensure!(stored(window).await?.is_empty(), "nothing is stored");
        ensure!(server.connections().await?.is_empty(), "nothing was made");
        application.close().await;
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_state_cookie_is_kept_and_sent_where_it_is_enforced() -> Result<()> {
    scenario("cookie", async |stage| {
        let server = Server::start(Some(DEEP_LINK), &["--enforce-state-cookie"])?;
        let application = Application::start(stage).await?;
        let window = application.window();
        connect_to(window, server.base_url().as_str(), server.api_key()).await?;
        begin(window, "GitHub").await?;
        let link = robot::decide(&opened(stage, 1).await?, "alex", Decision::Approve).await?;
        application::deliver(stage, &link).await?;
        finish(window).await?;
        row(window, "GitHub").await?;
        wait_connections(&server, 1).await?;
        application.close().await;
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn links_that_fit_nothing_change_nothing_and_are_said_once() -> Result<()> {
    scenario("hostile_links", async |stage| {
        let server = Server::start(Some(DEEP_LINK), &[])?;
        let application = Application::start(stage).await?;
        let window = application.window();
        connect_to(window, server.base_url().as_str(), server.api_key()).await?;
        begin(window, "GitHub").await?;
        let link = robot::decide(&opened(stage, 1).await?, "alex", Decision::Approve).await?;
        wait_phase(window, Phase::AwaitingBrowser).await?;

        let forged =
            "app.patchbay.desktop://oauth/callback?code=0123456789abcdef&state=ffffffffffffffffffffffff";
        for hostile in
            [forged, "app.patchbay.desktop://oauth/callback", "app.patchbay.desktop://elsewhere/?code=x"]
        {
            application::deliver(stage, hostile).await?;
        }
        ensure!(attempts(window).await?[0].phase == Phase::AwaitingBrowser, "the open attempt is untouched");

        application::deliver(stage, &link).await?;
        finish(window).await?;
        // The same link once more is late.
        application::deliver(stage, &link).await?;
        let mut notices: Vec<Notice> = Vec::new();
        until("a word about the late link", PATIENTLY, async || {
            notices.extend(window.ask(&TakeNotices {}).await?);
            let read = window.text().await?;
            Ok((!notices.is_empty() || read.to_lowercase().contains("link")).then_some(()))
        })
        .await
        .context("a link that fits nothing is spoken of")?;
        wait_connections(&server, 1).await?;
        ensure!(stored(window).await?.len() == 1, "there is still one connection");
        application.close().await;
        Ok(())
    })
    .await
}
