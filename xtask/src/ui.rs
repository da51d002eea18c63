//! `cargo xtask ui`: the window's code from `src-ui` to `dist/`, with no tool but cargo.
//!
//! Cargo decides whether the code has to be compiled again. What follows (wasm-bindgen, copying) is skipped
//! when neither the compiled module nor any copied file has changed; and `dist/` is only touched where
//! a file differs, because the application is rebuilt whenever something there is newer.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use wasm_bindgen_cli_support::Bindgen;

use crate::app::locked;
use crate::process;
use crate::project::Project;
use crate::step::{say, step};
use crate::wasm::{TARGET, Toolchain};

/// A page to be built: a package that compiles to wasm, and the files around it.
#[derive(Debug, Clone)]
pub struct Page {
    /// The folder of the workspace that has the package.
    workspace: PathBuf,
    /// The package, which is also the name of its program.
    package: &'static str,
    /// What is copied as it is: the name in the result, and where it comes from.
    copied: Vec<(PathBuf, PathBuf)>,
    /// Where the result goes.
    result: PathBuf,
}

impl Page {
    /// The application's window.
    ///
    /// # Errors
    /// Its sources cannot be read.
    pub fn window(project: &Project, development: bool) -> Result<Self> {
        Ok(Self {
            workspace: project.root().to_owned(),
            package: "patchbay-ui",
            copied: copied_files(&project.root().join("src-ui"), development)?,
            result: project.dist(),
        })
    }

    /// The window against which the application's is measured.
    ///
    /// # Errors
    /// Its sources cannot be read.
    pub fn floor(project: &Project) -> Result<Self> {
        let workspace = project.root().join("benches/floor");
        Ok(Self {
            package: "floor-ui",
            copied: copied_files(&workspace.join("page"), false)?,
            result: workspace.join("dist"),
            workspace,
        })
    }
}

/// The cargo profile: small, and with the sections that wasm-bindgen reads kept.
const PROFILE: &str = "ui-release";

/// What is copied as it is, from `src-ui` to `dist`. Folders are copied with all they hold.
const COPIED: &[&str] = &["index.html", "boot.js", "styles"];
/// What is copied besides in development.
const COPIED_FOR_DEVELOPMENT: &[&str] = &["gallery"];

/// Builds the window's code into `dist/`.
///
/// # Errors
/// There is no wasm toolchain, the code does not compile, or a file cannot be written.
pub fn build(project: &Project, development: bool) -> Result<()> {
    build_page(project, &Page::window(project, development)?)
}

/// Builds a page.
///
/// # Errors
/// There is no wasm toolchain, the code does not compile, or a file cannot be written.
pub fn build_page(project: &Project, page: &Page) -> Result<()> {
    let toolchain = Toolchain::find()?;
    step(&format!("compile {} ({})", page.package, toolchain.description()), || {
        compile(project, &toolchain, page)
    })?;
    let wasm = project.ui_target().join(TARGET).join(PROFILE).join(format!("{}.wasm", page.package));
    let stamp_file = project.own().join(format!("{}.stamp", page.package));
    let stamp = stamp(&wasm, &page.copied)?;
    let recorded = fs::read_to_string(&stamp_file).unwrap_or_default();
    if recorded == with_results(&stamp, &page.result) {
        say("  dist/ is up to date");
        return Ok(());
    }
    step("make dist/", || {
        let staging = project.own().join(format!("{}-staging", page.package));
        if staging.exists() {
            fs::remove_dir_all(&staging)?;
        }
        fs::create_dir_all(&staging)?;
        bindgen(&wasm, &staging)?;
        for (name, source) in &page.copied {
            let target = staging.join(name);
            fs::create_dir_all(target.parent().context("a file in dist/ has a folder")?)?;
            fs::copy(source, target)?;
        }
        let changed = replace(&staging, &page.result)?;
        fs::remove_dir_all(&staging)?;
        fs::create_dir_all(project.own())?;
        fs::write(&stamp_file, with_results(&stamp, &page.result))?;
        let size = fs::metadata(page.result.join("app_bg.wasm"))?.len();
        say(format_args!("  {changed} files changed; app_bg.wasm has {size} bytes"));
        Ok(())
    })
}

fn compile(project: &Project, toolchain: &Toolchain, page: &Page) -> Result<()> {
    let mut cargo = toolchain.cargo(&page.workspace, "build");
    cargo.args(["--package", page.package, "--profile", PROFILE, "--target-dir"]).arg(project.ui_target());
    process::run(cargo.args(locked()))
}

fn bindgen(wasm: &Path, into: &Path) -> Result<()> {
    Bindgen::new()
        .input_path(wasm)
        .web(true)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .out_name("app")
        .generate(into)
        .context("wasm-bindgen could not make the JavaScript side")
}

/// The files that are copied as they are: their name in `dist/` and where they come from, in a fixed order.
fn copied_files(source: &Path, development: bool) -> Result<Vec<(PathBuf, PathBuf)>> {
    let further = if development { COPIED_FOR_DEVELOPMENT } else { &[] };
    let mut files = Vec::new();
    for name in COPIED.iter().chain(further) {
        let path = source.join(name);
        if path.is_dir() {
            for file in files_below(&path)? {
                files.push((Path::new(name).join(&file), path.join(file)));
            }
        } else if path.is_file() {
            files.push((PathBuf::from(name), path));
        }
    }
    Ok(files)
}

/// All files below a folder, relative to it, in a fixed order.
fn files_below(folder: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut files = BTreeSet::new();
    let mut open = vec![PathBuf::new()];
    while let Some(relative) = open.pop() {
        let here = folder.join(&relative);
        for entry in fs::read_dir(&here).with_context(|| format!("{} cannot be read", here.display()))? {
            let entry = entry?;
            let path = relative.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                open.push(path);
            } else {
                files.insert(path);
            }
        }
    }
    Ok(files)
}

/// A text that is the same exactly if the sources of `dist/` are: the copied files by content, the
/// compiled module by size and time of change.
fn stamp(wasm: &Path, copied: &[(PathBuf, PathBuf)]) -> Result<String> {
    let module = fs::metadata(wasm).with_context(|| format!("{} is not there", wasm.display()))?;
    let mut digest = Sha256::new();
    digest.update(format!("{} {:?}\n", module.len(), module.modified()?));
    for (name, source) in copied {
        let content = fs::read(source).with_context(|| format!("{} cannot be read", source.display()))?;
        digest.update(format!("{} {}\n", name.display(), content.len()));
        digest.update(&content);
    }
    Ok(hexadecimal(&digest.finalize()))
}

/// The stamp, and beside it what `dist/` holds by size and time, so that a changed result is noticed too.
fn with_results(stamp: &str, dist: &Path) -> String {
    let mut text = format!("{stamp}\n");
    for file in files_below(dist).unwrap_or_default() {
        let described = fs::metadata(dist.join(&file))
            .map(|data| format!("{} {:?}", data.len(), data.modified().ok()))
            .unwrap_or_default();
        text.push_str(&format!("{} {described}\n", file.display()));
    }
    text
}

/// Makes `target` hold what `staging` holds. Files that are the same are not touched; others appear whole,
/// by renaming. Returns how many differed.
fn replace(staging: &Path, target: &Path) -> Result<usize> {
    fs::create_dir_all(target)?;
    let wanted = files_below(staging)?;
    let mut changed = 0;
    for file in &wanted {
        let new = fs::read(staging.join(file))?;
        let place = target.join(file);
        if fs::read(&place).is_ok_and(|old| old == new) {
            continue;
        }
        let folder = place.parent().context("a file in dist/ has a folder")?;
        fs::create_dir_all(folder)?;
        fs::rename(staging.join(file), &place)?;
        changed += 1;
    }
    for file in files_below(target)?.difference(&wanted) {
        fs::remove_file(target.join(file))?;
        changed += 1;
    }
    Ok(changed)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{files_below, replace};

    #[test]
    fn replacing_touches_only_what_differs() {
        let folder = tempfile::tempdir().unwrap();
        let (staging, target) = (folder.path().join("staging"), folder.path().join("dist"));
        fs::create_dir_all(staging.join("styles")).unwrap();
        fs::create_dir_all(&target).unwrap();
        fs::write(staging.join("same.js"), "same").unwrap();
        fs::write(staging.join("styles/new.css"), "new").unwrap();
        fs::write(target.join("same.js"), "same").unwrap();
        fs::write(target.join("left-over.js"), "old").unwrap();
        let before = fs::metadata(target.join("same.js")).unwrap().modified().unwrap();

        let changed = replace(&staging, &target).unwrap();

        assert_eq!(changed, 2, "one file is new and one is gone");
        assert_eq!(fs::metadata(target.join("same.js")).unwrap().modified().unwrap(), before);
        let names: Vec<_> = files_below(&target).unwrap().into_iter().collect();
        assert_eq!(names, [std::path::Path::new("same.js"), std::path::Path::new("styles/new.css")]);
    }
}
