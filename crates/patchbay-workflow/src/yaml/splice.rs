//! Edits as splices: which bytes of a text to replace so that its tree changes in one place. What comes out has
//! to be read again and compared; nothing here is believed without that.
//!
//! Comments belong to a member or item if they stand directly above it and not deeper, on its lines, or directly
//! below it and deeper than its dash.

use std::ops::Range;

use saphyr_parser::ScalarStyle;
use serde_json::Value;

use super::tree::{Found, Kind, NodeId, Tree};
use super::write::{Rendered, Style, Yaml, literal_header, literal_lines};

/// A piece of text that takes the place of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Splice {
    range: Range<usize>,
    text: String,
}

impl Splice {
    /// The text with splices done; nothing where two of them meet.
    pub(crate) fn apply(text: &str, mut splices: Vec<Splice>) -> Option<String> {
        splices.sort_by_key(|splice| (splice.range.start, splice.range.end));
        let mut spliced = String::with_capacity(text.len());
        let mut done = 0;
        for splice in &splices {
            spliced.push_str(text.get(done..splice.range.start)?);
            spliced.push_str(&splice.text);
            done = splice.range.end;
        }
        spliced.push_str(text.get(done..)?);
        Some(spliced)
    }
}

/// Why there are no splices for an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Nothing stands there, or something that has no members.
    NotThere,
    /// It is written in a way that only its author can change.
    Style,
}

type Splices = Result<Vec<Splice>, Refusal>;

/// Makes splices for a text and its tree.
pub(crate) struct Splicer<'a> {
    text: &'a str,
    tree: &'a Tree,
    style: Style,
}

impl<'a> Splicer<'a> {
    pub(crate) fn new(text: &'a str, tree: &'a Tree) -> Self {
        Self { text, tree, style: Style::of(text, tree) }
    }

    /// Sets what a pointer leads to; mappings on the way there are made. A new member goes before the first of
    /// the members `before` that is there, else to the end; `*` is any member.
    pub(crate) fn set(&self, segments: &[&str], yaml: Yaml, before: &[&str]) -> Splices {
        let mut found = Found { node: self.tree.root(), parent: None, shared: false };
        for (depth, segment) in segments.iter().enumerate() {
            match self.own(found, segment)? {
                Some(next) => found = next,
                None => {
                    let rest = &segments[depth + 1..];
                    let yaml = rest
                        .iter()
                        .rev()
                        .fold(yaml, |inner, segment| Yaml::Map(vec![((*segment).to_owned(), inner)]));
                    return self.grow(found, segment, yaml, before);
                }
            }
        }
        self.replace(found, &yaml)
    }

    /// Takes away what a pointer leads to. The last member leaves `{}` behind, the last item `[]`.
    pub(crate) fn remove(&self, segments: &[&str]) -> Splices {
        let Some((last, above)) = segments.split_last() else { return Err(Refusal::Style) };
        let holder = self.follow(above)?;
        let found = self.own(holder, last)?.ok_or(Refusal::NotThere)?;
        let Some((parent, index)) = found.parent else { return Err(Refusal::Style) };
        match &self.tree.node(parent).kind {
            Kind::Map { entries, flow } => {
                let Some(entry) = entries.get(index) else { return Err(Refusal::NotThere) };
                if entries.len() == 1 {
                    let empty = Yaml::Value(Value::Object(serde_json::Map::new()));
                    let key = self.tree.node(entry.key).span.start;
                    let value = self.tree.node(entry.value).span.end;
                    if *flow || !self.is_below_its_holder(holder) || !self.is_first_on_line(key) {
                        return self.replace(holder, &empty);
                    }
                    let lines = self.lead(key, self.start_of_holder(parent))..self.line_end(value)?;
                    return self.emptied(holder, " {}", lines);
                }
                let start = |index: usize| self.tree.node(entries[index].key).span.start;
                let end = |index: usize| self.tree.node(entries[index].value).span.end;
                if *flow {
                    return self.cut_flow(entries.len(), index, start, end);
                }
                let at = start(index);
                if entry.colon.is_none() {
                    return Err(Refusal::Style);
                }
                if !self.is_first_on_line(at) {
                    // `- a: 1`, then `b: 2` below: the next member comes up to the dash.
                    let next = entries.get(index + 1).ok_or(Refusal::Style)?;
                    return Ok(vec![cut(at..self.tree.node(next.key).span.start)]);
                }
                let bound = self.bound_before(parent, index, end);
                Ok(vec![cut(self.lead(at, bound)..self.line_end(end(index))?)])
            }
            Kind::Seq { items, flow } => {
                if items.len() == 1 {
                    if *flow || !self.is_below_its_holder(holder) {
                        return self.replace(holder, &Yaml::Value(Value::Array(Vec::new())));
                    }
                    return self.emptied(holder, " []", self.item_lines(parent, index)?);
                }
                if *flow {
                    let start = |index: usize| self.tree.node(items[index].node).span.start;
                    let end = |index: usize| self.tree.node(items[index].node).span.end;
                    return self.cut_flow(items.len(), index, start, end);
                }
                Ok(vec![cut(self.item_lines(parent, index)?)])
            }
            _ => Err(Refusal::NotThere),
        }
    }

    /// Takes the lines of the only member or item away and says that nothing is left.
    fn emptied(&self, holder: Found, empty: &str, lines: Range<usize>) -> Splices {
        let after = self.mark(holder).ok_or(Refusal::Style)? + 1;
        Ok(vec![insert(after, empty.to_owned()), cut(lines)])
    }

    /// Whether a collection begins on a line below its key or dash, without anchor and tag.
    fn is_below_its_holder(&self, collection: Found) -> bool {
        let node = self.tree.node(collection.node);
        node.content == node.span.start
            && self.mark(collection).is_some_and(|mark| self.break_after(mark) < node.span.start)
    }

    /// Where the colon or dash is behind which something stands.
    fn mark(&self, found: Found) -> Option<usize> {
        let (parent, index) = found.parent?;
        match &self.tree.node(parent).kind {
            Kind::Map { entries, .. } => entries.get(index)?.colon,
            Kind::Seq { items, .. } => items.get(index)?.dash,
            Kind::Scalar { .. } | Kind::Alias(_) => None,
        }
    }

    /// Puts an item into a sequence, before the one at `index` or at the end. The sequence is made if there is
    /// none.
    pub(crate) fn insert(&self, list: &[&str], index: usize, yaml: Yaml) -> Splices {
        let mut found = Found { node: self.tree.root(), parent: None, shared: false };
        for segment in list {
            match self.own(found, segment)? {
                Some(next) => found = next,
                None => return self.set(list, Yaml::List(vec![yaml]), &[]),
            }
        }
        match &self.tree.node(found.node).kind {
            Kind::Seq { items, .. } if items.is_empty() => self.replace(found, &Yaml::List(vec![yaml])),
            Kind::Seq { items, flow: true } => {
                let item = self.style.inline(&yaml, true, None).ok_or(Refusal::Style)?;
                Ok(vec![match items.get(index) {
                    Some(next) => insert(self.tree.node(next.node).span.start, format!("{item}, ")),
                    None => {
                        let last = items.last().ok_or(Refusal::NotThere)?;
                        insert(self.tree.node(last.node).span.end, format!(", {item}"))
                    }
                }])
            }
            Kind::Seq { items, .. } => {
                let column = self.dash_column(found.node)?;
                let text = format!("{}{}", " ".repeat(column), self.style.item(&yaml, column));
                let at = if index < items.len() {
                    self.item_lines(found.node, index)?.start
                } else {
                    self.item_lines(found.node, items.len() - 1)?.end
                };
                Ok(vec![self.whole_lines(at, text)])
            }
            Kind::Scalar { .. } if self.is_nothing(found.node) => {
                self.replace(found, &Yaml::List(vec![yaml]))
            }
            _ => Err(Refusal::NotThere),
        }
    }

    /// Gives a member another name.
    pub(crate) fn rename(&self, segments: &[&str], name: &str) -> Splices {
        let (parent, index) = self.follow(segments)?.parent.ok_or(Refusal::Style)?;
        let entry = self.tree.entries(parent).get(index).ok_or(Refusal::NotThere)?;
        let key = self.tree.node(entry.key);
        let Kind::Scalar { style, .. } = &key.kind else { return Err(Refusal::Style) };
        let Kind::Map { flow, .. } = &self.tree.node(parent).kind else { return Err(Refusal::Style) };
        Ok(vec![Splice {
            range: key.content..key.span.end,
            text: self.style.text(name, *flow, Some(*style)),
        }])
    }

    /// An item of a sequence as it is written, to be put in elsewhere.
    pub(crate) fn item(&self, segments: &[&str], value: Value) -> Result<Yaml, Refusal> {
        let (parent, index) = self.follow(segments)?.parent.ok_or(Refusal::Style)?;
        match &self.tree.node(parent).kind {
            Kind::Seq { items, flow: true } => {
                let item = items.get(index).ok_or(Refusal::NotThere)?;
                let text = &self.text[self.tree.node(item.node).span.clone()];
                Ok(Yaml::Item { text: format!("- {text}"), value })
            }
            Kind::Seq { .. } => {
                let column = self.dash_column(parent)?;
                let lines = self.item_lines(parent, index)?;
                let dedented: Vec<_> = self.text[lines]
                    .lines()
                    .map(|line| {
                        let spaces = line.len() - line.trim_start_matches(' ').len();
                        &line[spaces.min(column)..]
                    })
                    .collect();
                Ok(Yaml::Item { text: dedented.join("\n"), value })
            }
            _ => Err(Refusal::NotThere),
        }
    }

    /// The lines of an item in block style, its comments included, as bytes.
    fn item_lines(&self, list: NodeId, index: usize) -> Result<Range<usize>, Refusal> {
        let items = self.tree.items(list);
        let item = items.get(index).ok_or(Refusal::NotThere)?;
        let dash = item.dash.ok_or(Refusal::Style)?;
        if !self.is_first_on_line(dash) {
            return Err(Refusal::Style);
        }
        let bound = match index.checked_sub(1) {
            Some(before) => self.tree.node(items[before].node).span.end,
            None => self.start_of_holder(list),
        };
        let column = self.column(dash);
        // What stands above an item and belongs to the one before it is not this one's.
        let above = match index.checked_sub(1) {
            Some(before) => self.item_lines_end(list, before, column)?,
            None => 0,
        };
        Ok(self.lead(dash, bound).max(above)..self.item_lines_end(list, index, column)?)
    }

    /// Where an item's lines end, with the comments below it that stand deeper than its dash.
    fn item_lines_end(&self, list: NodeId, index: usize, column: usize) -> Result<usize, Refusal> {
        let item = self.tree.items(list).get(index).ok_or(Refusal::NotThere)?;
        let mut end = self.line_end(self.tree.node(item.node).span.end)?;
        while let Some(line) = self.text[end..].lines().next() {
            let content = line.trim_start_matches(' ');
            if !content.starts_with('#') || line.len() - content.len() <= column {
                break;
            }
            end = self.next_line(end);
        }
        Ok(end)
    }

    fn dash_column(&self, list: NodeId) -> Result<usize, Refusal> {
        let dash = self.tree.items(list).first().and_then(|first| first.dash).ok_or(Refusal::Style)?;
        if self.is_first_on_line(dash) { Ok(self.column(dash)) } else { Err(Refusal::Style) }
    }

    /// One segment further without following aliases or merged mappings.
    fn own(&self, from: Found, segment: &str) -> Result<Option<Found>, Refusal> {
        match &self.tree.node(from.node).kind {
            Kind::Alias(_) => Err(Refusal::Style),
            Kind::Map { entries, .. } => Ok(self.tree.entry(from.node, segment).map(|index| Found {
                node: entries[index].value,
                parent: Some((from.node, index)),
                shared: false,
            })),
            _ => Ok(self.tree.step(from, segment)),
        }
    }

    fn follow(&self, segments: &[&str]) -> Result<Found, Refusal> {
        let mut found = Found { node: self.tree.root(), parent: None, shared: false };
        for segment in segments {
            found = self.own(found, segment)?.ok_or(Refusal::NotThere)?;
        }
        Ok(found)
    }

    /// A new member or item inside of what was found.
    fn grow(&self, found: Found, segment: &str, yaml: Yaml, before: &[&str]) -> Splices {
        match &self.tree.node(found.node).kind {
            Kind::Map { entries, .. } if entries.is_empty() => {
                self.replace(found, &Yaml::Map(vec![(segment.to_owned(), yaml)]))
            }
            Kind::Map { entries, flow } => {
                let before = entries.iter().position(|entry| {
                    let key = self.tree.text(entry.key).unwrap_or_default();
                    before.contains(&"*") || before.contains(&key)
                });
                if *flow {
                    let key = self.style.key(segment, true);
                    let value = self.style.inline(&yaml, true, None).ok_or(Refusal::Style)?;
                    return Ok(vec![match before {
                        Some(index) => {
                            let at = self.tree.node(entries[index].key).span.start;
                            insert(at, format!("{key}: {value}, "))
                        }
                        None => {
                            let last = entries.last().ok_or(Refusal::NotThere)?;
                            insert(self.tree.node(last.value).span.end, format!(", {key}: {value}"))
                        }
                    }]);
                }
                self.grow_block(found.node, segment, &yaml, before)
            }
            Kind::Seq { items, .. } if segment.parse() == Ok(items.len()) || segment == "-" => {
                let end = items.len();
                let path = self.path_of_list(found)?;
                let path: Vec<_> = path.iter().map(String::as_str).collect();
                self.insert(&path, end, yaml)
            }
            Kind::Scalar { .. } if self.is_nothing(found.node) => {
                self.replace(found, &Yaml::Map(vec![(segment.to_owned(), yaml)]))
            }
            _ => Err(Refusal::NotThere),
        }
    }

    /// The segments that lead to a node that was found without aliases.
    fn path_of_list(&self, found: Found) -> Result<Vec<String>, Refusal> {
        let mut segments = Vec::new();
        let mut current = found;
        while let Some((parent, index)) = current.parent {
            segments.push(match &self.tree.node(parent).kind {
                Kind::Map { entries, .. } => {
                    self.tree.text(entries[index].key).ok_or(Refusal::Style)?.to_owned()
                }
                _ => index.to_string(),
            });
            current = Found { node: parent, parent: self.tree.node(parent).parent, shared: false };
        }
        segments.reverse();
        Ok(segments)
    }

    fn grow_block(&self, map: NodeId, key: &str, yaml: &Yaml, before: Option<usize>) -> Splices {
        let entries = self.tree.entries(map);
        let first = entries.first().ok_or(Refusal::NotThere)?;
        if entries.iter().any(|entry| entry.colon.is_none()) {
            return Err(Refusal::Style);
        }
        let column = self.column(self.tree.node(first.key).span.start);
        let entry = self.style.entry(key, yaml, column);
        let indent = " ".repeat(column);
        let Some(index) = before else {
            let at = self.line_end(self.tree.node(map).span.end)?;
            return Ok(vec![self.whole_lines(at, format!("{indent}{entry}"))]);
        };
        let at = self.tree.node(entries[index].key).span.start;
        if !self.is_first_on_line(at) {
            return Ok(vec![insert(at, format!("{entry}{}{indent}", self.style.newline))]);
        }
        let bound = self.bound_before(map, index, |index| self.tree.node(entries[index].value).span.end);
        Ok(vec![self.whole_lines(self.lead(at, bound), format!("{indent}{entry}"))])
    }

    /// Puts another value where one stands.
    fn replace(&self, found: Found, yaml: &Yaml) -> Splices {
        let node = self.tree.node(found.node);
        let like = match &node.kind {
            Kind::Scalar { style, .. } => Some(*style),
            _ => None,
        };
        // An anchor stays; a tag would say what the new value is.
        let start = if node.tag.is_none() { node.content } else { node.span.start };
        let Some((parent, index)) = found.parent else { return self.replace_root(yaml) };
        let (flow, after, key_end) = match &self.tree.node(parent).kind {
            Kind::Map { entries, flow } => {
                let entry = &entries[index];
                (*flow, entry.colon.map(|colon| colon + 1), Some(self.tree.node(entry.key).span.end))
            }
            Kind::Seq { items, flow } => (*flow, items[index].dash.map(|dash| dash + 1), None),
            _ => return Err(Refusal::NotThere),
        };
        if flow {
            let text = self.style.inline(yaml, true, like).ok_or(Refusal::Style)?;
            return Ok(vec![match (self.tree.is_blank(found.node), after, key_end) {
                (true, Some(after), _) => insert(after, format!(" {text}")),
                (true, None, Some(key_end)) => insert(key_end, format!(": {text}")),
                (true, None, None) => return Err(Refusal::Style),
                (false, ..) => Splice { range: start..node.span.end, text },
            }]);
        }
        let after = after.ok_or(Refusal::Style)?;
        if let Some(splice) = self.replace_literal(found.node, yaml) {
            return Ok(vec![splice]);
        }
        let (column, is_item) = match &self.tree.node(parent).kind {
            Kind::Map { entries, .. } => (self.column(self.tree.node(entries[0].key).span.start), false),
            _ => (self.column(after - 1), true),
        };
        // A block scalar that keeps its line ends takes the line's end along.
        let ends_line = node.span.len() > 1 && self.text[..node.span.end].ends_with('\n');
        let tail = if ends_line { self.style.newline } else { "" };
        let key_line_end = self.break_after(after);
        let begins_here = node.span.start <= key_line_end;
        match self.style.render(yaml, column, is_item, like) {
            Rendered::Inline(text) if self.tree.is_blank(found.node) => {
                Ok(vec![insert(after, format!(" {text}"))])
            }
            Rendered::Inline(text) if begins_here => {
                Ok(vec![Splice { range: start..node.span.end, text: format!("{text}{tail}") }])
            }
            Rendered::Inline(text) => {
                let comment = &self.text[after..key_line_end];
                Ok(vec![Splice { range: after..node.span.end, text: format!(" {text}{comment}{tail}") }])
            }
            Rendered::Block { header, lines } if is_item && header.is_empty() => {
                let text = format!(" {}{tail}", lines.trim_start());
                Ok(vec![Splice { range: after..node.span.end.max(after), text }])
            }
            Rendered::Block { header, lines } if begins_here => {
                self.line_end(node.span.end)?;
                let end = if ends_line { node.span.end } else { self.break_after(node.span.end) };
                let behind = &self.text[node.span.end.max(after)..end.max(after)];
                let behind = if behind.trim().is_empty() { "" } else { behind };
                let text = format!("{header}{behind}{}{lines}{tail}", self.style.newline);
                Ok(vec![Splice { range: after..end.max(after), text }])
            }
            Rendered::Block { header, lines } => {
                let comment = &self.text[after..key_line_end];
                let text = format!("{header}{comment}{}{lines}{tail}", self.style.newline);
                Ok(vec![Splice { range: after..node.span.end, text }])
            }
        }
    }

    /// Puts another text into a literal block, whose header and indentation stay.
    fn replace_literal(&self, id: NodeId, yaml: &Yaml) -> Option<Splice> {
        let node = self.tree.node(id);
        let Kind::Scalar { style: ScalarStyle::Literal, .. } = node.kind else { return None };
        let Yaml::Value(Value::String(text)) = yaml else { return None };
        let new_header = literal_header(text, Some(ScalarStyle::Literal))?;
        let start = self.next_line(node.content);
        let header = self.text[node.content..start].split_whitespace().next()?;
        let first = self.text.get(start..node.span.end)?.lines().find(|line| !line.trim().is_empty())?;
        let indent = &first[..first.len() - first.trim_start_matches(' ').len()];
        let lines = literal_lines(text, indent).join(self.style.newline);
        (header == new_header).then_some(Splice { range: start..node.span.end, text: lines })
    }

    fn replace_root(&self, yaml: &Yaml) -> Splices {
        let node = self.tree.node(self.tree.root());
        let item = self.style.item(yaml, 0);
        // What an item looks like without its dash, two columns further left.
        let lines: Vec<_> = item
            .lines()
            .map(|line| line.strip_prefix("- ").or_else(|| line.strip_prefix("  ")).unwrap_or(line))
            .collect();
        let text = lines.join(self.style.newline);
        if node.span.is_empty() {
            return Ok(vec![self.whole_lines(self.text.len(), text)]);
        }
        Ok(vec![Splice { range: node.span.clone(), text }])
    }

    /// Lines of their own at the beginning of a line or the end of the text.
    fn whole_lines(&self, at: usize, lines: String) -> Splice {
        let newline = self.style.newline;
        let is_line_start = at == 0 || self.text[..at].ends_with('\n');
        insert(at, if is_line_start { format!("{lines}{newline}") } else { format!("{newline}{lines}") })
    }

    /// Where the comments begin that stand directly above something and not deeper, but not before `bound`.
    fn lead(&self, at: usize, bound: usize) -> usize {
        let column = self.column(at);
        let mut start = self.line_start(at);
        while start > bound && start > 0 {
            let above = self.line_start(start - 1);
            let line = &self.text[above..start];
            let content = line.trim_start_matches(' ');
            let is_its_own = content.starts_with('#') && line.len() - content.len() <= column;
            if !is_its_own || above < bound {
                break;
            }
            start = above;
        }
        start
    }

    /// The end of what stands before a member, or the beginning of its mapping.
    fn bound_before(&self, map: NodeId, index: usize, end: impl Fn(usize) -> usize) -> usize {
        match index.checked_sub(1) {
            Some(before) => end(before),
            None => self.start_of_holder(map),
        }
    }

    /// Where the key or dash of a collection ends.
    fn start_of_holder(&self, collection: NodeId) -> usize {
        let Some((parent, index)) = self.tree.node(collection).parent else { return 0 };
        match &self.tree.node(parent).kind {
            Kind::Map { entries, .. } => self.tree.node(entries[index].key).span.end,
            Kind::Seq { items, .. } => items[index].dash.map_or(0, |dash| dash + 1),
            _ => 0,
        }
    }

    /// Takes one of several members or items in flow style away, with a comma. A comment in between could be
    /// about either neighbour.
    fn cut_flow(
        &self,
        count: usize,
        index: usize,
        start: impl Fn(usize) -> usize,
        end: impl Fn(usize) -> usize,
    ) -> Splices {
        let (range, gap) = if index + 1 < count {
            (start(index)..start(index + 1), end(index)..start(index + 1))
        } else {
            (end(index - 1)..end(index), end(index - 1)..start(index))
        };
        if self.text[gap].contains('#') { Err(Refusal::Style) } else { Ok(vec![cut(range)]) }
    }

    /// A value that says nothing: empty, `null`, `~`.
    fn is_nothing(&self, id: NodeId) -> bool {
        let node = self.tree.node(id);
        match &node.kind {
            Kind::Scalar { text, style } => {
                *style == ScalarStyle::Plain
                    && node.tag.is_none()
                    && matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL")
            }
            _ => false,
        }
    }

    fn is_first_on_line(&self, at: usize) -> bool {
        self.text[self.line_start(at)..at].bytes().all(|byte| byte == b' ')
    }

    fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |at| at + 1)
    }

    fn column(&self, at: usize) -> usize {
        at - self.line_start(at)
    }

    /// The end of the line's text, before its line end.
    fn break_after(&self, at: usize) -> usize {
        let end = self.text[at..].find('\n').map_or(self.text.len(), |found| at + found);
        if self.text[at..end].ends_with('\r') { end - 1 } else { end }
    }

    fn next_line(&self, at: usize) -> usize {
        self.text[at..].find('\n').map_or(self.text.len(), |found| at + found + 1)
    }

    /// Behind the line that a node ends on; only comments may follow it there.
    fn line_end(&self, end: usize) -> Result<usize, Refusal> {
        if end > 0 && self.text[..end].ends_with('\n') {
            return Ok(end);
        }
        let rest = self.text[end..self.break_after(end)].trim_start();
        if rest.is_empty() || rest.starts_with('#') { Ok(self.next_line(end)) } else { Err(Refusal::Style) }
    }
}

fn insert(at: usize, text: String) -> Splice {
    Splice { range: at..at, text }
}

fn cut(range: Range<usize>) -> Splice {
    Splice { range, text: String::new() }
}
