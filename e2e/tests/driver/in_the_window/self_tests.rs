//! What the application finds out about its surroundings by trying: whether links arrive, and what the desktop tells
//! of an attempt that ended out of sight.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Result, ensure};
use patchbay_e2e::application::Application;
use patchbay_e2e::robot::{self, Decision};
use patchbay_e2e::server::Server;
use patchbay_e2e::stage::{DISPLAY, scenario};
use patchbay_e2e::wait::{PATIENTLY, until};
use patchbay_e2e::window::{Name, Window};
use patchbay_ipc::{AttemptPage, ListAttempts, SetNotifications, TakeNotices};

use crate::steps::{begin, connect_to, finish, opened};

async fn attempts(window: &Window) -> Result<AttemptPage> {
    window.ask(&ListAttempts { offset: 0, limit: 200 }).await
}

/// The system's own `xdg-open` finds the program that is registered for our links.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_sent_through_the_system_and_arrives_or_is_missed() -> Result<()> {
    scenario("link_test", async |stage| {
        let server = Server::start(None, &[])?;
        let path = std::env::var("PATH")?;
        let application = Application::start_with(stage, &[], &[("PATH", &path)]).await?;
        let window = application.window();
        connect_to(window, server.base_url().as_str(), server.api_key()).await?;
        window.follow("Settings").await?;

        // Another program is registered here, and keeps the link to itself.
        window.press("Test links").await?;
        window.wait_within("status", Name::Contains("Another program took it"), PATIENTLY).await?;
        let sent = until("the link", PATIENTLY, async || Ok(stage.links.returned().pop())).await?;
        ensure!(sent.starts_with("app.patchbay.desktop://selftest/"), "{sent}");

        // Now it hands the link over.
        stage.links.hand_over()?;
        window.press("Test links").await?;
        window.wait_within("status", Name::Contains("arrived here"), PATIENTLY).await?;
        ensure!(stage.links.returned().len() == 2, "one link for each test");
        ensure!(attempts(window).await?.total == 0, "no attempt comes of it");
        ensure!(window.ask(&TakeNotices {}).await?.is_empty(), "and no remark");
        application.close().await;
        Ok(())
    })
    .await
}

/// A desktop's notification service, as far as applications see it.
#[derive(Clone, Default)]
struct Desktop(Arc<Mutex<Vec<(String, String)>>>);

impl Desktop {
    fn shown(&self) -> Vec<(String, String)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Desktop {
    fn get_capabilities(&self) -> Vec<String> {
        vec!["body".to_owned(), "actions".to_owned()]
    }

    #[expect(clippy::too_many_arguments, reason = "the specification's")]
    fn notify(
        &self,
        _app_name: &str,
        _replaces_id: u32,
        _app_icon: &str,
        summary: String,
        body: String,
        _actions: Vec<String>,
        _hints: HashMap<String, zbus::zvariant::OwnedValue>,
        _expire_timeout: i32,
    ) -> u32 {
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shown.push((summary, body));
        u32::try_from(shown.len()).unwrap_or(1)
    }

    fn close_notification(&self, _id: u32) {}

    fn get_server_information(&self) -> (String, String, String, String) {
        let text = |text: &str| text.to_owned();
        (text("stand-in"), text("patchbay"), text("1"), text("1.2"))
    }
}

/// Without a window manager the window under the pointer has the focus. The pointer is where the display has put it, in
/// the middle; the window goes beside it, and is in the background there.
#[tokio::test(flavor = "multi_thread")]
async fn the_desktop_tells_how_an_attempt_ended_unless_that_is_switched_off() -> Result<()> {
    scenario("notifications", async |stage| {
        let server = Server::start(None, &[])?;
        let desktop = Desktop::default();
        let address = format!("unix:path={}", stage.home().runtime().join("bus").display());
        let bus = zbus::connection::Builder::address(address.as_str())?
            .serve_at("/org/freedesktop/Notifications", desktop.clone())?
            .name("org.freedesktop.Notifications")?
            .build()
            .await?;
        let application = Application::start(stage).await?;
        let window = application.window();
        connect_to(window, server.base_url().as_str(), server.api_key()).await?;

        let (width, height) = (760, 520);
        window.client().set_window_rect(DISPLAY.0 / 2 + 20, 0, width, height).await?;
        let mut told = 0;
        for (number, on) in [(1, true), (2, false), (3, true)] {
            window.ask(&SetNotifications { on }).await?;
            begin(window, "GitHub").await?;
            let callback = robot::decide(&opened(stage, number).await?, "sam", Decision::Approve).await?;
            robot::open(&callback).await?;
            finish(window).await?;
            told += usize::from(on);
            // Told before the switch is turned again: whether to tell is looked up when the attempt ends.
            until("the desktop to be told", PATIENTLY, async || {
                Ok((desktop.shown().len() == told).then_some(()))
            })
            .await?;
        }
        let shown = desktop.shown();
        let titles: Vec<&str> = shown.iter().map(|(title, _)| title.as_str()).collect();
        ensure!(titles == ["GitHub: connected", "GitHub 3 (GitHub): connected"], "{shown:?}");
        for (title, body) in &shown {
            let text = format!("{title} {body}");
            ensure!(!text.contains(server.api_key()) && !text.contains("state="), "{text}");
        }

        // A click brings the window up; whatever else is sent does no harm.
        for (id, action) in [(1_u32, "default"), (2, "nothing known")] {
            let interface = "org.freedesktop.Notifications";
            bus.emit_signal(
                None::<&str>,
                "/org/freedesktop/Notifications",
                interface,
                "ActionInvoked",
                &(id, action),
            )
            .await?;
        }
        ensure!(attempts(window).await?.total == 3, "the window still answers");
        application.close().await;
        Ok(())
    })
    .await
}
