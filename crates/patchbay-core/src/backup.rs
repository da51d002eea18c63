//! When the database is copied, and which copies stay.

use jiff::{SignedDuration, Timestamp};

/// How many copies stay.
const KEPT: usize = 7;

/// How old the newest copy may become while Patchbay runs.
const AT_LEAST: SignedDuration = SignedDuration::from_hours(24);

/// Whether a copy is due. One from the future does not count: some clock was wrong when it was made.
#[must_use]
pub fn is_due(copies: &[Timestamp], now: Timestamp) -> bool {
    copies
        .iter()
        .filter(|made| **made <= now)
        .max()
        .is_none_or(|newest| now.duration_since(*newest) >= AT_LEAST)
}

/// The copies in the order in which they would be taken back: the newest first, those from the future last.
#[must_use]
pub fn best_first(mut copies: Vec<Timestamp>, now: Timestamp) -> Vec<Timestamp> {
    copies.sort_by_key(|made| (*made > now, std::cmp::Reverse(*made)));
    copies
}

/// The copies that are too many.
#[must_use]
pub fn to_remove(copies: Vec<Timestamp>, now: Timestamp) -> Vec<Timestamp> {
    best_first(copies, now).into_iter().skip(KEPT).collect()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{best_first, is_due, to_remove};

    fn hour(number: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + number * 3600).expect("a time")
    }

    #[test]
    fn one_is_due_once_a_day() {
        assert!(is_due(&[], hour(0)));
        assert!(!is_due(&[hour(0)], hour(23)));
        assert!(is_due(&[hour(0), hour(-30)], hour(24)));
        assert!(is_due(&[hour(9000)], hour(0)), "the clock was wrong when it was made");
    }

    #[test]
    fn the_newest_stay_and_what_a_wrong_clock_made_goes_first() {
        let copies: Vec<Timestamp> = (0..10).map(|number| hour(number * 24)).chain([hour(9_000)]).collect();
        let now = hour(9 * 24);
        assert_eq!(best_first(copies.clone(), now)[0], now);
        assert_eq!(best_first(copies.clone(), now).last(), Some(&hour(9_000)));
        let gone = to_remove(copies, now);
        assert_eq!(gone, [hour(48), hour(24), hour(0), hour(9_000)]);
        assert!(to_remove((0..7).map(hour).collect(), now).is_empty());
    }
}
