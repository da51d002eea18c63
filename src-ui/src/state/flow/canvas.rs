//! What of the picture is in sight, and what is being dragged.

use std::rc::Rc;

use patchbay_core::workflow::outline::Pointer;
use yew::Reducible;

use super::geometry::{Point, Rect};

/// Smallest and largest scale.
const SCALES: (f64, f64) = (0.1, 2.0);
/// The smallest scale at which the whole is worth showing: below it, nothing can be read.
const READABLE: f64 = 0.6;
/// The scale at which what is too long is begun to be read.
const COMFORTABLE: f64 = 0.75;
/// What is kept free around what is fitted or brought into sight, in pixels of the window.
const MARGIN: f64 = 32.0;
/// How far a pointer goes before a press becomes a drag.
const SLACK: f64 = 4.0;

/// The part of the canvas in sight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Viewport {
    /// Where the canvas' origin is in the window's part.
    pub x: f64,
    /// Likewise from the top.
    pub y: f64,
    /// Pixels of the window for one of the canvas.
    pub scale: f64,
}

impl Default for Viewport {
    fn default() -> Self {
        Self { x: 0.0, y: 0.0, scale: 1.0 }
    }
}

impl Viewport {
    /// What of the canvas lies under a point of the window's part.
    #[must_use]
    pub fn to_canvas(&self, point: Point) -> Point {
        Point { x: (point.x - self.x) / self.scale, y: (point.y - self.y) / self.scale }
    }

    fn scaled(self, factor: f64, around: Point) -> Viewport {
        let scale = (self.scale * factor).clamp(SCALES.0, SCALES.1);
        let held = self.to_canvas(around);
        Viewport { x: around.x - held.x * scale, y: around.y - held.y * scale, scale }
    }

    /// Everything, if it can be read then; otherwise the width, beginning at the top.
    fn fitting(bounds: Rect, (width, height): (f64, f64)) -> Viewport {
        let across = (width - 2.0 * MARGIN) / bounds.width.max(1.0);
        let down = (height - 2.0 * MARGIN) / bounds.height.max(1.0);
        // All of it, if that can be read; else its width, from its beginning.
        let scale = if down < READABLE { across.min(COMFORTABLE) } else { across.min(down) };
        let scale = scale.clamp(SCALES.0, 1.0);
        let fits = bounds.height * scale <= height;
        Viewport {
            x: width / 2.0 - bounds.axis() * scale,
            y: if fits { height / 2.0 - bounds.centre().y * scale } else { MARGIN - bounds.y * scale },
            scale,
        }
    }

    /// Moved as little as needed for a rectangle to be in sight.
    fn revealing(self, rect: Rect, (width, height): (f64, f64)) -> Viewport {
        let shift = |low: f64, high: f64, room: f64| {
            if low < MARGIN {
                MARGIN - low
            } else if high > room - MARGIN {
                (room - MARGIN - high).max(MARGIN - low)
            } else {
                0.0
            }
        };
        let (left, top) = (rect.x * self.scale + self.x, rect.y * self.scale + self.y);
        Viewport {
            x: self.x + shift(left, left + rect.width * self.scale, width),
            y: self.y + shift(top, top + rect.height * self.scale, height),
            ..self
        }
    }
}

/// What is being dragged. Points are of the window's part.
#[derive(Debug, Clone, PartialEq)]
pub enum Drag {
    /// The ground.
    Ground {
        /// Where the pointer was last.
        last: Point,
        /// Whether it has gone anywhere.
        moved: bool,
    },
    /// A task, to another place in a list, or freely.
    Task {
        /// Which.
        path: Pointer,
        /// Where it was taken.
        from: Point,
        /// Where it is.
        at: Point,
        /// Whether it has gone anywhere.
        moved: bool,
        /// It is put where it is let go, rather than into a list.
        freely: bool,
    },
    /// A wire from a task's outlet.
    Wire {
        /// From which.
        from: Pointer,
        /// Where its end is.
        at: Point,
    },
}

/// The canvas as one sees and touches it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Canvas {
    /// What is in sight.
    pub viewport: Viewport,
    /// What is being dragged.
    pub drag: Option<Drag>,
}

/// What happens to the canvas.
#[derive(Debug, Clone, PartialEq)]
pub enum CanvasAction {
    /// It is moved by this many pixels of the window.
    Pan(f64, f64),
    /// It is scaled by this factor around a point of the window's part.
    Zoom(f64, Point),
    /// Everything is brought into sight of a window's part of this size.
    Fit(Rect, (f64, f64)),
    /// A part is brought into sight.
    Reveal(Rect, (f64, f64)),
    /// A drag begins.
    Take(Drag),
    /// The pointer is elsewhere; with this key of free placing.
    Drag(Point, bool),
    /// The drag has ended, well or not.
    Drop,
}

impl Reducible for Canvas {
    type Action = CanvasAction;

    fn reduce(self: Rc<Self>, action: CanvasAction) -> Rc<Self> {
        let mut next = Self::clone(&self);
        let viewport = self.viewport;
        match action {
            CanvasAction::Pan(x, y) => {
                next.viewport = Viewport { x: viewport.x + x, y: viewport.y + y, ..viewport };
            }
            CanvasAction::Zoom(factor, around) => next.viewport = viewport.scaled(factor, around),
            CanvasAction::Fit(bounds, size) => next.viewport = Viewport::fitting(bounds, size),
            CanvasAction::Reveal(rect, size) => next.viewport = viewport.revealing(rect, size),
            CanvasAction::Take(drag) => next.drag = Some(drag),
            CanvasAction::Drop => next.drag = None,
            CanvasAction::Drag(to, alt) => match &mut next.drag {
                Some(Drag::Ground { last, moved }) => {
                    let (x, y) = (to.x - last.x, to.y - last.y);
                    *moved = *moved || x.hypot(y) > 0.0;
                    next.viewport = Viewport { x: viewport.x + x, y: viewport.y + y, ..viewport };
                    *last = to;
                }
                Some(Drag::Task { from, at, moved, freely, .. }) => {
                    *at = to;
                    *moved = *moved || (to.x - from.x).hypot(to.y - from.y) > SLACK;
                    *freely = *freely || alt;
                }
                Some(Drag::Wire { at, .. }) => *at = to,
                None => {}
            },
        }
        Rc::new(next)
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use yew::Reducible;

    use super::{Canvas, CanvasAction, Drag, Point, Rect, Viewport};

    const SIZE: (f64, f64) = (1000.0, 800.0);

    fn doing(actions: impl IntoIterator<Item = CanvasAction>) -> Rc<Canvas> {
        actions.into_iter().fold(Rc::new(Canvas::default()), |canvas, action| canvas.reduce(action))
    }

    #[test]
    fn scaling_keeps_what_is_under_the_pointer() {
        let point = Point { x: 300.0, y: 200.0 };
        let canvas = doing([CanvasAction::Pan(40.0, -10.0), CanvasAction::Zoom(1.5, point)]);
        let under = canvas.viewport.to_canvas(point);
        assert!((under.x - 260.0).abs() < 1e-9 && (under.y - 210.0).abs() < 1e-9, "{under:?}");
        let far = doing(std::iter::repeat_n(CanvasAction::Zoom(0.5, point), 20));
        assert!(far.viewport.scale >= 0.1, "it never vanishes");
    }

    #[test]
    fn fitting_shows_all_or_else_what_can_be_read() {
        let small = Rect { x: -100.0, y: 0.0, width: 200.0, height: 300.0 };
        let fit = doing([CanvasAction::Fit(small, SIZE)]).viewport;
        assert_eq!(fit, Viewport { x: 500.0, y: 250.0, scale: 1.0 }, "never larger than life");
        let long = Rect { x: -150.0, y: 0.0, width: 300.0, height: 13_000.0 };
        let fit = doing([CanvasAction::Fit(long, SIZE)]).viewport;
        assert!(fit.scale >= 0.7 && fit.y > 0.0, "its beginning, to be read: {fit:?}");
        let wide = Rect { x: -5_000.0, y: 0.0, width: 10_000.0, height: 300.0 };
        let fit = doing([CanvasAction::Fit(wide, SIZE)]).viewport;
        assert!(fit.scale < 0.4, "all of its width: {fit:?}");
    }

    #[test]
    fn revealing_moves_no_further_than_needed() {
        let seen = Rect { x: 100.0, y: 100.0, width: 200.0, height: 60.0 };
        assert_eq!(doing([CanvasAction::Reveal(seen, SIZE)]).viewport, Viewport::default());
        let below = Rect { y: 900.0, ..seen };
        let viewport = doing([CanvasAction::Reveal(below, SIZE)]).viewport;
        assert_eq!((viewport.x, viewport.y), (0.0, -192.0));
    }

    #[test]
    fn a_press_becomes_a_drag_once_it_goes_somewhere() {
        let from = Point { x: 10.0, y: 10.0 };
        let take = Drag::Task { path: "/do/0/a".into(), from, at: from, moved: false, freely: false };
        let canvas = doing([CanvasAction::Take(take), CanvasAction::Drag(Point { x: 12.0, y: 11.0 }, false)]);
        assert!(matches!(canvas.drag, Some(Drag::Task { moved: false, .. })));
        let canvas = canvas.reduce(CanvasAction::Drag(Point { x: 30.0, y: 11.0 }, true));
        assert!(matches!(canvas.drag, Some(Drag::Task { moved: true, freely: true, .. })));
        assert_eq!(canvas.viewport, Viewport::default(), "only the task goes");
        assert_eq!(canvas.reduce(CanvasAction::Drop).drag, None);
    }
}
