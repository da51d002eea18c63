//! Looking for secrets where none may be.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// A secret that was seen on the wire, and what it is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Secret {
    /// What it is: `session token`.
    pub what: &'static str,
    /// The text to look for.
    pub text: String,
}

/// All files below a folder; sockets, links and the like are left out, and so is what vanishes meanwhile.
///
/// # Errors
/// The folder itself cannot be read.
pub fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_owned()];
    fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    while let Some(here) = open.pop() {
        let Ok(entries) = fs::read_dir(&here) else { continue };
        for entry in entries.flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => open.push(entry.path()),
                Ok(kind) if kind.is_file() => files.push(entry.path()),
                _ => {}
            }
        }
    }
    files.sort();
    Ok(files)
}

/// How much was searched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extent {
    /// Files read.
    pub files: usize,
    /// Bytes read.
    pub bytes: usize,
}

/// Searches every file below a folder, and the command lines and environments of the given processes.
///
/// # Errors
/// A secret was found; the error says which, and where, but not what it reads.
pub fn search(folder: &Path, processes: &[u32], secrets: &[Secret]) -> Result<Extent> {
    if secrets.is_empty() || secrets.iter().any(|secret| secret.text.len() < 8) {
        bail!("there is nothing to search for, or something so short that finding it would say nothing");
    }
    let mut places = files_below(folder)?;
    for process in processes {
        places.extend(["environ", "cmdline"].map(|file| PathBuf::from(format!("/proc/{process}/{file}"))));
    }
    let mut extent = Extent::default();
    let mut found = Vec::new();
    for place in places {
        let Ok(bytes) = fs::read(&place) else { continue };
        extent.files += 1;
        extent.bytes += bytes.len();
        for secret in secrets {
            if contains(&bytes, secret.text.as_bytes()) || contains(&bytes, &utf16(&secret.text)) {
                found.push(format!("{} in {}", secret.what, place.display()));
            }
        }
    }
    if found.is_empty() { Ok(extent) } else { bail!("secrets where none may be: {}", found.join("; ")) }
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    memchr::memmem::find(bytes, wanted).is_some()
}

/// The text as a web view's own storage keeps it.
fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[cfg(test)]
mod tests {
    use super::{Secret, search, utf16};

    fn secret(text: &str) -> Secret {
        Secret { what: "key", text: text.to_owned() }
    }

    #[test]
    fn a_secret_in_a_file_is_found_in_either_encoding() {
        for content in [b"xx hunter2hunter2 yy".to_vec(), utf16("hunter2hunter2")] {
            let folder = tempfile::tempdir().unwrap();
            std::fs::create_dir(folder.path().join("deep")).unwrap();
            std::fs::write(folder.path().join("deep/file"), content).unwrap();
            let problem = search(folder.path(), &[], &[secret("hunter2hunter2")]).unwrap_err().to_string();
            assert!(problem.contains("key in"), "{problem}");
            assert!(!problem.contains("hunter2"), "the report itself must not show it");
        }
    }

    #[test]
    fn a_secret_in_a_command_line_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let own_name = std::env::args().next().unwrap();
        assert!(search(folder.path(), &[std::process::id()], &[secret(&own_name)]).is_err());
    }

    #[test]
    fn searching_for_nothing_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(search(folder.path(), &[], &[]).is_err());
        assert!(search(folder.path(), &[], &[secret("a")]).is_err());
    }
}
