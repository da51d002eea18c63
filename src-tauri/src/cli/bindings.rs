//! `patchbay bindings`.

use patchbay_engine::{Answers, Engine};
use patchbay_ipc::{CastingView, Failure, GetWorkflow};

use super::Ended;
use super::out::Out;

pub(crate) async fn show(engine: &Engine, out: &Out, named: &str, json: bool) -> Result<Ended, Failure> {
    let workflow = engine.find_workflow(named).await?;
    let castings = engine.answer(GetWorkflow { workflow }).await?.castings;
    if json {
        out.json(&castings);
        return Ok(Ended::Well);
    }
    if castings.is_empty() {
        out.note("No task of it runs as a connection.");
        return Ok(Ended::Well);
    }
    let row = |casting: CastingView| {
        let connection = casting.connection;
        let label = connection.as_ref().map_or("—", |connection| &connection.label).to_owned();
        let account = connection.and_then(|connection| connection.account).map(|account| account.name);
        let role = if casting.is_override { format!("{} (this task)", casting.role) } else { casting.role };
        [casting.task, role, casting.connector.name, label, account.unwrap_or_default(), casting.words]
    };
    let rows: Vec<_> = castings.into_iter().map(row).collect();
    out.table(["TASK", "ROLE", "CONNECTOR", "RUNS AS", "ACCOUNT", "STATE"], &rows);
    Ok(Ended::Well)
}
