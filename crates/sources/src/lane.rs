//! A lane: the records of one shape and table in one input, on their way into batches.

use crate::{
    json::{cursor::JsonError, plan::Taken},
    problem::Reason,
    text::yielded::{Outcome, Part},
};

/// Why a record that is of a lane's shape cannot be read, and the offset in it.
#[derive(Debug)]
pub(crate) struct Rejection {
    pub(crate) offset: usize,
    pub(crate) reason: Reason,
}

impl From<JsonError> for Rejection {
    fn from(error: JsonError) -> Self {
        Self { offset: error.offset, reason: Reason::Json { expected: error.expected } }
    }
}

impl From<Reason> for Rejection {
    fn from(reason: Reason) -> Self {
        Self { offset: 0, reason }
    }
}

/// The JSON records of one shape and table.
pub(crate) trait Lane<'s>: Send {
    /// Returns the name of the format.
    fn format(&self) -> &'static str;

    /// Returns the name of the raw table.
    fn table(&self) -> &str;

    /// Returns a lane that reads alike and has read nothing.
    fn fork(&self) -> Box<dyn Lane<'s> + 's>;

    /// Reads a record; `line` is its index in the block.
    fn read(&mut self, record: &str, taken: &mut Taken, line: i64) -> Result<Outcome, Rejection>;

    /// Takes note that a record whose keys may be new to it is one of the lane's.
    fn acknowledge(&mut self, _record: &str) {}

    /// Closes the batch under construction.
    fn flush(&mut self) -> Result<(), Reason>;

    /// Takes what has been gathered.
    fn take_part(&mut self) -> Result<Part, Reason>;
}
