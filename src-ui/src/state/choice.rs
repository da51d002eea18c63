//! Which rows of the list are chosen: some one by one, or all that the list is narrowed to, however many.

use patchbay_core::id::InstanceId;
use patchbay_ipc::{Choice, Narrowing};

/// The rows of a list that are chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen(Choice);

impl Default for Chosen {
    fn default() -> Self {
        Chosen(Choice::These(Vec::new()))
    }
}

impl Chosen {
    /// All that the list is narrowed to.
    #[must_use]
    pub fn all(narrowing: Narrowing) -> Self {
        Chosen(Choice::Matching(narrowing))
    }

    /// Whether a row is chosen. The list shows no row that does not match.
    #[must_use]
    pub fn has(&self, instance: InstanceId) -> bool {
        match &self.0 {
            Choice::Matching(_) => true,
            Choice::These(instances) => instances.contains(&instance),
        }
    }

    /// Whether no row is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count(u32::MAX) == 0
    }

    /// How many are, of as many as match.
    #[must_use]
    pub fn count(&self, matching: u32) -> u32 {
        match &self.0 {
            Choice::Matching(_) => matching,
            Choice::These(instances) => u32::try_from(instances.len()).unwrap_or(u32::MAX),
        }
    }

    /// The same with a row chosen that was not, or not any more. Taking one out of all that match needs all to be
    /// at hand; otherwise none is chosen afterwards, rather than the wrong ones.
    #[must_use]
    pub fn toggled(&self, instance: InstanceId, at_hand: &[InstanceId], matching: u32) -> Self {
        let mut instances = match &self.0 {
            Choice::These(instances) => instances.clone(),
            Choice::Matching(_) if at_hand.len() == matching as usize => at_hand.to_vec(),
            Choice::Matching(_) => return Self::default(),
        };
        let before = instances.len();
        instances.retain(|held| *held != instance);
        if instances.len() == before {
            instances.push(instance);
        }
        Chosen(Choice::These(instances))
    }

    /// What something is done with: the chosen rows, or all that match where none is chosen.
    #[must_use]
    pub fn or_all(&self, narrowing: &Narrowing) -> Choice {
        if self.is_empty() { Choice::Matching(narrowing.clone()) } else { self.0.clone() }
    }
}

#[cfg(test)]
mod tests {
    use patchbay_core::id::InstanceId;
    use patchbay_ipc::{Choice, Narrowing};

    use super::Chosen;

    fn instance(number: u32) -> InstanceId {
        format!("00000000-0000-4000-8000-{number:012}").parse().expect("a UUID")
    }

    #[test]
    fn rows_are_chosen_one_by_one() {
        let none = Chosen::default();
        assert!(none.is_empty());
        assert_eq!(none.or_all(&Narrowing::default()), Choice::Matching(Narrowing::default()));
        let two = none.toggled(instance(1), &[], 9).toggled(instance(2), &[], 9);
        assert_eq!((two.count(9), two.has(instance(1)), two.has(instance(3))), (2, true, false));
        let one = two.toggled(instance(1), &[], 9);
        assert_eq!(one.or_all(&Narrowing::default()), Choice::These(vec![instance(2)]));
    }

    #[test]
    fn one_is_taken_out_of_all_only_if_all_are_known() {
        let all = Chosen::all(Narrowing::default());
        assert_eq!((all.count(10_000), all.has(instance(7))), (10_000, true));
        let at_hand = [instance(1), instance(2)];
        assert_eq!(
            all.toggled(instance(1), &at_hand, 2).or_all(&Narrowing::default()),
            Choice::These(vec![instance(2)])
        );
        assert!(all.toggled(instance(1), &at_hand, 10_000).is_empty());
    }
}
