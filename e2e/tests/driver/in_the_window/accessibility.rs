//! Every page and dialog, light and dark, looked at by axe-core, and looked at for what a large print cuts off.

use std::fs;

use anyhow::{Context, Result, ensure};
use fantoccini::key::Key;
use fantoccini::wd::TimeoutConfiguration;
use patchbay_e2e::application::Application;
use patchbay_e2e::keyboard::Keyboard;
use patchbay_e2e::scene::{Scene, go, open_task};
use patchbay_e2e::stage::scenario;
use patchbay_e2e::wait::{PATIENTLY, until};
use patchbay_e2e::window::{Name, Window};
use patchbay_ipc::{Appearance, GetWorkflow, SaveProfile, SetAppearance};
use tempfile::TempDir;

use crate::axe::Axe;
use crate::steps::{USER, open_dialog};

const PAGES: [&str; 6] = ["Connectors", "Connections", "Workflows", "Runs", "Activity", "Settings"];

const WANTS_NO_MOTION: &str = "return matchMedia('(prefers-reduced-motion: reduce)').matches";
const ANNOUNCED: &str = "return document.getElementById('announcements').textContent";
const STRETCHED: &str = "return document.scrollingElement.scrollHeight > innerHeight";
const MOVING: &str =
    "return document.getAnimations().map((one) => one.effect.target.outerHTML.slice(0, 100)).join(' ')";

#[tokio::test(flavor = "multi_thread")]
async fn nothing_keeps_people_out() -> Result<()> {
    scenario("accessibility", async |stage| {
        let mut look = Look {
            axe: Axe::get().await?,
            files: TempDir::new()?,
            views: 0,
            passed: 0,
            problems: Vec::new(),
        };
        // Whoever switches animations off on their desktop gets none; half way through one nothing could be judged.
        let settings = stage.home().config().join("gtk-3.0");
        fs::create_dir_all(&settings)?;
        fs::write(settings.join("settings.ini"), "[Settings]\ngtk-enable-animations=0\n")?;
        let application = Application::start(stage).await?;
        let window = application.window();
        ensure!(
            window.client().execute(WANTS_NO_MOTION, vec![]).await? == true,
            "the window knows of the wish"
        );
        // A page of a hundred cards takes axe-core a while.
        let patient = TimeoutConfiguration::new(Some(PATIENTLY), None, None);
        window.client().update_timeouts(patient).await?;
        let themes = [(Appearance::Dark, "dark"), (Appearance::Light, "light")];
        for (appearance, theme) in themes {
            wear(window, appearance, theme).await?;
            look.at(window, &format!("first run, {theme}")).await?;
        }
        let scene = Scene::set(stage, window).await?;
        for (appearance, theme) in themes {
            wear(window, appearance, theme).await?;
            walk(window, &mut look, scene, theme).await?;
        }
        // A server that is not there, and a profile in which nothing has been made.
        let nowhere = SaveProfile {
            profile: None,
            server_url: "http://127.0.0.1:9".to_owned(),
            api_key: Some("00000000-0000-4000-8000-000000000000".to_owned().into()),
            user_id: USER.to_owned(),
            user_name: String::new(),
            bridge_url: String::new(),
            enabled: true,
            accept_problems: true,
        };
        window.ask(&nowhere).await?;
        for (appearance, theme) in themes {
            wear(window, appearance, theme).await?;
            for page in PAGES {
                window.follow(page).await?;
                window.wait("heading", page).await?;
                look.at(window, &format!("{page}, nothing there and offline, {theme}")).await?;
            }
        }
        println!("{} views, {} rules kept", look.views, look.passed);
        ensure!(look.problems.is_empty(), "{}", look.problems.join("\n"));
        application.close().await;
        Ok(())
    })
    .await
}

struct Look {
    axe: Axe,
    /// Where files are that the window is to take.
    files: TempDir,
    views: usize,
    passed: usize,
    problems: Vec<String>,
}

impl Look {
    /// Looks at what the window shows, and goes on whatever is found: all of it is wanted at once.
    async fn at(&mut self, window: &Window, what: &str) -> Result<()> {
        let moving = window.client().execute(MOVING, vec![]).await?;
        ensure!(moving == "", "{what}: something moves for a person who wants none of it: {moving}");
        let stretched = window.client().execute(STRETCHED, vec![]).await?;
        ensure!(stretched == false, "{what}: the window itself can be scrolled, out from under its frame");
        self.views += 1;
        match self.axe.look(window, what).await {
            Ok(passed) => self.passed += passed,
            Err(problem) => self.problems.push(format!("{problem:#}")),
        }
        if let Some(folder) = std::env::var_os("PATCHBAY_E2E_PICTURES") {
            window.keep(folder.as_ref(), &what.replace([' ', ','], "-")).await?;
        }
        Ok(())
    }
}

async fn wear(window: &Window, appearance: Appearance, theme: &str) -> Result<()> {
    window.ask(&SetAppearance { appearance }).await?;
    until(&format!("the window to be {theme}"), PATIENTLY, async || {
        let worn = window.client().execute("return document.documentElement.dataset.theme", vec![]).await?;
        Ok((worn == theme).then_some(()))
    })
    .await
}

async fn walk(window: &Window, look: &mut Look, scene: Scene, theme: &str) -> Result<()> {
    let keyboard = Keyboard::of(window);
    let named = |what: &str| format!("{what}, {theme}");
    for page in PAGES {
        window.follow(page).await?;
        window.wait("heading", page).await?;
        look.at(window, &named(page)).await?;
    }

    window.press("Licences").await?;
    window.wait("listitem", Name::Contains("serde_json")).await?;
    look.at(window, &named("licences")).await?;
    window.press("Licences").await?;
    window.press("New profile").await?;
    window.wait("textbox", "Nango server URL").await?;
    look.at(window, &named("a new profile")).await?;
    keyboard.press(Key::Escape).await?;

    window.follow("Connectors").await?;
    window.search("Search connectors", "nothing has this name").await?;
    window.wait("button", "Show all connectors").await?;
    look.at(window, &named("no connector found")).await?;
    window.press("Show all connectors").await?;
    for (connector, field) in [("GitHub", None), ("SendGrid", Some("API key"))] {
        open_dialog(window, connector).await?;
        look.at(window, &named(&format!("connect {connector}"))).await?;
        window.press("Continue").await?;
        match field {
            Some(field) => {
                window.wait("textbox", field).await?;
                window.press("Connect").await?;
                until("the field to be marked", PATIENTLY, async || {
                    let field = window.find("textbox", field).await?.context("the field is there")?;
                    Ok((field.attr("aria-invalid").await?.as_deref() == Some("true")).then_some(()))
                })
                .await?;
                look.at(window, &named("a form with an error")).await?;
            }
            None => {
                window.wait_within("button", "Check now", PATIENTLY).await?;
                look.at(window, &named("waiting for the browser")).await?;
            }
        }
        window.press("Cancel").await?;
        window.wait_gone("dialog", Name::Contains(connector)).await?;
    }

    window.follow("Connections").await?;
    window.wait("row", Name::Contains("Team board")).await?.click().await?;
    window.wait("button", "Close details").await?;
    look.at(window, &named("a connection")).await?;
    window.press("Test").await?;
    until("the test's answer", PATIENTLY, async || Ok(window.text().await?.contains("Asked").then_some(())))
        .await?;
    let said = window.client().execute(ANNOUNCED, vec![]).await?;
    let said = said.as_str().unwrap_or_default();
    ensure!(!said.is_empty() && window.text().await?.contains(said), "what the test found is said: {said:?}");
    look.at(window, &named("a connection tested")).await?;
    window.press("Replace…").await?;
    window.wait("combobox", "Connection to use instead").await?;
    look.at(window, &named("a connection replaced")).await?;
    window.press("Cancel").await?;
    window.press("Reconnect Team board").await?;
    window.wait("button", "Continue").await?;
    look.at(window, &named("a connection reconnected")).await?;
    window.press("Cancel").await?;
    window.press("Rename Team board").await?;
    window.wait("textbox", "Label").await?;
    look.at(window, &named("a connection renamed")).await?;
    window.press("Disconnect Team board").await?;
    window.wait("button", "Disconnect").await?;
    look.at(window, &named("a connection disconnected")).await?;
    keyboard.press(Key::Escape).await?;
    window.press("Export…").await?;
    window.wait("dialog", Name::Contains("Export")).await?;
    look.at(window, &named("export of connections")).await?;
    keyboard.press(Key::Escape).await?;

    window.follow("Workflows").await?;
    window.press(&format!("Export {}", Scene::WORKFLOW)).await?;
    window.wait("dialog", Name::Contains("Export")).await?;
    look.at(window, &named("export of a workflow")).await?;
    keyboard.press(Key::Escape).await?;

    let workflow = window.ask(&GetWorkflow { workflow: scene.workflow }).await?;
    let file = look.files.path().join("digest.yaml");
    fs::write(&file, workflow.text)?;
    window.choose_file("Workflow file", &file).await?;
    window.wait("button", "Import").await?;
    look.at(window, &named("import of a workflow")).await?;
    keyboard.press(Key::Escape).await?;

    go(window, &format!("workflows/{}", scene.workflow)).await?;
    window.wait("heading", Scene::WORKFLOW).await?;
    look.at(window, &named("editor")).await?;
    open_task(window, "listTeams").await?;
    look.at(window, &named("a task")).await?;
    window.wait("combobox", "Connection").await?.click().await?;
    window.wait("option", Name::Contains("Team board")).await?;
    look.at(window, &named("a task with its picker")).await?;
    keyboard.press(Key::Escape).await?;
    window.press("Add task").await?;
    window.wait("option", Name::Contains("Fork")).await?;
    look.at(window, &named("what can be added")).await?;
    keyboard.press(Key::Escape).await?;
    keyboard.chord(&[Key::Control], 'f').await?;
    window.wait("dialog", "Find task").await?;
    look.at(window, &named("find a task")).await?;
    keyboard.press(Key::Escape).await?;
    window.press("Rename workflow").await?;
    window.wait("dialog", Name::Contains("Rename")).await?;
    look.at(window, &named("a workflow renamed")).await?;
    keyboard.press(Key::Escape).await?;
    window.press("Source").await?;
    window.wait("textbox", "YAML").await?;
    look.at(window, &named("source")).await?;
    window.press("Source").await?;
    window.press("Run").await?;
    window.wait("button", "Start the run").await?;
    look.at(window, &named("as whom it runs")).await?;
    keyboard.press(Key::Escape).await?;

    go(window, &format!("runs/{}", scene.run)).await?;
    window.wait("button", "Run again").await?;
    look.at(window, &named("a run")).await?;
    keyboard.chord(&[Key::Control], 'k').await?;
    window.wait("dialog", "Go to or do").await?;
    look.at(window, &named("command palette")).await?;
    keyboard.press(Key::Escape).await?;
    window.wait_gone("dialog", "Go to or do").await
}
