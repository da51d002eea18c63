//! `cargo xtask screenshots`: walks the real window and keeps the pictures that the README shows.

use anyhow::Result;

use crate::project::Project;
use crate::setup::{self, Purpose};
use crate::step::step;
use crate::{app, process, ui};

/// Makes `docs/images/*.png` anew, light and dark.
///
/// # Errors
/// Something does not build, or the walk fails.
pub fn take(project: &Project) -> Result<()> {
    setup::ensure(Purpose::Test)?;
    ui::build(project, false)?;
    let program = app::build_everything(project)?;
    step("walk the window", || {
        let walk = project.target().join("debug/screenshots");
        let images = project.root().join("docs/images");
        process::run(
            process::command(walk).current_dir(project.root()).env("PATCHBAY_APP", program).arg(images),
        )
    })
}
