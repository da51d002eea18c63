//! `patchbay connections`.

use patchbay_engine::{Answers, Engine};
use patchbay_ipc::{ConnectionView, Failure, ListConnections, Narrowing};

use super::Ended;
use super::out::Out;

/// Connections to a page.
const PAGE: u32 = 500;

pub(crate) async fn list(engine: &Engine, out: &Out, search: String, json: bool) -> Result<Ended, Failure> {
    let mut all: Vec<ConnectionView> = Vec::new();
    loop {
        let offset = u32::try_from(all.len()).unwrap_or(u32::MAX);
        let request = ListConnections {
            narrowing: Narrowing { search: search.clone(), ..Default::default() },
            offset,
            limit: PAGE,
        };
        let page = engine.answer(request).await?;
        let is_last = page.connections.is_empty();
        all.extend(page.connections);
        if is_last || all.len() >= page.matching as usize {
            break;
        }
    }
    if json {
        out.json(&all);
        return Ok(Ended::Well);
    }
    if all.is_empty() {
        out.note("There is no such connection. Connect an account in the window.");
        return Ok(Ended::Well);
    }
    let row = |connection: ConnectionView| {
        let state = match &connection.mismatch {
            Some(account) => format!("{}, answers as {}", connection.health_words, account.name),
            None => connection.health_words,
        };
        let account = connection.account.map(|account| account.email.unwrap_or(account.name));
        [
            connection.label,
            connection.connector_name,
            account.unwrap_or_default(),
            state,
            connection.connection_id.to_string(),
        ]
    };
    let rows: Vec<_> = all.into_iter().map(row).collect();
    out.table(["LABEL", "CONNECTOR", "ACCOUNT", "STATE", "ID"], &rows);
    Ok(Ended::Well)
}
