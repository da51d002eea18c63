//! Links of our scheme, cold start and running application on one path, and who is registered for them.
//! Nothing here looks into a link.

use patchbay_core::attempt::SCHEME;
use patchbay_engine::{Engine, LinkOwner};
#[cfg(target_os = "linux")]
use tauri::Manager;
use tauri::{AppHandle, Runtime};
use tauri_plugin_deep_link::DeepLinkExt;
use tokio::sync::mpsc;
use url::Url;

use crate::start::raise_window;

/// Links wait here until the engine has taken up what an earlier run left. A page that sends thousands
/// fills it and loses the rest.
const MOST_WAITING: usize = 64;

/// Collects the link the application was started with, and every one that arrives from now on.
pub(crate) fn receive<R: Runtime>(app: &AppHandle<R>) -> mpsc::Receiver<Url> {
    let (sender, links) = mpsc::channel(MOST_WAITING);
    if let Ok(Some(urls)) = app.deep_link().get_current() {
        urls.into_iter().for_each(|url| drop(sender.try_send(url)));
    }
    let raised = app.clone();
    app.deep_link().on_open_url(move |event| {
        raise_window(&raised);
        event.urls().into_iter().for_each(|url| drop(sender.try_send(url)));
    });
    links
}

/// Hands the links to the engine, one after the other.
pub(crate) async fn deliver(mut links: mpsc::Receiver<Url>, engine: &Engine) {
    while let Some(link) = links.recv().await {
        engine.on_deep_link(link.as_str()).await;
    }
}

/// Tells the engine who gets our links; registers this application if nobody does.
pub(crate) async fn register_if_nobody_is<R: Runtime>(app: &AppHandle<R>, engine: &Engine) {
    let mut owner = owner(app).await;
    if owner == LinkOwner::Nobody {
        register(app);
        owner = self::owner(app).await;
    }
    engine.set_link_owner(owner);
}

/// Registers this application, and tells the engine what came of it.
pub(crate) async fn register_now<R: Runtime>(app: &AppHandle<R>, engine: &Engine) {
    register(app);
    engine.set_link_owner(owner(app).await);
}

/// Tells the engine who gets our links by now.
pub(crate) async fn look_who_is_registered<R: Runtime>(app: &AppHandle<R>, engine: &Engine) {
    engine.set_link_owner(owner(app).await);
}

/// Gives a link of our own to the system, as a browser would. Whether it could be given.
pub(crate) async fn send<R: Runtime>(app: &AppHandle<R>, link: &Url) -> bool {
    let (app, link) = (app.clone(), link.to_string());
    let sent = tauri::async_runtime::spawn_blocking(move || {
        #[expect(deprecated, reason = "the shell plugin is this project's way to the system's opener")]
        tauri_plugin_shell::ShellExt::shell(&app).open(link, None)
    });
    match sent.await {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            tracing::warn!(%error, "a link could not be given to the system");
            false
        }
        Err(_) => false,
    }
}

fn register<R: Runtime>(app: &AppHandle<R>) {
    match app.deep_link().register_all() {
        Ok(()) => unquote_handler(app),
        Err(error) => tracing::warn!(%error, "the scheme could not be registered"),
    }
}

/// xdg-utils before 1.2 cannot run a quoted `Exec` where no desktop environment is detected. A path without
/// white space needs no quotes.
#[cfg(target_os = "linux")]
fn unquote_handler<R: Runtime>(app: &AppHandle<R>) {
    let Some((file, executable)) = handler_file(app).zip(executable()) else { return };
    if executable.contains(char::is_whitespace) {
        return;
    }
    let unquoted = std::fs::read_to_string(&file)
        .map(|text| text.replace(&format!("\"{executable}\""), &executable))
        .and_then(|text| std::fs::write(&file, text));
    if let Err(error) = unquoted {
        tracing::warn!(%error, "the handler's desktop file could not be written");
    }
}

#[cfg(not(target_os = "linux"))]
fn unquote_handler<R: Runtime>(_app: &AppHandle<R>) {}

/// Who gets our links, by the platform's own tool.
#[cfg(target_os = "linux")]
async fn owner<R: Runtime>(app: &AppHandle<R>) -> LinkOwner {
    use tauri_plugin_shell::ShellExt;

    let question =
        app.shell().command("xdg-mime").args(["query", "default", &format!("x-scheme-handler/{SCHEME}")]);
    let Ok(answer) = question.output().await else { return LinkOwner::Unknown };
    if !answer.status.success() {
        return LinkOwner::Unknown;
    }
    judge(&answer.stdout, app.path().data_dir().ok())
}

/// Who gets our links, asked without an application: where there is no such tool, nobody knows.
pub(crate) async fn owner_without_window() -> LinkOwner {
    #[cfg(target_os = "linux")]
    {
        let asked = tokio::task::spawn_blocking(|| {
            let question = format!("x-scheme-handler/{SCHEME}");
            std::process::Command::new("xdg-mime").args(["query", "default", &question]).output()
        });
        if let Ok(Ok(answer)) = asked.await
            && answer.status.success()
        {
            return judge(&answer.stdout, dirs::data_dir());
        }
    }
    LinkOwner::Unknown
}

/// What the name of a desktop file says of who gets our links.
#[cfg(target_os = "linux")]
fn judge(answer: &[u8], own_data: Option<std::path::PathBuf>) -> LinkOwner {
    let name = String::from_utf8_lossy(answer).trim().to_owned();
    if name.is_empty() {
        return LinkOwner::Nobody;
    }
    let Some(file) = desktop_file(own_data, &name) else { return LinkOwner::Nobody };
    let runs_this = std::fs::read_to_string(file).is_ok_and(|text| {
        let exec = text.lines().find_map(|line| line.strip_prefix("Exec=")).unwrap_or_default();
        let program = exec.trim_start_matches('"').split(['"', ' ']).next().unwrap_or_default();
        program == "patchbay" || executable().is_some_and(|executable| executable == program)
    });
    if runs_this { LinkOwner::ThisApplication } else { LinkOwner::Another(name) }
}

#[cfg(not(target_os = "linux"))]
async fn owner<R: Runtime>(app: &AppHandle<R>) -> LinkOwner {
    match app.deep_link().is_registered(SCHEME) {
        Ok(true) => LinkOwner::ThisApplication,
        Ok(false) => LinkOwner::Nobody,
        Err(_) => LinkOwner::Unknown,
    }
}

#[cfg(target_os = "linux")]
fn executable() -> Option<String> {
    let path = std::env::var_os("APPIMAGE").map(Into::into).or_else(|| std::env::current_exe().ok())?;
    path.into_os_string().into_string().ok()
}

#[cfg(target_os = "linux")]
fn handler_file<R: Runtime>(app: &AppHandle<R>) -> Option<std::path::PathBuf> {
    let name = std::env::current_exe().ok()?.file_name()?.to_str()?.to_owned();
    Some(app.path().data_dir().ok()?.join("applications").join(format!("{name}-handler.desktop")))
}

/// Where a desktop file of that name is, in the order the platform looks for it.
#[cfg(target_os = "linux")]
fn desktop_file(own: Option<std::path::PathBuf>, name: &str) -> Option<std::path::PathBuf> {
    let shared = std::env::var("XDG_DATA_DIRS").unwrap_or_else(|_| "/usr/local/share:/usr/share".to_owned());
    own.into_iter()
        .chain(std::env::split_paths(&shared))
        .map(|folder| folder.join("applications").join(name))
        .find(|file| file.is_file())
}
