//! The server misbehaves while the window is used: it says so in a sentence, loses nothing of what was typed, and
//! stays usable all the while. What is read in each case is in `docs/FAULTS.md`; here it is seen in the window.

use anyhow::{Result, ensure};
use patchbay_core::connection::Health;
use patchbay_e2e::application::{self, Application};
use patchbay_e2e::robot::{self, Decision};
use patchbay_e2e::server::{DEEP_LINK, Server};
use patchbay_e2e::stage::scenario;
use patchbay_e2e::wait::{PATIENTLY, until};
use patchbay_e2e::window::{Name, Window};
use patchbay_ipc::GetOverview;
use serde_json::{Value, json};
use xtask::step::say;

use crate::steps::{USER, begin, fill_profile, finish, opened, row, stored};

/// The faults, and what is read of each where the server is asked for a list.
fn faults() -> Vec<(&'static str, Value, &'static str)> {
    let limited = json!({ "status": {
        "code": 429, "headers": { "Retry-After": "30" }, "body": r#"{"error":{"code":"too_many_request"}}"#
    } });
    let fault = json!({ "status": { "code": 500, "body": r#"{"error":{"code":"server_error"}}"# } });
    let page = json!({ "status": { "code": 502, "body": "<html><h1>502 Bad Gateway</h1></html>" } });
    vec![
        ("500", fault, "Nango had a fault of its own"),
        ("an HTML page", page, "or one in front of it, had a fault"),
        ("truncated JSON", json!("truncated_json"), "cannot be read: it was cut short"),
        ("100 MB", json!({ "huge_body": 100_000_000 }), "far too long"),
        ("a reset", json!("reset_connection"), "cut the connection"),
        ("60 s of silence", json!({ "silence": 60_000 }), "did not answer in time"),
        // Last: the application keeps to the pause that was asked for.
        ("429", limited, "too many calls"),
    ]
}

fn struck(paths: &[&str], action: &Value) -> Value {
    let fault = |path: &&str| json!({ "matcher": { "path_prefix": path }, "action": action });
    paths.iter().map(fault).collect()
}

/// What was seen of a fault, for whoever reads the test's output.
async fn tell(window: &Window, what: &str, fault: &str, visit_ms: &[f64]) -> Result<()> {
    let gap = window.longest_gap_ms().await?;
    let visits: Vec<String> = visit_ms.iter().map(|taken| format!("{taken:.0}")).collect();
    say(format_args!(
        "{what}, {fault}: busy for at most {gap:.0} ms at a time; pages opened meanwhile in ms: {}",
        if visits.is_empty() { "none".to_owned() } else { visits.join(", ") }
    ));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_form_of_a_profile_keeps_what_was_typed() -> Result<()> {
    scenario("faults_profile", async |stage| {
        let server = Server::start(Some(DEEP_LINK), &[])?;
        let application = Application::start(stage).await?;
        let window = application.window();
        fill_profile(window, server.base_url().as_str(), server.api_key()).await?;
        for (fault, action, sentence) in faults() {
            server.set_faults(struck(&["/health"], &action)).await?;
            window.watch().await?;
            window.press("Save and check").await?;
            until(&format!("{fault}: {sentence:?}"), PATIENTLY, async || {
                Ok(window.text().await?.contains(sentence).then_some(()))
            })
            .await?;
            tell(window, "saving a profile", fault, &[]).await?;
            for (field, typed) in [
                ("Nango server URL", server.base_url().as_str()),
                ("API key", server.api_key()),
                ("Your user id", USER),
            ] {
                let value = window.wait("textbox", field).await?.prop("value").await?;
                ensure!(value.as_deref() == Some(typed), "{fault}: {field} has lost what was typed");
            }
            ensure!(window.ask(&GetOverview {}).await?.profile.is_none(), "{fault}: nothing is saved");
        }
        server.set_faults(json!([])).await?;
        window.press("Save and check").await?;
        window.wait_within("link", "Connectors", PATIENTLY).await?;
        application.close().await;
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_stays_usable_while_the_server_does_not_answer_well() -> Result<()> {
    scenario("faults_window", async |stage| {
        let server = Server::start(Some(DEEP_LINK), &[])?;
        let application = Application::start(stage).await?;
        let window = application.window();
        fill_profile(window, server.base_url().as_str(), server.api_key()).await?;
        window.press("Save and check").await?;
        window.wait_within("link", "Connectors", PATIENTLY).await?;
        begin(window, "GitHub").await?;
        let link = robot::decide(&opened(stage, 1).await?, "alex", Decision::Approve).await?;
        application::deliver(stage, &link).await?;
        finish(window).await?;

        // What a healthy server's window takes, for comparison.
        row(window, "GitHub").await?;
        window.watch().await?;
        let visits = look_around(window).await?;
        tell(window, "no sync", "no fault", &visits).await?;

        for (fault, action, sentence) in faults() {
            row(window, "GitHub").await?;
            server.set_faults(struck(&["/connections"], &action)).await?;
            window.watch().await?;
            window.press("Sync now").await?;
            // Whether it still waits or has failed already: everything else goes on.
            let visits = look_around(window).await?;
            window.search("Search connections", "git").await?;
            window.wait("row", Name::Contains("GitHub")).await?;
            until(&format!("{fault}: {sentence:?}"), PATIENTLY, async || {
                Ok(window.text().await?.contains(sentence).then_some(()))
            })
            .await?;
            tell(window, "a sync", fault, &visits).await?;
            ensure!(stored(window).await?.len() == 1, "{fault}: the connections stay");
            server.set_faults(json!([])).await?;
            dismiss_remarks(window).await?;
        }

        // What Nango cannot be told now is told later.
        row(window, "GitHub").await?;
        server.set_faults(struck(&["/connections/"], &json!("reset_connection"))).await?;
        window.watch().await?;
        window.press("Disconnect GitHub").await?;
        window.press("Disconnect").await?;
        until("the disconnect to be queued", PATIENTLY, async || {
            Ok(stored(window).await?.iter().any(|it| it.health == Health::Disconnecting).then_some(()))
        })
        .await?;
        tell(window, "a disconnect", "a reset", &[]).await?;
        server.set_faults(json!([])).await?;
        until("the disconnect to be carried out", PATIENTLY, async || {
            Ok(stored(window).await?.is_empty().then_some(()))
        })
        .await?;
        ensure!(server.connections().await?.is_empty(), "it is gone at Nango too");
        application.close().await;
        Ok(())
    })
    .await
}

/// Opens one page after the other; answers how long each took.
async fn look_around(window: &Window) -> Result<Vec<f64>> {
    let mut visits = Vec::new();
    for page in ["Settings", "Activity", "Connectors", "Connections"] {
        visits.push(window.visit(page).await?);
    }
    Ok(visits)
}

/// Puts the remarks at the corner away, so that the next one cannot be mistaken for the last.
async fn dismiss_remarks(window: &Window) -> Result<()> {
    until("the remarks to be gone", PATIENTLY, async || match window.find("button", "Dismiss").await? {
        Some(button) => {
            button.click().await?;
            Ok(None)
        }
        None => Ok(Some(())),
    })
    .await
}
