//! Many connections at once: testing them, and taking the list elsewhere.

use patchbay_core::id::InstanceId;
use serde::{Deserialize, Serialize};

use crate::command::command;
use crate::{Choice, TestOutcome};

/// Tests many connections, one after the other, as quickly as Nango's limit allows. Answered at once; how it
/// goes is [`GetBulkTest`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TestConnections {
    /// Which.
    pub choice: Choice,
}
command!(TestConnections, "test_connections", BulkTest);

/// Ends the tests; what has been found stays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CancelTests {}
command!(CancelTests, "cancel_tests", ());

/// How the tests go, or how the last ones went; nothing, if there were none since the start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetBulkTest {}
command!(GetBulkTest, "get_bulk_test", Option<BulkTest>);

/// Tests of many connections.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BulkTest {
    /// Whether they are under way.
    pub running: bool,
    /// How many are to be tested.
    pub total: u32,
    /// How many have been.
    pub tested: u32,
    /// How many work.
    pub works: u32,
    /// How many do not.
    pub fails: u32,
    /// Of how many nothing can be said.
    pub cannot_be_tested: u32,
    /// How it goes or went, in a sentence.
    pub summary: String,
    /// Why it is not quicker, while it is under way.
    pub pace: Option<String>,
    /// Those being tested at this moment.
    pub testing: Vec<InstanceId>,
    /// Those that do not work or cannot be tested, in the order in which they were found; up to 500.
    pub troubles: Vec<Trouble>,
}

/// One connection that does not work or cannot be tested.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trouble {
    /// Which.
    pub instance: InstanceId,
    /// Its label.
    pub label: String,
    /// What the test found.
    pub outcome: TestOutcome,
    /// The same in words, with what to do next.
    pub sentence: String,
}

/// Writes connections into a new file in the downloads folder. It holds no secrets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExportConnections {
    /// Which.
    pub choice: Choice,
    /// In which form.
    pub format: ExportFormat,
}
command!(ExportConnections, "export_connections", ExportReport);

/// The form of an exported list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// An array of objects.
    Json,
    /// For spreadsheets; nothing in it is taken for a formula.
    Csv,
}

/// Where the file is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportReport {
    /// The file, with its folder.
    pub path: String,
    /// How many connections are in it.
    pub count: u32,
}
