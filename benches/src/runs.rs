//! A run of 1,000 calls through Nango's proxy in 16 branches, with its log, beside the same calls made bare: at a
//! server that answers at once, which shows what a call costs here, and at one that takes as long as a near API does.

use std::fmt::Write;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use patchbay_core::workflow::binding::Slot;
use patchbay_core::workflow::run::RunState;
use patchbay_e2e::server::Server;
use patchbay_engine::{Answers, Engine};
use patchbay_ipc::{
    Bind, ConnectionView, ListConnections, ListRuns, Narrowing, StartRun, SyncConnections, WorkflowView,
};
use serde_json::json;

use crate::database::{self, said};
use crate::figure::{Figure, Goal, Sample};
use crate::workflow;

const CALLS: usize = 1000;
const BRANCHES: usize = 16;
const RUNS: usize = 7;

/// How long an API takes to answer that is near and quick.
const NEAR_API: Duration = Duration::from_millis(20);

pub(crate) async fn measure() -> Result<Vec<Figure>> {
    let server = Server::start(None, &[])?;
    server.seed(1, "github", "bench").await?;
    let folder = tempfile::tempdir()?;
    let (store, profile) = database::store(folder.path(), server.base_url()).await?;
    let engine = database::engine(folder.path(), store, profile, server.api_key())?;
    engine.answer(SyncConnections {}).await.map_err(said)?;
    let all = ListConnections { narrowing: Narrowing::default(), offset: 0, limit: 1 };
    let listed = engine.answer(all).await.map_err(said)?;
    let connection = listed.connections.first().context("the sandbox has one connection")?;
    let view = workflow::written(&engine, &fork()).await?;
    let slot = Slot::Role(workflow::ROLE.to_owned());
    let bind = Bind { workflow: view.id, slot, instance: Some(connection.instance) };
    let view = engine.answer(bind).await.map_err(said)?;
    let mut figures = Vec::new();
    let near =
        json!([{ "matcher": { "path_prefix": "/proxy/" }, "action": { "delay": NEAR_API.as_millis() } }]);
    for (faults, answered) in [(json!([]), "at once"), (near, "after 20 ms")] {
        server.set_faults(faults).await?;
        let (mut ours, mut floor) = (Sample::default(), Sample::default());
        for _ in 0..RUNS {
            floor.add(per_second(bare(&server, connection).await?));
            ours.add(per_second(run(&engine, &view).await?));
        }
        let what =
            format!("run of 1,000 calls in 16 branches, logged, answered {answered}; floor: the same, bare");
        figures.push(Figure::new(what, "calls/s", ours).beside(floor).goal(Goal::OfFloor(0.9)));
    }
    engine.stop().await;
    Ok(figures)
}

#[expect(clippy::cast_precision_loss, reason = "a thousand")]
fn per_second(taken: Duration) -> f64 {
    CALLS as f64 / taken.as_secs_f64()
}

/// How many of the calls a branch makes.
fn share(branch: usize) -> usize {
    CALLS / BRANCHES + usize::from(branch < CALLS % BRANCHES)
}

fn fork() -> String {
    let mut tasks = String::from("  - all:\n      fork:\n        branches:\n");
    for branch in 0..BRANCHES {
        // Writing to a text cannot fail.
        let _ = write!(
            tasks,
            "          - branch{branch}:\n              do:\n{}",
            workflow::calls(share(branch), 16)
        );
    }
    tasks
}

/// From the request to start it to its end.
async fn run(engine: &Engine, view: &WorkflowView) -> Result<Duration> {
    let started = Instant::now();
    engine.answer(StartRun { workflow: view.id, input: "{}".to_owned() }).await.map_err(said)?;
    loop {
        let newest = ListRuns { workflow: Some(view.id), state: None, offset: 0, limit: 1 };
        let page = engine.answer(newest).await.map_err(said)?;
        let run = page.runs.first().context("it was started")?;
        if run.state != RunState::Running {
            let taken = started.elapsed();
            ensure!(run.state == RunState::Completed, "{run:?}");
            ensure!(run.tasks_ended as usize == CALLS + BRANCHES + 1, "{run:?}");
            return Ok(taken);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The same calls by one client, as many at a time as there are branches, and their bodies read.
async fn bare(server: &Server, connection: &ConnectionView) -> Result<Duration> {
    drop(rustls::crypto::ring::default_provider().install_default());
    let http = reqwest::Client::builder().no_proxy().build()?;
    let url = server.base_url().join("proxy/echo")?;
    let request = http
        .get(url)
        .bearer_auth(server.api_key())
        .header("Provider-Config-Key", "github")
        .header("Connection-Id", connection.connection_id.as_str());
    let started = Instant::now();
    let mut branches = tokio::task::JoinSet::new();
    for branch in 0..BRANCHES {
        let request = request.try_clone().context("it has no body")?;
        branches.spawn(async move {
            for _ in 0..share(branch) {
                let request = request.try_clone().context("it has no body")?;
                request.send().await?.error_for_status()?.bytes().await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(ended) = branches.join_next().await {
        ended??;
    }
    Ok(started.elapsed())
}
