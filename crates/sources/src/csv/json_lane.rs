//! CSV rows that are events, or of any other shape that JSON records have.

use super::{columns::Columns, fields::Fields};
use crate::{
    json::plan::Taken,
    lane::Lane,
    losses::Losses,
    problem::Reason,
    rows::time::TimeNotes,
    shapes,
    text::yielded::{Outcome, Part},
};

/// Rows read as the JSON objects that they could have been.
pub(crate) struct JsonLane<'s> {
    inner: Box<dyn Lane<'s> + 's>,
    columns: Columns,
    taken: Taken,
    notes: TimeNotes,
    losses: Losses,
}

impl<'s> JsonLane<'s> {
    /// Returns a lane that hands rows to `inner`.
    pub(crate) fn new(inner: Box<dyn Lane<'s> + 's>, columns: &Columns) -> Self {
        Self {
            inner,
            columns: columns.clone(),
            taken: Taken::default(),
            notes: TimeNotes::default(),
            losses: Losses::default(),
        }
    }

    /// Returns a lane that reads alike and has read nothing.
    pub(crate) fn fork(&self) -> Self {
        Self::new(self.inner.fork(), &self.columns)
    }

    /// Reads a row and tells whether it is of the lane's shape; `line` is its index in the block.
    ///
    /// # Errors
    ///
    /// The row cannot be read, or a batch could not be put together.
    pub(crate) fn read(&mut self, row: &str, fields: &Fields, line: i64) -> Result<bool, Reason> {
        self.notes.forget();
        let json = self.columns.json(row, fields, &mut self.notes)?;
        match self.inner.read(&json, &mut self.taken, line) {
            Ok(Outcome::Full) => {
                self.notes.count(line, &mut self.losses);
                self.inner.flush().map(|()| true)
            }
            Ok(Outcome::Emitted | Outcome::Filtered) => {
                self.notes.count(line, &mut self.losses);
                Ok(true)
            }
            Ok(Outcome::Foreign) => Ok(false),
            Err(rejection) => Err(rejection.reason),
        }
    }

    /// Returns the columns that the shape, if all of its columns are known, does not have.
    pub(crate) fn ignored_columns(&self) -> Vec<String> {
        let known = shapes::columns_of(self.inner.format()).unwrap_or_default();
        let is_strange = |name: &&str| !known.is_empty() && !known.contains(name);
        self.columns.names().filter(is_strange).map(str::to_owned).collect()
    }

    /// Takes what has been gathered.
    ///
    /// # Errors
    ///
    /// A batch that could not be put together.
    pub(crate) fn take_part(&mut self) -> Result<Part, Reason> {
        let mut part = self.inner.take_part()?;
        part.losses.merge(std::mem::take(&mut self.losses), 0);
        part.assumed_utc.extend(self.notes.take_zoneless());
        Ok(part)
    }
}
