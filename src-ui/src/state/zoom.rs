//! How large everything is drawn: the steps that browsers have.

/// The steps, in percent.
const STEPS: [u16; 11] = [50, 67, 80, 90, 100, 110, 125, 150, 175, 200, 300];
/// The size as it was made.
pub const PLAIN: u16 = 100;

/// The size after a key that is pressed with Ctrl, or nothing if the key is none of these.
#[must_use]
pub fn after(now: u16, key: &str) -> Option<u16> {
    match key {
        "+" | "=" => Some(STEPS.into_iter().find(|step| *step > now).unwrap_or(STEPS[STEPS.len() - 1])),
        "-" | "_" => Some(STEPS.into_iter().rev().find(|step| *step < now).unwrap_or(STEPS[0])),
        "0" => Some(PLAIN),
        _ => None,
    }
}

/// The size that was kept; the plain one if that is none.
#[must_use]
pub fn kept(text: Option<&str>) -> u16 {
    text.and_then(|text| text.parse().ok()).filter(|size| STEPS.contains(size)).unwrap_or(PLAIN)
}

#[cfg(test)]
mod tests {
    use super::{after, kept};

    #[test]
    fn it_goes_step_by_step_and_stays_within() {
        assert_eq!(after(100, "+"), Some(110));
        assert_eq!(after(100, "-"), Some(90));
        assert_eq!(after(300, "="), Some(300));
        assert_eq!(after(50, "-"), Some(50));
        assert_eq!(after(175, "0"), Some(100));
        assert_eq!(after(100, "k"), None);
    }

    #[test]
    fn what_was_kept_is_only_taken_if_it_is_a_step() {
        assert_eq!(kept(Some("150")), 150);
        for text in [None, Some(""), Some("9999"), Some("-1"), Some("x")] {
            assert_eq!(kept(text), 100);
        }
    }
}
