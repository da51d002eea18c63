//! From the delivery of a deep link to the row in the list, less what the server takes for its callback; and which
//! calls an attempt makes.
//!
//! The link is delivered as a second instance would: by a message on the session bus.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use patchbay_core::id::ConnectTarget;
use patchbay_e2e::application::Application;
use patchbay_e2e::programs;
use patchbay_e2e::robot::{self, Decision};
use patchbay_e2e::server::{DEEP_LINK, Request, Server};
use patchbay_e2e::stage::{Stage, scenario_of};
use patchbay_e2e::wait::{PATIENTLY, until};
use patchbay_ipc::{GetOverview, PlanConnection, StartAttempt};
use serde_json::json;

use crate::database::now;
use crate::figure::{Figure, Goal, Sample};
use crate::start::profile;

const RUNS: usize = 11;

const WATCH_ROW: &str = include_str!("watch_row.js");

/// The calls of one kind that each attempt made.
struct Calls {
    what: &'static str,
    most: f64,
    is_one: fn(&Request) -> bool,
    counted: Sample,
}

pub(crate) async fn measure() -> Result<Vec<Figure>> {
    scenario_of(programs::application()?, "bench_link", async |stage| {
        let server = Server::start(Some(DEEP_LINK), &[])?;
        let application = Application::start(stage).await?;
        let window = application.window();
        window.ask(&profile(&server)).await?;
        until("the first sync", PATIENTLY, async || {
            Ok(window.ask(&GetOverview {}).await?.profile.and_then(|profile| profile.last_synced_at))
        })
        .await?;
        let mut beyond = Sample::default();
        let mut calls = kinds();
        for run in 1..=RUNS {
            let before = server.requests().await?.len();
            beyond.add(attempt(stage, &application, &server, run).await?);
            let requests = server.requests().await?;
            for kind in &mut calls {
                let count = requests[before..].iter().filter(|request| (kind.is_one)(request)).count();
                kind.counted.add(f64::from(u32::try_from(count)?));
            }
        }
        application.close().await;
        let link =
            Figure::new("deep link delivered to row drawn, beyond the server's callback", "ms", beyond)
                .goal(Goal::AtMost(50.0));
        let counted = calls.into_iter().map(|kind| {
            Figure::new(format!("calls of one attempt: {}", kind.what), "calls", kind.counted)
                .goal(Goal::AtMost(kind.most))
        });
        Ok(std::iter::once(link).chain(counted).collect())
    })
    .await
}

fn kinds() -> Vec<Calls> {
    let kind = |what, most, is_one| Calls { what, most, is_one, counted: Sample::default() };
    vec![
        kind("connect session", 1.0, |it| it.method == "POST" && it.path == "/connect/sessions"),
        kind("connect", 1.0, |it| it.path.starts_with("/oauth/connect/")),
        kind("callback", 1.0, |it| it.path == "/oauth/callback"),
        kind("reads", 1.0, |it| it.method == "GET" && it.path.starts_with("/connections")),
    ]
}

/// Connects one account; answers the milliseconds from the link to its row, without the server's part.
async fn attempt(stage: &Stage, application: &Application, server: &Server, run: usize) -> Result<f64> {
    let window = application.window();
    let label = format!("Link {run:02}");
    window.visit("Connections").await?;
    window.client().execute(WATCH_ROW, vec![json!(label)]).await?;
    let target = ConnectTarget::Connector("github".into());
    let plan = window.ask(&PlanConnection { target, integration: None }).await?;
    let request = StartAttempt {
        target: plan.target,
        integration: plan.integration,
        label: label.clone(),
        fields: Vec::new(),
    };
    window.ask(&request).await?;
    let page =
        until("the consent page", PATIENTLY, async || Ok(stage.links.opened().get(run - 1).cloned())).await?;
    let link = robot::decide(&page, "alex", Decision::Approve).await?;
    let delivered_at = now().as_millisecond();
    deliver(stage, &link)?;
    let drawn_at = until("the row", PATIENTLY, async || {
        let drawn = window.client().execute("return window.patchbayRow", Vec::new()).await?;
        Ok(drawn.as_f64())
    })
    .await?;
    let callbacks = server.requests().await?;
    let callback = callbacks.iter().rfind(|it| it.path == "/oauth/callback").context("the callback")?;
    #[expect(clippy::cast_precision_loss, reason = "milliseconds")]
    let taken = drawn_at - delivered_at as f64;
    Ok(taken - callback.duration.as_secs_f64() * 1000.0)
}

/// What the single instance's plugin does in a second process, without the start of one.
fn deliver(stage: &Stage, link: &str) -> Result<()> {
    let mut command = Command::new("dbus-send");
    stage.enter(&mut command);
    command.args([
        "--session",
        // Without it a signal is sent, which nobody hears.
        "--type=method_call",
        "--dest=app.patchbay.desktop.SingleInstance",
        "/app/patchbay/desktop/SingleInstance",
        "org.SingleInstance.DBus.ExecuteCallback",
        &format!("array:string:patchbay,{link}"),
        "string:/",
    ]);
    let status = command.stdin(Stdio::null()).status().context("dbus-send cannot be started")?;
    ensure!(status.success(), "dbus-send ended with {status}");
    Ok(())
}
