//! The command line of `cargo xtask`; what the commands do is in the library.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use clap::{Parser, Subcommand};
use xtask::project::Project;
use xtask::setup::Purpose;
use xtask::step::{say, spelled};
use xtask::{bench, bundle, fuzz, run, screenshots, setup, test, texts, ui};

/// Everything the project can do, one command each.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check for what the project needs on this machine, and install what is missing.
    Setup {
        /// What the machine is to be made ready for.
        #[arg(long = "for", value_enum, default_value = "test")]
        purpose: Purpose,
    },
    /// Build the window's code from src-ui to dist/.
    Ui {
        /// Also copy what is for development only (the gallery).
        #[arg(long)]
        dev: bool,
    },
    /// Set up, build, and open the window (on a virtual display if there is no other).
    Run {
        /// Build with optimisations.
        #[arg(long)]
        release: bool,
        /// On a virtual display: leave the window open after the screenshot.
        #[arg(long)]
        keep: bool,
        /// What the application is started with.
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Check everything: format, lints, tests, the window itself, documentation, dependencies.
    Test {
        /// Run only the tests whose names contain this.
        filter: Option<String>,
    },
    /// Measure: beside floors taken in the same run, with the goals.
    Bench {
        /// Measure only the parts in whose names this occurs.
        filter: Option<String>,
    },
    /// Let libFuzzer make up links, answers, forms, documents and files.
    Fuzz {
        /// Only the targets in whose names this occurs.
        filter: Option<String>,
        /// How long each is run.
        #[arg(long, default_value_t = 600)]
        seconds: u32,
    },
    /// Make the package that people install, with its bills of materials, in target/bundle.
    Bundle {
        /// Then install it here, open links with it, remove it, and see that nothing is left. Needs root or sudo.
        #[arg(long)]
        check: bool,
    },
    /// Take the pictures that the README shows.
    Screenshots,
    /// Gather what the sources say into the catalogue of texts, and bring the translations up to it.
    Texts,
}

fn main() -> ExitCode {
    let started = Instant::now();
    match perform(Arguments::parse().command) {
        Ok(Verdict::SaysItself) => ExitCode::SUCCESS,
        Ok(Verdict::Done) => {
            say(format_args!("done in {}", spelled(started.elapsed())));
            ExitCode::SUCCESS
        }
        Err(problem) => {
            // Standard output ends with the count of tests; the error goes to the other stream.
            eprintln!("error: {problem:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether a command has told already how it went.
enum Verdict {
    Done,
    SaysItself,
}

fn perform(command: Command) -> Result<Verdict> {
    let project = Project::find()?;
    match command {
        Command::Setup { purpose } => setup::ensure(purpose)?,
        Command::Ui { dev } => ui::build(&project, dev)?,
        Command::Run { release, keep, arguments } => {
            run::run(&project, &run::Options { release, keep, arguments })?;
        }
        Command::Test { filter } => {
            test::run(&project.with_cache(), filter.as_deref())?;
            return Ok(Verdict::SaysItself);
        }
        Command::Bench { filter } => bench::run(&project, filter.as_deref().unwrap_or_default())?,
        Command::Fuzz { filter, seconds } => {
            fuzz::run(&project, filter.as_deref().unwrap_or_default(), seconds)?
        }
        Command::Bundle { check } => bundle::run(&project, check)?,
        Command::Screenshots => screenshots::take(&project)?,
        Command::Texts => texts::run(&project)?,
    }
    Ok(Verdict::Done)
}
