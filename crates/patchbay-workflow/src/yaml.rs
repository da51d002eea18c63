//! YAML as far as editing needs it: a tree that knows where each of its nodes stands in the text, the values
//! it means, and the writing of new pieces.
//!
//! The ground is `saphyr-parser`: events with their places, of a parser that keeps to YAML 1.2 and is pure
//! Rust. Two editors were weighed against a tree of our own. `yamlpatch` parses with tree-sitter, which is C
//! and has no block style of its own for what it inserts; `yaml-edit` has a lenient grammar of its own, so that
//! a text it can edit need not be one that other engines can read. Both would leave it to us to find out
//! whether anything else had changed; with that done here, what is left of an editor is small.

mod lines;
mod read;
mod resolve;
mod scalar;
mod splice;
mod tree;
mod write;

pub(crate) use lines::Lines;
pub(crate) use read::{Broken, read};
pub(crate) use resolve::{Remark, RemarkKind, resolve};
pub(crate) use splice::{Refusal, Splice, Splicer};
pub(crate) use tree::{Kind, NodeId, Tree};
pub(crate) use write::{Yaml, line};
