//! From the start of the process to a usable window, and the memory it then has, beside a window with nothing in
//! it; and how long the list takes to open.
//!
//! Both windows mark the moment at which they have drawn what they have to show. All are started by WebKit's driver,
//! in turns.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use patchbay_e2e::application::{Application, processes};
use patchbay_e2e::programs;
use patchbay_e2e::server::{DEEP_LINK, Server};
use patchbay_e2e::stage::{Stage, scenario_of};
use patchbay_e2e::wait::{PATIENTLY, until};
use patchbay_e2e::window::Window;
use patchbay_ipc::{GetOverview, SaveProfile, SecretInput};

use crate::database::now;
use crate::figure::{Figure, Goal, Sample};

const RUNS: usize = 7;
/// How often the list is opened in each run.
const OPENED: usize = 3;
const CONNECTIONS: usize = 10_000;
/// Between two looks at the memory, which is settled once they agree.
const MEMORY_PAUSE: Duration = Duration::from_millis(700);

/// Follows the link to the list and answers the milliseconds until its rows are drawn.
const OPEN_LIST: &str = include_str!("open_list.js");

/// What was seen of one kind of window.
#[derive(Default)]
struct Seen {
    usable_ms: Sample,
    memory_mb: Sample,
}

pub(crate) async fn measure() -> Result<Vec<Figure>> {
    let application = programs::application()?;
    let floor = std::env::var_os("PATCHBAY_FLOOR").map(PathBuf::from).context("the floor is not built")?;
    scenario_of(floor, "bench_floor", async |floor| {
        scenario_of(application.clone(), "bench_none", async |none| {
            scenario_of(application.clone(), "bench_many", async |many| in_turns(floor, none, many).await)
                .await
        })
        .await
    })
    .await
}

async fn in_turns(floor: &Stage, none: &Stage, many: &Stage) -> Result<Vec<Figure>> {
    let _server_of_none = prepare(none, 0).await?;
    let _server_of_many = prepare(many, CONNECTIONS).await?;
    let (mut of_floor, mut of_none, mut of_many) = (Seen::default(), Seen::default(), Seen::default());
    let mut list_ms = Sample::default();
    for _ in 0..RUNS {
        see(floor, &mut of_floor).await?.close().await;
        see(none, &mut of_none).await?.close().await;
        let application = see(many, &mut of_many).await?;
        for _ in 0..OPENED {
            application.window().visit("Connectors").await?;
            list_ms.add(number(application.window(), OPEN_LIST, true).await?.context("the list opens")?);
        }
        application.close().await;
    }
    let start = |what: &str, seen: &Seen, goal: Goal| {
        Figure::new(what, "ms", seen.usable_ms.clone()).beside(of_floor.usable_ms.clone()).goal(goal)
    };
    let memory = |what: &str, seen: &Seen| {
        let figure = Figure::new(what, "MB", seen.memory_mb.clone()).beside(of_floor.memory_mb.clone());
        figure.goal(Goal::TimesFloor(1.3))
    };
    Ok(vec![
        start("start to usable, no connections", &of_none, Goal::TimesFloor(1.25)),
        start("start to usable, 10,000 connections", &of_many, Goal::TimesFloor(1.25)),
        memory("idle memory (PSS of all processes), no connections", &of_none),
        memory("idle memory (PSS of all processes), 10,000 connections", &of_many),
        Figure::new("click on Connections to drawn rows, 10,000 connections", "ms", list_ms),
    ])
}

/// Makes a profile on a server with so many connections, and waits until the first sync has brought them.
pub(crate) async fn prepare(stage: &Stage, connections: usize) -> Result<Server> {
    let server = Server::start(Some(DEEP_LINK), &[])?;
    if connections > 0 {
        server.seed(connections, "github", "bench").await?;
    }
    let application = Application::start(stage).await?;
    application.window().ask(&profile(&server)).await?;
    until("the first sync", PATIENTLY, async || {
        let overview = application.window().ask(&GetOverview {}).await?;
        let synced = overview.profile.is_some_and(|profile| profile.last_synced_at.is_some());
        Ok((synced && overview.connections as usize == connections).then_some(()))
    })
    .await?;
    application.close().await;
    Ok(server)
}

/// A profile at a sandbox.
pub(crate) fn profile(server: &Server) -> SaveProfile {
    SaveProfile {
        profile: None,
        server_url: server.base_url().to_string(),
        api_key: Some(SecretInput::from(server.api_key().to_owned())),
        user_id: "bench".to_owned(),
        user_name: String::new(),
        bridge_url: String::new(),
        enabled: true,
        accept_problems: false,
    }
}

/// Starts the application and waits until it is usable and idle.
async fn see(stage: &Stage, seen: &mut Seen) -> Result<Application> {
    const USABLE_AT: &str = "const [mark] = performance.getEntriesByName('usable');
        return mark ? performance.timeOrigin + mark.startTime : null;";
    let application = Application::start(stage).await?;
    let usable_at = until("the window to be usable", PATIENTLY, async || {
        number(application.window(), USABLE_AT, false).await
    })
    .await?;
    seen.usable_ms.add(usable_at - started_at(application.process())?);
    let mut before = 0.0;
    let memory = until("the memory to settle", PATIENTLY, async || {
        tokio::time::sleep(MEMORY_PAUSE).await;
        let now = memory_mb(&processes(stage)?)?;
        let settled = (now - before).abs() < now / 200.0;
        before = now;
        Ok(settled.then_some(now))
    })
    .await?;
    seen.memory_mb.add(memory);
    Ok(application)
}

/// What a script answers, if that is a number.
async fn number(window: &Window, script: &str, waits: bool) -> Result<Option<f64>> {
    let client = window.client();
    let answer = match waits {
        true => client.execute_async(script, Vec::new()).await?,
        false => client.execute(script, Vec::new()).await?,
    };
    Ok(answer.as_f64())
}

/// When a process was started, in milliseconds since 1970; exact to a hundredth of a second.
fn started_at(process: u32) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name of the program, in parentheses, may hold anything; what follows are numbers.
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: f64 = after_name.split_whitespace().nth(19).context("a start time")?.parse()?;
    let uptime = fs::read_to_string("/proc/uptime")?;
    let up_s: f64 = uptime.split_whitespace().next().context("an uptime")?.parse()?;
    #[expect(clippy::cast_precision_loss, reason = "far below what a double holds exactly")]
    let (now_ms, per_second) =
        (now().as_millisecond() as f64, rustix::param::clock_ticks_per_second() as f64);
    Ok(now_ms - (up_s - ticks / per_second) * 1000.0)
}

/// The memory of processes, in which what several share is shared out.
fn memory_mb(processes: &[u32]) -> Result<f64> {
    let mut kilobytes = 0.0;
    for process in processes {
        let rollup = fs::read_to_string(format!("/proc/{process}/smaps_rollup"))?;
        let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).context("a process' memory")?;
        kilobytes += line.trim().trim_end_matches(" kB").parse::<f64>()?;
    }
    Ok(kilobytes / 1000.0)
}
