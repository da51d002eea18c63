//! Tells by the system how an attempt ended, while the person is elsewhere.
//!
//! The words are the engine's; they name a connector, a label and what happened, and hold no secret. The page has no
//! part in it.

use notify_rust::Notification;
use patchbay_engine::{Ending, Engine};
#[cfg(all(unix, not(target_os = "macos")))]
use patchbay_texts::t;
use tauri::{AppHandle, Manager, Runtime};
use tokio::sync::broadcast::error::RecvError;

#[cfg(all(unix, not(target_os = "macos")))]
use crate::start::raise_window;

/// Tells of endings until the engine is gone.
pub(crate) fn tell_of_endings<R: Runtime>(app: &AppHandle<R>, engine: &Engine) {
    let (mut endings, engine, app) = (engine.endings(), engine.clone(), app.clone());
    tauri::async_runtime::spawn(async move {
        loop {
            match endings.recv().await {
                Ok(ending) => {
                    if !is_looked_at(&app) && engine.notifications().await.unwrap_or(false) {
                        show(&app, ending);
                    }
                }
                // Those that were missed are shown in Activity.
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
        }
    });
}

/// Whether the person sees the end in the window itself.
fn is_looked_at<R: Runtime>(app: &AppHandle<R>) -> bool {
    let window = app.get_webview_window("main");
    window.is_some_and(|window| window.is_focused().unwrap_or(false) && window.is_visible().unwrap_or(true))
}

/// On a thread of its own: the answer comes when the person clicks or the system takes the notification away.
fn show<R: Runtime>(app: &AppHandle<R>, ending: Ending) {
    let app = app.clone();
    let told = std::thread::Builder::new().name("notification".to_owned()).spawn(move || {
        let mut notification = Notification::new();
        notification.appname("Patchbay").summary(&ending.title).body(&ending.words);
        // Where the service marks texts up, angle brackets in a label would be taken for it.
        #[cfg(all(unix, not(target_os = "macos")))]
        notification
            .body(&escaped(&ending.words))
            .action("default", t!("Show"))
            .hint(notify_rust::Hint::DesktopEntry("patchbay".to_owned()));
        match notification.show() {
            #[cfg(all(unix, not(target_os = "macos")))]
            Ok(shown) => shown.wait_for_action(|action| {
                if action == "default" {
                    raise_window(&app);
                }
            }),
            // There, nobody is told of a click.
            #[cfg(not(all(unix, not(target_os = "macos"))))]
            Ok(_) => drop(app),
            Err(error) => tracing::info!(%error, "the system takes no notifications"),
        }
    });
    if let Err(error) = told {
        tracing::warn!(%error, "no notification could be shown");
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(all(test, unix, not(target_os = "macos")))]
mod tests {
    #[test]
    fn a_label_is_a_text() {
        assert_eq!(super::escaped("<b>R&D</b>"), "&lt;b&gt;R&amp;D&lt;/b&gt;");
    }
}
