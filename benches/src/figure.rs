//! A figure: what was measured, its floor, and what it should be.

use serde::Serialize;

/// What several runs of one thing took, in the figure's unit.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Sample(Vec<f64>);

impl Sample {
    pub(crate) fn add(&mut self, value: f64) {
        self.0.push(value);
    }

    /// The value below which this part of the runs lies; 0.5 is the median. 0 of nothing.
    pub(crate) fn quantile(&self, part: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an index into a few thousand runs"
        )]
        let index = (part * (sorted.len().max(1) - 1) as f64).round() as usize;
        sorted.get(index).copied().unwrap_or_default()
    }

    pub(crate) fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl FromIterator<f64> for Sample {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

/// What a figure should be.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Goal {
    /// At most so many times its floor.
    TimesFloor(f64),
    /// At least this part of its floor, where more is better.
    OfFloor(f64),
    /// At most so much, in the figure's unit.
    AtMost(f64),
}

/// One line of the table.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Figure {
    /// What was measured.
    pub(crate) what: String,
    /// In what: `ms`, `MB`, `calls`, `calls/s`, `×`.
    pub(crate) unit: &'static str,
    /// Patchbay's.
    pub(crate) ours: Sample,
    /// The floor's.
    pub(crate) floor: Option<Sample>,
    pub(crate) goal: Option<Goal>,
}

impl Figure {
    pub(crate) fn new(what: impl Into<String>, unit: &'static str, ours: Sample) -> Self {
        Self { what: what.into(), unit, ours, floor: None, goal: None }
    }

    pub(crate) fn beside(mut self, floor: Sample) -> Self {
        self.floor = Some(floor);
        self
    }

    pub(crate) fn goal(mut self, goal: Goal) -> Self {
        self.goal = Some(goal);
        self
    }

    /// The median in terms of the floor's.
    pub(crate) fn ratio(&self) -> Option<f64> {
        let floor = self.floor.as_ref()?.median();
        (floor > 0.0).then(|| self.ours.median() / floor)
    }

    /// Whether the goal is met; nothing where there is none.
    pub(crate) fn is_met(&self) -> Option<bool> {
        Some(match self.goal? {
            Goal::TimesFloor(most) => self.ratio()? <= most,
            Goal::OfFloor(least) => self.ratio()? >= least,
            Goal::AtMost(most) => self.ours.median() <= most,
        })
    }
}
