//! The table on the terminal, and the same as JSON and Markdown in the build folder.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::Serialize;
use serde_json::json;
use xtask::step::say;

use crate::figure::{Figure, Goal, Sample};

/// What the machine was like.
#[derive(Debug, Clone, Serialize)]
struct Machine {
    processor: String,
    cores: usize,
    load_before: String,
    load_after: String,
}

/// All that was measured.
pub(crate) struct Report {
    folder: PathBuf,
    begun_at: jiff::Timestamp,
    load_before: String,
    parts: Vec<(&'static str, Vec<Figure>)>,
}

impl Report {
    #[expect(clippy::disallowed_methods, reason = "a report says when it was made")]
    pub(crate) fn begin() -> Result<Self> {
        let folder = std::env::var_os("PATCHBAY_BENCH_OUTPUT").context("`cargo xtask bench` starts this")?;
        Ok(Self {
            folder: folder.into(),
            begun_at: jiff::Timestamp::now(),
            load_before: load()?,
            parts: Vec::new(),
        })
    }

    pub(crate) fn add(&mut self, part: &'static str, figures: Vec<Figure>) {
        self.parts.push((part, figures));
    }

    /// Prints the table and writes `report.json` and `report.md`.
    pub(crate) fn tell(&self) -> Result<()> {
        let machine = Machine {
            processor: processor()?,
            cores: std::thread::available_parallelism()?.get(),
            load_before: self.load_before.clone(),
            load_after: load()?,
        };
        let table = self.table(&machine);
        say(format_args!("\n{table}"));
        fs::create_dir_all(&self.folder)?;
        let parts: Vec<_> = self
            .parts
            .iter()
            .map(|(part, figures)| json!({ "part": part, "figures": figures.iter().map(judged).collect::<Vec<_>>() }))
            .collect();
        let json = json!({ "begun_at": self.begun_at, "machine": machine, "parts": parts });
        fs::write(self.folder.join("report.json"), serde_json::to_string_pretty(&json)?)?;
        fs::write(self.folder.join("report.md"), table)?;
        say(format_args!("{} holds the same as report.json and report.md", self.folder.display()));
        Ok(())
    }

    fn table(&self, machine: &Machine) -> String {
        let mut lines = vec![
            format!(
                "{} cores of {}; load before {}, after {} (1, 5, 15 minutes). Medians, with the least and the most.",
                machine.cores, machine.processor, machine.load_before, machine.load_after
            ),
            String::new(),
            "| what | Patchbay | floor | ratio | goal | |".to_owned(),
            "|---|--:|--:|--:|--:|---|".to_owned(),
        ];
        lines.extend(self.parts.iter().flat_map(|(_, figures)| figures).map(line));
        lines.push(String::new());
        lines.join("\n")
    }
}

fn judged(figure: &Figure) -> serde_json::Value {
    json!({
        "what": figure.what, "unit": figure.unit, "runs": figure.ours.len(),
        "median": figure.ours.median(), "floor_median": figure.floor.as_ref().map(Sample::median),
        "ratio": figure.ratio(), "goal": figure.goal, "met": figure.is_met(),
        "ours": figure.ours, "floor": figure.floor,
    })
}

fn line(figure: &Figure) -> String {
    let unit = figure.unit;
    let floor = figure.floor.as_ref().map_or_else(String::new, |floor| spread(floor, unit));
    let ratio = figure.ratio().map_or_else(String::new, |ratio| format!("{ratio:.2}"));
    let goal = match figure.goal {
        Some(Goal::TimesFloor(most)) => format!("≤ {most} × floor"),
        Some(Goal::OfFloor(least)) => format!("≥ {least} × floor"),
        Some(Goal::AtMost(most)) => format!("≤ {most} {unit}"),
        None => String::new(),
    };
    let verdict = match figure.is_met() {
        Some(true) => "met",
        Some(false) => "**missed**",
        None => "",
    };
    format!("| {} | {} | {floor} | {ratio} | {goal} | {verdict} |", figure.what, spread(&figure.ours, unit))
}

/// `12.3 ms (11.0–15.2)`.
fn spread(sample: &Sample, unit: &str) -> String {
    let (least, middle, most) = (sample.quantile(0.0), sample.median(), sample.quantile(1.0));
    if sample.len() < 2 || (least - most).abs() < f64::EPSILON {
        return format!("{} {unit}", short(middle));
    }
    format!("{} {unit} ({}–{})", short(middle), short(least), short(most))
}

fn short(value: f64) -> String {
    match value.abs() {
        100.0.. => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        _ if value.fract() == 0.0 => format!("{value:.0}"),
        _ => format!("{value:.2}"),
    }
}

fn load() -> Result<String> {
    let text = fs::read_to_string("/proc/loadavg").context("the machine's load cannot be read")?;
    Ok(text.split_whitespace().take(3).collect::<Vec<_>>().join(" "))
}

fn processor() -> Result<String> {
    let text = fs::read_to_string("/proc/cpuinfo").context("the processor cannot be told")?;
    let name = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    Ok(name.map_or("an unnamed processor", |(_, name)| name).to_owned())
}
