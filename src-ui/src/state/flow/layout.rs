//! Lays a document's tasks out: a list runs from top to bottom along one axis, the ways out of a `switch` and the
//! branches of a `fork` stand side by side, and what has lists inside is a frame around them. A task that its
//! author has placed stands where it was put; the others close up without it.
//!
//! The axis of the outermost list is at 0, so that nothing that is added moves what was placed by hand sideways.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use patchbay_core::workflow::outline::{ListRole, Outline, Pointer, TaskKind, TaskList, TaskOutline};
use patchbay_texts::t;

use super::geometry::{Point, Rect};
use super::wires::{Link, Target, Wire, WireKind, draw};

/// A card's width.
const CARD: f64 = 264.0;
/// A card's height.
const PLAIN: f64 = 56.0;
/// The height of a connector task's card: its plug has a line of its own.
const PATCHED: f64 = 92.0;
/// From one task to the next.
const GAP: f64 = 36.0;
/// From a `switch` to its ways out, which carry their names.
const FORK_GAP: f64 = 64.0;
/// Between what stands side by side.
const BETWEEN: f64 = 32.0;
/// Inside a frame's edges.
const PADDING: f64 = 20.0;
/// The height of a frame's head.
const HEAD: f64 = 52.0;
/// The height of the name over one of several lists of a frame.
const LIST_HEAD: f64 = 24.0;
/// The height of the place in an empty list.
const HOLE: f64 = 44.0;
/// The width kept for a `switch` way that skips what stands beside it.
const BYPASS: f64 = 96.0;
/// Between two wires that run along a list's side.
const LANE: f64 = 14.0;

/// A task on the canvas.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskBox {
    /// The task, without what is inside it.
    pub task: TaskOutline,
    /// Its card; of a frame, the head.
    pub card: Rect,
    /// Card or frame.
    pub outer: Rect,
    /// How deep it is nested, the outermost list being 1.
    pub level: u32,
    /// The list it stands in.
    pub list: Pointer,
    /// Its place there, the first being 0.
    pub index: u32,
    /// How many tasks that list has.
    pub of: u32,
    /// Where it ends the workflow or leaves its list, in words: `end`, `rejected → end`.
    pub endings: Vec<String>,
}

/// A list of tasks inside a frame.
#[derive(Debug, Clone, PartialEq)]
pub struct ListBox {
    /// Where it stands.
    pub pointer: Pointer,
    /// What it is for.
    pub role: ListRole,
    /// Its place.
    pub rect: Rect,
    /// Whether there is nothing in it.
    pub is_empty: bool,
}

/// A place for one more task.
#[derive(Debug, Clone, PartialEq)]
pub struct Slot {
    /// In which list.
    pub list: Pointer,
    /// Before which of its tasks.
    pub index: u32,
    /// One end of the mark that shows the place.
    pub from: Point,
    /// The other end.
    pub to: Point,
}

impl Slot {
    fn moved(mut self, by: Point) -> Slot {
        for end in [&mut self.from, &mut self.to] {
            end.x += by.x;
            end.y += by.y;
        }
        self
    }
}

/// A workflow's picture.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Layout {
    /// The tasks, each before those inside it: the order in which one reads them.
    pub tasks: Vec<TaskBox>,
    /// The lists inside frames.
    pub lists: Vec<ListBox>,
    /// Where tasks can be put.
    pub slots: Vec<Slot>,
    /// What leads where.
    pub wires: Vec<Wire>,
    /// Where it begins.
    pub start: Point,
    /// Where it ends.
    pub end: Point,
    /// Everything.
    pub bounds: Rect,
}

impl Layout {
    /// The place of a task in reading order.
    #[must_use]
    pub fn position(&self, path: &Pointer) -> Option<usize> {
        self.tasks.iter().position(|held| held.task.path == *path)
    }

    /// A task.
    #[must_use]
    pub fn task(&self, path: &Pointer) -> Option<&TaskBox> {
        self.tasks.iter().find(|held| held.task.path == *path)
    }

    /// The innermost task at a point.
    #[must_use]
    pub fn at(&self, point: Point) -> Option<&TaskBox> {
        self.tasks.iter().rev().find(|held| held.outer.contains(point))
    }

    /// The place for a task nearest to a point; not inside the task itself, nor where it stands already.
    #[must_use]
    pub fn slot_near(&self, point: Point, moving: Option<&Pointer>) -> Option<&Slot> {
        let moving = moving.and_then(|path| self.task(path));
        let distance = |slot: &Slot| {
            let nearest_x = point.x.clamp(slot.from.x.min(slot.to.x), slot.from.x.max(slot.to.x));
            let nearest_y = point.y.clamp(slot.from.y.min(slot.to.y), slot.from.y.max(slot.to.y));
            // Over a branch one is far from either of its sides, and means the nearer one.
            let reach = if slot.from.x == slot.to.x { 3.0 } else { 1.0 };
            ((point.x - nearest_x) / reach).hypot(point.y - nearest_y)
        };
        let open = self.slots.iter().filter(|slot| {
            moving.is_none_or(|moving| {
                let stays = slot.list == moving.list
                    && (slot.index == moving.index || slot.index == moving.index + 1);
                !stays && !is_inside(slot.list.as_str(), moving.task.path.as_str())
            })
        });
        open.min_by(|one, other| distance(one).total_cmp(&distance(other)))
    }

    /// The task one comes to from another by an arrow key: up and down in reading order, left and right to what
    /// stands there, or out of and into a frame.
    #[must_use]
    pub fn neighbour(&self, from: usize, key: &str) -> Option<usize> {
        let here = self.tasks.get(from)?;
        let beside = |to_right: bool| {
            let candidates = self.tasks.iter().enumerate().filter(|(_, other)| {
                let clear = if to_right {
                    other.card.x >= here.card.right()
                } else {
                    other.card.right() <= here.card.x
                };
                clear && other.card.y < here.card.bottom() + GAP && other.card.bottom() > here.card.y - GAP
            });
            let far = |other: &TaskBox| {
                let (to, from) = (other.card.centre(), here.card.centre());
                (to.x - from.x).abs() + 2.0 * (to.y - from.y).abs()
            };
            candidates.min_by(|(_, one), (_, other)| far(one).total_cmp(&far(other))).map(|(index, _)| index)
        };
        match key {
            "ArrowDown" => (from + 1 < self.tasks.len()).then_some(from + 1),
            "ArrowUp" => from.checked_sub(1),
            "ArrowRight" => beside(true).or_else(|| {
                self.tasks.get(from + 1).filter(|next| next.level > here.level).map(|_| from + 1)
            }),
            "ArrowLeft" => beside(false)
                .or_else(|| self.tasks[..from].iter().rposition(|other| other.level < here.level)),
            "Home" => Some(0),
            "End" => self.tasks.len().checked_sub(1),
            _ => None,
        }
    }
}

/// Whether something stands at or below a task.
fn is_inside(what: &str, task: &str) -> bool {
    what.strip_prefix(task).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Draws a document.
#[must_use]
pub fn lay_out(outline: &Outline) -> Layout {
    let mut builder = Builder::default();
    let mut all = builder.list(&List { tasks: &outline.tasks, pointer: &Pointer::from("/do"), level: 1 });
    let axis = all.axis;
    all.shift(Point { x: -axis, y: GAP });
    let mut bounds = Rect { x: -CARD / 2.0, y: 0.0, width: CARD, height: all.height + 2.0 * GAP };
    for placed in builder.placed {
        all.absorb(placed);
    }
    // Reading order is the document's, wherever a task was put.
    let mut order = Vec::new();
    in_order(&outline.tasks, &mut order);
    let order: HashMap<&str, usize> =
        order.into_iter().enumerate().map(|(index, path)| (path, index)).collect();
    all.tasks.sort_by_key(|held| order.get(held.task.path.as_str()).copied());
    for held in &all.tasks {
        bounds = bounds.around(held.outer);
    }
    let (start, end) = (Point { x: 0.0, y: 0.0 }, Point { x: 0.0, y: all.height + 2.0 * GAP });
    let wires = draw(&all.links, &all.tasks, start, end);
    for wire in &wires {
        bounds = bounds.around(wire.bounds);
    }
    Layout { tasks: all.tasks, lists: all.lists, slots: all.slots, wires, start, end, bounds }
}

fn in_order<'a>(tasks: &'a [TaskOutline], order: &mut Vec<&'a str>) {
    for task in tasks {
        order.push(task.path.as_str());
        for list in &task.lists {
            in_order(&list.tasks, order);
        }
    }
}

/// A list that is being laid out.
struct List<'a> {
    tasks: &'a [TaskOutline],
    pointer: &'a Pointer,
    level: u32,
}

/// Where a task leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lead {
    /// To a task of its list.
    Task(usize),
    /// Out of its list, as if it were the last one.
    Exit,
    /// To the workflow's end.
    End,
    /// Nowhere: it fails, or names a task that is not there.
    Nowhere,
}

impl List<'_> {
    fn lead(&self, from: usize, then: Option<&str>) -> Lead {
        match then {
            None | Some("continue") if from + 1 < self.tasks.len() => Lead::Task(from + 1),
            None | Some("continue" | "exit") => Lead::Exit,
            Some("end") => Lead::End,
            Some(name) => match self.tasks.iter().position(|task| task.name == name) {
                Some(index) => Lead::Task(index),
                None => Lead::Nowhere,
            },
        }
    }

    /// Everywhere a task leads, with the names of the cases that do.
    fn leads(&self, from: usize) -> Vec<(Option<String>, Lead)> {
        let task = &self.tasks[from];
        match task.kind {
            TaskKind::Raise => vec![],
            TaskKind::Switch => {
                let mut leads: Vec<(Option<String>, Lead)> = Vec::new();
                let mut add =
                    |name: String, lead: Lead| match leads.iter_mut().find(|(_, held)| *held == lead) {
                        Some((Some(names), _)) => {
                            names.push_str(", ");
                            names.push_str(&name);
                        }
                        _ => leads.push((Some(name), lead)),
                    };
                for case in &task.cases {
                    add(case.name.clone(), self.lead(from, case.then.as_deref()));
                }
                if task.cases.iter().all(|case| case.when.is_some()) {
                    add(t!("otherwise").to_owned(), self.lead(from, None));
                }
                leads
            }
            _ => vec![(None, self.lead(from, task.then.as_deref()))],
        }
    }

    /// The ways out of a `switch` that can stand side by side: runs of tasks, one behind the other in the document, each
    /// of which ends where all of them meet again, or ends for good.
    fn ways(&self, from: usize, end: usize) -> Option<Ways> {
        if self.tasks[from].kind != TaskKind::Switch {
            return None;
        }
        let mut starts = BTreeSet::new();
        for (_, lead) in self.leads(from) {
            if let Lead::Task(index) = lead {
                starts.insert(index);
            }
        }
        let starts: Vec<usize> = starts.into_iter().collect();
        let (first, last) = (*starts.first()?, *starts.last()?);
        if starts.len() < 2 || first != from + 1 || last > end {
            return None;
        }
        let mut meeting = None;
        for next in &starts[1..] {
            let leads = self.leads(next - 1);
            for (_, lead) in leads {
                match lead {
                    // It runs into what should stand beside it.
                    Lead::Task(index) if index == *next && index != last => return None,
                    Lead::Task(index) if index < last => return None,
                    Lead::Task(index) if meeting.is_none_or(|met| met == index) => meeting = Some(index),
                    Lead::Task(_) => return None,
                    Lead::Exit | Lead::End | Lead::Nowhere => {}
                }
            }
        }
        let next = meeting.unwrap_or(end);
        if next > end || self.tasks[from..next].iter().any(|task| task.position.is_some()) {
            return None;
        }
        let inner: Vec<usize> = starts.iter().copied().filter(|start| *start < next).collect();
        let mut columns: Vec<Range<usize>> = inner.windows(2).map(|pair| pair[0]..pair[1]).collect();
        columns.push(*inner.last()?..next);
        if starts.contains(&next) {
            columns.push(next..next);
        }
        Some(Ways { columns, next })
    }
}

struct Ways {
    columns: Vec<Range<usize>>,
    next: usize,
}

/// A part of the picture, in coordinates of its own.
#[derive(Default)]
struct Block {
    width: f64,
    height: f64,
    /// Where the flow enters and leaves, from the left.
    axis: f64,
    tasks: Vec<TaskBox>,
    lists: Vec<ListBox>,
    slots: Vec<Slot>,
    links: Vec<Link>,
    /// The tasks after which the flow leaves it downwards.
    exits: Vec<usize>,
    /// From which tasks the flow passes what stands beside it, and where.
    detours: Vec<(usize, f64)>,
}

impl Block {
    fn shift(&mut self, by: Point) {
        for held in &mut self.tasks {
            held.card = held.card.moved(by);
            held.outer = held.outer.moved(by);
        }
        for list in &mut self.lists {
            list.rect = list.rect.moved(by);
        }
        self.slots = std::mem::take(&mut self.slots).into_iter().map(|slot| slot.moved(by)).collect();
        for link in &mut self.links {
            link.rail = link.rail.map(|rail| rail + by.x);
        }
        for (_, x) in &mut self.detours {
            *x += by.x;
        }
    }

    fn absorb(&mut self, other: Block) {
        self.tasks.extend(other.tasks);
        self.lists.extend(other.lists);
        self.slots.extend(other.slots);
        self.links.extend(other.links);
        self.detours.extend(other.detours);
    }

    /// Puts blocks one below the other, along one axis.
    fn stack(pieces: Vec<(f64, Block)>) -> Block {
        let left = pieces.iter().map(|(_, piece)| piece.axis).fold(0.0, f64::max);
        let right = pieces.iter().map(|(_, piece)| piece.width - piece.axis).fold(0.0, f64::max);
        let mut whole = Block { width: left + right, axis: left, ..Block::default() };
        for (top, mut piece) in pieces {
            piece.shift(Point { x: left - piece.axis, y: top });
            whole.height = whole.height.max(top + piece.height);
            whole.absorb(piece);
        }
        whole
    }

    /// Puts blocks beside each other; the axis is in their middle.
    fn beside(pieces: Vec<Block>, top: f64) -> Block {
        let mut whole = Block::default();
        let mut x = 0.0;
        for mut piece in pieces {
            piece.shift(Point { x, y: top });
            x += piece.width + BETWEEN;
            whole.height = whole.height.max(top + piece.height);
            whole.exits.append(&mut piece.exits);
            whole.absorb(piece);
        }
        whole.width = (x - BETWEEN).max(0.0);
        whole.axis = whole.width / 2.0;
        whole
    }
}

#[derive(Default)]
struct Builder {
    /// What stands where its author has put it.
    placed: Vec<Block>,
}

impl Builder {
    /// A whole list, with the wires that run along its side.
    fn list(&mut self, list: &List<'_>) -> Block {
        let mut flows = BTreeSet::new();
        let mut block = self.run(list, 0..list.tasks.len(), &mut flows);
        let mut lane = 0.0;
        for from in 0..list.tasks.len() {
            for (label, lead) in list.leads(from) {
                let mut link = Link {
                    from: list.tasks[from].path.clone(),
                    to: Target::End,
                    label,
                    kind: WireKind::Flow,
                    rail: None,
                };
                match lead {
                    Lead::Task(to) => {
                        link.to = Target::Task(list.tasks[to].path.clone());
                        let by_hand =
                            list.tasks[from].position.is_some() || list.tasks[to].position.is_some();
                        if by_hand {
                            link.kind = WireKind::Free;
                        } else if flows.contains(&(from, to)) {
                            let passes = to > from + 1;
                            let detour = block.detours.iter().find(|(held, _)| *held == from);
                            link.rail = detour.filter(|_| passes).map(|(_, x)| *x);
                        } else {
                            link.kind = WireKind::Jump;
                            link.rail = Some(block.width + BETWEEN / 2.0 + lane);
                            lane += LANE;
                        }
                    }
                    Lead::Exit if list.level == 1 => {
                        if list.tasks[from].position.is_some() {
                            link.kind = WireKind::Free;
                        } else if !block.exits.contains(&from) {
                            link.kind = WireKind::Jump;
                            link.rail = Some(block.width + BETWEEN / 2.0 + lane);
                            lane += LANE;
                        }
                    }
                    Lead::Exit | Lead::End | Lead::Nowhere => continue,
                }
                block.links.push(link);
            }
        }
        block.detours.clear();
        if list.tasks.is_empty() && list.level == 1 {
            block.links.push(Link::empty());
        }
        if lane > 0.0 {
            block.width += BETWEEN / 2.0 + lane;
        }
        block
    }

    /// Some tasks of a list, one below the other.
    fn run(&mut self, list: &List<'_>, range: Range<usize>, flows: &mut BTreeSet<(usize, usize)>) -> Block {
        let mut pieces = Vec::new();
        let mut slots = Vec::new();
        let mut open: Vec<usize> = Vec::new();
        let (mut y, mut index) = (0.0, range.start);
        while index < range.end {
            let (piece, next) = match list.ways(index, range.end) {
                Some(ways) => (self.ways(list, index, &ways, flows), ways.next),
                None => (self.task(list, index), index + 1),
            };
            if list.tasks[index].position.is_some() {
                self.placed.push(piece);
                index = next;
                continue;
            }
            if pieces.is_empty() {
                slots.push((index, -GAP / 3.0));
            } else {
                y += GAP;
                slots.push((index, y - GAP / 2.0));
            }
            flows.extend(open.drain(..).map(|from| (from, index)));
            open.clone_from(&piece.exits);
            let height = piece.height;
            pieces.push((y, piece));
            y += height;
            index = next;
        }
        let is_empty = pieces.is_empty();
        if is_empty {
            pieces.push((0.0, Block { width: CARD, height: HOLE, axis: CARD / 2.0, ..Block::default() }));
            slots.push((range.end, HOLE / 2.0));
        } else {
            slots.push((range.end, y + GAP / 3.0));
        }
        let mut block = Block::stack(pieces);
        for (index, y) in slots {
            let (from, to) = (block.axis - CARD / 2.0, block.axis + CARD / 2.0);
            block.slots.push(Slot {
                list: list.pointer.clone(),
                index: number(index),
                from: Point { x: from, y },
                to: Point { x: to, y },
            });
        }
        block.exits = open;
        block
    }

    /// A `switch` with its ways out side by side.
    fn ways(
        &mut self,
        list: &List<'_>,
        at: usize,
        ways: &Ways,
        flows: &mut BTreeSet<(usize, usize)>,
    ) -> Block {
        let mut columns = Vec::new();
        for column in &ways.columns {
            flows.insert((at, column.start));
            columns.push(if column.is_empty() {
                Block {
                    width: BYPASS,
                    axis: BYPASS / 2.0,
                    exits: vec![at],
                    detours: vec![(at, BYPASS / 2.0)],
                    ..Block::default()
                }
            } else {
                self.run(list, column.clone(), flows)
            });
        }
        let card = self.task(list, at);
        let mut beside = Block::beside(columns, 0.0);
        let exits = std::mem::take(&mut beside.exits);
        let mut block = Block::stack(vec![(0.0, card), (PLAIN + FORK_GAP, beside)]);
        block.exits = exits;
        block
    }

    /// One task: a card, or a frame with its lists.
    fn task(&mut self, list: &List<'_>, index: usize) -> Block {
        let task = &list.tasks[index];
        let mut block = if task.lists.is_empty() {
            let height = if task.connector.is_some() { PATCHED } else { PLAIN };
            let card = Rect { width: CARD, height, ..Rect::default() };
            let mut block = Block { width: CARD, height, axis: CARD / 2.0, ..Block::default() };
            block.tasks.push(boxed(list, index, card, card));
            block
        } else {
            self.frame(list, index)
        };
        block.exits = vec![index];
        if let Some(position) = task.position {
            block.shift(Point { x: position.x, y: position.y });
        }
        block
    }

    fn frame(&mut self, list: &List<'_>, index: usize) -> Block {
        let task = &list.tasks[index];
        let named = task.lists.len() > 1;
        let mut links = Vec::new();
        let mut inner = Vec::new();
        for held in &task.lists {
            let mut block = match held.role {
                ListRole::Branches | ListRole::Competing => self.branches(held, list.level + 1),
                _ => self.list(&List { tasks: &held.tasks, pointer: &held.pointer, level: list.level + 1 }),
            };
            block.exits.clear();
            block.lists.insert(
                0,
                ListBox {
                    pointer: held.pointer.clone(),
                    role: held.role,
                    rect: Rect { x: 0.0, y: 0.0, width: block.width, height: block.height },
                    is_empty: held.tasks.is_empty(),
                },
            );
            let entered = match held.role {
                ListRole::Catch => &[],
                ListRole::Branches | ListRole::Competing => &held.tasks[..],
                _ => held.tasks.get(..1).unwrap_or_default(),
            };
            links.extend(entered.iter().filter(|first| first.position.is_none()).map(|first| Link {
                from: task.path.clone(),
                to: Target::Task(first.path.clone()),
                label: None,
                kind: WireKind::Inner,
                rail: None,
            }));
            inner.push(block);
        }
        let top = HEAD + GAP * 0.75 + if named { LIST_HEAD } else { 0.0 };
        let mut block = Block::beside(inner, top);
        let width = (block.width + 2.0 * PADDING).max(CARD + 2.0 * PADDING);
        let left = (width - block.width) / 2.0;
        block.shift(Point { x: left, y: 0.0 });
        block.links.extend(links);
        block.width = width;
        block.axis = width / 2.0;
        block.height += PADDING;
        let card = Rect { x: 0.0, y: 0.0, width, height: HEAD };
        let outer = Rect { height: block.height, ..card };
        block.tasks.insert(0, boxed(list, index, card, outer));
        block
    }

    /// What runs at the same time, side by side.
    fn branches(&mut self, held: &TaskList, level: u32) -> Block {
        let list = List { tasks: &held.tasks, pointer: &held.pointer, level };
        let mut columns = Vec::new();
        let mut slots = Vec::new();
        let mut x = 0.0;
        for index in 0..held.tasks.len() {
            let piece = self.task(&list, index);
            if held.tasks[index].position.is_some() {
                self.placed.push(piece);
                continue;
            }
            slots.push((index, if columns.is_empty() { -PADDING / 2.0 } else { x - BETWEEN / 2.0 }));
            x += piece.width + BETWEEN;
            columns.push(piece);
        }
        if columns.is_empty() {
            columns.push(Block { width: CARD, height: HOLE, axis: CARD / 2.0, ..Block::default() });
            slots.push((held.tasks.len(), CARD / 2.0));
        } else {
            slots.push((held.tasks.len(), x - BETWEEN + PADDING / 2.0));
        }
        let mut block = Block::beside(columns, 0.0);
        for (index, x) in slots {
            let bottom = block.height.min(PATCHED);
            block.slots.push(Slot {
                list: held.pointer.clone(),
                index: number(index),
                from: Point { x, y: 0.0 },
                to: Point { x, y: bottom },
            });
        }
        block
    }
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

fn boxed(list: &List<'_>, index: usize, card: Rect, outer: Rect) -> TaskBox {
    let task = &list.tasks[index];
    let endings = match task.kind {
        TaskKind::Switch => {
            let ending = task.cases.iter().filter_map(|case| {
                let then = case.then.as_deref().filter(|then| matches!(*then, "end" | "exit"))?;
                Some(format!("{} → {then}", case.name))
            });
            ending.collect()
        }
        _ => task.then.iter().filter(|then| matches!(then.as_str(), "end" | "exit")).cloned().collect(),
    };
    TaskBox {
        task: TaskOutline { lists: vec![], ..task.clone() },
        card,
        outer,
        level: list.level,
        list: list.pointer.clone(),
        index: number(index),
        of: number(list.tasks.len()),
        endings,
    }
}

#[cfg(test)]
mod tests {
    use patchbay_core::workflow::outline::{
        ConnectorCall, ListRole, Outline, Pointer, Position, SwitchCase, TaskKind, TaskList, TaskOutline,
    };

    use super::super::{Point, WireKind};
    use super::{Layout, lay_out};

    fn task(list: &str, index: usize, name: &str, kind: TaskKind) -> TaskOutline {
        TaskOutline {
            path: Pointer::from(format!("{list}/{index}/{name}")),
            name: name.into(),
            kind,
            summary: String::new(),
            lines: (1, 1),
            condition: None,
            then: None,
            connector: None,
            lists: vec![],
            cases: vec![],
            position: None,
        }
    }

    fn calls(list: &str, names: &[&str]) -> Vec<TaskOutline> {
        let call = |(index, name): (usize, &&str)| TaskOutline {
            connector: Some(ConnectorCall {
                connector: "github".into(),
                operation: None,
                role: "code".into(),
                integration: None,
                parameters: vec![],
            }),
            ..task(list, index, name, TaskKind::CallHttp)
        };
        names.iter().enumerate().map(call).collect()
    }

    fn laid(tasks: Vec<TaskOutline>) -> Layout {
        lay_out(&Outline { tasks, ..Outline::default() })
    }

    fn switch(tasks: &mut [TaskOutline], at: usize, cases: &[(&str, &str)]) {
        tasks[at].kind = TaskKind::Switch;
        tasks[at].connector = None;
        let case = |(name, then): &(&str, &str)| SwitchCase {
            name: (*name).into(),
            when: (*name != "else").then(|| ".x".into()),
            then: Some((*then).into()),
        };
        tasks[at].cases = cases.iter().map(case).collect();
    }

    fn named<'a>(layout: &'a Layout, name: &str) -> &'a super::TaskBox {
        layout.tasks.iter().find(|held| held.task.name == name).expect("it is there")
    }

    fn wire<'a>(layout: &'a Layout, from: &str, to: &str) -> &'a super::Wire {
        let found = layout.wires.iter().find(|wire| {
            let (one, other) = wire.key.split_once('>').unwrap_or(("", ""));
            one.ends_with(&format!("/{from}")) && (other.ends_with(&format!("/{to}")) || other == to)
        });
        found.unwrap_or_else(|| panic!("no wire {from} > {to} in {:#?}", layout.wires))
    }

    #[track_caller]
    fn nothing_overlaps(layout: &Layout) {
        for (index, one) in layout.tasks.iter().enumerate() {
            for other in &layout.tasks[index + 1..] {
                let apart = one.card.right() <= other.card.x
                    || other.card.right() <= one.card.x
                    || one.card.bottom() <= other.card.y
                    || other.card.bottom() <= one.card.y;
                assert!(apart, "{:?} and {:?}", one.task.name, other.task.name);
            }
        }
    }

    #[test]
    fn a_sequence_runs_down_one_axis() {
        let layout = laid(calls("/do", &["a", "b", "c"]));
        let axes: Vec<f64> = layout.tasks.iter().map(|held| held.card.axis()).collect();
        assert_eq!(axes, [0.0, 0.0, 0.0]);
        assert!(layout.tasks.windows(2).all(|pair| pair[0].card.bottom() < pair[1].card.y));
        let kinds: Vec<&str> = layout.wires.iter().map(|wire| wire.key.as_str()).collect();
        assert_eq!(kinds, ["start", "/do/0/a>/do/1/b", "/do/1/b>/do/2/c", "/do/2/c>end"]);
        assert_eq!(layout.slots.len(), 4);
    }

    #[test]
    fn the_ways_out_of_a_switch_stand_side_by_side_and_meet_again() {
        let mut tasks = calls("/do", &["ask", "high", "low", "both"]);
        switch(&mut tasks, 0, &[("urgent", "high"), ("else", "low")]);
        tasks[1].then = Some("both".into());
        let layout = laid(tasks);
        nothing_overlaps(&layout);
        let (high, low, both) = (named(&layout, "high"), named(&layout, "low"), named(&layout, "both"));
        assert_eq!(high.card.y, low.card.y);
        assert!(high.card.right() < low.card.x && low.card.bottom() < both.card.y);
        assert_eq!(both.card.axis(), 0.0);
        assert_eq!(
            wire(&layout, "ask", "high").label.as_ref().map(|(text, _)| text.as_str()),
            Some("urgent")
        );
        assert!(layout.wires.iter().all(|wire| wire.kind == WireKind::Flow));
    }

    #[test]
    fn a_way_that_skips_has_a_place_of_its_own() {
        let mut tasks = calls("/do", &["ask", "more", "last"]);
        switch(&mut tasks, 0, &[("yes", "more"), ("else", "last")]);
        let layout = laid(tasks);
        let (more, skip) = (named(&layout, "more"), wire(&layout, "ask", "last"));
        let (_, at) = skip.label.as_ref().expect("it is named");
        assert!(at.x > more.card.right(), "it runs beside what it skips: {at:?}");
    }

    #[test]
    fn the_name_of_the_only_way_stands_before_what_it_leads_to() {
        let mut tasks = calls("/do", &["ask", "next"]);
        switch(&mut tasks, 0, &[("else", "next")]);
        let layout = laid(tasks);
        let (_, at) = wire(&layout, "ask", "next").label.as_ref().expect("it is named");
        assert!(at.y < named(&layout, "next").card.y && at.y > named(&layout, "ask").card.bottom());
    }

    #[test]
    fn what_cannot_stand_side_by_side_jumps() {
        let mut tasks = calls("/do", &["a", "ask", "b", "c"]);
        switch(&mut tasks, 1, &[("again", "a"), ("else", "c")]);
        let layout = laid(tasks);
        nothing_overlaps(&layout);
        assert_eq!(wire(&layout, "ask", "a").kind, WireKind::Jump);
        assert_eq!(wire(&layout, "ask", "c").kind, WireKind::Jump);
        assert!(layout.bounds.right() > named(&layout, "b").card.right());
    }

    #[test]
    fn endings_are_said_and_lead_nowhere_on_the_canvas() {
        let mut tasks = calls("/do", &["ask", "a"]);
        switch(&mut tasks, 0, &[("no", "end"), ("else", "a")]);
        tasks[1].then = Some("end".into());
        let layout = laid(tasks);
        assert_eq!(named(&layout, "ask").endings, ["no → end"]);
        assert_eq!(named(&layout, "a").endings, ["end"]);
        assert!(!layout.wires.iter().any(|wire| wire.key.ends_with(">end")));
    }

    fn nested() -> Layout {
        let mut attempt = task("/do", 1, "attempt", TaskKind::Try);
        let list = |name: &str, role, tasks| TaskList {
            pointer: Pointer::from(format!("/do/1/attempt/{name}")),
            role,
            tasks,
        };
        let mut fork = task("/do/1/attempt/try", 0, "fork", TaskKind::Fork);
        fork.lists = vec![TaskList {
            pointer: "/do/1/attempt/try/0/fork/fork/branches".into(),
            role: ListRole::Branches,
            tasks: calls("/do/1/attempt/try/0/fork/fork/branches", &["left", "right"]),
        }];
        attempt.lists =
            vec![list("try", ListRole::Try, vec![fork]), list("catch/do", ListRole::Catch, vec![])];
        let mut tasks = calls("/do", &["first"]);
        tasks.push(attempt);
        laid(tasks)
    }

    #[test]
    fn frames_hold_what_is_inside_them() {
        let layout = nested();
        let names: Vec<&str> = layout.tasks.iter().map(|held| held.task.name.as_str()).collect();
        assert_eq!(names, ["first", "attempt", "fork", "left", "right"], "in reading order");
        let (attempt, left, right) =
            (named(&layout, "attempt"), named(&layout, "left"), named(&layout, "right"));
        assert_eq!((left.level, attempt.level), (3, 1));
        assert_eq!(left.card.y, right.card.y);
        for held in &layout.tasks[2..] {
            assert!(attempt.outer.contains(held.card.centre()), "{}", held.task.name);
        }
        let catch = layout.lists.iter().find(|list| list.role == ListRole::Catch).expect("it has a place");
        assert!(catch.is_empty && attempt.outer.contains(catch.rect.centre()));
        assert_eq!(layout.at(left.card.centre()).map(|held| held.task.name.as_str()), Some("left"));
    }

    #[test]
    fn arrows_go_everywhere() {
        let layout = nested();
        let go = |from: &str, key| {
            let from = layout.tasks.iter().position(|held| held.task.name == from).expect("there");
            layout.neighbour(from, key).map(|to| layout.tasks[to].task.name.as_str())
        };
        assert_eq!(go("first", "ArrowDown"), Some("attempt"));
        assert_eq!(go("left", "ArrowRight"), Some("right"));
        assert_eq!(go("right", "ArrowLeft"), Some("left"));
        assert_eq!(go("fork", "ArrowRight"), Some("left"), "into a frame");
        assert_eq!(go("left", "ArrowLeft"), Some("fork"), "and out of it");
        assert_eq!(go("first", "ArrowUp"), None);
        assert_eq!(go("first", "End"), Some("right"));
    }

    #[test]
    fn a_task_goes_where_it_is_dropped_but_never_into_itself() {
        let layout = nested();
        let into = layout.slot_near(named(&layout, "left").card.centre(), Some(&"/do/0/first".into()));
        assert!(into.is_some_and(|slot| slot.list.as_str().ends_with("branches")));
        let attempt = Pointer::from("/do/1/attempt");
        let slot = layout.slot_near(named(&layout, "left").card.centre(), Some(&attempt)).expect("elsewhere");
        assert_eq!((slot.list.as_str(), slot.index), ("/do", 0));
    }

    #[test]
    fn a_placed_task_stands_where_it_was_put_and_the_others_close_up() {
        let mut tasks = calls("/do", &["a", "b", "c"]);
        let apart = named(&laid(tasks.clone()), "c").card.y;
        tasks[1].position = Some(Position { x: 500.0, y: 40.0 });
        let layout = laid(tasks);
        assert_eq!((named(&layout, "b").card.x, named(&layout, "b").card.y), (500.0, 40.0));
        assert!(named(&layout, "c").card.y < apart);
        assert_eq!(wire(&layout, "a", "b").kind, WireKind::Free);
        let names: Vec<&str> = layout.tasks.iter().map(|held| held.task.name.as_str()).collect();
        assert_eq!(names, ["a", "b", "c"]);
    }

    #[test]
    fn five_hundred_tasks_do_not_overlap() {
        let mut tasks = Vec::new();
        for number in 0..100 {
            let mut frame = task("/do", number, &format!("group{number}"), TaskKind::For);
            let list = format!("/do/{number}/group{number}/do");
            let mut inner = calls(&list, &["a", "b", "c", "d"]);
            switch(&mut inner, 0, &[("x", "b"), ("else", "c")]);
            inner[1].then = Some("d".into());
            frame.lists = vec![TaskList { pointer: list.into(), role: ListRole::Each, tasks: inner }];
            tasks.push(frame);
        }
        let layout = laid(tasks);
        assert_eq!(layout.tasks.len(), 500);
        nothing_overlaps_nearby(&layout);
        assert!(layout.at(Point { x: 0.0, y: -500.0 }).is_none());
    }

    /// Each against those that follow it closely; all pairs would take long for what it finds.
    fn nothing_overlaps_nearby(layout: &Layout) {
        for pair in layout.tasks.windows(8) {
            nothing_overlaps(&Layout { tasks: pair.to_vec(), ..Layout::default() });
        }
    }
}
