//! From the tree to the value it means: anchors, aliases and merged mappings resolved. Bounded, since aliases
//! of aliases can stand for more than any memory holds.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::read::DEEPEST;
use super::scalar;
use super::tree::{Kind, NodeId, Tree};

/// How many values a document may mean.
const MOST_VALUES: usize = 400_000;

/// How many bytes its texts may have in all.
const MOST_BYTES: usize = 32 * 1024 * 1024;

/// Something about a value that YAML allows and a document should not have, or the other way round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Remark {
    /// Where.
    pub(crate) node: NodeId,
    pub(crate) kind: RemarkKind,
}

/// What it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RemarkKind {
    /// A key is there twice; the last one counts.
    DuplicateKey(String),
    /// A key is no text, number or the like.
    KeyIsNoText,
    /// `.inf` or `.nan`: read as text.
    NoJsonNumber,
    /// A tag that is not one of the core schema: passed over.
    UnknownTag(String),
    /// A `!!int` and the like on something that is none: read as text.
    TagDoesNotFit(String),
    /// An alias inside of what it stands for.
    EndlessAlias,
    /// A `<<` with something else than mappings.
    MergeOfNoMapping,
    /// Aliases make the document too large, or too deep.
    TooMuch,
}

/// The value of a tree, and what there is to say about it. No value where it would be endless or too large.
pub(crate) fn resolve(tree: &Tree) -> (Option<Value>, Vec<Remark>) {
    let mut resolver =
        Resolver { tree, remarks: Vec::new(), seen: HashSet::new(), open: Vec::new(), values: 0, bytes: 0 };
    let value = resolver.value(tree.root());
    (value, resolver.remarks)
}

struct Resolver<'a> {
    tree: &'a Tree,
    remarks: Vec<Remark>,
    /// Nodes remarked upon: an alias makes the resolver come by again.
    seen: HashSet<NodeId>,
    /// Nodes being resolved.
    open: Vec<NodeId>,
    values: usize,
    bytes: usize,
}

impl Resolver<'_> {
    fn remark(&mut self, node: NodeId, kind: RemarkKind) {
        if self.seen.insert(node) {
            self.remarks.push(Remark { node, kind });
        }
    }

    fn value(&mut self, id: NodeId) -> Option<Value> {
        let target = self.tree.target(id);
        let node = self.tree.node(target);
        self.values += 1;
        if let Kind::Scalar { text, .. } = &node.kind {
            self.bytes += text.len();
        }
        if self.values > MOST_VALUES || self.bytes > MOST_BYTES {
            self.remark(id, RemarkKind::TooMuch);
            return None;
        }
        match &node.kind {
            Kind::Scalar { text, style } => {
                let is_plain = *style == saphyr_parser::ScalarStyle::Plain;
                Some(self.scalar(target, text, is_plain, node.tag.as_deref()))
            }
            // An alias to an alias, or to what is still open.
            Kind::Alias(_) => {
                self.remark(id, RemarkKind::EndlessAlias);
                None
            }
            Kind::Seq { .. } | Kind::Map { .. } => {
                // An alias to an alias to an alias nests what is written flatly.
                if self.open.len() >= DEEPEST {
                    self.remark(id, RemarkKind::TooMuch);
                    return None;
                }
                if self.open.contains(&target) {
                    self.remark(id, RemarkKind::EndlessAlias);
                    return None;
                }
                self.check_tag(target, node.tag.as_deref());
                self.open.push(target);
                let value = match &node.kind {
                    Kind::Seq { items, .. } => items
                        .iter()
                        .map(|item| self.value(item.node))
                        .collect::<Option<_>>()
                        .map(Value::Array),
                    _ => self.map(target),
                };
                self.open.pop();
                value
            }
        }
    }

    fn map(&mut self, id: NodeId) -> Option<Value> {
        let mut map = Map::new();
        for entry in self.tree.entries(id) {
            let Some(key) = self.tree.text(entry.key) else {
                self.remark(entry.key, RemarkKind::KeyIsNoText);
                continue;
            };
            if key == "<<" {
                continue;
            }
            let value = self.value(entry.value)?;
            if map.insert(key.to_owned(), value).is_some() {
                self.remark(entry.key, RemarkKind::DuplicateKey(key.to_owned()));
            }
        }
        for base in self.tree.merged(id) {
            match self.value(base)? {
                Value::Object(merged) => {
                    for (key, value) in merged {
                        map.entry(key).or_insert(value);
                    }
                }
                _ => self.remark(id, RemarkKind::MergeOfNoMapping),
            }
        }
        Some(Value::Object(map))
    }

    fn scalar(&mut self, id: NodeId, text: &str, is_plain: bool, tag: Option<&str>) -> Value {
        let as_text = || Value::String(text.to_owned());
        let core = tag.and_then(|tag| tag.strip_prefix("tag:yaml.org,2002:"));
        match (core, tag) {
            (Some("str"), _) | (None, Some("!")) => as_text(),
            (Some(kind @ ("int" | "float" | "bool" | "null")), _) => {
                let value = scalar::plain(text);
                let fits = match (&value, kind) {
                    (Some(Value::Number(number)), "int") => number.is_i64() || number.is_u64(),
                    (Some(Value::Number(_)), "float")
                    | (Some(Value::Bool(_)), "bool")
                    | (Some(Value::Null), "null") => true,
                    _ => false,
                };
                if !fits {
                    self.remark(id, RemarkKind::TagDoesNotFit(kind.to_owned()));
                    return as_text();
                }
                value.unwrap_or_else(as_text)
            }
            _ => {
                self.check_tag(id, tag);
                if !is_plain {
                    return as_text();
                }
                scalar::plain(text).unwrap_or_else(|| {
                    self.remark(id, RemarkKind::NoJsonNumber);
                    as_text()
                })
            }
        }
    }

    fn check_tag(&mut self, id: NodeId, tag: Option<&str>) {
        if let Some(tag) = tag
            && !matches!(tag, "tag:yaml.org,2002:map" | "tag:yaml.org,2002:seq" | "!")
        {
            self.remark(id, RemarkKind::UnknownTag(tag.to_owned()));
        }
    }
}
