//! What leads where, as lines with rounded corners.

use std::collections::HashMap;
use std::fmt::Write;

use patchbay_core::workflow::outline::Pointer;

use super::geometry::{Point, Rect};
use super::layout::TaskBox;

/// How round a corner is.
const CORNER: f64 = 8.0;
/// How far above what it leads to a wire turns, where it comes from elsewhere.
const TURN: f64 = 18.0;

/// What a wire says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WireKind {
    /// What comes next, below.
    Flow,
    /// From a frame's head into it.
    Inner,
    /// Elsewhere in the list, along its side.
    Jump,
    /// To or from a task that its author has placed.
    Free,
}

/// A wire before anything has its final place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Link {
    pub(super) from: Pointer,
    pub(super) to: Target,
    pub(super) label: Option<String>,
    pub(super) kind: WireKind,
    /// Where it runs along the list's side.
    pub(super) rail: Option<f64>,
}

impl Link {
    /// From the beginning to the end of a document without tasks.
    pub(super) fn empty() -> Link {
        Link { from: Pointer::from(""), to: Target::End, label: None, kind: WireKind::Flow, rail: None }
    }
}

/// Where a wire leads.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Target {
    /// To a task.
    Task(Pointer),
    /// To the workflow's end.
    End,
}

/// A wire as it is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Wire {
    /// Which tasks it ties together: what tells it from the others.
    pub key: String,
    /// SVG path data.
    pub path: String,
    /// What it says.
    pub kind: WireKind,
    /// The name of the case, and where it stands.
    pub label: Option<(String, Point)>,
    /// Where it is.
    pub bounds: Rect,
}

/// Draws the wires between tasks that have their places.
pub(super) fn draw(links: &[Link], tasks: &[TaskBox], start: Point, end: Point) -> Vec<Wire> {
    let places: HashMap<&str, &TaskBox> = tasks.iter().map(|held| (held.task.path.as_str(), held)).collect();
    let mut wires = Vec::new();
    // The first task of all has no other wire into it than the one from the beginning.
    if let Some(first) = tasks.iter().find(|held| held.level == 1 && held.task.position.is_none()) {
        let to = top_of(first);
        wires.push(wire("start".to_owned(), flow(start, to, false), WireKind::Flow, None, start, to));
    }
    for link in links {
        let from = places.get(link.from.as_str()).copied();
        let (to, key) = match &link.to {
            Target::Task(path) => (places.get(path.as_str()).copied(), path.as_str()),
            Target::End => (None, "end"),
        };
        let key = format!("{}>{key}", link.from);
        let leaves = from.map_or(start, |from| match link.kind {
            WireKind::Inner => Point { x: from.card.axis(), y: from.card.bottom() },
            _ => Point { x: from.outer.axis(), y: from.outer.bottom() },
        });
        let arrives = to.map_or(end, top_of);
        match link.kind {
            WireKind::Flow | WireKind::Inner => {
                let splits = link.label.is_some() || link.kind == WireKind::Inner;
                // Where the way is short, its name stands in the middle of it.
                let y = leaves.y + ((arrives.y - leaves.y) / 2.0).min(40.0);
                let label = |x| link.label.clone().map(|label| (label, Point { x, y }));
                let (path, label) = match link.rail {
                    // Past what stands beside it: across to its own column, and back from it.
                    Some(rail) => {
                        let turn = Point { x: rail, y: arrives.y - 2.0 * TURN };
                        let first = flow(leaves, turn, true);
                        let second = flow(turn, arrives, false);
                        (first + "L" + &second[1..], label(rail))
                    }
                    None => (flow(leaves, arrives, splits), label(arrives.x)),
                };
                wires.push(wire(key, path, link.kind, label, leaves, arrives));
            }
            WireKind::Free => {
                let pull = ((arrives.y - leaves.y).abs() / 2.0).max(40.0);
                let path = format!(
                    "M{:.1} {:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}",
                    leaves.x,
                    leaves.y,
                    leaves.x,
                    leaves.y + pull,
                    arrives.x,
                    arrives.y - pull,
                    arrives.x,
                    arrives.y
                );
                let middle = Point { x: (leaves.x + arrives.x) / 2.0, y: (leaves.y + arrives.y) / 2.0 };
                let label = link.label.clone().map(|label| (label, middle));
                wires.push(wire(key, path, link.kind, label, leaves, arrives));
            }
            WireKind::Jump => {
                let Some(from) = from else { continue };
                let leaves = Point { x: from.outer.right(), y: from.card.centre().y };
                let rail = link.rail.unwrap_or(leaves.x + 2.0 * CORNER);
                let (path, arrives) = match to {
                    Some(to) => {
                        let arrives = Point { x: to.outer.right(), y: to.card.y + to.card.height * 0.3 };
                        (rail_to_side(leaves, rail, arrives), arrives)
                    }
                    None => (rail_to_top(leaves, rail, end), end),
                };
                let label = link.label.clone().map(|label| (label, Point { x: rail, y: leaves.y + 20.0 }));
                let far = Point { x: rail, y: arrives.y };
                wires.push(wire(key, path, link.kind, label, leaves, far));
            }
        }
    }
    wires
}

fn top_of(task: &TaskBox) -> Point {
    Point { x: task.outer.axis(), y: task.outer.y }
}

fn wire(
    key: String,
    path: String,
    kind: WireKind,
    label: Option<(String, Point)>,
    from: Point,
    to: Point,
) -> Wire {
    let one = Rect { x: from.x, y: from.y, ..Rect::default() };
    let bounds = one.around(Rect { x: to.x, y: to.y, ..Rect::default() });
    Wire { key, path, kind, label, bounds }
}

/// Down, across and down again.
fn flow(from: Point, to: Point, splits: bool) -> String {
    let across = to.x - from.x;
    if across.abs() < 1.0 {
        return format!("M{:.1} {:.1}V{:.1}", from.x, from.y, to.y);
    }
    let turn = if splits { from.y + TURN.min((to.y - from.y) / 2.0) } else { (to.y - TURN).max(from.y) };
    let corner = CORNER.min(across.abs() / 2.0).min((to.y - turn).abs()).min((turn - from.y).abs());
    let side = corner.copysign(across);
    let mut path = format!("M{:.1} {:.1}", from.x, from.y);
    let (x, end) = (from.x, to.x);
    // Writing to a string cannot fail.
    let _ = write!(
        path,
        "V{:.1}Q{x:.1} {turn:.1} {:.1} {turn:.1}H{:.1}Q{end:.1} {turn:.1} {end:.1} {:.1}V{:.1}",
        turn - corner,
        x + side,
        end - side,
        turn + corner,
        to.y
    );
    path
}

/// Out to the right, along the rail, and back to the left.
fn rail_to_side(from: Point, rail: f64, to: Point) -> String {
    let down = (to.y - from.y).signum() * CORNER.min((to.y - from.y).abs() / 2.0);
    format!(
        "M{:.1} {:.1}H{:.1}Q{rail:.1} {:.1} {rail:.1} {:.1}V{:.1}Q{rail:.1} {:.1} {:.1} {:.1}H{:.1}",
        from.x,
        from.y,
        rail - CORNER,
        from.y,
        from.y + down,
        to.y - down,
        to.y,
        rail - CORNER,
        to.y,
        to.x
    )
}

/// Out to the right, along the rail, and from above into what lies below.
fn rail_to_top(from: Point, rail: f64, to: Point) -> String {
    let turn = to.y - TURN;
    format!(
        "M{:.1} {:.1}H{:.1}Q{rail:.1} {:.1} {rail:.1} {:.1}V{:.1}Q{rail:.1} {turn:.1} {:.1} {turn:.1}H{:.1}V{:.1}",
        from.x,
        from.y,
        rail - CORNER,
        from.y,
        from.y + CORNER,
        turn - CORNER,
        rail - CORNER,
        to.x,
        to.y
    )
}
