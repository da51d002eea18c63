//! A window as the X server has it: its title, where it stands, and its frame's button that closes it. What no driver
//! of the page inside reaches.

use std::process::ExitStatus;

use anyhow::{Context, Result};
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    AtomEnum, ClientMessageEvent, ConfigureWindowAux, ConnectionExt, EventMask, Window,
};
use x11rb::rust_connection::RustConnection;
use xtask::desktop::Background;

use crate::wait::{PATIENTLY, until};

/// The windows of a display.
pub struct Screen {
    connection: RustConnection,
    root: Window,
}

/// Where a window is and how large, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// From the left.
    pub x: i16,
    /// From the top.
    pub y: i16,
    /// Without a frame.
    pub width: u16,
    /// Without a frame.
    pub height: u16,
}

impl Screen {
    /// The display of that name.
    ///
    /// # Errors
    /// It does not answer.
    pub fn open(display: &str) -> Result<Self> {
        let (connection, screen) = x11rb::connect(Some(display))?;
        let root = connection.setup().roots.get(screen).context("the display has a screen")?.root;
        Ok(Self { connection, root })
    }

    /// Waits for the window of a process that has this title.
    ///
    /// # Errors
    /// It does not come up.
    pub async fn wait(&self, process: u32, title: &str) -> Result<Window> {
        until(&format!("a window titled {title:?}"), PATIENTLY, async || {
            let mut below = vec![self.root];
            while let Some(window) = below.pop() {
                // A window may go while one asks.
                let Ok(tree) = self.connection.query_tree(window)?.reply() else { continue };
                below.extend(tree.children);
                if self.text(window, "_NET_WM_NAME")?.as_deref() == Some(title.as_bytes())
                    && self.process(window)? == Some(process)
                {
                    return Ok(Some(window));
                }
            }
            Ok(None)
        })
        .await
    }

    /// Where a window is.
    ///
    /// # Errors
    /// It is gone.
    pub fn place(&self, window: Window) -> Result<Place> {
        let size = self.connection.get_geometry(window)?.reply()?;
        let corner = self.connection.translate_coordinates(window, self.root, 0, 0)?.reply()?;
        Ok(Place { x: corner.dst_x, y: corner.dst_y, width: size.width, height: size.height })
    }

    /// Puts a window somewhere, as a person who drags it.
    ///
    /// # Errors
    /// It is gone.
    pub fn put(&self, window: Window, place: Place) -> Result<()> {
        let to = ConfigureWindowAux::new()
            .x(i32::from(place.x))
            .y(i32::from(place.y))
            .width(u32::from(place.width))
            .height(u32::from(place.height));
        self.connection.configure_window(window, &to)?.check()?;
        Ok(())
    }

    /// Closes a window by its frame (ICCCM, `WM_DELETE_WINDOW`), and waits until its process has ended.
    ///
    /// # Errors
    /// It does not end.
    pub async fn close(&self, window: Window, mut program: Background) -> Result<ExitStatus> {
        let data = [self.atom("WM_DELETE_WINDOW")?, x11rb::CURRENT_TIME, 0, 0, 0];
        let message = ClientMessageEvent::new(32, window, self.atom("WM_PROTOCOLS")?, data);
        self.connection.send_event(false, window, EventMask::NO_EVENT, message)?.check()?;
        until("the program to end", PATIENTLY, async || Ok(program.child().try_wait()?)).await
    }

    fn atom(&self, name: &str) -> Result<u32> {
        Ok(self.connection.intern_atom(false, name.as_bytes())?.reply()?.atom)
    }

    fn text(&self, window: Window, property: &str) -> Result<Option<Vec<u8>>> {
        let property = self.atom(property)?;
        let found = self.connection.get_property(false, window, property, AtomEnum::ANY, 0, 1024)?.reply();
        Ok(found.ok().map(|found| found.value))
    }

    fn process(&self, window: Window) -> Result<Option<u32>> {
        let property = self.atom("_NET_WM_PID")?;
        let found = self.connection.get_property(false, window, property, AtomEnum::CARDINAL, 0, 1)?.reply();
        Ok(found.ok().and_then(|found| found.value32()?.next()))
    }
}
