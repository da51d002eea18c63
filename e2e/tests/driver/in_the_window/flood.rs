//! A page, or another program, that sends thousands of links: nothing changes, the window stays usable, the log stays
//! small, and the link that belongs to somebody still arrives.

use std::fs;

use anyhow::{Context, Result, ensure};
use patchbay_e2e::application::{self, Application, processes};
use patchbay_e2e::robot::{self, Decision};
use patchbay_e2e::server::{DEEP_LINK, Server};
use patchbay_e2e::stage::{Stage, scenario};
use patchbay_e2e::traces::files_below;
use patchbay_e2e::window::Window;
use patchbay_ipc::{ListAttempts, Phase, TakeNotices};
use xtask::step::say;
use zbus::Connection;

use crate::steps::{attempts, begin, connect_to, finish, opened, row, stored, wait_connections, wait_phase};

/// How many links come.
const LINKS: usize = 10_000;
/// How many senders send at a time.
const SENDERS: usize = 8;
/// What the log and the database may grow by, in bytes: far less than a line or a row for each link.
const MOST_GROWTH: u64 = 64 * 1024;

/// What a hostile sender thinks of; `{n}` makes each its own.
const HOSTILE: [&str; 8] = [
    "app.patchbay.desktop://oauth/callback?code=0123456789abcdef&state=forged-{n}",
    "app.patchbay.desktop://oauth/callback?state={n}&state={n}&code=%00%ff&error=%3Cscript%3Ealert(1)%3C/script%3E",
    "app.patchbay.desktop://oauth/callback",
    "app.patchbay.desktop://oauth/../../callback?code=x&state={n}",
    "app.patchbay.desktop://selftest/67e55044-10b1-426f-9247-bb680e5fe0c8?{n}",
    "file:///etc/passwd?{n}",
    "javascript:alert({n})",
    "not a link at all, {n}",
];

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_links_change_nothing() -> Result<()> {
    scenario("flood", async |stage| {
        let server = Server::start(Some(DEEP_LINK), &[])?;
        let application = Application::start(stage).await?;
        let window = application.window();
        connect_to(window, server.base_url().as_str(), server.api_key()).await?;
        begin(window, "GitHub").await?;
        let link = robot::decide(&opened(stage, 1).await?, "alex", Decision::Approve).await?;
        let before = wait_phase(window, Phase::AwaitingBrowser).await?;
        let (logs, database) = (size(stage, ".log")?, size(stage, ".db")?);

        // One by one, as a page sends them: each is a start of the program.
        for hostile in HOSTILE.iter().filter(|link| link.starts_with("app.patchbay")) {
            application::deliver(stage, &hostile.replace("{n}", "0")).await?;
        }
        // All at once, as a program sends them that speaks to the running one directly.
        window.watch().await?;
        let senders = (0..SENDERS).map(|sender| send(stage, sender * LINKS / SENDERS, LINKS / SENDERS));
        let senders = futures_util::future::try_join_all(senders);
        tokio::pin!(senders);
        let mut answers = 0;
        loop {
            tokio::select! {
                sent = &mut senders => break sent.map(drop)?,
                asked = window.ask(&ListAttempts { offset: 0, limit: 10 }) => {
                    ensure!(asked?.attempts.len() == 1, "no link makes an attempt");
                    answers += 1;
                }
            }
        }
        ensure!(answers > 0, "the window answered while they came");
        let busy = window.longest_gap_ms().await?;
        let after = attempts(window).await?;
        ensure!(after.len() == 1 && after[0].phase == before.phase, "the open attempt is untouched");
        ensure!(processes(stage)?.first() == Some(&application.process()), "it is still the same process");
        let notices = window.ask(&TakeNotices {}).await?.len();
        ensure!(notices <= 32, "{notices} remarks wait");
        let (logged, stored_more) = (size(stage, ".log")? - logs, size(stage, ".db")?.saturating_sub(database));
        ensure!(logged < MOST_GROWTH, "the log grew by {logged} bytes");
        ensure!(stored_more < MOST_GROWTH, "the database grew by {stored_more} bytes");
        let read = window.text().await?;
        ensure!(!read.contains("alert("), "nothing of a link is shown");

        application::deliver(stage, &link).await?;
        finish(window).await?;
        row(window, "GitHub").await?;
        wait_connections(&server, 1).await?;
        ensure!(stored(window).await?.len() == 1, "the one link that belongs to somebody counted");
        used(window, &format!(
            "flood: {LINKS} links by {SENDERS} senders; the window answered {answers} times meanwhile and was busy for \
             {busy:.0} ms at most; the log grew by {logged} bytes, the database by {stored_more}"
        ))
        .await?;
        application.close().await;
        Ok(())
    })
    .await
}

/// The window can still be used as before.
async fn used(window: &Window, told: &str) -> Result<()> {
    window.search("Search connections", "git").await?;
    row(window, "GitHub").await?;
    say(format_args!("{told}"));
    Ok(())
}

/// Sends links as a second start of the program does, with all that the bus lets a stranger say.
async fn send(stage: &Stage, from: usize, count: usize) -> Result<()> {
    let address = format!("unix:path={}", stage.home().runtime().join("bus").display());
    let bus: Connection = zbus::connection::Builder::address(address.as_str())?.build().await?;
    for number in from..from + count {
        let link = HOSTILE[number % HOSTILE.len()].replace("{n}", &number.to_string());
        let arguments = vec!["patchbay".to_owned(), link];
        bus.call_method(
            Some("app.patchbay.desktop.SingleInstance"),
            "/app/patchbay/desktop/SingleInstance",
            Some("org.SingleInstance.DBus"),
            "ExecuteCallback",
            &(arguments, "/"),
        )
        .await
        .with_context(|| format!("link {number}"))?;
    }
    Ok(())
}

/// How large the files are whose name has this in it. The daily copy of the database is none of a link's doing.
fn size(stage: &Stage, part: &str) -> Result<u64> {
    let mut total = 0;
    for file in files_below(stage.home().path())? {
        let is_copy = file.parent().is_some_and(|folder| folder.ends_with("backups"));
        if !is_copy && file.file_name().is_some_and(|name| name.to_string_lossy().contains(part)) {
            total += fs::metadata(&file).map(|data| data.len()).unwrap_or_default();
        }
    }
    Ok(total)
}
