//! The bridge page: an https callback that hands the provider's answer on to the application.

use std::net::Ipv4Addr;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use patchbay_e2e::browser::Browser;
use patchbay_e2e::stage::scenario;
use patchbay_e2e::wait::{PATIENTLY, SOON, until};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// An answer with everything that could be spoilt on the way.
const QUERY: &str = "?code=a%2Fb+c%26d&state=5e1f0c7a-33&scope=read%20write&iss=https%3A%2F%2Fid.example%2F";

fn page() -> Result<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("the package lies in the workspace")?;
    Ok(std::fs::read_to_string(root.join("docs/bridge/index.html"))?)
}

/// Serves the page to whoever asks, whatever for.
async fn serve(listener: TcpListener, page: String) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let mut request = [0; 4096];
        if stream.read(&mut request).await.is_ok() {
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                page.len()
            );
            // A browser that has gone away needs no page.
            drop(stream.write_all(format!("{head}{page}").as_bytes()).await);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_query_arrives_letter_by_letter_and_stays_nowhere() -> Result<()> {
    scenario("bridge", async |stage| {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = format!("http://{}/bridge/", listener.local_addr()?);
        let server = tokio::spawn(serve(listener, page()?));
        let browser = Browser::start(stage, &address.parse()?).await?;

        browser.open(&format!("{address}{QUERY}")).await?;
        let link = until("the link", PATIENTLY, async || Ok(stage.links.returned().pop())).await?;
        ensure!(link == format!("app.patchbay.desktop://oauth/callback{QUERY}"), "{link}");
        let shown = browser.window().client().current_url().await?;
        ensure!(shown.query().is_none(), "the answer is still in the address bar");

        browser.window().follow("Open Patchbay").await?;
        until("the link once more, by the button", SOON, async || {
            Ok((stage.links.returned().len() == 2).then_some(()))
        })
        .await?;
        browser.window().press("Copy link").await?;
        browser.window().wait_text("Paste the link").await?;

        browser.open(&address).await?;
        browser.window().wait("heading", "Nothing to hand over").await?;
        ensure!(stage.links.returned().len() == 2, "nothing was handed over without an answer");
        browser.close().await;
        server.abort();
        Ok(())
    })
    .await
}
