//! Every auth mode that Nango has, connected in the window with nothing but the sandbox inside the application.

use anyhow::{Result, ensure};
use patchbay_e2e::application::{self, Application};
use patchbay_e2e::robot::{self, Decision};
use patchbay_e2e::stage::{Stage, scenario};
use patchbay_e2e::traces::{self, Secret};
use patchbay_e2e::wait::PATIENTLY;
use patchbay_e2e::window::{Name, Window};

use crate::steps::{begin, opened, stored};

/// Where a mode's consent is given.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    /// In the form alone.
    Form,
    /// In the browser.
    Browser,
}

/// What is connected, what is typed into its form by label, where consent is given, and the state at its end.
type Mode = (&'static str, &'static [(&'static str, &'static str)], At, &'static str);

const MODES: [Mode; 18] = [
    ("Trello", &[], At::Browser, "Connected"),
    ("Zendesk", &[("Subdomain", "acme")], At::Browser, "Connected"),
    (
        "Databricks",
        &[("Workspace host", "dbc-1.cloud.databricks.com"), ("Client ID", "alex"), ("Client secret", CLIENT)],
        At::Form,
        "Connected",
    ),
    ("ActiveCampaign", &[("Hostname", "acme.example.com"), ("API key", "key-alex")], At::Form, "Connected"),
    ("Twilio", &[("Account SID", "alex"), ("Auth token", "token-1")], At::Form, "Connected"),
    (
        "Looker",
        &[("Hostname", "acme.example.com"), ("Client ID", "alex"), ("Client secret", "secret-2")],
        At::Form,
        "Connected",
    ),
    (
        "Snowflake (JWT)",
        &[
            ("Account address", "xy12345"),
            ("Account identifier", "org-account"),
            ("User name", "ALEX"),
            ("Private key", PRIVATE_KEY),
        ],
        At::Form,
        "Connected",
    ),
    (
        "NetSuite (TBA)",
        &[("Token ID", "alex"), ("Token secret", "secret-3"), ("Account ID", "1234567_SB1")],
        At::Form,
        "Connected",
    ),
    ("Emarsys", &[("API user name", "alex"), ("API secret", "secret-4")], At::Form, "Connected"),
    (
        "BILL",
        &[
            ("User name", "alex"),
            ("Password", "secret-5"),
            ("Organisation ID", "org"),
            ("Developer key", "secret-6"),
        ],
        At::Form,
        "Connected",
    ),
    ("Amazon S3", &[("Role ARN", "arn:aws:iam::123456789012:role/alex")], At::Form, "Connected"),
    ("Unauthenticated", &[], At::Form, "Connected"),
    ("GitHub (App)", &[], At::Browser, "Connected"),
    ("GitHub (App OAuth)", &[], At::Browser, "Connected"),
    ("Linear (MCP)", &[], At::Browser, "Connected"),
    ("MCP server", &[("Server URL", "https://mcp.example.com/mcp")], At::Browser, "Connected"),
    ("Sandbox plug-in", &[], At::Browser, "Waiting for approval"),
    ("Sandbox outbound installation", &[], At::Form, "Waiting for approval"),
];

const CLIENT: &str = "e2e-client-secret-71c0";
const PRIVATE_KEY: &str = "-----BEGIN PRIVATE KEY-----\ne2e0private0key0body\n-----END PRIVATE KEY-----";

#[tokio::test(flavor = "multi_thread")]
async fn every_auth_mode_is_connected() -> Result<()> {
    scenario("every_mode", async |stage| {
        let application = Application::start(stage).await?;
        let window = application.window();
        window.press("Try it without an account").await?;
        window.wait_within("link", "Connectors", PATIENTLY).await?;
        let mut pages = 0;
        for (name, fields, at, end) in MODES {
            eprintln!("{name}");
            begin(window, name).await?;
            if !fields.is_empty() {
                fill_in(window, fields).await?;
            }
            if at == At::Browser {
                pages += 1;
                approve(stage, pages).await?;
            }
            window.wait_within("status", Name::Contains(end), PATIENTLY).await?;
            window.press("Done").await?;
        }
        let connections = stored(window).await?;
        ensure!(connections.len() == MODES.len(), "{} are connected", connections.len());
        let waiting = connections.iter().filter(|connection| connection.awaits_approval).count();
        ensure!(waiting == 2, "{waiting} wait for approval");
        window.follow("Connections").await?;
        window.wait_within("row", Name::Contains("Waiting for approval"), PATIENTLY).await?;
        let secrets = [
            Secret { what: "the client secret", text: CLIENT.to_owned() },
            Secret { what: "the private key", text: "e2e0private0key0body".to_owned() },
        ];
        traces::search(stage.home().path(), &application::processes(stage)?, &secrets)?;
        application.close().await;
        Ok(())
    })
    .await
}

async fn fill_in(window: &Window, fields: &[(&str, &str)]) -> Result<()> {
    for (label, value) in fields {
        window.fill(label, value).await?;
    }
    window.press("Connect").await
}

async fn approve(stage: &Stage, page: usize) -> Result<()> {
    let address = opened(stage, page).await?;
    let link = robot::decide(&address, "alex", Decision::Approve).await?;
    application::deliver(stage, &link).await
}
