//! CSV rows of one native table on their way into batches.

use kql_types::{KqlType, Ticks, schema::TableSchema};

use super::{columns::Columns, fields::Fields};
use crate::{
    known::KnownTables,
    losses::Cause,
    problem::Reason,
    request::TableRequest,
    rows::{
        batch::RowBatchBuilder,
        cell::Cell,
        test::RowCells,
        time::{TimeNotes, has_time, unreadable},
    },
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
    columns: Vec<(KqlType, Vec<usize>)>,
    notes: TimeNotes,
    header: Columns,
    /// The table's columns that the header has.
    head: Vec<String>,
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
            columns: columns.iter().map(|column| (column.ty, places(&column.name))).collect(),
            notes: TimeNotes::default(),
            ignored_columns: header
                .names()
                .filter(|name| !known.has_column(table, name))
                .map(str::to_owned)
                .chain(header.repeated().map(|name| format!("{name} (again)")))
                .collect(),
            head: table
                .columns
                .iter()
                .filter(|column| !places(&column.name).is_empty())
                .map(|column| column.name.clone())
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
            notes: TimeNotes::default(),
            header: self.header.clone(),
            head: self.head.clone(),
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
        self.notes.forget();
        let row_time = self.time(row, fields)?;
        self.part.saw(row_time, line);
        let wanted = self.request.filter(|request| {
            let range = request.time.as_ref();
            range.is_none_or(|range| row_time.is_some_and(|time| range.contains(&time)))
        });
        let Some(request) = wanted else {
            self.notes.count(line, &mut self.part.losses);
            self.part.filtered = self.part.filtered.saturating_add(1);
            return Ok(());
        };
        let builder = self.builder.get_or_insert_with(|| RowBatchBuilder::new(&request.columns));
        let (columns, header, notes) = (&self.columns, &self.header, &mut self.notes);
        if row_time.is_none() && has_time(self.table) {
            let record = u64::try_from(line).unwrap_or(u64::MAX);
            self.part.losses.add(Cause::NoTime, record, "");
        }
        builder.append(line, &mut CsvRow { columns, header, notes, row, fields });
        self.notes.count(line, &mut self.part.losses);
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
        let mut losses = part.losses;
        losses.merge(builder.map(RowBatchBuilder::take_losses).unwrap_or_default(), 0);
        Ok(Part {
            format,
            table: self.table.name.clone(),
            losses,
            head: Some(self.head.clone()),
            ignored_columns: self.ignored_columns.clone(),
            assumed_utc: self.notes.take_zoneless(),
            ..part
        })
    }

    fn flush(&mut self) -> Result<(), Reason> {
        if let Some(batch) = self.builder.as_mut().and_then(|batch| batch.finish().transpose()) {
            self.part.batches.push(batch?);
        }
        Ok(())
    }

    /// Returns the time of a row, `None` if the export has no column for it.
    ///
    /// # Errors
    ///
    /// The column is empty or holds no time that can be read.
    fn time(&mut self, row: &str, fields: &Fields) -> Result<Option<Ticks>, Reason> {
        let mut reason = None;
        for place in &self.times {
            let text = fields.text(row, *place);
            match self.header.time(*place, &text, &mut self.notes) {
                Some(time) => return Ok(Some(time.ticks)),
                None if reason.is_none() || !text.is_empty() => {
                    reason = Some(unreadable(self.header.name(*place), &text));
                }
                None => {}
            }
        }
        reason.map_or(Ok(None), Err)
    }
}

/// The values of one row.
struct CsvRow<'a> {
    columns: &'a [(KqlType, Vec<usize>)],
    header: &'a Columns,
    notes: &'a mut TimeNotes,
    row: &'a str,
    fields: &'a Fields,
}

impl RowCells for CsvRow<'_> {
    fn with<T>(&mut self, place: usize, read: impl FnOnce(&Cell<'_>) -> T) -> T {
        let Some((ty, places)) = self.columns.get(place) else { return read(&Cell::Missing) };
        let texts = places.iter().map(|place| (*place, self.fields.text(self.row, *place)));
        match texts.into_iter().find(|(_, text)| !text.is_empty()) {
            Some((place, text)) if *ty == KqlType::Datetime => {
                let time = self.header.time(place, &text, self.notes).map(|time| time.ticks);
                read(&Cell::Time(&text, time))
            }
            first => read(&first.as_ref().map_or(Cell::Missing, |(_, text)| Cell::Text(text))),
        }
    }
}
