//! Writes a workflow's file for zigflow to standard output, and what differs to standard error:
//! `cargo run -p patchbay-runner --example zigflow -- workflow.yaml > workflow.zigflow.yaml`

use std::error::Error;
use std::io::Write as _;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("name the workflow's file")?;
    let options = serde_saphyr::options! { strict_booleans: true };
    let document: serde_json::Value =
        serde_saphyr::from_str_with_options(&std::fs::read_to_string(path)?, options)?;
    let (exported, differences) = patchbay_runner::export::zigflow(&document);
    std::io::stdout().write_all(serde_saphyr::to_string(&exported)?.as_bytes())?;
    for difference in differences {
        let mark = if difference.by_hand { "by hand" } else { "note" };
        writeln!(std::io::stderr(), "{mark}: {}: {}", difference.pointer, difference.what)?;
    }
    Ok(())
}
