//! How large what is shipped is.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::figure::{Figure, Sample};

pub(crate) fn measure() -> Result<Vec<Figure>> {
    let dist = |variable: &str| folder(variable).map(|folder| folder.join("app_bg.wasm"));
    Ok(vec![
        compared("the program", folder("PATCHBAY_APP")?, folder("PATCHBAY_FLOOR")?)?,
        compared("the window's wasm, inside it", dist("PATCHBAY_DIST")?, dist("PATCHBAY_FLOOR_DIST")?)?,
    ])
}

fn compared(what: &str, ours: PathBuf, floor: PathBuf) -> Result<Figure> {
    Ok(Figure::new(what, "MB", size(ours)?).beside(size(floor)?))
}

fn size(file: PathBuf) -> Result<Sample> {
    let bytes = std::fs::metadata(&file).with_context(|| format!("{} is not there", file.display()))?.len();
    #[expect(clippy::cast_precision_loss, reason = "megabytes")]
    Ok(Sample::from_iter([bytes as f64 / 1e6]))
}

fn folder(variable: &str) -> Result<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from).context("`cargo xtask bench` starts this")
}
