//! From the batches that a query returns to rows.

use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use engine::{EngineError, RecordRef, Run};
use kql_types::Value;
use sentinel::Row;

use crate::{
    alert::{alert_id::finding_id, evidence::Origins},
    rule::Rule,
};

/// A row of some runs.
#[derive(Clone, Debug)]
pub(crate) struct FoundRow {
    pub(crate) row: Row,
    /// The records that it rests on.
    pub(crate) records: Vec<RecordRef>,
    /// Its place among all rows, oldest first, where rows of each run are wanted.
    pub(crate) rank: usize,
}

impl FoundRow {
    /// Returns what tells the row, and the time and part that it belongs to, without its values.
    pub(crate) fn without_values(&self) -> Self {
        let newest = self.records.iter().max_by_key(|record| record.time);
        let records = self.records.first().into_iter().chain(newest).cloned().collect();
        let row = Row { id: self.row.id, time: self.row.time, values: Vec::new() };
        Self { row, records, rank: self.rank }
    }

    /// Returns what the row takes while it is held, roughly.
    pub(crate) fn bytes(&self) -> usize {
        let texts = self.row.values.iter().map(|value| match value {
            Value::String(text) | Value::Dynamic(Some(text)) => text.len(),
            _ => 0,
        });
        let records = self.records.iter().map(|record| {
            size_of::<RecordRef>()
                .saturating_add(record.channel.len())
                .saturating_add(record.host.len())
        });
        let fixed = self.row.values.len().saturating_mul(size_of::<Value>());
        texts.chain(records).fold(fixed.saturating_add(size_of::<Self>()), usize::saturating_add)
    }
}

/// Reads the rows of a rule's query.
pub(crate) struct RowReader<'a> {
    run: &'a Run<'a>,
    query: usize,
    rule: &'a Rule,
    columns: Vec<Arc<str>>,
    origins: Origins,
}

impl<'a> RowReader<'a> {
    pub(crate) fn new(run: &'a Run<'a>, query: usize, rule: &'a Rule) -> Result<Self, EngineError> {
        let names = run.columns(query)?.iter().map(|column| Arc::from(column.name.as_str()));
        Ok(Self { run, query, rule, columns: names.collect(), origins: Origins::default() })
    }

    /// Returns the names of the columns.
    pub(crate) fn columns(&self) -> &[Arc<str>] {
        &self.columns
    }

    /// Reads a row of a batch.
    ///
    /// - `records`: those that it rests on.
    pub(crate) fn row(
        &mut self,
        batch: &RecordBatch,
        at: usize,
        records: Vec<RecordRef>,
    ) -> Result<FoundRow, EngineError> {
        let Self { run, query, rule, .. } = *self;
        let schema = run.columns(query)?;
        let cells = self.columns.iter().zip(schema).zip(batch.columns());
        let columns: Vec<(Arc<str>, Value)> = cells
            .map(|((name, column), array)| (Arc::clone(name), engine::value(array, column.ty, at)))
            .collect();
        let evidence = self.origins.evidence(&records, run.balance());
        let id = finding_id(rule, &columns, run.columns_of_time(query), &evidence);
        let time = match columns.iter().find(|(name, _)| &**name == "TimeGenerated") {
            Some((_, Value::Datetime(time))) => *time,
            _ => None,
        };
        let values: Vec<Value> = columns.into_iter().map(|(_, value)| value).collect();
        Ok(FoundRow { row: Row { id, time, values }, records, rank: 0 })
    }
}
