//! The part of a long list that is at hand: pages of rows, fetched as they come into sight.

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use patchbay_core::connection::Health;
use patchbay_ipc::{ConnectionPage, ConnectionView, Failure, Narrowing};
use yew::Reducible;

/// Rows in a page.
pub const PAGE: u32 = 100;

/// Pages kept at most; further ones are asked for again when they come back into sight.
const KEPT: usize = 30;

/// How many there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Totals {
    /// Under the narrowing.
    pub matching: u32,
    /// In all.
    pub total: u32,
    /// Of all, by state.
    pub by_health: Vec<(Health, u32)>,
}

/// One question to the engine. The answer counts only while nothing newer was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Edition(pub u32);

/// The rows at hand.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pages {
    /// The narrowing that `pages` belong to.
    narrowing: Narrowing,
    pages: BTreeMap<u32, (Edition, Rc<[ConnectionView]>)>,
    totals: Option<Rc<Totals>>,
    failure: Option<Failure>,
}

/// An answer.
pub struct Answer {
    /// To which question.
    pub edition: Edition,
    /// Under which narrowing.
    pub narrowing: Narrowing,
    /// Which page.
    pub page: u32,
    /// The rows, or why there are none.
    pub result: Result<ConnectionPage, Failure>,
}

impl Pages {
    /// How many there are, once it is known.
    #[must_use]
    pub fn totals(&self) -> Option<&Totals> {
        self.totals.as_deref()
    }

    /// Why the latest question was refused.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// A row, if it is at hand.
    #[must_use]
    pub fn row(&self, index: u32) -> Option<&ConnectionView> {
        let (_, rows) = self.pages.get(&(index / PAGE))?;
        rows.get((index % PAGE) as usize)
    }

    /// All rows at hand.
    pub fn rows(&self) -> impl Iterator<Item = &ConnectionView> {
        self.pages.values().flat_map(|(_, rows)| rows.iter())
    }

    /// The pages that rows in sight need and that are not at hand in this edition.
    #[must_use]
    pub fn wanted(&self, in_sight: &Range<u32>, edition: Edition, narrowing: &Narrowing) -> Vec<u32> {
        let first = in_sight.start / PAGE;
        let last = in_sight.end.saturating_sub(1).max(in_sight.start) / PAGE;
        (first..=last)
            .filter(|page| {
                *narrowing != self.narrowing || self.pages.get(page).is_none_or(|(held, _)| *held != edition)
            })
            .filter(|page| *page == 0 || self.totals().is_none_or(|totals| page * PAGE < totals.matching))
            .collect()
    }
}

impl Reducible for Pages {
    type Action = Answer;

    fn reduce(self: Rc<Self>, answer: Answer) -> Rc<Self> {
        let mut next = Self::clone(&self);
        match answer.result {
            Err(failure) => next.failure = Some(failure),
            Ok(page) => {
                next.failure = None;
                // The old rows stay in sight until the first answer under another narrowing is there.
                if next.narrowing != answer.narrowing {
                    next.narrowing = answer.narrowing;
                    next.pages.clear();
                }
                next.totals = Some(Rc::new(Totals {
                    matching: page.matching,
                    total: page.total,
                    by_health: page.by_health,
                }));
                next.pages.insert(answer.page, (answer.edition, page.connections.into()));
                next.pages.retain(|index, _| *index == answer.page || index * PAGE < page.matching);
                while next.pages.len() > KEPT {
                    let farthest = next.pages.keys().copied().max_by_key(|index| index.abs_diff(answer.page));
                    if let Some(index) = farthest {
                        next.pages.remove(&index);
                    }
                }
            }
        }
        Rc::new(next)
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use jiff::Timestamp;
    use patchbay_core::avatar::Avatar;
    use patchbay_core::connection::Health;
    use patchbay_core::id::InstanceId;
    use patchbay_ipc::{ConnectionPage, ConnectionView, Narrowing};
    use yew::Reducible;

    use super::{Answer, Edition, PAGE, Pages};

    fn view(number: u32) -> ConnectionView {
        let instance: InstanceId = format!("00000000-0000-4000-8000-{number:012}").parse().expect("a UUID");
        ConnectionView {
            instance,
            connection_id: "c".into(),
            connector: None,
            provider: "github".into(),
            connector_name: "X".into(),
            icon: None,
            integration: "x".into(),
            label: format!("row {number}"),
            account: None,
            mismatch: None,
            health: Health::Works,
            awaits_approval: false,
            health_words: "Works".into(),
            health_learnt_at: None,
            created_at: Timestamp::UNIX_EPOCH,
            last_used_at: None,
            last_error: None,
            avatar: Avatar::of(instance, "row"),
            tags: vec![],
            try_again_first: false,
        }
    }

    fn answer(page: u32, edition: u32, search: &str, matching: u32) -> Answer {
        let rows = (page * PAGE..((page + 1) * PAGE).min(matching)).map(view).collect();
        Answer {
            edition: Edition(edition),
            narrowing: Narrowing { search: search.into(), ..Default::default() },
            page,
            result: Ok(ConnectionPage { connections: rows, matching, total: 10_000, by_health: vec![] }),
        }
    }

    fn all() -> Narrowing {
        Narrowing::default()
    }

    #[test]
    fn only_what_is_in_sight_is_wanted() {
        let empty = Rc::new(Pages::default());
        assert_eq!(empty.wanted(&(0..20), Edition(1), &all()), [0], "nothing is known: begin at the top");
        let pages = empty.reduce(answer(0, 1, "", 10_000));
        assert!(pages.wanted(&(0..20), Edition(1), &all()).is_empty());
        assert_eq!(pages.wanted(&(95..115), Edition(1), &all()), [1]);
        assert_eq!(pages.wanted(&(0..20), Edition(2), &all()), [0], "stale rows are asked for again");
        assert_eq!(pages.row(7).map(|row| row.label.as_str()), Some("row 7"));
        assert_eq!(pages.row(100), None);
    }

    #[test]
    fn rows_stay_in_sight_until_another_narrowing_is_answered() {
        let pages = Rc::new(Pages::default()).reduce(answer(0, 1, "", 500)).reduce(answer(3, 1, "", 500));
        let mail = Narrowing { search: "mail".into(), ..Default::default() };
        assert_eq!(pages.wanted(&(0..20), Edition(1), &mail), [0]);
        assert!(pages.row(5).is_some());
        let pages = pages.reduce(answer(0, 1, "mail", 3));
        assert_eq!(pages.rows().count(), 3);
        assert!(
            pages.wanted(&(0..20), Edition(1), &mail).is_empty(),
            "there is no second page of three rows"
        );
    }

    #[test]
    fn far_pages_are_let_go() {
        let mut pages = Rc::new(Pages::default());
        for page in 0..60 {
            pages = pages.reduce(answer(page, 1, "", 10_000));
        }
        assert!(pages.row(0).is_none());
        assert!(pages.row(59 * PAGE).is_some());
    }
}
