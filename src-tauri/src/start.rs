//! Start and end: the engine with its parts, the window, and what is said when it cannot be.

use std::sync::Arc;

use patchbay_engine::{Engine, Overrides, Parts, Places, Platform, Timings, startup_failure};
use patchbay_ipc::{Code, Failure};
use patchbay_secrets::Keyring;
use patchbay_store::Store;
use patchbay_texts::{Language, t};
use tauri::{AppHandle, Manager, Runtime, WebviewWindowBuilder};
use tauri_plugin_dialog::{DialogExt, MessageDialogKind};

use crate::browser::SystemBrowser;
use crate::{clock, deep_link, exclusive, log};

/// Opens the database and puts the engine together. Takes a few milliseconds; nothing touches the network
/// or the keyring yet.
pub(crate) fn engine<R: Runtime>(app: &AppHandle<R>) -> Result<Engine, Failure> {
    let language = system_language();
    // Already what follows may have to say why it cannot be.
    patchbay_engine::speak(language);
    let folders = app.path();
    let data = folders.app_data_dir().map_err(|_| no_folder())?;
    let log = folders.app_log_dir().map_err(|_| no_folder())?;
    // A desktop without such a folder of its own gets them where the rest is.
    let downloads = folders.download_dir().unwrap_or_else(|_| data.join("exports"));
    match exclusive::take(&data) {
        Ok(lock) => drop(app.manage(lock)),
        Err(exclusive::Refused::Taken) => return Err(already_running()),
        Err(exclusive::Refused::Unusable) => return Err(no_folder()),
    }
    log::start(&log);
    let database = data.join("patchbay.db");
    let opening = Store::open_or_recover(&database, clock::now());
    let (store, recovered) =
        tauri::async_runtime::block_on(opening).map_err(|error| startup_failure(&error))?;
    let engine = Engine::new(Parts {
        store,
        recovered,
        keyring: Arc::new(Keyring::default()),
        browser: Arc::new(SystemBrowser(app.clone())),
        timings: Timings::default(),
        now: clock::now,
        overrides: Overrides::from_environment(|name| std::env::var(name).ok()),
        places: Places {
            data,
            log,
            downloads,
            version: app.package_info().version.to_string(),
            platform: platform(),
            language,
        },
    })?;
    if let Err(failure) = tauri::async_runtime::block_on(engine.speak()) {
        tracing::warn!(?failure, "which language was chosen is not known");
    }
    Ok(engine)
}

/// The language of the system, as its locale says.
fn system_language() -> Language {
    Language::of_locale(&sys_locale::get_locale().unwrap_or_default())
}

/// Which system this is.
pub(crate) fn platform() -> Platform {
    let variable = |name: &str| std::env::var(name).ok();
    let socket = variable("XDG_RUNTIME_DIR").map(|folder| std::path::Path::new(&folder).join("bus"));
    Platform::detect(std::env::consts::OS, variable, socket.is_some_and(|socket| socket.exists()))
}

/// Takes up what an earlier run left, then the links: one that arrives meanwhile waits its turn.
pub(crate) fn resume<R: Runtime>(app: &AppHandle<R>, engine: Engine) {
    let links = deep_link::receive(app);
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        engine.resume().await;
        let registering = deep_link::register_if_nobody_is(&app, &engine);
        tokio::join!(registering, deep_link::deliver(links, &engine));
    });
}

/// Opens the window that the configuration describes.
pub(crate) fn open_window<R: Runtime>(app: &AppHandle<R>) {
    let Some(config) = app.config().app.windows.first() else { return };
    let opened = WebviewWindowBuilder::from_config(app, config).and_then(WebviewWindowBuilder::build);
    if let Err(error) = opened {
        tracing::error!(%error, "the window could not be opened");
        app.exit(1);
    }
}

/// Brings the window to the front.
pub(crate) fn raise_window<R: Runtime>(app: &AppHandle<R>) {
    let Some(window) = app.get_webview_window("main") else { return };
    let raised = window.show().and_then(|()| window.unminimize()).and_then(|()| window.set_focus());
    if let Err(error) = raised {
        tracing::debug!(%error, "the window could not be raised");
    }
}

/// Ends what is under way. Everything that matters has been saved before it was begun.
pub(crate) fn stop<R: Runtime>(app: &AppHandle<R>) {
    if let Some(engine) = app.try_state::<Engine>() {
        tauri::async_runtime::block_on(engine.stop());
    }
}

/// Says in a dialog why the application cannot run, and ends it.
pub(crate) fn say_and_end<R: Runtime>(app: &AppHandle<R>, failure: &Failure) {
    let ended = app.clone();
    app.dialog()
        .message(format!("{}\n\n{}", failure.message, failure.hint))
        .title(t!("Patchbay cannot start"))
        .kind(MessageDialogKind::Error)
        .show(move |_| ended.exit(1));
}

pub(crate) fn no_folder() -> Failure {
    startup(
        t!("Patchbay may not write its data folder."),
        t!("Check the rights of your home folder and that the disk is not full, then start again."),
    )
}

fn already_running() -> Failure {
    startup(
        t!("Patchbay is already running with this data folder."),
        t!("Switch to its window; end it first if it does not answer."),
    )
}

fn startup(message: &str, hint: &str) -> Failure {
    Failure {
        code: Code::Storage,
        message: message.to_owned(),
        hint: hint.to_owned(),
        detail: None,
        field: None,
    }
}
