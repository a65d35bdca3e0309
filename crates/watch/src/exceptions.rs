//! Exceptions that people have made: what is set aside of what rules find, by whom, why, and until when.

use std::path::Path;

use detection::tuning::{Entry, WatchlistError, WatchlistKind};
use kql_types::Ticks;
use serde::Serialize;
use state::{
    StateError,
    sqlite::{OptionalExtension, params},
};

use crate::book::{Book, maybe_time, time};

/// An exception, as the state has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExceptionRow {
    /// Its id.
    pub id: String,
    /// A list of exceptions with one line, as a package has it.
    pub list: String,
    /// When it was made.
    #[serde(serialize_with = "time")]
    pub created: Ticks,
    /// By whom.
    pub created_by: String,
    /// When it was taken back.
    #[serde(serialize_with = "maybe_time")]
    pub ended: Option<Ticks>,
}

impl Book {
    /// Makes an exception. Returns its id, or nothing if there is one of that id.
    ///
    /// - `list`: a list of exceptions with a line, as a package has it, which says until when it holds.
    ///
    /// # Errors
    ///
    /// Those of the state; the inner one if the list is none, or has several lines.
    pub fn add_exception(
        &self,
        list: &str,
        author: &str,
        now: Ticks,
    ) -> Result<Result<Option<String>, String>, StateError> {
        let entry = match one(list) {
            Ok(entry) => entry,
            Err(problem) => return Ok(Err(problem)),
        };
        let add = "INSERT INTO exception (id, line, created, created_by) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT DO NOTHING";
        let values = params![entry.id, list, now, author];
        let added = self.state.write(|change| change.execute(add, values))?;
        Ok(Ok((added > 0).then_some(entry.id)))
    }

    /// Takes an exception back. Returns whether there was one.
    ///
    /// # Errors
    ///
    /// Those of the state.
    pub fn end_exception(&self, id: &str, now: Ticks) -> Result<bool, StateError> {
        let set = "UPDATE exception SET ended = ?2 WHERE id = ?1 AND ended IS NULL";
        Ok(self.state.write(|change| change.execute(set, params![id, now]))? > 0)
    }

    /// Returns the exceptions that there are and were, the newest first.
    ///
    /// # Errors
    ///
    /// Those of the state.
    pub fn exceptions(&self) -> Result<Vec<ExceptionRow>, StateError> {
        let select =
            "SELECT id, line, created, created_by, ended FROM exception ORDER BY created DESC, id";
        self.state.read(|connection| {
            let mut rows = connection.prepare(select)?;
            let rows = rows.query_map([], |row| {
                Ok(ExceptionRow {
                    id: row.get(0)?,
                    list: row.get(1)?,
                    created: row.get(2)?,
                    created_by: row.get(3)?,
                    ended: row.get(4)?,
                })
            })?;
            rows.collect()
        })
    }

    /// Returns those that are not taken back.
    pub(crate) fn exceptions_in_force(&self) -> Result<Vec<Entry>, StateError> {
        let all = self.exceptions()?;
        let in_force = all.into_iter().filter(|exception| exception.ended.is_none());
        // What is no list any more was one when it was made.
        let entries = in_force.filter_map(|exception| {
            let entry = one(&exception.list);
            if let Err(problem) = &entry {
                tracing::error!(id = exception.id, problem, "an exception cannot be read");
            }
            entry.ok()
        });
        Ok(entries.collect())
    }

    /// Tells whether there is an exception of an id.
    ///
    /// # Errors
    ///
    /// Those of the state.
    pub fn has_exception(&self, id: &str) -> Result<bool, StateError> {
        let select = "SELECT 1 FROM exception WHERE id = ?1";
        let found = self.state.read(|connection| {
            connection.query_row(select, [id], |row| row.get::<_, i64>(0)).optional()
        })?;
        Ok(found.is_some())
    }
}

/// Reads a list of one exception.
pub(crate) fn one(list: &str) -> Result<Entry, String> {
    let told = |error: WatchlistError| error.to_string();
    let entries =
        Entry::parse_list(Path::new("exception"), list, WatchlistKind::Site).map_err(told)?;
    match <[Entry; 1]>::try_from(entries) {
        Ok([entry]) => Ok(entry),
        Err(entries) => Err(format!("expected a list of one exception, found {}", entries.len())),
    }
}
