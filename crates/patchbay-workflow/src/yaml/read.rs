//! From events to the tree. Bounded in depth; a text that is no YAML gives the place where it stops being one.

use std::collections::HashMap;
use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use super::tree::{Entry, Item, Kind, Node, NodeId, Tree};
use patchbay_texts::t;

/// How deep a document may be nested. A task inside a task takes three levels, and its outline four levels of
/// JSON, of which readers commonly take 128.
pub(super) const DEEPEST: usize = 80;

/// Why a text cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Broken {
    /// Byte offset.
    pub(crate) at: usize,
    /// In the parser's words.
    pub(crate) what: String,
}

/// What was read.
#[derive(Debug, Clone)]
pub(crate) struct Read {
    pub(crate) tree: Tree,
    /// Where a second document begins, which is not read.
    pub(crate) second: Option<usize>,
}

/// Reads the first document of a text.
pub(crate) fn read(text: &str) -> Result<Read, Broken> {
    let offsets = Offsets::of(text);
    let mut builder = Builder::new(text);
    let mut documents = 0;
    let mut second = None;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| Broken {
            at: offsets.byte(error.marker().index()),
            what: error.info().to_owned(),
        })?;
        let span = offsets.byte(span.start.index())..offsets.byte(span.end.index());
        match event {
            Event::DocumentStart(_) => {
                documents += 1;
                if documents > 1 {
                    second = Some(span.start);
                    break;
                }
            }
            event => builder.take(event, span)?,
        }
    }
    Ok(Read { tree: builder.finish(), second })
}

/// From the parser's offsets, which count characters, to bytes.
struct Offsets {
    /// Empty for a text of ASCII alone.
    bytes: Vec<u32>,
    end: usize,
}

impl Offsets {
    fn of(text: &str) -> Self {
        let bytes = if text.is_ascii() {
            Vec::new()
        } else {
            text.char_indices().map(|(at, _)| u32::try_from(at).unwrap_or(u32::MAX)).collect()
        };
        Self { bytes, end: text.len() }
    }

    fn byte(&self, character: usize) -> usize {
        if self.bytes.is_empty() {
            return character.min(self.end);
        }
        self.bytes.get(character).map_or(self.end, |byte| *byte as usize)
    }
}

struct Builder<'a> {
    text: &'a str,
    nodes: Vec<Node>,
    root: Option<NodeId>,
    /// Collections that are open, the innermost last, each with a key that waits for its value.
    open: Vec<(NodeId, Option<NodeId>)>,
    anchors: HashMap<usize, NodeId>,
}

impl<'a> Builder<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, nodes: Vec::new(), root: None, open: Vec::new(), anchors: HashMap::new() }
    }

    fn take(&mut self, event: Event<'_>, span: Range<usize>) -> Result<(), Broken> {
        match event {
            Event::Alias(anchor) => {
                let target = self.anchors.get(&anchor).copied();
                let id = self.add(span, Kind::Alias(target), None);
                self.place(id);
            }
            Event::Scalar(text, style, anchor, tag) => {
                let id = self.add(span, Kind::Scalar { text: text.into_owned(), style }, tag.as_deref());
                self.name(anchor, id);
                self.place(id);
            }
            Event::SequenceStart(anchor, tag) => {
                let kind = Kind::Seq { items: Vec::new(), flow: false };
                self.enter(span, kind, anchor, tag.as_deref())?;
            }
            Event::MappingStart(anchor, tag) => {
                let kind = Kind::Map { entries: Vec::new(), flow: false };
                self.enter(span, kind, anchor, tag.as_deref())?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some((id, _)) = self.open.pop() {
                    self.close(id, span);
                    self.place(id);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn finish(mut self) -> Tree {
        let root = self.root.unwrap_or_else(|| {
            let end = self.text.len();
            self.add(end..end, Kind::Scalar { text: String::new(), style: ScalarStyle::Plain }, None)
        });
        Tree { nodes: self.nodes, root }
    }

    fn add(&mut self, span: Range<usize>, kind: Kind, tag: Option<&Tag>) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        let tag = tag.map(|tag| format!("{}{}", tag.handle, tag.suffix));
        let content = span.start;
        self.nodes.push(Node { span, content, kind, parent: None, tag });
        id
    }

    fn name(&mut self, anchor: usize, id: NodeId) {
        if anchor > 0 {
            self.anchors.insert(anchor, id);
        }
    }

    fn enter(
        &mut self,
        span: Range<usize>,
        kind: Kind,
        anchor: usize,
        tag: Option<&Tag>,
    ) -> Result<(), Broken> {
        if self.open.len() >= DEEPEST {
            return Err(Broken {
                at: span.start,
                what: t!("it is nested more than {limit} levels deep", limit = DEEPEST),
            });
        }
        // The parser has a sequence at the column of its key begin behind the first dash.
        let start = self.mark().map_or(span.start, |mark| self.next_token(mark + 1).min(span.start));
        let id = self.add(start..span.end, kind, tag);
        self.name(anchor, id);
        self.open.push((id, None));
        Ok(())
    }

    /// Gives a collection its style and its end.
    fn close(&mut self, id: NodeId, end: Range<usize>) {
        let start = self.nodes[id.0 as usize].span.start;
        let content = self.after_properties(start);
        let opener = self.text.as_bytes().get(content).copied();
        let last = match &self.nodes[id.0 as usize].kind {
            Kind::Seq { items, .. } => items.last().map(|item| item.node),
            Kind::Map { entries, .. } => entries.last().map(|entry| entry.value),
            _ => None,
        };
        let is_flow = match self.nodes[id.0 as usize].kind {
            Kind::Seq { .. } => opener == Some(b'['),
            _ => opener == Some(b'{') && !self.starts_a_key(id, content),
        };
        let end = if is_flow {
            // The parser counts the white space and the comment behind the bracket in.
            end.start + 1
        } else {
            last.map_or(content, |last| self.nodes[last.0 as usize].span.end)
        };
        let node = &mut self.nodes[id.0 as usize];
        node.span.end = end.max(start);
        node.content = content;
        match &mut node.kind {
            Kind::Seq { flow, .. } | Kind::Map { flow, .. } => *flow = is_flow,
            _ => {}
        }
    }

    /// Whether what begins at `content` is the first key of a mapping in block style that is itself a mapping.
    fn starts_a_key(&self, map: NodeId, content: usize) -> bool {
        match &self.nodes[map.0 as usize].kind {
            Kind::Map { entries, .. } => entries.first().is_some_and(|first| {
                let key = &self.nodes[first.key.0 as usize];
                key.span.start == content && !matches!(key.kind, Kind::Scalar { .. })
            }),
            _ => false,
        }
    }

    /// Puts a finished node where it belongs.
    fn place(&mut self, id: NodeId) {
        let mark = self.mark();
        let Some((parent, key)) = self.open.last_mut() else {
            self.settle(id, None);
            self.root.get_or_insert(id);
            return;
        };
        let parent = *parent;
        let index = match &mut self.nodes[parent.0 as usize].kind {
            Kind::Seq { items, .. } => {
                items.push(Item { node: id, dash: mark });
                items.len() - 1
            }
            Kind::Map { entries, .. } => {
                let Some(key) = key.take() else {
                    *key = Some(id);
                    self.settle(id, None);
                    return;
                };
                entries.push(Entry { key, value: id, colon: mark });
                entries.len() - 1
            }
            Kind::Scalar { .. } | Kind::Alias(_) => return,
        };
        self.nodes[id.0 as usize].parent = Some((parent, index));
        self.settle(id, mark.map(|mark| mark + 1));
    }

    /// Where the dash or colon of the node is that comes next; nothing where it has none.
    fn mark(&self) -> Option<usize> {
        let (parent, key) = self.open.last()?;
        let parent = &self.nodes[parent.0 as usize];
        let bytes = self.text.as_bytes();
        match (&parent.kind, key) {
            (Kind::Seq { items, .. }, _) => {
                let from = match items.last() {
                    Some(last) => self.nodes[last.node.0 as usize].span.end,
                    None => self.after_properties(parent.span.start),
                };
                let at = self.next_token(from);
                let follows_space = bytes.get(at + 1).is_none_or(u8::is_ascii_whitespace);
                (bytes.get(at) == Some(&b'-') && follows_space).then_some(at)
            }
            (Kind::Map { .. }, Some(key)) => {
                let key = &self.nodes[key.0 as usize].span;
                let at = self.next_token(key.end);
                let is_marked = self.text[..key.start].trim_end_matches(' ').ends_with('?') || key.is_empty();
                (bytes.get(at) == Some(&b':') && !is_marked).then_some(at)
            }
            _ => None,
        }
    }

    /// Corrects the span of a scalar: an empty one stands directly behind its colon or dash; one in quotes ends
    /// with them; one in block style begins at its `|` and ends with its text.
    fn settle(&mut self, id: NodeId, after: Option<usize>) {
        let node = &self.nodes[id.0 as usize];
        let Kind::Scalar { style, .. } = &node.kind else { return };
        let span = node.span.clone();
        let span = match style {
            ScalarStyle::Plain if span.is_empty() => after.map_or(span, |after| after..after),
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => {
                span.start..self.after_quotes(self.after_properties(span.start)).min(span.end)
            }
            ScalarStyle::Literal | ScalarStyle::Folded => {
                let start = after.map_or(span.start, |after| self.next_token(after)).min(span.start);
                let header = self.text[self.after_properties(start)..].lines().next().unwrap_or("");
                let keeps = header.split('#').next().is_some_and(|header| header.contains('+'));
                let all = &self.text[start..span.end];
                let trimmed = all.trim_end();
                let end = if keeps {
                    // The white space before the next token is no part of it.
                    all.rfind('\n').map_or(all.len(), |at| at + 1).max(trimmed.len())
                } else {
                    trimmed.len()
                };
                start..start + end
            }
            _ => span,
        };
        let content = self.after_properties(span.start).min(span.end);
        let node = &mut self.nodes[id.0 as usize];
        node.span = span;
        node.content = content;
    }

    /// Past a text in quotes.
    fn after_quotes(&self, start: usize) -> usize {
        let bytes = self.text.as_bytes();
        let quote = bytes.get(start).copied();
        let mut at = start + 1;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'\\' if quote == Some(b'"') => at += 1,
                b'\'' if quote == Some(b'\'') && bytes.get(at + 1) == Some(&b'\'') => at += 1,
                byte if Some(*byte) == quote => return at + 1,
                _ => {}
            }
            at += 1;
        }
        at
    }

    /// Past an anchor and a tag.
    fn after_properties(&self, mut at: usize) -> usize {
        while let Some(b'&' | b'!') = self.text.as_bytes().get(at) {
            let rest = &self.text[at..];
            at += rest.find(char::is_whitespace).unwrap_or(rest.len());
            at = self.next_token(at);
        }
        at
    }

    /// Past white space, line ends and comments.
    fn next_token(&self, mut at: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut may_comment = at == 0 || bytes.get(at - 1).is_none_or(u8::is_ascii_whitespace);
        while let Some(byte) = bytes.get(at) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => may_comment = true,
                b'#' if may_comment => {
                    at += self.text[at..].find('\n').unwrap_or(self.text.len() - at);
                    continue;
                }
                _ => break,
            }
            at += 1;
        }
        at
    }
}
