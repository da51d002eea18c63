//! A home folder of one's own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

/// A temporary home with all the folders that programs look for, deleted at the end.
#[derive(Debug)]
pub struct Home {
    folder: tempfile::TempDir,
}

/// The variables that lead to folders in the home, and which.
const FOLDERS: &[(&str, &str)] = &[
    ("XDG_DATA_HOME", ".local/share"),
    ("XDG_CONFIG_HOME", ".config"),
    ("XDG_CACHE_HOME", ".cache"),
    ("XDG_STATE_HOME", ".local/state"),
    ("XDG_RUNTIME_DIR", "run"),
];

impl Home {
    /// Makes an empty one. Its path is short, because sockets live in it and their paths may not be long.
    ///
    /// # Errors
    /// The folders cannot be made.
    pub fn create() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("patchbay-").tempdir()?;
        for (_, name) in FOLDERS {
            fs::create_dir_all(folder.path().join(name))?;
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;

            fs::set_permissions(folder.path().join("run"), fs::Permissions::from_mode(0o700))?;
        }
        Ok(Self { folder })
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// `$XDG_DATA_HOME`.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.path().join(".local/share")
    }

    /// `$XDG_CONFIG_HOME`.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.path().join(".config")
    }

    /// `$XDG_RUNTIME_DIR`.
    #[must_use]
    pub fn runtime(&self) -> PathBuf {
        self.path().join("run")
    }

    /// Makes a program live here, and see nothing of the desktop around it.
    pub fn apply(&self, command: &mut Command) {
        command.env("HOME", self.path());
        for (variable, name) in FOLDERS {
            command.env(variable, self.path().join(name));
        }
        for variable in [
            "WAYLAND_DISPLAY",
            "XDG_CURRENT_DESKTOP",
            "XDG_SESSION_TYPE",
            "DESKTOP_SESSION",
            "NANGO_BASE_URL",
            "NANGO_SECRET_KEY",
            "NANGO_ENABLED",
        ] {
            command.env_remove(variable);
        }
        command
            .env("GDK_BACKEND", "x11")
            .env("LANG", "C.UTF-8")
            .env("LC_ALL", "C.UTF-8")
            // No settings daemon and no accessibility bus are started on the private session bus.
            .env("GSETTINGS_BACKEND", "memory")
            .env("GTK_A11Y", "none")
            .env("NO_AT_BRIDGE", "1");
    }
}
