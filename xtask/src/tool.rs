//! Programs from crates.io that a command needs: one on `PATH`, or else our own, built once into the build folder.

use std::path::PathBuf;

use anyhow::Result;

use crate::process;
use crate::project::Project;
use crate::step::step;

/// A program that `cargo install` makes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tool {
    /// The package, which is also the program's name.
    pub(crate) name: &'static str,
    /// The series of versions whose options and formats are used here: `0.20`.
    pub(crate) series: &'static str,
    /// What has to be asked for besides the default.
    pub(crate) features: &'static str,
}

impl Tool {
    /// The program, installed if it is missing.
    ///
    /// # Errors
    /// It cannot be built.
    pub(crate) fn ensure(self, project: &Project) -> Result<PathBuf> {
        if let Some(installed) = process::find_program(self.name) {
            return Ok(installed);
        }
        let tools = project.target().join("tools");
        let own = tools.join("bin").join(self.name);
        // Not every one answers `--version` with more than its name; cargo knows what it installed.
        let known = std::fs::read_to_string(tools.join(".crates.toml")).unwrap_or_default();
        if own.is_file() && known.contains(&format!("\"{} {}.", self.name, self.series)) {
            return Ok(own);
        }
        step(&format!("install {} {} into {}", self.name, self.series, tools.display()), || {
            let mut cargo = project.cargo("install");
            cargo.args([self.name, "--locked", "--quiet", "--version", &format!("^{}", self.series)]);
            cargo
                .args(["--features", self.features])
                .arg("--root")
                .arg(&tools)
                .env("CARGO_TARGET_DIR", tools.join("build"));
            process::run(&mut cargo)?;
            // The intermediate files are many times the size of the program and not needed again.
            std::fs::remove_dir_all(tools.join("build"))?;
            Ok(own)
        })
    }
}
