//! The application is killed in the middle of runs. Afterwards no run is shown as running, and nothing of it is
//! done again unless somebody asks.

use anyhow::{Context, Result, ensure};
use patchbay_core::id::{RunId, WorkflowId};
use patchbay_core::workflow::binding::Slot;
use patchbay_core::workflow::edit::Edit;
use patchbay_core::workflow::run::{RunState, TaskState};
use patchbay_e2e::application::{self, Application};
use patchbay_e2e::robot::{self, Decision};
use patchbay_e2e::server::{DEEP_LINK, Server};
use patchbay_e2e::stage::scenario;
use patchbay_e2e::wait::{PATIENTLY, until};
use patchbay_e2e::window::Window;
use patchbay_e2e::wiretap::{Held, Wiretap};
use patchbay_ipc::{Bind, CreateWorkflow, EditWorkflow, GetRun, ListRuns, StartRun};
use xtask::step::say;

use crate::steps::{begin, connect_to, finish, opened, stored};

/// How often each moment is tried.
const ROUNDS: usize = 10;

/// The calls of the workflow's three tasks.
const FIRST: &str = "/proxy/step/one";
const SECOND: &str = "/proxy/step/two";
const THIRD: &str = "/proxy/step/three";

/// When the application is killed: what is held on the wire, and the calls that have reached Nango by then.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// The first call is under way, and Nango has not heard it.
    FirstAsked,
    /// The second call was answered, and the application has not heard the answer.
    SecondDone,
    /// The last call is under way, and Nango has not heard it.
    ThirdAsked,
}

impl Moment {
    const ALL: [Moment; 3] = [Moment::FirstAsked, Moment::SecondDone, Moment::ThirdAsked];

    fn held(self) -> Held {
        match self {
            Moment::FirstAsked => Held::Requests(FIRST.to_owned()),
            Moment::SecondDone => Held::Answers(SECOND.to_owned()),
            Moment::ThirdAsked => Held::Requests(THIRD.to_owned()),
        }
    }

    /// How often each task has been executed at Nango when the application is killed.
    fn executed(self) -> [usize; 3] {
        match self {
            Moment::FirstAsked => [0, 0, 0],
            Moment::SecondDone | Moment::ThirdAsked => [1, 1, 0],
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_run_is_interrupted_and_nothing_is_done_twice() -> Result<()> {
    scenario("kill_run", async |stage| {
        let server = Server::start(Some(DEEP_LINK), &[])?;
        let wire = Wiretap::before(server.base_url()).await?;
        let mut application = Application::start(stage).await?;
        connect_to(application.window(), wire.address().as_str(), server.api_key()).await?;
        begin(application.window(), "GitHub").await?;
        let link = robot::decide(&opened(stage, 1).await?, "alex", Decision::Approve).await?;
        application::deliver(stage, &link).await?;
        finish(application.window()).await?;
        let workflow = workflow(application.window()).await?;

        let mut kills = 0;
        let mut wanted = [0; 3];
        for round in 1..=ROUNDS {
            for moment in Moment::ALL {
                wire.forget();
                wire.hold(moment.held());
                let run = start(application.window(), workflow).await?;
                for (total, more) in wanted.iter_mut().zip(moment.executed()) {
                    *total += more;
                }
                let reached = match moment {
                    Moment::FirstAsked => FIRST,
                    Moment::SecondDone => SECOND,
                    Moment::ThirdAsked => THIRD,
                };
                until(&format!("{reached} on the wire"), PATIENTLY, async || {
                    let heard = wire.has_heard(reached);
                    Ok((heard && executed(&server).await? == wanted).then_some(()))
                })
                .await
                .with_context(|| format!("round {round}, to be killed at {moment:?}"))?;
                application.kill().await?;
                kills += 1;
                wire.hold(Held::Nothing);
                application = Application::start(stage).await?;
                let window = application.window();
                let ended = window.ask(&GetRun { run }).await?;
                ensure!(
                    ended.summary.state == RunState::Interrupted,
                    "round {round}, killed at {moment:?}: the run is {:?}",
                    ended.summary.state
                );
                ensure!(
                    ended.entries.iter().all(|entry| entry.state != TaskState::Running),
                    "round {round}, killed at {moment:?}: a task is shown as running"
                );
                ensure!(executed(&server).await? == wanted, "killed at {moment:?}: something was done again");
            }
        }

        // Asked for, it is done: once each, and nothing of the killed runs beside it.
        let window = application.window();
        let run = start(window, workflow).await?;
        until("the last run to complete", PATIENTLY, async || {
            let state = window.ask(&GetRun { run }).await?.summary.state;
            Ok((state == RunState::Completed).then_some(()))
        })
        .await?;
        let last = wanted.map(|count| count + 1);
        ensure!(executed(&server).await? == last, "the last run does each task once");
        let running = window
            .ask(&ListRuns { workflow: None, state: Some(RunState::Running), offset: 0, limit: 10 })
            .await?;
        ensure!(running.runs.is_empty(), "no run is left running");
        say(format_args!(
            "kill_run: {kills} kills; every run interrupted, none resumed; {} calls at Nango, none twice",
            last.iter().sum::<usize>()
        ));
        application.close().await;
        Ok(())
    })
    .await
}

async fn start(window: &Window, workflow: WorkflowId) -> Result<RunId> {
    Ok(window.ask(&StartRun { workflow, input: "{}".to_owned() }).await?.summary.id)
}

/// A workflow of three calls, one after the other, bound to the only connection.
async fn workflow(window: &Window) -> Result<WorkflowId> {
    let made = window.ask(&CreateWorkflow { name: "Three steps".to_owned() }).await?;
    let mut text = String::from(
        "document:\n  dsl: 1.0.3\n  namespace: patchbay\n  name: three-steps\n  version: 0.1.0\n\
         use:\n  secrets: [nango]\n  authentications:\n    nango:\n      bearer:\n        token: ${ $secrets.nango }\n\
         do:\n",
    );
    for (name, path) in [("one", FIRST), ("two", SECOND), ("three", THIRD)] {
        text.push_str(&format!(
            "  - {name}:\n      call: http\n      with:\n        method: post\n        endpoint:\n          \
             uri: ${{ \"\\($workflow.input.nango){path}\" }}\n          authentication: {{ use: nango }}\n        \
             headers:\n          Provider-Config-Key: github\n          \
             Connection-Id: ${{ $workflow.input.connections.github }}\n      \
             metadata:\n        patchbay: {{ connector: github, role: github }}\n"
        ));
    }
    let edit = EditWorkflow { workflow: made.id, version: made.version, edit: Edit::ReplaceText { text } };
    let edited = window.ask(&edit).await?;
    ensure!(edited.castings.len() == 3, "three tasks to cast, problems: {:?}", edited.problems);
    let instance = stored(window).await?.first().context("there is a connection")?.instance;
    let slot = Slot::Role("github".to_owned());
    window.ask(&Bind { workflow: made.id, slot, instance: Some(instance) }).await?;
    Ok(made.id)
}

/// How often each of the three calls has reached Nango.
async fn executed(server: &Server) -> Result<[usize; 3]> {
    let paths = server.requested_paths().await?;
    Ok([FIRST, SECOND, THIRD].map(|wanted| paths.iter().filter(|path| *path == wanted).count()))
}
