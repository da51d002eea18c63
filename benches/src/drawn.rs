//! The picker of a task in the window: from the click, and from a letter, to the frame that draws what is found.

use anyhow::{Context, Result};
use patchbay_core::workflow::edit::{Edit, NewTask};
use patchbay_e2e::application::Application;
use patchbay_e2e::programs;
use patchbay_e2e::scene::{go, open_task};
use patchbay_e2e::stage::{Stage, scenario_of};
use patchbay_e2e::wait::{PATIENTLY, until};
use patchbay_e2e::window::{Name, Window};
use patchbay_ipc::{CreateWorkflow, EditWorkflow};
use serde_json::{Value, json};

use crate::figure::{Figure, Goal, Sample};
use crate::start::prepare;
use crate::typing::{COUNTS, grouped};

const ROUNDS: usize = 20;
/// What is typed, a letter more each time. The connections are numbered, so that each finds fewer.
const TYPED: [&str; 3] = ["7", "77", "777"];

const ACT: &str = include_str!("act_in_picker.js");
const NEXT_FRAME: &str = include_str!("next_frame.js");

/// What was seen with one number of connections.
#[derive(Default)]
struct Seen {
    opened_ms: Sample,
    letter_ms: Sample,
    frame_ms: Sample,
}

pub(crate) async fn measure() -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for count in COUNTS {
        let seen = scenario_of(programs::application()?, "bench_drawn", async |stage| at(stage, count).await);
        let seen = seen.await?;
        for (doing, taken) in [("opened", seen.opened_ms), ("a letter", seen.letter_ms)] {
            let what =
                format!("picker in the window, {} connections, {doing}, to the drawn frame", grouped(count));
            for (name, part) in [("p50", 0.5), ("p99", 0.99)] {
                let [ours, frame] =
                    [&taken, &seen.frame_ms].map(|sample| Sample::from_iter([sample.quantile(part)]));
                let figure = Figure::new(format!("{what}: {name}"), "ms", ours).beside(frame);
                let is_promised = count == 10_000 && name == "p99";
                figures.push(if is_promised { figure.goal(Goal::AtMost(16.0)) } else { figure });
            }
        }
    }
    Ok(figures)
}

async fn at(stage: &Stage, count: u32) -> Result<Seen> {
    let _server = prepare(stage, usize::try_from(count)?).await?;
    let application = Application::start(stage).await?;
    let window = application.window();
    go_to_workflow(window).await?;
    let mut seen = Seen::default();
    for round in 0..ROUNDS {
        // What closes the list may close the task as well.
        open_task(window, "listIssues").await?;
        window.wait("combobox", "Connection").await?;
        seen.opened_ms.add(answer(window, ACT, Value::Null).await?);
        for text in TYPED {
            seen.frame_ms.add(answer(window, NEXT_FRAME, json!(format!("{round} {text}"))).await?);
            seen.letter_ms.add(answer(window, ACT, json!(text)).await?);
        }
        window.wait("combobox", "Connection").await?.send_keys("\u{e00c}").await?;
        until("the picker to be closed", PATIENTLY, async || {
            Ok(window.find("option", Name::Contains("")).await?.is_none().then_some(()))
        })
        .await?;
    }
    application.close().await;
    Ok(seen)
}

/// Makes a workflow of one task and goes there.
async fn go_to_workflow(window: &Window) -> Result<()> {
    let view = window.ask(&CreateWorkflow { name: "Bench".to_owned() }).await?;
    let task = NewTask::Operation {
        connector: "github".into(),
        operation: "list-issues".to_owned(),
        role: None,
        integration: None,
    };
    let edit = Edit::AddTask { list: "/do".into(), index: 0, task };
    window.ask(&EditWorkflow { workflow: view.id, version: view.version, edit }).await?;
    go(window, &format!("workflows/{}", view.id)).await
}

async fn answer(window: &Window, script: &str, argument: Value) -> Result<f64> {
    let answer = window.client().execute_async(script, vec![argument]).await?;
    answer.as_f64().with_context(|| format!("{answer} is no number"))
}
