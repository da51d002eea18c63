//! How many connections are in which state. Each letter of a search asks for it, so it is counted anew only when the
//! database has changed.

use patchbay_core::connection::Health;
use patchbay_core::id::{ConnectTarget, ConnectorSlug, ProfileId};
use rusqlite::Connection;

use crate::StoreError;
use crate::columns::all;
use crate::search::{Version, version};

/// How many connections of a connector are in a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthCount {
    /// What they are connected of.
    pub target: ConnectTarget,
    /// The state.
    pub health: Health,
    /// Whether they answer as another account, which their owner has not decided on yet.
    pub awaiting_decision: bool,
    /// How many.
    pub count: u32,
}

/// The counts of one profile as they were read last.
#[derive(Default)]
pub(crate) struct Counts {
    read: Option<(ProfileId, Version)>,
    counts: Vec<HealthCount>,
}

impl Counts {
    /// A profile's counts as they are now.
    pub(crate) fn of(
        &mut self,
        connection: &Connection,
        profile: ProfileId,
    ) -> Result<&[HealthCount], StoreError> {
        let read = (profile, version(connection)?);
        if self.read != Some(read) {
            self.counts = count(connection, profile)?;
            self.read = Some(read);
        }
        Ok(&self.counts)
    }

    /// How many are of a connector and in a state, where these are asked for.
    pub(crate) fn matching(
        &mut self,
        connection: &Connection,
        profile: ProfileId,
        connector: Option<&ConnectorSlug>,
        health: Option<Health>,
    ) -> Result<u32, StoreError> {
        let is_of = |target: &ConnectTarget, slug: &ConnectorSlug| matches!(target, ConnectTarget::Connector(of) if of == slug);
        let counts = self.of(connection, profile)?.iter();
        let matching = counts.filter(|count| {
            connector.is_none_or(|slug| is_of(&count.target, slug))
                && health.is_none_or(|health| count.health == health)
        });
        Ok(matching.map(|count| count.count).sum())
    }
}

/// Those of a connector are counted in the order of an index that has all it takes; only the others' rows are read.
fn count(connection: &Connection, profile: ProfileId) -> Result<Vec<HealthCount>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT connector, provider, health, awaiting, sum(count) AS count FROM (
             SELECT connector, '' AS provider, health,
                 pending_account_id IS NOT NULL AND pending_refused = 0 AS awaiting, count(*) AS count
             FROM connections WHERE profile_id = ?1 AND connector IS NOT NULL
             GROUP BY connector, health, pending_account_id, pending_refused
             UNION ALL
             SELECT NULL, provider, health,
                 pending_account_id IS NOT NULL AND pending_refused = 0 AS awaiting, count(*)
             FROM connections WHERE profile_id = ?1 AND connector IS NULL GROUP BY provider, health, awaiting
         ) GROUP BY 1, 2, 3, 4",
    )?;
    all(&mut statement, [profile.to_string()], |row| {
        Ok(HealthCount {
            target: match row.get::<_, Option<String>>("connector")? {
                Some(slug) => ConnectTarget::Connector(slug.into()),
                None => ConnectTarget::Provider(row.get::<_, String>("provider")?.into()),
            },
            health: Health::from_name(&row.get::<_, String>("health")?)
                .ok_or(StoreError::Unreadable("health"))?,
            awaiting_decision: row.get("awaiting")?,
            count: row.get("count")?,
        })
    })
}
