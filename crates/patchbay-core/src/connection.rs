//! A connection as this machine knows it: what is known of its health and of whose account it is, and what a
//! finding changes of that.
//!
//! Leaves out how something is found (the engine asks) and where it is kept (the store).

use std::collections::BTreeMap;

use jiff::Timestamp;
use patchbay_texts::{mark, t, text};
use serde::{Deserialize, Serialize};

use crate::id::{
    ConnectTarget, ConnectionId, ConnectorSlug, InstanceId, IntegrationKey, ProfileId, ProviderKey,
};

/// What is known of whether a connection works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// The last check or use succeeded.
    Works,
    /// Nango reports that its credentials no longer work.
    NeedsReconnect,
    /// Never checked.
    Unknown,
    /// Deleted elsewhere.
    Gone,
    /// A disconnect is queued until Nango can be reached.
    Disconnecting,
}

impl Health {
    /// Every state, in the order a filter offers them.
    pub const ALL: [Health; 5] =
        [Health::Works, Health::NeedsReconnect, Health::Unknown, Health::Gone, Health::Disconnecting];

    /// The name under which the state is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Health::Works => "works",
            Health::NeedsReconnect => "needs_reconnect",
            Health::Unknown => "unknown",
            Health::Gone => "gone",
            Health::Disconnecting => "disconnecting",
        }
    }

    /// The state of that name, if it is one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Health> {
        Health::ALL.into_iter().find(|health| health.as_str() == name)
    }

    /// The state in words, as people read it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Health::Works => t!("Works"),
            Health::NeedsReconnect => t!("Needs reconnect"),
            Health::Unknown => t!("Never checked"),
            Health::Gone => t!("Gone"),
            Health::Disconnecting => t!("Disconnecting"),
        }
    }
}

/// Who a connection is at its provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The provider's own id of the account.
    pub id: String,
    /// A name people recognise: login, display name or workspace.
    pub name: String,
    /// Its e-mail address, where the provider tells it.
    pub email: Option<String>,
}

/// What a connection is tagged with at Nango, by key.
pub type Tags = BTreeMap<String, String>;

/// The tags that mean something to people: those that neither Patchbay nor Nango's sessions have set.
#[must_use]
pub fn operators_tags(all: Tags) -> Tags {
    let is_ours = |key: &str| key.starts_with("patchbay_") || key.starts_with("end_user_");
    all.into_iter().filter(|(key, _)| !is_ours(key)).collect()
}

/// Another account than the stored one, as which a connection answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// Who it is now.
    pub account: Account,
    /// Whether its owner has said that this is the wrong one. Until then it waits for a decision.
    pub refused: bool,
}

/// One connection of one profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Our id of it; kept over reconnects.
    pub instance: InstanceId,
    /// Whose it is.
    pub profile: ProfileId,
    /// The connector it belongs to, if Patchbay has a manifest for its provider.
    pub connector: Option<ConnectorSlug>,
    /// Nango's template.
    pub provider: ProviderKey,
    /// The integration it was made through.
    pub integration: IntegrationKey,
    /// Nango's id of it.
    pub connection_id: ConnectionId,
    /// The name its owner gave it.
    pub label: String,
    /// Who it is at the provider, once known.
    pub account: Option<Account>,
    /// Who it is now, where that is somebody else than `account`.
    pub mismatch: Option<Mismatch>,
    /// What is known of whether it works.
    pub health: Health,
    /// When that was learnt; nothing while `health` is `Unknown`.
    pub health_learnt_at: Option<Timestamp>,
    /// When Nango made it.
    pub created_at: Timestamp,
    /// When a run or a test last used it.
    pub last_used_at: Option<Timestamp>,
    /// The last error seen with it, in words.
    pub last_error: Option<String>,
    /// It needs a reconnect for a reason that Nango's list does not know of: the provider refuses it, or its
    /// owner has refused the account. A list without errors does not mend that.
    pub refusal_stands: bool,
    /// An administrator at the provider has to approve it before it can be used.
    pub awaits_approval: bool,
    /// Where its service answers, for a connector whose connections each name a server of their own.
    pub base_url: Option<String>,
    /// What the operator has tagged it with.
    pub tags: Tags,
}

/// What asking about a connection found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// It works, as this account.
    Answers(Account),
    /// Its credentials do not work any more.
    Refused {
        /// What happened, in words.
        words: String,
        /// Whether the provider itself said so. Otherwise Nango did, and its list says so too.
        by_provider: bool,
    },
    /// It did not work this time, which says nothing of its credentials.
    Failed(String),
    /// Nango does not have it any more.
    Gone,
    /// Nothing can be concluded.
    Nothing,
}

/// A line of a connection's history to be added: what happened, and more about it.
pub type NewEvent = (Provenance, Option<String>);

/// What becomes of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The connection as it is afterwards.
    pub connection: Connection,
    /// What its history says about it.
    pub events: Vec<NewEvent>,
}

impl Change {
    fn of(connection: Connection) -> Change {
        Change { connection, events: Vec::new() }
    }

    /// The same, found by a test that a person asked for.
    #[must_use]
    pub fn by_test(mut self, now: Timestamp, words: String) -> Change {
        self.connection.last_used_at = Some(now);
        self.events.insert(0, (Provenance::Tested, Some(words)));
        self
    }
}

impl Connection {
    /// What a finding changes. A connection that is being disconnected stays as it is.
    #[must_use]
    pub fn after(&self, finding: Finding, now: Timestamp) -> Change {
        if self.health == Health::Disconnecting {
            return Change::of(self.clone());
        }
        match finding {
            Finding::Answers(account) => self.answering_as(account, now),
            Finding::Refused { words, by_provider } => Change::of(Connection {
                health: Health::NeedsReconnect,
                health_learnt_at: Some(now),
                last_error: Some(words),
                refusal_stands: by_provider || self.refusal_stands,
                ..self.clone()
            }),
            Finding::Failed(words) => Change::of(Connection { last_error: Some(words), ..self.clone() }),
            Finding::Gone => Change {
                connection: Connection { health: Health::Gone, health_learnt_at: Some(now), ..self.clone() },
                events: match self.health {
                    Health::Gone => Vec::new(),
                    _ => vec![(Provenance::FoundGone, None)],
                },
            },
            Finding::Nothing => Change::of(self.clone()),
        }
    }

    fn answering_as(&self, account: Account, now: Timestamp) -> Change {
        let works = Connection {
            health: Health::Works,
            health_learnt_at: Some(now),
            last_error: None,
            refusal_stands: false,
            awaits_approval: false,
            ..self.clone()
        };
        let stored = match &self.account {
            Some(stored) if stored.id != account.id => stored,
            // The name may have changed since.
            _ => return Change::of(Connection { account: Some(account), mismatch: None, ..works }),
        };
        let is_known = |known: &&Mismatch| known.account.id == account.id;
        match self.mismatch.as_ref().filter(is_known) {
            Some(known) if known.refused => Change::of(Connection {
                health: Health::NeedsReconnect,
                health_learnt_at: Some(now),
                refusal_stands: true,
                ..self.clone()
            }),
            Some(_) => {
                Change::of(Connection { mismatch: Some(Mismatch { account, refused: false }), ..works })
            }
            None => {
                let names = t!("{name} instead of {other}", name = account.name, other = stored.name);
                Change {
                    connection: Connection { mismatch: Some(Mismatch { account, refused: false }), ..works },
                    events: vec![(Provenance::OtherAccountFound, Some(names))],
                }
            }
        }
    }

    /// A call as it succeeded. Whose account it is was not asked, so that another account stays what it is, and a
    /// wrong one is no better for it.
    #[must_use]
    pub fn worked(&self, now: Timestamp) -> Change {
        let is_wrong = self.mismatch.as_ref().is_some_and(|mismatch| mismatch.refused);
        if is_wrong || self.health == Health::Disconnecting {
            return Change::of(self.clone());
        }
        Change::of(Connection {
            health: Health::Works,
            health_learnt_at: Some(now),
            last_error: None,
            refusal_stands: false,
            ..self.clone()
        })
    }

    /// It was renewed at Nango; `health` is what that alone tells. Whose account it is now is not known yet,
    /// so an earlier mismatch stays, and is open again.
    #[must_use]
    pub fn reconnected(&self, health: Health, now: Timestamp) -> Change {
        let mismatch = self.mismatch.clone().map(|mismatch| Mismatch { refused: false, ..mismatch });
        let renewed = match self.health {
            Health::Disconnecting => self.clone(),
            _ => Connection {
                health,
                health_learnt_at: (health != Health::Unknown).then_some(now),
                last_error: None,
                refusal_stands: false,
                mismatch,
                ..self.clone()
            },
        };
        Change { connection: renewed, events: vec![(Provenance::Reconnected, None)] }
    }

    /// The account it answers as is the right one from now on. Nothing, if there is no mismatch.
    #[must_use]
    pub fn with_mismatch_accepted(&self) -> Option<Change> {
        let accepted = self.mismatch.clone()?.account;
        let before = self.account.as_ref().map_or("", |account| account.name.as_str());
        let names = format!("{before} → {}", accepted.name);
        let connection = Connection { account: Some(accepted), mismatch: None, ..self.clone() };
        Some(Change { connection, events: vec![(Provenance::AccountChanged, Some(names))] })
    }

    /// The account it answers as is the wrong one: it has to be reconnected. Nothing, if there is no mismatch.
    #[must_use]
    pub fn with_mismatch_refused(&self, words: String, now: Timestamp) -> Option<Change> {
        let mismatch = self.mismatch.clone()?;
        let name = mismatch.account.name.clone();
        let connection = Connection {
            mismatch: Some(Mismatch { refused: true, ..mismatch }),
            health: Health::NeedsReconnect,
            health_learnt_at: Some(now),
            last_error: Some(words),
            refusal_stands: true,
            ..self.clone()
        };
        Some(Change { connection, events: vec![(Provenance::AccountRefused, Some(name))] })
    }

    /// What it is connected of.
    #[must_use]
    pub fn target(&self) -> ConnectTarget {
        ConnectTarget::of(self.connector.as_ref(), &self.provider)
    }

    /// Nango says that it does not wait for an approval any more. Nothing, if it did not.
    #[must_use]
    pub fn approved(&self) -> Option<Change> {
        let connection = Connection { awaits_approval: false, ..self.clone() };
        self.awaits_approval.then(|| Change { connection, events: vec![(Provenance::Approved, None)] })
    }

    /// Its own server answers there, as Nango keeps it. Nothing, if that is known here.
    #[must_use]
    pub fn with_base_url(&self, base_url: String) -> Option<Change> {
        self.base_url.is_none().then(|| Change::of(Connection { base_url: Some(base_url), ..self.clone() }))
    }

    /// What is known of whether it works, in words.
    #[must_use]
    pub fn health_words(&self) -> &'static str {
        match self.health {
            Health::Works | Health::Unknown if self.awaits_approval => t!("Waiting for approval"),
            health => health.words(),
        }
    }

    /// Whether its owner has to say which account is the right one.
    #[must_use]
    pub fn awaits_decision(&self) -> bool {
        self.mismatch.as_ref().is_some_and(|mismatch| !mismatch.refused)
    }
}

/// What happened to a connection; kept in order and never changed afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provenance {
    /// Made here, by an attempt.
    Connected,
    /// Found at Nango, made elsewhere.
    Discovered,
    /// Given another label; the one before it.
    Renamed,
    /// Tried out; what came of it.
    Tested,
    /// Renewed here, by an attempt.
    Reconnected,
    /// Found to answer as another account; the names of both.
    OtherAccountFound,
    /// The other account is the right one from now on; the names of both.
    AccountChanged,
    /// The other account is not the right one; its name.
    AccountRefused,
    /// A disconnect was queued while Nango could not be reached.
    DisconnectQueued,
    /// Found to be deleted elsewhere.
    FoundGone,
    /// Approved by an administrator at the provider.
    Approved,
}

impl Provenance {
    const NAMES: [(Provenance, &'static str, &'static str); 11] = [
        (Provenance::Connected, "connected", mark!("Connected here")),
        (Provenance::Discovered, "discovered", mark!("Found at Nango; made elsewhere")),
        (Provenance::Renamed, "renamed", mark!("Renamed; the label before:")),
        (Provenance::Tested, "tested", mark!("Tested")),
        (Provenance::Reconnected, "reconnected", mark!("Reconnected")),
        (Provenance::OtherAccountFound, "other_account_found", mark!("Answers as another account")),
        (Provenance::AccountChanged, "account_changed", mark!("The other account was accepted")),
        (Provenance::AccountRefused, "account_refused", mark!("The other account was refused")),
        (Provenance::DisconnectQueued, "disconnect_queued", mark!("Disconnect asked for")),
        (Provenance::FoundGone, "found_gone", mark!("Found to be deleted elsewhere")),
        (Provenance::Approved, "approved", mark!("Approved at the provider")),
    ];

    /// The name under which the event is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::NAMES.iter().find(|(kind, ..)| *kind == self).map_or("", |(_, name, _)| name)
    }

    /// The event of that name, if it is one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Provenance> {
        Self::NAMES.iter().find(|(_, known, _)| *known == name).map(|(kind, ..)| *kind)
    }

    /// What a history says.
    #[must_use]
    pub fn words(self) -> &'static str {
        Self::NAMES.iter().find(|(kind, ..)| *kind == self).map_or("", |(.., words)| text(words))
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use rstest::rstest;
    use uuid::Uuid;

    use super::{Account, Connection, Finding, Health, Mismatch, Provenance, Tags, operators_tags};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    fn account(id: &str) -> Account {
        Account { id: id.into(), name: format!("name of {id}"), email: None }
    }

    fn connection(account: Option<Account>, mismatch: Option<Mismatch>) -> Connection {
        Connection {
            instance: Uuid::from_u128(1).into(),
            profile: Uuid::from_u128(2).into(),
            connector: None,
            provider: "github".into(),
            integration: "github".into(),
            connection_id: "c".into(),
            label: "GitHub".into(),
            account,
            mismatch,
            health: Health::Unknown,
            health_learnt_at: None,
            created_at: at(0),
            last_used_at: None,
            last_error: Some("before".into()),
            refusal_stands: false,
            awaits_approval: false,
            base_url: None,
            tags: Tags::new(),
        }
    }

    fn other(refused: bool) -> Option<Mismatch> {
        Some(Mismatch { account: account("sam"), refused })
    }

    #[test]
    fn tags_of_sessions_are_not_the_operators() {
        let tag = |key: &str| (key.to_owned(), "x".to_owned());
        let all = [
            "patchbay_attempt",
            "patchbay_instance",
            "end_user_id",
            "end_user_email",
            "team",
            "organization_id",
        ];
        let kept: Vec<String> = operators_tags(all.map(tag).into()).into_keys().collect();
        assert_eq!(kept, ["organization_id", "team"]);
    }

    /// Who answers, beside who is stored: what is stored afterwards, what waits, and what is told.
    #[rstest]
    #[case::nobody_known(None, None, "alex", ("alex", None, Health::Works, 0))]
    #[case::the_same(Some("alex"), None, "alex", ("alex", None, Health::Works, 0))]
    #[case::another(Some("alex"), None, "sam", ("alex", Some(("sam", false)), Health::Works, 1))]
    #[case::another_again(Some("alex"), other(false), "sam",
        ("alex", Some(("sam", false)), Health::Works, 0))]
    #[case::the_refused_one(Some("alex"), other(true), "sam",
        ("alex", Some(("sam", true)), Health::NeedsReconnect, 0))]
    #[case::a_third_one(Some("alex"), other(true), "work",
        ("alex", Some(("work", false)), Health::Works, 1))]
    #[case::the_right_one_again(Some("alex"), other(true), "alex", ("alex", None, Health::Works, 0))]
    fn answering(
        #[case] stored: Option<&str>,
        #[case] mismatch: Option<Mismatch>,
        #[case] answers: &str,
        #[case] expected: (&str, Option<(&str, bool)>, Health, usize),
    ) {
        let before = connection(stored.map(account), mismatch);
        let after = before.after(Finding::Answers(account(answers)), at(10));
        let mismatch = after.connection.mismatch.as_ref().map(|m| (m.account.id.as_str(), m.refused));
        let stored = after.connection.account.as_ref().map_or("", |account| account.id.as_str());
        assert_eq!((stored, mismatch, after.connection.health, after.events.len()), expected);
        assert_eq!(after.connection.refusal_stands, after.connection.health == Health::NeedsReconnect);
        assert_eq!(after.connection.health_learnt_at, Some(at(10)));
    }

    #[test]
    fn what_does_not_answer() {
        let before = connection(Some(account("alex")), None);
        let refused = |by_provider| {
            before.after(Finding::Refused { words: "no".into(), by_provider }, at(10)).connection
        };
        assert_eq!((refused(true).health, refused(true).refusal_stands), (Health::NeedsReconnect, true));
        assert!(!refused(false).refusal_stands, "Nango's own list tells when that is over");
        let failed = before.after(Finding::Failed("down".into()), at(10)).connection;
        assert_eq!((failed.health, failed.last_error.as_deref()), (Health::Unknown, Some("down")));
        let gone = before.after(Finding::Gone, at(10));
        assert_eq!(gone.connection.health, Health::Gone);
        assert_eq!(gone.events, [(Provenance::FoundGone, None)]);
        assert!(gone.connection.after(Finding::Gone, at(11)).events.is_empty(), "told once");
        assert_eq!(before.after(Finding::Nothing, at(10)).connection, before);
    }

    #[test]
    fn what_worked_works_again_unless_it_is_the_wrong_account() {
        let refused = Finding::Refused { words: "no".into(), by_provider: true };
        let broken = connection(Some(account("alex")), None).after(refused, at(5)).connection;
        let worked = broken.worked(at(10)).connection;
        assert_eq!((worked.health, worked.health_learnt_at), (Health::Works, Some(at(10))));
        assert_eq!((worked.last_error, worked.refusal_stands), (None, false));
        let wrong = connection(Some(account("alex")), other(true));
        assert_eq!(wrong.worked(at(10)).connection, wrong);
        let waiting = Connection { health: Health::Disconnecting, ..connection(None, None) };
        assert_eq!(waiting.worked(at(10)).connection, waiting);
    }

    #[test]
    fn a_disconnect_that_waits_outlives_every_finding() {
        let waiting = Connection { health: Health::Disconnecting, ..connection(None, None) };
        for finding in [
            Finding::Answers(account("alex")),
            Finding::Refused { words: "no".into(), by_provider: true },
            Finding::Gone,
        ] {
            assert_eq!(waiting.after(finding, at(10)).connection, waiting);
        }
        assert_eq!(waiting.reconnected(Health::Works, at(10)).connection.health, Health::Disconnecting);
    }

    #[test]
    fn an_approval_that_is_waited_for_is_said_and_ends_once() {
        let waiting = Connection { awaits_approval: true, ..connection(None, None) };
        assert_eq!(waiting.health_words(), "Waiting for approval");
        let approved = waiting.approved().expect("it waited");
        assert_eq!((approved.connection.awaits_approval, approved.events.len()), (false, 1));
        assert_eq!(approved.connection.approved(), None);
        let answers = waiting.after(Finding::Answers(account("alex")), at(10)).connection;
        assert!(!answers.awaits_approval, "what answers is approved");
        assert_eq!(answers.health_words(), "Works");
    }

    #[test]
    fn a_reconnect_opens_the_question_again() {
        let refused = connection(Some(account("alex")), other(false))
            .with_mismatch_refused("wrong".into(), at(5))
            .expect("there is a mismatch")
            .connection;
        assert!(!refused.awaits_decision() && refused.refusal_stands);
        let renewed = refused.reconnected(Health::Works, at(10)).connection;
        assert!(renewed.awaits_decision(), "nobody has asked yet who it is now");
        assert_eq!((renewed.health, renewed.last_error), (Health::Works, None));
    }

    #[test]
    fn a_mismatch_is_decided_by_its_owner() {
        let before = connection(Some(account("alex")), other(false));
        let accepted = before.with_mismatch_accepted().expect("there is a mismatch");
        assert_eq!((accepted.connection.account, accepted.connection.mismatch), (Some(account("sam")), None));
        let (kind, names) = &accepted.events[0];
        assert_eq!(*kind, Provenance::AccountChanged);
        assert!(names.as_ref().is_some_and(|names| names.contains("alex") && names.contains("sam")));
        assert_eq!(connection(None, None).with_mismatch_accepted(), None);
        assert_eq!(connection(None, None).with_mismatch_refused(String::new(), at(1)), None);
    }

    #[test]
    fn every_event_has_a_name_of_its_own() {
        for (kind, name, words) in Provenance::NAMES {
            assert_eq!(Provenance::from_name(name), Some(kind));
            assert_eq!((kind.as_str(), kind.words()), (name, words));
        }
    }
}
