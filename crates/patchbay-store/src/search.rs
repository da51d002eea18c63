//! Searching connections as one types: every word anywhere in a row's text, words of one letter too.
//!
//! The texts of one profile lie in memory, in the list's order, and are read anew when the database has changed.
//! SQLite's full-text index with trigrams was measured and left out: it doubles the time of a sync's inserts,
//! needs as long as a scan for words that many rows have, and finds nothing for words of one or two letters.

use memchr::memmem::Finder;
use patchbay_core::connection::{Health, Tags};
use patchbay_core::id::ProfileId;
use rusqlite::Connection;

use crate::StoreError;
use crate::connections::ConnectionFilter;

/// Stands before and after a tag, and in no word that a person can search for.
const EDGE: char = '\u{1}';

/// The texts of a profile's connections.
#[derive(Default)]
pub(crate) struct SearchIndex {
    read: Option<(ProfileId, Version)>,
    texts: String,
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
    health: Health,
    connector: Option<Box<str>>,
    /// Where its text ends; it begins where the one before ends.
    end: usize,
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
    /// Searches a profile's connections as they are now.
    pub(crate) fn search(
        &mut self,
        connection: &Connection,
        profile: ProfileId,
        filter: &ConnectionFilter,
    ) -> Result<Found, StoreError> {
        self.bring_up_to_date(connection, profile)?;
        let mut words: Vec<String> = filter.search.split_whitespace().map(str::to_lowercase).collect();
        words.extend(filter.tag.as_ref().map(|(key, value)| exact_tag(key, value)));
        let finders: Vec<Finder<'_>> = words.iter().map(Finder::new).collect();
        let connector = filter.connector.as_ref().map(|slug| slug.as_str());
        let mut found = Found { matching: 0, rowids: Vec::new() };
        let mut start = 0;
        for row in &self.rows {
            let text = &self.texts.as_bytes()[start..row.end];
            start = row.end;
            let matches = filter.health.is_none_or(|health| health == row.health)
                && connector.is_none_or(|slug| row.connector.as_deref() == Some(slug))
                && finders.iter().all(|finder| finder.find(text).is_some());
            if matches {
                let on_page = found.matching >= filter.offset
                    && found.rowids.len() < usize::try_from(filter.limit).unwrap_or(usize::MAX);
                if on_page {
                    found.rowids.push(row.rowid);
                }
                found.matching += 1;
            }
        }
        Ok(found)
    }

    fn bring_up_to_date(&mut self, connection: &Connection, profile: ProfileId) -> Result<(), StoreError> {
        let read = (profile, version(connection)?);
        if self.read == Some(read) {
            return Ok(());
        }
        *self = SearchIndex::default();
        let mut statement = connection.prepare_cached(
            "SELECT rowid, health, connector, search_text, tags FROM connections
             WHERE profile_id = ?1 ORDER BY created_at DESC, instance_id",
        )?;
        let mut rows = statement.query([profile.to_string()])?;
        while let Some(row) = rows.next()? {
            self.texts.push_str(text(row, 3)?);
            let tags = text(row, 4)?;
            if tags != "{}" {
                let tags: Tags = serde_json::from_str(tags).map_err(|_| StoreError::Unreadable("tags"))?;
                tags.iter().for_each(|(key, value)| self.texts.push_str(&exact_tag(key, value)));
            }
            self.rows.push(IndexedRow {
                rowid: row.get(0)?,
                health: Health::from_name(text(row, 1)?).ok_or(StoreError::Unreadable("health"))?,
                connector: row.get::<_, Option<String>>(2)?.map(String::into_boxed_str),
                end: self.texts.len(),
            });
        }
        self.read = Some(read);
        Ok(())
    }
}

fn exact_tag(key: &str, value: &str) -> String {
    format!("{EDGE}{key}={value}{EDGE}")
}

fn text<'a>(row: &'a rusqlite::Row<'_>, column: usize) -> Result<&'a str, StoreError> {
    row.get_ref(column)?.as_str().map_err(|_| StoreError::Unreadable("search_text"))
}
