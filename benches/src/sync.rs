//! A sync of 10,000 connections beside the same pages fetched bare and inserted bare.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use patchbay_e2e::server::Server;
use patchbay_engine::Answers;
use patchbay_ipc::SyncConnections;
use serde::Deserialize;

use crate::database::{self, said, since};
use crate::figure::{Figure, Goal, Sample};

const CONNECTIONS: usize = 10_000;
const RUNS: usize = 7;
/// As many to a page as the engine asks for.
const PAGE: usize = 1000;

pub(crate) async fn measure() -> Result<Vec<Figure>> {
    let server = Server::start(None, &[])?;
    server.seed(CONNECTIONS, "github", "bench").await?;
    let (mut first, mut again, mut floor) = (Sample::default(), Sample::default(), Sample::default());
    for _ in 0..RUNS {
        floor.add(bare(&server).await?);
        let (new, unchanged) = engine(&server).await?;
        first.add(new);
        again.add(unchanged);
    }
    Ok(vec![
        Figure::new("sync of 10,000, all of them new; floor: fetched and inserted bare", "ms", first)
            .beside(floor)
            .goal(Goal::TimesFloor(1.3)),
        Figure::new("the same again, nothing having changed", "ms", again),
    ])
}

/// The engine, on a new database: everything is new; then once more.
async fn engine(server: &Server) -> Result<(f64, f64)> {
    let folder = tempfile::tempdir()?;
    let (store, profile) = database::store(folder.path(), server.base_url()).await?;
    let engine = database::engine(folder.path(), store, profile, server.api_key())?;
    let started = Instant::now();
    let report = engine.answer(SyncConnections {}).await.map_err(said)?;
    let first = since(started);
    ensure!(report.discovered as usize == CONNECTIONS, "{report:?}");
    let started = Instant::now();
    engine.answer(SyncConnections {}).await.map_err(said)?;
    let again = since(started);
    engine.stop().await;
    Ok((first, again))
}

/// What of a listed connection is kept.
#[derive(Deserialize)]
struct Listed {
    connection_id: String,
    provider_config_key: String,
    provider: String,
    errors: Vec<serde::de::IgnoredAny>,
    tags: BTreeMap<String, String>,
    created: String,
}

#[derive(Deserialize)]
struct Page {
    connections: Vec<Listed>,
}

/// The same pages, fetched one after the other and inserted in one transaction that reaches the disk.
async fn bare(server: &Server) -> Result<f64> {
    let folder = tempfile::tempdir()?;
    let mut database = table(folder.path())?;
    drop(rustls::crypto::ring::default_provider().install_default());
    let http = reqwest::Client::builder().no_proxy().build()?;
    let mut url = server.base_url().join("connections")?;
    let started = Instant::now();
    let mut all = Vec::new();
    for page in 0.. {
        url.set_query(Some(&format!("page={page}&limit={PAGE}")));
        let answer = http.get(url.clone()).bearer_auth(server.api_key()).send().await?.error_for_status()?;
        let Page { connections } = serde_json::from_slice(&answer.bytes().await?)?;
        let is_last = connections.len() < PAGE;
        all.extend(connections);
        if is_last {
            break;
        }
    }
    let count = tokio::task::spawn_blocking(move || insert(&mut database, &all)).await??;
    let taken = since(started);
    ensure!(count == CONNECTIONS, "{count} were inserted");
    Ok(taken)
}

fn table(folder: &Path) -> Result<rusqlite::Connection> {
    let database = rusqlite::Connection::open(folder.join("bare.db"))?;
    database.pragma_update(None, "journal_mode", "WAL")?;
    database.pragma_update(None, "synchronous", "FULL")?;
    database.execute_batch(
        "CREATE TABLE connections (connection_id TEXT, integration TEXT, provider TEXT, broken INTEGER,
             end_user TEXT, created TEXT, PRIMARY KEY (integration, connection_id)) STRICT",
    )?;
    Ok(database)
}

fn insert(database: &mut rusqlite::Connection, all: &[Listed]) -> Result<usize> {
    let transaction = database.transaction()?;
    {
        let mut insert =
            transaction.prepare("INSERT INTO connections VALUES (?1, ?2, ?3, ?4, ?5, ?6)").context("bare")?;
        for listed in all {
            insert.execute((
                &listed.connection_id,
                &listed.provider_config_key,
                &listed.provider,
                !listed.errors.is_empty(),
                listed.tags.get("end_user_id"),
                &listed.created,
            ))?;
        }
    }
    transaction.commit()?;
    Ok(all.len())
}
