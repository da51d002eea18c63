//! What the page may call: the commands of the contract, and nothing else.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use patchbay_e2e::application::Application;
use patchbay_e2e::stage::scenario;
use serde_json::json;

/// A permission that forgets a command would break the window; one that lists another would open it.
#[test]
fn the_window_may_call_exactly_the_contract() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("the package lies in the workspace")?;
    let permission = fs::read_to_string(root.join("src-tauri/permissions/window.toml"))?;
    let allowed: BTreeSet<String> = quoted(permission.split_once("commands.allow").context("a list")?.1);
    let mut contract = BTreeSet::new();
    for file in fs::read_dir(root.join("crates/patchbay-ipc/src"))? {
        let source = fs::read_to_string(file?.path())?;
        for (_, after) in source.match_indices("\ncommand!(").map(|(at, _)| source.split_at(at + 1)) {
            contract.extend(quoted(after.split_once(");").context("a macro call ends")?.0));
        }
    }
    ensure!(contract.len() > 20, "the contract was not read: {contract:?}");
    ensure!(allowed == contract, "only in one of the two: {:?}", allowed.symmetric_difference(&contract));
    Ok(())
}

fn quoted(text: &str) -> BTreeSet<String> {
    text.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_in_the_page_cannot_call_the_plugins() -> Result<()> {
    scenario("plugins", async |stage| {
        let application = Application::start(stage).await?;
        for command in [
            "plugin:shell|open",
            "plugin:shell|execute",
            "plugin:event|emit",
            "plugin:deep-link|register",
            "plugin:webview|create_webview_window",
            "plugin:window|destroy",
            "plugin:window-state|save_window_state",
            "plugin:dialog|message",
            "plugin:path|resolve_directory",
        ] {
            let answer = application.window().invoke(command, json!({})).await?;
            let refusal = answer.err().with_context(|| format!("{command} was carried out"))?;
            ensure!(refusal.to_string().contains("not allowed"), "{command}: {refusal}");
        }
        application.close().await;
        Ok(())
    })
    .await
}
