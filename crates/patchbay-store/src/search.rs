//! Searching connections as one types: every word anywhere in a row's text, words of one letter too.
//!
//! The words of one list lie in memory, in its order, and are read anew when the database has changed.
//! SQLite's full-text index with trigrams was measured and left out: it doubles the time of a sync's inserts,
//! needs as long as a scan for words that many rows have, and finds nothing for words of one or two letters.

use patchbay_core::connection::{Health, Tags};
use patchbay_core::id::{ConnectorSlug, ProfileId};
use rusqlite::Connection;

use crate::StoreError;
use crate::word_index::{Builder, WordIndex};

/// Stands before and after a tag, and in no word that a person can search for.
const EDGE: char = '\u{1}';

/// A list that is searched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum List {
    /// All of a profile's connections, newest first: everything that is written on them is searched.
    All(ProfileId),
    /// Those of one connector, by label: only what tells them apart is searched, hence not the connector's name.
    Of(ProfileId, ConnectorSlug, String),
}

/// What is asked of a list.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Question<'a> {
    /// Words that all have to occur.
    pub(crate) words: &'a str,
    /// Only those with this tag.
    pub(crate) tag: Option<&'a (String, String)>,
    /// Only those in this state.
    pub(crate) health: Option<Health>,
    /// Only those of this connector.
    pub(crate) connector: Option<&'a ConnectorSlug>,
    /// How many to leave out.
    pub(crate) offset: u32,
    /// How many at most.
    pub(crate) limit: u32,
}

/// The words of a list.
#[derive(Default)]
pub(crate) struct SearchIndex {
    read: Option<(List, Version)>,
    words: WordIndex,
    rows: Vec<IndexedRow>,
}

/// Changes with every commit, of this connection to the database or another.
pub(crate) type Version = (i64, u64);

/// Asked before rows are read: a change in between is found the next time.
pub(crate) fn version(connection: &Connection) -> Result<Version, StoreError> {
    let elsewhere = connection.pragma_query_value(None, "data_version", |row| row.get(0))?;
    Ok((elsewhere, connection.total_changes()))
}

struct IndexedRow {
    rowid: i64,
    /// Where it can be asked for.
    health: Option<Health>,
    connector: Option<Box<str>>,
}

/// What a search found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// How many rows match.
    pub(crate) matching: u32,
    /// Those of the page, in the list's order.
    pub(crate) rowids: Vec<i64>,
}

impl SearchIndex {
    /// Searches a list as it is now.
    pub(crate) fn search(
        &mut self,
        connection: &Connection,
        list: &List,
        question: Question<'_>,
    ) -> Result<Found, StoreError> {
        self.bring_up_to_date(connection, list)?;
        let mut matching = self.words.all();
        for word in question.words.split_whitespace() {
            matching.intersect_with(&self.words.having(&word.to_lowercase()));
        }
        if let Some((key, value)) = question.tag {
            matching.intersect_with(&self.words.having(&exact_tag(key, value)));
        }
        if question.health.is_some() || question.connector.is_some() {
            let connector = question.connector.map(ConnectorSlug::as_str);
            let others = matching.ones().filter(|place| {
                let row = &self.rows[*place];
                question.health.is_some_and(|health| row.health != Some(health))
                    || connector.is_some_and(|slug| row.connector.as_deref() != Some(slug))
            });
            let others: Vec<usize> = others.collect();
            others.into_iter().for_each(|place| matching.remove(place));
        }
        let page = matching.ones().skip(question.offset as usize).take(question.limit as usize);
        Ok(Found {
            rowids: page.map(|place| self.rows[place].rowid).collect(),
            matching: u32::try_from(matching.count_ones(..)).unwrap_or(u32::MAX),
        })
    }

    fn bring_up_to_date(&mut self, connection: &Connection, list: &List) -> Result<(), StoreError> {
        let version = version(connection)?;
        if self.read.as_ref().is_some_and(|(read, at)| read == list && *at == version) {
            return Ok(());
        }
        *self = SearchIndex::default();
        let mut words = Builder::default();
        match list {
            List::All(profile) => self.read_all(&mut words, connection, *profile)?,
            List::Of(profile, connector, name) => {
                self.read_of(&mut words, connection, *profile, connector, name)?;
            }
        }
        self.words = words.build();
        self.read = Some((list.clone(), version));
        Ok(())
    }

    fn read_all(
        &mut self,
        words: &mut Builder,
        connection: &Connection,
        profile: ProfileId,
    ) -> Result<(), StoreError> {
        let mut statement = connection.prepare_cached(
            "SELECT rowid, health, connector, search_text, tags FROM connections
             WHERE profile_id = ?1 ORDER BY created_at DESC, instance_id",
        )?;
        let mut rows = statement.query([profile.to_string()])?;
        while let Some(row) = rows.next()? {
            let tags: Tags = match text(row, 4)? {
                "{}" => Tags::default(),
                tags => serde_json::from_str(tags).map_err(|_| StoreError::Unreadable("tags"))?,
            };
            let tags: Vec<String> = tags.iter().map(|(key, value)| exact_tag(key, value)).collect();
            words.row(text(row, 3)?.split_whitespace().chain(tags.iter().map(String::as_str)));
            self.rows.push(IndexedRow {
                rowid: row.get(0)?,
                health: Some(Health::from_name(text(row, 1)?).ok_or(StoreError::Unreadable("health"))?),
                connector: row.get::<_, Option<String>>(2)?.map(String::into_boxed_str),
            });
        }
        Ok(())
    }

    /// An index of the database has all that is read here, in this order.
    fn read_of(
        &mut self,
        words: &mut Builder,
        connection: &Connection,
        profile: ProfileId,
        connector: &ConnectorSlug,
        connector_name: &str,
    ) -> Result<(), StoreError> {
        let mut statement = connection.prepare_cached(
            "SELECT rowid, search_text, provider FROM connections
             WHERE profile_id = ?1 AND connector = ?2 ORDER BY label COLLATE NOCASE, instance_id",
        )?;
        // What is searched in the list of all ends with the connector's and the provider's names.
        let name_length = connector_name.to_lowercase().len() + 2;
        let mut rows = statement.query([profile.to_string().as_str(), connector.as_str()])?;
        while let Some(row) = rows.next()? {
            let (searched, provider) = (text(row, 1)?, text(row, 2)?);
            let own = searched.len().saturating_sub(name_length + provider.to_lowercase().len());
            words.row(searched.get(..own).unwrap_or(searched).split_whitespace());
            self.rows.push(IndexedRow { rowid: row.get(0)?, health: None, connector: None });
        }
        Ok(())
    }
}

fn exact_tag(key: &str, value: &str) -> String {
    format!("{EDGE}{key}={value}{EDGE}")
}

fn text<'a>(row: &'a rusqlite::Row<'_>, column: usize) -> Result<&'a str, StoreError> {
    row.get_ref(column)?.as_str().map_err(|_| StoreError::Unreadable("search_text"))
}
