//! A run as a picture over time: which execution when, how long, inside of what.

use jiff::Timestamp;
use patchbay_ipc::{RunEntryView, RunSummary};

/// One execution in the picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// Its place in the run's log.
    pub number: u32,
    /// How deep it is nested.
    pub depth: u32,
    /// Where it begins, as a part of the whole.
    pub start: f64,
    /// How much of the whole it takes.
    pub width: f64,
    /// How long it took, or has taken until now.
    pub milliseconds: u64,
}

/// The picture.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RunChart {
    /// Its bars: each execution before those inside it.
    pub bars: Vec<Bar>,
    /// How long the whole is.
    pub milliseconds: u64,
    /// Round times along it: where, as a part of the whole, and in words.
    pub marks: Vec<(f64, String)>,
}

/// Draws a run as it is now.
#[must_use]
pub fn draw(run: &RunSummary, entries: &[RunEntryView], now: Timestamp) -> RunChart {
    let from = run.started_at;
    let last = entries.iter().map(|entry| entry.ended_at.unwrap_or(entry.started_at)).max();
    let until = run.ended_at.unwrap_or(now).max(last.unwrap_or(from));
    let whole = between(from, until).max(1);
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a run are far below 2^53")]
    let part = |milliseconds: u64| milliseconds as f64 / whole as f64;
    let mut bars = Vec::with_capacity(entries.len());
    let mut inside: Vec<Vec<usize>> = vec![Vec::new(); entries.len() + 1];
    let place = |number: u32| entries.iter().position(|entry| entry.number == number);
    for (index, entry) in entries.iter().enumerate() {
        // What its parent is not shown of stands at the outermost level.
        let parent = entry.parent.and_then(|parent| {
            entries
                .get(parent as usize)
                .filter(|held| held.number == parent)
                .map(|_| parent as usize)
                .or_else(|| place(parent))
        });
        inside[parent.map_or(0, |parent| parent + 1)].push(index);
    }
    // Depth first, without recursion: a log may nest as deep as its document.
    let mut open: Vec<(usize, u32)> = inside[0].iter().rev().map(|index| (*index, 0)).collect();
    while let Some((index, depth)) = open.pop() {
        let entry = &entries[index];
        let milliseconds = between(entry.started_at, entry.ended_at.unwrap_or(until));
        bars.push(Bar {
            number: entry.number,
            depth,
            start: part(between(from, entry.started_at)).min(1.0),
            width: part(milliseconds).min(1.0),
            milliseconds,
        });
        open.extend(inside[index + 1].iter().rev().map(|child| (*child, depth + 1)));
    }
    let step = step_of(whole);
    let marks =
        (1..).map(|count| count * step).take_while(|at| *at < whole).map(|at| (part(at), duration(at)));
    RunChart { bars, milliseconds: whole, marks: marks.collect() }
}

fn between(from: Timestamp, until: Timestamp) -> u64 {
    u64::try_from(until.as_millisecond() - from.as_millisecond()).unwrap_or(0)
}

/// A round length that goes four to eight times into the whole.
fn step_of(whole: u64) -> u64 {
    const ROUND: [u64; 17] =
        [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000, 600_000];
    ROUND.into_iter().find(|step| whole / step <= 8).unwrap_or(whole / 6)
}

/// A length of time in words: `80 ms`, `1.2 s`, `3 min 5 s`, `2 h 10 min`.
#[must_use]
pub fn duration(milliseconds: u64) -> String {
    let seconds = milliseconds / 1_000;
    match milliseconds {
        0..1_000 => format!("{milliseconds} ms"),
        1_000..60_000 if milliseconds.is_multiple_of(1_000) => format!("{seconds} s"),
        1_000..60_000 => format!("{seconds}.{} s", milliseconds % 1_000 / 100),
        60_000..3_600_000 if seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        60_000..3_600_000 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

/// How long a run took, or has taken until now.
#[must_use]
pub fn length(run: &RunSummary, now: Timestamp) -> String {
    duration(between(run.started_at, run.ended_at.unwrap_or(now)))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use patchbay_core::workflow::run::{RunState, TaskState};
    use patchbay_ipc::{RunEntryView, RunSummary};

    use super::{draw, duration};

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(1_000_000 + milliseconds).expect("in range")
    }

    fn run(ended: Option<i64>) -> RunSummary {
        let id = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff";
        RunSummary {
            id: id.parse().expect("an id"),
            workflow: id.parse().expect("an id"),
            name: "w".into(),
            state: RunState::Completed,
            words: "Completed".into(),
            started_at: at(0),
            ended_at: ended.map(at),
            tasks_ended: 0,
            tasks_begun: 0,
            problem: None,
        }
    }

    fn entry(number: u32, parent: Option<u32>, from: i64, until: Option<i64>) -> RunEntryView {
        RunEntryView {
            number,
            parent,
            path: "/do/0/a".into(),
            task: format!("t{number}"),
            state: TaskState::Completed,
            started_at: at(from),
            ended_at: until.map(at),
            attempts: 1,
            connector: None,
            connection: None,
            connection_id: None,
            summary: String::new(),
            failure: None,
            reconnect: None,
        }
    }

    #[test]
    fn each_execution_stands_under_the_one_it_is_inside_of() {
        // Two branches that began in turns.
        let entries = [
            entry(0, None, 0, Some(1_000)),
            entry(1, Some(0), 0, Some(400)),
            entry(2, Some(0), 0, Some(900)),
            entry(3, Some(1), 100, Some(400)),
            entry(4, Some(2), 500, Some(900)),
        ];
        let chart = draw(&run(Some(1_000)), &entries, at(9_999));
        let order: Vec<(u32, u32)> = chart.bars.iter().map(|bar| (bar.number, bar.depth)).collect();
        assert_eq!(order, [(0, 0), (1, 1), (3, 2), (2, 1), (4, 2)]);
        let last = chart.bars.last().expect("one");
        assert!((last.start - 0.5).abs() < 1e-9 && (last.width - 0.4).abs() < 1e-9, "{last:?}");
        assert_eq!(chart.marks.first().map(|(_, words)| words.as_str()), Some("200 ms"));
    }

    #[test]
    fn what_runs_still_reaches_until_now() {
        let chart = draw(&run(None), &[entry(0, None, 0, None)], at(2_000));
        assert_eq!((chart.milliseconds, chart.bars[0].milliseconds), (2_000, 2_000));
    }

    #[test]
    fn a_parent_that_is_not_shown_loses_nobody() {
        let chart = draw(&run(Some(10)), &[entry(5, Some(4), 0, Some(5))], at(10));
        assert_eq!(chart.bars.len(), 1);
    }

    #[test]
    fn lengths_in_words() {
        for (milliseconds, expected) in [
            (0, "0 ms"),
            (999, "999 ms"),
            (1_250, "1.2 s"),
            (2_000, "2 s"),
            (185_000, "3 min 5 s"),
            (120_000, "2 min"),
            (7_800_000, "2 h 10 min"),
        ] {
            assert_eq!(duration(milliseconds), expected);
        }
    }
}
