//! A text box with a list of choices under it, as the ARIA Authoring Practices have it: the focus stays in the text
//! box, and keys move through the list.

/// How many choices a page key passes.
const PAGE: u32 = 8;

/// Whether the list is open, and which choice the keyboard is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Combobox {
    /// The list is open.
    pub is_open: bool,
    /// The choice Enter takes.
    pub active: Option<u32>,
}

/// What comes of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reaction {
    /// The list is as this says now.
    Now(Combobox),
    /// That choice is taken.
    Choose(u32),
    /// The list closes and nothing is taken.
    Close,
    /// The key is the text box's own.
    Nothing,
}

impl Combobox {
    /// The list, open at its beginning.
    #[must_use]
    pub fn opened() -> Self {
        Self { is_open: true, active: None }
    }

    /// What a key does where there are `count` choices.
    #[must_use]
    pub fn key(self, key: &str, count: u32) -> Reaction {
        let last = count.checked_sub(1);
        let at = |active: Option<u32>| Reaction::Now(Self { is_open: true, active });
        if !self.is_open {
            return match key {
                "ArrowDown" => at(last.map(|_| 0)),
                "ArrowUp" => at(last),
                _ => Reaction::Nothing,
            };
        }
        match (key, self.active, last) {
            ("Escape", ..) => Reaction::Close,
            ("Enter", Some(active), Some(last)) if active <= last => Reaction::Choose(active),
            ("ArrowDown" | "ArrowUp" | "PageDown" | "PageUp", _, None) => at(None),
            ("ArrowDown", None, _) => at(Some(0)),
            ("ArrowDown", Some(active), Some(last)) => at(Some(if active >= last { 0 } else { active + 1 })),
            ("ArrowUp", None | Some(0), _) => at(last),
            ("ArrowUp", Some(active), _) => at(Some(active - 1)),
            ("PageDown", active, Some(last)) => at(Some((active.unwrap_or(0) + PAGE).min(last))),
            ("PageUp", active, _) => at(Some(active.unwrap_or(0).saturating_sub(PAGE))),
            _ => Reaction::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Combobox, Reaction};

    fn at(active: u32) -> Combobox {
        Combobox { is_open: true, active: Some(active) }
    }

    #[test]
    fn keys_open_it_and_go_round() {
        let closed = Combobox::default();
        assert_eq!(closed.key("ArrowDown", 3), Reaction::Now(at(0)));
        assert_eq!(closed.key("ArrowUp", 3), Reaction::Now(at(2)));
        assert_eq!(closed.key("Enter", 3), Reaction::Nothing, "it may submit a form");
        assert_eq!(Combobox::opened().key("ArrowDown", 3), Reaction::Now(at(0)));
        assert_eq!(at(2).key("ArrowDown", 3), Reaction::Now(at(0)));
        assert_eq!(at(0).key("ArrowUp", 3), Reaction::Now(at(2)));
        assert_eq!(at(1).key("PageDown", 30), Reaction::Now(at(9)));
        assert_eq!(at(1).key("PageUp", 30), Reaction::Now(at(0)));
        assert_eq!(at(28).key("PageDown", 30), Reaction::Now(at(29)));
    }

    #[test]
    fn enter_takes_only_what_is_there() {
        assert_eq!(at(1).key("Enter", 3), Reaction::Choose(1));
        assert_eq!(at(5).key("Enter", 3), Reaction::Nothing, "the list has become shorter meanwhile");
        assert_eq!(
            Combobox::opened().key("Enter", 3),
            Reaction::Nothing,
            "one candidate is offered, not taken"
        );
        assert_eq!(at(1).key("Escape", 3), Reaction::Close);
        assert_eq!(at(1).key("x", 3), Reaction::Nothing);
        assert_eq!(Combobox::opened().key("ArrowDown", 0), Reaction::Now(Combobox::opened()));
    }
}
