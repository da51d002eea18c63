//! A profile that cannot work: each time a sentence that says why, and nothing saved.

use anyhow::{Result, ensure};
use patchbay_e2e::application::Application;
use patchbay_e2e::server::Server;
use patchbay_e2e::stage::scenario;
use patchbay_e2e::wait::{PATIENTLY, until};
use patchbay_e2e::webdriver::free_port;
use patchbay_ipc::{Code, GetOverview, SaveProfile, SecretInput};
use serde_json::json;

use crate::steps::{USER, fill_profile};

/// A key of the right form that no server knows.
const UNKNOWN_KEY: &str = "2b1d4c7e-93a5-4f60-8a1e-d7f05c3b9e42";

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_work_is_said_and_not_saved() -> Result<()> {
    scenario("bad_input", async |stage| {
        let server = Server::start(None, &[])?;
        let good = server.base_url().as_str().to_owned();
        let powerless = server.key_with(&["connections:list"]).await?;
        let nobody = format!("http://127.0.0.1:{}", free_port()?);
        let application = Application::start(stage).await?;
        let window = application.window();

        let cases = [
            ("not an address", "no address at all", server.api_key(), Code::InvalidInput),
            ("a scheme that is not HTTP", "ftp://127.0.0.1/", server.api_key(), Code::InvalidInput),
            ("nobody there", &nobody, server.api_key(), Code::Unreachable),
            ("a key nobody knows", &good, UNKNOWN_KEY, Code::KeyRefused),
            ("a key without scopes", &good, &powerless, Code::MissingScope),
        ];
        for (what, address, key, code) in cases {
            refused(&application, what, address, key, code).await?;
        }

        let page = json!([{
            "matcher": { "path_prefix": "/" },
            "action": { "status": { "code": 200, "body": "<!doctype html><title>Router</title><h1>Log in</h1>" } }
        }]);
        server.set_faults(page).await?;
        refused(&application, "a page instead of Nango", &good, server.api_key(), Code::UnexpectedAnswer).await?;

        server.set_faults(json!([])).await?;
        window.press("Save and check").await?;
        window.wait_within("link", "Connectors", PATIENTLY).await?;
        application.close().await;
        Ok(())
    })
    .await
}

/// Types it, presses the button, and waits until the window says what the engine answers to the same request.
async fn refused(application: &Application, what: &str, address: &str, key: &str, code: Code) -> Result<()> {
    let window = application.window();
    let request = SaveProfile {
        profile: None,
        server_url: address.to_owned(),
        api_key: Some(SecretInput::from(key.to_owned())),
        user_id: USER.to_owned(),
        user_name: String::new(),
        bridge_url: String::new(),
        enabled: true,
        accept_problems: false,
    };
    let Err(failure) = window.ask_plainly(&request).await? else {
        anyhow::bail!("{what}: it was saved");
    };
    ensure!(failure.code == code, "{what}: {:?} was due, and {failure:?} came", code);
    ensure!(
        failure.message.ends_with(['.', '!', '?']) && !failure.hint.is_empty(),
        "{what}: no sentence: {failure:?}"
    );
    fill_profile(window, address, key).await?;
    window.press("Save and check").await?;
    until(&format!("{what}: the window to say {:?}", failure.message), PATIENTLY, async || {
        Ok(window.text().await?.contains(&failure.message).then_some(()))
    })
    .await?;
    ensure!(window.ask(&GetOverview {}).await?.profile.is_none(), "{what}: nothing is saved");
    Ok(())
}
