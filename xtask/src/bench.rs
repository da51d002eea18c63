//! `cargo xtask bench`: builds what is shipped and what it is measured against, and measures.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::project::Project;
use crate::setup::{self, Purpose};
use crate::step::{say, step};
use crate::{app, bundle, process, ui};

/// What can be measured by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A sync of many connections.
    Sync,
    /// The search as one types.
    Search,
    /// The picker of a task as one types.
    Picker,
    /// The same in the window, to the drawn frame.
    Drawn,
    /// A large workflow opened and edited.
    Document,
    /// A run of many calls.
    Runs,
    /// From the start to a usable window, and its memory.
    Start,
    /// From a deep link to the row.
    Link,
    /// How large it all is.
    Sizes,
}

impl Part {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 9] = [
        Self::Sync,
        Self::Search,
        Self::Picker,
        Self::Drawn,
        Self::Document,
        Self::Runs,
        Self::Start,
        Self::Link,
        Self::Sizes,
    ];

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::Search => "search",
            Self::Picker => "picker",
            Self::Drawn => "drawn",
            Self::Document => "document",
            Self::Runs => "runs",
            Self::Start => "start",
            Self::Link => "link",
            Self::Sizes => "sizes",
        }
    }

    fn needs_application(self) -> bool {
        matches!(self, Self::Drawn | Self::Start | Self::Link | Self::Sizes)
    }

    fn needs_floor(self) -> bool {
        matches!(self, Self::Start | Self::Sizes)
    }
}

/// Measures the parts in whose names the filter occurs; all without one. Only what they need is built.
///
/// # Errors
/// Something does not build, or cannot be measured. A goal that is missed is no error.
pub fn run(project: &Project, filter: &str) -> Result<()> {
    let parts: Vec<Part> = Part::ALL.into_iter().filter(|part| part.name().contains(filter)).collect();
    if parts.is_empty() {
        let names: Vec<&str> = Part::ALL.into_iter().map(Part::name).collect();
        bail!("no part is called {filter:?}; there are {}", names.join(", "));
    }
    setup::ensure(Purpose::Test)?;
    let floor = project.root().join("benches/floor");
    let output = project.root().join("target/bench");
    let release = project.target().join("release");
    if parts.iter().any(|part| part.needs_application()) {
        ui::build(project, false)?;
        // By itself, so that it is exactly what is shipped: other programs would add features to what it is made of.
        app::build(project, true)?;
    }
    if parts.iter().any(|part| part.needs_floor()) {
        ui::build_page(project, &ui::Page::floor(project)?)?;
        step("build the floor (release)", || {
            process::run(project.cargo("build").current_dir(&floor).args(["--release", "--package", "floor"]))
        })?;
    }
    step("build what measures (release)", || {
        let mut cargo = project.cargo("build");
        cargo.args(["--release", "--package", "patchbay-bench", "--package", "nango-sandbox"]);
        process::run(&mut cargo)
    })?;
    say("  measuring takes a few minutes; the quieter the machine, the better");
    let program = |name: &str| -> PathBuf { release.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)) };
    let mut bench = process::command(program("patchbay-bench"));
    if let Some(package) = bundle::package(project) {
        bench.env("PATCHBAY_DEB", package);
    }
    process::run(
        bench
            .current_dir(project.root())
            .arg(filter)
            .env("PATCHBAY_APP", program("patchbay"))
            .env("PATCHBAY_SANDBOX", program("nango-sandbox"))
            .env("PATCHBAY_DIST", project.dist())
            .env("PATCHBAY_FLOOR", program("floor"))
            .env("PATCHBAY_FLOOR_DIST", floor.join("dist"))
            .env("PATCHBAY_E2E_OUTPUT", output.join("evidence"))
            .env("PATCHBAY_BENCH_OUTPUT", output),
    )
}
