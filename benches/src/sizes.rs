//! How large what is shipped is.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::figure::{Figure, Goal, Sample};

pub(crate) fn measure() -> Result<Vec<Figure>> {
    let dist = |variable: &str| folder(variable).map(|folder| folder.join("app_bg.wasm"));
    let mut figures = vec![
        compared("the program", folder("PATCHBAY_APP")?, folder("PATCHBAY_FLOOR")?)?,
        compared("the window's wasm, inside it", dist("PATCHBAY_DIST")?, dist("PATCHBAY_FLOOR_DIST")?)?,
    ];
    // Only where `cargo xtask bundle` has made one. The floor has no package: it is compressed as one would be.
    if let Ok(package) = folder("PATCHBAY_DEB") {
        let floor = compressed(&folder("PATCHBAY_FLOOR")?)?;
        let figure =
            Figure::new("the Debian package, beside the floor's program in xz", "MB", size(package)?);
        figures.push(figure.beside(floor).goal(Goal::AtMost(10.0)));
    }
    Ok(figures)
}

fn compared(what: &str, ours: PathBuf, floor: PathBuf) -> Result<Figure> {
    Ok(Figure::new(what, "MB", size(ours)?).beside(size(floor)?))
}

fn size(file: PathBuf) -> Result<Sample> {
    let bytes = std::fs::metadata(&file).with_context(|| format!("{} is not there", file.display()))?.len();
    Ok(megabytes(bytes))
}

/// How large the file is as it would lie in a package.
fn compressed(file: &Path) -> Result<Sample> {
    let xz = Command::new("xz").args(["--compress", "--stdout"]).arg(file).output();
    let xz = xz.context("`xz` could not be started")?;
    ensure!(xz.status.success(), "`xz` ended with {}", xz.status);
    Ok(megabytes(xz.stdout.len() as u64))
}

#[expect(clippy::cast_precision_loss, reason = "megabytes")]
fn megabytes(bytes: u64) -> Sample {
    Sample::from_iter([bytes as f64 / 1e6])
}

fn folder(variable: &str) -> Result<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from).context("`cargo xtask bench` starts this")
}
