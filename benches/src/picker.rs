//! The picker of a task as one types: the connections of one connector, by label.

use anyhow::Result;
use patchbay_engine::Answers;
use patchbay_ipc::ListCandidates;

use crate::database::said;
use crate::figure::Figure;
use crate::typing::{self, List, ROWS};

const LIST: List =
    List { name: "picker", connectors: &["github"], order: "label COLLATE NOCASE, instance_id" };

pub(crate) async fn measure() -> Result<Vec<Figure>> {
    typing::measure(&LIST, async |engine, search| {
        let request = ListCandidates { connector: "github".into(), search, offset: 0, limit: ROWS };
        engine.answer(request).await.map(drop).map_err(said)
    })
    .await
}
