//! The command line: the same engine on the same data, without a window. It works beside a running window; only
//! that one takes up attempts and disconnects that wait.
//!
//! `docs/COMMAND-LINE.md` is its manual.

mod bindings;
mod connections;
mod doctor;
mod host;
mod out;
mod run;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use patchbay_ipc::Failure;

use out::Out;

/// What is behind an exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// It did what it was asked for.
    Well,
    /// Patchbay could not: no profile, no server, no such name. 2 is a command line that cannot be read.
    Failed,
    /// Something has to be mended first: the run was not started, or the doctor found something.
    InTheWay,
    /// The run was started and a task failed.
    RunFailed,
    /// The run was cancelled.
    Cancelled,
}

impl Ended {
    fn code(self) -> u8 {
        match self {
            Ended::Well => 0,
            Ended::Failed => 1,
            Ended::InTheWay => 3,
            Ended::RunFailed => 4,
            Ended::Cancelled => 5,
        }
    }
}

const EXIT_CODES: &str = "Exit codes:
  0  it did what it was asked for
  1  Patchbay could not: no profile, no server, no such name
  2  the command line cannot be read
  3  something has to be mended first: the run was not started, or the doctor found something
  4  the run was started, and a task failed
  5  the run was cancelled

Without a command the window opens.";

/// Connect accounts through Nango and choose, offline, which one each workflow step runs as.
#[derive(Debug, Parser)]
#[command(name = "patchbay", version, after_help = EXIT_CODES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists the connections of the active profile.
    Connections {
        /// Only those in whose label, account or connector these words occur.
        #[arg(default_value = "")]
        search: String,
        /// Writes JSON.
        #[arg(long)]
        json: bool,
    },
    /// Shows as whom each task of a workflow would run.
    Bindings {
        /// Its name or id.
        workflow: String,
        /// Writes JSON.
        #[arg(long)]
        json: bool,
    },
    /// Runs a workflow as it was saved last, or a file.
    #[command(after_help = EXIT_CODES)]
    Run {
        /// A file, else the name or id of a workflow.
        workflow: String,
        /// A file with the input, a JSON object; - reads it from standard input.
        #[arg(long)]
        input: Option<String>,
        /// Which connection stands for a role, by its label or id; may be given more than once.
        #[arg(long = "as", value_name = "ROLE=LABEL-OR-ID", value_parser = role)]
        roles: Vec<(String, String)>,
        /// Writes the whole run as JSON when it has ended, instead of its output.
        #[arg(long)]
        json: bool,
    },
    /// Looks at everything around Patchbay: the server, the key's scopes, the keyring, the deep link.
    #[command(after_help = EXIT_CODES)]
    Doctor {
        /// Writes JSON.
        #[arg(long)]
        json: bool,
    },
}

fn role(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((role, named)) if !role.is_empty() && !named.is_empty() => {
            Ok((role.to_owned(), named.to_owned()))
        }
        _ => Err("it has to be like workMail=\"Work mail\"".to_owned()),
    }
}

/// What the command line asks for, if it asks for something; otherwise the window is meant. A link is the
/// window's.
pub(crate) fn asked() -> Option<ExitCode> {
    let first = std::env::args().nth(1)?;
    let is_command = Arguments::command().get_subcommands().any(|command| command.get_name() == first);
    if !is_command && !["help", "-h", "--help", "-V", "--version"].contains(&first.as_str()) {
        return None;
    }
    Some(answer())
}

fn answer() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are no errors; both are printed where they belong.
            drop(error.print());
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let out = Out;
    let ended = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime.block_on(perform(arguments.command, &out)),
        Err(error) => {
            out.note(&format!("patchbay: {error}"));
            Ended::Failed
        }
    };
    ExitCode::from(ended.code())
}

async fn perform(command: Command, out: &Out) -> Ended {
    let engine = match host::engine().await {
        Ok(engine) => engine,
        Err(failure) => return failed(out, &failure),
    };
    let ended = match command {
        Command::Connections { search, json } => connections::list(&engine, out, search, json).await,
        Command::Bindings { workflow, json } => bindings::show(&engine, out, &workflow, json).await,
        Command::Run { workflow, input, roles, json } => {
            let request = run::Request { workflow, input, roles, json };
            run::run(&engine, out, request).await
        }
        Command::Doctor { json } => doctor::look(&engine, out, json).await,
    };
    engine.stop().await;
    ended.unwrap_or_else(|failure| failed(out, &failure))
}

fn failed(out: &Out, failure: &Failure) -> Ended {
    out.failure(failure);
    Ended::Failed
}
