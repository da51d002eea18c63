//! The command palette, the keys of the pages, and what the window looks like when it is opened again.

use anyhow::{Context, Result, ensure};
use fantoccini::key::Key;
use patchbay_e2e::application::Application;
use patchbay_e2e::keyboard::Keyboard;
use patchbay_e2e::stage::scenario;
use patchbay_e2e::wait::{PATIENTLY, until};
use patchbay_e2e::window::{Name, Window};

use crate::steps::{begin, connect_to, finish, new_sandbox, stored};

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_found_by_its_words() -> Result<()> {
    scenario("palette", async |stage| {
        let sandbox = new_sandbox().await?;
        let application = Application::start(stage).await?;
        let window = application.window();
        connect_to(window, sandbox.base_url().as_str(), sandbox.api_key()).await?;
        begin(window, "SendGrid").await?;
        window.fill("API key", "sk-palette").await?;
        window.press("Connect").await?;
        finish(window).await?;
        let connection = stored(window).await?.into_iter().next().context("there is a connection")?;

        let keyboard = Keyboard::of(window);
        let ask_for = async |words: &str, found: &str| {
            keyboard.chord(&[Key::Control], 'k').await?;
            window.wait("dialog", "Go to or do").await?;
            until("the box to have the focus", PATIENTLY, async || {
                Ok(keyboard.is_at("combobox", "Search everything").await?.then_some(()))
            })
            .await?;
            keyboard.type_text(words).await?;
            window.wait("option", Name::Contains(found)).await?;
            keyboard.press(Key::Enter).await?;
            window.wait_gone("dialog", "Go to or do").await
        };
        ask_for(&connection.label.to_lowercase(), &format!("{}, Connection", connection.label)).await?;
        window.wait("button", &*format!("Test {}", connection.label)).await?;
        ensure!(hash(window).await? == format!("#/connections/{}", connection.instance), "it has an address");

        ask_for("new workflow", "New workflow").await?;
        window.wait("heading", Name::Contains("Untitled workflow")).await?;
        ask_for("dark", "Dark appearance").await?;
        until("it to be dark", PATIENTLY, async || {
            let theme =
                window.client().execute("return document.documentElement.dataset.theme", vec![]).await?;
            Ok((theme == "dark").then_some(()))
        })
        .await?;
        ask_for("connect openai", "Connect OpenAI").await?;
        window.wait("dialog", Name::Contains("OpenAI")).await?;
        keyboard.press(Key::Escape).await?;
        window.wait_gone("dialog", Name::Contains("OpenAI")).await?;

        keyboard.chord(&[Key::Control], '2').await?;
        window.wait("heading", "Connections").await?;
        window.wait("button", Name::Contains("Works")).await?.click().await?;
        application.close().await;

        let application = Application::start(stage).await?;
        let window = application.window();
        window.wait("heading", "Connections").await.context("it opens where it was")?;
        let chip = window.wait("button", Name::Contains("Works")).await?;
        ensure!(chip.attr("aria-pressed").await?.as_deref() == Some("true"), "narrowed as it was");
        application.close().await;
        Ok(())
    })
    .await
}

async fn hash(window: &Window) -> Result<String> {
    let hash = window.client().execute("return location.hash", vec![]).await?;
    Ok(hash.as_str().unwrap_or_default().to_owned())
}
