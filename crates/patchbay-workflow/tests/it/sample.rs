//! The shipped catalogue, and documents in the many ways that people write them.

use std::path::Path;
use std::sync::LazyLock;

use patchbay_core::catalog::Catalog;

/// The manifests of `connectors/`.
pub(crate) fn catalog() -> &'static Catalog {
    static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../connectors");
        let manifests: Vec<_> = std::fs::read_dir(folder)
            .expect("connectors/ can be listed")
            .filter_map(|entry| {
                let path = entry.expect("connectors/ can be listed").path();
                let slug = path.file_name()?.to_str()?.strip_suffix(".toml")?.to_owned();
                Some((slug, std::fs::read_to_string(&path).expect("a manifest can be read")))
            })
            .collect();
        Catalog::from_manifests(manifests).expect("the manifests are right")
    });
    &CATALOG
}

/// Indented sequences, comments, an anchor, a block scalar.
pub(crate) const INDENTED: &str = r#"# A report.
document:
  dsl: '1.0.3'
  namespace: default   # ours
  name: report
  version: '0.1.0'

use:
  secrets: [ nango ]
  authentications:
    nango: { bearer: { use: nango } }

do:
  # First things first.
  - listIssues:
      call: http
      with:
        method: get
        endpoint: &issues
          uri: ${ "\($workflow.input.nango)/proxy/repos/octocat/{repo}/issues" }
          authentication: { use: nango }
        headers:
          Provider-Config-Key: github
          Connection-Id: ${ $workflow.input.connections.codeHost }
        query: { state: open }   # only those
      x-unknown: { kept: [1, 2,3] }
      metadata:
        patchbay: { connector: github, operation: list-issues, role: codeHost }
    # below listIssues

  - text:
      set:
        note: |
          Two lines,
            one indented.

        "quoted key": 'it''s'
      then: decide
  - decide:
      switch:
        - many:
            when: .count > 3
            then: text
        - few:
            then: end
# The end.
"#;

/// Sequences at the column of their key, double quotes, no line end at the end.
pub(crate) const FLUSH: &str = r#"---
document: {dsl: "1.0.3", namespace: default, name: flush, version: "0.1.0"}
do:
- first:
    set: {"a": 1}
- loop:
    for:
        each: item
        in: ${ .items }
    do:
    - inner:
        wait: PT1S
    # a note
    - last:
        set: { b: "${ $item }" }
- both:
    fork:
      branches:
      - left: {set: {a: 1}}
      - right: {set: {b: 2}}"#;

/// JSON, which is YAML too.
pub(crate) const JSON: &str = r#"{
  "document": { "dsl": "1.0.3", "namespace": "default", "name": "json", "version": "0.1.0" },
  "do": [
    { "one": { "set": { "a": 1 } } },
    { "two": { "do": [ { "inner": { "wait": { "seconds": 1 } } } ] } }
  ]
}
"#;

/// The three, and the first with Windows' line ends.
pub(crate) fn styles() -> Vec<String> {
    vec![INDENTED.to_owned(), FLUSH.to_owned(), JSON.to_owned(), INDENTED.replace('\n', "\r\n")]
}
