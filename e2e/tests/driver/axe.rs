//! axe-core, which looks for what keeps people out: fetched once from the npm registry, in exactly one version.

use std::fs;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use patchbay_e2e::window::Window;
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha512};

const VERSION: &str = "4.10.3";
/// Of the package as the registry has it.
const SHA512: &str = "5e6edba515e70d25f6604d9815f064d859c5d1ea7ab661bbc4f87c88779ef0c2\
                      1cae0abbeb636471ef39e9d62d2582e4b88a1866f19f4ecfcf6d986275e4dc12";
/// WCAG 2.2, A and AA, and what came before it, which is part of it.
const RULES: [&str; 6] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"];

/// What looks at a page.
pub(crate) struct Axe {
    source: String,
}

/// What was found on a page.
#[derive(Deserialize)]
struct Report {
    passed: usize,
    violations: Vec<Violation>,
}

#[derive(Deserialize)]
struct Violation {
    id: String,
    help: String,
    elements: Vec<String>,
}

impl Axe {
    /// From the build folder, or the first time from the registry.
    pub(crate) async fn get() -> Result<Self> {
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("axe-core-{VERSION}.tgz"));
        let package = match fs::read(&kept) {
            Ok(package) => package,
            Err(_) => {
                let package = fetch().await.context("axe-core cannot be had from the npm registry")?;
                // What is kept is right, or the next run would find the same again.
                check(&package)?;
                let unfinished = kept.with_extension(std::process::id().to_string());
                fs::write(&unfinished, &package)?;
                fs::rename(unfinished, kept)?;
                package
            }
        };
        check(&package)?;
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(&*package));
        for entry in archive.entries()? {
            let mut entry = entry?;
            if entry.path()?.ends_with("axe.min.js") {
                let mut source = String::new();
                entry.read_to_string(&mut source)?;
                return Ok(Self { source });
            }
        }
        bail!("the package has no axe.min.js")
    }

    /// Looks at what the window shows, and says how many rules it keeps.
    pub(crate) async fn look(&self, window: &Window, what: &str) -> Result<usize> {
        const LOOK: &str = "const [rules, done] = arguments;
            axe.run(document, { runOnly: { type: 'tag', values: rules }, resultTypes: ['violations'] })
                .then((found) => done({
                    passed: found.passes.length,
                    violations: found.violations.map((violation) => ({
                        id: violation.id, help: violation.help,
                        elements: violation.nodes.slice(0, 5).map((node) => node.html.slice(0, 200) + ' ' + node.failureSummary),
                    })),
                }), (error) => done({ passed: 0, violations: [{ id: 'axe', help: String(error), elements: [] }] }));";
        let client = window.client();
        if client.execute("return typeof axe", vec![]).await? != json!("object") {
            client.execute(&self.source, vec![]).await.context("axe-core does not load")?;
        }
        let report: Report = serde_json::from_value(client.execute_async(LOOK, vec![json!(RULES)]).await?)?;
        if !report.violations.is_empty() {
            let found = report.violations.iter().map(|found| {
                format!("{}: {}\n      {}", found.id, found.help, found.elements.join("\n      "))
            });
            bail!("{what}:\n    {}", found.collect::<Vec<_>>().join("\n    "));
        }
        ensure!(report.passed > 0, "{what}: no rule was applied");
        Ok(report.passed)
    }
}

fn check(package: &[u8]) -> Result<()> {
    let hash: String = Sha512::digest(package).iter().map(|byte| format!("{byte:02x}")).collect();
    ensure!(hash == SHA512, "axe-core {VERSION} is not what it was");
    Ok(())
}

async fn fetch() -> Result<Vec<u8>> {
    // Another provider that is installed already is as good.
    drop(rustls::crypto::ring::default_provider().install_default());
    let address = format!("https://registry.npmjs.org/axe-core/-/axe-core-{VERSION}.tgz");
    let answer = reqwest::get(address).await?.error_for_status()?;
    Ok(answer.bytes().await?.to_vec())
}
