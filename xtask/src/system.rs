//! The system's packages: which are installed, and installing what is missing.

use std::collections::BTreeSet;
use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;
use crate::step::{say, step};

/// How packages are installed here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    /// Debian, Ubuntu and what derives from them.
    Apt,
    /// Another Linux: what is missing is said, not installed.
    OtherLinux,
    /// A system that brings what the build needs.
    NotLinux,
}

impl System {
    /// What this machine is.
    #[must_use]
    pub fn here() -> Self {
        if !cfg!(target_os = "linux") {
            return Self::NotLinux;
        }
        let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
        if is_debian_like(&release) && Path::new("/usr/bin/apt-get").is_file() {
            Self::Apt
        } else {
            Self::OtherLinux
        }
    }
}

/// Whether an `/etc/os-release` is that of Debian, Ubuntu, or something made from them.
fn is_debian_like(release: &str) -> bool {
    release
        .lines()
        .filter_map(|line| line.split_once('='))
        .filter(|(name, _)| matches!(*name, "ID" | "ID_LIKE"))
        .flat_map(|(_, value)| value.trim_matches('"').split_whitespace())
        .any(|word| matches!(word, "debian" | "ubuntu"))
}

/// Those of the packages that dpkg does not have installed.
///
/// # Errors
/// dpkg-query cannot be run.
pub fn missing<'a>(packages: &[&'a str]) -> Result<Vec<&'a str>> {
    let answer = process::command("dpkg-query")
        .args(["--show", "--showformat=${db:Status-Status} ${Package}\n"])
        .args(packages)
        .output()
        .context("`dpkg-query` could not be started")?;
    let text = String::from_utf8_lossy(&answer.stdout);
    let installed: BTreeSet<&str> = text.lines().filter_map(|line| line.strip_prefix("installed ")).collect();
    Ok(packages.iter().copied().filter(|package| !installed.contains(package)).collect())
}

/// Installs packages with apt: at once as root, otherwise through sudo once the person agreed.
///
/// # Errors
/// apt fails; or nobody is there to agree, in which case the error names the command to run.
pub fn install(packages: &[&str]) -> Result<()> {
    let list = packages.join(" ");
    if !is_root() {
        let command = format!("sudo apt-get update && sudo apt-get install --yes {list}");
        if !std::io::stdin().is_terminal() {
            bail!("packages are missing, and only root can install them. Run: {command}");
        }
        if !agreed(&format!("These packages are missing: {list}\nRun `{command}`?"))? {
            bail!("packages are missing: {list}");
        }
    }
    step(&format!("install {list}"), || {
        // The package lists may be new enough; fetching them costs more than trying.
        if apt(&["install", "--yes", "--no-install-recommends"], packages).is_ok() {
            return Ok(());
        }
        say("  apt could not; once more with new package lists");
        apt(&["update"], &[])?;
        apt(&["install", "--yes", "--no-install-recommends"], packages)
    })
}

fn is_root() -> bool {
    process::output(process::command("id").arg("-u")).is_ok_and(|id| id == "0")
}

/// A command that runs as root, through sudo where we are not.
#[must_use]
pub fn as_root(program: &str) -> Command {
    if is_root() {
        return process::command(program);
    }
    let mut sudo = process::command("sudo");
    sudo.arg(program);
    sudo
}

fn apt(arguments: &[&str], packages: &[&str]) -> Result<()> {
    let mut command = as_root("apt-get");
    command.arg("--quiet").args(arguments).args(packages).env("DEBIAN_FRONTEND", "noninteractive");
    process::run(&mut command)
}

fn agreed(question: &str) -> Result<bool> {
    say(format_args!("{question} [y/N]"));
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

#[cfg(test)]
mod tests {
    use super::is_debian_like;

    #[test]
    fn debian_and_its_relatives_are_known() {
        let check =
            |release: &str, expected: bool| assert_eq!(is_debian_like(release), expected, "{release}");
        check("NAME=\"Debian GNU/Linux\"\nID=debian\n", true);
        check("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", true);
        check("ID=fedora\nNAME=\"not debian\"\n", false);
        check("", false);
    }
}
