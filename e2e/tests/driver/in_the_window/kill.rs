//! The application is killed in every state of an attempt and started again. Afterwards every attempt that
//! was approved has exactly one connection, here and at Nango, and every other has none.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use patchbay_core::id::{AttemptId, ConnectTarget};
use patchbay_e2e::application::{self, Application};
use patchbay_e2e::links::SCHEME;
use patchbay_e2e::robot::{self, Decision};
use patchbay_e2e::server::{DEEP_LINK, Server};
use patchbay_e2e::stage::{Stage, scenario};
use patchbay_e2e::wait::{PATIENTLY, until};
use patchbay_e2e::window::Window;
use patchbay_e2e::wiretap::{Held, Wiretap};
use patchbay_ipc::{FieldInput, PlanConnection, SecretInput, StartAttempt};
use xtask::step::say;

use crate::steps::{attempts, connect_to, opened, settle, stored};

/// How often each of a method's moments is tried.
const ROUNDS: usize = 5;
/// How long to wait for the last open attempts to end: they share the calls a minute that the application allows
/// itself.
const SETTLED_WITHIN: Duration = Duration::from_secs(240);

/// The path at which a session is made.
const SESSION: &str = "/connect/sessions";
/// The path to which the provider's answer is forwarded.
const FORWARD: &str = "/oauth/callback";
/// The paths to which forms are sent.
const FORM: &str = "/api-auth/";

/// When the application is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Moment {
    /// It has asked for a session, and Nango has not heard it.
    SessionAsked,
    /// Nango has made the session, and the application has not heard of it.
    SessionMade,
    /// The person is at the consent page.
    AtConsent,
    /// The provider's answer is under way to Nango, which has not heard it.
    ForwardAsked,
    /// Nango has made the connection, and the application has not heard of it.
    ForwardDone,
    /// The person has approved in a browser that does it all, and the application has not heard of it.
    ApprovedElsewhere,
    /// The form is under way to Nango, which has not heard it.
    FormAsked,
    /// Nango has made the connection from the form, and the application has not heard of it.
    FormDone,
}

impl Moment {
    /// What has to be held on the wire so that the application stays in this moment.
    fn held(self) -> Held {
        match self {
            Self::SessionAsked => Held::Requests(SESSION.to_owned()),
            Self::SessionMade => Held::Answers(SESSION.to_owned()),
            Self::ForwardAsked => Held::Requests(FORWARD.to_owned()),
            Self::ForwardDone => Held::Answers(FORWARD.to_owned()),
            Self::FormAsked => Held::Requests(FORM.to_owned()),
            Self::FormDone => Held::Answers(FORM.to_owned()),
            Self::AtConsent | Self::ApprovedElsewhere => Held::Nothing,
        }
    }

    /// How many connections there may be in the end.
    fn connections(self) -> std::ops::RangeInclusive<usize> {
        match self {
            // The person was never asked, or what was typed is gone.
            Self::SessionAsked | Self::SessionMade | Self::FormAsked => 0..=0,
            Self::AtConsent | Self::ForwardAsked | Self::ForwardDone => 1..=1,
            Self::ApprovedElsewhere | Self::FormDone => 1..=1,
        }
    }
}

/// Where it all happens.
struct Place<'a> {
    stage: &'a Stage,
    server: &'a Server,
    wire: &'a Wiretap,
}

/// What was done.
#[derive(Debug, Default)]
struct Tally {
    kills: usize,
    expected: BTreeMap<AttemptId, Moment>,
}

#[tokio::test(flavor = "multi_thread")]
async fn deep_link_attempts_survive_being_killed() -> Result<()> {
    use Moment::{AtConsent, ForwardAsked, ForwardDone, SessionAsked, SessionMade};
    let moments = [SessionAsked, SessionMade, AtConsent, ForwardAsked, ForwardDone];
    kill_in("kill_deep_link", Some(DEEP_LINK), "github", &moments).await
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_attempts_survive_being_killed() -> Result<()> {
    use Moment::{ApprovedElsewhere, AtConsent, SessionAsked, SessionMade};
    let moments = [SessionAsked, SessionMade, AtConsent, ApprovedElsewhere];
    kill_in("kill_browser", None, "github", &moments).await
}

#[tokio::test(flavor = "multi_thread")]
async fn form_attempts_survive_being_killed() -> Result<()> {
    use Moment::{FormAsked, FormDone, SessionAsked, SessionMade};
    let moments = [SessionAsked, SessionMade, FormAsked, FormDone];
    kill_in("kill_form", None, "sendgrid", &moments).await
}

/// Kills the application at each of the moments, several times, and counts what is left.
async fn kill_in(name: &str, callback: Option<&str>, connector: &str, moments: &[Moment]) -> Result<()> {
    scenario(name, async |stage| {
        let server = Server::start(callback, &[])?;
        let wire = Wiretap::before(server.base_url()).await?;
        let place = Place { stage, server: &server, wire: &wire };
        let mut application = Application::start(stage).await?;
        connect_to(application.window(), wire.address().as_str(), server.api_key()).await?;
        let mut tally = Tally::default();
        for round in 1..=ROUNDS {
            for moment in moments {
                application = one_kill(&place, application, connector, *moment, &mut tally)
                    .await
                    .with_context(|| format!("round {round}, to be killed at {moment:?}"))?;
            }
        }
        settle(application.window(), SETTLED_WITHIN).await?;
        judge(application.window(), &server, &tally).await?;
        let connected = tally.expected.values().filter(|moment| moment.connections().contains(&1)).count();
        say(format_args!(
            "{name}: {} kills; {connected} attempts approved, each with one connection here and at Nango; {} never \
             approved, with none",
            tally.kills,
            tally.expected.len() - connected,
        ));
        application.close().await;
        Ok(())
    })
    .await
}

/// Begins an attempt, kills the application at the moment, starts it again, and lets the person go on.
async fn one_kill(
    place: &Place<'_>,
    application: Application,
    connector: &str,
    moment: Moment,
    tally: &mut Tally,
) -> Result<Application> {
    let Place { stage, server, wire } = place;
    let opened_before = stage.links.opened().len();
    let known: Vec<AttemptId> =
        attempts(application.window()).await?.iter().map(|attempt| attempt.id).collect();
    let made_before = server.connections().await?.len();
    let request = plan(application.window(), connector).await?;
    wire.forget();
    wire.hold(moment.held());
    application.window().tell(&request).await?;
    match moment {
        Moment::SessionAsked | Moment::SessionMade => heard(wire, SESSION).await?,
        Moment::FormAsked => heard(wire, FORM).await?,
        Moment::FormDone => more_connections(server, made_before).await?,
        Moment::AtConsent => drop(opened(stage, opened_before + 1).await?),
        Moment::ForwardAsked | Moment::ForwardDone => {
            let page = opened(stage, opened_before + 1).await?;
            application::deliver(stage, &robot::decide(&page, "sam", Decision::Approve).await?).await?;
            match moment {
                Moment::ForwardAsked => heard(wire, FORWARD).await?,
                _ => more_connections(server, made_before).await?,
            }
        }
        Moment::ApprovedElsewhere => {
            let page = opened(stage, opened_before + 1).await?;
            let callback = robot::decide(&page, "sam", Decision::Approve).await?;
            wire.hold(Held::Answers(String::new()));
            robot::open(&callback).await?;
            more_connections(server, made_before).await?;
        }
    }
    application.kill().await?;
    tally.kills += 1;
    wire.hold(Held::Nothing);
    let mut link = None;
    if moment == Moment::AtConsent {
        let answer =
            robot::decide(&opened(stage, opened_before + 1).await?, "alex", Decision::Approve).await?;
        if answer.starts_with(SCHEME) {
            link = Some(answer);
        } else {
            robot::open(&answer).await?;
        }
    }
    let arguments: Vec<&str> = link.iter().map(String::as_str).collect();
    let application = Application::start_with(stage, &arguments, &[]).await?;
    let new = attempts(application.window()).await?.into_iter().find(|attempt| !known.contains(&attempt.id));
    let new = new.context("an attempt that has begun is remembered")?;
    tally.expected.insert(new.id, moment);
    Ok(application)
}

/// The request that starts an attempt, as the connect dialog would make it.
async fn plan(window: &Window, connector: &str) -> Result<StartAttempt> {
    let plan = window
        .ask(&PlanConnection { target: ConnectTarget::Connector(connector.into()), integration: None })
        .await?;
    let fields = plan.form.fields.iter().map(|field| FieldInput {
        name: field.name.clone(),
        part: field.part,
        value: SecretInput::from("sk-e2e-0d2f6b8a".to_owned()),
    });
    Ok(StartAttempt {
        target: plan.target,
        integration: plan.integration,
        label: plan.default_label,
        fields: fields.collect(),
    })
}

async fn heard(wire: &Wiretap, what: &str) -> Result<()> {
    until(&format!("{what} on the wire"), PATIENTLY, async || Ok(wire.has_heard(what).then_some(()))).await
}

async fn more_connections(server: &Server, than: usize) -> Result<()> {
    until("Nango to make the connection", PATIENTLY, async || {
        Ok((server.connections().await?.len() > than).then_some(()))
    })
    .await
}

/// Compares what was approved with what there is, here and at Nango.
async fn judge(window: &Window, server: &Server, tally: &Tally) -> Result<()> {
    let made = server.connections().await?;
    let mut made_by: BTreeMap<AttemptId, usize> = BTreeMap::new();
    for connection in &made {
        let tag = connection.tags.get("patchbay_attempt").context("every connection carries its attempt")?;
        *made_by.entry(tag.parse()?).or_default() += 1;
    }
    let mut problems = Vec::new();
    for (attempt, moment) in &tally.expected {
        let count = made_by.get(attempt).copied().unwrap_or_default();
        if !moment.connections().contains(&count) {
            problems.push(format!("killed at {moment:?}: {count} connections at Nango"));
        }
    }
    let at_nango: BTreeSet<&str> = made.iter().map(|connection| connection.id.as_str()).collect();
    let rows = stored(window).await?;
    let here: BTreeSet<&str> = rows.iter().map(|row| row.connection_id.as_str()).collect();
    for id in at_nango.symmetric_difference(&here) {
        let made = made.iter().find(|connection| connection.id == **id);
        let attempt = made.and_then(|made| made.tags.get("patchbay_attempt")?.parse().ok());
        let moment = attempt.and_then(|attempt: AttemptId| tally.expected.get(&attempt));
        let side = if here.contains(id) { "only here" } else { "only at Nango" };
        problems.push(format!("a connection is {side}; killed at {moment:?}"));
    }
    if rows.len() != here.len() {
        problems.push(format!("{} rows for {} connections", rows.len(), here.len()));
    }
    if problems.is_empty() { Ok(()) } else { bail!("{}", problems.join("\n")) }
}
