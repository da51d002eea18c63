//! What one types, letter by letter, in lists of three lengths: the engine beside one bare query for the same rows.

use std::time::Instant;

use anyhow::Result;
use patchbay_core::id::ProfileId;
use patchbay_engine::Engine;
use url::Url;
use uuid::Uuid;

use crate::database::{self, since};
use crate::figure::{Figure, Goal, Sample};

pub(crate) const COUNTS: [u32; 3] = [1_000, 10_000, 100_000];
/// How often all prefixes are typed.
const ROUNDS: usize = 20;
/// Rows that are shown at first.
pub(crate) const ROWS: u32 = 50;

/// What is typed: what all have, what some have, what one has, what none has, two words.
const TYPED: [&str; 5] = ["work", "team 7", "account 00777", "zebra", "work 0042"];

const LABELS: [&str; 4] = ["Work", "Personal", "Team", "Work – Zürich"];

/// A list that is searched.
pub(crate) struct List {
    /// What it is called in the table.
    pub(crate) name: &'static str,
    /// What its connections are of, in turns.
    pub(crate) connectors: &'static [&'static str],
    /// SQL: the order of its rows.
    pub(crate) order: &'static str,
}

/// Measures the list without a search and with each growing prefix. `ask` asks the engine for the first rows.
pub(crate) async fn measure(
    list: &List,
    ask: impl AsyncFn(&Engine, String) -> Result<()>,
) -> Result<Vec<Figure>> {
    let (mut figures, mut opened, mut typed) = (Vec::new(), Vec::new(), Vec::new());
    for count in COUNTS {
        let [open, search] = at(count, list, &ask).await?;
        opened.push(open.ours.quantile(0.99));
        typed.push(search.ours.quantile(0.99));
        figures
            .extend(open.figures(&format!("{}, {} connections, opened", list.name, grouped(count)), count));
        figures
            .extend(search.figures(&format!("{}, {} connections, typing", list.name, grouped(count)), count));
    }
    for (doing, slowest) in [("opened", opened), ("typing", typed)] {
        if let [least, .., most] = slowest[..] {
            let growth = Sample::from_iter([most / least]);
            let what = format!("{}, {doing}: p99 of 100,000 in terms of that of 1,000", list.name);
            figures.push(Figure::new(what, "×", growth).goal(Goal::AtMost(2.0)));
        }
    }
    Ok(figures)
}

#[derive(Default)]
struct Beside {
    ours: Sample,
    floor: Sample,
}

impl Beside {
    fn figures(&self, what: &str, count: u32) -> [Figure; 2] {
        let at = |part: f64| {
            let [ours, floor] =
                [&self.ours, &self.floor].map(|sample| Sample::from_iter([sample.quantile(part)]));
            (ours, floor)
        };
        let ((p50, bare_p50), (p99, bare_p99)) = (at(0.5), at(0.99));
        let p99 = Figure::new(format!("{what}: p99"), "ms", p99).beside(bare_p99);
        [
            Figure::new(format!("{what}: p50"), "ms", p50).beside(bare_p50),
            if count == 10_000 { p99.goal(Goal::AtMost(16.0)) } else { p99 },
        ]
    }
}

/// Opening and each prefix in turn, bare and by the engine.
async fn at(
    count: u32,
    list: &List,
    ask: &impl AsyncFn(&Engine, String) -> Result<()>,
) -> Result<[Beside; 2]> {
    let folder = tempfile::tempdir()?;
    let (store, profile) = database::store(folder.path(), &Url::parse("http://127.0.0.1:9/")?).await?;
    let mut bare = rusqlite::Connection::open(folder.path().join("patchbay.db"))?;
    fill(&mut bare, profile, list.connectors, count)?;
    let engine = database::engine(folder.path(), store, profile, "00000000-0000-4000-8000-000000000000")?;
    let (mut opened, mut searched) = (Beside::default(), Beside::default());
    for _ in 0..ROUNDS {
        for typed in TYPED {
            let ends = typed.char_indices().map(|(index, letter)| index + letter.len_utf8());
            for end in [0].into_iter().chain(ends) {
                let beside = if end == 0 { &mut opened } else { &mut searched };
                beside.floor.add(query(&bare, profile, list, &typed[..end])?);
                let started = Instant::now();
                ask(&engine, typed[..end].to_owned()).await?;
                beside.ours.add(since(started));
            }
        }
    }
    engine.stop().await;
    Ok([opened, searched])
}

/// The rows alone, without a count. All of a list of one connector are of it.
fn query(bare: &rusqlite::Connection, profile: ProfileId, list: &List, search: &str) -> Result<f64> {
    let started = Instant::now();
    let words: Vec<&str> = search.split_whitespace().collect();
    let clauses = words.iter().enumerate();
    let clauses: String =
        clauses.map(|(index, _)| format!(" AND instr(search_text, ?{}) > 0", index + 2)).collect();
    let mut statement = bare.prepare_cached(&format!(
        "SELECT instance_id, label, account_name, health, health_learnt_at FROM connections
         WHERE profile_id = ?1{clauses} ORDER BY {} LIMIT {ROWS}",
        list.order
    ))?;
    let mut parameters = vec![profile.to_string()];
    parameters.extend(words.iter().map(|word| (*word).to_owned()));
    let rows = statement.query_map(rusqlite::params_from_iter(parameters), |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, Option<String>>(2)?))
    })?;
    for row in rows {
        row?;
    }
    Ok(since(started))
}

/// Rows as a sync would leave them, inserted at once.
fn fill(
    database: &mut rusqlite::Connection,
    profile: ProfileId,
    connectors: &[&str],
    count: u32,
) -> Result<()> {
    let transaction = database.transaction()?;
    {
        let mut insert = transaction.prepare(
            "INSERT INTO connections (instance_id, profile_id, connector, provider, integration,
                 connection_id, label, health, created_at, search_text)
             VALUES (?1, ?2, ?3, ?3, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?;
        let now = database::now().as_millisecond();
        for index in 0..count {
            let connector = connectors[index as usize % connectors.len()];
            let label = LABELS[(index as usize / 3) % LABELS.len()];
            let label = format!("{label} {} account {index:05}", index % 97);
            insert.execute((
                Uuid::new_v4().to_string(),
                profile.to_string(),
                connector,
                format!("connection-{index}"),
                &label,
                if index % 50 == 0 { "needs_reconnect" } else { "unknown" },
                now - i64::from(index) * 1000,
                format!("{label} {connector} {connector}").to_lowercase(),
            ))?;
        }
    }
    transaction.commit()?;
    Ok(())
}

pub(crate) fn grouped(count: u32) -> String {
    format!("{},000", count / 1000)
}
