//! The list of packages in About is what cargo says goes into the program.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use patchbay_engine::Answers;
use patchbay_ipc::ListLicences;

use crate::harness::Harness;

const REWRITE: &str = "PATCHBAY_WRITE_DOCS";

#[tokio::test]
async fn licences_are_those_of_the_packages_in_the_program() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut lines = BTreeSet::new();
    // What a Linux program and its window are made of; other systems add what is their own.
    for (package, target) in
        [("patchbay", "x86_64-unknown-linux-gnu"), ("patchbay-ui", "wasm32-unknown-unknown")]
    {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(&root).args([
            "tree",
            "--locked",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--no-dedupe",
        ]);
        cargo.args(["--format", "{p}\t{l}", "--package", package, "--target", target]);
        let told = cargo.output().expect("cargo runs");
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
        for line in String::from_utf8_lossy(&told.stdout).lines().filter(|line| !line.is_empty()) {
            let (package, licence) = line.split_once('\t').expect("a package and its licence");
            let (name, rest) = package.split_once(" v").expect("a name and a version");
            // Those of this repository have their folder behind them.
            if !rest.contains("(/") {
                let version = rest.split(' ').next().unwrap_or_default();
                lines.insert(format!("{name}\t{version}\t{licence}"));
            }
        }
    }
    let list = lines.into_iter().collect::<Vec<_>>().join("\n") + "\n";
    let file = root.join("packaging/licences.tsv");
    if std::env::var_os(REWRITE).is_some() {
        std::fs::write(&file, &list).expect("written");
    }
    let written = std::fs::read_to_string(&file).expect("the list");
    assert!(written == list, "packaging/licences.tsv is not what cargo says; write it with {REWRITE}=1");

    let harness = Harness::new().await;
    let shown = harness.engine.answer(ListLicences {}).await.expect("the list");
    assert_eq!(shown.len(), list.lines().count());
    assert!(shown.iter().all(|each| !each.licence.is_empty()), "each has a licence");
}
