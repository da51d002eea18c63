//! A workflow's picture: where its tasks stand on the canvas, what leads where, and how one moves about in it.

mod canvas;
mod geometry;
mod layout;
mod wires;

pub use canvas::{Canvas, CanvasAction, Drag, Viewport};
pub use geometry::{Point, Rect};
pub use layout::{Layout, ListBox, Slot, TaskBox, lay_out};
pub use wires::{Wire, WireKind};
