//! Texts that are no YAML, or say something that a document should not.

use patchbay_core::workflow::outline::Pointer;
use patchbay_core::workflow::problem::Severity;

use super::Problems;
use crate::yaml::{Kind, NodeId, Remark, RemarkKind, Tree};
use patchbay_texts::t;

pub(super) fn check(problems: &mut Problems<'_>) {
    let document = problems.document;
    let reading = match document.reading() {
        Ok(reading) => reading,
        Err(broken) => {
            // What the parser was at does not help; what it met does.
            let what = match broken.what.split_once(", ") {
                Some((start, what)) if start.starts_with("while ") => what,
                _ => &broken.what,
            };
            let message = t!("This is no YAML: {what}.", what);
            problems.at(Severity::Error, broken.at, Pointer::default(), message);
            return;
        }
    };
    if let Some(second) = reading.second {
        let message =
            t!("A second document begins here. A workflow is one document; only the first is read.");
        problems.at(Severity::Error, second, Pointer::default(), message.to_owned());
    }
    for remark in &reading.remarks {
        let (severity, message) = worded(remark);
        let pointer = pointer_to(&reading.tree, remark.node);
        problems.at(severity, reading.tree.node(remark.node).span.start, pointer, message);
    }
}

fn worded(remark: &Remark) -> (Severity, String) {
    let error = |message: &str| (Severity::Error, message.to_owned());
    match &remark.kind {
        RemarkKind::DuplicateKey(key) => {
            (Severity::Error, t!("“{key}” is here twice. Remove one of them, or give it another name.", key))
        }
        RemarkKind::KeyIsNoText => error(t!("A member's name has to be a text.")),
        RemarkKind::NoJsonNumber => (
            Severity::Warning,
            t!("JSON has no such number, so it is read as a text. Put it in quotes.").to_owned(),
        ),
        RemarkKind::UnknownTag(tag) => {
            (Severity::Warning, t!("The tag {tag} means nothing in a workflow and is passed over.", tag))
        }
        RemarkKind::TagDoesNotFit(kind) => {
            (Severity::Error, t!("This is marked as !!{kind} and is none.", kind))
        }
        RemarkKind::EndlessAlias => {
            error(t!("This alias stands for something that contains the alias itself."))
        }
        RemarkKind::MergeOfNoMapping => error(t!("“<<” can only take in mappings.")),
        RemarkKind::TooMuch => {
            error(t!("With its aliases filled in, the document is too large or too deep."))
        }
    }
}

/// The pointer to a node, or to the collection whose key it is.
fn pointer_to(tree: &Tree, mut node: NodeId) -> Pointer {
    let mut steps = Vec::new();
    while let Some((parent, index)) = tree.node(node).parent {
        steps.push(match &tree.node(parent).kind {
            Kind::Map { entries, .. } => {
                entries.get(index).and_then(|entry| tree.text(entry.key)).unwrap_or_default().to_owned()
            }
            _ => index.to_string(),
        });
        node = parent;
    }
    steps.iter().rev().fold(Pointer::default(), |pointer, step| pointer.child(step))
}
