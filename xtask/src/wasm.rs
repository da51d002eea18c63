//! Finds a toolchain that can compile to `wasm32-unknown-unknown`, without anybody configuring one.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::process;

/// The target the window's code is compiled for.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// How the standard library for the target comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StandardLibrary {
    /// The toolchain has it ready, as after `rustup target add`.
    Precompiled,
    /// The toolchain has its source (Debian's `rust-web-src`), so cargo builds it.
    FromSource {
        /// Link with LLVM's own `wasm-ld`, because the toolchain ships no `rust-lld`.
        own_linker: bool,
    },
}

/// A cargo and a rustc of the same folder, and what they can do.
#[derive(Debug, Clone)]
pub struct Toolchain {
    folder: PathBuf,
    standard_library: StandardLibrary,
}

impl Toolchain {
    /// The first usable toolchain: any with the target ready is preferred to one that would have to build
    /// the standard library.
    ///
    /// # Errors
    /// There is none; the error says what to install.
    pub fn find() -> Result<Self> {
        let folders = candidates();
        let ready = folders
            .iter()
            .find(|folder| has_target(folder))
            .map(|folder| Self { folder: folder.clone(), standard_library: StandardLibrary::Precompiled });
        let Some(found) = ready.or_else(|| folders.iter().find_map(|folder| from_source(folder))) else {
            bail!(
                "no Rust toolchain here can compile to {TARGET}: run `cargo xtask setup` \
                 (or `rustup target add {TARGET}`)"
            );
        };
        Ok(found)
    }

    /// What it is, for the person at the terminal.
    #[must_use]
    pub fn description(&self) -> String {
        let how = match self.standard_library {
            StandardLibrary::Precompiled => "with the target ready",
            StandardLibrary::FromSource { .. } => "building the standard library from source",
        };
        format!("{} {how}", self.folder.join("cargo").display())
    }

    /// Its cargo with the subcommand, set up for the target. `arguments` follow the target's own flags.
    #[must_use]
    pub fn cargo(&self, root: &Path, subcommand: &str) -> Command {
        let mut cargo = process::command(self.folder.join("cargo"));
        cargo.current_dir(root);
        // The outer cargo is perhaps rustup's and has pinned a toolchain that this one is not.
        cargo.env_remove("CARGO").env_remove("RUSTC");
        cargo.arg(subcommand).args(["--target", TARGET]);
        match self.standard_library {
            StandardLibrary::Precompiled => {}
            StandardLibrary::FromSource { own_linker } => {
                cargo.env_remove("RUSTUP_TOOLCHAIN");
                cargo.env("RUSTC", self.folder.join("rustc")).env("RUSTC_BOOTSTRAP", "1");
                cargo.arg("-Zbuild-std=std,panic_abort");
                if own_linker {
                    cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld");
                }
            }
        }
        cargo
    }

    /// Whether it has the clippy subcommand for the target.
    #[must_use]
    pub fn has_clippy(&self) -> bool {
        self.folder.join("cargo-clippy").is_file()
    }
}

/// Folders that hold both a cargo and a rustc: the one of the cargo that started us, then those on `PATH`.
fn candidates() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = Vec::new();
    let own = std::env::var_os("CARGO").and_then(|cargo| Path::new(&cargo).parent().map(Path::to_owned));
    let path = std::env::var_os("PATH").unwrap_or_default();
    for folder in own.into_iter().chain(std::env::split_paths(&path)) {
        if folder.join("cargo").is_file() && folder.join("rustc").is_file() && !folders.contains(&folder) {
            folders.push(folder);
        }
    }
    folders
}

/// Asks the folder's rustc something.
fn ask(folder: &Path, arguments: &[&str]) -> Option<PathBuf> {
    process::output(process::command(folder.join("rustc")).args(arguments)).ok().map(PathBuf::from)
}

fn has_target(folder: &Path) -> bool {
    ask(folder, &["--print", "target-libdir", "--target", TARGET])
        .and_then(|libraries| std::fs::read_dir(libraries).ok())
        .is_some_and(|mut entries| entries.next().is_some())
}

fn from_source(folder: &Path) -> Option<Toolchain> {
    let system_root = ask(folder, &["--print", "sysroot"])?;
    if !system_root.join("lib/rustlib/src/rust/library/std/Cargo.toml").is_file() {
        return None;
    }
    let host_tools = ask(folder, &["--print", "target-libdir"])?.parent()?.join("bin");
    let own_linker = !host_tools.join("rust-lld").is_file();
    if own_linker && process::find_program("wasm-ld").is_none() {
        return None;
    }
    Some(Toolchain {
        folder: folder.to_owned(),
        standard_library: StandardLibrary::FromSource { own_linker },
    })
}
