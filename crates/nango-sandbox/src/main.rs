//! The sandbox as a program, for a demo by hand or for tests in another process.
//!
//! The first line on standard output, written once both servers listen, is one JSON object with the addresses,
//! the keys and the integrations. Everything after that is for people, on standard error.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use nango_sandbox::{Fault, Integrations, Options, Sandbox, SavedState};
use serde_json::json;
use tokio::io::AsyncReadExt as _;
use tokio::sync::Notify;

/// A server that answers as Nango does, with an OAuth provider and a sample API.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Port of the imitated Nango; 0 takes any free port.
    #[arg(long, default_value_t = 0)]
    nango_port: u16,
    /// Port of the OAuth provider and the sample API; 0 takes any free port.
    #[arg(long, default_value_t = 0)]
    provider_port: u16,
    /// The default environment's callback URL, such as app.patchbay.desktop://oauth/callback.
    #[arg(long)]
    callback_url: Option<String>,
    /// Refuse a callback without the state cookie.
    #[arg(long)]
    enforce_state_cookie: bool,
    /// Calls per minute and account; 0 switches the limiter off.
    #[arg(long, default_value_t = 200)]
    rate_limit: u32,
    /// The API key, a UUID of version 4; generated when absent.
    #[arg(long)]
    api_key: Option<String>,
    /// The account key, a UUID of version 4; generated when absent.
    #[arg(long)]
    account_key: Option<String>,
    /// Faults from the start, as JSON; the README describes the form.
    #[arg(long)]
    faults: Option<String>,
    /// Which integrations exist from the start.
    #[arg(long, value_enum, default_value_t = WhichIntegrations::Demo)]
    integrations: WhichIntegrations,
    /// How long access tokens live, in seconds.
    #[arg(long, default_value_t = 3600)]
    access_token_lifetime: u64,
    /// How long connect sessions live, in seconds.
    #[arg(long, default_value_t = 1800)]
    connect_session_lifetime: u64,
    /// A file that keeps connections from one run to the next. It holds no secret.
    #[arg(long)]
    state_file: Option<PathBuf>,
    /// Operations the sample API answers, a JSON file with a list of them.
    #[arg(long)]
    sample_operations: Option<PathBuf>,
    /// Stop when standard input ends: for a parent process that may die.
    #[arg(long)]
    stop_with_stdin: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum WhichIntegrations {
    /// One for each provider that a connector of Patchbay uses.
    Demo,
    /// None.
    None,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("nango-sandbox: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let changed = Arc::new(Notify::new());
    let notify = changed.clone();
    let sample_operations = match &arguments.sample_operations {
        Some(file) => serde_json::from_slice(&std::fs::read(file)?)?,
        None => Vec::new(),
    };
    let sandbox = Sandbox::start(Options {
        nango_port: arguments.nango_port,
        provider_port: arguments.provider_port,
        callback_url: arguments.callback_url.clone(),
        enforce_state_cookie: arguments.enforce_state_cookie,
        rate_limit_per_minute: (arguments.rate_limit > 0).then_some(arguments.rate_limit),
        api_key: arguments.api_key.clone(),
        account_key: arguments.account_key.clone(),
        integrations: match arguments.integrations {
            WhichIntegrations::Demo => Integrations::Demo,
            WhichIntegrations::None => Integrations::None,
        },
        access_token_lifetime: Duration::from_secs(arguments.access_token_lifetime),
        connect_session_lifetime: Duration::from_secs(arguments.connect_session_lifetime),
        state: arguments.state_file.as_deref().map(load).transpose()?.flatten(),
        on_change: Some(Box::new(move || notify.notify_one())),
        sample_operations,
    })
    .await?;
    if let Some(faults) = &arguments.faults {
        sandbox.set_faults(serde_json::from_str::<Vec<Fault>>(faults)?);
    }
    announce(&sandbox)?;
    eprintln!("Nango on {}, OAuth provider on {}", sandbox.base_url(), sandbox.provider_url());
    let stop = stop_signal(arguments.stop_with_stdin);
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = changed.notified() => save(&sandbox, arguments.state_file.as_deref())?,
            () = &mut stop => break,
        }
    }
    save(&sandbox, arguments.state_file.as_deref())?;
    sandbox.stop().await;
    Ok(())
}

fn announce(sandbox: &Sandbox) -> std::io::Result<()> {
    // Without a slash at the end, as Nango's own configuration writes them.
    let address = |url: &url::Url| url.as_str().trim_end_matches('/').to_owned();
    let line = json!({
        "base_url": address(sandbox.base_url()),
        "provider_url": address(sandbox.provider_url()),
        "api_key": sandbox.api_key(),
        "account_key": sandbox.account_key(),
        "integrations": sandbox.integrations(),
    });
    let mut output = std::io::stdout().lock();
    writeln!(output, "{line}")?;
    output.flush()
}

fn load(file: &Path) -> Result<Option<SavedState>, Box<dyn std::error::Error>> {
    match std::fs::read(file) {
        Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Written beside the file and moved over it, so that a crash leaves the old or the new one, whole.
fn save(sandbox: &Sandbox, file: Option<&Path>) -> Result<(), Box<dyn std::error::Error>> {
    let Some(file) = file else {
        return Ok(());
    };
    let beside = file.with_extension("new");
    std::fs::write(&beside, serde_json::to_vec(&sandbox.saved_state())?)?;
    std::fs::rename(&beside, file)?;
    Ok(())
}

/// Ends with ctrl-c, with SIGTERM, and, if asked for, when standard input ends.
async fn stop_signal(with_stdin: bool) {
    let stdin_ends = async {
        if !with_stdin {
            return std::future::pending().await;
        }
        let mut buffer = [0; 1024];
        let mut input = tokio::io::stdin();
        while input.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated() => {}
        () = stdin_ends => {}
    }
}

#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn terminated() {
    std::future::pending().await
}
