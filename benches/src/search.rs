//! The search of all connections as one types.

use anyhow::Result;
use patchbay_engine::Answers;
use patchbay_ipc::{ListConnections, Narrowing};

use crate::database::said;
use crate::figure::Figure;
use crate::typing::{self, List, ROWS};

/// Most connections are of a few connectors.
const LIST: List = List {
    name: "list of all",
    connectors: &["github", "github", "slack", "gmail"],
    order: "created_at DESC, instance_id",
};

pub(crate) async fn measure() -> Result<Vec<Figure>> {
    typing::measure(&LIST, async |engine, search| {
        let narrowing = Narrowing { search, ..Narrowing::default() };
        engine.answer(ListConnections { narrowing, offset: 0, limit: ROWS }).await.map(drop).map_err(said)
    })
    .await
}
