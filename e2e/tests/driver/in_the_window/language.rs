//! The language: the system's, another one that is chosen, and the choice after a new start.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use patchbay_e2e::application::Application;
use patchbay_e2e::keyboard::Keyboard;
use patchbay_e2e::stage::scenario;
use patchbay_e2e::wait::{PATIENTLY, until};
use patchbay_e2e::window::{Name, Window};
use patchbay_ipc::SetLanguage;
use patchbay_texts::Language;

use crate::steps::{begin, connect_to, finish, new_sandbox};

/// Of the window and of the engine, page by page.
const GERMAN: [(&str, &str); 6] = [
    ("Konnektoren", "Kommunikation & Zusammenarbeit"),
    ("Verbindungen", "Funktioniert"),
    ("Workflows", "Noch keine Workflows"),
    ("Läufe", "Noch ist nichts gelaufen"),
    ("Verlauf", "Verbunden"),
    ("Einstellungen", "Dein Schlüsselbund bewahrt die Geheimnisse von Patchbay auf."),
];

#[tokio::test(flavor = "multi_thread")]
async fn it_is_the_systems_or_the_chosen_one() -> Result<()> {
    scenario("language", async |stage| {
        let sandbox = new_sandbox().await?;
        let application = Application::start_with(stage, &[], &[("LC_ALL", "de_DE.UTF-8")]).await?;
        let window = application.window();
        window.wait("heading", "Willkommen bei Patchbay").await?;
        until_spoken(window, "de").await?;
        keep(window, "german-first-run").await?;

        window.ask(&SetLanguage { language: Some(Language::English) }).await?;
        window.wait("heading", "Welcome to Patchbay").await?;
        until_spoken(window, "en").await?;
        connect_to(window, sandbox.base_url().as_str(), sandbox.api_key()).await?;
        begin(window, "SendGrid").await?;
        window.fill("API key", "sk-language").await?;
        window.press("Connect").await?;
        finish(window).await?;

        window.follow("Settings").await?;
        window.choose("Language", "Deutsch").await?;
        for (page, words) in GERMAN {
            window.follow(page).await?;
            window.wait("heading", page).await?;
            window.wait_text(words).await.with_context(|| format!("on the page {page}"))?;
            keep(window, &format!("german-{page}")).await?;
        }

        // What the engine refuses.
        window.fill("URL des Nango-Servers", "not an address").await?;
        window.press("Sichern und prüfen").await?;
        window.wait_text("Das ist keine Adresse eines Servers.").await?;
        keep(window, "german-refusal").await?;
        application.close().await;

        let application = Application::start_with(stage, &[], &[("LC_ALL", "C.UTF-8")]).await?;
        let window = application.window();
        window.follow("Einstellungen").await?;
        until_spoken(window, "de").await?;
        window.choose("Sprache", "Wie das System").await?;
        window.wait("heading", "Settings").await?;
        until_spoken(window, "en").await?;

        // By the palette, without knowing where it is set.
        let keyboard = Keyboard::of(window);
        keyboard.chord(&[fantoccini::key::Key::Control], 'k').await?;
        window.wait("dialog", "Go to or do").await?;
        keyboard.type_text("deutsch").await?;
        window.wait("option", Name::Contains("Deutsch")).await?;
        keyboard.press(fantoccini::key::Key::Enter).await?;
        window.wait("heading", "Einstellungen").await?;
        let chosen = window.ask(&patchbay_ipc::GetOverview {}).await?.chosen_language;
        ensure!(chosen == Some(Language::German), "{chosen:?} is kept");
        application.close().await;
        Ok(())
    })
    .await
}

/// Until the page says that it is in a language, which screen readers pronounce it by.
async fn until_spoken(window: &Window, code: &str) -> Result<()> {
    until(&format!("the page to be in {code}"), PATIENTLY, async || {
        let spoken = window.client().execute("return document.documentElement.lang", vec![]).await?;
        Ok((spoken == code).then_some(()))
    })
    .await
}

async fn keep(window: &Window, name: &str) -> Result<()> {
    match std::env::var_os("PATCHBAY_E2E_PICTURES") {
        Some(folder) => window.keep(Path::new(&folder), name).await,
        None => Ok(()),
    }
}
