//! Kept rows of native tables.

use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, RecordBatch};
use arrow_schema::{ArrowError, SchemaRef};
use kql_types::{KqlType, schema::ColumnSchema};

use super::{
    column::{parts, values},
    events::with_members,
    plan::{Bounds, Wanted},
};
use crate::input::kept::KeptFile;
use crate::{
    request::{Allowed, ColumnTest, TableRequest},
    rows::batch::row_schema,
};

/// A request for rows of a table.
pub(super) struct Rows {
    columns: Vec<ColumnSchema>,
    /// What the file calls them.
    names: Vec<String>,
    /// A row has to be one of these; each test with the name that the file has for its column.
    alternatives: Vec<Vec<(String, ColumnTest)>>,
}

impl Rows {
    /// Lays a request out for a file.
    pub(super) fn new(request: &TableRequest, file: &KeptFile) -> Self {
        let name = |column: &ColumnSchema| {
            let kept = file.names.get(&column.name);
            kept.unwrap_or(&column.name).clone()
        };
        let tests = alternatives(request).into_iter();
        let named = |test: ColumnTest| (name(&test.column), test);
        Self {
            names: request.columns.iter().map(name).collect(),
            columns: request.columns.clone(),
            alternatives: tests.map(|tests| tests.into_iter().map(named).collect()).collect(),
        }
    }

    /// Tells whether a file may have rows that a request wants, by what is known before it is opened.
    pub(super) fn are_in(request: &TableRequest, file: &KeptFile) -> bool {
        let may_pass = |test: &ColumnTest| match &file.times {
            Some((column, times)) if *column == test.column.name => {
                test.allowed.may_pass_numbers(*times.start(), *times.end())
            }
            _ => true,
        };
        let alternatives = alternatives(request);
        alternatives.is_empty() || alternatives.iter().any(|tests| tests.iter().all(may_pass))
    }
}

/// Returns what the rows have to be: one of these, or anything if there are none.
fn alternatives(request: &TableRequest) -> Vec<Vec<ColumnTest>> {
    let time = request.time.as_ref().map(|range| ColumnTest {
        column: ColumnSchema { name: "TimeGenerated".to_owned(), ty: KqlType::Datetime },
        allowed: Allowed::Numbers(range.start..=range.end.saturating_sub(1)),
    });
    let mut alternatives = request.alternatives.clone();
    if alternatives.is_empty() && time.is_some() {
        alternatives.push(Vec::new());
    }
    for tests in &mut alternatives {
        tests.extend(time.clone());
    }
    alternatives
}

impl Wanted for Rows {
    fn tested(&self) -> Vec<String> {
        let tests = self.alternatives.iter().flatten();
        tests.flat_map(|(name, test)| parts(name, test.column.ty)).collect()
    }

    fn passing(&self, batch: &RecordBatch) -> Result<BooleanArray, ArrowError> {
        let mut any = vec![false; batch.num_rows()];
        for tests in &self.alternatives {
            let mut all = vec![true; batch.num_rows()];
            for (name, test) in tests {
                let column = values(batch, name, test.column.ty)?;
                let passes = test.allowed.passes(&column)?;
                all.iter_mut().zip(passes).for_each(|(all, passes)| *all = *all && passes);
            }
            any.iter_mut().zip(all).for_each(|(any, all)| *any = *any || all);
        }
        Ok(BooleanArray::from(any))
    }

    fn may_pass(&self, bounds: &Bounds<'_>) -> bool {
        let may_pass = |(name, test): &(String, ColumnTest)| match test.column.ty {
            // What the file does not have, no row has a value of.
            _ if !bounds.has(name) => true,
            KqlType::Datetime => {
                let times = bounds.times(name);
                times.is_none_or(|(oldest, newest)| test.allowed.may_pass_numbers(oldest, newest))
            }
            KqlType::Int | KqlType::Long => {
                let numbers = bounds.numbers(name);
                numbers.is_none_or(|(least, most)| test.allowed.may_pass_numbers(least, most))
            }
            KqlType::String => bounds.texts(name).is_none_or(|(least, greatest, has_nulls)| {
                has_nulls || test.allowed.may_pass_texts(least, greatest)
            }),
            _ => true,
        };
        self.alternatives.is_empty()
            || self.alternatives.iter().any(|tests| tests.iter().all(may_pass))
    }

    fn read(&self) -> Vec<String> {
        let columns = self.names.iter().zip(&self.columns);
        columns.flat_map(|(name, column)| parts(name, column.ty)).collect()
    }

    fn rows(&self, batch: &RecordBatch) -> Result<Vec<ArrayRef>, ArrowError> {
        let columns = self.names.iter().zip(&self.columns);
        columns.map(|(name, column)| values(batch, name, column.ty)).collect()
    }

    fn schema(&self) -> SchemaRef {
        Arc::clone(&with_members(&row_schema(&self.columns)))
    }
}
