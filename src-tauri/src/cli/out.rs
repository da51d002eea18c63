//! What is written: results to standard output, everything else to standard error.

use std::io::Write;

use patchbay_ipc::Failure;
use serde::Serialize;

/// The two ends. Nobody reading any more is no error: the work is done all the same.
#[derive(Debug)]
pub(crate) struct Out;

impl Out {
    /// A line of the result.
    pub(crate) fn line(&self, text: &str) {
        drop(writeln!(std::io::stdout(), "{}", plain(text)));
    }

    /// The result as JSON.
    pub(crate) fn json(&self, value: &impl Serialize) {
        match serde_json::to_string_pretty(value) {
            // A control character is an escape in JSON, so that none reaches the terminal.
            Ok(text) => drop(writeln!(std::io::stdout(), "{text}")),
            Err(error) => self.note(&error.to_string()),
        }
    }

    /// A line for people beside the result.
    pub(crate) fn note(&self, text: &str) {
        drop(writeln!(std::io::stderr(), "{}", plain(text)));
    }

    /// What went wrong and what to do next.
    pub(crate) fn failure(&self, failure: &Failure) {
        self.note(&failure.message);
        for line in failure.detail.iter().flat_map(|detail| detail.lines()) {
            self.note(&format!("  {line}"));
        }
        self.note(&failure.hint);
    }

    /// Rows under headings, the columns aligned.
    pub(crate) fn table<const N: usize>(&self, headings: [&str; N], rows: &[[String; N]]) {
        let width = |column: usize| {
            let cells = rows.iter().map(|row| plain(&row[column]).chars().count());
            cells.chain([headings[column].len()]).max().unwrap_or_default()
        };
        let widths: [usize; N] = std::array::from_fn(width);
        let line = |cells: [&str; N]| {
            let padded = cells.iter().zip(widths).map(|(cell, width)| {
                let cell = plain(cell);
                let gap = " ".repeat(width.saturating_sub(cell.chars().count()));
                format!("{cell}{gap}")
            });
            self.line(padded.collect::<Vec<_>>().join("  ").trim_end());
        };
        line(headings);
        for row in rows {
            line(std::array::from_fn(|column| row[column].as_str()));
        }
    }
}

/// A text without what a terminal would obey: labels and answers are other people's.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
