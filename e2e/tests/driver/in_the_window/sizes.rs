//! Windows of every size, and print twice as large: nothing is cut off.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use fantoccini::key::Key;
use patchbay_e2e::application::Application;
use patchbay_e2e::keyboard::Keyboard;
use patchbay_e2e::scene::{Scene, go};
use patchbay_e2e::stage::scenario;
use patchbay_e2e::wait::{PATIENTLY, until};
use patchbay_e2e::window::{Name, Window};
use patchbay_ipc::SetLanguage;
use patchbay_texts::Language;

/// What has to be scrolled sideways to be read; texts that keep their lines, and the editor's ground, may.
const CUT_OFF: &str = "return [document.documentElement, ...document.querySelectorAll('body *')]
    .filter((one) => one.clientWidth > 0 && one.scrollWidth > one.clientWidth + 1
        && (one === document.documentElement || ['auto', 'scroll'].includes(getComputedStyle(one).overflowX))
        && !one.matches('pre, textarea, .chips'))
    .slice(0, 3).map((one) => `${one.scrollWidth} > ${one.clientWidth} ${one.outerHTML.slice(0, 120)}`).join(' ');";
/// Words of buttons and links that do not fit, or stand on more lines than one.
const SQUEEZED: &str = "return [...document.querySelectorAll('button.button, .navigation a, .navigation-search')]
    .filter((one) => one.getClientRects().length > 0 && (one.scrollWidth > one.clientWidth + 1 || one.clientHeight > 48))
    .slice(0, 3).map((one) => one.outerHTML.slice(0, 160)).join(' ');";

/// The pages as they are headed.
const ENGLISH: [&str; 6] = ["Connectors", "Connections", "Workflows", "Runs", "Activity", "Settings"];
const GERMAN: [&str; 6] = ["Konnektoren", "Verbindungen", "Workflows", "Läufe", "Verlauf", "Einstellungen"];

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_cut_off() -> Result<()> {
    scenario("sizes", async |stage| {
        let application = Application::start(stage).await?;
        let window = application.window();
        let scene = Scene::set(stage, window).await?;
        let mut problems = Vec::new();
        for (width, height) in [(900_u32, 600_u32), (2560, 1440), (1280, 800)] {
            window.client().set_window_size(width, height).await?;
            until(&format!("a window {width} wide"), PATIENTLY, async || {
                Ok((width_of(window).await? == f64::from(width)).then_some(()))
            })
            .await?;
            problems.extend(walk(window, scene, &format!("{width}x{height}"), ENGLISH).await?);
        }
        // Words of another language are longer.
        window.client().set_window_size(900, 600).await?;
        window.ask(&SetLanguage { language: Some(Language::German) }).await?;
        problems.extend(walk(window, scene, "900x600 in German", GERMAN).await?);
        window.ask(&SetLanguage { language: None }).await?;
        window.client().set_window_size(1280, 800).await?;

        let keyboard = Keyboard::of(window);
        for _ in 0..5 {
            keyboard.chord(&[Key::Control], '+').await?;
        }
        until("everything to be twice as large", PATIENTLY, async || {
            Ok((width_of(window).await? == 640.0).then_some(()))
        })
        .await?;
        problems.extend(walk(window, scene, "200 %", ENGLISH).await?);
        ensure!(problems.is_empty(), "{}", problems.join("\n"));
        application.close().await;

        let application = Application::start(stage).await?;
        let window = application.window();
        let kept = width_of(window).await?;
        Keyboard::of(window).chord(&[Key::Control], '0').await?;
        until("everything to be half as large", PATIENTLY, async || {
            Ok((width_of(window).await? == kept * 2.0).then_some(()))
        })
        .await
        .context("it was as large at the next start")?;
        application.close().await;
        Ok(())
    })
    .await
}

async fn width_of(window: &Window) -> Result<f64> {
    window.client().execute("return innerWidth", vec![]).await?.as_f64().context("a width")
}

/// Goes on whatever is found: all of it is wanted at once.
async fn walk(window: &Window, scene: Scene, size: &str, headings: [&str; 6]) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    let pages = ENGLISH.map(str::to_lowercase).into_iter().zip(headings);
    let deeper = [format!("workflows/{}", scene.workflow), format!("runs/{}", scene.run)];
    for (page, heading) in pages.chain(deeper.map(|page| (page, Scene::WORKFLOW))) {
        go(window, &page).await?;
        window.wait("heading", Name::Contains(heading)).await?;
        let picture = window.still().await?;
        if let Some(folder) = std::env::var_os("PATCHBAY_E2E_PICTURES") {
            fs::create_dir_all(&folder)?;
            let name = format!("{size}-{}.png", page.split_once('/').map_or(&*page, |(section, _)| section));
            fs::write(Path::new(&folder).join(name.replace(' ', "")), picture)?;
        }
        for (what, script) in [("cut off", CUT_OFF), ("squeezed", SQUEEZED)] {
            let found = window.client().execute(script, vec![]).await?;
            if found != "" {
                problems.push(format!("{page} at {size}: {what}: {found}"));
            }
        }
    }
    Ok(problems)
}
