//! CSV rows that are events, or of any other shape that JSON records have.

use super::{columns::Columns, fields::Fields};
use crate::{
    json::plan::Taken,
    lane::{Lane, Outcome},
    problem::Reason,
    text::yielded::Part,
};

/// Rows read as the JSON objects that they could have been.
pub(crate) struct JsonLane<'s> {
    inner: Box<dyn Lane<'s> + 's>,
    columns: Columns,
    taken: Taken,
}

impl<'s> JsonLane<'s> {
    /// Returns a lane that hands rows to `inner`.
    pub(crate) fn new(inner: Box<dyn Lane<'s> + 's>, columns: &Columns) -> Self {
        Self { inner, columns: columns.clone(), taken: Taken::default() }
    }

    /// Returns a lane that reads alike and has read nothing.
    pub(crate) fn fork(&self) -> Self {
        Self::new(self.inner.fork(), &self.columns)
    }

    /// Returns the name of the raw table.
    pub(crate) fn table(&self) -> &str {
        self.inner.table()
    }

    /// Returns the name of the JSON format.
    pub(crate) fn format(&self) -> &'static str {
        self.inner.format()
    }

    /// Reads a row; `line` is its index in the block.
    ///
    /// # Errors
    ///
    /// The row is of another shape, or a batch could not be put together.
    pub(crate) fn read(&mut self, row: &str, fields: &Fields, line: i64) -> Result<(), Reason> {
        let json = self.columns.json(row, fields);
        match self.inner.read(&json, &mut self.taken, line) {
            Ok(Outcome::Full) => self.inner.flush(),
            Ok(Outcome::Emitted | Outcome::Filtered) => Ok(()),
            Ok(Outcome::Foreign) => Err(Reason::UnknownShape {
                keys: self.columns.names().map(str::to_owned).collect(),
            }),
            Err(rejection) => Err(rejection.reason),
        }
    }

    /// Takes what has been gathered.
    ///
    /// # Errors
    ///
    /// A batch that could not be put together.
    pub(crate) fn take_part(&mut self) -> Result<Part, Reason> {
        let part = self.inner.take_part()?;
        Ok(Part { assumed_utc: self.columns.assumed_utc().to_vec(), ..part })
    }
}
