//! The tree of a document's first YAML document, each node with its place.

use std::ops::Range;

use saphyr_parser::ScalarStyle;

/// A node of a [`Tree`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NodeId(pub(super) u32);

/// All nodes, the root among them.
#[derive(Debug, Clone)]
pub(crate) struct Tree {
    pub(super) nodes: Vec<Node>,
    pub(super) root: NodeId,
}

/// A node and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// Byte offsets. Begins with the anchor and tag, if there are any; ends with the last byte that belongs to
    /// the node, so before the line's end, except for a block scalar that keeps its line ends.
    pub(crate) span: Range<usize>,
    /// Where it begins behind its anchor and tag.
    pub(crate) content: usize,
    pub(crate) kind: Kind,
    /// The collection it is in, and its position there; a key has none.
    pub(crate) parent: Option<(NodeId, usize)>,
    /// `!!str` as `tag:yaml.org,2002:str`, `!mine` as it is.
    pub(crate) tag: Option<String>,
}

/// What a node is.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// A text, a number, nothing: the text as YAML reads it, before it is given a type.
    Scalar { text: String, style: ScalarStyle },
    /// A sequence.
    Seq { items: Vec<Item>, flow: bool },
    /// A mapping.
    Map { entries: Vec<Entry>, flow: bool },
    /// `*name`: the node it stands for; nothing where that could not be told.
    Alias(Option<NodeId>),
}

/// One item of a sequence.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Item {
    pub(crate) node: NodeId,
    /// Where its dash is; nothing in flow style, or where none was found.
    pub(crate) dash: Option<usize>,
}

/// One member of a mapping.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) key: NodeId,
    pub(crate) value: NodeId,
    /// Where its colon is; nothing for a key without one, or a key written with `?`.
    pub(crate) colon: Option<usize>,
}

/// Where a pointer leads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    pub(crate) node: NodeId,
    /// The mapping's entry or the sequence's item it is; nothing for the root.
    pub(crate) parent: Option<(NodeId, usize)>,
    /// Whether an alias was followed on the way, so that the place stands for several.
    pub(crate) shared: bool,
}

impl Tree {
    pub(crate) fn root(&self) -> NodeId {
        self.root
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// The node itself, or what an alias stands for.
    pub(crate) fn target(&self, id: NodeId) -> NodeId {
        match self.node(id).kind {
            Kind::Alias(Some(target)) => target,
            _ => id,
        }
    }

    /// The text of a scalar, an alias followed.
    pub(crate) fn text(&self, id: NodeId) -> Option<&str> {
        match &self.node(self.target(id)).kind {
            Kind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The entries of a mapping; none for anything else. No alias is followed.
    pub(crate) fn entries(&self, id: NodeId) -> &[Entry] {
        match &self.node(id).kind {
            Kind::Map { entries, .. } => entries,
            _ => &[],
        }
    }

    /// The items of a sequence; none for anything else. No alias is followed.
    pub(crate) fn items(&self, id: NodeId) -> &[Item] {
        match &self.node(id).kind {
            Kind::Seq { items, .. } => items,
            _ => &[],
        }
    }

    /// The position of the entry that counts for a key: the last one, as where a key is there twice.
    pub(crate) fn entry(&self, map: NodeId, key: &str) -> Option<usize> {
        self.entries(map).iter().rposition(|entry| self.text(entry.key) == Some(key))
    }

    /// Whether a node is an empty place, such as after `do:`.
    pub(crate) fn is_blank(&self, id: NodeId) -> bool {
        let node = self.node(id);
        node.span.is_empty() && matches!(node.kind, Kind::Scalar { .. })
    }

    /// Where what was found begins for its reader: at its key, if it has one.
    pub(crate) fn beginning(&self, found: Found) -> usize {
        let key = found.parent.and_then(|(parent, index)| self.entries(parent).get(index));
        self.node(key.map_or(found.node, |entry| entry.key)).span.start
    }

    /// Follows the segments of a pointer, through aliases and merged mappings.
    pub(crate) fn find<'a>(&self, segments: impl IntoIterator<Item = &'a str>) -> Option<Found> {
        let mut found = Found { node: self.root, parent: None, shared: false };
        for segment in segments {
            found = self.step(found, segment)?;
        }
        Some(found)
    }

    /// One segment further.
    pub(crate) fn step(&self, from: Found, segment: &str) -> Option<Found> {
        let at = self.target(from.node);
        let shared = from.shared || at != from.node;
        match &self.node(at).kind {
            Kind::Map { entries, .. } => {
                if let Some(index) = self.entry(at, segment) {
                    return Some(Found { node: entries[index].value, parent: Some((at, index)), shared });
                }
                self.merged(at)
                    .filter_map(|base| {
                        let index = self.entry(base, segment)?;
                        let node = self.entries(base)[index].value;
                        Some(Found { node, parent: Some((base, index)), shared: true })
                    })
                    .next()
            }
            Kind::Seq { items, .. } => {
                let index = segment.parse::<usize>().ok()?;
                Some(Found { node: items.get(index)?.node, parent: Some((at, index)), shared })
            }
            _ => None,
        }
    }

    /// The mappings that `<<` merges into one, those that count more first.
    pub(crate) fn merged(&self, map: NodeId) -> impl Iterator<Item = NodeId> {
        let bases = self.entry(map, "<<").map(|index| self.entries(map)[index].value);
        bases.into_iter().flat_map(|value| {
            let value = self.target(value);
            match &self.node(value).kind {
                Kind::Seq { items, .. } => items.iter().map(|item| self.target(item.node)).collect(),
                _ => vec![value],
            }
        })
    }
}
