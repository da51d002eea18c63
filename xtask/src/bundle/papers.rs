//! What comes with the program about what it is made of: bills of materials, and the licences of others.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{dated, folder};
use crate::process;
use crate::project::Project;
use crate::step::{say, step};
use crate::tool::Tool;
use crate::wasm::TARGET;

const CYCLONEDX: Tool = Tool { name: "cargo-cyclonedx", series: "0.5", features: "" };
const ABOUT: Tool = Tool { name: "cargo-about", series: "0.9", features: "cli" };

/// What cargo-cyclonedx calls its files; it puts one beside each manifest of the workspace.
const BILL: &str = "bom.json";

/// How the list of licences is laid out.
const TEMPLATE: &str = "packaging/third-party-licences.hbs";

/// One of the two programs that the package holds; the second is inside the first.
struct Part {
    what: &'static str,
    package: &'static str,
    manifest: &'static str,
    target: String,
}

/// Makes the files that `[package.metadata.deb]` in `Cargo.toml` takes from the folder of the package.
///
/// # Errors
/// A tool cannot be installed, or finds a licence that is not accepted.
pub(super) fn make(project: &Project) -> Result<()> {
    fs::create_dir_all(folder(project))?;
    let parts = [
        Part { what: "The program", package: "patchbay", manifest: "Cargo.toml", target: native()? },
        Part {
            what: "The window inside it",
            package: "patchbay-ui",
            manifest: "src-ui/Cargo.toml",
            target: TARGET.to_owned(),
        },
    ];
    let cyclonedx = CYCLONEDX.ensure(project)?;
    step("make the bills of materials", || {
        parts.iter().try_for_each(|part| bill(project, &cyclonedx, part))
    })?;
    let result = folder(project).join("third-party-licences.txt");
    if is_up_to_date(project, &result) {
        return Ok(());
    }
    let about = ABOUT.ensure(project)?;
    step("collect the licences of others", || {
        // The tool works offline, and wants to see what is for other systems too.
        process::run(project.cargo("fetch").arg("--locked"))?;
        let texts = parts.iter().map(|part| licences(project, &about, part)).collect::<Result<String>>()?;
        fs::write(&result, texts)?;
        Ok(())
    })
}

/// Whether the licences were collected after all that decides about them; it takes minutes.
fn is_up_to_date(project: &Project, result: &Path) -> bool {
    let changed = |file: &Path| fs::metadata(file).and_then(|data| data.modified()).ok();
    let sources = ["Cargo.lock", "packaging/about.toml", TEMPLATE];
    let made = changed(result);
    sources.iter().all(|source| made > changed(&project.root().join(source)))
}

fn native() -> Result<String> {
    process::output(process::command("rustc").args(["--print", "host-tuple"]))
}

fn bill(project: &Project, tool: &Path, part: &Part) -> Result<()> {
    let mut command = process::command(tool);
    command.current_dir(project.root()).args(["cyclonedx", "--quiet", "--format", "json"]);
    command.args(["--spec-version", "1.5", "--no-build-deps", "--override-filename", "bom"]);
    command.args(["--target", &part.target]);
    process::run(dated(&mut command, project))?;
    let mut found = None;
    for manifest in manifests(project)? {
        let file = manifest.with_file_name(BILL);
        let text = fs::read_to_string(&file)?;
        fs::remove_file(&file)?;
        if manifest == project.root().join(part.manifest) {
            found = Some(text);
        }
    }
    let text = found.with_context(|| format!("cargo-cyclonedx made no bill for {}", part.package))?;
    // Where the project was built is nobody's business, and would make two builds differ.
    let text = text.replace(&project.root().display().to_string(), "");
    let bill: serde_json::Value = serde_json::from_str(&text)?;
    let count = bill["components"].as_array().map_or(0, Vec::len);
    fs::write(folder(project).join(format!("{}.cdx.json", part.package)), text)?;
    say(format_args!("  {}: {count} components", part.what));
    Ok(())
}

/// The manifests of all members of the workspace.
fn manifests(project: &Project) -> Result<Vec<PathBuf>> {
    let mut metadata = project.cargo("metadata");
    let answer = process::output(metadata.args(["--no-deps", "--format-version", "1", "--locked"]))?;
    let answer: serde_json::Value = serde_json::from_str(&answer)?;
    let packages = answer["packages"].as_array().context("cargo metadata lists packages")?;
    Ok(packages.iter().filter_map(|package| package["manifest_path"].as_str()).map(PathBuf::from).collect())
}

fn licences(project: &Project, tool: &Path, part: &Part) -> Result<String> {
    let mut command = process::command(tool);
    command.current_dir(project.root()).args(["generate", "--frozen", "--fail", "--target", &part.target]);
    command.arg("--config").arg(project.root().join("packaging/about.toml"));
    command.arg("--manifest-path").arg(project.root().join(part.manifest));
    let text = process::output(command.arg(project.root().join(TEMPLATE)))?;
    Ok(format!("{} contains the following works of others.\n\n{text}\n\n", part.what))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    /// The quoted words of one list in a text of TOML.
    fn list<'a>(text: &'a str, name: &str) -> BTreeSet<&'a str> {
        let (_, rest) = text.split_once(&format!("{name} = [")).expect("the list is there");
        let (inside, _) = rest.split_once("\n]").expect("the list ends");
        inside.split('"').skip(1).step_by(2).collect()
    }

    #[test]
    fn the_same_licences_are_accepted_everywhere() {
        let deny = list(include_str!("../../../deny.toml"), "\nallow");
        let about = list(include_str!("../../../packaging/about.toml"), "\naccepted");
        assert!(deny.contains("MIT"), "{deny:?}");
        assert_eq!(deny, about);
    }

    #[test]
    fn the_metadata_tells_this_version() {
        let metadata = include_str!("../../../packaging/linux/app.patchbay.desktop.metainfo.xml");
        let (_, release) = metadata.split_once("<release version=\"").expect("a release");
        assert!(
            release.starts_with(concat!(env!("CARGO_PKG_VERSION"), "\"")),
            "the first release in the metadata is that of the workspace"
        );
    }
}
