//! Installs the package on this machine, uses it as a desktop does, removes it, and looks for what is left.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::desktop::{self, Background, Display, Home, Keyring, SessionBus};
use crate::process;
use crate::step::{say, step};
use crate::{bundle, system};

const NAME: &str = "patchbay";
const PROGRAM: &str = "/usr/bin/patchbay";
const SCHEME: &str = "app.patchbay.desktop";
/// The sizes of the icon that the icon theme is asked for.
const ICON_SIZES: [u32; 8] = [16, 24, 32, 48, 64, 128, 256, 512];
/// Where a package may put something, and something may be left.
const PLACES: [&str; 4] = ["/usr", "/etc", "/opt", "/var/lib/patchbay"];
/// What the log says of a link that is no answer to anything; the link itself is never logged.
const REMARK: &str = "a link came that changes nothing";
/// How long anything of this may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// # Errors
/// The package does not install, work, or go as it should.
pub(super) fn run(package: &Path) -> Result<()> {
    if !system::missing(&[NAME])?.contains(&NAME) {
        bail!("{NAME} is installed on this machine already; this check would replace and then remove it");
    }
    let before = files();
    let mut installed = step("install the package", || Installed::install(package))?;
    step("look over what was installed", look_over)?;
    let home = Home::create()?;
    step("open links with xdg-open", || open_links(&home))?;
    step("remove the package", || installed.remove())?;
    step("look for what is left", || nothing_is_left(&before, &home))
}

/// The package on this machine. Whatever happens, it does not stay.
struct Installed {
    present: bool,
}

impl Installed {
    fn install(package: &Path) -> Result<Self> {
        // Also where this fails: dpkg leaves a package that it could unpack and not configure.
        let installed = Self { present: true };
        process::output(system::as_root("dpkg").arg("--install").arg(package))?;
        Ok(installed)
    }

    fn remove(&mut self) -> Result<()> {
        self.present = false;
        process::output(system::as_root("dpkg").args(["--purge", NAME])).map(drop)
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        if self.present
            && let Err(problem) = self.remove()
        {
            say(format_args!("  {NAME} could not be removed: {problem:#}"));
        }
    }
}

/// All that lies where packages put things.
fn files() -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut open: Vec<PathBuf> = PLACES.iter().map(PathBuf::from).collect();
    while let Some(folder) = open.pop() {
        // What cannot be read, or vanishes meanwhile, is not ours.
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                open.push(entry.path());
            }
            found.insert(entry.path());
        }
    }
    found
}

fn look_over() -> Result<()> {
    bundle::validate(
        Path::new("/usr/share/applications/patchbay.desktop"),
        Path::new("/usr/share/metainfo/app.patchbay.desktop.metainfo.xml"),
    )?;
    for size in ICON_SIZES {
        let file = format!("/usr/share/icons/hicolor/{size}x{size}/apps/patchbay.png");
        let icon = fs::File::open(&file).with_context(|| format!("{file} is not there"))?;
        let reader = png::Decoder::new(std::io::BufReader::new(icon)).read_info()?;
        ensure!(reader.info().size() == (size, size), "{file} is not as large as it says");
    }
    for (file, sign) in [
        ("/usr/share/icons/hicolor/scalable/apps/patchbay.svg", "<svg"),
        ("/usr/share/doc/patchbay/copyright", "License: Expat or Apache-2.0"),
        ("/usr/share/patchbay/third-party-licences.txt", "- tauri 2."),
        ("/usr/share/patchbay/third-party-licences.txt", "- yew 0."),
        ("/usr/share/patchbay/patchbay.cdx.json", "\"bomFormat\": \"CycloneDX\""),
        ("/usr/share/patchbay/patchbay-ui.cdx.json", "\"bomFormat\": \"CycloneDX\""),
    ] {
        let text = fs::read_to_string(file).with_context(|| format!("{file} cannot be read"))?;
        ensure!(text.contains(sign), "{file} does not hold {sign:?}");
    }
    let version = process::output(process::command(PROGRAM).arg("--version"))?;
    ensure!(version.ends_with(env!("CARGO_PKG_VERSION")), "the installed program says it is {version:?}");
    let symbols = process::output(process::command("readelf").args(["--sections", "--wide", PROGRAM]))?;
    ensure!(!symbols.contains(".symtab"), "the installed program has its symbols");
    say(format_args!(
        "  {version}, {} icons, menu entry, metadata and papers are in place",
        ICON_SIZES.len() + 1
    ));
    Ok(())
}

/// One link that starts the application, one for the application that runs.
fn open_links(home: &Home) -> Result<()> {
    let display = Display::start(1280, 860)?;
    let bus = SessionBus::start(home, &display)?;
    let _keyring = Keyring::start(home, &bus)?;
    let on_desktop = |program: &str, arguments: &[&str]| {
        let mut command = process::command(program);
        desktop::enter(&mut command, &display, home, &bus);
        command.args(arguments);
        command
    };
    let open = |link: &str| {
        Background::start(on_desktop("xdg-open", &[link]).stdout(Stdio::null()).stderr(Stdio::null()))
    };
    let scheme = format!("x-scheme-handler/{SCHEME}");
    let handler = process::output(&mut on_desktop("xdg-mime", &["query", "default", &scheme]))?;
    ensure!(handler == "patchbay.desktop", "links are opened by {handler:?}");

    let began = Instant::now();
    let secret = "a-code-that-nobody-may-read";
    let cold = format!("{SCHEME}://oauth/callback?code={secret}&state=8c1b4a52-53a3-4d6e-9a0e-0c7d5c1f6f10");
    let opened = open(&cold)?;
    until("the application to start and take its link", || Ok(remarks(home)? == 1))?;
    let first = running(home)?;
    ensure!(first.len() == 1, "one process of the application runs, not {first:?}");
    say(format_args!(
        "  cold: the application started and took the link after {} ms",
        began.elapsed().as_millis()
    ));

    let began = Instant::now();
    // Another fault than the first link's: the same remark twice in a row is made once.
    let warm = format!("{SCHEME}://oauth/callback?code={secret}");
    let mut handed_over = open(&warm)?;
    until("the running application to take the second link", || Ok(remarks(home)? == 2))?;
    until("the second process to end", || Ok(!handed_over.is_running()))?;
    ensure!(running(home)? == first, "the application that ran is the one that runs, alone");
    ensure!(!log(home)?.contains(secret), "what a link holds is not logged");
    say(format_args!("  warm: the running one took the link after {} ms", began.elapsed().as_millis()));

    for id in first {
        ensure!(process::ask_to_end(id), "the application cannot be asked to end");
    }
    until("the application to end", || Ok(running(home)?.is_empty()))?;
    drop(opened);
    Ok(())
}

/// What the application has logged so far.
fn log(home: &Home) -> Result<String> {
    let folder = home.data().join(SCHEME).join("logs");
    let mut text = String::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        text.push_str(&fs::read_to_string(entry?.path())?);
    }
    Ok(text)
}

fn remarks(home: &Home) -> Result<usize> {
    Ok(log(home)?.matches(REMARK).count())
}

/// The processes of the installed program that live in this home.
fn running(home: &Home) -> Result<Vec<u32>> {
    let lives_here = format!("HOME={}", home.path().display());
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc")?.flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let is_program = fs::read_link(entry.path().join("exe")).is_ok_and(|exe| exe == Path::new(PROGRAM));
        // Those of other people cannot be read, and are none of ours.
        let environment = fs::read(entry.path().join("environ")).unwrap_or_default();
        if is_program && environment.split(|byte| *byte == 0).any(|entry| entry == lives_here.as_bytes()) {
            found.push(id);
        }
    }
    Ok(found)
}

/// Polls until it is so.
fn until(what: &str, mut is_so: impl FnMut() -> Result<bool>) -> Result<()> {
    let began = Instant::now();
    while !is_so()? {
        if began.elapsed() > PATIENCE {
            bail!("waited {} s in vain for {what}", PATIENCE.as_secs());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

fn nothing_is_left(before: &BTreeSet<PathBuf>, home: &Home) -> Result<()> {
    let after = files();
    let left: Vec<_> = after.difference(before).collect();
    ensure!(left.is_empty(), "the package is gone, and left {left:?}");
    let gone: Vec<_> = before.difference(&after).collect();
    ensure!(gone.is_empty(), "with the package went what was not its own: {gone:?}");
    let mut question: Command = process::command("grep");
    question.args([
        "--recursive",
        "--files-with-matches",
        "--fixed-strings",
        SCHEME,
        "/usr/share/applications",
    ]);
    ensure!(process::output(&mut question).is_err(), "the scheme is still registered");
    ensure!(system::missing(&[NAME])? == [NAME], "dpkg still knows the package");
    let database = home.data().join(SCHEME).join("patchbay.db");
    ensure!(database.is_file(), "the person's data stays: {} is not there", database.display());
    say(format_args!(
        "  of {} files and folders none came, none went; the person's data is still there",
        after.len()
    ));
    Ok(())
}
