//! CSV rows of one native table on their way into batches.

use std::borrow::Cow;

use kql_types::{Ticks, schema::TableSchema};

use super::{columns::Columns, fields::Fields};
use crate::{
    known::KnownTables,
    problem::Reason,
    request::TableRequest,
    rows::{batch::RowBatchBuilder, cell::Cell, column::time},
    text::yielded::Part,
};

/// The rows of one table.
pub(crate) struct CsvLane<'s> {
    table: &'s TableSchema,
    /// `None` if nobody wants the table: its rows are counted and their times seen.
    request: Option<&'s TableRequest>,
    /// Where the row's time may be.
    times: Vec<usize>,
    /// Where each column of the request may be.
    columns: Vec<Vec<usize>>,
    header: Columns,
    ignored_columns: Vec<String>,
    builder: Option<RowBatchBuilder>,
    part: Part,
}

impl<'s> CsvLane<'s> {
    /// Returns a lane for rows of this table under a header.
    pub(crate) fn new(
        table: &'s TableSchema,
        request: Option<&'s TableRequest>,
        known: &KnownTables,
        header: &Columns,
    ) -> Self {
        let places = |name: &str| {
            let names = known.aliases(table, name);
            names.iter().filter_map(|name| header.place(name)).collect::<Vec<_>>()
        };
        let columns = request.map(|request| &*request.columns).unwrap_or_default();
        Self {
            table,
            request,
            times: places("TimeGenerated"),
            columns: columns.iter().map(|column| places(&column.name)).collect(),
            ignored_columns: header
                .names()
                .filter(|name| !known.has_column(table, name))
                .map(str::to_owned)
                .collect(),
            header: header.clone(),
            builder: None,
            part: Part::default(),
        }
    }

    /// Returns a lane that reads alike and has read nothing.
    pub(crate) fn fork(&self) -> Self {
        Self {
            table: self.table,
            request: self.request,
            times: self.times.clone(),
            columns: self.columns.clone(),
            header: self.header.clone(),
            ignored_columns: self.ignored_columns.clone(),
            builder: None,
            part: Part::default(),
        }
    }

    /// Returns the table.
    pub(crate) const fn table(&self) -> &'s TableSchema {
        self.table
    }

    /// Reads a row; `line` is its index in the block.
    ///
    /// # Errors
    ///
    /// A batch that could not be put together.
    pub(crate) fn read(&mut self, row: &str, fields: &Fields, line: i64) -> Result<(), Reason> {
        let row_time = self.time(row, fields);
        self.part.saw(row_time, line);
        let wanted = self.request.filter(|request| {
            let range = request.time.as_ref();
            range.is_none_or(|range| row_time.is_some_and(|time| range.contains(&time)))
        });
        let Some(request) = wanted else {
            self.part.filtered = self.part.filtered.saturating_add(1);
            return Ok(());
        };
        let builder = self.builder.get_or_insert_with(|| RowBatchBuilder::new(&request.columns));
        let (columns, header) = (&self.columns, &self.header);
        builder.append(line, |place, append| {
            let places = columns.get(place).map(|places| &**places).unwrap_or_default();
            let texts = places.iter().map(|place| header.text(row, fields, *place));
            let first = texts.into_iter().find(|text| !text.is_empty());
            append(first.as_deref().map_or(Cell::Missing, Cell::Text));
        });
        self.part.emitted = self.part.emitted.saturating_add(1);
        if builder.is_full() { self.flush() } else { Ok(()) }
    }

    /// Takes what has been gathered.
    ///
    /// # Errors
    ///
    /// A batch that could not be put together.
    pub(crate) fn take_part(&mut self, format: &'static str) -> Result<Part, Reason> {
        self.flush()?;
        let part = std::mem::take(&mut self.part);
        let builder = self.builder.as_mut();
        Ok(Part {
            format,
            table: self.table.name.clone(),
            not_converted: builder.map(RowBatchBuilder::take_not_converted).unwrap_or_default(),
            ignored_columns: self.ignored_columns.clone(),
            assumed_utc: self.header.assumed_utc().to_vec(),
            ..part
        })
    }

    fn flush(&mut self) -> Result<(), Reason> {
        if let Some(batch) = self.builder.as_mut().and_then(|batch| batch.finish().transpose()) {
            self.part.batches.push((0, batch?));
        }
        Ok(())
    }

    fn time(&self, row: &str, fields: &Fields) -> Option<Ticks> {
        let texts = self.times.iter().map(|place| self.header.text(row, fields, *place));
        texts.into_iter().find_map(|text: Cow<'_, str>| time(text.trim()))
    }
}
