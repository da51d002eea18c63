//! What several scenarios do alike.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use nango_sandbox::{Options, Sandbox};
use patchbay_e2e::server::{Connected, DEEP_LINK, Server};
use patchbay_e2e::stage::Stage;
use patchbay_e2e::wait::{PATIENTLY, SOON, until};
use patchbay_e2e::window::{Name, Window};
use patchbay_ipc::{AttemptView, CheckNow, ConnectionView, ListAttempts, ListConnections, Narrowing, Phase};

/// How long a dialog may take to open before the click is taken for one that did not count.
const OPENS_WITHIN: Duration = Duration::from_secs(10);

/// The end user of every test.
pub(crate) const USER: &str = "ada";

/// A sandbox in this process, whose answers come back by deep link and which knows the catalogue's operations.
pub(crate) async fn new_sandbox() -> Result<Sandbox> {
    let options = Options {
        callback_url: Some(DEEP_LINK.to_owned()),
        sample_operations: patchbay_engine::sample_operations()
            .map_err(|failure| anyhow::anyhow!(failure.message))?,
        ..Options::default()
    };
    Ok(Sandbox::start(options).await?)
}

/// Fills in the first page and waits until the window behind it is there.
pub(crate) async fn connect_to(window: &Window, server: &str, key: &str) -> Result<()> {
    fill_profile(window, server, key).await?;
    window.press("Save and check").await?;
    window.wait_within("link", "Connectors", PATIENTLY).await?;
    Ok(())
}

/// Fills in the first page.
pub(crate) async fn fill_profile(window: &Window, server: &str, key: &str) -> Result<()> {
    window.fill("Nango server URL", server).await?;
    window.fill("API key", key).await?;
    window.fill("Your user id", USER).await
}

/// Opens the dialog of a connector and answers its first question with the label it proposes.
pub(crate) async fn begin(window: &Window, connector: &str) -> Result<()> {
    window.follow("Connectors").await?;
    open_dialog(window, connector).await?;
    window.press("Continue").await
}

/// Opens the dialog of a connector on the page of connectors.
pub(crate) async fn open_dialog(window: &Window, connector: &str) -> Result<()> {
    let button = format!("Connect {connector}");
    // The page may still be moving while what the server offers arrives, and a click on what moves is none.
    until(&format!("the dialog of {connector}"), PATIENTLY, async || {
        window.press(&button).await?;
        window.wait_within("textbox", "Label", OPENS_WITHIN).await.map(|_| Some(()))
    })
    .await
}

/// The address that the application opened as the `count`th.
pub(crate) async fn opened(stage: &Stage, count: usize) -> Result<String> {
    until("the application to open the browser", PATIENTLY, async || {
        Ok(stage.links.opened().get(count - 1).cloned())
    })
    .await
}

/// Waits until the dialog says that it is done, and puts it away.
pub(crate) async fn finish(window: &Window) -> Result<()> {
    window.wait_within("status", Name::Contains("Connected"), PATIENTLY).await?;
    window.press("Done").await
}

/// Waits for the row of a connection in the list.
pub(crate) async fn row(window: &Window, label: &str) -> Result<()> {
    window.follow("Connections").await?;
    window.wait_within("row", Name::Contains(label), PATIENTLY).await.map(drop)
}

/// The connections that the application has stored.
pub(crate) async fn stored(window: &Window) -> Result<Vec<ConnectionView>> {
    let request = ListConnections { narrowing: Narrowing::default(), offset: 0, limit: 500 };
    Ok(window.ask(&request).await?.connections)
}

/// The attempts that the application remembers, newest first.
pub(crate) async fn attempts(window: &Window) -> Result<Vec<AttemptView>> {
    Ok(window.ask(&ListAttempts { offset: 0, limit: 200 }).await?.attempts)
}

/// Waits until the newest attempt has come to a phase.
pub(crate) async fn wait_phase(window: &Window, wanted: Phase) -> Result<AttemptView> {
    until(&format!("the attempt to be {wanted:?}"), PATIENTLY, async || {
        let newest = attempts(window).await?.into_iter().next().context("there is no attempt")?;
        if newest.phase == wanted {
            return Ok(Some(newest));
        }
        bail!("it is {:?}: {:?}", newest.phase, newest.problem)
    })
    .await
}

/// Asks Nango once about each attempt that is still open, as the button `Check now` would, and waits until all
/// have ended. Asking more often would only use up the calls a minute that the application allows itself.
pub(crate) async fn settle(window: &Window, within: Duration) -> Result<()> {
    for attempt in attempts(window).await?.iter().filter(|attempt| attempt.phase.is_open()) {
        // It may end in this very moment; then there is nothing to check any more.
        drop(window.ask_plainly(&CheckNow { attempt: attempt.id }).await?);
    }
    until("all attempts to end", within, async || {
        let open = attempts(window).await?.into_iter().filter(|attempt| attempt.phase.is_open());
        let phases: Vec<_> = open.map(|attempt| (attempt.phase, attempt.method)).collect();
        if phases.is_empty() { Ok(Some(())) } else { bail!("still open: {phases:?}") }
    })
    .await
}

/// Waits until the sandbox has as many connections.
pub(crate) async fn wait_connections(server: &Server, count: usize) -> Result<Vec<Connected>> {
    until(&format!("{count} connections at the sandbox"), SOON, async || {
        let connections = server.connections().await?;
        Ok((connections.len() == count).then_some(connections))
    })
    .await
}

/// Adds a task that does an operation.
pub(crate) async fn add_task(window: &Window, search: &str, operation: &str) -> Result<()> {
    // The page may still be making room for what the last change has to say, and a click on what moves is none.
    until("the dialog Add task", PATIENTLY, async || {
        window.press("Add task").await?;
        window.wait_within("dialog", "Add task", OPENS_WITHIN).await.map(Some)
    })
    .await?;
    window.pick("Search operations and kinds of task", search, operation).await?;
    window.wait_gone("dialog", "Add task").await
}
