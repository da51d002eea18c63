//! The desktop shell: plugins, window and commands around the engine. The only crate that knows Tauri; it
//! decides nothing.
#![deny(missing_docs)]

mod browser;
mod cli;
mod clock;
mod commands;
mod deep_link;
mod events;
mod exclusive;
mod log;
mod notify;
mod start;

use std::process::ExitCode;

use tauri::plugin::TauriPlugin;
use tauri::{App, Builder, Manager, Runtime};
use tauri_plugin_window_state::StateFlags;

pub use commands::with_commands;

/// Does what the command line asks for; without a command, or with a link, the window opens.
#[must_use]
pub fn main() -> ExitCode {
    cli::asked().unwrap_or_else(|| {
        run();
        ExitCode::SUCCESS
    })
}

/// Runs the application until its window is closed.
fn run() {
    let builder = Builder::default()
        // First, so that a second process hands its link over before it does anything else.
        .plugin(tauri_plugin_single_instance::init(|app, _arguments, _folder| start::raise_window(app)))
        .plugin(tauri_plugin_deep_link::init())
        .plugin(tauri_plugin_shell::init())
        .plugin(tauri_plugin_dialog::init())
        .plugin(window_state())
        .setup(|app| {
            set_up(app);
            Ok(())
        });
    let app = match with_commands(builder).build(tauri::generate_context!()) {
        Ok(app) => app,
        Err(error) => {
            // Without a display there is nothing to show a dialog on.
            tracing::error!(%error, "the application could not be built");
            std::process::exit(1);
        }
    };
    app.run(|app, event| {
        if let tauri::RunEvent::Exit = event {
            start::stop(app);
        }
    });
}

/// The window comes back where it was, and as large.
fn window_state<R: Runtime>() -> TauriPlugin<R> {
    let kept = StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED;
    tauri_plugin_window_state::Builder::default().with_state_flags(kept).build()
}

/// A failure is a dialog, and the end; otherwise the window opens with everything behind it.
fn set_up<R: Runtime>(app: &mut App<R>) {
    match start::engine(app.handle()) {
        Ok(engine) => {
            events::pass_on(app.handle(), &engine);
            notify::tell_of_endings(app.handle(), &engine);
            app.manage(engine.clone());
            start::resume(app.handle(), engine);
            start::open_window(app.handle());
        }
        Err(failure) => start::say_and_end(app.handle(), &failure),
    }
}
