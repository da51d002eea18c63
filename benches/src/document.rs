//! A large workflow: opening it, and one edit, answered with all that the editor shows.

use std::time::Instant;

use anyhow::{Result, ensure};
use patchbay_core::workflow::edit::Edit;
use patchbay_engine::Answers;
use patchbay_ipc::GetWorkflow;
use url::Url;

use crate::database::{self, said, since};
use crate::figure::{Figure, Sample};
use crate::workflow;

const TASKS: usize = 500;
const RUNS: usize = 30;

pub(crate) async fn measure() -> Result<Vec<Figure>> {
    let folder = tempfile::tempdir()?;
    let (store, profile) = database::store(folder.path(), &Url::parse("http://127.0.0.1:9/")?).await?;
    let engine = database::engine(folder.path(), store, profile, "00000000-0000-4000-8000-000000000000")?;
    let mut view = workflow::written(&engine, &workflow::calls(TASKS, 2)).await?;
    ensure!(view.castings.len() == TASKS, "{} tasks", view.castings.len());
    let (mut opened, mut edited) = (Sample::default(), Sample::default());
    for run in 0..RUNS {
        let started = Instant::now();
        engine.answer(GetWorkflow { workflow: view.id }).await.map_err(said)?;
        opened.add(since(started));
        let value = format!("run {run}").into();
        let edit = Edit::Set { pointer: "/do/250/call250/with/headers/X-Run".into(), value };
        let started = Instant::now();
        view = workflow::edited(&engine, &view, edit).await?;
        edited.add(since(started));
    }
    engine.stop().await;
    Ok(vec![
        Figure::new("workflow of 500 tasks: opened", "ms", opened),
        Figure::new("workflow of 500 tasks: one member edited, kept, and shown", "ms", edited),
    ])
}
