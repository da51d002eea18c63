//! `patchbay run`.

use std::io::Read;
use std::path::Path;
use std::time::Duration;

use patchbay_core::id::RunId;
use patchbay_core::workflow::edit::LONGEST_TEXT;
use patchbay_core::workflow::run::{RunState, TaskState};
use patchbay_engine::{Answers, Engine, Runnable};
use patchbay_ipc::{CancelRun, Code, Failure, GetRun, RunEntryView, RunView};

use super::Ended;
use super::out::Out;

/// How often one looks whether a run has come further, at least.
const LOOK: Duration = Duration::from_millis(250);

/// What is asked for.
pub(crate) struct Request {
    pub(crate) workflow: String,
    pub(crate) input: Option<String>,
    pub(crate) roles: Vec<(String, String)>,
    pub(crate) json: bool,
}

pub(crate) async fn run(engine: &Engine, out: &Out, request: Request) -> Result<Ended, Failure> {
    let input = match request.input.as_deref() {
        None => "{}".to_owned(),
        Some("-") => read_bounded(std::io::stdin(), "standard input")?,
        Some(file) => read_file(Path::new(file))?,
    };
    let path = Path::new(&request.workflow);
    let what = if path.is_file() {
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        Runnable::File { name, text: read_file(path)? }
    } else {
        Runnable::Saved(engine.find_workflow(&request.workflow).await?)
    };
    let mut news = engine.subscribe();
    let (started, mut output) = match engine.run_as(what, request.roles, &input).await {
        Ok(started) => started,
        Err(failure) if failure.code == Code::Conflict => {
            out.failure(&failure);
            return Ok(Ended::InTheWay);
        }
        Err(failure) => return Err(failure),
    };
    let run = started.summary.id;
    let mut shown = Shown::default();
    let mut interrupted = std::pin::pin!(tokio::signal::ctrl_c());
    let mut is_cancelled = false;
    let ended = loop {
        tokio::select! {
            _ = news.recv() => {}
            () = tokio::time::sleep(LOOK) => {}
            _ = &mut interrupted, if !is_cancelled => {
                is_cancelled = true;
                engine.answer(CancelRun { run }).await?;
            }
        }
        let view = look(engine, run).await?;
        shown.show(out, &view.entries);
        if view.summary.state != RunState::Running {
            break view;
        }
    };
    if request.json {
        out.json(&ended);
    } else if let Ok(output) = output.try_recv() {
        out.json(&output);
    }
    Ok(tell(out, &ended))
}

async fn look(engine: &Engine, run: RunId) -> Result<RunView, Failure> {
    engine.answer(GetRun { run }).await
}

/// The executions that were told of.
#[derive(Default)]
struct Shown(std::collections::HashSet<u32>);

impl Shown {
    fn show(&mut self, out: &Out, entries: &[RunEntryView]) {
        for entry in entries.iter().filter(|entry| entry.state != TaskState::Running) {
            if !self.0.insert(entry.number) {
                continue;
            }
            let state = match entry.state {
                TaskState::Running | TaskState::Completed => "done",
                TaskState::Skipped => "skipped",
                TaskState::Faulted => "failed",
                TaskState::Cancelled => "cancelled",
                TaskState::Interrupted => "interrupted",
            };
            let role = entry.connection.as_ref().map(|connection| format!("as “{}”", connection.label));
            let parts = [Some(state.to_owned()), Some(entry.task.clone()), role, Some(entry.summary.clone())];
            let parts: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
            out.note(&parts.join("  "));
        }
    }
}

fn tell(out: &Out, run: &RunView) -> Ended {
    if let Some(failure) = &run.failure {
        out.failure(failure);
    }
    match run.summary.state {
        RunState::Running | RunState::Completed => Ended::Well,
        RunState::Faulted | RunState::Interrupted => Ended::RunFailed,
        RunState::Cancelled => Ended::Cancelled,
    }
}

fn read_file(path: &Path) -> Result<String, Failure> {
    let shown = path.display().to_string();
    let file = std::fs::File::open(path).map_err(|error| unreadable(&shown, &error.to_string()))?;
    read_bounded(file, &shown)
}

fn read_bounded(source: impl Read, named: &str) -> Result<String, Failure> {
    let mut text = String::new();
    let limit = LONGEST_TEXT as u64 + 1;
    source.take(limit).read_to_string(&mut text).map_err(|error| unreadable(named, &error.to_string()))?;
    if text.len() > LONGEST_TEXT {
        return Err(unreadable(named, "it is longer than 4 MiB"));
    }
    Ok(text)
}

fn unreadable(named: &str, why: &str) -> Failure {
    Failure {
        code: Code::InvalidInput,
        message: format!("{named} cannot be read: {why}."),
        hint: "Check the path and the file's rights.".to_owned(),
        detail: None,
        field: None,
    }
}
