//! A Nango that means harm: markup in everything it names, ids that climb out of a path, consent pages that are
//! scripts, files and programs. Nothing of it executes, nothing leaves its place, and only http(s) is opened.

use anyhow::{Context, Result, bail, ensure};
use hyper::Method;
use patchbay_core::connection::Health;
use patchbay_e2e::application::Application;
use patchbay_e2e::http;
use patchbay_e2e::server::{DEEP_LINK, Server};
use patchbay_e2e::stage::scenario;
use patchbay_e2e::wait::{PATIENTLY, until};
use patchbay_e2e::window::{Name, Window};
use patchbay_ipc::{DisconnectConnection, RefreshConnectors, SyncConnections};
use serde_json::{Value, json};
use xtask::step::say;

use crate::steps::{attempts, begin, connect_to, stored};

/// What stands in every text that people read.
const MARKUP: &str = "\"><img src=x onerror=\"window.harmed=1\"><script>window.harmed=1</script><a href=\"javascript:harmed=1\">{{7*7}}";

/// Ids that are paths, quotations, markup, or no text at all.
const IDS: [&str; 6] = ["../../integrations/github", "a'b\"c;--", MARKUP, "line\nfeed", "nul\u{0}byte", ".."];

/// Where a consent page may not be.
const PAGES: [&str; 7] = [
    "javascript:window.harmed=1",
    "file:///etc/passwd",
    "data:text/html,<script>window.harmed=1</script>",
    "app.patchbay.desktop://oauth/callback?code=x&state=y",
    "vscode://file/etc/passwd",
    "smb://127.0.0.1/share",
    "//127.0.0.1/only-a-host",
];

/// What of the page must not be there, whatever was shown: handlers and scripts of strangers, links that are no pages,
/// anything that comes from elsewhere.
const LOOK: &str = r#"
const found = [];
if (window.harmed !== undefined) found.push("a script ran");
for (const it of document.querySelectorAll("*")) {
  for (const { name, value } of it.attributes) {
    if (name.startsWith("on")) found.push(`<${it.localName} ${name}>`);
    if (/^(javascript|vbscript):/i.test(value.trim()) || (/^data:/i.test(value) && name === "href"))
      found.push(`<${it.localName} ${name}=${value.slice(0, 40)}>`);
    if (["src", "srcset", "data"].includes(name) && !value.startsWith("data:image/")
        && new URL(value, location).origin !== location.origin)
      found.push(`<${it.localName} ${name}=${value.slice(0, 40)}>`);
  }
  if (["iframe", "object", "embed", "base"].includes(it.localName)) found.push(`<${it.localName}>`);
}
return [...new Set(found)];
"#;

#[tokio::test(flavor = "multi_thread")]
async fn what_nango_says_is_text_and_stays_in_its_place() -> Result<()> {
    scenario("hostile", async |stage| {
        let server = Server::start(Some(DEEP_LINK), &[])?;
        server.seed(IDS.len(), "github", "somebody").await?;
        let application = Application::start(stage).await?;
        let window = application.window();
        connect_to(window, server.base_url().as_str(), server.api_key()).await?;

        let mut faults = Vec::new();
        for path in ["/providers", "/integrations", "/connections"] {
            let mut answer: Value = serde_json::from_str(&asked(&server, path).await?)?;
            harm(&mut answer);
            if path == "/connections" {
                let listed = answer["connections"].as_array_mut().context("a list of connections")?;
                ensure!(listed.len() == IDS.len(), "one connection for each id");
                for (connection, id) in listed.iter_mut().zip(IDS) {
                    connection["connection_id"] = json!(id);
                    connection["end_user"]["display_name"] = json!(MARKUP);
                    connection["tags"][MARKUP] = json!(MARKUP);
                }
            }
            let action = json!({ "status": { "code": 200, "body": answer.to_string() } });
            faults.push(json!({ "matcher": { "method": "GET", "path_prefix": path }, "action": action }));
        }
        server.set_faults(Value::Array(faults)).await?;
        window.ask(&RefreshConnectors {}).await?;
        let seen = window.ask(&SyncConnections {}).await?.seen;
        ensure!(usize::try_from(seen)? == IDS.len(), "every connection is taken up, whatever its id: {seen}");

        let shown = look_at_everything(window).await?;
        ensure!(shown > 0, "the markup is shown as the text it is");

        // What is done with such ids reaches no other path.
        let hostile =
            stored(window).await?.into_iter().filter(|row| IDS.contains(&row.connection_id.as_str()));
        for row in hostile {
            let answer = window.ask_plainly(&DisconnectConnection { instance: row.instance }).await?;
            say(format_args!("{:?}: {answer:?}", row.connection_id.as_str()));
        }
        let deleted: Vec<String> = server
            .requests()
            .await?
            .into_iter()
            .filter(|request| request.method == "DELETE")
            .map(|request| request.path)
            .collect();
        for path in &deleted {
            let place = path
                .strip_prefix("/connections/")
                .or_else(|| path.strip_prefix("/integrations/patchbay-scope-probe"));
            ensure!(place.is_some_and(|rest| !rest.contains("..") || rest.contains('%')), "DELETE {path}");
        }
        say(format_args!("hostile: {shown} texts of markup shown as text; DELETE went to {deleted:?}"));
        ensure!(stored(window).await?.iter().all(|row| row.health != Health::Works), "none of them works");

        // Consent pages that are none.
        server.set_faults(json!([])).await?;
        window.ask(&RefreshConnectors {}).await?;
        for (number, page) in PAGES.iter().enumerate() {
            let action = json!({ "status": { "code": 302, "headers": { "location": page } } });
            server
                .set_faults(json!([{ "matcher": { "path_prefix": "/oauth/connect" }, "action": action }]))
                .await?;
            begin(window, "GitHub").await?;
            until(&format!("the attempt with {page} to end"), PATIENTLY, async || {
                let all = attempts(window).await?;
                let newest = all.first().filter(|_| all.len() > number).context("no attempt yet")?;
                if newest.phase.is_open() { bail!("it is {:?}", newest.phase) } else { Ok(Some(())) }
            })
            .await?;
            ensure!(nothing_is_harmed(window).await?, "{page}");
            window.press("Close").await?;
        }
        ensure!(stage.links.opened().is_empty(), "nothing was opened: {:?}", stage.links.opened());
        application.close().await;
        Ok(())
    })
    .await
}

/// What the server answers to those who may ask.
async fn asked(server: &Server, path: &str) -> Result<String> {
    let key = format!("Bearer {}", server.api_key());
    let url = server.base_url().join(path)?;
    let answer = http::send(Method::GET, url.as_str(), &[("authorization", &key)], String::new()).await?;
    ensure!(answer.status.is_success(), "{path} answered {}", answer.status);
    Ok(answer.body)
}

/// Puts markup into every text that is read by people, and addresses that are none into what is linked.
fn harm(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(harm),
        Value::Object(members) => {
            for (name, member) in members {
                let lower = name.to_lowercase();
                match member {
                    Value::String(_) if lower.contains("docs") || lower.contains("logo") => {
                        *member = json!("javascript:window.harmed=1");
                    }
                    Value::String(_)
                        if ["name", "title", "label", "description", "email", "example"]
                            .iter()
                            .any(|it| lower.contains(it)) =>
                    {
                        *member = json!(MARKUP);
                    }
                    other => harm(other),
                }
            }
        }
        _ => {}
    }
}

/// Opens every page and what can be opened on it. How often the markup could be read as text.
async fn look_at_everything(window: &Window) -> Result<usize> {
    let mut shown = 0;
    for page in ["Connectors", "Connections", "Workflows", "Runs", "Activity", "Settings"] {
        window.follow(page).await?;
        window.wait("heading", page).await?;
        match page {
            "Connectors" => {
                window.search("Search connectors", "onerror").await?;
                window.wait_within("button", Name::Contains("Connect \"><img"), PATIENTLY).await?;
            }
            "Connections" => {
                let rows = stored(window).await?;
                window.wait_within("row", Name::Contains(&rows[0].label), PATIENTLY).await?.click().await?;
                window.wait_within("button", Name::Contains("Disconnect"), PATIENTLY).await?;
            }
            _ => {}
        }
        ensure!(nothing_is_harmed(window).await?, "on {page}");
        shown += window.text().await?.matches("<img src=x").count();
    }
    Ok(shown)
}

async fn nothing_is_harmed(window: &Window) -> Result<bool> {
    let found = window.client().execute(LOOK, Vec::new()).await?;
    let found = found.as_array().context("a list")?;
    if found.is_empty() { Ok(true) } else { bail!("in the page: {found:?}") }
}
