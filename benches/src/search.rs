//! The search as one types, in the engine, beside one bare query for the same rows.

use std::time::Instant;

use anyhow::Result;
use patchbay_core::id::ProfileId;
use patchbay_engine::{Answers, Engine};
use patchbay_ipc::{ListConnections, Narrowing};
use url::Url;
use uuid::Uuid;

use crate::database::{self, said, since};
use crate::figure::{Figure, Goal, Sample};

const COUNTS: [u32; 3] = [1_000, 10_000, 100_000];
/// How often all prefixes are typed.
const ROUNDS: usize = 10;
/// Rows that a picker shows at first.
const ROWS: u32 = 50;

/// What is typed, letter by letter: what all have, what some have, what one has, what none has, two words.
const TYPED: [&str; 5] = ["work", "team 7", "account 00777", "zebra", "work 0042"];

/// Most connections are of a few connectors.
const CONNECTORS: [&str; 4] = ["github", "github", "slack", "gmail"];
const LABELS: [&str; 4] = ["Work", "Personal", "Team", "Work – Zürich"];

/// Which rows are asked for.
#[derive(Debug, Clone, Copy)]
enum Of {
    /// All: the page of connections.
    All,
    /// Half of them: the picker of a task.
    OneConnector,
}

impl Of {
    fn connector(self) -> Option<&'static str> {
        match self {
            Of::All => None,
            Of::OneConnector => Some("github"),
        }
    }
}

pub(crate) async fn measure() -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for (of, name) in [(Of::OneConnector, "picker of one connector"), (Of::All, "search of all")] {
        let mut slowest = Vec::new();
        for count in COUNTS {
            let (ours, floor) = at(count, of).await?;
            let of_count = format!("{name}, {} connections", grouped(count));
            let p99 = |sample: &Sample| Sample::from_iter([sample.quantile(0.99)]);
            let p50 = |sample: &Sample| Sample::from_iter([sample.median()]);
            slowest.push(ours.quantile(0.99));
            figures.push(Figure::new(format!("{of_count}: p50"), "ms", p50(&ours)).beside(p50(&floor)));
            let figure = Figure::new(format!("{of_count}: p99"), "ms", p99(&ours)).beside(p99(&floor));
            figures.push(if count == 10_000 { figure.goal(Goal::AtMost(16.0)) } else { figure });
        }
        if let [least, .., most] = slowest[..] {
            let growth = Sample::from_iter([most / least]);
            figures.push(
                Figure::new(format!("{name}: p99 of 100,000 in terms of that of 1,000"), "×", growth)
                    .goal(Goal::AtMost(2.0)),
            );
        }
    }
    Ok(figures)
}

/// Each prefix in turn by the engine and bare.
async fn at(count: u32, of: Of) -> Result<(Sample, Sample)> {
    let folder = tempfile::tempdir()?;
    let (store, profile) = database::store(folder.path(), &Url::parse("http://127.0.0.1:9/")?).await?;
    let mut bare = rusqlite::Connection::open(folder.path().join("patchbay.db"))?;
    fill(&mut bare, profile, count)?;
    let engine = database::engine(folder.path(), store, profile, "00000000-0000-4000-8000-000000000000")?;
    let (mut ours, mut floor) = (Sample::default(), Sample::default());
    for _ in 0..ROUNDS {
        for typed in TYPED {
            for end in typed.char_indices().map(|(index, letter)| index + letter.len_utf8()) {
                floor.add(query(&bare, profile, of, &typed[..end])?);
                ours.add(ask(&engine, of, &typed[..end]).await?);
            }
        }
    }
    engine.stop().await;
    Ok((ours, floor))
}

async fn ask(engine: &Engine, of: Of, search: &str) -> Result<f64> {
    let connector = of.connector().map(Into::into);
    let narrowing = Narrowing { search: search.to_owned(), connector, ..Narrowing::default() };
    let request = ListConnections { narrowing, offset: 0, limit: ROWS };
    let started = Instant::now();
    engine.answer(request).await.map_err(said)?;
    Ok(since(started))
}

/// The rows alone, without a count.
fn query(bare: &rusqlite::Connection, profile: ProfileId, of: Of, search: &str) -> Result<f64> {
    let started = Instant::now();
    let words: Vec<&str> = search.split_whitespace().collect();
    let clauses = words.iter().enumerate();
    let clauses: String =
        clauses.map(|(index, _)| format!(" AND instr(search_text, ?{}) > 0", index + 3)).collect();
    let mut statement = bare.prepare_cached(&format!(
        "SELECT instance_id, label, account_name, health, health_learnt_at FROM connections
         WHERE profile_id = ?1 AND (?2 IS NULL OR connector = ?2){clauses}
         ORDER BY created_at DESC, instance_id LIMIT {ROWS}"
    ))?;
    let mut parameters: Vec<Option<String>> =
        vec![Some(profile.to_string()), of.connector().map(str::to_owned)];
    parameters.extend(words.iter().map(|word| Some((*word).to_owned())));
    let rows = statement.query_map(rusqlite::params_from_iter(parameters), |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, Option<String>>(2)?))
    })?;
    for row in rows {
        row?;
    }
    Ok(since(started))
}

/// Rows as a sync would leave them, inserted at once.
fn fill(database: &mut rusqlite::Connection, profile: ProfileId, count: u32) -> Result<()> {
    let transaction = database.transaction()?;
    {
        let mut insert = transaction.prepare(
            "INSERT INTO connections (instance_id, profile_id, connector, provider, integration,
                 connection_id, label, health, created_at, search_text)
             VALUES (?1, ?2, ?3, ?3, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?;
        let now = database::now().as_millisecond();
        for index in 0..count {
            let connector = CONNECTORS[index as usize % CONNECTORS.len()];
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

fn grouped(count: u32) -> String {
    format!("{},000", count / 1000)
}
