//! The application is killed at random instants of whatever it does. Afterwards the database is whole, nothing that
//! was approved is lost, nothing is there twice, and no call of a run was made twice.
//!
//! `PATCHBAY_KILLS` says how often, `PATCHBAY_SEED` repeats an earlier sequence.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use patchbay_core::connection::Health;
use patchbay_core::id::{AttemptId, ConnectTarget, InstanceId, WorkflowId};
use patchbay_core::workflow::binding::Slot;
use patchbay_core::workflow::edit::Edit;
use patchbay_core::workflow::run::RunState;
use patchbay_e2e::application::{self, Application};
use patchbay_e2e::robot::{self, Decision};
use patchbay_e2e::server::{DEEP_LINK, Server};
use patchbay_e2e::stage::{Stage, scenario};
use patchbay_e2e::traces::files_below;
use patchbay_e2e::wait::until;
use patchbay_e2e::window::Window;
use patchbay_ipc::{
    Bind, Code, ConnectionPlan, ConnectionView, CreateWorkflow, DisconnectConnection, EditWorkflow,
    FieldInput, GetWorkflow, ListRuns, Phase, PlanConnection, PlanReconnect, SecretInput, StartAttempt,
    StartReconnect, StartRun, SyncConnections,
};
use rusqlite::Connection;
use xtask::step::say;

use crate::steps::{attempts, connect_to, opened, settle, stored, wait_phase};

/// How often the application is killed where nothing else is asked for.
const KILLS: usize = 24;

/// The longest time between asking for something and the kill: most of what is asked for takes less.
const LONGEST_MS: u64 = 150;

/// How long the last open ends may take to be tied up; they share the calls a minute that the application allows itself.
const SETTLED_WITHIN: Duration = Duration::from_secs(240);

/// The role that is bound anew, and the path of the calls of a run. Each run has a number of its own.
const ROLE: &str = "mail";
const CALLS: &str = "/proxy/run";

/// What the application is doing when it is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Act {
    ConnectByForm,
    ConnectByLink,
    Reconnect,
    Disconnect,
    Sync,
    Rebind,
    Run,
}

const ACTS: [Act; 7] = [
    Act::ConnectByForm,
    Act::ConnectByLink,
    Act::Reconnect,
    Act::Disconnect,
    Act::Sync,
    Act::Rebind,
    Act::Run,
];

/// What has been done so far.
struct World {
    random: fastrand::Rng,
    workflow: WorkflowId,
    /// Two connections that are never disconnected, for the role to be bound to.
    kept: [ConnectionView; 2],
    bound: BTreeSet<InstanceId>,
    disconnected: BTreeSet<InstanceId>,
    /// The attempts whose pages were approved, and the link that came of each.
    approved: BTreeMap<AttemptId, String>,
    runs: u32,
    done: BTreeMap<Act, usize>,
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_or_doubled_whenever_it_is_killed() -> Result<()> {
    let kills = from_environment("PATCHBAY_KILLS")?.unwrap_or(KILLS);
    let seed = from_environment("PATCHBAY_SEED")?.unwrap_or_else(|| fastrand::u64(..));
    scenario("kill_anywhere", async |stage| {
        let server = Server::start(Some(DEEP_LINK), &[])?;
        let mut application = Application::start(stage).await?;
        connect_to(application.window(), server.base_url().as_str(), server.api_key()).await?;
        let mut world = World::set_up(application.window(), seed).await?;
        for number in 1..=kills {
            let act = ACTS[world.random.usize(..ACTS.len())];
            application = world
                .kill_during(act, stage, application)
                .await
                .with_context(|| format!("kill {number}, during {act:?}; PATCHBAY_SEED={seed}"))?;
        }
        let window = application.window();
        world.judge(window, &server).await.with_context(|| format!("PATCHBAY_SEED={seed}"))?;
        say(format_args!(
            "kill_anywhere: {kills} kills ({:?}), seed {seed}: nothing lost, nothing doubled",
            world.done
        ));
        application.close().await;
        Ok(())
    })
    .await
}

fn from_environment<T: std::str::FromStr>(name: &str) -> Result<Option<T>> {
    match std::env::var(name) {
        Ok(text) => text.parse().ok().map(Some).with_context(|| format!("{name} is a number, not {text:?}")),
        Err(_) => Ok(None),
    }
}

impl World {
    async fn set_up(window: &Window, seed: u64) -> Result<Self> {
        for _ in 0..2 {
            window.ask(&start(window, "sendgrid").await?).await?;
            wait_phase(window, Phase::Connected).await?;
        }
        let kept: [ConnectionView; 2] = stored(window).await?.try_into().ok().context("two connections")?;
        let workflow = workflow(window).await?;
        let slot = Slot::Role(ROLE.to_owned());
        window.ask(&Bind { workflow, slot, instance: Some(kept[0].instance) }).await?;
        Ok(Self {
            random: fastrand::Rng::with_seed(seed),
            workflow,
            bound: BTreeSet::from([kept[0].instance]),
            kept,
            disconnected: BTreeSet::new(),
            approved: BTreeMap::new(),
            runs: 0,
            done: BTreeMap::new(),
        })
    }

    /// Has the application begin something, kills it some instants later, and starts it again.
    async fn kill_during(
        &mut self,
        act: Act,
        stage: &Stage,
        application: Application,
    ) -> Result<Application> {
        let window = application.window();
        let mut link = None;
        let mut done = act;
        match act {
            Act::ConnectByForm => window.tell(&start(window, "sendgrid").await?).await?,
            Act::ConnectByLink => {
                let pages = stage.links.opened().len();
                let attempt = window.ask(&start(window, "github").await?).await?.id;
                let came = robot::decide(&opened(stage, pages + 1).await?, "sam", Decision::Approve).await?;
                self.approved.insert(attempt, came.clone());
                // A person whose window vanished goes back to the browser and follows the link once more; so that one
                // which did not arrive is no matter here.
                if let Err(problem) = application::deliver(stage, &came).await {
                    say(format_args!("a link did not arrive at the first time: {problem:#}"));
                }
                link = Some(came);
            }
            Act::Reconnect => {
                let instance = self.kept[self.random.usize(..2)].instance;
                match window.ask_plainly(&PlanReconnect { instance }).await? {
                    Ok(plan) => window.tell(&StartReconnect { instance, fields: filled(&plan) }).await?,
                    // One that an earlier kill interrupted is still being looked for.
                    Err(refused) => {
                        ensure!(refused.code == Code::Conflict, "{}", refused.message);
                        done = Act::Sync;
                        window.tell(&SyncConnections {}).await?;
                    }
                }
            }
            Act::Disconnect => {
                let kept = self.kept.each_ref().map(|connection| connection.instance);
                let mut others = stored(window).await?;
                others.retain(|it| it.health != Health::Disconnecting && !kept.contains(&it.instance));
                if let Some(chosen) = others.get(self.random.usize(..others.len().max(1))) {
                    self.disconnected.insert(chosen.instance);
                    window.tell(&DisconnectConnection { instance: chosen.instance }).await?;
                } else {
                    done = Act::Sync;
                    window.tell(&SyncConnections {}).await?;
                }
            }
            Act::Sync => window.tell(&SyncConnections {}).await?,
            Act::Rebind => {
                let instance = self.kept[self.random.usize(..2)].instance;
                self.bound.insert(instance);
                let slot = Slot::Role(ROLE.to_owned());
                window.tell(&Bind { workflow: self.workflow, slot, instance: Some(instance) }).await?;
            }
            Act::Run => {
                self.runs += 1;
                let input = format!("{{\"number\": {}}}", self.runs);
                window.tell(&StartRun { workflow: self.workflow, input }).await?;
            }
        }
        // Not a wait for anything: the random instant is the test.
        tokio::time::sleep(Duration::from_millis(self.random.u64(..LONGEST_MS))).await;
        application.kill().await?;
        *self.done.entry(done).or_default() += 1;
        database_is_whole(stage)?;
        let arguments: Vec<&str> = link.iter().map(String::as_str).collect();
        let application = Application::start_with(stage, &arguments, &[]).await?;
        self.look(application.window()).await?;
        Ok(application)
    }

    /// What has to be so right after a start.
    async fn look(&mut self, window: &Window) -> Result<()> {
        let running = ListRuns { workflow: None, state: Some(RunState::Running), offset: 0, limit: 10 };
        ensure!(window.ask(&running).await?.runs.is_empty(), "no run goes on after a kill");
        let view = window.ask(&GetWorkflow { workflow: self.workflow }).await?;
        let bound: BTreeSet<InstanceId> =
            view.castings.iter().filter_map(|casting| Some(casting.connection.as_ref()?.instance)).collect();
        ensure!(view.castings.len() == 3, "three tasks: {:?}", view.problems);
        ensure!(bound.len() == 1, "the role is bound to one connection, not to {bound:?}");
        ensure!(bound.is_subset(&self.bound), "it is bound to what was chosen before or now");
        self.bound = bound;
        Ok(())
    }

    /// Ties up what is open and compares all that was done with what there is, here and at Nango.
    async fn judge(&self, window: &Window, server: &Server) -> Result<()> {
        settle(window, SETTLED_WITHIN).await?;
        until("a last sync", SETTLED_WITHIN, async || window.ask(&SyncConnections {}).await.map(Some))
            .await?;
        until("the queued disconnects", SETTLED_WITHIN, async || {
            let left = stored(window).await?.iter().filter(|it| it.health == Health::Disconnecting).count();
            if left == 0 { Ok(Some(())) } else { bail!("{left} are left") }
        })
        .await?;

        let made = server.connections().await?;
        let at_nango: BTreeSet<&str> = made.iter().map(|connection| connection.id.as_str()).collect();
        let rows = stored(window).await?;
        let here: BTreeSet<&str> = rows.iter().map(|row| row.connection_id.as_str()).collect();
        ensure!(rows.len() == here.len(), "{} rows for {} connections", rows.len(), here.len());
        ensure!(here == at_nango, "only on one side: {:?}", here.symmetric_difference(&at_nango));
        ensure!(rows.iter().all(|row| row.health != Health::Gone), "nothing is shown that is not there");

        let mut made_by: BTreeMap<AttemptId, usize> = BTreeMap::new();
        for connection in &made {
            let tag =
                connection.tags.get("patchbay_attempt").context("every connection carries its attempt")?;
            *made_by.entry(tag.parse()?).or_default() += 1;
        }
        ensure!(
            made_by.values().all(|count| *count == 1),
            "an attempt has made two connections: {made_by:?}"
        );
        for attempt in attempts(window).await?.iter().filter(|it| self.approved.contains_key(&it.id)) {
            ensure!(attempt.phase == Phase::Connected, "approved, and then {:?}", attempt.phase);
            let wanted = !self.disconnected.contains(&attempt.instance);
            ensure!(made_by.contains_key(&attempt.id) || !wanted, "an approved connection is lost");
        }
        for kept in &self.kept {
            let row =
                rows.iter().find(|row| row.instance == kept.instance).context("what is kept is there")?;
            ensure!(row.connection_id == kept.connection_id, "a reconnect keeps the connection's id");
        }

        let mut calls: BTreeMap<String, usize> = BTreeMap::new();
        for path in server.requested_paths().await?.into_iter().filter(|path| path.starts_with(CALLS)) {
            *calls.entry(path).or_default() += 1;
        }
        ensure!(calls.values().all(|count| *count == 1), "a call was made twice: {calls:?}");
        Ok(())
    }
}

/// Looks at a copy: what the next start finds is what the kill left.
fn database_is_whole(stage: &Stage) -> Result<()> {
    let copies = tempfile::tempdir()?;
    let mut database = None;
    for file in files_below(stage.home().path())? {
        let Some(name) = file.file_name().and_then(|name| name.to_str()) else { continue };
        if name == "patchbay.db" || name == "patchbay.db-wal" {
            let copy = copies.path().join(name);
            fs::copy(&file, &copy)?;
            database = database.or(name.ends_with(".db").then_some(copy));
        }
    }
    let database = Connection::open(database.context("there is a database")?)?;
    let answer: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    ensure!(answer == "ok", "the database is damaged: {answer}");
    let dangling: i64 =
        database.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0))?;
    ensure!(dangling == 0, "{dangling} rows refer to what is not there");
    Ok(())
}

/// The request that starts an attempt, as the connect dialog would make it.
async fn start(window: &Window, connector: &str) -> Result<StartAttempt> {
    let target = ConnectTarget::Connector(connector.into());
    let plan = window.ask(&PlanConnection { target, integration: None }).await?;
    Ok(StartAttempt {
        fields: filled(&plan),
        target: plan.target,
        integration: plan.integration,
        label: plan.default_label,
    })
}

fn filled(plan: &ConnectionPlan) -> Vec<FieldInput> {
    let filled = plan.form.fields.iter().map(|field| FieldInput {
        name: field.name.clone(),
        part: field.part,
        value: SecretInput::from("sk-e2e-0d2f6b8a".to_owned()),
    });
    filled.collect()
}

/// A workflow of three calls, one after the other, each at a path with the number of its run.
async fn workflow(window: &Window) -> Result<WorkflowId> {
    let made = window.ask(&CreateWorkflow { name: "Three calls".to_owned() }).await?;
    let mut text = String::from(
        "document:\n  dsl: 1.0.3\n  namespace: patchbay\n  name: three-calls\n  version: 0.1.0\n\
         use:\n  secrets: [nango]\n  authentications:\n    nango:\n      bearer:\n        token: ${ $secrets.nango }\n\
         do:\n",
    );
    for name in ["one", "two", "three"] {
        text.push_str(&format!(
            "  - {name}:\n      call: http\n      with:\n        method: post\n        endpoint:\n          \
             uri: ${{ \"\\($workflow.input.nango){CALLS}/\\($workflow.input.number)/{name}\" }}\n          \
             authentication: {{ use: nango }}\n        headers:\n          Provider-Config-Key: sendgrid\n          \
             Connection-Id: ${{ $workflow.input.connections.{ROLE} }}\n      \
             metadata:\n        patchbay: {{ connector: sendgrid, role: {ROLE} }}\n"
        ));
    }
    let edit = EditWorkflow { workflow: made.id, version: made.version, edit: Edit::ReplaceText { text } };
    let edited = window.ask(&edit).await?;
    ensure!(edited.castings.len() == 3, "three tasks to cast, problems: {:?}", edited.problems);
    Ok(made.id)
}
