//! How links leave the application and come back.
//!
//! *Out*: the application opens pages with `xdg-open`. A program of that name stands first on its `PATH` and
//! writes the address down instead.
//! *Back*: the browser hands links of our scheme to the real `xdg-open`, which finds a `.desktop` file in the
//! private home. What that starts writes the link down and, if it is told to, starts the application with it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use xtask::desktop::Home;

/// The scheme of our links.
pub const SCHEME: &str = "app.patchbay.desktop";

/// The two ways and what came along them.
#[derive(Debug)]
pub struct Links {
    folder: tempfile::TempDir,
}

impl Links {
    /// Sets both ways up for an application that lives in `home`.
    ///
    /// # Errors
    /// Something cannot be written.
    pub fn set_up(home: &Home, application: &Path) -> Result<Self> {
        // Outside of the home: what is written down here are secrets, and the home is searched for those.
        let folder = tempfile::Builder::new().prefix("patchbay-links-").tempdir()?;
        let links = Self { folder };
        fs::create_dir_all(links.programs())?;
        script(
            &links.programs().join("xdg-open"),
            &format!("printf '%s\\n' \"$1\" >> {}\n", links.opened_file().display()),
        )?;
        let handler = links.folder.path().join("handler");
        script(
            &handler,
            &format!(
                "printf '%s\\n' \"$1\" >> {returned}\n\
                 if [ -e {hand_over} ]; then PATH={programs}:$PATH exec {application} \"$1\"; fi\n",
                returned = links.returned_file().display(),
                hand_over = links.hand_over_mark().display(),
                programs = links.programs().display(),
                application = application.display(),
            ),
        )?;
        register(home, &handler)?;
        Ok(links)
    }

    /// Lets the application find the false `xdg-open` first.
    pub fn apply(&self, application: &mut Command) {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(self.programs()).chain(std::env::split_paths(&path));
        if let Ok(joined) = std::env::join_paths(folders) {
            application.env("PATH", joined);
        }
    }

    /// From now on, links that come back are handed to the application. Before, they are only written down.
    ///
    /// # Errors
    /// The mark cannot be set.
    pub fn hand_over(&self) -> Result<()> {
        Ok(fs::write(self.hand_over_mark(), "")?)
    }

    /// The addresses that the application opened, oldest first.
    #[must_use]
    pub fn opened(&self) -> Vec<String> {
        lines(&self.opened_file())
    }

    /// The links that came back, oldest first.
    #[must_use]
    pub fn returned(&self) -> Vec<String> {
        lines(&self.returned_file())
    }

    fn programs(&self) -> PathBuf {
        self.folder.path().join("bin")
    }

    fn opened_file(&self) -> PathBuf {
        self.folder.path().join("opened")
    }

    fn returned_file(&self) -> PathBuf {
        self.folder.path().join("returned")
    }

    fn hand_over_mark(&self) -> PathBuf {
        self.folder.path().join("hand-over")
    }
}

/// Makes `handler` the program for our scheme in this home. The path in `Exec` stands without quotes:
/// xdg-utils 1.1.3 cannot run a quoted one where it sees no desktop environment.
fn register(home: &Home, handler: &Path) -> Result<()> {
    let applications = home.data().join("applications");
    fs::create_dir_all(&applications)?;
    let entry = format!(
        "[Desktop Entry]\nType=Application\nName=Patchbay\nNoDisplay=true\nTerminal=false\n\
         Exec={} %u\nMimeType=x-scheme-handler/{SCHEME};\n",
        handler.display()
    );
    fs::write(applications.join("patchbay-test.desktop"), entry)?;
    let default = format!("[Default Applications]\nx-scheme-handler/{SCHEME}=patchbay-test.desktop\n");
    fs::write(home.config().join("mimeapps.list"), default)?;
    Ok(())
}

fn script(path: &Path, body: &str) -> Result<()> {
    fs::write(path, format!("#!/bin/sh\n{body}"))
        .with_context(|| format!("{} cannot be written", path.display()))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    Ok(())
}

fn lines(file: &Path) -> Vec<String> {
    fs::read_to_string(file).unwrap_or_default().lines().map(str::to_owned).collect()
}
