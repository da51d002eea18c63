//! Walking a list that shifts: which page to ask for next, and whether nothing was passed over.
//!
//! Nango's pages begin at `page × limit` and the list is ordered, newest first. Each page is asked for so that it
//! begins with a row that has been read already. If rows were deleted meanwhile and it does not, those between
//! have not been seen: the walk steps back. If rows were added, some are read twice and count once.

use std::collections::HashSet;

use jiff::Timestamp;
use nango_client::ConnectionSummary;

/// Connections to a page: Nango allows 2,000 and answers this many in a tenth of a second.
pub(crate) const PAGE: u32 = 1000;

/// So often a walk steps back before it gives up. Each step is four times as long as the one before.
const MOST_STEPS_BACK: u32 = 12;

/// Where a walk stands.
#[derive(Default)]
pub(crate) struct Walk {
    seen: HashSet<i64>,
    rows: Vec<ConnectionSummary>,
    /// How many rows of the list are behind, as it was when the latest page was read.
    passed: u32,
    /// The last row read: by its time and number the list is ordered.
    last: Option<(Timestamp, i64)>,
    /// How many rows that have been read the next page should begin with; 0 stands for 1.
    overlap: u32,
    steps_back: u32,
}

/// What a page meant.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// There is more.
    More,
    /// It was the last.
    Done,
    /// The list changes too quickly to be read.
    Unsteady,
}

impl Walk {
    /// The page to ask for next, and how long it is.
    pub(crate) fn next(&self) -> (u32, u32) {
        let begin_by = self.passed.saturating_sub(self.overlap.max(1));
        if begin_by == 0 {
            return (0, PAGE);
        }
        let page = begin_by.div_ceil(PAGE);
        (page, begin_by / page)
    }

    /// Takes the page that [`Walk::next`] named.
    pub(crate) fn take(&mut self, listed: Vec<ConnectionSummary>) -> Taken {
        let (page, limit) = self.next();
        let length = u32::try_from(listed.len()).unwrap_or(u32::MAX);
        let begins_with = listed.first().map(place);
        let is_joined = match (page, self.last, begins_with) {
            (0, ..) | (_, None, _) => true,
            (_, Some(last), Some(first)) => first >= last,
            (_, Some(_), None) => false,
        };
        if !is_joined {
            self.steps_back += 1;
            self.overlap = self.overlap.max(1).saturating_mul(4);
            return if self.steps_back > MOST_STEPS_BACK { Taken::Unsteady } else { Taken::More };
        }
        self.overlap = 0;
        self.passed = page * limit + length;
        self.last = listed.last().map(place).or(self.last);
        self.rows.extend(listed.into_iter().filter(|row| self.seen.insert(row.id)));
        if length < limit { Taken::Done } else { Taken::More }
    }

    /// How many connections have been read.
    pub(crate) fn read(&self) -> u32 {
        u32::try_from(self.rows.len()).unwrap_or(u32::MAX)
    }

    /// What has been read, each connection once.
    pub(crate) fn finish(self) -> Vec<ConnectionSummary> {
        self.rows
    }
}

fn place(row: &ConnectionSummary) -> (Timestamp, i64) {
    (row.created, row.id)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use nango_client::ConnectionSummary;
    use rstest::rstest;

    use super::{PAGE, Taken, Walk};

    fn row(id: i64) -> ConnectionSummary {
        // Several share a moment, as connections imported together do.
        let created = jiff::Timestamp::from_second(id / 7).expect("a time");
        let json = serde_json::json!({
            "id": id, "connection_id": format!("c{id}"), "provider_config_key": "github",
            "provider": "github", "created": created.to_string(),
        });
        serde_json::from_value(json).expect("a summary")
    }

    /// What happens to the list before each page.
    type Change = fn(&mut BTreeSet<i64>, usize);

    fn nothing(_: &mut BTreeSet<i64>, _: usize) {}

    fn one_new(list: &mut BTreeSet<i64>, page: usize) {
        list.insert(1_000_000 + i64::try_from(page).expect("few"));
    }

    /// More than a page, again and again, but not for ever.
    fn many_new(list: &mut BTreeSet<i64>, page: usize) {
        if page < 4 {
            let first = 1_000_000 + 10_000 * i64::try_from(page).expect("few");
            list.extend(first..first + 2_500);
        }
    }

    fn newest_deleted(list: &mut BTreeSet<i64>, page: usize) {
        if (1..6).contains(&page) {
            let newest: Vec<i64> = list.iter().rev().take(3).copied().collect();
            newest.iter().for_each(|id| assert!(list.remove(id)));
        }
    }

    /// Everything that has been read goes, so that the rest is in front.
    fn most_deleted(list: &mut BTreeSet<i64>, page: usize) {
        if page == 3 {
            *list = list.iter().copied().filter(|id| *id < 1_500).collect();
        }
    }

    fn all_deleted(list: &mut BTreeSet<i64>, page: usize) {
        if page == 2 {
            list.clear();
        }
    }

    /// Rows that are there from the first page to the last are read, and none is read twice.
    #[rstest]
    #[case::steady(nothing)]
    #[case::one_new(one_new)]
    #[case::many_new(many_new)]
    #[case::newest_deleted(newest_deleted)]
    #[case::most_deleted(most_deleted)]
    #[case::all_deleted(all_deleted)]
    fn nothing_is_lost_and_nothing_doubled(
        #[case] change: Change,
        #[values(0, 1, 999, 1000, 1001, 5_000)] count: i64,
    ) {
        let mut list: BTreeSet<i64> = (1..=count).collect();
        let mut stayed = list.clone();
        let mut walk = Walk::default();
        for page in 0.. {
            assert!(page < 100, "the walk does not end");
            change(&mut list, page);
            if page > 0 {
                stayed = stayed.intersection(&list).copied().collect();
            }
            let (number, limit) = walk.next();
            assert!((1..=PAGE).contains(&limit), "a page of {limit}");
            let ordered = list.iter().rev().skip((number * limit) as usize).take(limit as usize);
            match walk.take(ordered.map(|id| row(*id)).collect()) {
                Taken::More => {}
                Taken::Done => break,
                Taken::Unsteady => panic!("it gave up"),
            }
        }
        let ids: Vec<i64> = walk.finish().iter().map(|row| row.id).collect();
        let distinct: BTreeSet<i64> = ids.iter().copied().collect();
        assert_eq!(distinct.len(), ids.len(), "none is read twice");
        let lost: Vec<&i64> = stayed.difference(&distinct).collect();
        assert!(lost.is_empty(), "{} lost, {:?} first", lost.len(), lost.first());
    }

    #[test]
    fn a_steady_list_costs_no_page_more() {
        let mut walk = Walk::default();
        let mut pages = 0;
        loop {
            let (number, limit) = walk.next();
            pages += 1;
            let first = i64::from(number * limit);
            let rows = (first..(first + i64::from(limit)).min(10_000)).map(|place| row(10_000 - place));
            if walk.take(rows.collect()) == Taken::Done {
                break;
            }
        }
        assert_eq!(pages, 11, "ten full pages, each a little shorter than the one before, and the rest");
    }
}
