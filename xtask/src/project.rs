//! Where things are: the workspace, its build folders, what xtask itself keeps.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;

/// The workspace this xtask works on.
#[derive(Debug, Clone)]
pub struct Project {
    root: PathBuf,
    target: PathBuf,
}

impl Project {
    /// The workspace that the current folder belongs to, and its build folder: `$CARGO_TARGET_DIR`, or
    /// `target`.
    ///
    /// The folder in which xtask was compiled is deliberately not used: with a build folder shared by
    /// several clones that may be another one's.
    ///
    /// # Errors
    /// The current folder is not inside the project.
    pub fn find() -> Result<Self> {
        let here = std::env::current_dir().context("the current folder cannot be told")?;
        let root = here
            .ancestors()
            .find(|folder| {
                folder.join("src-ui/Cargo.toml").is_file() && folder.join("xtask/Cargo.toml").is_file()
            })
            .with_context(|| format!("{} is not inside the project", here.display()))?
            .to_owned();
        let target = std::env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| root.join("target"), |folder| root.join(folder));
        Ok(Self { root, target })
    }

    /// The same workspace with a build folder outside of it, if the environment wants one: `PATCHBAY_CACHE`
    /// names the folder, `CI=true` means `~/.cache/patchbay` (or its like under `$XDG_CACHE_HOME`). A build
    /// folder that is set explicitly stays.
    #[must_use]
    pub fn with_cache(mut self) -> Self {
        if std::env::var_os("CARGO_TARGET_DIR").is_none()
            && let Some(cache) = cache_folder()
        {
            self.target = self.root.join(cache).join("target");
        }
        self
    }

    /// The folder with the workspace's `Cargo.toml`.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Cargo's build folder.
    #[must_use]
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// The build folder of the wasm build. It is apart from the native one because the flags differ, and
    /// because two builds in one folder would wait for each other.
    #[must_use]
    pub fn ui_target(&self) -> PathBuf {
        self.target.join("ui")
    }

    /// What the window loads; the application embeds it.
    #[must_use]
    pub fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// What xtask keeps between runs about this clone: stamps, staging folders, pictures. Always under the
    /// clone itself, because it describes the clone.
    #[must_use]
    pub fn own(&self) -> PathBuf {
        self.root.join("target/xtask")
    }

    /// The cargo that started this program, for a subcommand in this workspace.
    #[must_use]
    pub fn cargo(&self, subcommand: &str) -> Command {
        let mut cargo = process::command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.arg(subcommand).current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target);
        cargo
    }
}

fn cache_folder() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("PATCHBAY_CACHE").filter(|folder| !folder.is_empty()) {
        return Some(folder.into());
    }
    if std::env::var("CI").is_ok_and(|value| value == "true") {
        let caches = std::env::var_os("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .or_else(|| std::env::home_dir().map(|home| home.join(".cache")))?;
        return Some(caches.join("patchbay"));
    }
    None
}
