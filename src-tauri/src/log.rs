//! The log: one file a day in the platform's folder for it, a week of them. No request, answer, link or
//! secret is ever logged, only what was decided.

use std::path::Path;

use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;

/// What is logged where nothing else is asked for. The plugin for links warns of each argument that is no link of ours,
/// and quotes it: whoever starts the program ten thousand times would fill the log with words of theirs.
const WHAT: &str = "warn,patchbay=info,patchbay_lib=info,patchbay_engine=info,tauri_plugin_deep_link=error";

/// Starts logging. Where the folder cannot be written, the application runs without a log.
pub(crate) fn start(folder: &Path) {
    if std::fs::create_dir_all(folder).is_err() {
        return;
    }
    let file = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("patchbay")
        .filename_suffix("log")
        .max_log_files(7)
        .build(folder);
    let Ok(file) = file else { return };
    let filter = EnvFilter::try_from_env("PATCHBAY_LOG").unwrap_or_else(|_| EnvFilter::new(WHAT));
    // A second start in one process, as in tests, keeps the first.
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(file).try_init().ok();
}
