//! Between columns and the core's types. A row that does not make sense is an error, never a panic.

use std::str::FromStr;

use jiff::Timestamp;
use rusqlite::Row;

use crate::StoreError;

/// A time as it is stored: milliseconds since 1970.
pub(crate) fn millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// A time as it is read.
pub(crate) fn time(row: &Row<'_>, column: &'static str) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(row.get(column)?).map_err(|_| StoreError::Unreadable(column))
}

/// A time that may be absent.
pub(crate) fn optional_time(row: &Row<'_>, column: &'static str) -> Result<Option<Timestamp>, StoreError> {
    row.get::<_, Option<i64>>(column)?
        .map(Timestamp::from_millisecond)
        .transpose()
        .map_err(|_| StoreError::Unreadable(column))
}

/// A text that parses: an id, a URL.
pub(crate) fn parsed<T: FromStr>(row: &Row<'_>, column: &'static str) -> Result<T, StoreError> {
    row.get::<_, String>(column)?.parse().map_err(|_| StoreError::Unreadable(column))
}

/// The same where it may be absent.
pub(crate) fn optional_parsed<T: FromStr>(
    row: &Row<'_>,
    column: &'static str,
) -> Result<Option<T>, StoreError> {
    row.get::<_, Option<String>>(column)?
        .map(|text| text.parse())
        .transpose()
        .map_err(|_| StoreError::Unreadable(column))
}

/// Several short texts as they are stored: one to a line. What holds a line break itself is left out.
pub(crate) fn lines(texts: &[String]) -> String {
    let plain: Vec<&str> = texts.iter().map(String::as_str).filter(|text| !text.contains('\n')).collect();
    plain.join("\n")
}

/// Several short texts as they are read.
pub(crate) fn parted(lines: &str) -> Vec<String> {
    lines.lines().map(str::to_owned).collect()
}

/// Every row of a query, read by `read`.
pub(crate) fn all<T>(
    statement: &mut rusqlite::Statement<'_>,
    parameters: impl rusqlite::Params,
    read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut rows = statement.query(parameters)?;
    let mut read_rows = Vec::new();
    while let Some(row) = rows.next()? {
        read_rows.push(read(row)?);
    }
    Ok(read_rows)
}

/// The only row of a query, or nothing.
pub(crate) fn one<T>(
    statement: &mut rusqlite::Statement<'_>,
    parameters: impl rusqlite::Params,
    read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    statement.query(parameters)?.next()?.map(read).transpose()
}
